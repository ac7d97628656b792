// Keys that the kernel serves: which orders they take, and what they reply. One file for each kind; `specs/keys/` has the same tables.

import Objects

/// An order that every key takes which the kernel serves.
package enum CommonOrder: UInt32, Sendable, CaseIterable {
    case kind = 0
}

extension Kernel {
    /// The reply of a key that the kernel serves, which a process invokes. It is not void.
    func serve(_ key: Key, _ message: Message, by process: CellID) throws -> Message {
        if message.order == CommonOrder.kind.rawValue { return Message(.ok, UInt64(key.kind.rawValue)) }
        return switch key.kind {
        case .number: Self.serveNumber(key, message)
        case .discrim: Self.serveDiscrim(message)
        case .void: Message(.void)
        case .page: try servePage(key, message)
        case .node: try serveNode(key, message)
        case .bank: try serveBank(key, message)
        case .forwarder: try serveForwarder(key, message)
        case .process: try serveProcess(key, message, by: process)
        case .meter: try serveMeter(key, message)
        case .device, .checkpoint, .sealer, .unsealer:
            Message(.order)
        case .start, .resume: preconditionFailure("a process serves it")
        }
    }
}
