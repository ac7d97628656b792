// Node keys: slots with keys in them (`specs/keys/node.md`).

import Objects

package enum NodeOrder: UInt32, Sendable, CaseIterable {
    case weaken = 1
    case fetch = 2
    case store = 3
    case swap = 4
    case number = 5
    case clear = 6
    case copy = 7
    case pair = 8

    /// What its key has to have.
    var rights: NodeRights {
        switch self {
        case .weaken: []
        case .fetch: .fetch
        case .store, .number, .clear, .copy: .store
        case .swap: [.fetch, .store]
        case .pair: .all
        }
    }

    /// Whether word 0 names a slot.
    var namesSlot: Bool {
        switch self {
        case .fetch, .store, .swap, .number: true
        case .weaken, .clear, .copy, .pair: false
        }
    }
}

extension Kernel {
    func serveNode(_ key: Key, _ message: Message) throws -> Message {
        guard let order = NodeOrder(rawValue: message.order) else { return Message(.order) }
        guard key.nodeRights.isSuperset(of: order.rights) else { return Message(.right) }
        guard !order.namesSlot || message.words[0] < NodeRecord.keyCount else { return Message(.value) }
        let node = CellID(rawValue: key.id)
        let slot = order.namesSlot ? Int(message.words[0]) : 0
        switch order {
        case .weaken: return Message(weakening: key, message)
        case .fetch: return Message(.ok, key: try fetch(slot, by: key))
        case .store: try setSlot(slot, of: node, to: message.keys[0])
        case .swap:
            let old = try fetch(slot, by: key)
            try setSlot(slot, of: node, to: message.keys[0])
            return Message(.ok, key: old)
        case .number: try setSlot(slot, of: node, to: Key(.number, id: message.words[1]))
        case .clear: try clearSlots(of: node, .node)
        case .copy:
            let source = message.keys[0]
            guard source.kind == .node else { return Message(.key) }
            guard source.nodeRights.contains(.fetch) else { return Message(.right) }
            for slot in 0..<NodeRecord.keyCount { try setSlot(slot, of: node, to: try fetch(slot, by: source)) }
        case .pair:
            let (sealer, unsealer) = Self.pair(brandedBy: key)
            var reply = Message(.ok, key: sealer)
            reply.keys[1] = unsealer
            return reply
        }
        return Message(.ok)
    }

    /// What the holder of a node's key has from a slot.
    private func fetch(_ slot: Int, by key: Key) throws -> Key {
        let held = try objects.slot(slot, of: CellID(rawValue: key.id))
        return key.nodeRights.contains(.strong) ? held : held.weakened
    }
}
