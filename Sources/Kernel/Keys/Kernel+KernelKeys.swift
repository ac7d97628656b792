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
        case .bank: try serveBank(key, message, by: process)
        case .forwarder: try serveForwarder(key, message)
        case .process: try serveProcess(key, message, by: process)
        case .meter: try serveMeter(key, message)
        case .device: try serveDevice(key, message)
        case .sealer: try serveSealer(key, message)
        case .unsealer: try serveUnsealer(key, message)
        case .checkpoint: serveCheckpoint(key, message)
        case .start, .resume: preconditionFailure("a process serves it")
        }
    }

    /// The reply that `body` makes; what a bank or the kernel refuses of it, with nothing changed, as the code for that.
    func answering(_ body: () throws -> Message) throws -> Message {
        do {
            return try body()
        } catch ObjectsError.bankExhausted {
            return Message(.space)
        } catch is KernelError {
            // A name that is taken, a tree too deep, terms that do not go together, a root.
            return Message(.value)
        }
    }

    /// What a bank, or a meter, says of a key that is said to be one's.
    func verify(_ key: Key, by cell: CellID, in tree: CellTree) throws -> Message {
        guard key.kind == tree.kind else { return Message(.ok) }
        let isWithin = try isAtOrBelow(cell, CellID(rawValue: key.id), in: tree)
        return Message(.ok, 1, UInt64(key.rights), isWithin ? 1 : 0)
    }

    /// Whether a bank, or a meter, is `top` or below it. O(depth).
    func isAtOrBelow(_ top: CellID, _ cell: CellID, in tree: CellTree) throws -> Bool {
        var each = cell
        while !each.isNone && each != top { each = try objects.link(each, tree.parent) }
        return !each.isNone
    }
}
