// Kept checkpoints: which there are, and that each is what the world was.

import Foundation
import Testing
import World

@Suite struct PastTests {
    private func hash(_ world: World, asOf checkpoint: String) throws -> String {
        let answer = try world.perform(.past(checkpoint: checkpoint, request: .hash))
        guard case .hash(let hash) = answer else { throw Asking.anotherAnswer(answer) }
        return hash.hash
    }

    private func problems(_ world: World, asOf checkpoint: String) throws -> [FsckAnswer.Problem] {
        let answer = try world.perform(.past(checkpoint: checkpoint, request: .fsck))
        guard case .fsck(let found) = answer else { throw Asking.anotherAnswer(answer) }
        return found.problems
    }

    @Test func aKeptCheckpointIsTheWorldAsItWas() throws {
        let scratch = try Scratch()
        let world = try World.make(scratch)
        try world.run(try Assembler.program(GasTests.spin), name: "spin")
        try world.boot(steps: 1_000)
        _ = try world.perform(.checkpoint(name: "one"))
        let one = try world.hash()
        try world.boot(steps: 1_000)
        try world.run(try Programs.c("echo"), name: "echo", input: "hi\n", inputEnds: true)
        _ = try world.perform(.checkpoint(name: "two"))
        let two = try world.hash()
        try world.boot(steps: 100_000)
        _ = try world.perform(.kill(process: "spin"))
        _ = try world.perform(.remove(process: "spin"))
        #expect(try hash(world, asOf: "@one") == one)
        #expect(try hash(world, asOf: "@two") == two)
        let number = try #require(try world.checkpoints().first { $0.name == "two" }?.id)
        #expect(try hash(world, asOf: "\(number)") == two)
        #expect(try problems(world, asOf: "@one") == [])
        #expect(try problems(world, asOf: "@two") == [])
        let now = try world.hash()
        try world.close()

        // Nobody runs it; and it is opened as it was.
        let then = try World.open(at: scratch.world, asOf: "@two")
        #expect(try then.hash() == two)
        #expect(try then.processes().map(\.name) == ["spin", "echo"])
        guard case .status(let status) = try then.perform(.status) else { return }
        #expect(status.state == .halted && status.checkpoint.id == number)
        #expect(try then.checkpoints().last?.name == "two", "it knows of none that came later")
        try then.close()
        let again = try World.open(at: scratch.world, as: .reader)
        #expect(try again.hash() == now)
        try again.close()
    }

    @Test(.timeLimit(.minutes(1))) func theWorldRunsOnWhileItsPastIsRead() async throws {
        let scratch = try Scratch()
        let world = try World.make(scratch)
        try world.run(try Assembler.program(GasTests.spin), name: "spin")
        let running = RunningWorld(world, every: .milliseconds(20))
        _ = await running.ask(.checkpoint(name: "then"))
        guard case .hash(let then) = await running.ask(.past(checkpoint: "@then", request: .hash)) else {
            Issue.record("it cannot be asked")
            return
        }
        var clock = then.gasClock
        for _ in 0..<20 {
            guard case .hash(let again) = await running.ask(.past(checkpoint: "@then", request: .hash)),
                case .status(let status) = await running.ask(.status)
            else {
                Issue.record("it cannot be asked any more")
                break
            }
            #expect(again == then)
            #expect(status.gasClock > clock, "it stood still")
            clock = status.gasClock
        }
        // What each takes is counted beside it as well.
        guard case .checkpoints(let found) = await running.ask(.checkpoints(use: true)) else { return }
        #expect(found.items.filter(\.kept).map(\.usedBytes).allSatisfy { $0 != nil })
        await running.stop()
        try world.close()
    }

