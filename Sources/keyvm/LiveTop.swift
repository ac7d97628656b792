// The live view of `keyvm top`: one thread draws and reads keys, another looks at the world, which may take its time.
//
// Invariant: keys and signals are heard while the world does not answer.

import Dispatch
import Glibc
import Synchronization
import World

/// One view, from its first sight of the world until the user ends it or the world does.
final class LiveTop: Sendable {
    private struct State {
        var sight: WorldSight
        var failure: WorldError?
    }

    private let state: Mutex<State>
    private let watch: WorldWatch
    private let view: WorldView
    private let screen = Screen()

    init(first: WorldSight, watch: WorldWatch, view: WorldView) {
        state = Mutex(State(sight: first))
        self.watch = watch
        self.view = view
    }

    /// Shows the world. Throws `WorldError` where it halts, `OutputLost` where the terminal goes away.
    func run() throws {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw WorldError.system("the view cannot begin", path: "pipe", errno: errno) }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        let waking = ends[1]
        let wake: @Sendable () -> Void = {
            // Where the pipe is full, it wakes as it is.
            var byte: UInt8 = 0
            _ = write(waking, &byte, 1)
        }
        Signals.perform(
            { [screen] number in
                screen.close()
                if number == SIGINT { _exit(130) }
                Signals.end(number)
            }, also: [SIGQUIT])
        Signals.whenResized(wake)
        defer { screen.close() }
        try screen.open()
        DispatchQueue(label: "keyvm.top").async { [self] in look(wake: wake) }
        try show(woken: ends[0])
    }

    /// Looks at the world, `every` so often, until it does not run.
    private func look(wake: @Sendable () -> Void) {
        var watch = watch
        while true {
            sleep(for: watch.every)
            do throws(WorldError) {
                let sight = try watch.look()
                state.withLock { $0.sight = sight }
            } catch {
                state.withLock { $0.failure = error }
                return wake()
            }
            wake()
        }
    }

    /// Draws what was seen last, whenever that or the screen or the user's wish changed.
    private func show(woken: Int32) throws {
        var view = view
        var sources = [
            pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0),
            pollfd(fd: woken, events: Int16(POLLIN), revents: 0),
        ]
        while true {
            let (sight, failure) = state.withLock { ($0.sight, $0.failure) }
            if let failure { throw failure }
            let size = Terminal.output.size
            try screen.draw(view.lines(sight, columns: size.columns, rows: size.lines), size: size)
            var count: Int32 = 0
            // Only a world that does not answer is drawn again without anything having come.
            repeat { count = poll(&sources, nfds_t(sources.count), 1_000) } while count == 0 && !sight.isStale
            guard count > 0 else { continue }
            if sources[1].revents != 0 { _ = taken(from: woken) }
            guard sources[0].revents != 0 else { continue }
            let keys = taken(from: STDIN_FILENO)
            if keys.isEmpty { throw OutputLost(errno: EIO) }
            for command in WorldView.commands(in: keys) {
                switch command {
                case .quit: return
                case .suspend: try screen.suspend()
                case .redraw: screen.forget()
                case .sort, .reverse: view.perform(command)
                }
            }
        }
    }

    /// The bytes that are there; none at the end.
    private func taken(from descriptor: Int32) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = read(descriptor, &bytes, bytes.count)
        return Array(bytes.prefix(max(0, count)))
    }
}

extension WorldSight {
    /// Whether the world has not answered for so long that it should be said.
    var isStale: Bool { .now - at >= .seconds(3) + every }
}
