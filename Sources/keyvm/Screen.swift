// The terminal as a whole screen: an alternate one, so that what was there comes back, keys without echo or line
// editing, no cursor.
//
// Invariants: whatever was changed is changed back by `close()`, which every end of the program goes through, and
// nothing is drawn afterwards; only lines that differ are written.

import Glibc
import Synchronization

/// A screen to draw on. Threads may draw and close it at the same time.
final class Screen: Sendable {
    private struct State {
        var isOpen = false
        /// What the terminal was set to before.
        var original = termios()
        /// The lines on the screen.
        var lines: [String] = []
        var size = (columns: 0, lines: 0)
    }
    private let state = Mutex(State())

    /// Whether there is a terminal to draw on and to read keys from.
    static var isPossible: Bool { Terminal.output.takesDrawing && isatty(STDIN_FILENO) == 1 }

    /// Takes the terminal. Throws `OutputLost` where it takes nothing.
    func open() throws(OutputLost) {
        try state.withLock { state throws(OutputLost) in
            guard !state.isOpen else { return }
            guard tcgetattr(STDIN_FILENO, &state.original) == 0 else { throw OutputLost(errno: errno) }
            var raw = state.original
            raw.c_lflag &= ~tcflag_t(ICANON | ECHO)
            // Ctrl-C stays a signal, which is heard though the world does not answer; Ctrl-Z and Ctrl-\ come as keys.
            withUnsafeMutableBytes(of: &raw.c_cc) { bytes in
                bytes[Int(VSUSP)] = 0
                bytes[Int(VQUIT)] = 0
                bytes[Int(VMIN)] = 1
                bytes[Int(VTIME)] = 0
            }
            guard tcsetattr(STDIN_FILENO, TCSADRAIN, &raw) == 0 else { throw OutputLost(errno: errno) }
            state.isOpen = true
            state.lines = []
            state.size = (0, 0)
            try StandardStreams.print("\u{1b}[?1049h\u{1b}[?25l")
        }
    }

    /// Gives the terminal back as it was. May be called again.
    func close() {
        state.withLock { state in
            guard state.isOpen else { return }
            state.isOpen = false
            do { try StandardStreams.print("\u{1b}[?25h\u{1b}[?1049l") } catch {}
            tcsetattr(STDIN_FILENO, TCSADRAIN, &state.original)
        }
    }

    /// Shows these lines, from the top; each has a place in a line, and there are no more than the screen has.
    func draw(_ lines: [String], size: (columns: Int, lines: Int)) throws(OutputLost) {
        try state.withLock { state throws(OutputLost) in
            guard state.isOpen else { return }
            var text = ""
            if state.size != size {
                text += "\u{1b}[2J"
                state.lines = []
                state.size = size
            }
            for row in 0..<max(lines.count, state.lines.count) {
                let line = row < lines.count ? lines[row] : ""
                guard line != (row < state.lines.count ? state.lines[row] : "") else { continue }
                // Cleared before it is written: behind the last column, clearing would take the last character.
                text += "\u{1b}[\(row + 1);1H\u{1b}[K\(line)"
            }
            state.lines = lines
            if !text.isEmpty { try StandardStreams.print(text) }
        }
    }

    /// Draws everything anew at the next time: something else may have written on the screen.
    func forget() { state.withLock { $0.size = (0, 0) } }

    /// Gives the terminal back, stands still until the shell lets us go on, and takes it again.
    func suspend() throws(OutputLost) {
        close()
        kill(0, SIGTSTP)
        try open()
    }
}
