// The past at any instruction: a kept checkpoint brought so much gas on is the world that was there.

import Foundation
import Testing
import World

@Suite struct PastStepsTests {
    private static let keep = World.Boot.KeepJournal(bytes: 1 << 30, age: .seconds(3_600))

    /// What a running world said of itself, at a place.
    private struct Place: Hashable {
        var gasClock: UInt64
        var hash: String
    }

    private func hash(_ answer: Answer?) -> Place? {
        guard case .hash(let found) = answer else { return nil }
        return Place(gasClock: found.gasClock, hash: found.hash)
    }

    /// At each place where the world told its hash while it ran with inputs, a clock and checkpoints in between, the past has this hash,
    /// asked of the world that runs and of the halted one.
    @Test(.timeLimit(.minutes(3)), arguments: [1, 2] as [UInt64])
    func isTheWorldThatWasThere(seed: UInt64) async throws {
        var generator = SeededGenerator(seed: seed)
        let scratch = try Scratch()
        let world = try World.make(scratch, seed: seed)
        try world.run(try Assembler.program(GasTests.spin), name: "spin")
        for name in ["echo", "naps", "work"] {
            try world.run(try Programs.c(name), name: name, arguments: [name, "a"])
        }
        let running = RunningWorld(world, World.Boot(every: .milliseconds(50), keepJournal: Self.keep))
        _ = await running.ask(.checkpoint(name: "then"))
        let then = try #require(hash(await running.ask(.past(checkpoint: "@then", request: .hash))))
        var places: [Place] = []
        for number in 0..<40 {
            try await Task.sleep(for: .milliseconds(Int.random(in: 0...6, using: &generator)))
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: _ = await running.ask(.send(process: "echo", data: Data("line \(number)\n".utf8), ends: false))
            case 1: _ = await running.ask(.createBank(path: "root/b\(number)", BankTermsRequest()))
            case 2: _ = await running.ask(.stop(process: "naps"))
            default: _ = await running.ask(.resume(process: "naps"))
            }
            if let place = hash(await running.ask(.hash)) { places.append(place) }
        }
        let known = Set(places.map(\.gasClock))
        #expect(places.count == 40 && known.count > 20, "the clock moves on")
        for place in places.shuffled(using: &generator).prefix(6) {
            let request = Request.past(checkpoint: "@then", steps: place.gasClock - then.gasClock, request: .hash)
            #expect(hash(await running.ask(request)) == place, "while it runs")
        }
        await running.stop()
        try world.close()
        for place in places {
            let past = try World.open(at: scratch.world, asOf: "@then", steps: place.gasClock - then.gasClock)
            #expect(try past.hash() == place.hash && past.gasClock == place.gasClock)
            try past.close()
        }
        let last = try #require(places.last)
        let far = last.gasClock + 1_000_000_000_000 - then.gasClock
        let error = try worldError { _ = try World.open(at: scratch.world, asOf: "@then", steps: far) }
        #expect(error?.code == .noSuchThing && error?.what == "the journal does not go so far")
        #expect(World.condition(at: scratch.world) == .halted, "nothing is left open")
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
        try worlds[0].boot(World.Boot(every: .seconds(600), until: .steps(1_000_000), keepJournal: Self.keep))
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

    @Test func withoutTheJournalItIsToldSo() throws {
        let scratch = try Scratch()
        let world = try World.make(scratch)
        try world.run(try Assembler.program(GasTests.spin), name: "spin")
        _ = try world.perform(.checkpoint(name: "then"))
        try world.boot(steps: 1_000)
        let error = try worldError { _ = try world.perform(.past(checkpoint: "@then", steps: 10, request: .hash)) }
        #expect(error?.code == .noSuchThing && error?.why.contains("no file") == true)
        #expect(error?.remedy.contains("--keep-journal") == true)
        try world.close()
    }
}
