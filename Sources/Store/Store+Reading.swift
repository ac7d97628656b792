// Owns what can be learnt from the store besides pages: checkpoints, ids, sizes. All on the kernel side.

import Glibc

extension Store {
    /// The checkpoints that are listed, oldest first: all that are kept or named, and the last 1,000 others. Of a kept state it and those before.
    package func checkpoints() throws(StoreError) -> [CheckpointRecord] {
        try allCheckpoints().filter { !isPast || $0.epoch <= epoch }
    }

    /// All that the view has.
    func allCheckpoints() throws(StoreError) -> [CheckpointRecord] {
        var records: [CheckpointRecord] = []
        let cursor = try Cursor(environment.databases.checkpoints, in: view)
        var item = try cursor.first()
        while let current = item {
            records.append(try record(current.key, current.value))
            item = try cursor.next()
        }
        return records
    }

    /// The newest checkpoint; nil where there is none. One record, however many are listed.
    package func newestCheckpoint() throws(StoreError) -> CheckpointRecord? {
        if isPast { return try checkpoint(epoch) }
        guard let last = try Cursor(environment.databases.checkpoints, in: view).last() else { return nil }
        return try record(last.key, last.value)
    }

    /// The record of a checkpoint; nil where there is none.
    package func checkpoint(_ epoch: Epoch) throws(StoreError) -> CheckpointRecord? {
        guard let value = try view.value(epoch.rawValue, in: environment.databases.checkpoints) else { return nil }
        return try record(epoch.rawValue, value)
    }

    /// A checkpoint's record, with its cost where only this host knows it yet.
    private func record(_ key: UInt64, _ value: UnsafeRawBufferPointer) throws(StoreError) -> CheckpointRecord {
        let epoch = Epoch(rawValue: key)
        var record = try CheckpointRecord(decoding: value, epoch: epoch, path: path)
        if let lastCost, lastCost.epoch == epoch { record.cost = lastCost.cost }
        return record
    }

    /// Goes through the ids of existing pages in a range, ascending, until `body` says false. Reads no page.
    package func forEachPage(in range: ClosedRange<PageID>, _ body: (PageID) throws(StoreError) -> Bool)
        throws(StoreError)
    {
        try forEachEntry(in: range) { (entry: IndexEntry) throws(StoreError) in try body(entry.id) }
    }

    /// Goes through the current entries in a range: `idx` and the overlay's, merged (STORE-5).
    func forEachEntry(in range: ClosedRange<PageID>, _ body: (IndexEntry) throws(StoreError) -> Bool)
        throws(StoreError)
    {
        let laid = overlay.sortedEntries().filter { range.contains($0.id) }
        var next = 0
        let cursor = try Cursor(environment.databases.index, in: view)
        var item = try cursor.seekAtLeast(range.lowerBound.rawValue)
        var previous: UInt64?
        while let current = item, current.key <= range.upperBound.rawValue {
            let id = PageID(rawValue: current.key)
            if let previous, previous >= current.key {
                throw .damaged(
                    path: path,
                    Damage(.index, page: id, .order, expected: previous &+ 1, found: current.key))
            }
            previous = current.key
            while next < laid.count, laid[next].id < id {
                guard try body(laid[next]) else { return }
                next += 1
            }
            if case .unknown = overlay.answer(id) {
                let place = try IndexEntry.Place(decoding: current.value, of: id, path: path)
                guard try body(IndexEntry(id: id, place: place)) else { return }
            }
            item = try cursor.next()
        }
        while next < laid.count {
            guard try body(laid[next]) else { return }
            next += 1
        }
    }

    /// Sizes, by counters and one `stat`; no scan.
    package func statistics() throws(StoreError) -> StoreStatistics {
        var status = stat()
        guard stat(path, &status) == 0 else { throw .system(errno, path: path, call: "stat") }
        return StoreStatistics(
            fileBytes: UInt64(status.st_size), mapBytes: UInt64(Bounds.mapBytes),
            livePages: head.livePages - min(head.oldPages, head.livePages),
            oldPages: head.oldPages,
            segments: head.segments, slots: head.slots, deltaEntries: head.deltaEntries)
    }
}
