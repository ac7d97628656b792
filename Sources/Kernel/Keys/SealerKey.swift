// Sealers and unsealers: a pair that a node brands (`specs/keys/sealer.md`). What is sealed goes about in a box, which is a node without
// rights, and comes out by the other of the pair.

import Objects

package enum SealerOrder: UInt32, Sendable, CaseIterable {
    case seal = 1
}

package enum UnsealerOrder: UInt32, Sendable, CaseIterable {
    case unseal = 1
}

extension Kernel {
    /// Slots of a box: what is in it, and the sealer that closed it.
    private static var contentSlot: Int { 0 }
    private static var sealerSlot: Int { 1 }

    /// The pair that a node brands: good while the node is there.
    static func pair(brandedBy node: Key) -> (sealer: Key, unsealer: Key) {
        (
            Key(.sealer, generation: node.generation, id: node.id),
            Key(.unsealer, generation: node.generation, id: node.id)
        )
    }

    func serveSealer(_ key: Key, _ message: Message) throws -> Message {
        guard SealerOrder(rawValue: message.order) != nil else { return Message(.order) }
        let node = message.keys[1]
        guard node.nodeRights == .all else { return Message(.key) }
        let box = CellID(rawValue: node.id)
        try clearSlots(of: box, .node)
        try setSlot(Self.contentSlot, of: box, to: message.keys[0])
        try setSlot(Self.sealerSlot, of: box, to: key)
        return Message(.ok, key: node.without(rights: NodeRights.all.rawValue))
    }

    func serveUnsealer(_ key: Key, _ message: Message) throws -> Message {
        guard UnsealerOrder(rawValue: message.order) != nil else { return Message(.order) }
        guard message.keys[0].kind == .node, case let box = CellID(rawValue: message.keys[0].id),
            try objects.slot(Self.sealerSlot, of: box) == Key(.sealer, generation: key.generation, id: key.id)
        else { return Message(.key) }
        return Message(.ok, key: try objects.slot(Self.contentSlot, of: box))
    }
}
