// Owns the writer's side of the past: which checkpoints are kept, and the undo records that change with a publication
// (specs/store.md, The past; STORE-17, STORE-18).
//
// Records lie in the store and are read when something needs them. What changes is collected here until the publication's last
// transaction, because those before it may change nothing but segments (STORE-3).

import CLMDB

struct PastTable {
    /// Ascending.
    private(set) var kept: [Epoch] = []
    /// Epochs that have a record, ascending.
    private(set) var epochs: [Epoch] = []
    /// Slots that records name.
    private(set) var oldPages: UInt64 = 0
    /// Pages that a record has since the newest kept checkpoint.
    private var noted: Set<PageID> = []
    /// Records that are written with the publication; empty ones are deleted.
    private var changed: [Epoch: DeltaRecord] = [:]

    /// Reads what is kept, once: `kept`, ascending, are the checkpoints whose records say so.
    init(kept: [Epoch], head: HeadRecord, in view: Transaction) throws(StoreError) {
        let path = view.environment.path
        self.kept = kept
        oldPages = head.oldPages
        if let database = view.environment.past {
            let cursor = try Cursor(database, in: view)
            var item = try cursor.first()
            while let found = item {
                epochs.append(Epoch(rawValue: found.key))
                item = try cursor.next()
            }
        }
        guard let first = epochs.first, let last = epochs.last else { return }
        guard let oldest = kept.first, first > oldest, last <= head.epoch else {
            let bound = kept.first?.rawValue ?? head.epoch.rawValue
            throw .damaged(path: path, Damage(.undo(first), .bound, expected: bound, found: first.rawValue))
        }
        try noteAll(in: view)
    }

    init() {}

    /// Whether what is replaced now has to stay.
    var isKeeping: Bool { !kept.isEmpty }

    // MARK: Records

    /// The record of an epoch, as it will be.
    private func record(_ epoch: Epoch, in view: Transaction) throws(StoreError) -> DeltaRecord {
        if let record = changed[epoch] { return record }
        return try UndoRecords.read(epoch, in: view)
    }

    private mutating func change(_ epoch: Epoch, to record: DeltaRecord) {
        changed[epoch] = record
        if record.count == 0 { epochs.removeAll { $0 == epoch } }
    }

    /// Epochs of the records that lead from one kept checkpoint to the state at `end`.
    private func epochs(above start: Epoch, through end: Epoch?) -> [Epoch] {
        let last = end ?? Epoch(rawValue: .max)
        return epochs.filter { start < $0 && $0 <= last }
    }

    private mutating func noteAll(in view: Transaction) throws(StoreError) {
        noted = []
        guard let newest = kept.last else { return }
        for epoch in epochs(above: newest, through: nil) {
            for id in try record(epoch, in: view).ids { noted.insert(id) }
        }
    }

    // MARK: A publication

    /// Begins what a publication changes.
    mutating func begin() { changed = [:] }

    /// Whether the state before this publication is to be noted of a page; it is noted then.
    mutating func mustNote(_ id: PageID) -> Bool { isKeeping && noted.insert(id).inserted }

    /// The record of the publication: where pages stood that it replaces or frees, and ids that it makes.
    mutating func add(_ record: DeltaRecord, of epoch: Epoch) {
        guard record.count > 0 else { return }
        epochs.append(epoch)
        changed[epoch] = record
        oldPages += UInt64(record.entries.count)
    }

    /// The state of this epoch can be read from now on.
    mutating func keep(_ epoch: Epoch) {
        kept.append(epoch)
        noted = []
    }

    /// The state of a kept checkpoint is given up. Returns the places that nothing names any more.
    mutating func release(_ epoch: Epoch, in view: Transaction) throws(StoreError) -> [Location] {
        guard let index = kept.firstIndex(of: epoch) else {
            throw .notKept(path: view.environment.path, epoch)
        }
        kept.remove(at: index)
        let next = index < kept.count ? kept[index] : nil
        // What the one before needs is in its own records, for these pages.
        var served: Set<PageID>?
        if index > 0 {
            var pages: Set<PageID> = []
            for older in epochs(above: kept[index - 1], through: epoch) {
                pages.formUnion(try record(older, in: view).ids)
            }
            served = pages
        }
        var freed: [Location] = []
        for later in epochs(above: epoch, through: next) {
            let record = try record(later, in: view)
            let left = record.filtered { id in served.map { !$0.contains(id) } ?? false }
            guard left != record else { continue }
            freed += record.entries.filter { left.entries.entry($0.id) == nil }.map(\.place.location)
            change(later, to: left)
        }
        oldPages -= UInt64(freed.count)
        if next == nil {
            if let served { noted.formUnion(served) } else { noted = [] }
        }
        return freed
    }

