// Owns the layout of a segment and the checks of reading a page in (specs/store.md, Segment, Finding a page).
//
// A `Segment` is a view of a value whose length, place and alignment are checked, so that following it cannot leave the
// file (STORE-14). Its memory is the map's: valid while the read transaction that found it, or a later one in which the
// segment still exists.

/// The part of the address space where the file is.
struct MapBounds: Sendable {
    let start: UInt
    var bytes: UInt64

    /// Finds where LMDB mapped the file: the page that holds a value begins with its own number.
    init(holding value: UnsafeRawBufferPointer, bytes: UInt64, path: String) throws(StoreError) {
        let page = UInt(bitPattern: value.baseAddress) & ~UInt(Bounds.pageBytes - 1)
        guard let start = UnsafeRawPointer(bitPattern: page) else {
            throw .damaged(path: path, Damage(.head, .presence, expected: 1, found: 0))
        }
        let number = start.load(as: UInt64.self)
        guard number >= 2, number < bytes / UInt64(Bounds.pageBytes), number <= page / UInt(Bounds.pageBytes) else {
            throw .damaged(
                path: path,
                Damage(.head, .bound, expected: bytes / UInt64(Bounds.pageBytes) - 1, found: number))
        }
        self.start = page - UInt(number) * UInt(Bounds.pageBytes)
        self.bytes = bytes
    }

    /// The offset in the file of an address, when `count` bytes from there lie inside.
    func offset(of address: UInt, count: Int) -> UInt64? {
        guard address >= start else { return nil }
        let offset = UInt64(address - start)
        guard offset <= bytes, UInt64(count) <= bytes - offset else { return nil }
        return offset
    }
}

struct Segment {
    let number: SegmentNumber
    let start: UnsafeRawPointer
    let slots: Int

    static func valueBytes(slots: Int) -> Int {
        Bounds.directoryBytes + slots * Bounds.pageBytes
    }

    init(_ number: SegmentNumber, value: UnsafeRawBufferPointer, map: MapBounds, path: String, page: PageID? = nil)
        throws(StoreError)
    {
        func damage(_ fact: Damage.Fact, _ expected: Int, _ found: Int) -> StoreError {
            let place = Damage.Place.segment(number, slot: nil, offset: nil)
            return .damaged(
                path: path, Damage(place, page: page, fact, expected: UInt64(expected), found: UInt64(found)))
        }
        let slots = (value.count - Bounds.directoryBytes) / Bounds.pageBytes
        guard value.count <= Segment.valueBytes(slots: Bounds.segmentSlots), slots >= 1,
            value.count == Segment.valueBytes(slots: slots), let start = value.baseAddress
        else { throw damage(.length, Segment.valueBytes(slots: max(1, min(slots, 255))), value.count) }
        let address = UInt(bitPattern: start)
        guard address % UInt(Bounds.pageBytes) == 16 else {
            throw damage(.alignment, 16, Int(address % UInt(Bounds.pageBytes)))
        }
        guard map.offset(of: address, count: value.count) != nil else {
            throw damage(.bound, Int(clamping: map.bytes), value.count)
        }
        self.number = number
        self.start = start
        self.slots = slots
    }

    @inline(__always)
    func directory(_ slot: Int) -> (id: PageID, checksum: UInt64) {
        let entry = start + 16 * slot
        return (PageID(rawValue: entry.loadUnaligned(as: UInt64.self)), (entry + 8).loadUnaligned(as: UInt64.self))
    }

    @inline(__always)
    func content(_ slot: Int) -> UnsafeRawPointer {
        start + Bounds.directoryBytes + slot * Bounds.pageBytes
    }

    /// Compares slot, directory and content with the index (STORE-4); the first that differs, or nil.
    @inline(__always)
    func difference(_ id: PageID, _ place: IndexEntry.Place, map: MapBounds) -> Damage? {
        if let damage = directoryDifference(id, place, map: map) { return damage }
        let slot = place.location.slot
        let checksum = Checksum.page(content(slot), id: id)
        guard checksum == place.checksum else {
            return damage(id, slot, .checksum, place.checksum, checksum, map)
        }
        return nil
    }

    /// Compares slot and directory with the index; the first that differs, or nil.
    @inline(__always)
    func directoryDifference(_ id: PageID, _ place: IndexEntry.Place, map: MapBounds) -> Damage? {
        let slot = place.location.slot
        guard slot < slots else {
            return damage(id, nil, .bound, UInt64(slots), UInt64(slot), map)
        }
        let entry = directory(slot)
        guard entry.id == id else {
            return damage(id, slot, .directoryPage, id.rawValue, entry.id.rawValue, map)
        }
        guard entry.checksum == place.checksum else {
            return damage(id, slot, .directoryChecksum, place.checksum, entry.checksum, map)
        }
        return nil
    }

    private func damage(
        _ id: PageID, _ slot: Int?, _ fact: Damage.Fact, _ expected: UInt64, _ found: UInt64, _ map: MapBounds
    ) -> Damage {
        let offset = slot.flatMap { map.offset(of: UInt(bitPattern: content($0)), count: Bounds.pageBytes) }
        return Damage(.segment(number, slot: slot, offset: offset), page: id, fact, expected: expected, found: found)
    }
}
