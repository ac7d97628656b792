// A software page table: for each page of a 33-bit space (base plus offset of an access), where its bytes lie, or null.
// Owns an anonymous mapping that the kernel fills with zeros when first touched, so that an empty table costs nothing.
//
// Invariants: PT-1 an entry at or beyond the memory's end is null (the fast path has no other bounds check); PT-2 every
// entry that is not null lies in `touched`.

import Glibc

/// A pointer to one entry, for an owner of pages that mends entries when it moves a page.
package typealias PageEntry = UnsafeMutablePointer<UnsafeMutableRawPointer?>

/// Entries by page number. Touching is lazy; clearing all costs at most about one operation per touched 4 KiB of entries.
package final class PageTable {
    /// 2^33 addresses of base plus offset in pages of 4,096 bytes, and one entry more for accesses that cross.
    package static let memoryPageCapacity = (1 << 21) + 1

    /// The entries, `capacity` of them; null where nothing is mapped.
    package let entries: PageEntry
    /// Number of entries.
    package let capacity: Int
    private var touched: Range<Int> = 0..<0

    private static let pageBytes = 4_096
    private static let entryBytes = MemoryLayout<UnsafeMutableRawPointer?>.stride
    /// From this many bytes of touched entries on, giving the pages back is cheaper than writing zeros.
    private static let unmapFromBytes = 128 << 10

    /// A table of `capacity` entries, all null. Traps when the host has no address space left.
    package init(capacity: Int) {
        self.capacity = capacity
        entries = Reservation.take(bytes: capacity * Self.entryBytes).bindMemory(
            to: UnsafeMutableRawPointer?.self, capacity: capacity)
    }

    deinit {
        Reservation.giveBack(
            entries, bytes: capacity * Self.entryBytes,
            touched: touched.lowerBound * Self.entryBytes..<touched.upperBound * Self.entryBytes)
    }

    /// The entry of `page`, to be read, written or kept; it counts as touched until everything is cleared.
    package func entry(_ page: UInt32) -> PageEntry {
        let index = Int(page)
        precondition(index < capacity, "page beyond the page table")
        if !touched.contains(index) {
            touched =
                touched.isEmpty
                ? index..<index + 1 : min(touched.lowerBound, index)..<max(touched.upperBound, index + 1)
        }
        return entries + index
    }

    /// Lets `page` lie at `address`.
    package func set(_ page: UInt32, to address: UnsafeMutableRawPointer) { entry(page).pointee = address }

    /// Makes the entry of `page` null.
    package func clear(_ page: UInt32) {
        if touched.contains(Int(page)) { entries[Int(page)] = nil }
    }

    /// Where `page` lies, or nil.
    package subscript(page: UInt32) -> UnsafeMutableRawPointer? {
        Int(page) < capacity ? entries[Int(page)] : nil
    }

    /// Makes every entry null: well under a millisecond for a memory of 4 GiB.
    package func clearAll() {
        let first = touched.lowerBound * Self.entryBytes
        let last = touched.upperBound * Self.entryBytes
        let bytes = UnsafeMutableRawPointer(entries)
        if last - first >= Self.unmapFromBytes {
            let start = first & ~(Self.pageBytes - 1)
            if madvise(bytes + start, roundedToPages(last) - start, MADV_DONTNEED) == 0 {
                touched = 0..<0
                return
            }
        }
        memset(bytes + first, 0, last - first)
        touched = 0..<0
    }
}

/// `bytes` rounded up to whole pages of the host, at least one.
func roundedToPages(_ bytes: Int) -> Int { max(4_096, (bytes + 4_095) & ~4_095) }
