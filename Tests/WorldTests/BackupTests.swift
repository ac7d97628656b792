// Backups, restored worlds, forks: that each is the world that it was made of, and that what is no backup makes nothing.

import Foundation
import Synchronization
import Testing
import World

@Suite struct BackupTests {
    @Test(arguments: [false, true]) func aRestoredWorldIsTheOneThatWasBackedUp(piped: Bool) throws {
        let scratch = try Scratch()
        let world = try World.withHistory(scratch)
        let (now, then) = (try world.hash(), try world.perform(.past(checkpoint: "@a", request: .hash)))
        let (whole, old) = (try world.backup(), try world.backup(at: "@a", level: 19))
        let answer = try World.restore(whole, to: scratch.path + "/now", piped: piped)
        #expect(answer.pages > 300 && answer.since == nil && answer.name == nil)
        #expect(try World.hash(of: scratch.path + "/now") == now)
        #expect(try World.restore(old, to: scratch.path + "/then", piped: piped).name == "a")
        guard case .hash(let asked) = then else { throw Asking.anotherAnswer(then) }
        #expect(try World.hash(of: scratch.path + "/then") == asked.hash)
        // They go on as it does, and as each other.
        try world.bootUntilIdle()
        for name in ["now", "then"] {
            let restored = try World.open(at: "\(scratch.path)/\(name)", as: .host)
            #expect(try restored.info().world == world.info().world)
            #expect(try restored.checkpoints().filter(\.kept) == [])
            try restored.bootUntilIdle()
            #expect(try restored.output("echo") == world.output("echo"))
            #expect(try restored.row("rewrite").exitCode == world.row("rewrite").exitCode)
            #expect(try restored.gasClock == world.gasClock)
            #expect(try restored.problems() == [])
            try restored.close()
        }
        try world.close()
    }

    @Test func differencesBringARestoredWorldOn() throws {
        let scratch = try Scratch()
        let world = try World.withHistory(scratch)
        let copy = scratch.path + "/copy"
        _ = try World.restore(try world.backup(at: "@a"), to: copy)
        _ = try world.perform(.checkpoint(name: "b"))
        let toB = try world.backup(since: "@a", at: "@b")
        let atB = try world.hash()
        // Pages that go, and ids that are made and gone between two of them.
        _ = try world.perform(.kill(process: "rewrite"))
        _ = try world.perform(.remove(process: "rewrite"))
        try world.run(try Assembler.program(GasTests.spin), name: "spin")
        try world.boot(steps: 1_000)
        let toNow = try world.backup(since: "@a")
        let fromB = try world.backup(since: "@b")
        let now = try world.hash()
        #expect(toNow.count < (try world.backup()).count)

        #expect(try World.restore(toB, to: copy).since != nil)
        #expect(try World.hash(of: copy) == atB)
        // It overlaps with the one before it, and is taken once more without effect.
        for _ in 0..<2 {
            _ = try World.restore(toNow, to: copy)
            #expect(try World.hash(of: copy) == now)
        }
        // A chain of them from the beginning.
        let other = scratch.path + "/other"
        _ = try World.restore(try world.backup(at: "@a"), to: other)
        for (difference, hash) in [(toB, atB), (fromB, now)] {
            _ = try World.restore(difference, to: other, piped: true)
            #expect(try World.hash(of: other) == hash)
        }
        // What was restored can be backed up in its turn.
        let again = try World.open(at: other, as: .reader)
        _ = try World.restore(try again.backup(), to: scratch.path + "/third")
        #expect(try World.hash(of: scratch.path + "/third") == now)
        try again.close()
        try world.close()
    }