    /// Which record names a slot of these segments: one pass over all records.
    func holders(of segments: Set<SegmentNumber>, in view: Transaction) throws(StoreError) -> [Location: Epoch] {
        var found: [Location: Epoch] = [:]
        for epoch in epochs {
            for entry in try record(epoch, in: view).entries where segments.contains(entry.place.location.segment) {
                found[entry.place.location] = epoch
            }
        }
        return found
    }

    /// The entry of a record by which it names a page.
    func place(of id: PageID, in epoch: Epoch, _ view: Transaction) throws(StoreError) -> IndexEntry.Place? {
        try record(epoch, in: view).entries.entry(id)?.place
    }

    /// Writes down where collection moved pages to: by the epoch of the record that names them.
    mutating func move(_ moves: [Epoch: [IndexEntry]], in view: Transaction) throws(StoreError) {
        for (epoch, entries) in moves {
            var record = try record(epoch, in: view)
            let places = Dictionary(uniqueKeysWithValues: entries.map { ($0.id, $0.place) })
            record.entries = record.entries.map { IndexEntry(id: $0.id, place: places[$0.id] ?? $0.place) }
            changed[epoch] = record
        }
    }

    /// Writes the records that changed, in the publication's last transaction.
    func write(to database: MDB_dbi, in transaction: borrowing WriteTransaction) throws(StoreError) {
        for (epoch, record) in changed.sorted(by: { $0.key < $1.key }) {
            if record.count == 0 {
                _ = try transaction.delete(epoch.rawValue, in: database)
            } else {
                try transaction.put(epoch.rawValue, record.encoded(epoch: epoch), in: database)
            }
        }
    }
}

/// Reading undo records.
enum UndoRecords {
    /// The record of an epoch that has one.
    static func read(_ epoch: Epoch, in view: Transaction) throws(StoreError) -> DeltaRecord {
        let (path, place) = (view.environment.path, Damage.Place.undo(epoch))
        guard let database = view.environment.past, let value = try view.value(epoch.rawValue, in: database) else {
            throw .damaged(path: path, Damage(place, .presence, expected: 1, found: 0))
        }
        return try DeltaRecord(decoding: value, epoch: epoch, at: place, path: path)
    }

    /// The records above an epoch, the newest first.
    static func above(_ epoch: Epoch, in view: Transaction, _ body: (Epoch, DeltaRecord) throws(StoreError) -> Void)
        throws(StoreError)
    {
        var found: [Epoch] = []
        if let database = view.environment.past {
            let cursor = try Cursor(database, in: view)
            var item = try cursor.seekAtLeast(epoch.rawValue + 1)
            while let record = item {
                found.append(Epoch(rawValue: record.key))
                item = try cursor.next()
            }
        }
        for epoch in found.reversed() { try body(epoch, try read(epoch, in: view)) }
    }
}

extension DeltaRecord {
    /// The pages that it says something of, in no order.
    var ids: [PageID] { entries.map(\.id) + runs.flatMap(\.ids) }

    /// What is left of it for some of its pages.
    func filtered(_ isIncluded: (PageID) -> Bool) -> DeltaRecord {
        DeltaRecord(
            entries: entries.filter { isIncluded($0.id) },
            runs: PageRun.runs(of: runs.flatMap(\.ids).filter(isIncluded)))
    }
}

extension PageRun {
    /// Its ids, ascending.
    var ids: [PageID] { (first.rawValue...last.rawValue).map(PageID.init) }

    /// The runs that ascending ids make, disjoint and not touching.
    static func runs(of ids: [PageID]) -> [PageRun] {
        var runs: [PageRun] = []
        for id in ids {
            if let last = runs.last, last.last.rawValue < .max, last.last.rawValue + 1 == id.rawValue {
                runs[runs.count - 1] = PageRun(first: last.first, count: last.count + 1)
            } else {
                runs.append(PageRun(first: id, count: 1))
            }
        }
        return runs
    }
}

extension Array<IndexEntry> {
    /// The entry of a page in this list, ascending by id.
    func entry(_ id: PageID) -> IndexEntry? {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if self[middle].id < id { low = middle + 1 } else { high = middle }
        }
        return low < count && self[low].id == id ? self[low] : nil
    }
}
