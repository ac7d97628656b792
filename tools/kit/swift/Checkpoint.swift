// Checkpoints: when what was done is durable (specs/keys/checkpoint.md).

struct Checkpoint: WeakenableKey {
    struct Rights: OptionSet {
        let rawValue: UInt64
        static let make = Rights(rawValue: 1)
    }

    let register: Register
    init(_ register: Register) { self.register = register }

    /// Goes on when all that came before it in this world comes again after any kill. Takes one sync of the journal.
    func wait() throws(Refusal) { try call(Message(2)) }

    /// A checkpoint is made; goes on when it is durable, with its number. `right`.
    func make() throws(Refusal) -> UInt64 { try call(Message(3)).words[0] }
}
