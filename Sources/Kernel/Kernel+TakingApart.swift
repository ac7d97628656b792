// Taking a destroyed tree of banks apart, from its leaves up: of each bank the processes first, which leave every list of the
// world, then what they were made of, then the pages, strip by strip. Each step is bounded (`specs/banks.md`, "Destroying").

import Objects
import Store

/// How far the destruction of the first bank in the queue has come.
struct GoingCursor {
    enum Phase: UInt8 {
        case processes = 0
        case instances = 1
        case records = 2
        case pages = 3
    }

    /// None: nothing is begun.
    var bank: CellID
    var phase = Phase.processes
    /// The strip to look at next; nil: the bank's first.
    var strip: StripID?

    /// All strips were looked at.
    mutating func endPhase() {
        phase = Phase(rawValue: phase.rawValue + 1) ?? .pages
        strip = nil
    }
}

extension Kernel {
    private var cursor: GoingCursor {
        get throws {
            let phase: UInt8 = try objects.world(WorldPage.goingPhase)
            guard let phase = GoingCursor.Phase(rawValue: phase) else {
                throw ObjectsError.damaged(
                    invariant: "BANK-4", object: "world page", text: "destruction has no phase \(phase)")
            }
            return GoingCursor(
                bank: CellID(rawValue: try objects.world(WorldPage.goingBank)), phase: phase,
                strip: StripID(stored: try objects.world(WorldPage.goingStrip)))
        }
    }

    func setCursor(_ cursor: GoingCursor) throws {
        try objects.setWorld(WorldPage.goingBank, cursor.bank.rawValue)
        try objects.setWorld(WorldPage.goingPhase, cursor.phase.rawValue)
        try objects.setWorld(WorldPage.goingStrip, cursor.strip?.stored ?? 0)
    }

    /// Goes on at the cursor, as far as the budget allows.
    func destroySome(below top: CellID, _ budget: inout Int) throws {
        var cursor = try cursor
        if cursor.bank.isNone { cursor.bank = top }
        while budget > 0 {
            budget -= 1
            let child = try objects.link(cursor.bank, BankRecord.firstChild)
            if !child.isNone {
                cursor = GoingCursor(bank: child)
            } else if cursor.phase != .pages {
                try removeCells(at: &cursor, &budget)
                // Its pots go with its strips now, and nothing is bought or sold in them any more.
                if cursor.phase == .pages { try forgetPots(of: cursor.bank) }
            } else if let strip = StripID(stored: try objects.get(cursor.bank, BankRecord.firstStrip)) {
                try objects.sellStripOfGoingBank(strip)
                budget -= 31
            } else {
                cursor = GoingCursor(bank: try finish(cursor.bank))
                if cursor.bank.isNone { return }
            }
        }
        try setCursor(cursor)
    }

    private func forgetPots(of bank: CellID) throws {
        let record = try objects.mutableCell(bank)
        for cellClass in CellClass.allCases { record.store(0, BankRecord.pot(cellClass)) }
    }

    /// Looks at the strip at the cursor for cells that the phase removes.
    private func removeCells(at cursor: inout GoingCursor, _ budget: inout Int) throws {
        let record = try objects.cell(cursor.bank)
        let left = record.load(cursor.phase == .processes ? BankRecord.processes : BankRecord.ownCells)
        guard left > 0, let strip = cursor.strip ?? StripID(stored: record.load(BankRecord.firstStrip)) else {
            return cursor.endPhase()
        }
        guard try removeCells(in: strip, cursor.phase, &budget) else { return }
        cursor.strip = StripID(stored: try objects.record(of: strip).load(StripRecord.next))
        if cursor.strip == nil { cursor.endPhase() }
    }

    /// Removes the phase's cells in the pots of a strip. False where the budget was used up before.
    private func removeCells(
        in strip: StripID, _ phase: GoingCursor.Phase, _ budget: inout Int
    ) throws -> Bool {
        let record = try objects.record(of: strip)
        guard record.load(StripRecord.use) == StripUse.pots.rawValue else { return true }
        for index in record.setBits(of: StripRecord.allocated) {
            budget -= 1
            for cell in try objects.cells(inPot: strip.page(index)) {
                // The meter before it may have taken it along.
                guard let kind = CellKind(rawValue: try objects.get(cell, CellHeader.kind)) else { continue }
                guard phase == Self.phase(of: kind) else { continue }
                guard budget > 0, try removeGoing(cell, kind, &budget) else { return false }
            }
        }
        return true
    }

    private static func phase(of kind: CellKind) -> GoingCursor.Phase? {
        switch kind {
        case .process: .processes
        case .instance, .node, .forwarder: .instances
        case .module, .meter: .records
        // A bank's own record goes when the bank is done.
        case .bank: nil
        }
    }

    /// Removes a cell of a destroyed bank; what it has in pages is sold with the bank's strips. False where a meter has more
    /// below it than the budget allows.
    private func removeGoing(_ cell: CellID, _ kind: CellKind, _ budget: inout Int) throws -> Bool {
        budget -= 8
        switch kind {
        case .process:
            try setState(of: cell, to: .stopped)
            // Who stood before it goes on, in as many steps as it takes.
            guard try leaveInvocations(cell, bound: max(1, budget / 8)) else { return false }
            try unload(cell)
            didRemoveProcess(cell)
            try unlistForEver(cell)
            try leaveMeter(cell)
        case .instance:
            let module = try objects.link(cell, InstanceRecord.module)
            guard !module.isNone else { break }
            let left = try objects.get(module, ModuleRecord.instances) &- 1
            try objects.set(module, ModuleRecord.instances, left)
            if try left == 0 && !isGoing(bank: objects.link(module, ModuleRecord.bank)) { try removeIfUnused(module) }
        case .module:
            guard try objects.get(cell, ModuleRecord.instances) == 0 else {
                throw ObjectsError.damaged(
                    invariant: "MODULE-1", object: "\(cell)", text: "its bank goes and it has instances")
            }
            try unlistModule(cell)
        case .meter:
            let parent = try objects.link(cell, MeterRecord.parent)
            let count = try destroy(meter: cell, atMost: max(1, budget / 8))
            budget -= 8 * count
            guard try objects.get(cell, CellHeader.kind) == 0 else { return false }
            try removeIfLeft(meter: parent)
            return true
        case .node, .forwarder: try clearSlots(of: cell, kind)
        case .bank: break
        }
        try objects.sellCell(cell)
        return true
    }

    /// Sells the record of a destroyed bank of which nothing is left. Returns the bank above it; none where it was the one that
    /// was destroyed, which leaves the queue.
    private func finish(_ bank: CellID) throws -> CellID {
        let record = try objects.cell(bank)
        let parent = CellID(rawValue: record.load(BankRecord.parent))
        guard record.load(BankRecord.usedPages) == 0, record.load(BankRecord.usedCells) == 0 else {
            throw ObjectsError.damaged(
                invariant: "BANK-1", object: "\(bank)", text: "nothing is left of it and it counts something")
        }
        bankRoster?.remove(bank)
        if parent.isNone {
            try dequeueGoing()
            let payer = try objects.payer(of: bank)
            try objects.sellCell(bank)
            try removeIfLeft(bank: payer)
        } else {
            if record.load(BankRecord.reservePages) != 0 { try objects.reserve(0, for: bank) }
            try leave(bank, in: .banks)
            try objects.sellCell(bank)
        }
        return parent
    }
}
