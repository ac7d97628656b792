// Strips: 256 page ids at a time, bought for a bank and kept on its list. A strip's record lies in the strip map at a
// place that follows from its number (`specs/objects.md`).
//
// STRIP-1  A strip is on the list of the bank that its record names, and on no other.
// STRIP-2  A bit of `written` implies the bit of `allocated`.

import Store

extension Objects {
    /// Where the record of a strip lies: page of the strip map, offset in it.
    package func place(of strip: StripID) -> (page: PageID, offset: Int) {
        let index = strip.index
        let branch = strip.rawValue & 0xFFFF_0000_0000_0000
        return (
            PageID(rawValue: branch | (Region.stripMap + index / StripRecord.perPage)),
            Int(index % StripRecord.perPage) * StripRecord.bytes
        )
    }

    /// The strip's record, for reading.
    package func record(of strip: StripID) throws(ObjectsError) -> UnsafeRawPointer {
        let place = place(of: strip)
        return try read(place.page) + place.offset
    }

    package func mutableRecord(of strip: StripID) throws(ObjectsError) -> UnsafeMutableRawPointer {
        let place = place(of: strip)
        return try write(place.page) + place.offset
    }

    /// Whether the page is bought and not sold. False for pages of the strip map and the process table.
    package func isAllocated(_ page: PageID) throws(ObjectsError) -> Bool {
        guard page.number < Region.stripMap else { return false }
        let strip = StripID(holding: page)
        guard try hasEntry(strip.index, of: .stripMap) else { return false }
        return try record(of: strip).bit(Int(page.rawValue & 0xFF), of: StripRecord.allocated)
    }

    /// Whether the store must have the page.
    package func wasWritten(_ page: PageID) throws(ObjectsError) -> Bool {
        let number = page.number
        if number == 0 { return true }
        if let table = KernelTable.holding(number) { return try hasKernelPage(number, of: table) }
        let strip = StripID(holding: page)
        guard try hasEntry(strip.index, of: .stripMap) else { return false }
        return try record(of: strip).bit(Int(page.rawValue & 0xFF), of: StripRecord.written)
    }

    /// Notes in the strip that the page has contents. Throws where it is a page of a table that is not there.
    func markWritten(_ page: PageID) throws(ObjectsError) {
        // The world page is written before there is a strip map.
        if page == .world { return }
        if let table = KernelTable.holding(page.number) {
            return try require(
                hasKernelPage(page.number, of: table), "TABLE-1", "page \(page.number)",
                "an entry of it is used, and it is not there")
        }
        try mutableRecord(of: StripID(holding: page)).setBit(Int(page.rawValue & 0xFF), of: StripRecord.written, true)
    }

    /// A new strip at the head of the bank's list, nothing in it allocated. Its record's page, when it is a new one, is
    /// charged to the root bank.
    func buyStrip(
        bank: CellID, use: StripUse, owner: CellID = .none, space: UInt8 = 0, spaceMiB: UInt32 = 0
    ) throws(ObjectsError) -> StripID {
        let index = try world(WorldPage.nextStrip)
        guard index < Region.strips else {
            throw .bankExhausted(
                BankRefusal(
                    bank: CellID(rawValue: try world(WorldPage.rootBank)), unit: .pages, limit: Region.strips << 8,
                    used: index << 8, asked: 1))
        }
        let strip = StripID(rawValue: index << 8)
        try chargeKernelPages(try stripMapGrowth(strips: 1))
        try beginPage(of: .stripMap)
        try setWorld(WorldPage.nextStrip, index + 1)
        let record = try mutableRecord(of: strip)
        record.store(bank.rawValue, StripRecord.bank)
        record.store(use.rawValue, StripRecord.use)
        record.store(owner.rawValue, StripRecord.owner)
        record.store(space, StripRecord.space)
        record.store(spaceMiB, StripRecord.spaceMiB)
        try listStrip(strip, on: bank)
        return strip
    }

    /// Pages that the strip map and its directory grow by when this many strips are bought next.
    package func stripMapGrowth(strips: UInt64) throws(ObjectsError) -> UInt64 {
        try growth(of: .stripMap, entries: strips)
    }

    /// Sells what is allocated of a strip, and gives the strip back: off its bank's list, its record all zeros. Its ids stay
    /// used.
    package func sellStrip(_ strip: StripID) throws(ObjectsError) {
        let record = try record(of: strip)
        let pages = UInt64(record.countOfBits(of: StripRecord.allocated))
        let bank = CellID(rawValue: record.load(StripRecord.bank))
        let owner = CellID(rawValue: record.load(StripRecord.owner))
        try discardPages(of: strip)
        try credit(bank, pages: pages)
        try addCount(0 &- pages, of: owner)
        try giveBack(strip)
    }

