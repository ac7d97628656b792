// What banks are charged. A purchase is checked against the whole chain before any counter moves (BANK-1), so a
// refusal leaves all as it was; a sale cannot fail. What a bank has reserved its parent is charged for at once, so that
// purchases within the reserve go no further up.
//
// BANK-1  used = own + for each child the greater of its use and its reserve, in pages; in cells own + the children's use.
// BANK-2  A purchase never takes a bank above its limit.

extension Objects {
    /// Checks that the bank and all above it have room for pages and cells, and the root for the kernel's own pages
    /// that the purchase takes besides, unless all of it is within what is reserved. Throws `bankExhausted` with the first
    /// bank, from below, that has not.
    package func checkRoom(
        _ bank: CellID, pages: UInt64 = 0, cells: UInt64 = 0, kernelPages: UInt64 = 0
    ) throws(ObjectsError) {
        var each = bank
        var asked = pages
        while !each.isNone {
            let record = try cell(each)
            let limit = record.load(BankRecord.limitPages)
            let used = record.load(BankRecord.usedPages)
            let parent = CellID(rawValue: record.load(BankRecord.parent))
            let here = parent.isNone && asked > 0 ? asked + kernelPages : asked
            if here > 0 && (used > limit || limit - used < here) {
                throw .bankExhausted(BankRefusal(bank: each, unit: .pages, limit: limit, used: used, asked: here))
            }
            let limitCells = record.load(BankRecord.limitCells)
            let usedCells = record.load(BankRecord.usedCells)
            if cells > 0 && (usedCells > limitCells || limitCells - usedCells < cells) {
                throw .bankExhausted(
                    BankRefusal(bank: each, unit: .cells, limit: limitCells, used: usedCells, asked: cells))
            }
            asked -= min(asked, unusedReserve(record))
            each = parent
        }
        try checkPolicy(bank, pages: pages, cells: cells)
    }

    /// Pages that the bank and all above it still have; nil where no limit stands in the way.
    package func availablePages(_ bank: CellID) throws(ObjectsError) -> UInt64? {
        var least = try bankPolicy?(chain(from: bank)).pages
        // What those below have reserved and not used, which is charged already.
        var reserved: UInt64 = 0
        var each = bank
        while !each.isNone {
            let record = try cell(each)
            let limit = record.load(BankRecord.limitPages)
            if limit != .max {
                let used = record.load(BankRecord.usedPages)
                let (here, isHuge) = (limit > used ? limit - used : 0).addingReportingOverflow(reserved)
                if !isHuge { least = min(least ?? .max, here) }
            }
            reserved = reserved.addingReportingOverflow(unusedReserve(record)).partialValue
            each = CellID(rawValue: record.load(BankRecord.parent))
        }
        return least
    }

    /// Cells that the bank and all above it still have; nil where no limit stands in the way.
    package func availableCells(_ bank: CellID) throws(ObjectsError) -> UInt64? {
        var least = try bankPolicy?(chain(from: bank)).cells
        var each = bank
        while !each.isNone {
            let record = try cell(each)
            let limit = record.load(BankRecord.limitCells)
            if limit != .max {
                let used = record.load(BankRecord.usedCells)
                least = min(least ?? .max, limit > used ? limit - used : 0)
            }
            each = CellID(rawValue: record.load(BankRecord.parent))
        }
        return least
    }

    /// The banks of which one has to sell a page before `bank` has one, where the limits of its path refuse it: the first that
    /// refuses, and those below it whose reserve it would be. Empty where no limit refuses.
    package func refusingBanks(_ bank: CellID) throws(ObjectsError) -> [CellID] {
        var found: [CellID] = []
        var reserved: UInt64 = 0
        var each = bank
        while !each.isNone {
            let record = try cell(each)
            let limit = record.load(BankRecord.limitPages)
            if limit <= record.load(BankRecord.usedPages), reserved == 0 { return found + [each] }
            if record.load(BankRecord.reservePages) != 0 { found.append(each) }
            reserved = reserved.addingReportingOverflow(unusedReserve(record)).partialValue
            each = CellID(rawValue: record.load(BankRecord.parent))
        }
        return []
    }

    /// Pages that are reserved for a bank and that it does not use.
    package func unusedReserve(_ bank: CellID) throws(ObjectsError) -> UInt64 { unusedReserve(try cell(bank)) }

    private func unusedReserve(_ bank: UnsafeRawPointer) -> UInt64 {
        let reserve = bank.load(BankRecord.reservePages)
        let used = bank.load(BankRecord.usedPages)
        return reserve > used ? reserve - used : 0
    }

    /// Charges the bank and all above it, or refuses and changes nothing.
    func charge(_ bank: CellID, pages: UInt64 = 0, cells: UInt64 = 0) throws(ObjectsError) {
        try checkRoom(bank, pages: pages, cells: cells)
        try addOwn(bank, pages: Int64(pages), cells: Int64(cells))
    }

