// Consoles, which are processes' own (specs/keys/device.md). `print` writes to the output by lines.

struct Console: Key {
    /// Those that a process is launched with.
    static var input: Console { Console(0) }
    static var output: Console { Console(1) }
    static var error: Console { Console(2) }

    let register: Register
    init(_ register: Register) { self.register = register }

    /// Writes to the log of whose console it is, all of it. `order`: it is an input; `space`.
    func write(_ bytes: [UInt8]) throws(Refusal) {
        var done = 0
        repeat {
            let part = Array(bytes[done..<min(bytes.count, done + Message.mostBytes)])
            done += max(1, Int(truncatingIfNeeded: try call(Message(1, bytes: part)).words[0]))
        } while done < bytes.count
    }

    func write(_ text: String) throws(Refusal) { try write(Array(text.utf8)) }

    /// What is there of the input, at most `count` bytes, 1 to 65,536; whether no more will come than is there. It does not wait. `order`: it
    /// is an output; `value`.
    func read(count: Int) throws(Refusal) -> (bytes: [UInt8], left: UInt64, hasEnded: Bool) {
        let capacity = count > 0 && count <= Message.mostBytes ? count : 0
        let reply = try call(Message(2, word(count)), capacity: capacity)
        return (reply.bytes, reply.words[0], reply.words[1] != 0)
    }

    /// Waits until there is something to read, or the input has ended. `value`: it would wait, and the console is another's.
    func wait() throws(Refusal) { try call(Message(3)) }
}

/// The lines of a console's input, without their ends. One that is longer than the limit comes in pieces.
struct Lines {
    let console: Console
    let limit: Int
    private var pending: [UInt8] = []
    private var hasEnded = false

    init(of console: Console = .input, limit: Int = 4_096) {
        self.console = console
        self.limit = limit
    }

    /// The next line; waits for it. `nil`: the input has ended. As `Console.read` and `wait`.
    mutating func next() throws(Refusal) -> String? {
        while true {
            if let end = pending.firstIndex(of: 10) { return take(end, dropping: end + 1) }
            if pending.count >= limit { return take(limit, dropping: limit) }
            if hasEnded { return pending.isEmpty ? nil : take(pending.count, dropping: pending.count) }
            let read = try console.read(count: limit)
            pending.append(contentsOf: read.bytes)
            hasEnded = read.hasEnded && read.left == 0
            if read.bytes.isEmpty && !hasEnded {
                flush()
                try console.wait()
            }
        }
    }

    private mutating func take(_ count: Int, dropping: Int) -> String {
        let line = String(decoding: pending[..<count], as: UTF8.self)
        pending.removeFirst(dropping)
        return line
    }
}
