// Forwarders: a key with control says where they lead, one without goes there (specs/keys/forwarder.md).

struct Forwarder: WeakenableKey {
    struct Rights: OptionSet {
        let rawValue: UInt64
        /// Without it an invocation of the key is one of the target.
        static let control = Rights(rawValue: 1)
    }

    let register: Register
    init(_ register: Register) { self.register = register }

    /// Keys without control lead there from now on.
    func retarget(to key: some Key) throws(Refusal) { try call(Message(2, keys: [key.register])) }

    /// Keys without control lead nowhere, until it is unblocked. Who stands in the target's queue is let down too.
    func block() throws(Refusal) { try call(Message(3)) }

    func unblock() throws(Refusal) { try call(Message(4)) }

    /// Where it leads goes into a register.
    func target(into register: Register) throws(Refusal) { try call(Message(5), into: [register]) }
}
