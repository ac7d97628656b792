// Banks: who buys space from them, and governs them (specs/keys/bank.md).

/// Of words that set something: there is no limit.
let noLimit = UInt64.max
/// Of words that set something: what is there stays.
let unchanged = UInt64.max - 1

struct Bank: WeakenableKey {
    struct Rights: OptionSet {
        let rawValue: UInt64
        static let allocate = Rights(rawValue: 1)
        static let query = Rights(rawValue: 2)
        static let setLimits = Rights(rawValue: 4)
        static let destroy = Rights(rawValue: 8)
    }

    /// What a bank counts, in pages and cells; `noLimit` where nothing limits.
    struct Figures {
        /// What it sells still, as it and all above it have.
        var availablePages, availableCells: UInt64
        var limitPages, usedPages, ownPages, reservePages: UInt64
        var limitCells, usedCells, ownCells, processes: UInt64
    }

    /// What another key is, as the kernel knows it.
    struct Verification {
        /// It is a bank's.
        var isBank: Bool
        var rights: Rights
        /// It is this bank or one below it.
        var isBelow: Bool
    }

    let register: Register
    init(_ register: Register) { self.register = register }

    /// `right`.
    func figures() throws(Refusal) -> Figures {
        let reply = try call(Message(2), capacity: 64)
        return Figures(
            availablePages: reply.words[0], availableCells: reply.words[1], limitPages: reply.number(at: 0),
            usedPages: reply.number(at: 1), ownPages: reply.number(at: 2), reservePages: reply.number(at: 3),
            limitCells: reply.number(at: 4), usedCells: reply.number(at: 5), ownCells: reply.number(at: 6),
            processes: reply.number(at: 7))
    }

    func verify(_ key: some Key) throws(Refusal) -> Verification {
        let words = try call(Message(3, keys: [key.register])).words
        return Verification(isBank: words[0] != 0, rights: Rights(rawValue: words[1]), isBelow: words[2] != 0)
    }

    /// Up to four at once, all or nothing, with all rights: each a page, node, bank or forwarder, or `.void` for none. `right`; `value`;
    /// `space`.
    func buy(_ kinds: InlineArray<4, Kind>, into registers: Keys) throws(Refusal) {
        var wanted: UInt64 = 0
        for index in 0..<4 { wanted |= UInt64(kinds[index].rawValue) << UInt64(8 * index) }
        try call(Message(4, wanted), into: registers)
    }

    /// `right`; `space`.
    func buyPage(into register: Register) throws(Refusal) -> Page {
        try buy([.page, .void, .void, .void], into: [register])
        return Page(register)
    }

    /// `right`; `space`.
    func buyNode(into register: Register) throws(Refusal) -> Node {
        try buy([.node, .void, .void, .void], into: [register])
        return Node(register)
    }

    /// `right`; `space`.
    func buyForwarder(into register: Register) throws(Refusal) -> Forwarder {
        try buy([.forwarder, .void, .void, .void], into: [register])
        return Forwarder(register)
    }

    /// A bank below this one, without a limit of its own; without a name it gets one. `right`; `value`: a name that cannot be one or is
    /// taken, a bank too deep; `space`.
    func buyBank(named name: String = "", into register: Register) throws(Refusal) -> Bank {
        try call(Message(4, UInt64(Kind.bank.rawValue), bytes: Array(name.utf8)), into: [register])
        return Bank(register)
    }

    /// Gives a page, node or forwarder back; every key to it is void. `right`; `key`.
    func sell(_ key: some Key) throws(Refusal) { try sell([key.register]) }

    /// Up to three of them at once, all or nothing; void ones are none. `right`; `key`.
    func sell(_ keys: Keys) throws(Refusal) { try call(Message(5, keys: keys)) }

    /// A new key to a page, node or forwarder; every other to it is void. `right`; `key`; `space`.
    func sever<Severed: Key>(_ key: Severed, into register: Register) throws(Refusal) -> Severed {
        try call(Message(6, keys: [key.register]), into: [register])
        return Severed(register)
    }

    /// What it may sell, and what its parent keeps for it; `noLimit`, `unchanged`. `right`; `value`; `space`.
    func set(
        limitPages: UInt64 = unchanged, limitCells: UInt64 = unchanged, reservePages: UInt64 = unchanged
    ) throws(Refusal) {
        try call(Message(7, limitPages, limitCells, reservePages))
    }

    /// Destroys the bank with all that it holds, or gives that to its parent. Who lives in it gets no reply. `right`; `value`.
    func destroy(returning: Bool = false) throws(Refusal) { try call(Message(8, returning ? 1 : 0)) }

    /// Who is told when it has no page for what a process writes, by a start key; nobody by `nil`. Who was it goes into a register. `right`;
    /// `key`.
    func setKeeper(_ keeper: Start?, previousInto register: Register? = nil) throws(Refusal) {
        try call(Message(9, keys: [keeper?.register]), into: [register])
    }

    /// Takes over a page of any bank, with all rights; every other key to it is void. `right`; `key`; `space`.
    func adopt(_ page: Page, into register: Register) throws(Refusal) -> Page {
        try call(Message(10, keys: [page.register]), into: [register])
        return Page(register)
    }

    /// A process with the code of another, for which the key needs look. It is stopped at its beginning, and has no key. `right`; `key`;
    /// `value`: a name that cannot be one or is taken; `space`.
    func makeProcess(
        like model: Process, on meter: Meter, arguments: [String] = [], into register: Register
    ) throws(Refusal) -> Process {
        let order = Message(11, keys: [meter.register, model.register], bytes: Self.joined(arguments))
        try call(order, into: [register])
        return Process(register)
    }

    /// A process of a module in this program's memory, at most 16 MiB. The first argument is its name; without any it gets one. The reply's
    /// code is returned, and where the code of the module is refused its bytes say why.
    func makeProcess(
        of module: UnsafeRawBufferPointer, on meter: Meter, arguments: [String] = [], into register: Register
    ) -> Received {
        let address = UInt64(UInt(bitPattern: module.baseAddress))
        let order = Message(11, address, word(module.count), keys: [meter.register], bytes: Self.joined(arguments))
        return invoke(order, into: [register], capacity: 512)
    }

    /// Each ended by a zero.
    private static func joined(_ arguments: [String]) -> [UInt8] {
        var bytes: [UInt8] = []
        for argument in arguments {
            bytes.append(contentsOf: argument.utf8)
            bytes.append(0)
        }
        return bytes
    }
}
