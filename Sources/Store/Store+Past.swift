// What the layers above learn of kept states, besides opening one (`past`).

extension Store {
    /// The pages that changed since a kept checkpoint, up to this state: written, made or freed, ascending. Linear in them. Throws
    /// `notKept`, `damaged`.
    package func changes(since base: Epoch) throws(StoreError) -> [PageID] {
        guard try checkpoint(base)?.isKept == true else { throw .notKept(path: path, base) }
        var changed: Set<PageID> = []
        try UndoRecords.above(base, in: view) { found, record in
            if found <= epoch { changed.formUnion(record.ids) }
        }
        return changed.sorted()
    }

    /// All pages that exist, ascending. Linear in them.
    package func pageRuns() throws(StoreError) -> [PageRun] {
        var runs: [PageRun] = []
        var laid = overlay.sortedEntries()[...]
        let index = try Cursor(environment.databases.index, in: view)
        var item = try index.first()
        while let found = item {
            let id = PageID(rawValue: found.key)
            while let first = laid.first, first.id <= id { runs.add(laid.removeFirst().id) }
            if case .unknown = overlay.answer(id) { runs.add(id) }
            item = try index.next()
        }
        for entry in laid { runs.add(entry.id) }
        return runs
    }

    /// Pages that are there for one kept checkpoint only, and would be given back if it alone went; by checkpoint, for all that are
    /// kept. Linear in what all of them keep. Throws `damaged`.
    ///
    /// A kept state can tell as well, of all that were kept when it was opened: on its own thread.
    package func pagesKeptAlone() throws(StoreError) -> [Epoch: UInt64] {
        let kept = try allCheckpoints().filter(\.isKept).map(\.epoch)
        guard let oldest = kept.first else { return [:] }
        // The newest first, as records are read: of a page that the step before has as well, the place is of this one alone.
        var alone: [Epoch: UInt64] = [:]
        var step = kept.count - 1
        var places: [PageID] = []
        var later: (epoch: Epoch, places: [PageID])?
        var all: Set<PageID> = []
        func end(_ epoch: Epoch) {
            if let later { alone[later.epoch] = UInt64(later.places.count { all.contains($0) }) }
            later = (epoch, places)
            (places, all) = ([], [])
        }
        try UndoRecords.above(oldest, in: view) { epoch, record in
            while step > 0, kept[step] >= epoch {
                end(kept[step])
                step -= 1
            }
            places += record.entries.map(\.id)
            all.formUnion(record.ids)
        }
        while step >= 0 {
            end(kept[step])
            step -= 1
        }
        // Before the oldest there is nobody to share with.
        if let later { alone[later.epoch] = UInt64(later.places.count) }
        return alone
    }
}
