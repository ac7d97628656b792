// How a process ends itself or gives its turn away.

enum Signal {
    /// What a process that gets the signal does, as the specification says for each.
    enum Action { case terminates, ignored, stops }

    /// Nil for 0, which is reserved, and for numbers that name no signal.
    static func action(_ number: UInt32) -> Action? {
        switch number {
        // SIGPIPE, SIGCHLD, SIGCONT (nothing is stopped that can raise it), SIGURG, SIGWINCH
        case 13, 16, 17, 22, 27: .ignored
        // SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU
        case 18...21: .stops
        case 1...30: .terminates
        default: nil
        }
    }
}

extension WASI {
    static let processFunctions: [HostFunction] = [
        HostFunction(module, "proc_exit", [.i32], []) { call in .exit(code: Int32(bitPattern: call.word(0))) },
        HostFunction(module, "proc_raise", [.i32]) { call in
            switch Signal.action(call.word(0)) {
            case .terminates: .exit(code: 128 + Int32(call.word(0)))
            case .ignored: .errno(.success)
            // Nobody could let it go on.
            case .stops: .errno(.notSupported)
            case nil: .errno(.invalid)
            }
        },
        HostFunction(module, "sched_yield", []) { _ in .yield([Errno.success.rawValue]) },
    ]
}
