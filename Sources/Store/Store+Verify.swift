// Owns the check of the whole store, page by page, for `fsck`. Finds every fact of specs/store.md that does not hold
// and can be reached, instead of stopping at the first.

import CLMDB

/// Something in the store that is not as it must be.
package struct StoreProblem: Sendable, Equatable, CustomStringConvertible {
    /// What, where, and how it is known.
    package let damage: Damage

    /// The damage in words.
    package var description: String { damage.description }
}

extension Store {
    /// Problems that one check lists at most; after them it ends.
    package static var problemLimit: Int { 1_000 }

    /// Reads all of the store and compares all that can be compared: index with directories (STORE-4), directories with
    /// contents, live counts with a recount (STORE-7), their sums with the head (STORE-8), delta records and their
    /// order (STORE-6), undo records (STORE-17), checkpoint records, and the pages of the file (STORE-15). Linear in the world. Of a
    /// kept state only its pages.
    ///
    /// `progress` is called with segments done and segments in all. Throws only what keeps the check from going on.
    package func verify(progress: (UInt64, UInt64) -> Void) throws(StoreError) -> [StoreProblem] {
        var check = StoreCheck(store: self)
        try check.index()
        if !isPast { try check.undo() }
        try check.contents(progress)
        guard !isPast else { return check.problems }
        try check.sums()
        try check.delta()
        try check.checkpointRecords()
        try check.filePages()
        return check.problems
    }
}

/// One pass over the store, with what it counted so far.
private struct StoreCheck {
    let store: Store
    private(set) var problems: [StoreProblem] = []
    private var current: [SegmentNumber: SlotSet] = [:]
    private var entries: UInt64 = 0
    private var oldEntries: UInt64 = 0
    /// An undo record has a problem, so that what it names is not counted.
    private var hasUnreadUndo = false

    init(store: Store) {
        self.store = store
    }

    /// A set of the slots of one segment.
    private struct SlotSet {
        private var words: SIMD4<UInt64> = .zero

        /// Whether it was not in it.
        mutating func insert(_ slot: Int) -> Bool {
            if contains(slot) { return false }
            words[slot / 64] |= 1 << UInt64(slot % 64)
            return true
        }
        func contains(_ slot: Int) -> Bool { words[slot / 64] & 1 << UInt64(slot % 64) != 0 }
        var count: Int { (0..<4).reduce(0) { $0 + words[$1].nonzeroBitCount } }
    }

    private var isFull: Bool { problems.count >= Store.problemLimit }

    private mutating func note(_ damage: Damage) {
        if !isFull { problems.append(StoreProblem(damage: damage)) }
    }

    /// Runs a part; damage that ends it is a problem, everything else is thrown.
    private mutating func part(_ body: (inout StoreCheck) throws(StoreError) -> Void) throws(StoreError) {
        do throws(StoreError) {
            try body(&self)
        } catch {
            guard case .damaged(_, let damage) = error else { throw error }
            note(damage)
        }
    }

    /// Every entry against its directory.
    mutating func index() throws(StoreError) {
        try part { (check: inout StoreCheck) throws(StoreError) in
            let store = check.store
            try store.forEachEntry(in: PageID(rawValue: 0)...PageID(rawValue: .max)) {
                (entry: IndexEntry) throws(StoreError) in
                check.entries += 1
                try check.name(entry, at: .index)
                return !check.isFull
            }
        }
    }

    /// An entry against its directory; its slot is named once.
    private mutating func name(_ entry: IndexEntry, at place: Damage.Place) throws(StoreError) {
        try part { (check: inout StoreCheck) throws(StoreError) in
            let location = entry.place.location
            let segment = try check.store.segment(location.segment, for: entry.id)
            if let damage = segment.directoryDifference(entry.id, entry.place, map: check.store.map) {
                check.note(damage)
            } else if !check.current[location.segment, default: SlotSet()].insert(location.slot) {
                check.note(Damage(place, page: entry.id, .count, expected: 1, found: 2))
            }
        }
    }

    /// Every undo record: its place among the kept checkpoints, and its entries against their directories.
    mutating func undo() throws(StoreError) {
        try part { (check: inout StoreCheck) throws(StoreError) in
            let store = check.store
            guard let database = store.environment.past else { return }
            let kept = try store.checkpoints().filter(\.isKept).map(\.epoch)
            var step = -1
            var seen: Set<PageID> = []
            var records: UInt64 = 0
            let cursor = try Cursor(database, in: store.view)
            var item = try cursor.first()
            while let found = item, !check.isFull {
                let epoch = Epoch(rawValue: found.key)
                records += 1
                while step + 1 < kept.count, kept[step + 1] < epoch {
                    step += 1
                    seen = []
                }
                if step < 0 || epoch > store.head.epoch {
                    let bound = (kept.first ?? store.head.epoch).rawValue
                    check.note(Damage(.undo(epoch), .bound, expected: bound, found: found.key))
                }
                let before = check.problems.count
                try check.part { (check: inout StoreCheck) throws(StoreError) in
                    let record = try UndoRecords.decode(found.value, of: epoch, path: store.path)
                    for id in record.ids where !seen.insert(id).inserted {
                        check.note(Damage(.undo(epoch), page: id, .count, expected: 1, found: 2))
                    }
                    for entry in record.entries {
                        check.oldEntries += 1
                        try check.name(entry, at: .undo(epoch))
                    }
                }
                if check.problems.count > before { check.hasUnreadUndo = true }
                item = try cursor.next()
            }
            let head = store.head
            for (expected, found) in [(records, UInt64(head.undoRecords)), (check.oldEntries, head.oldPages)]
            where expected != found && !check.hasUnreadUndo {
                check.note(Damage(.head, .count, expected: expected, found: found))
            }
        }
    }

