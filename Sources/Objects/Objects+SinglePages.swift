// Pages that are bought one by one, each with an id that no page ever had: a bank's pots, and what programs buy of it. They come from
// strips of their own, so that nothing that a program writes is taken for a pot.
//
// STRIP-3  The strips that a bank's next pot and its next page come from are its own, and of that use.

import Glibc
import Store

extension Objects {
    /// A page for the bank's next pot. Refused, with nothing changed, when the bank or one above it is full.
    func buyPotPage(bank: CellID) throws(ObjectsError) -> PageID { try buyPage(bank: bank, .pots) }

    /// A page for a program, which reads as zeros. Refused as `buyPotPage`.
    package func buyDataPage(bank: CellID) throws(ObjectsError) -> PageID { try buyPage(bank: bank, .data) }

    /// How many strips the bank takes for so many pages, bought one by one.
    package func newStrips(bank: CellID, pots: UInt64, dataPages: UInt64) throws(ObjectsError) -> UInt64 {
        try newStrips(pots, current: get(bank, Self.current(.pots)))
            + newStrips(dataPages, current: get(bank, Self.current(.data)))
    }

    private func newStrips(_ pages: UInt64, current: UInt64) throws(ObjectsError) -> UInt64 {
        var left: UInt64 = 0
        if let strip = StripID(stored: current) {
            left = 256 - UInt64(try record(of: strip).load(StripRecord.handedOut))
        }
        return pages > left ? (pages - left + 255) / 256 : 0
    }

    /// Where a bank's record has the strip that its next page of a use comes from.
    private static func current(_ use: StripUse) -> Field<UInt64> {
        use == .data ? BankRecord.dataStrip : BankRecord.potStrip
    }

    private func buyPage(bank: CellID, _ use: StripUse) throws(ObjectsError) -> PageID {
        let strips = try newStrips(1, current: get(bank, Self.current(use)))
        try checkRoom(bank, pages: 1, kernelPages: try stripMapGrowth(strips: strips))
        let page = try handOut(use, of: bank)
        try charge(bank, pages: 1)
        return page
    }

    /// The next page of a bank, allocated; nobody is charged for it.
    private func handOut(_ use: StripUse, of bank: CellID) throws(ObjectsError) -> PageID {
        let field = Self.current(use)
        var strip = StripID(stored: try get(bank, field))
        if let current = strip, try record(of: current).load(StripRecord.handedOut) == 256 { strip = nil }
        let current: StripID
        if let strip {
            current = strip
        } else {
            current = try buyStrip(bank: bank, use: use)
            try set(bank, field, current.stored)
        }
        let record = try mutableRecord(of: current)
        let index = record.load(StripRecord.handedOut)
        record.setBit(Int(index), of: StripRecord.allocated, true)
        record.store(index + 1, StripRecord.handedOut)
        return current.page(Int(index))
    }

    /// Sells a page: no longer allocated, its contents gone. The bank is credited. A page of a space is sold with its whole strip
    /// only, since buying it anew would give the same id.
    package func sellPage(_ page: PageID) throws(ObjectsError) {
        let bank = CellID(rawValue: try record(of: StripID(holding: page)).load(StripRecord.bank))
        try takeBack(page)
        try credit(bank, pages: 1)
    }

    /// A page is no longer allocated. Its strip goes with its last one, but for the one that the bank's next is taken from.
    private func takeBack(_ page: PageID) throws(ObjectsError) {
        let strip = StripID(holding: page)
        let record = try mutableRecord(of: strip)
        let bit = Int(page.rawValue & 0xFF)
        precondition(record.bit(bit, of: StripRecord.allocated), "a page is sold once")
        let wasWritten = record.bit(bit, of: StripRecord.written)
        record.setBit(bit, of: StripRecord.allocated, false)
        record.setBit(bit, of: StripRecord.written, false)
        let bank = CellID(rawValue: record.load(StripRecord.bank))
        let isEmpty = UnsafeRawPointer(record).countOfBits(of: StripRecord.allocated) == 0
        let isFull = record.load(StripRecord.handedOut) == 256
        let current = Self.current(record.load(StripRecord.use) == StripUse.data.rawValue ? .data : .pots)
        if wasWritten { discard(page) }
        let isCurrent = try get(bank, current) == strip.stored
        guard isEmpty, isFull || !isCurrent else { return }
        if isCurrent { try set(bank, current, 0) }
        try giveBack(strip)
    }

    /// Gives a program's page to another bank, where it has a new id; the old one is never allocated again. Throws `bankExhausted` where that
    /// bank, or one above it, has no room, and then nothing has changed. What the banks above both have is the same as before.
    package func movePage(_ old: PageID, to bank: CellID) throws(ObjectsError) -> PageID {
        let source = CellID(rawValue: try record(of: StripID(holding: old)).load(StripRecord.bank))
        if source == bank { return try renamePage(old) }
        try shiftOwn(source, pages: 0 &- 1)
        do {
            let strips = try newStrips(bank: bank, pots: 0, dataPages: 1)
            try checkRoom(bank, pages: 1, kernelPages: try stripMapGrowth(strips: strips))
        } catch {
            try shiftOwn(source, pages: 1)
            throw error
        }
        let new = try handOut(.data, of: bank)
        try shiftOwn(bank, pages: 1)
        if try wasWritten(old) { memcpy(try write(new), try read(old), 4096) }
        try takeBack(old)
        if try world(WorldPage.frozenSpaceFirst) != 0 { try setWorld(WorldPage.hasSold, 1) }
        return new
    }

    /// Gives the contents of a program's page a new id; the old one is never allocated again. The bank counts as before. Throws
    /// `bankExhausted` where a strip has to be begun and the root has no page for its record.
    package func renamePage(_ old: PageID) throws(ObjectsError) -> PageID {
        let bank = CellID(rawValue: try record(of: StripID(holding: old)).load(StripRecord.bank))
        let growth = try stripMapGrowth(strips: newStrips(bank: bank, pots: 0, dataPages: 1))
        if growth > 0 { try checkRoom(CellID(rawValue: world(WorldPage.rootBank)), pages: growth) }
        let new = try handOut(.data, of: bank)
        if try wasWritten(old) { memcpy(try write(new), try read(old), 4096) }
        try takeBack(old)
        return new
    }
}
