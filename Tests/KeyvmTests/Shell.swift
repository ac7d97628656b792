// Runs the built `keyvm` as a user does, in a folder of its own, and tells what it wrote and how it ended.

import FoundationEssentials
import Glibc
import Testing

/// What a command wrote, and its end.
struct Ran {
    var output: [UInt8]
    var error: [UInt8]
    /// The exit code; 128 and the signal where a signal ended it.
    var code: Int32

    var text: String { String(decoding: output, as: UTF8.self) }
    var errorText: String { String(decoding: error, as: UTF8.self) }

    /// Standard output as a JSON object; its members by name.
    func json() throws -> [String: Anything] { try JSONDecoder().decode([String: Anything].self, from: Data(output)) }
}

/// A JSON value of any form.
enum Anything: Decodable, Hashable {
    case null
    case bool(Bool)
    case number(Double)
    case text(String)
    case list([Anything])
    case object([String: Anything])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .text(value)
        } else if let value = try? container.decode([Anything].self) {
            self = .list(value)
        } else {
            self = .object(try container.decode([String: Anything].self))
        }
    }

    subscript(name: String) -> Anything? { if case .object(let members) = self { members[name] } else { nil } }
    var items: [Anything] { if case .list(let items) = self { items } else { [] } }
    var number: Double? { if case .number(let number) = self { number } else { nil } }
    var text: String? { if case .text(let text) = self { text } else { nil } }
}

/// A folder with a world `w` to be, and the programs of the tests.
final class Shell: Sendable {
    let folder: String