    @Test func aDifferenceIsTakenOnlyWhereItLeadsOn() throws {
        let scratch = try Scratch()
        let world = try World.withHistory(scratch)
        let first = try world.backup(at: "@a")
        _ = try world.perform(.checkpoint(name: "b"))
        try world.run(try Assembler.program(GasTests.spin), name: "spin")
        let fromB = try world.backup(since: "@b")
        let fromA = try world.backup(since: "@a")

        func refused(_ backup: Data, _ directory: String, _ why: String) throws {
            let before = Result { try World.hash(of: directory) }
            let error = try worldError { _ = try World.restore(backup, to: directory) }
            #expect(error?.code == .failed || error?.code == .noSuchThing, "\(String(describing: error))")
            #expect(error?.why.contains(why) == true, "\(String(describing: error))")
            switch (before, Result { try World.hash(of: directory) }) {
            case (.success(let before), .success(let after)): #expect(before == after)
            case (.failure, .failure): break
            default: Issue.record("it is another world")
            }
        }
        let copy = scratch.path + "/copy"
        try refused(fromA, copy, "does not exist")
        _ = try World.restore(first, to: copy)
        // It begins behind what is there; it is a whole one, and there is something.
        try refused(fromB, copy, "this world is as of")
        try refused(first, copy, "is not an empty directory")
        // Another world.
        let other = try Scratch()
        try World.make(other).close()
        try refused(fromA, other.world, "this is")
        // One that went on: nothing but a boot, which was killed with something in its journal.
        let gone = try World.open(at: copy, as: .host)
        try gone.boot(steps: 10)
        try gone.close()
        try refused(fromA, copy, "went on since")
        // The world itself was not restored.
        try world.close()
        try refused(fromA, scratch.world, "was not restored")
    }

    @Test func aDifferenceOfAnotherBranchIsRefused() throws {
        let scratch = try Scratch()
        let world = try World.withHistory(scratch)
        _ = try world.perform(.checkpoint(name: "b"))
        let atB = try world.backup(at: "@b")
        let one = scratch.path + "/one"
        // Two worlds of one backup, both of which go on.
        _ = try World.restore(atB, to: one)
        _ = try World.restore(atB, to: scratch.path + "/two")
        let (first, second) = (
            try World.open(at: one, as: .host), try World.open(at: scratch.path + "/two", as: .host)
        )
        for copy in [first, second] {
            try copy.boot(steps: 100)
            _ = try copy.perform(.checkpoint(name: "c"))
        }
        try second.run(try Assembler.program(GasTests.spin), name: "spin")
        let base = try first.backup(at: "@c")
        let other = try second.backup(since: "@c")
        let third = scratch.path + "/third"
        _ = try World.restore(base, to: third)
        let error = try worldError { _ = try World.restore(other, to: third) }
        #expect(error?.why.contains("another branch") == true, "\(String(describing: error))")
        try first.close()
        try second.close()
        try world.close()
    }

    // MARK: What is no backup

    @Test func whatWasAlteredIsRefusedAndNothingIsMade() throws {
        let scratch = try Scratch()
        let world = try World.withHistory(scratch)
        let copy = scratch.path + "/copy"
        _ = try World.restore(try world.backup(at: "@a"), to: copy)
        let store = try Data(contentsOf: URL(fileURLWithPath: copy + "/store.mdb"))
        let (whole, difference) = (try world.backup(), try world.backup(since: "@a"))
        let target = scratch.path + "/target"
        var generator = SeededGenerator(seed: 7)
        var found: [WorldError.Code: Int] = [:]
        for number in 0..<1_000 {
            let isWhole = number % 2 == 0
            let (original, directory) = isWhole ? (whole, target) : (difference, copy)
            let changed = mutated(original, other: isWhole ? difference : whole, number / 2 % 8, &generator)
            guard changed != original else { continue }
            // Through a pipe it is judged as it comes.
            let piped = number % 16 == 15 && isWhole
            let error = try worldError { _ = try World.restore(changed, to: directory, piped: piped) }
            let code = try #require(error, "mutation \(number) was taken").code
            found[code, default: 0] += 1
            #expect(!FileManager.default.fileExists(atPath: target), "mutation \(number)")
            if !isWhole {
                let now = try Data(contentsOf: URL(fileURLWithPath: copy + "/store.mdb"))
                #expect(now == store, "mutation \(number)")
            }
        }
        #expect(Set(found.keys).isSubset(of: [.storeDamaged, .formatTooNew]), "\(found)")
        #expect(found.values.reduce(0, +) > 990)
        // And nothing is left beside it.
        let left = try FileManager.default.contentsOfDirectory(atPath: scratch.path).sorted()
        #expect(left == ["copy", "world"])
        _ = try World.restore(difference, to: copy)
        #expect(try World.hash(of: copy) == world.hash())
        try world.close()
    }

