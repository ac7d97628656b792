// Nodes: 32 slots with keys in them (specs/keys/node.md).

struct Node: WeakenableKey {
    static let slots = 32

    struct Rights: OptionSet {
        let rawValue: UInt64
        static let fetch = Rights(rawValue: 1)
        static let store = Rights(rawValue: 2)
        /// Without it what is fetched is weakened.
        static let strong = Rights(rawValue: 4)
    }

    let register: Register
    init(_ register: Register) { self.register = register }

    /// What a slot, 0 to 31, holds goes into a register. `right`; `value`: no such slot.
    func fetch(_ slot: Int, into register: Register) throws(Refusal) {
        try call(Message(2, word(slot)), into: [register])
    }

    /// A slot holds the key too. `right`; `value`.
    func store(_ key: some Key, in slot: Int) throws(Refusal) { try call(Message(3, word(slot), keys: [key.register])) }

    /// A slot is void. `right`; `value`.
    func drop(_ slot: Int) throws(Refusal) { try call(Message(3, word(slot))) }

    /// A slot holds the key, and what it held goes into a register. `right`; `value`.
    func swap(_ key: some Key, with slot: Int, into register: Register) throws(Refusal) {
        try call(Message(4, word(slot), keys: [key.register]), into: [register])
    }

    /// What a slot held goes into a register, and the slot is void. `right`; `value`.
    func take(_ slot: Int, into register: Register) throws(Refusal) {
        try call(Message(4, word(slot)), into: [register])
    }

    /// A slot holds a number's key. `right`; `value`.
    func store(number: UInt64, in slot: Int) throws(Refusal) { try call(Message(5, word(slot), number)) }

    /// Every slot is void. `right`.
    func clearSlots() throws(Refusal) { try call(Message(6)) }

    /// Each slot holds what it has in another node. `right`, also where that has no fetch; `key`.
    func copySlots(of other: Node) throws(Refusal) { try call(Message(7, keys: [other.register])) }

    /// The pair of sealer and unsealer that this node brands. `right`: the key lacks one.
    func pair(sealerInto sealer: Register, unsealerInto unsealer: Register) throws(Refusal) -> (Sealer, Unsealer) {
        try call(Message(8), into: [sealer, unsealer])
        return (Sealer(sealer), Unsealer(unsealer))
    }
}
