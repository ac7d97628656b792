// Owns the background side of the store: it turns a publication into one atomic commit (specs/store.md, Publication).
//
// Used by one thread at a time; shares nothing with the kernel side but the environment. What it keeps from one
// publication to the next (overlay, head, live table) is that of the last commit, and of no use after a failure
// (STORE-11).

import CLMDB
import Glibc

final class Publisher {
    let environment: Environment
    var head: HeadRecord
    var overlay: Overlay
    var live = LiveTable()
    private var map: MapBounds
    private var nextSegment = SegmentNumber(rawValue: 0)
    var past = PastTable()
    /// The sub-database of undo records, where this host made it.
    private var madePast: MDB_dbi?
    /// Checkpoints whose records go some day, ascending.
    private var passingCheckpoints: [Epoch] = []
    private var isLoaded = false
    /// The last record, if its cost is not written down yet.
    private(set) var unrecorded: CheckpointRecord?

    init(environment: Environment, head: HeadRecord, overlay: Overlay, map: MapBounds) {
        self.environment = environment
        self.head = head
        self.overlay = overlay
        self.map = map
    }

    /// A page to write: published or moved. The checksum is known when it is moved.
    struct Item {
        let id: PageID
        /// nil: the publication's source has it.
        let content: UnsafeRawPointer?
        let checksum: UInt64?
        /// Of an old page that is moved: whose undo record names it.
        var holder: Epoch?
    }

    func publish(_ publication: Publication) throws(StoreError) -> Published {
        environment.faults.pointee.publishingThread = pthread_self()
        defer { environment.faults.pointee.publishingThread = 0 }
        let meter = WriteMeter()
        precondition(publication.epoch > head.epoch, "epochs grow")
        precondition(publication.attributes.count <= Bounds.attributeBytes, "attributes fit")
        let runs = Overlay.merged([], publication.freed)
        let pages = sortedPages(of: publication, leavingOut: runs)
        var statistics = PublicationStatistics()
        statistics.pagesWritten = pages.count

        try environment.dropDeadReaders()
        var transaction = try WriteTransaction(environment)
        try load(&transaction)
        map.bytes = environment.usedBytes()

        past.begin()
        let released = try past.release(publication.keeping.released, in: transaction.view)
        for location in released { try live.lose(location.segment, path: environment.path) }
        statistics.pagesReleased = released.count
        var before = Before()
        try takeReplaced(pages, &before, in: transaction.view)
        let freedRuns = try takeFreed(runs, &before, in: transaction.view, &statistics)
        let undo = before.record
        past.add(undo, of: publication.epoch)
        statistics.pagesKept = undo.entries.count
        var dropped = live.emptied
        for segment in dropped { live.remove(segment) }
        let moved = try collect(&dropped, written: pages, freed: runs, in: transaction.view, &statistics)

        let (entries, moves) = try write(pages + moved, from: publication.source, through: &transaction, &statistics)
        try past.move(moves, in: transaction.view)
        for segment in dropped { _ = try transaction.delete(segment.rawValue, in: environment.databases.segments) }
        let record = DeltaRecord(entries: entries.sorted { $0.id < $1.id }, runs: freedRuns)
        var nextOverlay = overlay
        nextOverlay.apply(record)
        var nextHead = head
        if head.deltaEntries + UInt64(record.count) > UInt64(Bounds.deltaEntries) {
            try merge(nextOverlay, in: transaction)
            nextOverlay = Overlay()
            nextHead.deltaEntries = 0
            statistics.merged = true
        } else if record.count > 0 {
            let bytes = record.encoded(epoch: publication.epoch)
            try transaction.put(publication.epoch.rawValue, bytes, in: environment.databases.delta)
            nextHead.deltaEntries += UInt64(record.count)
        }
        try writeLiveCounts(in: transaction)
        if environment.past == nil && madePast == nil { madePast = try transaction.makeDatabase("past") }
        if let database = environment.past ?? madePast { try past.write(to: database, in: transaction) }
        let checkpoint = CheckpointRecord(
            epoch: publication.epoch, note: publication.checkpoint, cost: nil, isKept: publication.keeping.keepsThis,
            attributes: publication.attributes)
        try writeCheckpoints(checkpoint, publication.keeping, in: transaction)
        if publication.keeping.keepsThis { past.keep(publication.epoch) }
        nextHead.epoch = publication.epoch
        nextHead.lastPublished = SegmentNumber(rawValue: max(head.lastPublished.rawValue, nextSegment.rawValue - 1))
        nextHead.livePages = UInt64(live.livePages)
        nextHead.segments = UInt64(live.counts.count)
        nextHead.slots = UInt64(live.slots)
        nextHead.oldPages = past.oldPages
        nextHead.undoRecords = UInt32(past.epochs.count)
        nextHead.attributes = publication.attributes
        try transaction.put(HeadRecord.key, nextHead.encoded(), in: environment.databases.meta)
        let segmentPages = pages.count + moved.count + statistics.segmentsWritten
        try transaction.commit(writing: UInt64((segmentPages + 64) * Bounds.pageBytes))

        statistics.segmentsDropped = dropped.count
        statistics.segmentsDamaged = live.damaged.count
        statistics.commitMicroseconds = meter.elapsedMicroseconds()
        statistics.bytesWritten = meter.bytesWritten() ?? UInt64(segmentPages * Bounds.pageBytes)
        live.settle()
        head = nextHead
        overlay = nextOverlay
        unrecorded = checkpoint
        unrecorded?.cost = .init(
            bytesWritten: statistics.bytesWritten, commitMicroseconds: statistics.commitMicroseconds)
        return Published(
            epoch: publication.epoch, statistics: statistics, head: head, overlay: overlay, madePast: madePast,
            dropped: dropped,
            moved: moved.filter { $0.holder == nil }.map(\.id))
    }

