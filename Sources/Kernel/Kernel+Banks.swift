// Banks as the kernel and administrators see them: the tree, names, making and removing. Charging itself is done where
// pages and cells are bought (`Objects+Charging.swift`).

import Objects
import Store

/// A bank's figures. Pages are counted, bytes are 4,096 times that.
package struct BankFigures: Sendable {
    package var path: String
    package var limitPages: UInt64?
    package var usedPages: UInt64
    package var ownPages: UInt64
    /// The least that is left along the path; nil: unlimited.
    package var availablePages: UInt64?
    /// Pages that its parent keeps for it.
    package var reservePages: UInt64
    package var limitCells: UInt64?
    /// Cells, its own and those below.
    package var cells: UInt64
    package var ownCells: UInt64
    package var availableCells: UInt64?
    package var processes: UInt64
}

/// What a bank may be told: what is nil stays as it is.
package struct BankTerms: Sendable {
    /// Pages; the inner nil: none.
    package var limitPages: UInt64??
    package var limitCells: UInt64??
    package var reservePages: UInt64?

    package init(limitPages: UInt64?? = nil, limitCells: UInt64?? = nil, reservePages: UInt64? = nil) {
        self.limitPages = limitPages
        self.limitCells = limitCells
        self.reservePages = reservePages
    }
}

extension Kernel {
    /// The bank at a path such as `root/guests/ann`.
    package func bank(at path: String) throws -> CellID {
        try find(path) ?? { throw KernelError.noSuchBank(path) }()
    }

    package func path(ofBank bank: CellID) throws -> String {
        try path(of: bank, in: .banks)
    }

    package func figures(ofBank bank: CellID) throws -> BankFigures {
        try figures(ofBank: bank, path: try path(ofBank: bank))
    }

    private func figures(ofBank bank: CellID, path: String) throws -> BankFigures {
        let availablePages = try objects.availablePages(bank)
        let availableCells = try objects.availableCells(bank)
        let record = try objects.cell(bank)
        let limitPages = record.load(BankRecord.limitPages)
        let limitCells = record.load(BankRecord.limitCells)
        return BankFigures(
            path: path, limitPages: limitPages == .max ? nil : limitPages, usedPages: record.load(BankRecord.usedPages),
            ownPages: record.load(BankRecord.ownPages), availablePages: availablePages,
            reservePages: record.load(BankRecord.reservePages), limitCells: limitCells == .max ? nil : limitCells,
            cells: record.load(BankRecord.usedCells), ownCells: record.load(BankRecord.ownCells),
            availableCells: availableCells, processes: record.load(BankRecord.processes))
    }

    /// A bank and those below it, or only those that are directly below it: each before its own, in the order of names.
    package func banks(from bank: CellID, recursive: Bool) throws -> [BankFigures] {
        try cells(from: bank, path: try path(ofBank: bank), recursive: recursive, in: .banks)
            .map { try figures(ofBank: $0.cell, path: $0.path) }
    }

    /// A bank that an administrator makes at a path, below the bank that the path without its last part names.
    package func createBank(at path: String, _ terms: BankTerms) throws -> CellID {
        let (parentPath, name) = try Self.split(path, else: .invalidPath(path))
        let parent = try bank(by: try key(toBank: try bank(at: parentPath)), for: .allocate)
        guard try find(path) == nil else { throw KernelError.bankExists(path: path) }
        try check(terms, path: path, limitPages: .max, reservePages: 0)
        // Before anything is bought: a refusal leaves no pot behind either.
        let needsPot = try objects.get(parent, BankRecord.pot(.record)) == 0
        let reserve = terms.reservePages ?? 0
        try objects.checkRoom(parent, pages: reserve.addingReportingOverflow(needsPot ? 1 : 0).partialValue, cells: 1)
        let made = try makeBank(below: parent, name: name, limitPages: terms.limitPages ?? nil, flags: 0)
        try write(terms, to: made)
        try tell(.bankMade(made))
        try wakeFrozenForSpace()
        return made
    }

    /// Changes what a bank may sell. Whoever froze for want of space goes on where there is some now. Throws
    /// `bankExhausted` where those above have no room for a reserve; then nothing has changed.
    package func set(_ bank: CellID, _ terms: BankTerms) throws {
        let record = try objects.cell(bank)
        let isRoot = record.load(BankRecord.parent) == 0
        if isRoot, let reserve = terms.reservePages, reserve > 0 { throw KernelError.rootReserves }
        try check(
            terms, path: try path(ofBank: bank), limitPages: record.load(BankRecord.limitPages),
            reservePages: record.load(BankRecord.reservePages))
        try write(terms, to: bank)
        try tell(.bankChanged(bank))
        // Whoever waits for this bank is looked at; a reserve matters to others too.
        if terms.reservePages == nil { objects.soldBanks?.insert(bank) } else { forgetFrozenForSpace() }
        try wakeFrozenForSpace()
    }

