// What is left when the host is killed while it publishes.

import Glibc
import Store
import Testing

@Suite(.serialized) struct CrashTests {
    @Test func killedAtRandomMomentsTheStoreIsThatOfAPublishedEpoch() async throws {
        let directory = try TemporaryDirectory()
        let seed = 77 as UInt64
        var model = PastModel(world: ModelWorld(seed: seed))
        try Store.create(at: directory.world, first: model.plannedStep())
        var generator = SeededGenerator(seed: 78)
        var highest = 1 as UInt64
        for round in 0..<30 {
            let microseconds = UInt32.random(in: 500...60_000, using: &generator)
            await #expect(processExitsWith: .signal(SIGKILL), "round \(round)") {
                [
                    path = directory.path as String, world = directory.world as String, seed = seed as UInt64,
                    microseconds = microseconds as UInt32
                ] in
                let store = try Store.open(at: world, mode: .host)
                var model = PastModel(world: ModelWorld(seed: seed))
                while model.world.epoch < store.epoch.rawValue { _ = model.plannedStep() }
                let log = open(path + "/acknowledged", O_RDWR | O_CREAT, 0o644)
                Task.detached {
                    usleep(microseconds)
                    kill(getpid(), SIGKILL)
                }
                while true {
                    let next = model.plannedStep()
                    try store.apply(next)
                    var epoch = model.world.epoch
                    pwrite(log, &epoch, 8, 0)
                }
            }
            var acknowledged = 0 as UInt64
            let log = open(directory.path + "/acknowledged", O_RDONLY)
            pread(log, &acknowledged, 8, 0)
            close(log)
            #expect(try Store.condition(at: directory.world) == .crashed)
            let store = try Store.open(at: directory.world, mode: .reader)
            #expect(store.epoch.rawValue >= max(acknowledged, highest))
            highest = store.epoch.rawValue
            while model.world.epoch < highest { _ = model.plannedStep() }
            try expectEqual(store, model, "seed \(seed), round \(round), epoch \(highest)")
            try store.close()
        }
        #expect(highest > 30, "the children did publish")
        #expect(model.kept.count >= 4)
    }

    @Test func killedBetweenStagesTheOldStateStandsAndTheStagedSegmentsGo() async throws {
        let directory = try TemporaryDirectory()
        try makeWorld(directory, pages: 300)
        await #expect(processExitsWith: .signal(SIGKILL)) { [world = directory.world as String] in
            let store = try Store.open(at: world, mode: .host)
            let before = try store.statistics().fileBytes
            Task.detached {
                var status = stat()
                while stat(world + "/store.mdb", &status) == 0, UInt64(status.st_size) < before + 80 << 20 {
                    usleep(200)
                }
                kill(getpid(), SIGKILL)
            }
            let content = UnsafeMutableRawPointer.allocate(byteCount: 4_096, alignment: 4_096)
            content.initializeMemory(as: UInt8.self, repeating: 3, count: 4_096)
            let pages = (1...150_000 as ClosedRange<UInt64>).map {
                PublishedPage(id: PageID(rawValue: $0), content: content)
            }
            _ = try store.publish(publication(2, pages))
            exit(1)
        }
        var status = stat()
        #expect(stat(directory.world + "/store.mdb", &status) == 0)
        let staged = UInt64(status.st_size)
        #expect(staged > 64 << 20, "segments were staged")

        let store = try Store.open(at: directory.world, mode: .host)
        #expect(store.epoch.rawValue == 1)
        #expect(try store.statistics().livePages == 300)
        #expect(try store.page(PageID(rawValue: 301)) == nil)
        #expect(try store.verify { _, _ in } == [])
        // The next publications drop what was staged, and use its space.
        for epoch in 2...12 as ClosedRange<UInt64> {
            let buffer = PageBuffer(capacity: 2_000)
            for id in 1...2_000 as ClosedRange<UInt64> { buffer.add(PageID(rawValue: id), epoch: epoch) }
            try store.apply(publication(epoch, buffer.pages), keeping: buffer)
        }
        #expect(try store.statistics().fileBytes <= staged + 1 << 20)
        for id in 1...2_000 as ClosedRange<UInt64> {
            #expect(matches(try #require(try store.page(PageID(rawValue: id))), id: PageID(rawValue: id), epoch: 12))
        }
        #expect(try store.verify { _, _ in } == [])
        try store.close()
    }
}
