// Processes that a proof starts: children that go on from here, so that neither a crash nor an exit of what they try ends the
// proof, and programs of their own.

import Glibc

/// How a process ended.
enum Ending: Equatable, CustomStringConvertible {
    case exit(Int32)
    case signal(Int32)

    init(status: Int32) {
        self = status & 0x7F == 0 ? .exit(status >> 8 & 0xFF) : .signal(status & 0x7F)
    }

    var description: String {
        switch self {
        case .exit(let code): "exit \(code)"
        case .signal(let number): "signal \(number), \(String(cString: strsignal(number)))"
        }
    }
}

enum Children {
    private typealias Fork = @convention(c) () -> pid_t

    /// Starts a child that runs `body` and ends with what it returns; it is killed after so many seconds. What it says goes into a
    /// file. Only where this process has one thread.
    static func start(seconds: UInt32, output: String, _ body: () -> Int32) throws -> pid_t {
        // Swift does not offer `fork`, because of threads.
        guard let symbol = dlsym(nil, "fork") else { throw SystemError("dlsym", "fork") }
        let child = unsafeBitCast(symbol, to: Fork.self)()
        guard child >= 0 else { throw SystemError("fork", "") }
        if child > 0 { return child }
        alarm(seconds)
        let file = open(output, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        dup2(file, STDOUT_FILENO)
        dup2(file, STDERR_FILENO)
        close(file)
        _exit(body())
    }

    /// Starts a program with variables beside this process's own. What it says goes into a file.
    static func spawn(_ words: [String], environment: [String: String], output: String) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)
        var variables = environment.map { "\($0.key)=\($0.value)" }
        var own = environ
        while let entry = own.pointee {
            variables.append(String(cString: entry))
            own += 1
        }
        var list = words.map { strdup($0) } + [nil]
        var settings = variables.map { strdup($0) } + [nil]
        defer { for text in list + settings { free(text) } }
        var child: pid_t = 0
        guard posix_spawn(&child, words[0], &actions, nil, &list, &settings) == 0 else {
            throw SystemError("posix_spawn", words[0])
        }
        return child
    }

    /// Waits for a child.
    static func wait(_ child: pid_t) -> Ending {
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0 && errno == EINTR {}
        return Ending(status: status)
    }

    /// Waits for any child.
    static func waitForAny() -> (child: pid_t, ending: Ending) {
        var status: Int32 = 0
        while true {
            let child = waitpid(-1, &status, 0)
            if child > 0 { return (child, Ending(status: status)) }
            precondition(errno == EINTR, "there is a child to wait for")
        }
    }
}

/// Children that work side by side, each with a folder of its own.
struct Crew {
    private let folder: String
    private var free: [String]
    private var working: [pid_t: (folder: String, label: String)] = [:]
    /// What is told of each child that has ended: its folder, its label, how.
    private let ended: (String, String, Ending) throws -> Void

    init(folder: String, count: Int, ended: @escaping (_ folder: String, _ label: String, Ending) throws -> Void) throws
    {
        self.folder = folder
        self.ended = ended
        free = (0..<count).map { "\(folder)/slot-\($0)" }
        for path in free { try makeFolder(path) }
    }

    /// Waits for a folder, lets `prepare` fill it, and starts a child for it.
    mutating func work(_ label: String, start: (_ folder: String) throws -> pid_t) throws {
        if free.isEmpty { try waitForOne() }
        let slot = free.removeLast()
        for name in names(in: slot) ?? [] { removeAll(slot + "/" + name) }
        working[try start(slot)] = (slot, label)
    }

    mutating func finish() throws {
        while !working.isEmpty { try waitForOne() }
    }

    private mutating func waitForOne() throws {
        let (child, ending) = Children.waitForAny()
        guard let work = working.removeValue(forKey: child) else { return }
        try ended(work.folder, work.label, ending)
        free.append(work.folder)
    }
}
