// Publishing, reopening and reading back, against the model.

import Store
import Testing

/// Compares all of the store with the model.
func expectEqual(
    _ store: Store, _ model: ModelWorld, _ comment: Comment, sourceLocation: SourceLocation = #_sourceLocation
)
    throws
{
    #expect(store.epoch.rawValue == model.epoch, comment, sourceLocation: sourceLocation)
    #expect(store.attributes == attributes(model.epoch), comment, sourceLocation: sourceLocation)
    for (id, epoch) in model.pages {
        guard let content = try store.page(id), matches(content, id: id, epoch: epoch) else {
            Issue.record("page \(id.rawValue) of epoch \(epoch) is not what was written; \(comment)")
            return
        }
    }
    var listed: [PageID] = []
    let all = PageID(rawValue: 0)...PageID(rawValue: .max)
    try store.forEachPage(in: all) { id in
        listed.append(id)
        return true
    }
    #expect(listed == model.pages.keys.sorted(), comment, sourceLocation: sourceLocation)
    let statistics = try store.statistics()
    #expect(statistics.livePages == UInt64(model.pages.count), comment, sourceLocation: sourceLocation)
}

@Suite struct StoreTests {
    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func storeEqualsModelAfterEveryPublicationAndReopening(seed: UInt64) throws {
        let directory = try TemporaryDirectory()
        var model = ModelWorld(seed: seed)
        do {
            let first = model.step()
            try Store.create(at: directory.world, worldID: testWorldID, first: first.publication)
        }
        for round in 0..<6 {
            let store = try Store.open(at: directory.world, mode: .host)
            #expect(store.worldID == testWorldID)
            try expectEqual(store, model, "seed \(seed), opened in round \(round)")
            for _ in 0..<15 {
                let next = model.step()
                _ = try store.adopt(try store.publish(next.publication))
                try expectEqual(store, model, "seed \(seed), round \(round), epoch \(model.epoch)")
            }
            try store.close()
        }
    }
}
