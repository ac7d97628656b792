// What the layers above learn of kept states, besides opening one (`past`).

extension Store {
    /// The pages that changed since a kept checkpoint: written, made or freed, ascending. Linear in them. Throws `notKept`, `damaged`.
    package func changes(since epoch: Epoch) throws(StoreError) -> [PageID] {
        precondition(!isPast)
        guard try checkpoint(epoch)?.isKept == true else { throw .notKept(path: path, epoch) }
        var changed: Set<PageID> = []
        try UndoRecords.above(epoch, in: view) { _, record in changed.formUnion(record.ids) }
        return changed.sorted()
    }

    /// Pages that are there for one kept checkpoint only, and would be given back if it alone went; by checkpoint, for all that are
    /// kept. Linear in what all of them keep. Throws `damaged`.
    package func pagesKeptAlone() throws(StoreError) -> [Epoch: UInt64] {
        precondition(!isPast)
        let kept = try checkpoints().filter(\.isKept).map(\.epoch)
        var alone: [Epoch: UInt64] = [:]
        // The newest first, as records are read: of each step between two the pages that the step before has as well.
        var steps: [Epoch: (places: [PageID], all: Set<PageID>)] = [:]
        for epoch in kept { steps[epoch] = ([], []) }
        guard let oldest = kept.first else { return [:] }
        var step = kept.count - 1
        try UndoRecords.above(oldest, in: view) { epoch, record in
            while step > 0, kept[step] >= epoch { step -= 1 }
            steps[kept[step]]?.places += record.entries.map(\.id)
            steps[kept[step]]?.all.formUnion(record.ids)
        }
        for (index, epoch) in kept.enumerated() {
            let before = index == 0 ? nil : steps[kept[index - 1]]?.all
            let places = steps[epoch]?.places ?? []
            alone[epoch] = UInt64(places.count { before?.contains($0) ?? true })
        }
        return alone
    }
}
