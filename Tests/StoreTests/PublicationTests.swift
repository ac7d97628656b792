// The bounds of publishing: merging the delta, staging, collection, the list of checkpoints.

import Glibc
import Store
import Testing

/// A world whose pages all have one content, so that large sets cost no memory.
final class BulkWorld {
    let directory: TemporaryDirectory
    private(set) var store: Store
    private(set) var epoch: UInt64 = 1
    private let content = UnsafeMutableRawPointer.allocate(byteCount: 4_096, alignment: 4_096)

    init() throws {
        directory = try TemporaryDirectory()
        try Store.create(at: directory.world, worldID: testWorldID, first: publication(1, []))
        store = try Store.open(at: directory.world, mode: .host)
    }

    deinit { content.deallocate() }

    /// The value in each word of what an epoch wrote.
    func setContent(_ epoch: UInt64) {
        content.initializeMemory(as: UInt64.self, repeating: epoch, count: 512)
    }

    func publish(
        _ ids: some Sequence<UInt64>, freed: [PageRun] = [], name: String? = nil,
        keeping: Publication.Keeping = Publication.Keeping()
    ) throws -> (PublicationStatistics, Adoption) {
        epoch += 1
        setContent(epoch)
        let pages = ids.map { PublishedPage(id: PageID(rawValue: $0), content: content) }
        let published = try store.publish(publication(epoch, pages, freed: freed, name: name, keeping: keeping))
        let statistics = published.statistics
        return (statistics, try store.adopt(published))
    }

    /// The epoch that wrote a page.
    func writer(of id: UInt64) throws -> UInt64? {
        try store.page(PageID(rawValue: id))?.load(as: UInt64.self)
    }

    func reopen() throws {
        try store.close()
        store = try Store.open(at: directory.world, mode: .host)
    }
}

