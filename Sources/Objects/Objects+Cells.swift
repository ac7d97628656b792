// Cells in pots. A pot is bought as a page by the bank that its cells belong to; pots with room are on a list of that
// bank and class. Freeing a cell raises its generation, so keys to it read as void for ever. A pot without cells is sold: a
// page id is never used twice, so a key into it is void too.
//
// POT-1  A pot is on its bank's list of its class exactly while it has an unused slot.
// POT-2  An unused slot is all zeros but for its generation.
// POT-6  A pot has a cell, or a slot that is retired, but for those of banks that were destroyed.

import Glibc
import Store

extension Objects {
    /// A new cell of the bank, all zeros but for its header. Refused when the bank, or one above it, is full.
    package func buyCell(_ kind: CellKind, bank: CellID) throws(ObjectsError) -> CellID {
        let list = BankRecord.pot(kind.cellClass)
        let withRoom = try get(bank, list)
        try checkRoom(bank, pages: withRoom == 0 ? 1 : 0, cells: 1)
        let pot = withRoom == 0 ? try buyPot(kind.cellClass, bank: bank) : PageID(rawValue: withRoom)
        let page = try writePot(pot)
        let used = page.load(Pot.used)
        let slot = (~used).trailingZeroBitCount
        precondition(slot < kind.cellClass.perPot, "POT-1: a listed pot has room")
        page.store(used | 1 << UInt64(slot), Pot.used)
        (page + Pot.headerBytes + slot * kind.cellClass.bytes).store(kind.rawValue, CellHeader.kind)
        if (used | 1 << UInt64(slot)).nonzeroBitCount == kind.cellClass.perPot { try unlist(pot, from: bank, list) }
        try charge(bank, cells: 1)
        if kind.isBought { try countBought(1, of: bank) }
        return CellID(pot: pot, slot: slot)
    }

    /// Frees a cell: zeros, its generation raised. A slot whose generations are used up is never used again.
    package func sellCell(_ id: CellID) throws(ObjectsError) {
        let bank = try freeCell(id)
        try credit(bank, cells: 1)
    }

    /// Frees a cell whose bank counts it no more. Returns the bank.
    @discardableResult
    package func freeCell(_ id: CellID) throws(ObjectsError) -> CellID {
        let page = try writePot(id.pot)
        guard let cellClass = CellClass(rawValue: page.load(Pot.cellClass)) else {
            preconditionFailure("\(id) lies in a page that is no pot")
        }
        let bank = CellID(rawValue: page.load(Pot.bank))
        let cell = page + Pot.headerBytes + id.slot * cellClass.bytes
        precondition(cell.load(CellHeader.kind) != 0, "a cell is sold once")
        let generation = cell.load(CellHeader.generation)
        if CellKind(rawValue: cell.load(CellHeader.kind))?.isBought == true { try countBought(-1, of: bank) }
        memset(cell, 0, cellClass.bytes)
        if generation == .max - 1 {
            cell.store(.max, CellHeader.generation)
            return bank
        }
        cell.store(generation + 1, CellHeader.generation)
        let used = page.load(Pot.used)
        let left = used & ~(1 << UInt64(id.slot))
        page.store(left, Pot.used)
        if used.nonzeroBitCount == cellClass.perPot { try list(id.pot, on: bank, BankRecord.pot(cellClass)) }
        // A destroyed bank's pots go with its strips.
        if left == 0, try !isCutOff(bank) {
            try unlist(id.pot, from: bank, BankRecord.pot(cellClass))
            try sellPage(id.pot)
        }
        return bank
    }

    /// Changes how many of a bank's own cells programs keep keys in.
    package func countBought(_ change: Int32, of bank: CellID) throws(ObjectsError) {
        let record = try mutableCell(bank)
        record.store(record.load(BankRecord.boughtCells) &+ UInt32(bitPattern: change), BankRecord.boughtCells)
    }

