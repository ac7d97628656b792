// Numbers of 64 bits, which are no authority (specs/keys/number.md).

struct Number: Key {
    let register: Register
    init(_ register: Register) { self.register = register }

    /// The number of 64 bits.
    func value() throws(Refusal) -> UInt64 { try call(Message(1)).words[0] }
}
