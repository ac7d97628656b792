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
            var entries: UInt64 = 0
            while let found = item {
                epochs.append(Epoch(rawValue: found.key))
                if found.value.count >= 4 { entries += UInt64(found.value.integer(at: 0, as: UInt32.self)) }
                item = try cursor.next()
            }
            for (expected, found) in [(head.oldPages, entries), (UInt64(head.undoRecords), UInt64(epochs.count))]
            where expected != found {
                throw .damaged(path: path, Damage(.head, .count, expected: expected, found: found))
            }
        }
        guard let first = epochs.first, let last = epochs.last else { return }
        guard let oldest = kept.first, first > oldest, last <= head.epoch else {
            let bound = kept.first?.rawValue ?? head.epoch.rawValue
            throw .damaged(path: path, Damage(.undo(first), .bound, expected: bound, found: first.rawValue))
        }
        for epoch in epochs where epoch > kept[kept.count - 1] { noted.formUnion(try record(epoch, in: view).ids) }
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

    /// The states of kept checkpoints are given up, none of them twice. Returns the places that nothing names any more.
    ///
    /// Of the records between one that stays and the next that does, each page stays in the first only; between none and the first that
    /// stays nothing does. Linear in the records of the steps that change.
    mutating func release(_ released: [Epoch], in view: Transaction) throws(StoreError) -> [Location] {
        guard !released.isEmpty else { return [] }
        let going = Set(released)
        precondition(
            going.count == released.count && going.isSubset(of: kept), "what is released is kept, and named once")
        let staying = kept.filter { !going.contains($0) }
        var freed: [Location] = []
        var emptied: Set<Epoch> = []
        for step in 0...staying.count {
            let start = step == 0 ? Epoch(rawValue: 0) : staying[step - 1]
            let end = step == staying.count ? Epoch(rawValue: .max) : staying[step]
            guard going.contains(where: { start < $0 && $0 < end }) else { continue }
            var seen: Set<PageID> = []
            for epoch in epochs where start < epoch && epoch <= end {
                let record = try record(epoch, in: view)
                let left = step == 0 ? DeltaRecord(entries: [], runs: []) : record.filtered { seen.insert($0).inserted }
                guard left != record else { continue }
                freed += record.entries.filter { !left.entries.holds($0.id, \.id) }.map(\.place.location)
                changed[epoch] = left
                if left.count == 0 { emptied.insert(epoch) }
            }
            if step == staying.count { noted = seen }
        }
        guard oldPages >= UInt64(freed.count) else {
            throw .damaged(
                path: view.environment.path, Damage(.head, .count, expected: UInt64(freed.count), found: oldPages))
        }
        oldPages -= UInt64(freed.count)
        kept = staying
        epochs.removeAll { emptied.contains($0) }
        return freed
    }

    /// What records name in these segments: one pass over all of them. Those that cannot be read are left out.
    func places(in segments: Set<SegmentNumber>, _ view: Transaction) throws(StoreError) -> OldPlaces {
        var found = OldPlaces()
        for epoch in epochs {
            let record: DeltaRecord
            do throws(StoreError) {
                record = try self.record(epoch, in: view)
            } catch {
                guard case .damaged = error else { throw error }
                found.isWhole = false
                continue
            }
            for entry in record.entries where segments.contains(entry.place.location.segment) {
                found.places[entry.place.location] = (epoch, entry.id, entry.place)
            }
        }
        return found
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
        let path = view.environment.path
        guard let database = view.environment.past, let value = try view.value(epoch.rawValue, in: database) else {
            throw .damaged(path: path, Damage(.undo(epoch), .presence, expected: 1, found: 0))
        }
        return try decode(value, of: epoch, path: path)
    }

    static func decode(_ value: UnsafeRawBufferPointer, of epoch: Epoch, path: String) throws(StoreError) -> DeltaRecord
    {
        let record = try DeltaRecord(decoding: value, epoch: epoch, at: .undo(epoch), path: path)
        // They are gone through page by page, and a file has no more.
        let most = UInt64(Bounds.mapBytes / Bounds.pageBytes)
        var made: UInt64 = 0
        for run in record.runs {
            made = made.addingReportingOverflow(run.count).overflow ? .max : made + run.count
            guard made <= most else {
                throw .damaged(path: path, Damage(.undo(epoch), .count, expected: most, found: made))
            }
        }
        return record
    }

    /// The records above an epoch, the newest first.
    static func above(_ epoch: Epoch, in view: Transaction, _ body: (Epoch, DeltaRecord) throws(StoreError) -> Void)
        throws(StoreError)
    {
        for found in try epochs(in: view).reversed() where found > epoch { try body(found, try read(found, in: view)) }
    }

    /// All records above an epoch, as one that leads from the current state to the one as of that epoch.
    static func sum(above epoch: Epoch, head: HeadRecord, in view: Transaction) throws(StoreError) -> DeltaRecord {
        let all = try epochs(in: view)
        guard all.count == Int(head.undoRecords) else {
            throw .damaged(
                path: view.environment.path,
                Damage(.head, .count, expected: UInt64(head.undoRecords), found: UInt64(all.count)))
        }
        var places: [PageID: IndexEntry.Place?] = [:]
        for found in all.reversed() where found > epoch {
            let record = try read(found, in: view)
            for entry in record.entries { places[entry.id] = .some(entry.place) }
            for id in record.runs.flatMap(\.ids) { places[id] = .some(nil) }
        }
        var (entries, made): ([IndexEntry], [PageID]) = ([], [])
        for (id, place) in places {
            if let place { entries.append(IndexEntry(id: id, place: place)) } else { made.append(id) }
        }
        return DeltaRecord(entries: entries.sorted { $0.id < $1.id }, runs: PageRun.runs(of: made.sorted()))
    }

    /// The epochs that have a record, ascending.
    private static func epochs(in view: Transaction) throws(StoreError) -> [Epoch] {
        guard let database = view.environment.past else { return [] }
        var found: [Epoch] = []
        let cursor = try Cursor(database, in: view)
        var item = try cursor.first()
        while let record = item {
            found.append(Epoch(rawValue: record.key))
            item = try cursor.next()
        }
        return found
    }
}

/// What undo records name, by place.
struct OldPlaces {
    var places: [Location: (holder: Epoch, id: PageID, place: IndexEntry.Place)] = [:]
    /// Whether every record could be read.
    var isWhole = true
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
        for id in ids { runs.add(id) }
        return runs
    }
}

extension [PageRun] {
    /// Adds an id above all that are there.
    package mutating func add(_ id: PageID) {
        if let last, last.last.rawValue < .max, last.last.rawValue + 1 == id.rawValue {
            self[count - 1] = PageRun(first: last.first, count: last.count + 1)
        } else {
            append(PageRun(first: id, count: 1))
        }
    }
}