    /// Writes down what the last publication cost, when closing.
    func recordLastCost() throws(StoreError) {
        guard let record = unrecorded else { return }
        let transaction = try WriteTransaction(environment)
        try transaction.put(record.epoch.rawValue, record.encoded(), in: environment.databases.checkpoints)
        try transaction.commit(writing: UInt64(16 * Bounds.pageBytes))
        unrecorded = nil
    }

    private func sortedPages(of publication: Publication, leavingOut runs: [PageRun]) -> [Item] {
        var items = publication.pages.map { Item(id: $0.id, content: $0.content, checksum: nil) }
        for run in publication.source?.ids ?? [] {
            items += run.ids.map { Item(id: $0, content: nil, checksum: nil) }
        }
        items.sort { $0.id < $1.id }
        for index in items.indices.dropFirst() {
            precondition(items[index - 1].id != items[index].id, "no page is published twice at once")
        }
        guard !runs.isEmpty else { return items }
        return items.filter { !runs.holds($0.id) }
    }

    /// Reads once what the writer keeps, and drops segments that were staged and never published (STORE-3).
    private func load(_ transaction: inout WriteTransaction) throws(StoreError) {
        guard !isLoaded else { return }
        let path = environment.path
        var highest = head.lastPublished
        var orphans: [SegmentNumber] = []
        var kept: [Epoch] = []
        do {
            let segments = try Cursor(environment.databases.segments, in: transaction.view)
            var item = try segments.seekAtLeast(head.lastPublished.rawValue + 1)
            while let orphan = item {
                guard orphan.key > highest.rawValue, orphan.key <= Bounds.highestSegment else {
                    let place = Damage.Place.segment(SegmentNumber(rawValue: orphan.key), slot: nil, offset: nil)
                    throw .damaged(
                        path: path,
                        Damage(place, .order, expected: highest.rawValue &+ 1, found: orphan.key))
                }
                highest = SegmentNumber(rawValue: orphan.key)
                orphans.append(highest)
                item = try segments.next()
            }
            let counts = try Cursor(environment.databases.live, in: transaction.view)
            item = try counts.first()
            while let count = item {
                let segment = SegmentNumber(rawValue: count.key)
                let decoded = try LiveCount(decoding: count.value, of: segment, path: path)
                try live.load(segment, decoded, head: head, path: path)
                item = try counts.next()
            }
            let checkpoints = try Cursor(environment.databases.checkpoints, in: transaction.view)
            item = try checkpoints.first()
            while let checkpoint = item {
                let epoch = Epoch(rawValue: checkpoint.key)
                let record = try CheckpointRecord(decoding: checkpoint.value, epoch: epoch, path: path)
                if record.isKept { kept.append(epoch) }
                if record.isPassing { passingCheckpoints.append(epoch) }
                item = try checkpoints.next()
            }
        }
        try live.checkSums(head, path: path)
        live.settle()
        past = try PastTable(kept: kept, head: head, in: transaction.view)
        for orphan in orphans { _ = try transaction.delete(orphan.rawValue, in: environment.databases.segments) }
        nextSegment = SegmentNumber(rawValue: highest.rawValue + 1)
        isLoaded = true
    }

