// A bank that gives all that it has to its parent. At once it sells nothing that the parent would not; its objects follow strip
// by strip, and nothing stops for it (`specs/banks.md`, "Destroying").

import Objects
import Store

extension Kernel {
    /// Destroys a bank and gives everything to its parent: the banks directly below it at once, with their limits, the rest in
    /// steps. Throws `rootStays`, and `bankExists` where the parent has a bank of the same name as one below. Needs neither
    /// space nor gas.
    package func returnToParent(bank: CellID) throws {
        try checkReturn(of: bank)
        try beginReturning(bank)
        try doFirstSteps()
        try wakeFrozenForSpace()
    }

    /// The same, of one that `checkReturn` has nothing against, without a step.
    func beginReturning(_ bank: CellID) throws {
        let parent = try objects.link(bank, BankRecord.parent)
        let children = try self.children(of: bank, in: .banks)
        let path = try path(ofBank: bank)
        if try objects.get(bank, BankRecord.reservePages) != 0 { try objects.reserve(0, for: bank) }
        try splice(children, of: bank, to: parent)
        let record = try objects.mutableCell(bank)
        record.store("", BankRecord.name)
        record.store(BankRecord.isReturning, BankRecord.flags)
        record.store(.max, BankRecord.limitPages)
        record.store(.max, BankRecord.limitCells)
        // The banks that were below it count further up now, and those above count the same.
        record.store(record.load(BankRecord.ownPages), BankRecord.usedPages)
        record.store(record.load(BankRecord.ownCells), BankRecord.usedCells)
        record.store(0, BankRecord.potStrip)
        record.store(0, BankRecord.dataStrip)
        try enqueueGoing(bank)
        try tell(.bankReturned(path: path))
        bankRoster?.remove(bank)
        if bankRoster?.isComplete == false { bankRoster = nil }
        // It has no limit any more.
        objects.soldBanks?.insert(bank)
    }

    /// Throws what `returnToParent` would throw.
    package func checkReturn(of bank: CellID) throws {
        guard try bank != rootBank else { throw KernelError.rootStays(kind: "bank") }
        let parent = try objects.link(bank, BankRecord.parent)
        for child in try children(of: bank, in: .banks) {
            let name = try objects.name(child, BankRecord.name)
            let beside = name.isEmpty ? nil : try self.child(of: parent, named: name, in: .banks)
            guard beside == nil || beside == bank else {
                throw KernelError.bankExists(path: "\(try path(ofBank: parent))/\(name)")
            }
        }
    }

    /// Puts all banks below one at the head of the list of another, as they stand.
    private func splice(_ children: [CellID], of bank: CellID, to parent: CellID) throws {
        childNames.forget(bank)
        childNames.remove(bank, named: try objects.name(bank, BankRecord.name), below: parent)
        guard let first = children.first, let last = children.last else { return }
        for child in children {
            try objects.setLink(child, BankRecord.parent, parent)
            let name = try objects.name(child, BankRecord.name)
            // One that is on its way to its parent has no name.
            if !name.isEmpty { childNames.add(child, named: name, below: parent) }
        }
        let head = try objects.link(parent, BankRecord.firstChild)
        try objects.setLink(last, BankRecord.nextSibling, head)
        if !head.isNone { try objects.setLink(head, BankRecord.previousSibling, last) }
        try objects.setLink(parent, BankRecord.firstChild, first)
        try objects.setLink(bank, BankRecord.firstChild, .none)
    }

    /// Gives strips to the parent, as far as the budget allows; in the end the bank's record goes.
    func returnSome(of bank: CellID, _ budget: inout Int) throws {
        let parent = try objects.link(bank, BankRecord.parent)
        while budget > 0 {
            guard let strip = StripID(stored: try objects.get(bank, BankRecord.firstStrip)) else {
                return try finishReturn(of: bank, to: parent)
            }
            let cells = try give(strip, of: bank, to: parent)
            budget -= 32 + 8 * cells
        }
    }

    /// Gives a strip to the parent, with its pots and their cells. Returns how many those are.
    private func give(_ strip: StripID, of bank: CellID, to parent: CellID) throws -> Int {
        let record = try objects.record(of: strip)
        let allocated = record.setBits(of: StripRecord.allocated)
        let owner = CellID(rawValue: record.load(StripRecord.owner))
        let use = StripUse(rawValue: record.load(StripRecord.use))
        if allocated.isEmpty && (use == .pots || use == .data) {
            try objects.sellStrip(strip)
            return 0
        }
        try objects.moveStrip(strip, to: parent, owner: owner)
        var count = 0
        for index in allocated where use == .pots {
            guard try objects.isPot(strip.page(index)) else { continue }
            let cells = try objects.cells(inPot: strip.page(index))
            try objects.movePot(strip.page(index), to: parent)
            for cell in cells { try relabel(cell, from: bank, to: parent) }
            count += cells.count
        }
        let pages = UInt64(allocated.count)
        try objects.shiftOwn(bank, pages: 0 &- pages, cells: 0 &- UInt64(count))
        try objects.shiftOwn(parent, pages: pages, cells: UInt64(count))
        return count
    }

    /// A cell that names its bank names the parent from now on.
    private func relabel(_ cell: CellID, from bank: CellID, to parent: CellID) throws {
        switch CellKind(rawValue: try objects.get(cell, CellHeader.kind)) {
        case .process:
            try objects.setLink(cell, ProcessRecord.bank, parent)
            frozenForSpace?.replace(cell, by: cell, bank: parent)
            try objects.set(bank, BankRecord.processes, try objects.get(bank, BankRecord.processes) - 1)
            try objects.set(parent, BankRecord.processes, try objects.get(parent, BankRecord.processes) + 1)
        case .module: try objects.setLink(cell, ModuleRecord.bank, parent)
        case .node, .forwarder:
            try objects.countBought(-1, of: bank)
            try objects.countBought(1, of: parent)
        case .bank, .meter, .instance, nil: break
        }
    }

    private func finishReturn(of bank: CellID, to parent: CellID) throws {
        let record = try objects.cell(bank)
        guard record.load(BankRecord.usedPages) == 0, record.load(BankRecord.usedCells) == 0 else {
            throw ObjectsError.damaged(
                invariant: "BANK-1", object: "\(bank)", text: "nothing is left of it and it counts something")
        }
        try dequeueGoing()
        try leave(bank, in: .banks)
        try objects.sellCell(bank)
        try removeIfLeft(bank: parent)
    }
}
