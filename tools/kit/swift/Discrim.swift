// What keys are, as the kernel knows it (specs/keys/discrim.md).

/// Tells what keys are, without invoking them.
struct Discrim: Key {
    let register: Register
    init(_ register: Register) { self.register = register }

    /// Kind and rights of a key; `.void` where it designates nothing any more.
    func classify(_ key: some Key) throws(Refusal) -> (kind: Kind, rights: UInt64) {
        let words = try call(Message(1, keys: [key.register])).words
        return (Kind(rawValue: UInt8(truncatingIfNeeded: words[0])) ?? .void, words[1])
    }

    /// Whether both are the same: kind, rights, badge and what they designate.
    func compare(_ one: some Key, _ other: some Key) throws(Refusal) -> Bool {
        try call(Message(2, keys: [one.register, other.register])).words[0] != 0
    }

    /// Whether nothing can be told to anybody by it: void, a number, a discrim.
    func isDiscreet(_ key: some Key) throws(Refusal) -> Bool {
        try call(Message(3, keys: [key.register])).words[0] != 0
    }
}
