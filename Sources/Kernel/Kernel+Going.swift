// Banks that are going: destroyed ones, whose objects are removed by and by, and those whose objects are on their way to
// the parent (`Kernel+Returning.swift`). The queue and the cursor are in the world page, so that a world that was killed
// goes on where its checkpoint stands (`specs/banks.md`, "Destroying").
//
// BANK-4  Nothing below a destroyed bank buys, runs, has a name, or answers.

import Objects
import Store

extension Kernel {
    /// Whether a bank was destroyed, or one above it.
    package func isGoing(bank: CellID) throws -> Bool { try objects.isGoing(bank: bank) }

    /// Whether the bank that pays for a cell was destroyed, or one above it.
    func isGoing(payerOf cell: CellID) throws -> Bool {
        guard try hasGoingBanks else { return false }
        return try isGoing(bank: objects.payer(of: cell))
    }

    package func isGoing(process: CellID) throws -> Bool {
        guard try hasGoingBanks else { return false }
        return try isGoing(bank: try objects.link(process, ProcessRecord.bank))
    }

    /// Whether banks are still to be taken apart or returned.
    package var hasGoingBanks: Bool { get throws { try objects.world(WorldPage.goingFirst) != 0 } }

    /// Processes that there are for everybody. O(banks that are going).
    package func countProcesses() throws -> UInt64 {
        var gone: UInt64 = 0
        for top in try goingBanks() where try objects.get(top, BankRecord.flags) & BankRecord.isDestroyed != 0 {
            var each = top
            while !each.isNone {
                gone &+= try objects.get(each, BankRecord.processes)
                var next = try objects.link(each, BankRecord.firstChild)
                while next.isNone, each != top {
                    next = try objects.link(each, BankRecord.nextSibling)
                    if next.isNone { each = try objects.link(each, BankRecord.parent) }
                }
                each = next
            }
        }
        return try objects.world(WorldPage.processCount) &- gone
    }

    /// The banks of the queue, the first to be done first.
    package func goingBanks() throws -> [CellID] {
        var found: [CellID] = []
        var each = CellID(rawValue: try objects.world(WorldPage.goingFirst))
        while !each.isNone {
            found.append(each)
            each = try objects.link(each, BankRecord.goingNext)
        }
        return found
    }

    /// Destroys a bank and all below it: for everybody it is gone when this returns, and those above have back what it used
    /// or reserved. The objects go in steps, the first of them now. Throws `rootStays`; needs neither space nor gas.
    package func destroy(bank: CellID) throws {
        try beginDestroying(bank)
        let running = CellID(rawValue: try objects.world(WorldPage.running))
        if try !running.isNone && isGoing(process: running) { try endQuantum() }
        try doFirstSteps()
        try wakeFrozenForSpace()
    }

    /// The same without a step: the process that runs may be among what goes, and its turn is to be ended then.
    func beginDestroying(_ bank: CellID) throws {
        guard try bank != rootBank else { throw KernelError.rootStays(kind: "bank") }
        let path = try path(ofBank: bank)
        try cutOff(bank: bank)
        try tell(.bankDestroyed(path: path))
    }

    /// Takes a bank away from its parent, to go in steps.
    func cutOff(bank: CellID) throws {
        try leave(bank, in: .banks)
        try objects.cutOff(bank)
        let record = try objects.mutableCell(bank)
        record.store(0, BankRecord.nextSibling)
        record.store(0, BankRecord.previousSibling)
        record.store(BankRecord.isDestroyed, BankRecord.flags)
        try enqueueGoing(bank)
        didLosePages()
        settling.forgetMeters()
        // Those that are gone are not counted any more; a walk that stands below it would not find its way back.
        census = nil
        if bankRoster?.isComplete == false { bankRoster = nil }
    }

    func doFirstSteps() throws {
        for _ in 0..<firstSteps where try hasGoingBanks { try takeGoingApart() }
    }

    func enqueueGoing(_ bank: CellID) throws {
        let last = CellID(rawValue: try objects.world(WorldPage.goingLast))
        if last.isNone {
            try objects.setWorld(WorldPage.goingFirst, bank.rawValue)
        } else {
            try objects.setLink(last, BankRecord.goingNext, bank)
            try objects.setLink(bank, BankRecord.goingPrevious, last)
        }
        try objects.setWorld(WorldPage.goingLast, bank.rawValue)
    }

    /// Takes the first bank off the queue: it is done.
    func dequeueGoing() throws {
        let first = CellID(rawValue: try objects.world(WorldPage.goingFirst))
        let next = try objects.link(first, BankRecord.goingNext)
        try objects.setWorld(WorldPage.goingFirst, next.rawValue)
        if next.isNone {
            try objects.setWorld(WorldPage.goingLast, 0)
        } else {
            try objects.setLink(next, BankRecord.goingPrevious, .none)
        }
        try objects.setLink(first, BankRecord.goingNext, .none)
        try setCursor(GoingCursor(bank: .none))
    }

    /// One step of work at the queue.
    package func takeGoingApart() throws {
        var budget = stepBudget
        while budget > 0 {
            let top = CellID(rawValue: try objects.world(WorldPage.goingFirst))
            if top.isNone { return }
            if try objects.get(top, BankRecord.flags) & BankRecord.isReturning != 0 {
                try returnSome(of: top, &budget)
            } else {
                try destroySome(below: top, &budget)
            }
        }
    }
}