    /// Chooses segments to collect and verifies their live pages; what is damaged stays where it is.
    private func collect(
        _ dropped: inout [SegmentNumber], written: [Item], freed: [PageRun], in view: Transaction,
        _ statistics: inout PublicationStatistics
    ) throws(StoreError) -> [Item] {
        let path = environment.path
        let index = try Cursor(environment.databases.index, in: view)
        var moved: [Item] = []
        let victims = live.victims(incoming: written.count)
        let old = try past.oldPages == 0 || victims.isEmpty ? OldPlaces() : past.places(in: Set(victims), view)
        for number in victims {
            guard let value = try view.value(number.rawValue, in: environment.databases.segments) else {
                let place = Damage.Place.segment(number, slot: nil, offset: nil)
                throw .damaged(path: path, Damage(place, .presence, expected: 1, found: 0))
            }
            let segment = try Segment(number, value: value, map: map, path: path)
            readAhead(value.baseAddress, count: value.count)
            var pages: [Item] = []
            var isWhole = true
            for slot in 0..<segment.slots {
                let id = segment.directory(slot).id
                let location = Location(segment: number, slot: slot)
                let oldPlace = old.places[location]
                let place: IndexEntry.Place?
                if let oldPlace {
                    place = oldPlace.id == id ? oldPlace.place : nil
                } else if written.holds(id, \.id) || freed.holds(id) {
                    continue
                } else {
                    place = try overlay.place(of: id, in: index, path: path)
                }
                guard let place, place.location == location else { continue }
                guard segment.difference(id, place, map: map) == nil else {
                    isWhole = false
                    break
                }
                pages.append(
                    Item(id: id, content: segment.content(slot), checksum: place.checksum, holder: oldPlace?.holder))
            }
            guard isWhole else {
                live.damaged.insert(number)
                continue
            }
            let expected = Int(live.counts[number]?.live ?? 0)
            // What a damaged undo record names stays where it is.
            if pages.count < expected && !old.isWhole {
                live.damaged.insert(number)
                continue
            }
            guard pages.count == expected else {
                throw .damaged(
                    path: path,
                    Damage(.live(number), .count, expected: UInt64(pages.count), found: UInt64(expected)))
            }
            live.remove(number)
            dropped.append(number)
            moved += pages
            statistics.segmentsCollected += 1
        }
        statistics.pagesMoved = moved.count
        statistics.oldPagesMoved = moved.count { $0.holder != nil }
        return moved.sorted { $0.id < $1.id }
    }

