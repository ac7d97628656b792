// What a publication replaces and frees: where it stood is noted where something kept needs it, and counted down otherwise
// (specs/store.md, Publication, step 2).

extension Publisher {
    /// What stood where before the publication, as far as something kept needs it.
    struct Before {
        var entries: [IndexEntry] = []
        var made: [PageID] = []

        var record: DeltaRecord {
            DeltaRecord(
                entries: entries.sorted { $0.id < $1.id },
                runs: PageRun.runs(of: made.sorted()))
        }
    }

    /// What stood at a place is current no more: it is noted for what is kept, or its segment counted down.
    private func take(_ entry: IndexEntry, _ before: inout Before) throws(StoreError) {
        if past.mustNote(entry.id) {
            before.entries.append(entry)
        } else {
            try live.lose(entry.place.location.segment, path: environment.path)
        }
    }

    /// Takes the places in which the pages stood.
    func takeReplaced(_ pages: [Item], _ before: inout Before, in view: Transaction) throws(StoreError) {
        let index = try Cursor(environment.databases.index, in: view)
        for page in pages {
            if let place = try overlay.place(of: page.id, in: index, path: environment.path) {
                try take(IndexEntry(id: page.id, place: place), &before)
            } else if past.mustNote(page.id) {
                before.made.append(page.id)
            }
        }
    }

    /// Takes the places of freed pages; answers the runs in which there were any.
    func takeFreed(
        _ runs: [PageRun], _ before: inout Before, in view: Transaction, _ statistics: inout PublicationStatistics
    ) throws(StoreError) -> [PageRun] {
        guard !runs.isEmpty else { return [] }
        let path = environment.path
        let index = try Cursor(environment.databases.index, in: view)
        var effective: [PageRun] = []
        for run in runs {
            var freed: UInt64 = 0
            for id in overlay.ids(in: run) {
                guard let place = overlay.entries[id] else { continue }
                try take(IndexEntry(id: id, place: place), &before)
                freed += 1
            }
            var item = try index.seekAtLeast(run.first.rawValue)
            while let entry = item, entry.key <= run.last.rawValue {
                let id = PageID(rawValue: entry.key)
                if case .unknown = overlay.answer(id) {
                    let place = try IndexEntry.Place(decoding: entry.value, of: id, path: path)
                    try take(IndexEntry(id: id, place: place), &before)
                    freed += 1
                }
                item = try index.next()
            }
            if freed > 0 { effective.append(run) }
            statistics.pagesFreed += freed
        }
        return effective
    }
}