    /// `pathBytes`: how long the folder's path is at least.
    init(pathBytes: Int = 0) throws {
        var template = Array("/tmp/keyvm-shell-XXXXXX".utf8CString)
        let made = template.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) }
        }
        var path = try #require(made)
        while path.utf8.count < pathBytes {
            path += "/" + String(repeating: "d", count: 60)
            try #require(mkdir(path, 0o755) == 0)
        }
        folder = path
        for (name, program) in [
            ("hello", Program.hello), ("cat", Program.cat), ("spin", Program.spin), ("trap", Program.trap),
            ("fill", Program.fill), ("arguments", Program.arguments),
        ] { try write(program, to: "\(name).wasm") }
    }

    deinit {
        // Whatever a failed test left running.
        if let host = try? hostProcess() { kill(host, SIGKILL) }
        let root = folder.split(separator: "/").prefix(2).joined(separator: "/")
        _ = try? spawn("/bin/rm", ["-rf", "/\(root)"], input: nil).wait()
    }

    /// Writes a file in the folder.
    func write(_ bytes: [UInt8], to name: String) throws {
        let descriptor = open("\(folder)/\(name)", O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            try #require(count > 0)
            rest = rest.dropFirst(count)
        }
    }

    /// Runs `keyvm` with these words, in the folder, to its end. `input`: what is on its standard input.
    @discardableResult
    func keyvm(_ words: String..., input: [UInt8]? = nil) throws -> Ran { try start(words, input: input).wait() }

    /// Runs `keyvm` and requires exit code 0.
    @discardableResult
    func done(_ words: String..., input: [UInt8]? = nil) throws -> Ran {
        let ran = try start(words, input: input).wait()
        try #require(ran.code == 0, "keyvm \(words.joined(separator: " ")): \(ran.errorText)")
        return ran
    }

    /// Starts `keyvm` and does not wait.
    func start(_ words: [String], input: [UInt8]? = nil) throws -> Running {
        try spawn(Self.binary, words, input: input)
    }

    /// Starts `keyvm` at a terminal, and does not wait. Standard error goes to a file unless `error` says otherwise, and
    /// so does standard output where `output` says so. `variables`: `NAME=VALUE`, over an environment that says nothing
    /// of terminals but `TERM`.
    ///
    /// A shell stays between: it notes how the terminal is set before and after (`stty -g`), which nobody can ask once
    /// the terminal's session is over, and which process it is.
    func start(
        _ words: [String], at terminal: PseudoTerminal, output: Bool = true, error: Bool = false,
        variables: [String] = []
    ) throws -> Running {
        let script = """
            ulimit -c 0; trap : INT HUP TERM; stty -g >before
            sh -c 'echo $$ >pid.new; mv pid.new pid; exec "$@"' sh "$@"
            code=$?; stty -g >after; exit $code
            """
        let environment = ["-u", "COLUMNS", "-u", "NO_COLOR", "-u", "KEYVM_WORLD", "TERM=xterm-256color"]
        return try spawn(
            "/bin/sh",
            ["-c", script, "sh", "/usr/bin/env"] + environment + variables + [Self.binary] + words, input: nil,
            terminal: terminal, output: output, error: error)
    }

    /// Starts a shell as a person has it at a terminal, without a person's own settings.
    func interactive(_ words: [String], at terminal: PseudoTerminal) throws -> Running {
        try spawn(
            "/usr/bin/env", ["-u", "KEYVM_WORLD", "TERM=dumb", "PS1=$ "] + words, input: nil, terminal: terminal,
            output: true, error: true)
    }

    /// The process that `start(_:at:)` began.
    func processAtTerminal() throws -> Int32 {
        var process: Int32?
        try until("the process is there") {
            process = Int32(try contents(of: "pid").split(separator: "\n").first ?? "")
            return process != nil
        }
        return try #require(process)
    }

    /// A file of the folder as text; empty where there is none.
    func contents(of name: String) throws -> String { try sh("cat '\(name)' 2>/dev/null").text }

    /// Runs a line of shell with `$KEYVM` in the folder.
    func sh(_ line: String) throws -> Ran {
        try spawn("/bin/sh", ["-c", "KEYVM=\(Self.binary); \(line)"], input: nil).wait()
    }

    /// The process id of the host that runs `w`; nil where none does.
    func hostProcess() throws -> Int32? {
        let status = try start(["status", "-w", "w", "--json"]).wait()
        guard status.code == 0, let pid = try status.json()["pid"]?.number else { return nil }
        // 0 and 1 would mean others than a host, to `kill` above all.
        try #require(pid > 1)
        return Int32(pid)
    }

    /// Waits until `holds`, asking again and again; requires that it comes true within a minute.
    func until(_ what: String, _ holds: () throws -> Bool) throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while try !holds() {
            try #require(ContinuousClock.now < deadline, "waited a minute until \(what)")
            usleep(10_000)
        }
    }

    /// The binary under test: beside the tests' own, or where `KEYVM_BINARY` says.
    static let binary: String = {
        if let named = getenv("KEYVM_BINARY") { return String(cString: named) }
        var buffer = [CChar](repeating: 0, count: 4_096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        let path = String(decoding: buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return path.split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" } + "/keyvm"
    }()

    private func spawn(
        _ path: String, _ words: [String], input: [UInt8]?, terminal: PseudoTerminal? = nil, output: Bool = false,
        error: Bool = false
    ) throws -> Running {
        let name = "run-\(UInt64.random(in: 0 ... .max))"
        let inputPath: String
        if let input {
            try write(input, to: "\(name).in")
            inputPath = "\(folder)/\(name).in"
        } else {
            inputPath = "/dev/null"
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // The first terminal that the leader of a session opens becomes the session's.
        if terminal != nil { posix_spawnattr_setflags(&attributes, spawnInNewSession) }
        posix_spawn_file_actions_addopen(
            &actions, 0, terminal?.path ?? inputPath, terminal == nil ? O_RDONLY : O_RDWR, 0)
        for (descriptor, suffix, isAtTerminal) in [(Int32(1), "out", output), (2, "err", error)] {
            if let terminal, isAtTerminal {
                posix_spawn_file_actions_addopen(&actions, descriptor, terminal.path, O_RDWR, 0)
            } else {
                posix_spawn_file_actions_addopen(
                    &actions, descriptor, "\(folder)/\(name).\(suffix)", O_WRONLY | O_CREAT, 0o644)
            }
        }
        // The shell goes to the folder and becomes the program.
        let line = ["sh", "-c", "cd \"$0\" && exec \"$@\"", folder, path] + words
        var arguments: [UnsafeMutablePointer<CChar>?] = line.map { strdup($0) }
        defer { for argument in arguments { free(argument) } }
        arguments.append(nil)
        var child: pid_t = 0
        let code = posix_spawn(&child, "/bin/sh", &actions, &attributes, arguments, environ)
        try #require(code == 0, "\(path): \(String(cString: strerror(code)))")
        return Running(process: child, output: "\(folder)/\(name).out", error: "\(folder)/\(name).err")
    }
}

/// `POSIX_SPAWN_SETSID` of glibc's spawn.h, which Swift's Glibc does not bring in.
private let spawnInNewSession: Int16 = 0x80

/// A command under way.
struct Running {
    let process: Int32
    let output: String
    let error: String

    /// What it has written so far.
    var text: String { String(decoding: contents(output), as: UTF8.self) }
    var errorText: String { String(decoding: contents(error), as: UTF8.self) }

    func signal(_ number: Int32) { kill(process, number) }

    /// Waits for its end, reading what it writes to a terminal.
    func wait(reading terminal: PseudoTerminal) throws -> Ran {
        let deadline = ContinuousClock.now + .seconds(60)
        var information = siginfo_t()
        while true {
            terminal.read()
            try #require(ContinuousClock.now < deadline, "it has not ended in a minute")
            information.si_signo = 0
            try #require(waitid(P_PID, id_t(process), &information, WEXITED | WNOHANG | WNOWAIT) == 0)
            if information.si_signo == SIGCHLD { break }
            usleep(5_000)
        }
        let ran = try wait()
        terminal.read()
        return ran
    }

    /// Waits for its end.
    func wait() throws -> Ran {
        var status: Int32 = 0
        while waitpid(process, &status, 0) == -1 { try #require(errno == EINTR) }
        let signal = status & 0x7f
        let code = signal == 0 ? status >> 8 & 0xff : 128 + signal
        return Ran(output: contents(output), error: contents(error), code: code)
    }

    private func contents(_ path: String) -> [UInt8] {
        let descriptor = open(path, O_RDONLY)
        guard descriptor >= 0 else { return [] }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(descriptor, &chunk, chunk.count)
            guard count > 0 else { return bytes }
            bytes += chunk[..<count]
        }
    }
}
