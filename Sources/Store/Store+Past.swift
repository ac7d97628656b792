// What the layers above learn of kept states, besides opening one (`past`).

extension Store {
    /// The pages that changed since a kept checkpoint: written, made or freed, ascending. Linear in them. Throws `notKept`, `damaged`.
    package func changes(since epoch: Epoch) throws(StoreError) -> [PageID] {
        precondition(!isPast, "the present is asked what changed")
        guard try checkpoint(epoch)?.isKept == true else { throw .notKept(path: path, epoch) }
        var changed: Set<PageID> = []
        try UndoRecords.above(epoch, in: view) { _, record in changed.formUnion(record.ids) }
        return changed.sorted()
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
