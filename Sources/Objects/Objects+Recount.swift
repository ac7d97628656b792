// The self-check of what the records say: strips, pots and banks counted again from the bitmaps that they stand for.
// O(pages ever bought). Written apart from the check of a whole world, so that each is the other's test.

import Glibc
import Store

extension Objects {
    /// What a bank has, counted.
    private struct Tally {
        var pages: UInt64 = 0
        var cells: UInt64 = 0
        var bought: UInt32 = 0
        var strips: Set<StripID> = []
        var pots: [CellClass: Set<PageID>] = [:]
    }

    /// Checks STRIP-1, STRIP-2, TABLE-1, POT-1, POT-2, POT-6 and BANK-1 by counting everything anew. Nothing is changed, but pages
    /// come in.
    ///
    /// Throws `damaged` with the first invariant that does not hold.
    package func checkRecords() throws(ObjectsError) {
        var tallies: [CellID: Tally] = [:]
        var banks: [CellID] = []
        let root = CellID(rawValue: try world(WorldPage.rootBank))
        tallies[root, default: Tally()].pages += try countKernelPages()
        for table in KernelTable.all { try checkPages(of: table) }
        for strip in try strips() {
            let bank = CellID(rawValue: try record(of: strip).load(StripRecord.bank))
            try count(strip, into: &tallies[bank, default: Tally()], banks: &banks)
        }
        try require(tallies[.none]?.pages ?? 0 == 0, "STRIP-1", "strips", "pages are allocated that no bank has")
        tallies[.none] = nil
        for bank in tallies.keys {
            try require(banks.contains(bank), "STRIP-1", "\(bank)", "strips name a bank that is not there")
        }
        for bank in banks { try check(bank, tallies[bank] ?? Tally()) }
        try checkUse(of: banks, tallies)
    }

    /// TABLE-1.
    private func checkPages(of table: KernelTable) throws(ObjectsError) {
        let next = try world(table.next)
        let pages = try pages(of: table)
        try require(
            try UInt64(pages.count) == world(table.pages), "TABLE-1", "world page", "it counts other pages of a table")
        for page in pages {
            let isUsed = try memcmp(read(PageID(number: table.first + page)), zeros, 4096) != 0
            try require(
                page == next / table.perPage || (isUsed && page < next / table.perPage), "TABLE-1",
                "page \(table.first + page)", "nothing of it is in use, or it is used before it was begun")
        }
    }

    private func count(_ strip: StripID, into tally: inout Tally, banks: inout [CellID]) throws(ObjectsError) {
        let bank = try record(of: strip).load(StripRecord.bank)
        if bank != 0 { tally.strips.insert(strip) }
        for index in 0..<256 {
            let record = try record(of: strip)
            let isAllocated = record.bit(index, of: StripRecord.allocated)
            let isWritten = record.bit(index, of: StripRecord.written)
            try require(isAllocated || !isWritten, "STRIP-2", "page \(strip.page(index).number)", "written, not bought")
            guard isAllocated else { continue }
            tally.pages += 1
            guard isWritten, record.load(StripRecord.use) == StripUse.pots.rawValue else { continue }
            let page = try read(strip.page(index))
            guard page.load(ByteField(0, 3)) == Pot.magic, let cellClass = CellClass(rawValue: page.load(Pot.cellClass))
            else { continue }
            try require(page.load(Pot.bank) == bank, "POT-4", "pot \(strip.page(index).number)", "its bank is another")
            try count(strip.page(index), cellClass, into: &tally, banks: &banks)
        }
    }

