// A new world: an empty store, its first objects, and their first publication.

import Devices
import Kernel
import Objects
import Store

enum Genesis {
    /// Writes a world that has nothing in it but its root bank and root meter.
    static func write(at directory: String, limitPages: UInt64?, entropyKey: [UInt8], isSeeded: Bool) throws {
        let objects = Objects(store: nil, budgetPages: 1024, residentBound: 1024)
        try Kernel(objects: objects).makeGenesis(limitPages: limitPages, entropyKey: entropyKey, isSeeded: isSeeded)
        let frozen = objects.freeze()
        var generator = SystemRandomNumberGenerator()
        try Store.create(
            at: directory,
            worldID: WorldID(low: generator.next(), high: generator.next()),
            first: Publication(
                frozen,
                note: CheckpointNote(
                    wallTimeNanoseconds: Int64(HostTime().realtime), gasClock: 0,
                    dirtyPages: UInt64(frozen.pages.count), freezeMicroseconds: 0)))
    }
}

extension Publication {
    /// What a freeze hands over, as the store takes it.
    init(_ frozen: FrozenPages, note: CheckpointNote) {
        self.init(
            epoch: Epoch(rawValue: frozen.epoch),
            pages: frozen.pages.map { PublishedPage(id: $0.0, content: $0.1) },
            freed: Self.runs(of: frozen.freed), attributes: [], checkpoint: note)
    }

    /// Ids as runs of neighbours.
    private static func runs(of ids: [PageID]) -> [PageRun] {
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
