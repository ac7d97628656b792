// What banks are charged. A purchase is checked against the whole chain before any counter moves (BANK-1), so a
// refusal leaves all as it was; a sale cannot fail.
//
// BANK-1  used = own + the children's used, in pages and in cells, for every bank.
// BANK-2  A purchase never takes a bank above its limit.

extension Objects {
    /// Checks that the bank and all above it have room for pages and cells, and the root for the kernel's own pages
    /// that the purchase takes besides. Throws `bankExhausted` with the first bank, from below, that has not.
    package func checkRoom(
        _ bank: CellID, pages: UInt64 = 0, cells: UInt64 = 0, kernelPages: UInt64 = 0
    ) throws(ObjectsError) {
        var each = bank
        while !each.isNone {
            let record = try cell(each)
            let limit = record.load(BankRecord.limitPages)
            let used = record.load(BankRecord.usedPages)
            let parent = CellID(rawValue: record.load(BankRecord.parent))
            let asked = parent.isNone ? pages + kernelPages : pages
            if asked > 0 && (used > limit || limit - used < asked) {
                throw .bankExhausted(bank: each, limitPages: limit, usedPages: used)
            }
            let limitCells = record.load(BankRecord.limitCells)
            let usedCells = record.load(BankRecord.usedCells)
            if cells > 0 && (usedCells > limitCells || limitCells - usedCells < cells) {
                throw .bankExhausted(bank: each, limitPages: limit, usedPages: used)
            }
            each = parent
        }
    }

    /// Pages that the bank and all above it still have; nil where no limit stands in the way.
    package func availablePages(_ bank: CellID) throws(ObjectsError) -> UInt64? {
        var least: UInt64?
        var each = bank
        while !each.isNone {
            let record = try cell(each)
            let limit = record.load(BankRecord.limitPages)
            if limit != .max {
                let used = record.load(BankRecord.usedPages)
                least = min(least ?? .max, limit > used ? limit - used : 0)
            }
            each = CellID(rawValue: record.load(BankRecord.parent))
        }
        return least
    }

    /// Charges the bank and all above it, or refuses and changes nothing.
    func charge(_ bank: CellID, pages: UInt64 = 0, cells: UInt64 = 0) throws(ObjectsError) {
        try checkRoom(bank, pages: pages, cells: cells)
        try add(bank, pages: Int64(pages), cells: Int64(cells))
    }

    func credit(_ bank: CellID, pages: UInt64 = 0, cells: UInt64 = 0) throws(ObjectsError) {
        try add(bank, pages: -Int64(pages), cells: -Int64(cells))
    }

    private func add(_ bank: CellID, pages: Int64, cells: Int64) throws(ObjectsError) {
        var each = bank
        while !each.isNone {
            let record = try mutableCell(each)
            if each == bank {
                record.store(record.load(BankRecord.ownPages) &+ UInt64(bitPattern: pages), BankRecord.ownPages)
                record.store(record.load(BankRecord.ownCells) &+ UInt64(bitPattern: cells), BankRecord.ownCells)
            }
            record.store(record.load(BankRecord.usedPages) &+ UInt64(bitPattern: pages), BankRecord.usedPages)
            record.store(record.load(BankRecord.usedCells) &+ UInt64(bitPattern: cells), BankRecord.usedCells)
            each = CellID(rawValue: record.load(BankRecord.parent))
        }
    }
}

extension Objects {
    /// Charges the root bank for a page of the kernel's own.
    package func chargeKernelPage() throws(ObjectsError) {
        try charge(CellID(rawValue: try world(WorldPage.rootBank)), pages: 1)
    }
}
