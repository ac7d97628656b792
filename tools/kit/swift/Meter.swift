// Meters: budgets of gas (specs/keys/meter.md).

struct Meter: WeakenableKey {
    struct Rights: OptionSet {
        let rawValue: UInt64
        static let run = Rights(rawValue: 1)
        static let query = Rights(rawValue: 2)
        static let set = Rights(rawValue: 4)
        static let destroy = Rights(rawValue: 8)
    }

    /// In gas; `noLimit` where nothing limits.
    struct Figures {
        /// What its processes have, the least of those above it.
        var available: UInt64
        var left, used: UInt64
        /// Quanta at a time, and processes that run on it.
        var weight, processes: UInt64
    }

    /// What another key is, as the kernel knows it.
    struct Verification {
        /// It is a meter's.
        var isMeter: Bool
        var rights: Rights
        /// It is this meter or one below it.
        var isBelow: Bool
    }

    let register: Register
    init(_ register: Register) { self.register = register }

    /// `right`.
    func figures() throws(Refusal) -> Figures {
        let reply = try call(Message(2), capacity: 16)
        return Figures(
            available: reply.words[0], left: reply.words[1], used: reply.words[2], weight: reply.number(at: 0),
            processes: reply.number(at: 1))
    }

    func verify(_ key: some Key) throws(Refusal) -> Verification {
        let words = try call(Message(3, keys: [key.register])).words
        return Verification(isMeter: words[0] != 0, rights: Rights(rawValue: words[1]), isBelow: words[2] != 0)
    }

    /// A meter below this one, for whose record a bank with allocate pays; without a name it gets one. `right`; `key`; `value`; `space`.
    func makeMeter(gas: UInt64, paidBy bank: Bank, named name: String = "", into register: Register) throws(Refusal)
        -> Meter
    {
        try call(Message(4, gas, keys: [bank.register], bytes: Array(name.utf8)), into: [register])
        return Meter(register)
    }

    /// Gas that it has from now on, or `noLimit`, or `unchanged`; quanta at a time, 1 to 1,000, 0 for no change. `right`; `value`.
    func set(gas: UInt64 = unchanged, weight: UInt64 = 0) throws(Refusal) { try call(Message(5, gas, weight)) }

    /// `right`; `value`: it is not limited, or would have too much.
    func refill(gas: UInt64) throws(Refusal) { try call(Message(6, gas)) }

    /// `right`; `value`: it has meters below it, or is the root.
    func destroy() throws(Refusal) { try call(Message(7)) }

    /// Who is told when it is dry, by a start key; nobody by `nil`. Who was it goes into a register. `right`; `key`.
    func setKeeper(_ keeper: Start?, previousInto register: Register? = nil) throws(Refusal) {
        try call(Message(8, keys: [keeper?.register]), into: [register])
    }
}
