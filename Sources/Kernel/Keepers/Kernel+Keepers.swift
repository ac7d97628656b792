// Who keeps what: naming a keeper, and finding the one that is to be told. Its start key is kept with the rights that the key had by which
// it was named, so that nobody has more by its being named than who named it.
//
// KEEPER-1  A keeper is named by a start key, or nobody is.

import Objects

extension Kernel {
    /// Processes that wait for each other's keepers in turn and are followed.
    private static var loopBound: Int { 64 }

    // MARK: Naming

    /// The keeper that a record names; void: none.
    private func keeperKey(_ slot: KeeperSlot, in cell: CellID) throws -> Key {
        let record = try objects.cell(cell)
        switch slot {
        case .memory: return record.loadKey(at: InstanceRecord.keeper)
        case .process: return record.loadKey(at: ProcessRecord.keeper)
        case .meter: return record.loadKey(at: MeterRecord.keeper)
        case .bank:
            let process = record.load(BankRecord.keeperProcess)
            guard process != 0 else { return .void }
            return Key(
                .start, rights: record.load(BankRecord.keeperRights), badge: record.load(BankRecord.keeperBadge),
                id: process)
        }
    }

    /// Names the keeper of an instance's memory, a process, a bank or a meter: by a start key, or void. The reply has the one
    /// that was named before.
    func name(keeper key: Key, _ slot: KeeperSlot, of cell: CellID, rights: UInt8) throws -> Message {
        guard key.kind == .start || key.kind == .void else { return Message(.key) }
        let old = try keeper(slot, of: cell)
        var named = key
        if key.kind == .start { named.rights = rights }
        let record = try objects.mutableCell(cell)
        switch slot {
        case .memory: record.store(named, at: InstanceRecord.keeper)
        case .process: record.store(named, at: ProcessRecord.keeper)
        case .meter: record.store(named, at: MeterRecord.keeper)
        case .bank:
            record.store(named.rights, BankRecord.keeperRights)
            record.store(named.badge, BankRecord.keeperBadge)
            record.store(named.id, BankRecord.keeperProcess)
        }
        return Message(.ok, key: old)
    }

    /// The keeper of something, as a key to it; void: none, or one that is gone.
    package func keeper(_ slot: KeeperSlot, of cell: CellID) throws -> Key {
        let key = try keeperKey(slot, in: cell)
        return try objects.isVoid(key) ? .void : .start(key.id, badge: key.badge)
    }

    // MARK: Finding

    /// The keeper of this slot that a process which cannot go on has; nil where there is none that could do anything: none is named, it is
    /// gone or has faulted, it is the process itself, or waits for it in turn.
    func keeper(_ slot: KeeperSlot, of process: CellID, _ halt: Halt) throws -> Keeper? {
        guard let kept = try kept(slot, of: process, halt) else { return nil }
        let named = try keeperKey(slot, in: kept.cell)
        guard named.kind == .start, let server = try server(by: named), try !leads(server, backTo: process) else {
            return nil
        }
        var key = kept.key
        key.rights = named.rights & kept.key.rights
        return Keeper(server: server, badge: named.badge, key: key)
    }

    /// What a process has that a slot's keeper keeps, with a key to it that has all rights that one can be given; nil: it has none.
    private func kept(_ slot: KeeperSlot, of process: CellID, _ halt: Halt) throws -> (cell: CellID, key: Key)? {
        let id = try objects.get(process, ProcessRecord.id)
        switch slot {
        case .process: return (process, .process(id))
        case .memory:
            guard case .access(_, _, let number) = halt, let memory = try memory(of: process, instance: number) else {
                return nil
            }
            return (memory.instance, .process(id, rights: .memory))
        case .bank:
            guard case .space(let bank) = halt,
                try isAtOrBelow(bank, objects.link(process, ProcessRecord.bank), in: .banks)
            else { return nil }
            return (bank, try key(toBank: bank))
        case .meter:
            let meter = try dryMeter(from: meter(of: process))
            return meter.isNone ? nil : (meter, try key(toMeter: meter))
        }
    }

    /// Whether a process is another, or waits for a keeper that waits for a keeper, and so on, which is the other. By whom they were told,
    /// or stand before: who is named now may be somebody else.
    private func leads(_ server: CellID, backTo process: CellID) throws -> Bool {
        var each = server
        for _ in 0..<Self.loopBound {
            if each == process { return true }
            guard try objects.invocationPhase(of: each).isKept, try state(of: each) == .waiting,
                let next = try objects.processCell(id: objects.get(each, ProcessRecord.deadline))
            else { return false }
            each = next
        }
        return true
    }

    /// What a process waits for its keeper for, and which; nil: it does not.
    func halt(of process: CellID) throws -> (halt: Halt, slot: KeeperSlot)? {
        guard try objects.invocationPhase(of: process).isKept else { return nil }
        let record = try objects.cell(process)
        guard let slot = KeeperSlot(rawValue: record.load(ProcessRecord.invokedRegister)) else {
            throw ObjectsError.damaged(
                invariant: "KEEPER-2", object: "\(process)", text: "it waits for a keeper of no kind that there is")
        }
        let trap = record.load(ProcessRecord.trap)
        let detail = record.load(ProcessRecord.faultDetail)
        if slot == .meter { return (.gas, slot) }
        if trap == 0 { return (.space(bank: CellID(rawValue: detail)), slot) }
        if detail == 0 { return (.trap(trap), slot) }
        return (.access(trap, address: detail - 1, instance: record.load(ProcessRecord.messageInstance)), slot)
    }
}
