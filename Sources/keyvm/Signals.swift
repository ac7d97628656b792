// Signals come to one thread that waits for them, so that nothing runs in a signal handler.
//
// Invariants: `install()` runs before any other thread begins, so that all of them leave these signals to this one;
// what the caller told us to ignore (nohup, a script's background job) stays ignored, unless a host asks for it.

import Dispatch
import Glibc
import Synchronization

/// What to do at SIGINT, SIGTERM, SIGHUP and SIGQUIT, and when the terminal's size changes.
enum Signals {
    /// Told the signal's number, on the waiting thread.
    typealias Action = @Sendable (Int32) -> Void

    private struct State {
        var action: Action
        var resized: (@Sendable () -> Void)?
        /// The signals that the action is for; the others do what they do without one.
        var heard: Set<Int32> = [SIGINT, SIGTERM, SIGHUP]
        var ignored: Set<Int32> = []
    }

    private static let state = Mutex(State(action: end))

    /// SIGWINCH does nothing to who does not ask for it.
    private static let watched = [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH]

    /// Ignores SIGPIPE (writing fails instead) and begins to wait for the others.
    static func install() {
        signal(SIGPIPE, SIG_IGN)
        let ignored = watched.filter { isIgnored($0) }
        state.withLock { $0.ignored = Set(ignored) }
        var set = Self.set(of: watched)
        pthread_sigmask(SIG_BLOCK, &set, nil)
        DispatchQueue(label: "keyvm.signals").async {
            var set = Self.set(of: watched)
            while true {
                var number: Int32 = 0
                guard sigwait(&set, &number) == 0 else { continue }
                if number == SIGWINCH {
                    state.withLock { $0.resized }?()
                    continue
                }
                let action = state.withLock { state -> Action? in
                    if state.ignored.contains(number) { return nil }
                    return state.heard.contains(number) ? state.action : end
                }
                action?(number)
            }
        }
    }

    /// Replaces the action. `always`: signals that are heard though the caller had them ignored. `also`: those that it
    /// is for besides SIGINT, SIGTERM and SIGHUP.
    static func perform(_ action: @escaping Action, always: [Int32] = [], also: [Int32] = []) {
        state.withLock { state in
            state.action = action
            state.heard.formUnion(also)
            state.ignored.subtract(always)
        }
    }

    /// Calls `action` on the waiting thread when the terminal's size changes.
    static func whenResized(_ action: @escaping @Sendable () -> Void) { state.withLock { $0.resized = action } }

    /// The signals that a program we start should have as they were for us.
    static func set(of numbers: [Int32]) -> sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        for number in numbers { sigaddset(&set, number) }
        return set
    }

    /// At first: an interrupt is the command's exit code 130, the others end the process as they would have.
    static func end(_ number: Int32) {
        if number == SIGINT {
            StandardStreams.say("")
            _exit(130)
        }
        signal(number, SIG_DFL)
        var set = Self.set(of: [number])
        pthread_sigmask(SIG_UNBLOCK, &set, nil)
        raise(number)
    }

    private static func isIgnored(_ number: Int32) -> Bool {
        var action = sigaction()
        guard sigaction(number, nil, &action) == 0 else { return false }
        // SIG_IGN is the address 1; as a function pointer it cannot be compared.
        return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == 1
    }
}
