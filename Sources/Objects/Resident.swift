// One page in memory: where its bytes are now, and which page-table entries point there.
//
// OBJ-1  A page whose `epoch` is the current one is in a frame of its own and on the dirty list.
// OBJ-2  Every page-table entry that maps a page holds the page's `address`; a write entry is set only while OBJ-1
//        holds for the page.

/// A place that holds a page's address: an entry of somebody's page table.
package typealias PageEntry = UnsafeMutablePointer<UnsafeMutableRawPointer?>

struct Resident {
    /// Raw page id.
    var id: UInt64
    var address: UnsafeMutableRawPointer
    /// The epoch in which it was last changed, while that is not yet published; 0: as the store has it.
    var epoch: UInt64 = 0
    /// Whether `address` is a frame of the pool; else it lies in the store's map.
    var isFrame: Bool
    /// Whether entries beyond `readEntry` are kept in the side set.
    var hasMoreEntries = false
    /// Brought in or asked for since the last sweep passed.
    var isRecent = true
    /// Where it is on the dirty list, while `epoch` is the current one.
    var dirtyPosition: UInt32 = 0
    /// The first table's entry; while `writeEntry` is set, the entry for reading of the same table.
    var readEntry: PageEntry?
    var writeEntry: PageEntry?
}
