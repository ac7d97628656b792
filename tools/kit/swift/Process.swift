// Processes as objects: to look into, to mend, to stop and end, to let others call them (specs/keys/process.md). What changes the process is
// in Process+Change.swift.

struct Process: WeakenableKey {
    struct Rights: OptionSet {
        let rawValue: UInt64
        static let look = Rights(rawValue: 1)
        static let change = Rights(rawValue: 2)
        static let run = Rights(rawValue: 4)
        static let invite = Rights(rawValue: 8)
        static let govern = Rights(rawValue: 16)
        /// What is about its memory, and nothing else.
        static let memory = Rights(rawValue: 32)
    }

    enum State: UInt8 {
        case ready = 1
        case waiting, frozenForGas, frozenForSpace, stopped, faulted, exited
    }

    /// What one that waits waits for.
    struct Waits: OptionSet {
        let rawValue: UInt8
        static let input = Waits(rawValue: 1)
        static let timer = Waits(rawValue: 2)
        static let embedder = Waits(rawValue: 4)
        static let reply = Waits(rawValue: 8)
        static let message = Waits(rawValue: 16)
        static let turn = Waits(rawValue: 32)
        static let keeper = Waits(rawValue: 64)
    }

    struct Figures {
        var id: UInt64
        /// `nil`: a state that this kit does not know.
        var state: State?
        var waits: Waits
        /// Of one that has faulted.
        var trap: UInt8
        var gasUsed, pages: UInt64
        /// Of one that is over.
        var exitCode: Int32
        var instances: UInt64
        /// Tells processes of one bank from those of another.
        var bank: UInt64
    }

    struct Position {
        var function, offset, instance: UInt64
    }

    /// Of what `page` gives pages.
    enum List: UInt64 {
        case code = 1
        case memory = 2
    }

    enum Stream: UInt64 {
        case input = 0
        case output, error
    }

    let register: Register
    init(_ register: Register) { self.register = register }

    /// `right`.
    func figures() throws(Refusal) -> Figures {
        let reply = try call(Message(2), capacity: 32)
        let state = reply.words[1]
        return Figures(
            id: reply.words[0], state: State(rawValue: UInt8(truncatingIfNeeded: state)),
            waits: Waits(rawValue: UInt8(truncatingIfNeeded: state >> 8)), trap: UInt8(truncatingIfNeeded: state >> 16),
            gasUsed: reply.words[2], pages: reply.number(at: 0),
            exitCode: Int32(truncatingIfNeeded: reply.number(at: 1)),
            instances: reply.number(at: 2), bank: reply.number(at: 3))
    }

    /// Where it stands. `right`; `itself`; `value`: it is in no function.
    func position() throws(Refusal) -> Position {
        let words = try call(Message(3)).words
        return Position(function: words[0], offset: words[1], instance: words[2])
    }

    /// At most 512 slots of its stack, from slot `start` on, and how many there are. `right`; `itself`; `value`.
    func stack(from start: Int, count: Int) throws(Refusal) -> (slots: [UInt64], height: UInt64) {
        let capacity = count > 0 && count <= 512 ? count * 8 : 0
        let reply = try call(Message(4, word(start), word(count)), capacity: capacity)
        var slots: [UInt64] = []
        for index in 0..<reply.bytes.count / 8 { slots.append(reply.number(at: index)) }
        return (slots, reply.words[0])
    }

    /// What a register of the process holds goes into one of this program's; without change what a sense key would give of it. `right`;
    /// `value`.
    func fetch(_ number: Int, into register: Register) throws(Refusal) {
        try call(Message(5, word(number)), into: [register])
    }

    /// At most 4,096 bytes of the memory that an instance defines. `right`; `value`; `address`.
    func read(instance: Int = 0, address: Int, count: Int) throws(Refusal) -> [UInt8] {
        let capacity = count > 0 && count <= 4_096 ? count : 0
        return try call(Message(7, word(instance), word(address), word(count)), capacity: capacity).bytes
    }

    /// A page of what it is made of; void where nothing was written to it. `right`; `value`.
    func page(_ page: Int, of list: List, instance: Int = 0, into register: Register) throws(Refusal) -> Page {
        try call(Message(9, list.rawValue, word(instance), word(page)), into: [register])
        return Page(register)
    }

    /// A start key with a badge, by which the process tells its clients apart. `right`.
    func invite(badge: UInt16, into register: Register) throws(Refusal) -> Start {
        try call(Message(14, UInt64(badge)), into: [register])
        return Start(register)
    }
}
