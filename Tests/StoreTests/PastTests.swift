// Kept states: what was, as long as it is kept, whatever is written, freed, collected and released meanwhile.

import Store
import Testing

@Suite struct PastTests {
    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func keptStatesStayWhateverIsReleasedInWhateverOrder(seed: UInt64) throws {
        let directory = try TemporaryDirectory()
        // Small pages counts and much rewriting, so that segments empty and are collected.
        let shape = ModelWorld.Shape(
            rewritten: seed % 2 == 0 ? 120 : 40, made: seed % 3 == 0 ? 120 : 30, freedRuns: 3, runLength: 20)
        var model = PastModel(world: ModelWorld(seed: seed, shape: shape))
        var generator = SeededGenerator(seed: seed &* 77)
        try Store.create(at: directory.world, first: model.step(.init(keepsThis: seed % 4 == 0)))
        for round in 0..<4 {
            let store = try Store.open(at: directory.world, mode: .host)
            try expectEqual(store, model, "seed \(seed), opened in round \(round)")
            for _ in 0..<12 {
                let count = Int.random(in: 0...3, using: &generator) == 0 ? Int.random(in: 1...4, using: &generator) : 0
                let released = Array(model.kept.keys.sorted().shuffled(using: &generator).prefix(count))
                var held: [Epoch: Bool] = [:]
                if let some = model.kept.keys.sorted().randomElement(using: &generator), !released.contains(some) {
                    held[some] = Bool.random(using: &generator)
                }
                let keeps = Int.random(in: 0...2, using: &generator) > 0
                try store.apply(model.step(.init(keepsThis: keeps, released: released, held: held)))
                try expectEqual(store, model, "seed \(seed), round \(round), epoch \(model.world.epoch)")
            }
            try store.close()
        }
        let store = try Store.open(at: directory.world, mode: .host)
        try store.apply(model.step(.init(released: model.kept.keys.sorted())))
        try expectEqual(store, model, "seed \(seed), all released")
        #expect(try store.statistics().oldPages == 0)
        try store.close()
    }

    @Test func collectionMovesOldPagesAndTheyAreFound() throws {
        let directory = try TemporaryDirectory()
        var model = PastModel(
            world: ModelWorld(seed: 5, shape: .init(rewritten: 2_000, made: 300, freedRuns: 0)))
        try Store.create(at: directory.world, first: model.step(.init(keepsThis: true)))
        let store = try Store.open(at: directory.world, mode: .host)
        for _ in 0..<25 { try store.apply(model.step(.init(keepsThis: true))) }
        // What is left is the newest but one's: some pages in each of many segments.
        let kept = model.kept.keys.sorted()
        try store.apply(model.step(.init(released: kept.filter { $0 != kept[kept.count - 2] })))
        var moved = 0
        for _ in 0..<8 { moved += try store.apply(model.step(.init())).0.oldPagesMoved }
        #expect(moved > 0)
        try expectEqual(store, model, "after \(moved) old pages moved")
        try store.close()
        let again = try Store.open(at: directory.world, mode: .reader)
        try expectEqual(again, model, "opened by a reader")
        try again.close()
    }

    @Test func aStateThatIsReadStaysWhileItIsReleasedAndWrittenOver() throws {
        let directory = try TemporaryDirectory()
        var model = PastModel(world: ModelWorld(seed: 9))
        try Store.create(at: directory.world, first: model.step(.init(keepsThis: true)))
        let store = try Store.open(at: directory.world, mode: .host)
        let epoch = try #require(model.kept.keys.first)
        let pages = try #require(model.kept[epoch])
        let past = try store.past(epoch)
        try store.apply(model.step(.init(released: [epoch])))
        for _ in 0..<30 { try store.apply(model.step(.init())) }
        for (id, written) in pages { #expect(matches(try #require(try past.page(id)), id: id, epoch: written)) }
        #expect(try past.verify { _, _ in } == [])
        try past.close()
        #expect(storeError { _ = try store.past(epoch) } == .notKept(path: store.path, epoch))
        try store.close()
    }

    @Test func whatIsNotKeptIsRefused() throws {
        let directory = try TemporaryDirectory()
        var model = PastModel(world: ModelWorld(seed: 3))
        try Store.create(at: directory.world, first: model.step(.init()))
        let store = try Store.open(at: directory.world, mode: .host)
        let first = Epoch(rawValue: 1)
        let refusal = StoreError.notKept(path: store.path, first)
        #expect(storeError { _ = try store.past(first) } == refusal)
        #expect(storeError { _ = try store.changes(since: first) } == refusal)
        #expect(
            storeError { _ = try store.past(Epoch(rawValue: 99)) } == .notKept(path: store.path, Epoch(rawValue: 99)))
        #expect(storeError { try store.apply(model.step(.init(released: [first]))) } == refusal)
        try store.close()
    }
}