    /// Who asks the past for what takes for ever holds up no halt, and is told; so are those who wait behind.
    @Test(.timeLimit(.minutes(1))) func aHaltWaitsForNoQuestionAboutThePast() async throws {
        let scratch = try Scratch()
        let world = try World.make(scratch)
        try world.run(try Assembler.program(GasTests.spin), name: "spin")
        let keep = World.Boot.KeepJournal(bytes: 1 << 30, age: .seconds(3_600))
        let running = RunningWorld(world, World.Boot(every: .seconds(600), keepJournal: keep))
        _ = await running.ask(.checkpoint(name: "then"))
        guard case .hash(let then) = await running.ask(.hash) else { return }
        // The world runs a second on, which the past takes as long for, and three times over.
        try await Task.sleep(for: .seconds(1))
        guard case .hash(let now) = await running.ask(.hash) else { return }
        let steps = now.gasClock - then.gasClock
        let answered = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<30 {
                group.addTask {
                    await running.ask(.past(checkpoint: "@then", steps: steps, request: .hash)) != nil
                }
            }
            // They are taken by now, and the first is being answered.
            _ = await running.ask(.status)
            try? await Task.sleep(for: .milliseconds(100))
            let begin = ContinuousClock.now
            await running.stop()
            #expect(ContinuousClock.now - begin < .seconds(10), "thirty of them take half a minute")
            var answered = 0
            for await isAnswered in group where isAnswered { answered += 1 }
            return answered
        }
        #expect(answered < 30, "none had to wait; the test shows nothing")
        try world.close()
    }

    // MARK: What is refused

    @Test func whatIsRefusedMakesNoCheckpoint() throws {
        let scratch = try Scratch()
        let world = try World.make(scratch)
        _ = try world.perform(.checkpoint(name: "held"))
        _ = try world.perform(.holdCheckpoint(checkpoint: "@held"))
        let before = try world.checkpoints()
        let refused: [(Request, WorldError.Code)] = [
            (.checkpoint(name: "held"), .failed), (.checkpoint(name: "a b"), .usage),
            (.checkpoint(name: String(repeating: "x", count: 65)), .usage),
            (.removeCheckpoint(checkpoint: "@held"), .noAuthority),
            (.removeCheckpoint(checkpoint: "@none"), .noSuchThing),
            (.removeCheckpoint(checkpoint: "1"), .noSuchThing), (.holdCheckpoint(checkpoint: "held"), .noSuchThing),
            (.releaseCheckpoint(checkpoint: "99"), .noSuchThing),
            (.past(checkpoint: "@none", request: .hash), .noSuchThing),
            (.past(checkpoint: "@held", request: .kill(process: "p")), .usage),
            (.past(checkpoint: "@held", request: .halt), .usage),
            (.past(checkpoint: "@held", request: .rollbackPreview(checkpoint: "@held", overHeld: true)), .usage),
            (.past(checkpoint: "@held", request: .past(checkpoint: "@held", request: .hash)), .usage),
        ]
        for (request, code) in refused {
            let error = try worldError { _ = try world.perform(request) }
            #expect(error?.code == code, "\(request): \(error?.what ?? "it is done")")
        }
        #expect(try world.checkpoints() == before)
        try world.close()
        let error = try worldError { _ = try World.open(at: scratch.world, asOf: "@none") }
        #expect(error?.code == .noSuchThing)
        #expect(World.condition(at: scratch.world) == .halted, "nothing is left open")
    }

    @Test func regularOnesGoWithTime() throws {
        let scratch = try Scratch()
        let world = try World.make(scratch)
        _ = try world.perform(.retainCheckpoints(keep: nil, keepForSeconds: 1))
        for _ in 0..<2 { _ = try world.perform(.checkpoint(name: nil)) }
        _ = try world.perform(.checkpoint(name: "named"))
        let kept = try world.checkpoints().filter(\.kept)
        #expect(kept.count == 3)
        _ = try world.perform(.holdCheckpoint(checkpoint: "\(kept[1].id)"))
        Thread.sleep(forTimeInterval: 1.1)
        _ = try world.perform(.checkpoint(name: nil))
        let left = try world.checkpoints().filter(\.kept)
        #expect(left.dropLast().map(\.id) == kept.dropFirst().map(\.id), "the held one, the named one, and the new one")
        try world.close()
    }

    // MARK: Going back

    @Test func aWorldGoesBackAndForth() throws {
        let scratch = try Scratch()
        let world = try World.make(scratch)
        try world.run(try Assembler.program(CheckpointTests.rewrite, memory: "64"), name: "rewrite")
        try world.boot(steps: 5_000)
        _ = try world.perform(.checkpoint(name: "early"))
        let early = try world.hash()
        try world.run(try Programs.c("echo"), name: "echo", input: "hi\n", inputEnds: true)
        try world.bootUntilIdle()
        let late = try world.hash()
        guard case .rollback(let done) = try world.perform(.rollback(checkpoint: "@early", overHeld: false)) else {
            return
        }
        #expect(try world.hash() == early)
        #expect(try world.problems() == [])
        #expect(done.left?.name == "before-rollback-1")
        // What the program had written by then; it has ended since, and all of that is freed.
        #expect(done.pages > 300)
        #expect(try hash(world, asOf: "@before-rollback-1") == late)
        // It goes on as it went on before: everything but what came in anew.
        try world.bootUntilIdle()
        #expect(try world.row("rewrite").exitCode == 1024 * 15)
        let other = try world.hash()
        try world.close()
        let again = try World.open(at: scratch.world, as: .host)
        #expect(try again.hash() == other)
        guard case .rollback = try again.perform(.rollback(checkpoint: "@before-rollback-1", overHeld: false)) else {
            return
        }
        #expect(try again.hash() == late)
        #expect(try again.output("echo").hasSuffix("1: hi\n"))
        #expect(try again.problems() == [])
        #expect(try hash(again, asOf: "@early") == early)
        #expect(try hash(again, asOf: "@before-rollback-2") == other)
        try again.close()
    }

    @Test(.timeLimit(.minutes(1))) func aRunningWorldGoesBackAndRunsOn() async throws {
        let scratch = try Scratch()
        let world = try World.make(scratch)
        try world.run(try Programs.c("echo"), name: "echo")
        try world.run(try Assembler.program(GasTests.spin), name: "spin")
        let running = RunningWorld(world, every: .milliseconds(20))
        func send(_ text: String) async -> Answer? {
            await running.ask(.send(process: "echo", data: Data("\(text)\n".utf8), ends: false))
        }
        func said() async throws -> String {
            guard case .logs(let logs) = await running.ask(.logs(process: "echo", since: 0, limitBytes: 10_000)) else {
                return ""
            }
            return logs.items.map { String(decoding: $0.data, as: UTF8.self) }.joined()
        }
        #expect(await send("one") == .done)
        while try await !said().contains("1: one\n") { try await Task.sleep(for: .milliseconds(2)) }
        _ = await running.ask(.checkpoint(name: "then"))
        guard case .hash(let then) = await running.ask(.past(checkpoint: "@then", request: .hash)) else { return }
        #expect(await send("two") == .done)
        while try await !said().contains("2: two\n") { try await Task.sleep(for: .milliseconds(2)) }
        // What is asked while it goes back is refused or done behind it, and never half of each.
        async let rolled = running.ask(.rollback(checkpoint: "@then", overHeld: false))
        var taken: [Int] = []
        for number in 0..<50 where await send("x\(number)") == .done { taken.append(number) }
        guard case .rollback(let done) = await rolled else {
            Issue.record("it does not go back")
            return
        }
        #expect(done.left?.name == "before-rollback-1")
        #expect(await send("end") == .done)
        while try await !said().contains(": end\n") { try await Task.sleep(for: .milliseconds(2)) }
        let after = try await said()
        #expect(after.contains("1: one\n") && !after.contains("two"))
        // What was acknowledged before it is undone, what was acknowledged behind it is there: the last of them, in their order.
        let there = after.split(separator: "\n").compactMap { line in
            line.split(separator: " x").last.flatMap { Int($0) }
        }
        #expect(there == Array(taken.suffix(there.count)), "\(taken)\n\(after)")
        guard case .hash(let still) = await running.ask(.past(checkpoint: "@then", request: .hash)) else { return }
        #expect(still == then)
        // And after a kill it is there as it was.
        _ = await running.ask(.stop(process: "spin"))
        let last = try #require(await running.hash)
        let copy = try scratch.copyWorld(to: "copy")
        await running.stop()
        try world.close()
        let again = try World.open(at: copy, as: .host)
        #expect(try again.hash() == last)
        #expect(try again.problems() == [])
        try again.close()
    }

    @Test func aHeldOneIsNotGoneBehindUnlessToldSo() throws {
        let scratch = try Scratch()
        let world = try World.make(scratch)
        for name in ["a", "b"] { _ = try world.perform(.checkpoint(name: name)) }
        _ = try world.perform(.holdCheckpoint(checkpoint: "@b"))
        let before = try world.checkpoints()
        let error = try worldError { _ = try world.perform(.rollback(checkpoint: "@a", overHeld: false)) }
        #expect(error?.code == .noAuthority && error?.why.isEmpty == false)
        #expect(try world.checkpoints() == before)
        _ = try world.perform(.rollback(checkpoint: "@a", overHeld: true))
        #expect(try world.checkpoints().filter(\.kept).compactMap(\.name) == ["a", "b", "before-rollback-1"])
        _ = try world.perform(.rollback(checkpoint: "@b", overHeld: false))
        try world.close()
    }

    // MARK: Any history

    /// What a kept checkpoint has to be.
    private struct Kept: Equatable {
        var id: UInt64
        var name: String?
        var isHeld = false
        var hash: String
    }

    /// A history of a world, beside a list of what has to be kept: each is there as it was, whatever was given up before it or behind it.
    @Test(arguments: 1...(UInt64(ProcessInfo.processInfo.environment["PAST_HISTORIES"] ?? "") ?? 20))
    func whateverGoesTheOthersStay(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let scratch = try Scratch()
        var world = try World.make(scratch, seed: seed)
        try world.run(try Assembler.program(CheckpointTests.rewrite, memory: "64"), name: "rewrite")
        let spin = try Assembler.program(GasTests.spin)
        var kept: [Kept] = []
        var retained = 0
        var rollbacks = 0

        var last = try #require(try world.checkpoints().last?.id)
        var before = try world.hash()

        /// Takes in what checkpoints were made since. The last one has the world as it is, one before it as it was at first. The one
        /// that was said something of goes with the next at the earliest.
        func advance(saying subject: UInt64? = nil, isRegular: Bool) throws {
            let now = try world.hash()
            let new = try world.checkpoints().filter { $0.id > last }
            for made in new {
                if made.name != nil || retained > 0 && isRegular {
                    kept.append(Kept(id: made.id, name: made.name, hash: made.id == new.last?.id ? now : before))
                }
                let beyond = kept.filter { $0.name == nil }.dropLast(retained).filter { !$0.isHeld && $0.id != subject }
                kept.removeAll { item in beyond.contains(item) }
            }
            last = new.last?.id ?? last
            before = now
        }
        func reference(_ item: Kept) -> String { item.name.map { "@\($0)" } ?? "\(item.id)" }

        for number in 0..<40 {
            let item = kept.randomElement(using: &generator)
            var subject: UInt64?
            var isRegular = true
            switch Int.random(in: 0..<16, using: &generator) {
            case 0..<4: try world.boot(steps: UInt64.random(in: 1...200_000, using: &generator))
            case 4: try world.run(spin, name: "p\(number)")
            case 5:
                if let process = try world.processes().randomElement(using: &generator) {
                    _ = try? world.perform(.kill(process: process.name))
                    _ = try world.perform(.remove(process: process.name))
                }
            case 6..<9: _ = try world.perform(.checkpoint(name: "n\(number)"))
            case 9: _ = try world.perform(.checkpoint(name: nil))
            case 10..<13:
                guard let item else { continue }
                let removal = Request.removeCheckpoint(checkpoint: reference(item))
                if item.isHeld {
                    #expect(try worldError { _ = try world.perform(removal) }?.code == .noAuthority)
                } else {
                    _ = try world.perform(removal)
                    kept.removeAll { $0 == item }
                    isRegular = false
                }
            case 13:
                guard let item, let index = kept.firstIndex(of: item) else { continue }
                let order: Request =
                    item.isHeld
                    ? .releaseCheckpoint(checkpoint: reference(item)) : .holdCheckpoint(checkpoint: reference(item))
                _ = try world.perform(order)
                kept[index].isHeld.toggle()
                (subject, isRegular) = (item.id, false)
            case 14 where generator.oneIn(2):
                guard let item else { continue }
                let name = "before-rollback-\(rollbacks + 1)"
                if try worldError({ _ = try world.perform(.rollback(checkpoint: reference(item), overHeld: true)) })
                    == nil
                {
                    rollbacks += 1
                    (subject, isRegular) = (item.id, false)
                    #expect(try world.hash() == item.hash, "seed \(seed), \(number)")
                    #expect(try hash(world, asOf: "@\(name)") == before, "seed \(seed), \(number)")
                }
            case 14:
                retained = Int.random(in: 0...3, using: &generator)
                _ = try world.perform(.retainCheckpoints(keep: UInt64(retained), keepForSeconds: nil))
                isRegular = false
            default:
                if generator.oneIn(2) { try world.close() } else { world.abandon() }
                world = try World.open(at: scratch.world, as: .host)
            }
            try advance(saying: subject, isRegular: isRegular)
            let there = try world.checkpoints().filter(\.kept)
            #expect(
                there.map(\.id) == kept.map(\.id) && there.map(\.name) == kept.map(\.name), "seed \(seed), \(number)")
            #expect(there.map(\.held) == kept.map(\.isHeld), "seed \(seed), \(number)")
            for item in kept { #expect(try hash(world, asOf: reference(item)) == item.hash, "seed \(seed), \(number)") }
        }
        for item in kept { #expect(try problems(world, asOf: reference(item)) == [], "seed \(seed)") }
        #expect(try world.problems() == [])
        try world.close()
    }
}