    /// The same for a strip of a destroyed bank: its owner's record is gone already, and nobody waits for the pages.
    package func sellStripOfGoingBank(_ strip: StripID) throws(ObjectsError) {
        let record = try record(of: strip)
        let pages = UInt64(record.countOfBits(of: StripRecord.allocated))
        let bank = CellID(rawValue: record.load(StripRecord.bank))
        try discardPages(of: strip)
        try shiftOwn(bank, pages: 0 &- pages)
        try giveBack(strip)
    }

    /// The contents of a strip's written pages are gone; its record still says that they are allocated.
    private func discardPages(of strip: StripID) throws(ObjectsError) {
        for index in try record(of: strip).setBits(of: StripRecord.written) { discard(strip.page(index)) }
    }

    func giveBack(_ strip: StripID) throws(ObjectsError) {
        try unlistStrip(strip)
        try mutableRecord(of: strip).initializeMemory(as: UInt8.self, repeating: 0, count: StripRecord.bytes)
        try dropPage(ofEntry: strip.index, of: .stripMap)
    }

    /// Gives a strip with all its pages to another bank, as the strip of `owner`; who is charged for the pages is the
    /// caller's affair.
    package func moveStrip(_ strip: StripID, to bank: CellID, owner: CellID) throws(ObjectsError) {
        try unlistStrip(strip)
        let record = try mutableRecord(of: strip)
        record.store(bank.rawValue, StripRecord.bank)
        record.store(owner.rawValue, StripRecord.owner)
        try listStrip(strip, on: bank)
    }

    /// Puts a strip that is on no list at the head of its bank's.
    private func listStrip(_ strip: StripID, on bank: CellID) throws(ObjectsError) {
        let head = try get(bank, BankRecord.firstStrip)
        let record = try mutableRecord(of: strip)
        record.store(head, StripRecord.next)
        record.store(0, StripRecord.previous)
        if let second = StripID(stored: head) {
            try mutableRecord(of: second).store(strip.stored, StripRecord.previous)
        }
        try set(bank, BankRecord.firstStrip, strip.stored)
    }

    private func unlistStrip(_ strip: StripID) throws(ObjectsError) {
        let record = try record(of: strip)
        let bank = CellID(rawValue: record.load(StripRecord.bank))
        let next = record.load(StripRecord.next)
        let previous = record.load(StripRecord.previous)
        if let after = StripID(stored: next) { try mutableRecord(of: after).store(previous, StripRecord.previous) }
        if let before = StripID(stored: previous) {
            try mutableRecord(of: before).store(next, StripRecord.next)
        } else {
            try set(bank, BankRecord.firstStrip, next)
        }
    }

    /// Allocates page `index` of a strip and charges the strip's bank. Nothing changes where that refuses.
    func buy(_ index: Int, of strip: StripID) throws(ObjectsError) {
        let record = try record(of: strip)
        let owner = CellID(rawValue: record.load(StripRecord.owner))
        try charge(CellID(rawValue: record.load(StripRecord.bank)), pages: 1)
        try mutableRecord(of: strip).setBit(index, of: StripRecord.allocated, true)
        try addCount(1, of: owner)
    }
}

extension UnsafeRawPointer {
    @inlinable package func bit(_ index: Int, of field: ByteField) -> Bool {
        load(fromByteOffset: field.offset + (index >> 3), as: UInt8.self) >> UInt8(index & 7) & 1 == 1
    }

    package func firstSetBit(of field: ByteField) -> Int? {
        (0..<field.count * 8).first { bit($0, of: field) }
    }

    /// The bits that are set, in order.
    package func setBits(of field: ByteField) -> [Int] { (0..<field.count * 8).filter { bit($0, of: field) } }

    /// How many bits are set.
    package func countOfBits(of field: ByteField) -> Int {
        (0..<field.count).reduce(0) { $0 + load(fromByteOffset: field.offset + $1, as: UInt8.self).nonzeroBitCount }
    }
}

extension UnsafeMutableRawPointer {
    @inlinable package func bit(_ index: Int, of field: ByteField) -> Bool {
        UnsafeRawPointer(self).bit(index, of: field)
    }

    @inlinable package func setBit(_ index: Int, of field: ByteField, _ value: Bool) {
        let place = field.offset + (index >> 3)
        let mask = UInt8(1) << UInt8(index & 7)
        let old = load(fromByteOffset: place, as: UInt8.self)
        storeBytes(of: value ? old | mask : old & ~mask, toByteOffset: place, as: UInt8.self)
    }
}
