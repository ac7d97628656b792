// Sealers and unsealers: what is sealed goes through anybody's hands and comes out by the unsealer of the pair (specs/keys/sealer.md).

struct Sealer: Key {
    let register: Register
    init(_ register: Register) { self.register = register }

    /// Seals a key in a box, which is made of a node with all rights: what that held is gone. `key`.
    func seal(_ key: some Key, in node: Node, into box: Register) throws(Refusal) {
        try call(Message(1, keys: [key.register, node.register]), into: [box])
    }
}

struct Unsealer: Key {
    let register: Register
    init(_ register: Register) { self.register = register }

    /// What is in a box goes into a register. `key`: the sealer of the pair did not seal it.
    func unseal(_ box: some Key, into register: Register) throws(Refusal) {
        try call(Message(1, keys: [box.register]), into: [register])
    }
}
