// What is known of the terminal: whether there is one, how large it is, whether it wants colour.

import Glibc

/// The terminal at one of the standard descriptors.
struct Terminal {
    let descriptor: Int32

    static let output = Terminal(descriptor: STDOUT_FILENO)
    static let error = Terminal(descriptor: STDERR_FILENO)

    var isTerminal: Bool { isatty(descriptor) == 1 }

    /// Whether escape sequences are wanted: a terminal, not `TERM=dumb`, `NO_COLOR` absent or empty.
    var takesEscapes: Bool {
        guard isTerminal, environment("TERM") != "dumb" else { return false }
        return environment("NO_COLOR") == nil
    }

    /// Whether the cursor can be moved, so that something can be drawn or written over.
    var takesDrawing: Bool { isTerminal && environment("TERM") != "dumb" }

    /// Characters in a line and lines at this moment; 80 and 24 where it does not say.
    var size: (columns: Int, lines: Int) {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 else { return (80, 24) }
        return (size.ws_col > 0 ? Int(size.ws_col) : 80, size.ws_row > 0 ? Int(size.ws_row) : 24)
    }

    /// Characters in a line; nil where it is no terminal or does not say.
    var width: Int? {
        guard isTerminal else { return nil }
        if let columns = environment("COLUMNS").flatMap(Int.init), columns > 0 { return columns }
        return size.columns
    }
}

/// A variable of the environment; nil where it is absent or empty.
func environment(_ name: String) -> String? {
    guard let value = getenv(name).map({ String(cString: $0) }), !value.isEmpty else { return nil }
    return value
}
