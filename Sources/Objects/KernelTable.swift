// The kernel's two arrays of pages, the strip map and the process table. Entries are put in at the end, in order, and are never
// used twice. A page of which no entry is in use any more is sold; a directory of bits tells which pages are there
// (`specs/objects.md`, "Page ids"). All of them are the root bank's.
//
// TABLE-1  A page is there exactly where the directory marks it: where an entry of it is in use, and where the next one goes to
//          once the page was begun. The world page counts them, and the directory's.

import Glibc
import Store

/// One of the two arrays.
package struct KernelTable: Sendable {
    /// The number of its first page, and of its directory's.
    package let first: UInt64
    package let firstOfDirectory: UInt64
    /// Entries in a page.
    package let perPage: UInt64
    /// In the world page: the entry that is used next, and how many pages there are.
    package let next: Field<UInt64>
    package let pages: Field<UInt64>
    package let directoryPages: Field<UInt64>

    /// Pages that a page of the directory tells of.
    package static let perDirectoryPage: UInt64 = 4096 * 8

    package static let stripMap = KernelTable(
        first: Region.stripMap, firstOfDirectory: Region.stripMapDirectory, perPage: StripRecord.perPage,
        next: WorldPage.nextStrip, pages: WorldPage.stripMapPages, directoryPages: WorldPage.stripMapDirectoryPages)
    package static let processTable = KernelTable(
        first: Region.processTable, firstOfDirectory: Region.processTableDirectory, perPage: 512,
        next: WorldPage.nextProcess, pages: WorldPage.processTablePages,
        directoryPages: WorldPage.processTableDirectoryPages)
    package static let all = [stripMap, processTable]

    /// The page that holds an entry.
    package func page(ofEntry entry: UInt64) -> PageID { PageID(number: first + entry / perPage) }

    /// The table that has a page of this number, in itself or in its directory; nil for other pages.
    static func holding(_ number: UInt64) -> KernelTable? {
        if number < Region.stripMap { return nil }
        return number < Region.processTable ? .stripMap : .processTable
    }
}

extension Objects {
    /// Whether page `index` of the table is there.
    package func hasPage(_ index: UInt64, of table: KernelTable) throws(ObjectsError) -> Bool {
        let (page, bit) = index.quotientAndRemainder(dividingBy: KernelTable.perDirectoryPage)
        guard try page < world(table.directoryPages) else { return false }
        return try read(PageID(number: table.firstOfDirectory + page)).bit(Int(bit), of: KernelTable.marks)
    }

    /// Whether the page that holds an entry is there. An entry whose page is not is zeros.
    package func hasEntry(_ entry: UInt64, of table: KernelTable) throws(ObjectsError) -> Bool {
        try hasPage(entry / table.perPage, of: table)
    }

    /// Whether a page of a table or a directory is there; `number` is one of theirs.
    package func hasKernelPage(_ number: UInt64, of table: KernelTable) throws(ObjectsError) -> Bool {
        if number >= table.firstOfDirectory {
            return try number - table.firstOfDirectory < world(table.directoryPages)
        }
        return try hasPage(number - table.first, of: table)
    }

    /// Pages that the table and its directory grow by when this many entries are used next.
    package func growth(of table: KernelTable, entries: UInt64) throws(ObjectsError) -> UInt64 {
        guard entries > 0 else { return 0 }
        let next = try world(table.next)
        let last = (next &+ entries &- 1) / table.perPage
        let begun = try hasEntry(next, of: table)
        let directory = last / KernelTable.perDirectoryPage + 1
        return last &- next / table.perPage &+ (begun ? 0 : 1)
            &+ directory &- min(directory, try world(table.directoryPages))
    }