    /// Every segment: its live count against the recount, the content of its current slots against the directory.
    mutating func contents(_ progress: (UInt64, UInt64) -> Void) throws(StoreError) {
        try part { (check: inout StoreCheck) throws(StoreError) in
            let store = check.store
            let databases = store.environment.databases
            let cursor = try Cursor(databases.segments, in: store.view)
            var done: UInt64 = 0
            var item = try cursor.first()
            while let found = item, found.key <= store.head.lastPublished.rawValue, !check.isFull {
                let number = SegmentNumber(rawValue: found.key)
                try check.part { (check: inout StoreCheck) throws(StoreError) in
                    let segment = try Segment(number, value: found.value, map: store.map, path: store.path)
                    readAhead(found.value.baseAddress, count: found.value.count)
                    if !store.isPast { try check.live(segment) }
                    let slots = check.current[number] ?? SlotSet()
                    for slot in 0..<segment.slots where slots.contains(slot) {
                        let entry = segment.directory(slot)
                        let location = Location(segment: number, slot: slot)
                        let place = IndexEntry.Place(location: location, checksum: entry.checksum)
                        if let damage = segment.difference(entry.id, place, map: store.map) { check.note(damage) }
                    }
                }
                done += 1
                progress(done, store.head.segments)
                item = try cursor.next()
            }
        }
    }

    private mutating func live(_ segment: Segment) throws(StoreError) {
        let database = store.environment.databases.live
        guard let value = try store.view.value(segment.number.rawValue, in: database) else {
            return note(Damage(.live(segment.number), .presence, expected: 1, found: 0))
        }
        let count = try LiveCount(decoding: value, of: segment.number, path: store.path)
        let recounted = current[segment.number]?.count ?? 0
        if Int(count.slots) != segment.slots {
            let found = UInt64(count.slots)
            note(Damage(.live(segment.number), .length, expected: UInt64(segment.slots), found: found))
        }
        if Int(count.live) != recounted, !hasUnreadUndo || Int(count.live) < recounted {
            let found = UInt64(count.live)
            note(Damage(.live(segment.number), .count, expected: UInt64(recounted), found: found))
        }
    }

    /// The records of `live`, each with its segment, and their sums.
    mutating func sums() throws(StoreError) {
        try part { (check: inout StoreCheck) throws(StoreError) in
            let store = check.store
            let cursor = try Cursor(store.environment.databases.live, in: store.view)
            var sums: (live: UInt64, slots: UInt64, segments: UInt64) = (0, 0, 0)
            var item = try cursor.first()
            while let found = item, !check.isFull {
                let number = SegmentNumber(rawValue: found.key)
                let count = try LiveCount(decoding: found.value, of: number, path: store.path)
                sums = (sums.live + UInt64(count.live), sums.slots + UInt64(count.slots), sums.segments + 1)
                try check.part { (_: inout StoreCheck) throws(StoreError) in
                    _ = try store.segment(number, for: nil)
                }
                item = try cursor.next()
            }
            let head = store.head
            for (expected, found) in [
                (sums.live, head.livePages), (check.entries + check.oldEntries, head.livePages),
                (sums.slots, head.slots),
                (sums.segments, head.segments),
            ] where expected != found {
                check.note(Damage(.head, .count, expected: expected, found: found))
            }
        }
    }

    mutating func delta() throws(StoreError) {
        try part { (check: inout StoreCheck) throws(StoreError) in
            let store = check.store
            let cursor = try Cursor(store.environment.databases.delta, in: store.view)
            var count: UInt64 = 0
            var item = try cursor.first()
            while let found = item {
                let epoch = Epoch(rawValue: found.key)
                let record = try DeltaRecord(
                    decoding: found.value, epoch: epoch, at: .delta(epoch), path: store.path)
                count += UInt64(record.count)
                item = try cursor.next()
            }
            if count != store.head.deltaEntries {
                check.note(Damage(.head, .count, expected: count, found: store.head.deltaEntries))
            }
        }
    }

    mutating func checkpointRecords() throws(StoreError) {
        try part { (check: inout StoreCheck) throws(StoreError) in
            _ = try check.store.checkpoints()
        }
    }

    /// Meta pages, pages of the trees and free pages against the length of the file.
    mutating func filePages() throws(StoreError) {
        try part { (check: inout StoreCheck) throws(StoreError) in
            let store = check.store
            let freeTree: MDB_dbi = 0
            let mainTree: MDB_dbi = 1
            var counted: UInt64 = 2
            for database in store.environment.all + [freeTree, mainTree] {
                let statistics = try store.view.statistics(of: database)
                for pages in [statistics.ms_branch_pages, statistics.ms_leaf_pages, statistics.ms_overflow_pages] {
                    counted &+= UInt64(UInt(bitPattern: pages))
                }
            }
            let cursor = try Cursor(freeTree, in: store.view)
            var item = try cursor.first()
            while let found = item {
                guard found.value.count >= 8 else {
                    return check.note(Damage(.file, .length, expected: 8, found: UInt64(found.value.count)))
                }
                counted &+= found.value.integer(at: 0, as: UInt64.self)
                item = try cursor.next()
            }
            let pages = store.map.bytes / UInt64(Bounds.pageBytes)
            if counted != pages { check.note(Damage(.file, .count, expected: pages, found: counted)) }
        }
    }
}
