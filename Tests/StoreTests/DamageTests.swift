// Flipped bits: in pages they are found and named, in LMDB's own pages they are an error or do no harm.

import Glibc
import Store
import Testing

@Suite(.serialized) struct DamageTests {
    @Test(arguments: [false, true])
    func aFlippedBitInAPageIsFoundAndThePageAndItsPlaceAreNamed(merged: Bool) throws {
        let directory = try TemporaryDirectory()
        let count = merged ? 66_000 : 500
        let content = UnsafeMutableRawPointer.allocate(byteCount: 4_096, alignment: 4_096)
        defer { content.deallocate() }
        content.initializeMemory(as: UInt8.self, repeating: 0x33, count: 4_096)
        let victim = PageBuffer(capacity: 1)
        victim.add(PageID(rawValue: 77), epoch: 1)
        let pages = (1...UInt64(count)).map {
            $0 == 77 ? victim.pages[0] : PublishedPage(id: PageID(rawValue: $0), content: content)
        }
        try Store.create(at: directory.world, first: publication(1, pages), keeping: victim)
        let path = directory.world + "/store.mdb"
        let expected = victim.bytes(0)
        let place = try #require(offset(of: expected, in: contents(path)))
        #expect(place % 4_096 == 0, "pages are aligned in the file")
        overwrite(path, at: place + 1_234, [expected[1_234] ^ 0x10])

        for mode in [OpenMode.reader, .host] {
            let store = try Store.open(at: directory.world, mode: mode)
            guard case .damaged(path, let damage) = storeError({ _ = try store.page(PageID(rawValue: 77)) }) else {
                Issue.record("a damaged page is reported")
                return
            }
            #expect(damage.page?.rawValue == 77)
            #expect(damage.fact == .checksum)
            guard case .segment(_, slot: 76, offset: UInt64(place)) = damage.place else {
                Issue.record("the place is \(damage.place)")
                return
            }
            #expect(try store.page(PageID(rawValue: 76)) != nil)
            #expect(try store.verify { _, _ in }.map(\.damage) == [damage])
            try store.close()
        }
    }

    @Test func aDamagedSegmentIsLeftByCollectionAndTheRestGoesOn() throws {
        let directory = try TemporaryDirectory()
        let ids = (1...1_000 as ClosedRange<UInt64>).map { PageID(rawValue: $0) }
        let first = PageBuffer(capacity: 1_000)
        for id in ids { first.add(id, epoch: 1) }
        try Store.create(at: directory.world, first: publication(1, first.pages), keeping: first)
        let path = directory.world + "/store.mdb"
        let expected = first.bytes(0)
        let place = try #require(offset(of: expected, in: contents(path)))
        overwrite(path, at: place, [expected[0] ^ 1])
        let store = try Store.open(at: directory.world, mode: .host)
        var damaged = 0
        var collected = 0
        var writers = [UInt64](repeating: 1, count: 1_001)
        var generator = SeededGenerator(seed: 6)
        for epoch in 2...40 as ClosedRange<UInt64> {
            let buffer = PageBuffer(capacity: 1_000)
            for id in ids where id.rawValue % 10 != 1 && Bool.random(using: &generator) {
                buffer.add(id, epoch: epoch)
                writers[Int(id.rawValue)] = epoch
            }
            let (statistics, _) = try store.apply(publication(epoch, buffer.pages), keeping: buffer)
            damaged = statistics.segmentsDamaged
            collected += statistics.segmentsCollected
        }
        #expect(damaged == 1)
        #expect(collected > 0)
        for id in ids.dropFirst() {
            #expect(matches(try #require(try store.page(id)), id: id, epoch: writers[Int(id.rawValue)]))
        }
        #expect(storeError { _ = try store.page(ids[0]) } != nil, "the damage is not sealed with a new checksum")
        try store.close()
    }

