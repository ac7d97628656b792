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
        try store.close()
    }

    @Test func releasingWhatIsNotKeptIsOurOwnMistake() async {
        await #expect(processExitsWith: .failure) {
            let directory = try TemporaryDirectory()
            var model = PastModel(world: ModelWorld(seed: 3))
            try Store.create(at: directory.world, first: model.step(.init()))
            let store = try Store.open(at: directory.world, mode: .host)
            removeTree(directory.path)
            try store.apply(model.step(.init(released: [Epoch(rawValue: 1)])))
        }
    }

    @Test func largeStatesAreKeptThroughStagedTransactions() throws {
        let directory = try TemporaryDirectory()
        let ids = (1...17_000 as ClosedRange<UInt64>).map { PageID(rawValue: $0) }
        func pages(_ epoch: UInt64) -> PageBuffer {
            let buffer = PageBuffer(capacity: ids.count)
            for id in ids { buffer.add(id, epoch: epoch) }
            return buffer
        }
        let first = pages(1)
        try Store.create(
            at: directory.world, first: publication(1, first.pages, keeping: .init(keepsThis: true)), keeping: first)
        let store = try Store.open(at: directory.world, mode: .host)
        for epoch in 2...3 as ClosedRange<UInt64> {
            let buffer = pages(epoch)
            let (statistics, _) = try store.apply(
                publication(epoch, buffer.pages, keeping: .init(keepsThis: epoch == 2)), keeping: buffer)
            #expect(statistics.stagedTransactions > 0 && statistics.pagesKept == ids.count)
        }
        for epoch in 1...2 as ClosedRange<UInt64> {
            let past = try store.past(Epoch(rawValue: epoch))
            for id in ids where id.rawValue % 97 == 0 {
                #expect(matches(try #require(try past.page(id)), id: id, epoch: epoch))
            }
            try past.close()
        }
        #expect(try store.verify { _, _ in } == [])
        try store.close()
    }

    /// As a rollback does.
    @Test func idsThatWereFreedAreMadeAgain() throws {
        let directory = try TemporaryDirectory()
        let ids = (1...300 as ClosedRange<UInt64>).map { PageID(rawValue: $0) }
        func buffer(_ epoch: UInt64, _ ids: some Sequence<PageID>) -> PageBuffer {
            let buffer = PageBuffer(capacity: 300)
            for id in ids { buffer.add(id, epoch: epoch) }
            return buffer
        }
        let first = buffer(1, ids)
        try Store.create(
            at: directory.world, first: publication(1, first.pages, keeping: .init(keepsThis: true)), keeping: first)
        let store = try Store.open(at: directory.world, mode: .host)
        let gone = PageRun(first: PageID(rawValue: 101), count: 100)
        try store.apply(
            publication(2, [], freed: [gone], keeping: .init(keepsThis: true)), keeping: PageBuffer(capacity: 1))
        let again = buffer(3, ids[100..<200])
        try store.apply(publication(3, again.pages, keeping: .init(keepsThis: true)), keeping: again)
        try store.apply(publication(4, [], freed: [gone]), keeping: PageBuffer(capacity: 1))
        for (epoch, written) in [(1, 1), (2, nil), (3, 3)] as [(UInt64, UInt64?)] {
            let past = try store.past(Epoch(rawValue: epoch))
            for id in ids[100..<200] {
                let page = try past.page(id)
                #expect(written == nil ? page == nil : page.map { matches($0, id: id, epoch: written ?? 0) } == true)
            }
            try past.close()
        }
        #expect(try store.verify { _, _ in } == [])
        try store.apply(
            publication(5, [], keeping: .init(released: [1, 3].map { Epoch(rawValue: $0) })),
            keeping: PageBuffer(capacity: 1))
        let past = try store.past(Epoch(rawValue: 2))
        for id in ids { #expect(try past.contains(id) == !gone.contains(id)) }
        try past.close()
        #expect(try store.verify { _, _ in } == [])
        try store.close()
    }

    @Test func aKeptStateIsReadOnAnotherThreadWhileTheStoreGoesOn() async throws {
        let directory = try TemporaryDirectory()
        var model = PastModel(world: ModelWorld(seed: 21))
        try Store.create(at: directory.world, first: model.step(.init(keepsThis: true)))
        let store = try Store.open(at: directory.world, mode: .host)
        let epoch = try #require(model.kept.keys.first)
        let pages = try #require(model.kept[epoch])
        let reading = Task.detached {
            for _ in 0..<40 {
                let past = try store.past(epoch)
                for (id, written) in pages {
                    guard let page = try past.page(id), matches(page, id: id, epoch: written) else { return false }
                }
                try past.close()
            }
            return true
        }
        for _ in 0..<60 { try store.apply(model.step(.init(keepsThis: model.world.epoch % 4 == 0))) }
        #expect(try await reading.value)
        try expectEqual(store, model, "read beside 60 publications")
        try store.close()
    }

    /// A bit in an undo record: found, and neither the present nor other kept states are hurt by it.
    @Test func aDamagedUndoRecordIsNamedAndThePresentGoesOn() throws {
        let directory = try TemporaryDirectory()
        let id = PageID(rawValue: 0x0001_2345_6789_ABCD)
        let first = PageBuffer(capacity: 1)
        first.add(id, epoch: 1)
        try Store.create(
            at: directory.world, first: publication(1, first.pages, keeping: .init(keepsThis: true)), keeping: first)
        do {
            let store = try Store.open(at: directory.world, mode: .host)
            for epoch in 2...3 as ClosedRange<UInt64> {
                let next = PageBuffer(capacity: 1)
                next.add(id, epoch: epoch)
                try store.apply(publication(epoch, next.pages, keeping: .init(keepsThis: epoch == 2)), keeping: next)
            }
            try store.close()
        }
        let path = directory.world + "/store.mdb"
        let whole = contents(path)
        let name = withUnsafeBytes(of: id.rawValue.littleEndian) { Array($0) }
        var at = 0
        var named = 0
        while let found = offset(of: name, in: Array(whole[at...])) {
            overwrite(path, at: at + found, [whole[at + found] ^ 1])
            if let store = try? Store.open(at: directory.world, mode: .reader) {
                let problems = try store.verify { _, _ in }
                if problems.contains(where: { if case .undo = $0.damage.place { true } else { false } }) {
                    named += 1
                    #expect(matches(try #require(try store.page(id)), id: id, epoch: 3))
                    let refused = [1, 2].filter { epoch in
                        storeError { try store.past(Epoch(rawValue: epoch)).close() } != nil
                    }
                    #expect(refused.contains(1) && !problems.isEmpty)
                }
                try store.close()
            }
            overwrite(path, at: at + found, [whole[at + found]])
            at += found + 1
        }
        #expect(named >= 2)
    }
}
