// Starts a host that outlives the command: this program again, in a session of its own, its words in `host.log`.
//
// The child tells through a pipe when its control socket takes requests, or what went wrong: then the command can say
// it in the foreground, with the same exit code.

import Control
import FoundationEssentials
import Glibc
import World

/// A host in the background.
struct Detachment {
    let directory: String

    /// The child's end of the pipe.
    static let readyDescriptor: Int32 = 3

    /// Starts `keyvm boot` with `arguments` and waits until its world takes requests. Returns its process id.
    /// Throws the error that the child met, and what the system refuses.
    func start(arguments: [String]) throws(WorldError) -> Int32 {
        let logPath = "\(directory)/host.log"
        let log = open(logPath, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard log >= 0 else { throw .system("the host's log cannot be opened", path: logPath, errno: errno) }
        defer { close(log) }
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw .system("the host cannot be started", path: "pipe", errno: errno) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let (reading, writing) = (ends[0], ends[1])
        defer { close(reading) }
        let started = Result { () throws(WorldError) in try spawn(arguments, log: log, ready: writing) }
        close(writing)
        let child = try started.get()
        let message = withProgress("starting the world") { readAll(reading) }
        if message == Array(Self.readyMessage.utf8) { return child }
        throw failure(of: child, message: message, logPath: logPath)
    }

    private static let readyMessage = "ready\n"

    /// In the child: requests are taken.
    static func reportReady() { report(readyMessage) }

    /// In the child: it ends with this error.
    static func report(_ error: WorldError) {
        do {
            report(String(decoding: try JSONEncoder().encode(error), as: UTF8.self))
        } catch {
            report("")
        }
    }

    private static func report(_ text: String) {
        do { try StandardStreams.write(Array(text.utf8), to: readyDescriptor) } catch { return }
        close(readyDescriptor)
    }

    private func spawn(_ arguments: [String], log: Int32, ready: Int32) throws(WorldError) -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, log, STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, log, STDERR_FILENO)
        posix_spawn_file_actions_adddup2(&actions, ready, Self.readyDescriptor)
        return try ChildProcess.spawn(
            "/proc/self/exe", arguments: ["keyvm", "boot"] + arguments, actions: &actions, newSession: true)
    }

    private func readAll(_ descriptor: Int32) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4_096)
        while bytes.count < 1 << 20 {
            let count = read(descriptor, &chunk, chunk.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { break }
            bytes += chunk[..<count]
        }
        return bytes
    }

    private func failure(of child: Int32, message: [UInt8], logPath: String) -> WorldError {
        let end = ChildProcess.wait(for: child)
        do {
            return try JSONDecoder().decode(WorldError.self, from: Data(message))
        } catch {
            return WorldError(
                .failed, what: "the host ended before it took requests", why: "process \(child) \(end)",
                try: "tail \(quotedForShell(logPath))")
        }
    }
}