    @Test func aFileThatIsCutWhileOpenEndsTheProcessWithThreeLines() async throws {
        let directory = try TemporaryDirectory()
        try makeWorld(directory, pages: 600)
        let result = await #expect(
            processExitsWith: .exitCode(8), observing: [\.standardErrorContent]
        ) { [world = directory.world as String] in
            let store = try Store.open(at: world, mode: .reader)
            truncate(world + "/store.mdb", 40_960)
            for id in 1...600 as ClosedRange<UInt64> { _ = try store.page(PageID(rawValue: id)) }
            exit(1)
        }
        let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        let lines = text.split(separator: "\n")
        #expect(lines.count == 3, "\(text)")
        #expect(text.contains(directory.world + "/store.mdb cannot be read at byte "))
        #expect(text.contains("try: "))
    }

    /// The pages of a file that LMDB uses for its own trees, by their flags.
    private static func treePages(_ bytes: [UInt8]) -> [Int] {
        var pages: [Int] = []
        var page = 0
        while (page + 1) * 4_096 <= bytes.count {
            let flags = Int(bytes[page * 4_096 + 10])
            if flags & 0x04 != 0 {
                let count = (0..<4).reduce(0) { $0 | Int(bytes[page * 4_096 + 12 + $1]) << (8 * $1) }
                page += max(1, min(count, 256))
            } else {
                if flags & 0x0B != 0 { pages.append(page) }
                page += 1
            }
        }
        return pages
    }

    // 108 once made the live table trap on a number that came twice; 153 made LMDB write over the allocator's memory, which
    // ended the process with SIGABRT.
    @Test(arguments: [11, 12, 13, 108, 153] as [UInt64])
    func flippedBitsInTreePagesAreAnErrorOrDoNoHarm(seed: UInt64) async throws {
        let directory = try TemporaryDirectory()
        var model = ModelWorld(seed: seed)
        let first = model.step()
        try Store.create(at: directory.world, first: first)
        let store = try Store.open(at: directory.world, mode: .host)
        for _ in 0..<12 { try store.apply(model.step()) }
        try store.close()
        let result = await #expect(
            processExitsWith: .exitCode(46), observing: [\.standardOutputContent]
        ) { [world = directory.world as String, seed = seed as UInt64] in
            try FlipTrial.run(world: world, seed: seed)
        }
        let text = String(decoding: result?.standardOutputContent ?? [], as: UTF8.self)
        #expect(text.contains("trials"), "seed \(seed): \(text)")
    }

    /// Flips one bit at a time, each in a process of its own, so that neither a crash nor an exit ends the trials.
    private enum FlipTrial {
        static let trials = 100

        static func run(world: String, seed: UInt64) throws {
            typealias Fork = @convention(c) () -> pid_t
            guard let symbol = dlsym(nil, "fork") else { exit(1) }
            let fork = unsafeBitCast(symbol, to: Fork.self)
            var generator = SeededGenerator(seed: seed)
            let path = world + "/store.mdb"
            let whole = contents(path)
            let pages = DamageTests.treePages(whole)
            var outcomes = ["harmless": 0, "reported": 0, "ended": 0]
            for trial in 0..<trials {
                guard let page = pages.randomElement(using: &generator) else { exit(2) }
                let at = page * 4_096 + Int.random(in: 0..<4_096, using: &generator)
                let bit = UInt8(1) << UInt8.random(in: 0..<8, using: &generator)
                overwrite(path, at: at, [whole[at] ^ bit])
                let child = fork()
                if child == 0 {
                    alarm(20)
                    let quiet = open("/dev/null", O_WRONLY)
                    dup2(quiet, STDERR_FILENO)
                    _exit(outcome(world, seed: seed))
                }
                var status: Int32 = 0
                waitpid(child, &status, 0)
                switch (status & 0x7F, status >> 8 & 0xFF) {
                case (0, 0): outcomes["harmless", default: 0] += 1
                case (0, 7): outcomes["reported", default: 0] += 1
                case (0, 8): outcomes["ended", default: 0] += 1
                default:
                    print("seed \(seed), trial \(trial), byte \(at) of page \(page), bit \(bit): status \(status)")
                    exit(3)
                }
                let descriptor = open(path, O_RDWR)
                ftruncate(descriptor, off_t(whole.count))
                var done = 0
                while done < whole.count {
                    let wrote = whole.withUnsafeBytes { bytes in
                        pwrite(descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done, off_t(done))
                    }
                    guard wrote > 0 else { exit(4) }
                    done += wrote
                }
                close(descriptor)
            }
            print("seed \(seed), trials \(trials): \(outcomes)")
            exit(46)
        }

        /// 0: nothing was wrong. 7: an error or a problem was reported. 9: wrong content. 10: a page was gone unnoticed.
        static func outcome(_ world: String, seed: UInt64) -> Int32 {
            var model = ModelWorld(seed: seed)
            do {
                let store = try Store.open(at: world, mode: .host)
                while model.epoch < store.epoch.rawValue, model.epoch < 13 { _ = model.step() }
                let problems = try store.verify { _, _ in }
                var isMissing = false
                for (id, epoch) in model.pages {
                    guard let content = try store.page(id) else {
                        isMissing = true
                        continue
                    }
                    guard matches(content, id: id, epoch: epoch) else { return 9 }
                }
                if isMissing && problems.isEmpty { return 10 }
                for _ in 0..<2 { try store.apply(model.step()) }
                try store.close()
                return problems.isEmpty ? 0 : 7
            } catch {
                return 7
            }
        }
    }
}