    /// Writes terms that were checked. Throws `bankExhausted` where there is no room for the reserve, first of all.
    private func write(_ terms: BankTerms, to bank: CellID) throws {
        let isRoot = try objects.get(bank, BankRecord.parent) == 0
        if let reserve = terms.reservePages, !isRoot { try objects.reserve(reserve, for: bank) }
        if let limit = terms.limitPages { try objects.set(bank, BankRecord.limitPages, limit ?? .max) }
        if let limit = terms.limitCells { try objects.set(bank, BankRecord.limitCells, limit ?? .max) }
    }

    /// Throws where the bank would reserve more than it may sell.
    private func check(_ terms: BankTerms, path: String, limitPages: UInt64, reservePages: UInt64) throws {
        let limit = terms.limitPages.map { $0 ?? .max } ?? limitPages
        let reserve = terms.reservePages ?? reservePages
        guard reserve <= Region.stripMap else {
            throw KernelError.reserveTooLarge(path: path, reservePages: reserve)
        }
        guard reserve <= limit else {
            throw KernelError.reserveAboveLimit(path: path, reservePages: reserve, limitPages: limit)
        }
    }

    private func find(_ path: String) throws -> CellID? { try find(path, in: .banks, root: rootBank) }

    /// A new bank below `parent`, whose records the parent pays for. Refused, with nothing changed, when the parent is
    /// full, has a bank of that name, or is too deep. Without a name it gets one that no other below the parent has.
    package func makeBank(below parent: CellID, name: String?, limitPages: UInt64?, flags: UInt32) throws -> CellID {
        let depth = try depth(ofNew: name ?? "", below: parent, in: .banks)
        let bank = try objects.buyCell(.bank, bank: parent)
        let name = try name ?? freeName("b", for: bank, below: parent, in: .banks)
        let record = try objects.mutableCell(bank)
        record.store(limitPages ?? .max, BankRecord.limitPages)
        record.store(.max, BankRecord.limitCells)
        try enter(bank, named: name, flags: flags, depth: depth, below: parent, in: .banks)
        return bank
    }

    /// Why the bank does not sell one more page now; nil where it does.
    package func pageRefusal(bank: CellID) throws -> BankRefusal? {
        do {
            try objects.checkRoom(bank, pages: 1)
            return nil
        } catch ObjectsError.bankExhausted(let refusal) {
            return refusal
        }
    }

    /// Removes a bank that was made for one process and has neither a bank below it nor a cell (a process, a meter, a module) left but
    /// nodes and forwarders, which go with it, as its pages do; then those above it of which the same is true. Where `keepsBought`,
    /// one of which something was bought stays, as a bank that an administrator made.
    func removeIfLeft(bank: CellID, keepsBought: Bool = false) throws {
        var each = bank
        if try isGoing(bank: each) { return }
        while !each.isNone {
            let record = try objects.cell(each)
            let (bought, pages) = (record.load(BankRecord.boughtCells), record.load(BankRecord.ownPages))
            guard record.load(BankRecord.flags) & BankRecord.madeForOneProcess != 0,
                record.load(BankRecord.firstChild) == 0, record.load(BankRecord.ownCells) == UInt64(bought)
            else { return }
            if keepsBought, bought > 0 || pages > 0 { return try keep(each) }
            // By and by, where it may be much; who is above it follows.
            if bought > 0 || pages > Self.removedPagesBound { return try cutOff(bank: each) }
            let parent = CellID(rawValue: record.load(BankRecord.parent))
            try removeEmptyBank(each)
            each = parent
        }
    }

    /// A bank that was made for one process is one as any other.
    private func keep(_ bank: CellID) throws {
        let flags = try objects.get(bank, BankRecord.flags)
        try objects.set(bank, BankRecord.flags, flags & ~BankRecord.madeForOneProcess)
        bankRoster = nil
    }

    /// Pages of a bank that are given back at once.
    private static var removedPagesBound: UInt64 { 256 }

    /// Removes a bank that has no children and no objects left but empty pots.
    func removeEmptyBank(_ bank: CellID) throws {
        let cells = try objects.get(bank, BankRecord.usedCells)
        precondition(cells == 0, "a bank that is removed has no cells, of its own or below")
        if try objects.get(bank, BankRecord.reservePages) != 0 { try objects.reserve(0, for: bank) }
        for strip in try strips(ofBank: bank) { try objects.sellStrip(strip) }
        bankRoster?.remove(bank)
        let record = try objects.cell(bank)
        precondition(record.load(BankRecord.usedPages) == 0, "BANK-1")
        try leave(bank, in: .banks)
        try objects.sellCell(bank)
    }

    /// The strips on a bank's list.
    package func strips(ofBank bank: CellID) throws -> [StripID] {
        var strips: [StripID] = []
        var next = StripID(stored: try objects.get(bank, BankRecord.firstStrip))
        while let strip = next {
            strips.append(strip)
            next = StripID(stored: try objects.record(of: strip).load(StripRecord.next))
        }
        return strips
    }
}