    /// Writes the items into new segments, staging all but the last 64. Answers where they lie: the current pages, and old ones by
    /// the epoch of the record that names them.
    private func write(
        _ items: [Item], from source: (any PageSource)?, through transaction: inout WriteTransaction,
        _ statistics: inout PublicationStatistics
    ) throws(StoreError) -> (current: [IndexEntry], old: [Epoch: [IndexEntry]]) {
        var entries: [IndexEntry] = []
        var old: [Epoch: [IndexEntry]] = [:]
        entries.reserveCapacity(items.count)
        var inTransaction = 0
        for first in stride(from: 0, to: items.count, by: Bounds.segmentSlots) {
            if inTransaction == Bounds.stagedSegments {
                try transaction.commitAndBegin(writing: UInt64((inTransaction * 256 + 16) * Bounds.pageBytes))
                statistics.stagedTransactions += 1
                inTransaction = 0
            }
            let chunk = items[first..<min(first + Bounds.segmentSlots, items.count)]
            let number = nextSegment
            let bytes = Segment.valueBytes(slots: chunk.count)
            let start = try transaction.reserve(number.rawValue, count: bytes, in: environment.databases.segments)
            let directory = start.bindMemory(to: UInt64.self, capacity: 2 * Bounds.segmentSlots)
            directory.update(repeating: 0, count: Bounds.directoryBytes / 8)
            for (slot, item) in chunk.enumerated() {
                let content = start + Bounds.directoryBytes + slot * Bounds.pageBytes
                if let bytes = item.content {
                    content.copyMemory(from: bytes, byteCount: Bounds.pageBytes)
                } else {
                    guard let source else { preconditionFailure("what has no content comes from the source") }
                    try source.copy(item.id, to: content)
                }
                let checksum = item.checksum ?? Checksum.page(content, id: item.id)
                directory[2 * slot] = item.id.rawValue
                directory[2 * slot + 1] = checksum
                let location = Location(segment: number, slot: slot)
                let entry = IndexEntry(id: item.id, place: .init(location: location, checksum: checksum))
                if let holder = item.holder { old[holder, default: []].append(entry) } else { entries.append(entry) }
            }
            live.add(number, LiveCount(live: chunk.count, slots: chunk.count))
            nextSegment = SegmentNumber(rawValue: number.rawValue + 1)
            statistics.segmentsWritten += 1
            inTransaction += 1
        }
        return (entries, old)
    }

    /// Puts the whole overlay into `idx` and empties the delta (STORE-5, STORE-6).
    private func merge(_ overlay: Overlay, in transaction: borrowing WriteTransaction) throws(StoreError) {
        do {
            let index = try Cursor(environment.databases.index, in: transaction.view)
            for run in overlay.freed {
                while let item = try index.seekAtLeast(run.first.rawValue), item.key <= run.last.rawValue {
                    try index.delete()
                }
            }
            let last = try index.last()?.key
            for entry in overlay.sortedEntries() {
                let append = last.map { entry.id.rawValue > $0 } ?? true
                try index.put(entry.id.rawValue, entry.place.encoded(), append: append)
            }
        }
        try transaction.empty(environment.databases.delta)
    }

    private func writeLiveCounts(in transaction: borrowing WriteTransaction) throws(StoreError) {
        for segment in live.touched.sorted() {
            if let count = live.counts[segment] {
                try transaction.put(segment.rawValue, count.encoded(), in: environment.databases.live)
            } else {
                _ = try transaction.delete(segment.rawValue, in: environment.databases.live)
            }
        }
    }

    /// Writes the new record, the cost of the one before, and what becomes of older ones; drops the oldest that go some day.
    private func writeCheckpoints(
        _ record: CheckpointRecord, _ keeping: Publication.Keeping, in transaction: borrowing WriteTransaction
    ) throws(StoreError) {
        let database = environment.databases.checkpoints
        if let previous = unrecorded {
            try transaction.put(previous.epoch.rawValue, previous.encoded(), in: database)
        }
        for (epoch, isHeld) in keeping.held {
            precondition(past.kept.contains(epoch), "what is held is kept")
            guard let value = try transaction.view.value(epoch.rawValue, in: database) else {
                throw .damaged(
                    path: environment.path, Damage(.checkpoint(epoch), .presence, expected: 1, found: 0))
            }
            var held = try CheckpointRecord(decoding: value, epoch: epoch, path: environment.path)
            held.held = isHeld
            try transaction.put(epoch.rawValue, held.encoded(), in: database)
        }
        for epoch in keeping.released { _ = try transaction.delete(epoch.rawValue, in: database) }
        try transaction.put(record.epoch.rawValue, record.encoded(), in: database)
        if record.isPassing { passingCheckpoints.append(record.epoch) }
        while passingCheckpoints.count > Bounds.passingCheckpoints {
            _ = try transaction.delete(passingCheckpoints.removeFirst().rawValue, in: database)
        }
    }
}
