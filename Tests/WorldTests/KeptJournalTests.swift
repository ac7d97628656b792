// What is kept of the journal: the past from an old store on, within its bounds, through kills and by whoever opens the world.

import Foundation
import Store
import Synchronization
import Testing
import World

@Suite struct KeptJournalTests {
    private static let keep = World.Boot.KeepJournal(bytes: 64 << 20, age: .seconds(3_600))

    /// Gives an old store the files that it named and those behind them.
    private func give(_ kept: [KeptJournals.File], to world: String) throws {
        let old = try Store.open(at: world, mode: .reader)
        let first = JournalMark(attributes: old.attributes)?.serial ?? 0
        try old.close()
        for file in kept where file.serial >= first {
            let path = JournalFolder(directory: world).path(of: file.serial)
            try? FileManager.default.removeItem(atPath: path)
            try FileManager.default.copyItem(atPath: file.path, toPath: path)
        }
    }

    private func bytes(_ files: [KeptJournals.File]) throws -> [UInt64] {
        try files.map { try FileManager.default.attributesOfItem(atPath: $0.path)[.size] as? UInt64 ?? 0 }
    }

    /// With the journal kept, an old store comes to where the world is now; and what is kept has a bound.
    @Test func whatIsKeptOfTheJournalLeadsFromThenToNow() async throws {
        let scratch = try Scratch()
        let world = try World.make(scratch)
        for name in ["echo", "work"] { try world.run(try Programs.c(name), name: name) }
        let running = RunningWorld(world, World.Boot(every: .seconds(600), keepJournal: Self.keep))
        func send(_ text: String) async {
            _ = await running.ask(.send(process: "echo", data: Data("\(text)\n".utf8), ends: false))
            _ = await running.ask(.createBank(path: "root/\(text)", BankTermsRequest()))
        }
        await send("before")
        let then = try scratch.copyWorld(to: "then")
        for text in ["a", "b", "c"] {
            _ = await running.ask(.checkpoint(name: nil))
            await send(text)
        }
        try await running.standsStill()
        _ = await running.outputs
        await send("last")
        let hash = try #require(await running.hash)
        await running.stop()
        try world.close()

        let kept = try KeptJournals(directory: scratch.world).files()
        #expect(kept.count >= 4 && !FileManager.default.fileExists(atPath: scratch.world + "/journal"))
        try give(kept, to: then)
        let again = try World.open(at: then, as: .reader)
        #expect(try again.hash() == hash)
        try again.close()

        let sizes = try bytes(kept)
        let lastTwo = try #require(sizes.last) + sizes[sizes.count - 2]
        var folder = KeptJournals(directory: scratch.world)
        try folder.prune(JournalKeeping(asked: JournalRetention(bytes: lastTwo, seconds: 3_600)))
        #expect(try folder.files() == kept.suffix(2))
        folder = KeptJournals(directory: scratch.world)
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSinceNow: -7_200)], ofItemAtPath: kept[kept.count - 2].path)
        try folder.prune(JournalKeeping(asked: JournalRetention(bytes: lastTwo, seconds: 3_600)))
        #expect(try folder.files() == kept.suffix(1))
    }

    /// A world that was killed while it kept its journal, opened by somebody who says nothing of keeping: a verb, or a boot.
    @Test(arguments: [false, true]) func whatAKilledHostLeavesIsKeptByWhoeverComesNext(isBoot: Bool) async throws {
        let scratch = try Scratch()
        let world = try World.make(scratch)
        try world.run(try Programs.c("echo"), name: "echo")
        let running = RunningWorld(world, World.Boot(every: .seconds(600), keepJournal: Self.keep))
        _ = await running.ask(.createBank(path: "root/before", BankTermsRequest()))
        let then = try scratch.copyWorld(to: "then")
        for text in ["a", "b"] {
            _ = await running.ask(.send(process: "echo", data: Data("\(text)\n".utf8), ends: false))
        }
        try await running.standsStill()
        // What somebody was shown is in the journal, and so that it came as far.
        _ = await running.outputs
        var hash = try #require(await running.hash)
        let killed = try scratch.copyWorld(to: "killed")
        await running.stop()
        try world.close()

        let next = try World.open(at: killed, as: .host)
        if isBoot {
            try next.bootUntilIdle()
        } else {
            #expect(try next.hash() == hash)
            _ = try next.perform(.createBank(path: "root/b", BankTermsRequest()))
            hash = try next.hash()
        }
        try next.close()
        #expect(!FileManager.default.fileExists(atPath: killed + "/journal"))
        let kept = try KeptJournals(directory: killed).files()
        #expect(!kept.isEmpty)
        // What was allocated is not kept.
        #expect(try bytes(kept).allSatisfy { $0 < 16_384 })
        #expect(FileManager.default.contents(atPath: killed + "/journal.kept/bounds") == Data("67108864 3600\n".utf8))
        try give(kept, to: then)
        let again = try World.open(at: then, as: .reader)
        #expect(try again.hash() == hash)
        try again.close()
    }

    /// Where what a killed host left cannot be kept, nobody fails of it: what is asked for is in effect, once, and said to be.
    @Test func aFolderThatTakesNothingHindersNobody() async throws {
        let scratch = try Scratch()
        let world = try World.make(scratch)
        try world.run(try Programs.c("echo"), name: "echo")
        let running = RunningWorld(world, World.Boot(every: .seconds(600), keepJournal: Self.keep))
        _ = await running.ask(.send(process: "echo", data: Data("a\n".utf8), ends: false))
        let killed = try scratch.copyWorld(to: "killed")
        await running.stop()
        try world.close()
        try FileManager.default.removeItem(atPath: killed + "/journal.kept")
        try Data().write(to: URL(fileURLWithPath: killed + "/journal.kept"))

        let verb = try World.open(at: killed, as: .host)
        try verb.send("b\n", to: "echo")
        try verb.close()
        #expect(World.condition(at: killed) == .halted)
        let host = try World.open(at: killed, as: .host)
        try host.bootUntilIdle()
        #expect(try host.output("echo") == "1: a\n2: b\n")
        try host.close()
        let refused = try World.open(at: killed, as: .host)
        let error = try worldError { try refused.boot(World.Boot(until: .idle, keepJournal: Self.keep)) }
        #expect(error?.code == .failed && error?.remedy == "ls -la \(killed)/journal.kept")
        try refused.close()
        #expect(World.condition(at: killed) == .halted)
    }

    /// A folder that goes while a host keeps files there is made again; one that cannot be made is told, and the world halts.
    @Test(arguments: [false, true]) func aFolderThatGoesMeanwhileIsMadeAgainOrTold(isReplaced: Bool) async throws {
        let scratch = try Scratch()
        let world = try World.make(scratch)
        let running = Running(world, World.Boot(every: .seconds(600), keepJournal: Self.keep))
        let folder = scratch.world + "/journal.kept"
        func ask(_ request: Request) async throws { _ = try await world.submit(request) }
        try await ask(.createBank(path: "root/a", BankTermsRequest()))
        try FileManager.default.removeItem(atPath: folder)
        if isReplaced { try Data().write(to: URL(fileURLWithPath: folder)) }
        for name in ["b", "c"] {
            try await ask(.checkpoint(name: nil))
            try await ask(.createBank(path: "root/\(name)", BankTermsRequest()))
        }
        try await ask(.halt)
        let error = await running.end()
        #expect(error?.what == (isReplaced ? "the journal is not kept" : nil))
        #expect(world.events.events(since: 0).events.contains { $0.kind == .journalNotKept } == isReplaced)
        try world.close()
        #expect(World.condition(at: scratch.world) == .halted)
        let kept = isReplaced ? [] : try KeptJournals(directory: scratch.world).files()
        #expect(isReplaced || kept.count >= 2)
        let again = try World.open(at: scratch.world, as: .reader)
        #expect(try again.bank("root/c").path == "root/c")
        try again.close()
    }

    /// Two copies of a world go different ways; neither goes on with the other's journal.
    @Test func theJournalOfACopyThatWentAnotherWayIsRefused() async throws {
        let scratch = try Scratch()
        let world = try World.make(scratch)
        try world.run(try Programs.c("echo"), name: "echo")
        try world.bootUntilIdle()
        try world.close()
        var killed: [String] = []
        for (name, text) in [("one", "a\n"), ("two", "b\n")] {
            let copy = try World.open(at: try copy(scratch.world, to: scratch.path + "/" + name), as: .host)
            try copy.send(text, to: "echo")
            let running = RunningWorld(copy, every: .seconds(600))
            _ = await running.ask(.send(process: "echo", data: Data(text.utf8), ends: false))
            killed.append(try self.copy(scratch.path + "/" + name, to: scratch.path + "/killed-" + name))
            await running.stop()
            try copy.close()
        }
        let own = killed[0] + "/journal", others = killed[1] + "/journal"
        try FileManager.default.removeItem(atPath: own)
        try FileManager.default.copyItem(atPath: others, toPath: own)
        let error = try worldError { try World.open(at: killed[0], as: .reader).close() }
        #expect(error?.code == .storeDamaged && error?.why.contains("another state of the world") == true)
        try World.open(at: killed[1], as: .reader).close()
    }

    @Test func nothingIsKeptWhereNobodyAskedForIt() async throws {
        let scratch = try Scratch()
        let world = try World.make(scratch)
        let running = RunningWorld(world, every: .seconds(600))
        _ = await running.ask(.createBank(path: "root/b", BankTermsRequest()))
        let killed = try scratch.copyWorld(to: "killed")
        await running.stop()
        try world.close()
        let next = try World.open(at: killed, as: .host)
        try next.bootUntilIdle()
        try next.close()
        for left in [scratch.world, killed] {
            #expect(!FileManager.default.fileExists(atPath: left + "/journal"))
            #expect(!FileManager.default.fileExists(atPath: left + "/journal.kept"))
        }
    }

    /// Files that are kept are renamed, which another file system does not take: that is said before anything runs.
    @Test func aFolderOnAnotherFileSystemIsRefused() throws {
        let scratch = try Scratch()
        let world = try World.make(scratch)
        let elsewhere = "/dev/shm/keyvm-kept-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: elsewhere, withIntermediateDirectories: true)
        defer { _ = Result { try FileManager.default.removeItem(atPath: elsewhere) } }
        let folder = scratch.world + "/journal.kept"
        try FileManager.default.createSymbolicLink(atPath: folder, withDestinationPath: elsewhere)
        let error = try worldError { try world.boot(World.Boot(until: .idle, keepJournal: Self.keep)) }
        #expect(error?.code == .failed && error?.why.hasPrefix(folder) == true, "\(error?.description ?? "it runs")")
        #expect(error?.remedy == "df \(folder)")
        try world.close()
        #expect(World.condition(at: scratch.world) == .halted)
    }

    /// With the journal kept the world is taken to any instruction: between two turns, and in the middle of one.
    @Test func anInstructionOfThePastIsComeTo() async throws {
        let scratch = try Scratch()
        let world = try World.make(scratch)
        for name in ["echo", "work"] { try world.run(try Programs.c(name), name: name) }
        let hashes = Mutex<[UInt64: String]>([:])
        world.observer = { position, hash in
            let hash = try hash()
            hashes.withLock { $0[position.gasClock] = hash }
        }
        let boot = World.Boot(every: .seconds(600), quantumGas: 50_000, keepJournal: Self.keep)
        let running = RunningWorld(world, boot)
        _ = await running.ask(.createBank(path: "root/before", BankTermsRequest()))
        let then = try scratch.copyWorld(to: "then")
        for text in ["a", "b", "c"] {
            for _ in 0..<20 { _ = await running.ask(.status) }
            _ = await running.ask(.send(process: "echo", data: Data("\(text)\n".utf8), ends: false))
            _ = await running.ask(.checkpoint(name: nil))
        }
        let end = hashes.withLock { $0.keys.max() ?? 0 }
        _ = await running.outputs
        await running.stop()
        try world.close()
        let kept = try KeptJournals(directory: scratch.world).files()
        let alone = try World.open(at: try copy(then, to: scratch.path + "/alone"), as: .host)
        try give(kept, to: then)

        let seen = hashes.withLock { $0 }.filter { $0.key <= end }.sorted { $0.key < $1.key }
        #expect(seen.count > 60)
        for (gasClock, hash) in seen.suffix(50) {
            let past = try World.open(at: then, as: .reader, gasClock: gasClock)
            #expect(try past.gasClock == gasClock && past.hash() == hash, "\(gasClock)")
            try past.close()
        }
        // Before the first input nothing but the programs moved it.
        let begin = try alone.gasClock
        for step in [1, 777, 12_345] as [UInt64] {
            try alone.boot(steps: step)
            let past = try World.open(at: then, as: .reader, gasClock: try alone.gasClock)
            #expect(try past.hash() == alone.hash())
            try past.close()
        }
        #expect(try alone.gasClock == begin + 13_123)
        try alone.close()
    }

    private func copy(_ world: String, to path: String) throws -> String {
        try FileManager.default.copyItem(atPath: world, toPath: path)
        return path
    }
}