    private func count(
        _ pot: PageID, _ cellClass: CellClass, into tally: inout Tally, banks: inout [CellID]
    ) throws(ObjectsError) {
        let used = try read(pot).load(Pot.used)
        if used.nonzeroBitCount < cellClass.perPot { tally.pots[cellClass, default: []].insert(pot) }
        for slot in 0..<cellClass.perPot {
            let id = CellID(pot: pot, slot: slot)
            let cell = try cell(id)
            let isZero = UnsafeRawBufferPointer(start: cell + 4, count: cellClass.bytes - 4).allSatisfy { $0 == 0 }
            if used >> UInt64(slot) & 1 == 0 {
                try require(isZero, "POT-2", "\(id)", "an unused slot is not zero")
                continue
            }
            let kind = cell.load(CellHeader.kind)
            if kind == 0 {
                let isRetired = isZero && cell.load(CellHeader.generation) == .max
                try require(isRetired, "POT-2", "\(id)", "a slot is used by nothing")
                continue
            }
            tally.cells += 1
            if kind == CellKind.bank.rawValue { banks.append(id) }
            if CellKind(rawValue: kind)?.isBought == true { tally.bought += 1 }
        }
    }

    private func check(_ bank: CellID, _ tally: Tally) throws(ObjectsError) {
        let record = try cell(bank)
        let ownPages = record.load(BankRecord.ownPages)
        let ownCells = record.load(BankRecord.ownCells)
        try require(ownPages == tally.pages, "BANK-1", "\(bank)", "\(ownPages) own pages, \(tally.pages) are there")
        try require(ownCells == tally.cells, "BANK-1", "\(bank)", "\(ownCells) own cells, \(tally.cells) are there")
        let bought = record.load(BankRecord.boughtCells)
        try require(bought == tally.bought, "BANK-1", "\(bank)", "\(bought) bought, \(tally.bought) are there")
        var listed: Set<StripID> = []
        var previous: UInt64 = 0
        var next = StripID(stored: record.load(BankRecord.firstStrip))
        while let strip = next, listed.insert(strip).inserted {
            let each = try self.record(of: strip)
            try require(
                each.load(StripRecord.previous) == previous, "STRIP-1", "strip \(strip.index)", "its link back is wrong"
            )
            previous = strip.stored
            next = StripID(stored: each.load(StripRecord.next))
        }
        try require(listed == tally.strips, "STRIP-1", "\(bank)", "its list of strips is not what names it")
        if try isCutOff(bank) { return }
        for cellClass in CellClass.allCases {
            var pots: Set<PageID> = []
            var before: UInt64 = 0
            var pot = try get(bank, BankRecord.pot(cellClass))
            while pot != 0, pots.insert(PageID(rawValue: pot)).inserted {
                let page = try read(PageID(rawValue: pot))
                try require(page.load(Pot.previous) == before, "POT-1", "pot \(pot)", "its link back is wrong")
                before = pot
                try require(page.load(Pot.used) != 0, "POT-6", "pot \(pot)", "it has no cell")
                pot = page.load(Pot.next)
            }
            try require(
                pots == tally.pots[cellClass] ?? [], "POT-1", "\(bank)", "its list of \(cellClass) pots is not right")
        }
    }

    /// BANK-1 up the tree: each bank's use is what it has itself, and the use or reserve of each below it.
    private func checkUse(of banks: [CellID], _ tallies: [CellID: Tally]) throws(ObjectsError) {
        var use: [CellID: (pages: UInt64, cells: UInt64)] = [:]
        var depths: [(bank: CellID, depth: Int)] = []
        for bank in banks {
            let tally = tallies[bank] ?? Tally()
            use[bank] = (tally.pages, tally.cells)
            var depth = 0
            var each = bank
            while !each.isNone && depth <= banks.count {
                each = try link(each, BankRecord.parent)
                depth += 1
            }
            depths.append((bank, depth))
        }
        // The deepest first, so that what is below a bank is counted before it.
        for (bank, _) in depths.sorted(by: { $0.depth > $1.depth }) {
            let (pages, cells) = use[bank] ?? (0, 0)
            let parent = try link(bank, BankRecord.parent)
            guard !parent.isNone else { continue }
            use[parent, default: (0, 0)].pages += max(pages, try get(bank, BankRecord.reservePages))
            use[parent, default: (0, 0)].cells += cells
        }
        for bank in banks {
            let record = try cell(bank)
            let isRight =
                record.load(BankRecord.usedPages) == use[bank]?.pages
                && record.load(BankRecord.usedCells) == use[bank]?.cells
            try require(isRight, "BANK-1", "\(bank)", "its use is not the sum of what is there, \(use[bank] ?? (0, 0))")
        }
    }
}