    /// A backup that is not what was made: in each manner one can be spoiled.
    private func mutated(_ data: Data, other: Data, _ manner: Int, _ generator: inout SeededGenerator) -> Data {
        var data = data
        let place = Int.random(in: 0..<data.count, using: &generator)
        let count = min(Int.random(in: 1...5_000, using: &generator), data.count - place)
        switch manner {
        case 0: data[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        case 1: data = data.prefix(place)
        case 2: data.removeSubrange(place..<place + count)
        case 3: data.insert(contentsOf: data[place..<place + count], at: place)
        case 4: data.replaceSubrange(place..<place + count, with: repeatElement(0, count: count))
        // The beginning of one and the end of another.
        case 5: data = data.prefix(place) + other.suffix(max(1, other.count - place))
        // A header's field, and a block's.
        case 6: data[Int.random(in: 0..<88, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
        default: data += data.prefix(count)
        }
        return data
    }

    /// A stream that a later program made is named, and one whose digests are right and that makes no sense is refused.
    @Test func whatDigestsCannotTellIsRefusedAsWell() throws {
        let scratch = try Scratch()
        let world = try World.withHistory(scratch)
        _ = try world.perform(.kill(process: "rewrite"))
        _ = try world.perform(.remove(process: "rewrite"))
        let copy = scratch.path + "/copy"
        _ = try World.restore(try world.backup(at: "@a"), to: copy)
        let before = try World.hash(of: copy)
        let (whole, difference) = (BackupChain(try world.backup()), BackupChain(try world.backup(since: "@a")))
        #expect(whole.data == (try world.backup()), "it is put together as it was")
        #expect(difference.number(at: 56) > 0, "pages went")

        func refused(
            _ chain: BackupChain, _ code: WorldError.Code, _ why: String, _ change: (inout BackupChain) -> Void
        )
            throws
        {
            var changed = chain
            change(&changed)
            let target = chain.number(at: 40) == 0 ? scratch.path + "/target" : copy
            for piped in [false, true] {
                let error = try worldError { _ = try World.restore(changed.data, to: target, piped: piped) }
                let isTold = why.split(separator: "|").contains { error?.why.contains($0) == true }
                #expect(error?.code == code && isTold, "\(why): \(String(describing: error))")
                #expect(!FileManager.default.fileExists(atPath: scratch.path + "/target"), "\(why)")
                #expect(World.condition(at: copy) == .halted, "\(why)")
            }
            #expect(try World.hash(of: copy) == before, "\(why)")
        }
        try refused(whole, .formatTooNew, "it has format 2, this program knows 1") { $0.header[8] = 2 }
        try refused(whole, .formatTooNew, "format 99") { $0.header[80] = 99 }
        try refused(whole, .storeDamaged, "numbers in the header") { $0.set(.max, at: 32) }
        try refused(whole, .storeDamaged, "numbers in the header") { $0.set(0, at: 48) }
        try refused(whole, .storeDamaged, "numbers in the header") { $0.set(1, at: 56) }
        try refused(whole, .storeDamaged, "a run of pages|pages came of") { $0.set($0.number(at: 48) - 1, at: 48) }
        try refused(whole, .storeDamaged, "a block of another kind|pages came of") {
            $0.set($0.number(at: 48) + 1, at: 48)
        }
        try refused(whole, .storeDamaged, "before its end") { $0.blocks.removeLast() }
        try refused(whole, .storeDamaged, "of another kind|out of order") { $0.blocks.swapAt(0, 1) }
        // What went is said to be there as well.
        try refused(difference, .storeDamaged, "is in it and is not there any more") { chain in
            var freed = chain.blocks[0]
            freed[0] = 2
            chain.blocks[1] = freed
            chain.set(chain.number(at: 48), at: 56)
        }
        // All of it is as it was written, and it is no world: its pages are others.
        try refused(whole, .storeDamaged, "page") { chain in
            var run = Data()
            for number in [1_000, chain.number(at: 48)] {
                run += withUnsafeBytes(of: number.littleEndian, Array.init)
            }
            chain.blocks[0] = BackupChain.block(kind: 1, count: 1, run)
        }
        try world.close()
    }

    // MARK: Beside a world that runs

    @Test(.timeLimit(.minutes(2))) func aRunningWorldIsBackedUpAndForked() async throws {
        let scratch = try Scratch()
        let world = try World.make(scratch, seed: nil)
        try world.run(try Assembler.program(CheckpointTests.rewrite, memory: "64"), name: "rewrite")
        try world.run(try Assembler.program(GasTests.spin), name: "spin")
        try world.run(try Programs.c("echo"), name: "echo")
        let running = RunningWorld(world, every: .milliseconds(10))
        for number in 0..<10 {
            #expect(await running.ask(.send(process: "echo", data: Data("\(number)\n".utf8), ends: false)) == .done)
            let sink = BackupBytes()
            let answer = try await world.submit(BackupRequest(level: 1), to: sink)
            let copy = "\(scratch.path)/copy\(number)"
            _ = try World.restore(sink.data, to: copy)
            let restored = try World.open(at: copy, as: .host)
            #expect(try restored.problems() == [])
            #expect(try restored.gasClock == answer.gasClock)
            // What was acknowledged before it is in it.
            _ = try restored.perform(.kill(process: "spin"))
            try restored.bootUntilIdle()
            #expect(try restored.output("echo").contains("\(number + 1): \(number)\n"))
            try restored.close()
        }
        _ = await running.ask(.checkpoint(name: "f"))
        guard case .fork(let fork) = await running.ask(.fork(checkpoint: "@f", directory: scratch.path + "/fork")),
            case .hash(let then) = await running.ask(.past(checkpoint: "@f", request: .hash))
        else {
            Issue.record("it cannot be forked")
            return
        }
        #expect(fork.checkpoint.name == "f")
        #expect(try World.hash(of: scratch.path + "/fork") == then.hash)
        await running.stop()
        try world.close()
    }

    /// A client that takes nothing holds up no halt.
    @Test(.timeLimit(.minutes(1))) func aHaltBreaksABackupOff() async throws {
        let scratch = try Scratch()
        let world = try World.make(scratch)
        try world.run(try Assembler.program(CheckpointTests.rewrite, memory: "64"), name: "rewrite")
        let running = RunningWorld(world, every: .milliseconds(10))
        let stuck = StuckSink()
        let asked = Task { () -> WorldError? in
            do throws(WorldError) {
                _ = try await world.submit(BackupRequest(), to: stuck)
                return nil
            } catch {
                return error
            }
        }
        while !stuck.isReached { try await Task.sleep(for: .milliseconds(1)) }
        await running.stop()
        #expect(await asked.value?.what == "the world was halted")
        try world.close()
    }
}

/// Takes its first piece and then nothing.
private final class StuckSink: BackupSink {
    struct Stopped: Error {}
    private let reached = Mutex(false)

    var isReached: Bool { reached.withLock { $0 } }

    func write(_ bytes: UnsafeRawBufferPointer, isStopped: () -> Bool) throws {
        reached.withLock { $0 = true }
        while !isStopped() { Thread.sleep(forTimeInterval: 0.002) }
        throw Stopped()
    }
}