    /// Pages of new pots that so many more cells of a class take. O(cells / cells in a pot).
    package func potPages(forCells count: Int, _ cellClass: CellClass, bank: CellID) throws(ObjectsError) -> UInt64 {
        var missing = count
        var pot = try get(bank, BankRecord.pot(cellClass))
        while pot != 0, missing > 0 {
            let page = try read(PageID(rawValue: pot))
            missing -= cellClass.perPot - page.load(Pot.used).nonzeroBitCount
            pot = page.load(Pot.next)
        }
        return missing > 0 ? UInt64((missing + cellClass.perPot - 1) / cellClass.perPot) : 0
    }

    /// What a cell is; nil where it was freed, though its pot may be gone too.
    package func kind(of id: CellID) throws(ObjectsError) -> CellKind? {
        guard try isAllocated(id.pot) else { return nil }
        return CellKind(rawValue: try get(id, CellHeader.kind))
    }

    /// The bank that pays for a cell: its pot's.
    package func payer(of cell: CellID) throws(ObjectsError) -> CellID {
        CellID(rawValue: try read(cell.pot).load(Pot.bank))
    }

    /// Whether a single page is a pot.
    package func isPot(_ page: PageID) throws(ObjectsError) -> Bool {
        try read(page).load(ByteField(0, Pot.magic.count)) == Pot.magic
    }

    /// The cells in use of a pot, without retired slots; none where the page is no pot.
    package func cells(inPot pot: PageID) throws(ObjectsError) -> [CellID] {
        guard try isPot(pot) else { return [] }
        var found: [CellID] = []
        var used = try read(pot).load(Pot.used)
        while used != 0 {
            let id = CellID(pot: pot, slot: used.trailingZeroBitCount)
            used &= used - 1
            if try get(id, CellHeader.kind) != 0 { found.append(id) }
        }
        return found
    }

    /// Gives a pot to another bank, whose strip it lies in by now. Who is charged for its cells is the caller's affair.
    package func movePot(_ pot: PageID, to bank: CellID) throws(ObjectsError) {
        let page = try writePot(pot)
        guard let cellClass = CellClass(rawValue: page.load(Pot.cellClass)) else {
            throw .damaged(invariant: "POT-3", object: "page \(pot.number)", text: "it is no pot")
        }
        let list = BankRecord.pot(cellClass)
        let hasRoom = page.load(Pot.used).nonzeroBitCount < cellClass.perPot
        if hasRoom { try unlist(pot, from: CellID(rawValue: page.load(Pot.bank)), list) }
        try writePot(pot).store(bank.rawValue, Pot.bank)
        if hasRoom { try self.list(pot, on: bank, list) }
    }

    private func buyPot(_ cellClass: CellClass, bank: CellID) throws(ObjectsError) -> PageID {
        let pot = try buyPotPage(bank: bank)
        let page = try writePot(pot)
        page.copyMemory(from: Pot.magic, byteCount: Pot.magic.count)
        page.store(cellClass.rawValue, Pot.cellClass)
        page.store(bank.rawValue, Pot.bank)
        try list(pot, on: bank, BankRecord.pot(cellClass))
        return pot
    }

    private func list(_ pot: PageID, on bank: CellID, _ field: Field<UInt64>) throws(ObjectsError) {
        let head = try get(bank, field)
        let page = try writePot(pot)
        page.store(head, Pot.next)
        page.store(0, Pot.previous)
        if head != 0 { try writePot(PageID(rawValue: head)).store(pot.rawValue, Pot.previous) }
        try set(bank, field, pot.rawValue)
    }

    private func unlist(_ pot: PageID, from bank: CellID, _ field: Field<UInt64>) throws(ObjectsError) {
        let page = try writePot(pot)
        let next = page.load(Pot.next)
        let previous = page.load(Pot.previous)
        page.store(0, Pot.next)
        page.store(0, Pot.previous)
        if next != 0 { try writePot(PageID(rawValue: next)).store(previous, Pot.previous) }
        if previous != 0 {
            try writePot(PageID(rawValue: previous)).store(next, Pot.next)
        } else {
            try set(bank, field, next)
        }
    }
}
