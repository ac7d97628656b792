// Where the pages are that were asked for last: a small table before the resident pages, so that a record's fields are found without
// looking the page up each time. Nothing of it is state: whatever moves a page or lets it go forgets it here first.
//
// OBJ-5  An entry has the address of its resident page, and says of no page that it can be written in this epoch that OBJ-1 does not hold for.

@usableFromInline struct RecentPages {
    private static let bits: UInt64 = 8

    struct Entry {
        /// Raw page id; `UInt64.max`: none.
        var id: UInt64
        var address: UnsafeMutableRawPointer
        /// The epoch in which the page is on the dirty list; 0: it is on none.
        var writableIn: UInt64
    }

    private let entries: UnsafeMutablePointer<Entry>
    private let nowhere: UnsafeMutableRawPointer
    /// The epoch that changes belong to now.
    @usableFromInline let epoch: UnsafeMutablePointer<UInt64>

    /// `nowhere` is an address that no entry gives out.
    init(epoch: UInt64, nowhere: UnsafeMutableRawPointer) {
        self.nowhere = nowhere
        entries = .allocate(capacity: 1 << Self.bits)
        entries.initialize(
            repeating: Entry(id: .max, address: nowhere, writableIn: 0), count: 1 << Self.bits)
        self.epoch = .allocate(capacity: 1)
        self.epoch.initialize(to: epoch)
    }

    func deallocate() {
        entries.deallocate()
        epoch.deallocate()
    }

    @inline(__always)
    private func entry(_ id: UInt64) -> UnsafeMutablePointer<Entry> {
        entries + Int((id &* 0x9E37_79B9_7F4A_7C15) >> (64 - Self.bits))
    }

    /// Where the page is, if it was asked for lately.
    @inline(__always)
    func address(of id: UInt64) -> UnsafeMutableRawPointer? {
        let entry = entry(id)
        return entry.pointee.id == id && id != .max ? entry.pointee.address : nil
    }

    /// The same, for a page that can be written as it is.
    @inline(__always)
    func writableAddress(of id: UInt64) -> UnsafeMutableRawPointer? {
        let entry = entry(id)
        return entry.pointee.id == id && entry.pointee.writableIn == epoch.pointee ? entry.pointee.address : nil
    }

    func note(_ resident: Resident) {
        entry(resident.id).pointee = Entry(
            id: resident.id, address: resident.address, writableIn: resident.epoch)
    }

    /// Whether the page was there.
    @discardableResult
    func forget(_ id: UInt64) -> Bool {
        let entry = entry(id)
        guard entry.pointee.id == id else { return false }
        entry.pointee = Entry(id: .max, address: nowhere, writableIn: 0)
        return true
    }

    /// All that are there.
    var all: [Entry] { (0..<1 << Int(Self.bits)).map { entries[$0] }.filter { $0.id != .max } }
}
