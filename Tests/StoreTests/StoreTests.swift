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
    #expect(try store.verify { _, _ in } == [], comment, sourceLocation: sourceLocation)
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
            try Store.create(at: directory.world, first: first)
        }
        for round in 0..<6 {
            let store = try Store.open(at: directory.world, mode: .host)
            #expect(store.worldID == testWorldID)
            try expectEqual(store, model, "seed \(seed), opened in round \(round)")
            for _ in 0..<15 {
                let next = model.step()
                try store.apply(next)
                try expectEqual(store, model, "seed \(seed), round \(round), epoch \(model.epoch)")
            }
            try store.close()
        }
    }

    @Test func pagesOfZerosAreWrittenAndUnknownOnesAreNot() throws {
        let directory = try TemporaryDirectory()
        let buffer = PageBuffer(capacity: 1)
        let id = PageID(rawValue: 7 << 48 | 9)
        buffer.addZeros(id)
        try Store.create(at: directory.world, first: publication(1, buffer.pages), keeping: buffer)
        let store = try Store.open(at: directory.world, mode: .host)
        let content = try #require(try store.page(id))
        #expect(UnsafeRawBufferPointer(start: content, count: 4_096).allSatisfy { $0 == 0 })
        #expect(try store.contains(id))
        #expect(try store.page(PageID(rawValue: 9)) == nil)
        #expect(try !store.contains(PageID(rawValue: 9)))
        try store.close()
    }

    @Test func freedPagesAreGoneAtOnceAndAfterReopening() throws {
        let directory = try TemporaryDirectory()
        let buffer = PageBuffer(capacity: 100)
        for id in 1...100 as ClosedRange<UInt64> { buffer.add(PageID(rawValue: id), epoch: 1) }
        try Store.create(at: directory.world, first: publication(1, buffer.pages), keeping: buffer)
        var store = try Store.open(at: directory.world, mode: .host)
        let runs = [
            PageRun(first: PageID(rawValue: 50), count: 1_000_000), PageRun(first: PageID(rawValue: 3), count: 2),
        ]
        // A page that is written and freed by the same publication is freed.
        let late = PageBuffer(capacity: 1)
        late.add(PageID(rawValue: 60), epoch: 2)
        let (statistics, _) = try store.apply(publication(2, late.pages, freed: runs), keeping: late)
        #expect(statistics.pagesFreed == 53)
        #expect(statistics.pagesWritten == 0)
        for _ in 0..<2 {
            for id in 1...100 as ClosedRange<UInt64> {
                let isLive = id < 50 && id != 3 && id != 4
                #expect(try store.contains(PageID(rawValue: id)) == isLive)
                #expect(try (store.page(PageID(rawValue: id)) != nil) == isLive)
            }
            #expect(try store.statistics().livePages == 47)
            #expect(try store.verify { _, _ in } == [])
            try store.close()
            store = try Store.open(at: directory.world, mode: .host)
        }
        try store.close()
    }

    @Test func forEachPageStaysInItsRangeAndStopsWhenTold() throws {
        let directory = try TemporaryDirectory()
        let buffer = PageBuffer(capacity: 30)
        for id in 1...30 as ClosedRange<UInt64> { buffer.add(PageID(rawValue: id * 2), epoch: 1) }
        try Store.create(at: directory.world, first: publication(1, buffer.pages), keeping: buffer)
        let store = try Store.open(at: directory.world, mode: .host)
        var ids: [UInt64] = []
        try store.forEachPage(in: PageID(rawValue: 5)...PageID(rawValue: 14)) { id in
            ids.append(id.rawValue)
            return true
        }
        #expect(ids == [6, 8, 10, 12, 14])
        ids = []
        try store.forEachPage(in: PageID(rawValue: 0)...PageID(rawValue: .max)) { id in
            ids.append(id.rawValue)
            return ids.count < 3
        }
        #expect(ids == [2, 4, 6])
        try store.close()
    }

    @Test func smallPublicationsCostSmallSegments() throws {
        let directory = try TemporaryDirectory()
        try Store.create(at: directory.world, worldID: testWorldID, first: publication(1, []))
        let store = try Store.open(at: directory.world, mode: .host)
        let buffer = PageBuffer(capacity: 3)
        for id in 1...3 as ClosedRange<UInt64> { buffer.add(PageID(rawValue: id), epoch: 2) }
        let (statistics, _) = try store.apply(publication(2, buffer.pages), keeping: buffer)
        // Three pages, their directory, and the few tree pages of any publication.
        #expect(statistics.bytesWritten < 24 * 4_096)
        #expect(try store.statistics().slots == 3)
        try store.close()
    }

    @Test func thePointersOfTheAdoptedEpochStayWhileTheNextIsPublished() throws {
        let directory = try TemporaryDirectory()
        let ids = (1...300 as ClosedRange<UInt64>).map { PageID(rawValue: $0) }
        let first = PageBuffer(capacity: 300)
        for id in ids { first.add(id, epoch: 1) }
        try Store.create(at: directory.world, first: publication(1, first.pages), keeping: first)
        let store = try Store.open(at: directory.world, mode: .host)
        for epoch in 2...20 as ClosedRange<UInt64> {
            let pointers = try ids.map { try #require(try store.page($0)) }
            let next = PageBuffer(capacity: 300)
            for id in ids { next.add(id, epoch: epoch) }
            let published = try withExtendedLifetime(next) { try store.publish(publication(epoch, next.pages)) }
            for (id, pointer) in zip(ids, pointers) { #expect(matches(pointer, id: id, epoch: epoch - 1)) }
            #expect(try #require(try store.page(ids[0])) == pointers[0])
            #expect(store.epoch.rawValue == epoch - 1)
            _ = try store.adopt(published)
            #expect(matches(try #require(try store.page(ids[0])), id: ids[0], epoch: epoch))
        }
        try store.close()
    }
}

/// A publication of these pages with the model's attributes.
func publication(
    _ epoch: UInt64, _ pages: [PublishedPage], freed: [PageRun] = [], name: String? = nil,
    keeping: Publication.Keeping = Publication.Keeping()
) -> Publication {
    Publication(
        epoch: Epoch(rawValue: epoch), pages: pages, freed: freed, attributes: attributes(epoch),
        checkpoint: note(epoch, dirty: pages.count, name: name), keeping: keeping)
}
