// The two page tables of one linear memory or one table: where its pages are for reading and for writing. The embedder
// fills them when an engine exits with a page missing, and clears the entries for writing when it freezes.
//
// Invariant: a page that has an entry for writing has the same one for reading.

/// Page tables of a memory (pages of 4,096 bytes) or a table (pages of 512 elements of 8 bytes).
package final class PagedSpace {
    package let reads: PageTable
    package let writes: PageTable
    /// Where its size is, bytes of a memory or elements of a table, for all who share it.
    package let size: UnsafeMutablePointer<UInt64>

    /// Elements in a page of a table.
    package static let elementsPerPage = 512

    /// Page tables for the whole space of a linear memory.
    package convenience init() { self.init(pageCapacity: PageTable.memoryPageCapacity) }

    /// Page tables for a table that never has more than `elementCapacity` elements.
    package convenience init(elementCapacity: Int) {
        self.init(pageCapacity: (elementCapacity + Self.elementsPerPage - 1) / Self.elementsPerPage)
    }

    private init(pageCapacity: Int) {
        reads = PageTable(capacity: pageCapacity)
        writes = PageTable(capacity: pageCapacity)
        size = .allocate(capacity: 1)
        size.initialize(to: 0)
    }

    deinit { size.deallocate() }

    /// Lets `page` be read at `address`.
    package func set(read address: UnsafeRawPointer, page: UInt32) {
        reads.set(page, to: UnsafeMutableRawPointer(mutating: address))
    }

    /// Lets `page` be read and written at `address`.
    package func set(write address: UnsafeMutableRawPointer, page: UInt32) {
        reads.set(page, to: address)
        writes.set(page, to: address)
    }

    /// Forgets where `page` is.
    package func clear(page: UInt32) {
        reads.clear(page)
        writes.clear(page)
    }

    /// Lets the next write to any page exit with the page missing.
    package func clearWrites() { writes.clearAll() }

    /// Forgets where all pages are.
    package func clearAll() {
        reads.clearAll()
        writes.clearAll()
    }

    /// Checks the invariant over the first `pages` pages. O(pages).
    package func checkInvariants(pages: UInt32) {
        for page in 0..<pages {
            if let write = writes[page] {
                precondition(reads[page] == write, "page \(page) is read where it is not written")
            }
        }
    }
}
