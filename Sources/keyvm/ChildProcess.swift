// Starts other programs with the signals a program expects, whatever this one does with its own.

import Glibc
import World

/// How a child ended.
enum ChildEnd: Hashable, CustomStringConvertible {
    case exited(Int32)
    case killed(signal: Int32)
    case lost

    var description: String {
        switch self {
        case .exited(let code): "exited with \(code)"
        case .killed(let signal): "was killed by signal \(signal)"
        case .lost: "is gone"
        }
    }
}

enum ChildProcess {
    /// Starts `path` (searched for in `PATH` where it has no slash). Returns the process id; throws what the system says.
    static func spawn(
        _ path: String, arguments: [String], actions: inout posix_spawn_file_actions_t, newSession: Bool
    ) throws(WorldError) -> Int32 {
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = Signals.set(of: [])
        var standard = Signals.set(of: [SIGPIPE])
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &standard)
        let flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | (newSession ? spawnInNewSession : 0)
        posix_spawnattr_setflags(&attributes, Int16(flags))
        var words = arguments.map { strdup($0) }
        defer { for word in words { free(word) } }
        words.append(nil)
        var child: pid_t = 0
        let code = posix_spawnp(&child, path, &actions, &attributes, words, environ)
        guard code == 0 else { throw .system("\(arguments.first ?? path) cannot be started", path: path, errno: code) }
        return child
    }

    /// Waits until the child ended.
    static func wait(for child: Int32) -> ChildEnd {
        var status: Int32 = 0
        while waitpid(child, &status, 0) == -1 {
            guard errno == EINTR else { return .lost }
        }
        let signal = status & 0x7f
        return signal == 0 ? .exited(status >> 8 & 0xff) : .killed(signal: signal)
    }
}

/// `POSIX_SPAWN_SETSID` of glibc's spawn.h (since 2.26), which Swift's Glibc does not bring in.
private let spawnInNewSession: Int32 = 0x80
