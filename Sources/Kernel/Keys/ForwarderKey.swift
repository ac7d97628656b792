// Forwarders: a key to one leads to its target, until whoever has control says otherwise (`specs/keys/forwarder.md`).

import Objects

package enum ForwarderOrder: UInt32, Sendable, CaseIterable {
    case weaken = 1
    case retarget = 2
    case block = 3
    case unblock = 4
    case target = 5
}

/// What an invocation leads to.
enum Invoked: Equatable {
    /// A key that is void, or leads to a process that has faulted.
    case nothing
    /// A process, by a start key.
    case server(CellID, badge: UInt16)
    /// A process that waits for a reply.
    case caller(CellID)
    /// A key that the kernel serves.
    case kernel(Key)
}

extension Kernel {
    /// Forwarders that follow each other.
    private static var forwarderBound: Int { 8 }

    /// The key that is invoked by one: itself, or what the forwarder leads to of which it is a key without control. Void: nothing.
    func resolve(_ key: Key) throws -> Key {
        var key = key
        for _ in 0...Self.forwarderBound {
            guard key.kind == .forwarder, !key.forwarderRights.contains(.control) else { return key }
            let forwarder = CellID(rawValue: key.id)
            if try objects.get(forwarder, ForwarderRecord.isBlocked) != 0 { return .void }
            key = try objects.slot(0, of: forwarder)
        }
        return .void
    }

    /// The process that a start key leads to; nil where that has faulted, or the key is void.
    func server(by key: Key) throws -> CellID? {
        guard let server = try objects.server(by: key), try state(of: server) != .faulted else { return nil }
        return server
    }

    /// What a process invokes by a register.
    func invoked(_ register: UInt8, by process: CellID) throws -> Invoked {
        // A record that is damaged may name none.
        guard Invocation.isRegister(register) else { return .nothing }
        var key = try objects.cell(process).loadKey(at: ProcessRecord.registers + Key.bytes * Int(register))
        if key.kind == .forwarder { key = try objects.isVoid(key) ? .void : resolve(key) }
        switch key.kind {
        case .void: return .nothing
        case .start:
            return try server(by: key).map { .server($0, badge: key.badge) } ?? .nothing
        case .resume: return try objects.caller(by: key).map { .caller($0) } ?? .nothing
        default: return try objects.isVoid(key) ? .nothing : .kernel(key)
        }
    }

    func serveForwarder(_ key: Key, _ message: Message) throws -> Message {
        let forwarder = CellID(rawValue: key.id)
        switch ForwarderOrder(rawValue: message.order) {
        case .weaken: return Message(weakening: key, message)
        case .retarget: try setSlot(0, of: forwarder, to: message.keys[0])
        case .block: try objects.set(forwarder, ForwarderRecord.isBlocked, 1)
        case .unblock: try objects.set(forwarder, ForwarderRecord.isBlocked, 0)
        case .target: return Message(.ok, key: try objects.slot(0, of: forwarder))
        case nil: return Message(.order)
        }
        return Message(.ok)
    }
}
