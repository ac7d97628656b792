// A memory's page tables as plain pointers: where bytes are, for who reads and writes a few of them. What is not mapped is nil, and somebody
// else's affair (`Machine+Paging.swift`).

import Interpreter

struct MemoryView {
    private let reads: PageEntry
    private let writes: PageEntry
    private let size: UnsafeMutablePointer<UInt64>

    init(_ space: PagedSpace) {
        reads = space.reads.entries
        writes = space.writes.entries
        size = space.size
    }

    /// How large the memory is.
    var bytes: UInt64 { size.pointee }

    /// Whether these bytes lie in the memory.
    func contains(_ address: UInt32, count: UInt32) -> Bool { UInt64(address) + UInt64(count) <= bytes }

    /// Where bytes are that lie in one page which is mapped; nil where they do not.
    func readable(_ address: UInt32, count: Int) -> UnsafeRawPointer? {
        let within = Int(address & 4095)
        guard within + count <= 4096, let page = reads[Int(address >> 12)] else { return nil }
        return UnsafeRawPointer(page) + within
    }

    /// The same, for a page that is mapped for writing, in an epoch for which such entries are good.
    func writable(_ address: UInt32, count: Int) -> UnsafeMutableRawPointer? {
        let within = Int(address & 4095)
        guard within + count <= 4096, let page = writes[Int(address >> 12)] else { return nil }
        return page + within
    }
}
