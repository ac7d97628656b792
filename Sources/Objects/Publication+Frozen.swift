// The way from a freeze to the store: what is frozen here is what is published there.

import Store

extension Publication {
    /// What a freeze hands over, as the store takes it. O(freed).
    package init(
        _ frozen: FrozenPages, attributes: [UInt8] = [], note: CheckpointNote, keeping: Keeping = Keeping()
    ) {
        self.init(
            epoch: Epoch(rawValue: frozen.epoch),
            pages: frozen.pages, freed: Self.runs(of: frozen.freed), attributes: attributes, checkpoint: note,
            keeping: keeping)
    }

    /// Ids as runs of neighbours.
    package static func runs(of ids: [PageID]) -> [PageRun] {
        var runs: [PageRun] = []
        for id in ids.sorted() {
            if let last = runs.last, last.last.rawValue + 1 == id.rawValue {
                runs[runs.count - 1] = PageRun(first: last.first, count: last.count + 1)
            } else {
                runs.append(PageRun(first: id, count: 1))
            }
        }
        return runs
    }
}