    /// Begins the page of the next entry, if it was not yet. Who is charged is the caller's affair: `growth` for one entry says
    /// how many pages it is.
    package func beginPage(of table: KernelTable) throws(ObjectsError) {
        let index = try world(table.next) / table.perPage
        guard try !hasPage(index, of: table) else { return }
        let (page, bit) = index.quotientAndRemainder(dividingBy: KernelTable.perDirectoryPage)
        if try page >= world(table.directoryPages) {
            insertZeros(PageID(number: table.firstOfDirectory + page))
            try setWorld(table.directoryPages, page + 1)
        }
        try write(PageID(number: table.firstOfDirectory + page)).setBit(Int(bit), of: KernelTable.marks, true)
        try setWorld(table.pages, try world(table.pages) + 1)
        insertZeros(PageID(number: table.first + index))
    }

    /// Sells the page of an entry that was given back if no other in it is in use, and none will be put into it.
    package func dropPage(ofEntry entry: UInt64, of table: KernelTable) throws(ObjectsError) {
        let index = entry / table.perPage
        let id = table.page(ofEntry: entry)
        guard try index != world(table.next) / table.perPage, try memcmp(read(id), zeros, 4096) == 0 else { return }
        let (page, bit) = index.quotientAndRemainder(dividingBy: KernelTable.perDirectoryPage)
        try write(PageID(number: table.firstOfDirectory + page)).setBit(Int(bit), of: KernelTable.marks, false)
        try setWorld(table.pages, try world(table.pages) - 1)
        discard(id)
        try credit(CellID(rawValue: try world(WorldPage.rootBank)), pages: 1)
    }

    /// The numbers in the table of the pages that are there, in order.
    package func pages(of table: KernelTable) throws(ObjectsError) -> [UInt64] {
        var found: [UInt64] = []
        for page in 0..<(try world(table.directoryPages)) { found += try pages(of: table, inDirectoryPage: page) }
        return found
    }

    /// Those that one page of the directory marks.
    package func pages(of table: KernelTable, inDirectoryPage page: UInt64) throws(ObjectsError) -> [UInt64] {
        try read(PageID(number: table.firstOfDirectory &+ page)).setBits(of: KernelTable.marks)
            .map { page &* KernelTable.perDirectoryPage &+ UInt64($0) }
    }

    /// The strips whose record's page is there, in order; some of them are unused.
    package func strips() throws(ObjectsError) -> [StripID] {
        try pages(of: .stripMap).flatMap(Self.strips(ofPage:))
    }

    /// Those whose records lie in a page of the strip map.
    package static func strips(ofPage page: UInt64) -> [StripID] {
        (page * StripRecord.perPage..<(page + 1) * StripRecord.perPage).map { StripID(rawValue: $0 << 8) }
    }

    /// Lets the process table lead to the process of an id: the next one, or one that it has. The page that a new id may take is
    /// charged to the root bank for a purchase from `bank`; throws `bankExhausted` where it has no room for that.
    package func enterProcess(_ id: UInt64, _ process: CellID, bank: CellID) throws(ObjectsError) {
        if try id == world(WorldPage.nextProcess) {
            try chargeKernelPages(try growth(of: .processTable, entries: 1), for: bank)
            try beginPage(of: .processTable)
            try setWorld(WorldPage.nextProcess, id + 1)
        }
        try write(KernelTable.processTable.page(ofEntry: id)).store(process.rawValue, Field<UInt64>(8 * Int(id % 512)))
    }

    /// The id is nobody's from now on.
    package func forgetProcess(_ id: UInt64) throws(ObjectsError) {
        try write(KernelTable.processTable.page(ofEntry: id)).store(UInt64(0), Field<UInt64>(8 * Int(id % 512)))
        try dropPage(ofEntry: id, of: .processTable)
    }

    /// Pages of both tables and their directories, which the root bank pays for.
    package func countKernelPages() throws(ObjectsError) -> UInt64 {
        var count: UInt64 = 0
        for table in KernelTable.all { count &+= try world(table.pages) &+ world(table.directoryPages) }
        return count
    }
}

extension KernelTable {
    /// A page of a directory: a bit for each page of the table.
    static let marks = ByteField(0, 4096)
}