    func credit(_ bank: CellID, pages: UInt64 = 0, cells: UInt64 = 0) throws(ObjectsError) {
        try addOwn(bank, pages: -Int64(pages), cells: -Int64(cells))
        // Whoever froze for want of space may go on when this turn is over.
        if pages > 0, try world(WorldPage.frozenSpaceFirst) != 0 { try setWorld(WorldPage.hasSold, 1) }
    }

    /// Moves a bank's own counts, and the use of those above it, by what was checked or needs no check: negative numbers
    /// wrap around. Nobody is woken.
    package func shiftOwn(_ bank: CellID, pages: UInt64 = 0, cells: UInt64 = 0) throws(ObjectsError) {
        try addOwn(bank, pages: Int64(bitPattern: pages), cells: Int64(bitPattern: cells))
    }

    /// Takes a destroyed bank's use and reserve off those above it: from now on it counts up to itself and no further.
    package func cutOff(_ bank: CellID) throws(ObjectsError) {
        let record = try cell(bank)
        let parent = CellID(rawValue: record.load(BankRecord.parent))
        let pages = max(record.load(BankRecord.usedPages), record.load(BankRecord.reservePages))
        let cells = record.load(BankRecord.usedCells)
        try addUsed(parent, pages: Int64(bitPattern: 0 &- pages), cells: Int64(bitPattern: 0 &- cells))
        try set(bank, BankRecord.reservePages, 0)
        try setLink(bank, BankRecord.parent, .none)
        if pages > 0, try world(WorldPage.frozenSpaceFirst) != 0 { try setWorld(WorldPage.hasSold, 1) }
    }

    /// Whether the bank is a destroyed one, or stands below one: no root is above it.
    package func isCutOff(_ bank: CellID) throws(ObjectsError) -> Bool {
        let root = CellID(rawValue: try world(WorldPage.rootBank))
        var each = bank
        while !each.isNone && each != root { each = try link(each, BankRecord.parent) }
        return each.isNone
    }

    private func addOwn(_ bank: CellID, pages: Int64, cells: Int64) throws(ObjectsError) {
        let record = try mutableCell(bank)
        record.store(record.load(BankRecord.ownPages) &+ UInt64(bitPattern: pages), BankRecord.ownPages)
        record.store(record.load(BankRecord.ownCells) &+ UInt64(bitPattern: cells), BankRecord.ownCells)
        try addUsed(bank, pages: pages, cells: cells)
    }

    /// Changes the use of a bank, and of those above it by what its reserve does not hold.
    private func addUsed(_ bank: CellID, pages: Int64, cells: Int64) throws(ObjectsError) {
        var each = bank
        var pages = pages
        while !each.isNone && (pages != 0 || cells != 0) {
            let record = try mutableCell(each)
            let before = record.load(BankRecord.usedPages)
            let after = before &+ UInt64(bitPattern: pages)
            let reserve = record.load(BankRecord.reservePages)
            record.store(after, BankRecord.usedPages)
            record.store(record.load(BankRecord.usedCells) &+ UInt64(bitPattern: cells), BankRecord.usedCells)
            if pages < 0 { soldBanks?.insert(each) }
            pages = Int64(bitPattern: max(after, reserve) &- max(before, reserve))
            each = CellID(rawValue: record.load(BankRecord.parent))
        }
    }

    /// Sets what is reserved for a bank: its parent is charged for it at once. Throws `bankExhausted` where those above have
    /// no room for it.
    package func reserve(_ pages: UInt64, for bank: CellID) throws(ObjectsError) {
        let record = try cell(bank)
        let used = record.load(BankRecord.usedPages)
        let before = max(used, record.load(BankRecord.reservePages))
        let after = max(used, pages)
        let parent = CellID(rawValue: record.load(BankRecord.parent))
        if after > before { try checkRoom(parent, pages: after - before) }
        try set(bank, BankRecord.reservePages, pages)
        try addUsed(parent, pages: Int64(bitPattern: after &- before), cells: 0)
    }
}

extension Objects {
    /// Charges the root bank for pages of the kernel's own, for which there is room, or which a reserve covers.
    func chargeKernelPages(_ pages: UInt64) throws(ObjectsError) {
        guard pages > 0 else { return }
        try addOwn(CellID(rawValue: try world(WorldPage.rootBank)), pages: Int64(pages), cells: 0)
    }

    /// Charges the root bank for pages of the kernel's own that a purchase from `bank` takes. Throws `bankExhausted` where
    /// the root has no room, unless something is reserved for the bank.
    func chargeKernelPages(_ pages: UInt64, for bank: CellID) throws(ObjectsError) {
        guard pages > 0 else { return }
        var each = bank
        while !each.isNone {
            let record = try cell(each)
            if unusedReserve(record) > 0 { return try chargeKernelPages(pages) }
            each = CellID(rawValue: record.load(BankRecord.parent))
        }
        try charge(CellID(rawValue: try world(WorldPage.rootBank)), pages: pages)
    }
}
