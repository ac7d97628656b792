// The discrim key: what keys are, told without invoking them (`specs/keys/discrim.md`).

import Objects

package enum DiscrimOrder: UInt32, Sendable, CaseIterable {
    case classify = 1
    case compare = 2
    case discreet = 3
}

extension Kernel {
    static func serveDiscrim(_ message: Message) -> Message {
        // What designates nothing was read as void from its register.
        let (first, second) = (message.keys[0], message.keys[1])
        return switch DiscrimOrder(rawValue: message.order) {
        case .classify: Message(.ok, UInt64(first.kind.rawValue), UInt64(first.rights))
        case .compare: Message(.ok, first == second ? 1 : 0)
        case .discreet: Message(.ok, isDiscreet(first) ? 1 : 0)
        case nil: Message(.order)
        }
    }

    /// Whether nothing can be told to anybody by a key.
    private static func isDiscreet(_ key: Key) -> Bool {
        switch key.kind {
        case .void, .number, .discrim: true
        case .page: !key.pageRights.contains(.write)
        case .node: key.nodeRights.isDisjoint(with: [.store, .strong])
        case .process, .start, .resume, .bank, .meter, .device, .checkpoint, .sealer, .unsealer,
            .forwarder:
            false
        }
    }
}