@Suite(.serialized) struct PublicationTests {
    @Test func theDeltaIsMergedWhenItWouldPassItsBoundAndNotBefore() throws {
        let world = try BulkWorld()
        let half = UInt64(Bounds.deltaEntries / 2)
        #expect(try !world.publish(1...half).0.merged)
        // Exactly at the bound.
        #expect(try !world.publish(half + 1...2 * half).0.merged)
        #expect(try world.store.statistics().deltaEntries == UInt64(Bounds.deltaEntries))
        try world.reopen()
        #expect(try world.writer(of: 1) == 2)
        #expect(try world.writer(of: 2 * half) == 3)
        // One more merges all, with a page that is rewritten and a run that is freed.
        let run = PageRun(first: PageID(rawValue: 100), count: 50)
        #expect(try world.publish([1], freed: [run]).0.merged)
        for _ in 0..<2 {
            #expect(try world.store.statistics().deltaEntries == 0)
            #expect(try world.writer(of: 1) == 4)
            #expect(try world.writer(of: 99) == 2)
            #expect(try world.writer(of: 100) == nil)
            #expect(try world.writer(of: 149) == nil)
            #expect(try world.writer(of: 150) == 2)
            #expect(try world.writer(of: half + 1) == 3)
            #expect(try world.store.verify { _, _ in } == [])
            try world.reopen()
        }
        // Freed pages of the merged index, seen through the delta.
        #expect(
            try world.publish([], freed: [PageRun(first: PageID(rawValue: 1), count: half)]).0.pagesFreed == half - 50)
        #expect(try world.writer(of: 99) == nil)
        #expect(try world.store.statistics().livePages == half)
        #expect(try world.store.verify { _, _ in } == [])
        try world.store.close()
    }

    @Test func aPublicationAboveTheBoundGoesStraightToTheIndexInStages() throws {
        let world = try BulkWorld()
        let count = UInt64(Bounds.deltaEntries + 1)
        let (statistics, _) = try world.publish(1...count)
        #expect(statistics.merged)
        #expect(statistics.segmentsWritten == 258)
        // 258 segments: 64 in each of four transactions before the publication's own.
        #expect(statistics.stagedTransactions == 4)
        try world.reopen()
        #expect(try world.writer(of: 1) == 2)
        #expect(try world.writer(of: count) == 2)
        #expect(try world.writer(of: count + 1) == nil)
        #expect(try world.store.verify { _, _ in } == [])
        try world.store.close()
    }

    @Test func collectionKeepsTheFootprintBoundedAndTellsWhatMoved() throws {
        let world = try BulkWorld()
        let pages = 4_000 as UInt64
        _ = try world.publish(1...pages)
        var writers = [UInt64](repeating: 2, count: Int(pages) + 1)
        var generator = SeededGenerator(seed: 5)
        var (moved, collected) = (0, 0)
        for round in 0..<60 {
            var ids: Set<UInt64> = []
            while ids.count < 400 { ids.insert(.random(in: 1...pages, using: &generator)) }
            let before = try (1...pages).map { try world.store.page(PageID(rawValue: $0)) }
            let (statistics, adoption) = try world.publish(ids)
            moved += statistics.pagesMoved
            collected += statistics.segmentsCollected
            #expect(adoption.droppedSegments == statistics.segmentsDropped)
            #expect(adoption.movedPages.count == statistics.pagesMoved)
            for id in ids { writers[Int(id)] = world.epoch }
            let told = Set(adoption.movedPages.map(\.rawValue))
            #expect(told.isDisjoint(with: ids))
            for id in 1...pages {
                let now = try world.store.page(PageID(rawValue: id))
                #expect(try world.writer(of: id) == writers[Int(id)], "round \(round)")
                // What did not move and was not written is where it was; what is said to have moved did.
                if !ids.contains(id) { #expect((now != before[Int(id) - 1]) == told.contains(id)) }
            }
            let sizes = try world.store.statistics()
            let footprint = sizes.slots + sizes.segments
            #expect(footprint <= sizes.livePages * 190 / 100 + 256 + 16, "round \(round)")
        }
        #expect(moved > 0)
        #expect(collected > 0)
        #expect(try world.store.verify { _, _ in } == [])
        let file = try world.store.statistics().fileBytes
        #expect(file < pages * 4_096 * 3, "the file of \(file) bytes reuses its space")
        try world.store.close()
    }

    @Test func segmentsWithoutLivePagesAreDroppedWithoutMovingAnything() throws {
        let world = try BulkWorld()
        _ = try world.publish(1...2_550)
        let (statistics, adoption) = try world.publish([], freed: [PageRun(first: PageID(rawValue: 1), count: 2_550)])
        #expect(statistics.segmentsDropped == 10)
        #expect(statistics.pagesMoved == 0)
        #expect(adoption.movedPages == [])
        #expect(try world.store.statistics().segments == 0)
        #expect(try world.store.verify { _, _ in } == [])
        try world.store.close()
    }

    @Test func checkpointsAreListedWithTheirCostAndBoundedButForKeptOnes() throws {
        let world = try BulkWorld()
        _ = try world.publish([1], name: "kept", keeping: .init(keepsThis: true))
        for _ in 0..<1_005 { _ = try world.publish([]) }
        for _ in 0..<2 {
            let records = try world.store.checkpoints()
            #expect(records.count == 1_001)
            #expect(records.map(\.epoch) == records.map(\.epoch).sorted())
            #expect(records.first?.note == note(2, dirty: 1, name: "kept"))
            #expect(records.last?.epoch.rawValue == world.epoch)
            #expect(records.last?.note == note(world.epoch, dirty: 0))
            #expect(records.allSatisfy { ($0.cost?.bytesWritten ?? 0) >= 4_096 })
            #expect(records.allSatisfy { ($0.cost?.commitMicroseconds ?? 0) > 0 })
            try world.reopen()
        }
        try world.store.close()
    }

    @Test func epochsThatDoNotGrowAreOurOwnMistake() async {
        await #expect(processExitsWith: .failure) {
            let world = try BulkWorld()
            defer { removeTree(world.directory.path) }
            _ = try world.store.publish(publication(1, []))
        }
    }

    @Test func publishingTwiceWithoutAdoptingIsOurOwnMistake() async {
        await #expect(processExitsWith: .failure) {
            let world = try BulkWorld()
            let first = try world.store.publish(publication(2, []))
            removeTree(world.directory.path)
            _ = try world.store.publish(publication(3, []))
            _ = try world.store.adopt(first)
        }
    }
}
