// The past at any instruction: a kept checkpoint brought so much gas on is the world that was there.

import Foundation
import Testing
import World

@Suite struct PastStepsTests {
    private func place(_ answer: Answer?) -> Place? {
        guard case .hash(let found) = answer else { return nil }
        return Place(gasClock: found.gasClock, hash: found.hash)
    }

    /// Where a world was seen while it ran with inputs, a clock and checkpoints in between, the past has the hash that it had there, asked
    /// of the world that runs and of the halted one.
    @Test(.timeLimit(.minutes(3)), arguments: [1, 2] as [UInt64])
    func isTheWorldThatWasThere(seed: UInt64) async throws {
        var generator = SeededGenerator(seed: seed)
        let scratch = try Scratch()
        let world = try World.make(scratch, seed: seed)
        try world.run(try Assembler.program(GasTests.spin), name: "spin")
        for name in ["echo", "naps", "work"] {
            try world.run(try Programs.c(name), name: name, arguments: [name, "a"])
        }
        let looks = Looks(seed: seed)
        looks.watch(world)
        let running = RunningWorld(world, World.Boot(every: .milliseconds(50)))
        _ = await running.ask(.checkpoint(name: "then"))
        let then = try #require(place(await running.ask(.past(checkpoint: "@then", request: .hash)))).gasClock
        for number in 0..<40 {
            try await Task.sleep(for: .milliseconds(Int.random(in: 0...6, using: &generator)))
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: _ = await running.ask(.send(process: "echo", data: Data("line \(number)\n".utf8), ends: false))
            case 1: _ = await running.ask(.createBank(path: "root/b\(number)", BankTermsRequest()))
            case 2: _ = await running.ask(.stop(process: "naps"))
            default: _ = await running.ask(.resume(process: "naps"))
            }
        }
        let places = looks.places(after: then, through: looks.newest - 1).shuffled(using: &generator)
        #expect(places.count > 20, "the clock moves on")
        for place in places.prefix(4) {
            let request = Request.past(checkpoint: "@then", steps: place.gasClock - then, request: .hash)
            #expect(self.place(await running.ask(request)) == place, "while it runs")
        }
        await running.stop()
        try world.close()
        for place in places.prefix(16) {
            let past = try World.open(at: scratch.world, asOf: "@then", steps: place.gasClock - then)
            #expect(try past.hash() == place.hash && past.gasClock == place.gasClock)
            try past.close()
        }
        let far = 1_000_000_000_000_000 - then
        let error = try worldError { _ = try World.open(at: scratch.world, asOf: "@then", steps: far) }
        #expect(error?.code == .noSuchThing && error?.what == "the journal does not go so far")
        #expect(World.condition(at: scratch.world) == .halted, "nothing is left open")
    }

    /// A turn that takes no gas belongs to the place where the clock stands: what has no gas left freezes when it is woken.
    @Test func turnsWithoutGasBelongToThePlace() async throws {
        let measured = try Scratch()
        let other = try World.make(measured)
        try other.run(try Programs.c("echo"), name: "echo")
        try other.boot(World.Boot(until: .idle))
        let gas = try other.row("echo").gasUsed
        try other.close()

        let scratch = try Scratch()
        let world = try World.make(scratch)
        try world.run(try Programs.c("echo"), name: "echo", gas: gas)
        _ = try world.perform(.checkpoint(name: "then"))
        let running = RunningWorld(world, every: .seconds(600))
        try await running.standsStill()
        let waiting = try #require(place(await running.ask(.hash)))
        #expect(waiting.gasClock == gas)
        _ = await running.ask(.send(process: "echo", data: Data("a\n".utf8), ends: false))
        try await running.standsStill()
        let frozen = try #require(place(await running.ask(.hash)))
        #expect(frozen.gasClock == gas && frozen.hash != waiting.hash, "it took a turn and no gas")
        let question = Request.past(checkpoint: "@then", steps: gas, request: .hash)
        #expect(place(await running.ask(question)) == frozen)
        let until = Request.moment(checkpoint: "@then", until: "ps echo is frozen-gas")
        guard case .moment(let beside) = await running.ask(until) else {
            Issue.record("it is not found while it runs")
            return
        }
        #expect(beside.steps == gas && beside.gasClock == gas)
        await running.stop()
        #expect(place(try world.perform(question)) == frozen)
        #expect(try moment(world, "ps echo is frozen-gas") == beside)
        try world.close()
    }

    /// Between any two instructions, also within a turn: beside a world that stops there.
    @Test func isExactToTheInstruction() throws {
        var generator = SeededGenerator(seed: 7)
        let scratch = try Scratch()
        let other = try Scratch()
        let worlds = [try World.make(scratch), try World.make(other)]
        for world in worlds {
            try world.run(try Assembler.program(CheckpointTests.rewrite, memory: "64"), name: "rewrite")
            try world.run(try Assembler.program(GasTests.spin), name: "spin")
            _ = try world.perform(.checkpoint(name: "then"))
        }
        try worlds[0].boot(World.Boot(every: .seconds(600), until: .steps(1_000_000)))
        try worlds[0].close()
        var places: [UInt64] = (0..<20).map { _ in UInt64.random(in: 1...1_000_000, using: &generator) }
        places = Set(places + [1, 2, 99_999, 100_000, 100_001, 1_000_000]).sorted()
        var reached: UInt64 = 0
        for place in places {
            try worlds[1].boot(steps: place - reached)
            reached = place
            let past = try World.open(at: scratch.world, asOf: "@then", steps: place)
            #expect(try past.hash() == worlds[1].hash(), "\(place)")
            try past.close()
        }
        try worlds[1].close()
    }

    /// Where nothing is kept, nothing is written down of what is asked while nobody runs it; and what was lost is not there.
    @Test func withoutTheJournalItIsToldSo() async throws {
        let scratch = try Scratch()
        var world = try World.make(scratch)
        _ = try world.perform(.createBank(path: "root/a", BankTermsRequest()))
        #expect(!FileManager.default.fileExists(atPath: scratch.world + "/journal"))
        _ = try world.perform(.checkpoint(name: "then"))
        let none = try worldError { _ = try world.perform(.past(checkpoint: "@then", steps: 10, request: .hash)) }
        #expect(none?.code == .noSuchThing && none?.what == "nothing of the journal is behind this checkpoint")
        try world.run(try Assembler.program(GasTests.spin), name: "spin")
        let running = RunningWorld(world, every: .seconds(600))
        _ = await running.ask(.checkpoint(name: "lost"))
        let copy = try scratch.copyWorld()
        await running.stop()
        try world.close()
        world = try World.open(at: copy, as: .host, withoutJournal: true)
        try world.boot(steps: 1_000)
        let error = try worldError { _ = try world.perform(.past(checkpoint: "@lost", steps: 10, request: .hash)) }
        #expect(
            error?.code == .noSuchThing && error?.what == "nothing of the journal is behind this checkpoint",
            "\(error?.description ?? "it is there")")
        try world.close()
    }

    /// What cannot be read of the journal behind a checkpoint ends what is seen of it, and nothing else, wherever the file lies: nobody
    /// is told to do without what a restart may need.
    @Test(arguments: ["journal", "journal.kept"]) func whatIsDamagedEndsWhatIsSeen(folder: String) async throws {
        let scratch = try Scratch()
        let world = try World.make(scratch)
        try world.run(try Assembler.program(GasTests.spin), name: "spin")
        _ = try world.perform(.checkpoint(name: "then"))
        let running = RunningWorld(world, every: .seconds(600))
        for number in 0..<4 {
            _ = await running.ask(.createBank(path: "root/a\(number)", BankTermsRequest()))
            if folder == "journal.kept" { _ = await running.ask(.checkpoint(name: nil)) }
        }
        let path = "\(scratch.world)/\(folder)"
        let files = try FileManager.default.contentsOfDirectory(atPath: path).filter { $0.hasSuffix(".log") }.sorted()
        let file = try FileHandle(forUpdating: URL(filePath: "\(path)/\(try #require(files.first))"))
        // In the first record, behind the header's page.
        try file.seek(toOffset: 4_096 + 20)
        try file.write(contentsOf: [0xFF, 0xFF, 0xFF])
        try file.close()
        var error: WorldError?
        do throws(WorldError) {
            _ = try await world.submit(.past(checkpoint: "@then", steps: 1 << 40, request: .hash))
        } catch let found {
            error = found
        }
        #expect(error?.code == .storeDamaged, "\(error?.description ?? "it is there")")
        #expect(error?.remedy == "keyvm checkpoint ls -w \(scratch.world)")
        #expect(await running.ask(.createBank(path: "root/b", BankTermsRequest())) != nil)
        await running.stop()
        try world.close()
    }

    /// What nobody runs is asked, and its past in the same breath; whoever lets go of it before it is durable has done nothing.
    @Test func whatWasAskedOfNobodyIsThereOrNot() throws {
        let scratch = try Scratch()
        var world = try World.make(scratch)
        try world.run(try Assembler.program(GasTests.spin), name: "spin")
        _ = try world.perform(.checkpoint(name: "then"))
        try world.boot(steps: 1_000)
        let before = try world.hash()
        try world.close()
        world = try World.open(at: scratch.world, as: .host)
        _ = try world.perform(.createBank(path: "root/a", BankTermsRequest()))
        let question = Request.past(checkpoint: "@then", steps: 1_000, request: .hash)
        #expect(place(try world.perform(question))?.hash == (try world.hash()))
        world.abandon()
        #expect(World.condition(at: scratch.world) == .crashed)
        world = try World.open(at: scratch.world, as: .host)
        #expect(try world.hash() == before)
        _ = try world.perform(.createBank(path: "root/b", BankTermsRequest()))
        try world.close()
        world = try World.open(at: scratch.world, as: .host)
        #expect(place(try world.perform(question))?.hash == (try world.hash()))
        try world.close()
    }

    /// The journal stays for kept checkpoints, and for those alone; across kills too.
    @Test func theJournalStaysAsLongAsSomethingGoesOnWithIt() throws {
        let scratch = try Scratch()
        var world = try World.make(scratch)
        try world.run(try Assembler.program(GasTests.spin), name: "spin")
        let folder = scratch.world + "/journal.kept"
        func files() -> Int { (try? FileManager.default.contentsOfDirectory(atPath: folder))?.count ?? 0 }
        try world.boot(steps: 100_000, every: .milliseconds(1))
        #expect(files() == 0, "nothing is kept")
        _ = try world.perform(.checkpoint(name: "a"))
        try world.boot(steps: 100_000_000, every: .milliseconds(10))
        let first = files()
        #expect(first > 1)
        _ = try world.perform(.checkpoint(name: "b"))
        try world.boot(steps: 100_000)
        #expect(files() == first + 1)
        try world.close()
        world = try World.open(at: scratch.world, as: .host)
        _ = try world.perform(.removeCheckpoint(checkpoint: "@a"))
        try world.close()
        #expect(files() == 1, "what only @a went on with is gone")
        world = try World.open(at: scratch.world, as: .host)
        #expect(place(try world.perform(.past(checkpoint: "@b", steps: 100_000, request: .hash)))?.gasClock ?? 0 > 0)
        _ = try world.perform(.removeCheckpoint(checkpoint: "@b"))
        try world.close()
        #expect(!FileManager.default.fileExists(atPath: folder))
    }

    // MARK: Until

    private func moment(_ world: World, _ until: String) throws -> MomentAnswer {
        let answer = try world.perform(.moment(checkpoint: "@then", until: until))
        guard case .moment(let moment) = answer else { throw Asking.anotherAnswer(answer) }
        return moment
    }

    @Test func theInstructionIsFoundAtWhichSomethingHolds() async throws {
        let scratch = try Scratch()
        let world = try World.make(scratch)
        try world.run(try Assembler.program(GasTests.spin), name: "spin")
        try world.run(try Programs.c("echo"), name: "echo")
        _ = try world.perform(.checkpoint(name: "then"))
        let running = RunningWorld(world, every: .milliseconds(20))
        for line in ["one", "two", "three"] {
            _ = await running.ask(.send(process: "echo", data: Data("\(line)\n".utf8), ends: line == "three"))
            try await Task.sleep(for: .milliseconds(30))
        }
        _ = await running.ask(.kill(process: "spin"))
        try await running.standsStill()
        guard case .moment(let beside) = await running.ask(.moment(checkpoint: "@then", until: "logs echo matches two"))
        else {
            Issue.record("it is not found while it runs")
            return
        }
        await running.stop()
        let two = try moment(world, "logs echo matches two")
        #expect(two == beside)
        let ordered = [
            try moment(world, "logs echo matches one"), two, try moment(world, "logs echo matches 3: three"),
            try moment(world, "ps echo is exited"),
        ]
        #expect(ordered == ordered.sorted { $0.steps < $1.steps } && Set(ordered).count == 4, "\(ordered)")
        for (moment, text) in zip(ordered, ["one", "two", "three"]) {
            for (steps, holds) in [(moment.steps, true), (moment.steps - 1, false)] {
                let past = try worldAt(scratch, world, steps)
                #expect(try past.output("echo").contains(text) == holds, "\(text) at \(steps)")
                #expect(try past.gasClock == moment.gasClock - (holds ? 0 : 1))
                try past.close()
            }
        }
        // What never comes about, and what cannot be asked.
        #expect(try worldError { _ = try moment(world, "logs echo matches four") }?.code == .noSuchThing)
        let nobody = try worldError { _ = try moment(world, "logs nobody matches one") }
        #expect(nobody?.code == .noSuchThing && nobody?.why.contains("no process 'nobody'") == true)
        for wrong in ["", "logs echo", "logs echo has one", "ps echo is ready", "ps echo is happy", "gas > 5"] {
            #expect(try worldError { _ = try moment(world, wrong) }?.code == .usage, "\(wrong)")
        }
        try world.close()
    }

    /// A copy is opened, for the world itself is.
    private func worldAt(_ scratch: Scratch, _ world: World, _ steps: UInt64) throws -> World {
        let copy = try scratch.copyWorld(to: "copy-\(steps)-\(UUID().uuidString)")
        return try World.open(at: copy, asOf: "@then", steps: steps)
    }
}
