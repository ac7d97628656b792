// Reads the program that `run` is given: a WebAssembly module as it is, or its text form through wabt's `wat2wasm`.

import Control
import FoundationEssentials
import Glibc
import World

enum ProgramFile {
    /// The module's bytes. Whether they are one is the world's to say. Throws `.noSuchThing` where the file is not
    /// there, `.noAuthority` where it may not be read, `.failed` for text that does not assemble or cannot be.
    static func module(at path: String) throws(WorldError) -> Data {
        if path.hasSuffix(".kvm") {
            throw WorldError(
                .failed, what: "\(path) is a program in KeyVM's own language",
                why: "this version runs WebAssembly, .wasm or .wat; it has no compiler for .kvm",
                try: "keyvm run FILE.wasm")
        }
        if path.hasSuffix(".wat") { return try assembled(path) }
        return Data(try contents(of: path))
    }

    /// All bytes of a file; `-` is standard input. Throws as `module(at:)`.
    static func contents(of path: String) throws(WorldError) -> [UInt8] {
        if path == "-" { return try readAll(STDIN_FILENO, path: "standard input") }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system("the file cannot be read", path: path, errno: errno) }
        defer { close(descriptor) }
        return try readAll(descriptor, path: path)
    }

    private static func readAll(_ descriptor: Int32, path: String) throws(WorldError) -> [UInt8] {
        var status = stat()
        let expected = fstat(descriptor, &status) == 0 ? max(0, Int(status.st_size)) : 0
        var bytes: [UInt8] = []
        bytes.reserveCapacity(min(expected, fileLimitBytes))
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(descriptor, &chunk, chunk.count)
            if count == 0 { return bytes }
            if count < 0 {
                if errno == EINTR { continue }
                throw .system("the file cannot be read", path: path, errno: errno)
            }
            bytes += chunk[..<count]
            guard bytes.count <= fileLimitBytes else {
                throw WorldError(
                    .failed, what: "the file is too large", why: "\(path): \(fileLimitBytes) bytes are the most",
                    try: "ls -l \(quotedForShell(path))")
            }
        }
    }

    /// The largest file that is taken whole: what a request's body holds when it is written as base64.
    static let fileLimitBytes = requestBodyLimitBytes / 4 * 3 - 65_536

    /// The module that `wat2wasm` makes of the text.
    private static func assembled(_ path: String) throws(WorldError) -> Data {
        // Read once by us first, so that what is wrong with the file is said in our words.
        _ = try contents(of: path)
        let output = try TemporaryFile()
        let complaint = try TemporaryFile()
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, complaint.descriptor, STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, complaint.descriptor, STDERR_FILENO)
        let child: Int32
        do throws(WorldError) {
            child = try ChildProcess.spawn(
                "wat2wasm", arguments: ["wat2wasm", "--debug-names", "--output=\(output.path)", "--", path],
                actions: &actions,
                newSession: false)
        } catch {
            throw WorldError(
                .failed, what: "\(path) is text, and wat2wasm, which turns it into a module, is not there",
                why: error.why, try: "apt-get install wabt")
        }
        let end = ChildProcess.wait(for: child)
        guard end == .exited(0) else {
            let text = String(decoding: try contents(of: complaint.path), as: UTF8.self)
            let first = text.split(whereSeparator: \.isNewline).first.map(String.init) ?? "wat2wasm \(end)"
            throw WorldError(
                .failed, what: "\(path) does not assemble", why: first,
                try: "wat2wasm \(quotedForShell(path)) -o /dev/null")
        }
        return Data(try contents(of: output.path))
    }
}

/// A file that is gone when the value ends.
private struct TemporaryFile: ~Copyable {
    let path: String
    let descriptor: Int32

    init() throws(WorldError) {
        var template = Array("\(environment("TMPDIR") ?? "/tmp")/keyvm-XXXXXX".utf8CString)
        descriptor = mkstemp(&template)
        path = template.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
        guard descriptor >= 0 else { throw .system("a temporary file cannot be made", path: path, errno: errno) }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    }

    deinit {
        unlink(path)
        close(descriptor)
    }
}
