// Lists of processes that stand still for the same reason, through the links that the ready queue uses while they are
// ready: those that wait for a moment, and those that are frozen for want of gas or of space. The latest comes first.
//
// FROZEN-1  A process is on the list of those frozen for gas, or for space, exactly while that is its state.

import Objects

extension Kernel {
    /// Puts a process that is in no queue at the beginning of a list of the world page.
    func list(_ process: CellID, on head: Field<UInt64>) throws {
        let first = CellID(rawValue: try objects.world(head))
        if !first.isNone { try objects.setLink(first, ProcessRecord.queuePrevious, process) }
        let record = try objects.mutableCell(process)
        record.store(first.rawValue, ProcessRecord.queueNext)
        record.store(0, ProcessRecord.queuePrevious)
        try objects.setWorld(head, process.rawValue)
        if head.offset == WorldPage.frozenSpaceFirst.offset {
            frozenForSpace?.add(process, bank: try objects.link(process, ProcessRecord.bank))
        }
    }

    /// Takes a process off such a list, wherever it stands.
    func unlist(_ process: CellID, from head: Field<UInt64>) throws {
        if head.offset == WorldPage.frozenSpaceFirst.offset { frozenForSpace?.remove(process) }
        let next = try objects.link(process, ProcessRecord.queueNext)
        let previous = try objects.link(process, ProcessRecord.queuePrevious)
        // One that froze before there were lists is on none.
        if previous.isNone, try objects.world(head) != process.rawValue { return }
        if !next.isNone { try objects.setLink(next, ProcessRecord.queuePrevious, previous) }
        if previous.isNone {
            try objects.setWorld(head, next.rawValue)
        } else {
            try objects.setLink(previous, ProcessRecord.queueNext, next)
        }
        let record = try objects.mutableCell(process)
        record.store(0, ProcessRecord.queueNext)
        record.store(0, ProcessRecord.queuePrevious)
    }

    /// The processes on such a list, the one that came first first. O(their number).
    package func listed(on head: Field<UInt64>) throws -> [CellID] {
        var found: [CellID] = []
        var each = CellID(rawValue: try objects.world(head))
        while !each.isNone {
            found.append(each)
            each = try objects.link(each, ProcessRecord.queueNext)
        }
        return found.reversed()
    }

    /// The list that processes of a state stand on; nil where they stand on none, or on the ready queue.
    func list(of state: RunState) -> Field<UInt64>? {
        switch state {
        case .frozenGas: WorldPage.frozenGasFirst
        case .frozenSpace: WorldPage.frozenSpaceFirst
        case .ready, .waiting, .stopped, .faulted, .exited: nil
        }
    }

    /// Makes ready again what froze because its bank refused a page and could sell one now, the one that froze first before
    /// the others: something was sold, or a limit was raised. None of those whose bank is going.
    package func wakeFrozenForSpace() throws {
        if try objects.world(WorldPage.hasSold) != 0 { try objects.setWorld(WorldPage.hasSold, 0) }
        guard try objects.world(WorldPage.frozenSpaceFirst) != 0 else { return forgetFrozenForSpace() }
        var frozen = try frozenForSpace.take() ?? listFrozenForSpace()
        var woken: [(process: CellID, number: UInt64)] = []
        for bank in frozen.banksToLookAt(sold: objects.soldBanks ?? []) {
            if try !isGoing(bank: bank) && objects.availablePages(bank) != 0 {
                woken += frozen.group(of: bank).map { ($0.key, $0.value) }
            } else {
                frozen.note(bank, awaits: try objects.refusingBanks(bank))
            }
        }
        for each in woken { frozen.remove(each.process) }
        objects.soldBanks = []
        frozenForSpace = frozen
        for each in woken.sorted(by: { $0.number < $1.number }) { try setState(of: each.process, to: .ready) }
    }

    private func listFrozenForSpace() throws -> FrozenForSpace {
        var frozen = FrozenForSpace()
        for process in try listed(on: WorldPage.frozenSpaceFirst) {
            frozen.add(process, bank: try objects.link(process, ProcessRecord.bank))
        }
        return frozen
    }

    /// Limits changed, or where processes or banks stand: all that is frozen for space is looked at anew.
    func forgetFrozenForSpace() {
        frozenForSpace = nil
        objects.soldBanks = nil
    }

    /// Makes ready again what froze for want of gas and has some now.
    package func wakeFrozenForGas() throws {
        for process in try listed(on: WorldPage.frozenGasFirst) {
            if try availableGas(meter(of: process)) != 0 { try setState(of: process, to: .ready) }
        }
    }
}
