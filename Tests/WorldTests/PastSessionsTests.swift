// The past over all that happened to a world since a checkpoint: boots, what was asked while nobody ran it, and kills.

import Foundation
import Testing
import World

@Suite struct PastSessionsTests {
    /// A world to which all that happens in turn, and what was seen of it.
    private final class History {
        var generator: SeededGenerator
        let scratch: Scratch
        let looks: Looks
        var world: World
        private(set) var folder: String
        private(set) var kept: [(name: String, gasClock: UInt64)] = []
        private var number = 0
        /// What happened, and where.
        private(set) var story: [(gasClock: UInt64, what: String)] = []

        init(seed: UInt64) throws {
            generator = SeededGenerator(seed: seed)
            scratch = try Scratch()
            looks = Looks(seed: seed)
            world = try World.make(scratch, seed: seed)
            folder = scratch.world
            try world.run(try Assembler.program(GasTests.spin), name: "spin")
            for name in ["echo", "naps", "work"] {
                try world.run(try Programs.c(name), name: name, arguments: [name, "a"])
            }
        }

        private func random(_ range: Range<Int>) -> Int { Int.random(in: range, using: &generator) }

        /// A request, sensible or not.
        func request() -> Request {
            number += 1
            switch random(0..<6) {
            case 0: return .send(process: "echo", data: Data("line \(number)\n".utf8), ends: false)
            case 1: return .createBank(path: "root/b\(number)", BankTermsRequest())
            case 2: return .stop(process: "naps")
            case 3: return .resume(process: "naps")
            case 4: return .kill(process: "nobody")
            default: return .createMeter(CreateMeterRequest(path: "root/m\(number)"))
            }
        }

        private func tell(_ what: String) throws { story.append((try world.gasClock, what)) }

        /// What happened around a place.
        func story(around gasClock: UInt64) -> String {
            let index = story.firstIndex { $0.gasClock > gasClock } ?? story.count
            return story[max(0, index - 6)..<min(story.count, index + 2)].map { "\($0.what) \($0.gasClock)" }
                .joined(separator: ", ")
        }

        func keep() throws {
            try tell("keep")
            number += 1
            let clock = try world.gasClock
            _ = try world.perform(.checkpoint(name: "c\(number)"))
            kept.append(("@c\(number)", clock))
        }

        /// What nobody runs is asked, and sometimes let go of in between.
        func ask() throws {
            for _ in 0..<random(1..<4) {
                let request = request()
                _ = Result { try world.perform(request) }
                try tell("ask")
                try looks.look(at: world)
                switch random(0..<5) {
                case 0: try reopen()
                case 1: _ = try world.perform(.retainCheckpoints(keep: UInt64(number % 2), keepForSeconds: nil))
                default: break
                }
            }
        }

        func reopen() throws {
            try world.close()
            world = try World.open(at: folder, as: .host)
            try tell("reopened")
            try looks.look(at: world)
        }

        /// It runs for some instructions, maybe with other quanta.
        func step() throws {
            looks.watch(world)
            let steps = UInt64(random(1..<300_000))
            let quantum = random(0..<3) == 0 ? UInt64(random(1_000..<100_000)) : nil
            let memory = random(0..<4) == 0 ? UInt64(random(300..<900)) << 20 : nil
            try world.boot(
                World.Boot(every: .seconds(600), until: .steps(steps), quantumGas: quantum, memoryBytes: memory))
            world.observer = nil
            try tell("stepped")
            try looks.look(at: world)
        }

        /// It runs for a while, and is asked meanwhile.
        func run() async throws {
            looks.watch(world)
            let running = RunningWorld(world, every: .milliseconds(20))
            for _ in 0..<random(1..<5) {
                try await Task.sleep(for: .milliseconds(random(0..<6)))
                let request = request()
                _ = await running.ask(request)
            }
            await running.stop()
            world.observer = nil
            try tell("ran")
            try looks.look(at: world)
        }

        /// It is killed while it runs.
        func kill() async throws {
            let seen = Looks(seed: UInt64(number))
            seen.watch(world)
            let running = RunningWorld(world, every: .seconds(600))
            for _ in 0..<random(0..<4) {
                let request = request()
                _ = await running.ask(request)
            }
            number += 1
            folder = try scratch.copyWorld(from: folder, to: "killed-\(number)")
            await running.stop()
            try world.close()
            world = try World.open(at: folder, as: .host)
            try tell("killed")
            // The world that was killed came further.
            looks.adopt(seen, before: try world.gasClock)
            try looks.look(at: world)
        }
    }

    @Test(.timeLimit(.minutes(3)), arguments: [1, 2, 3, 4] as [UInt64])
    func theJournalGoesOnOverAllThatHappens(seed: UInt64) async throws {
        let history = try History(seed: seed)
        try history.keep()
        for round in 0..<24 {
            switch Int.random(in: 0..<7, using: &history.generator) {
            case 0, 1: try history.ask()
            case 2, 3: try history.step()
            case 4: try await history.run()
            case 5: try await history.kill()
            default: if round < 20 { try history.keep() }
            }
        }
        try history.step()
        let end = try history.world.gasClock
        try history.world.close()
        #expect(history.kept.count > 1)
        var compared = 0
        for (name, begin) in history.kept {
            let places = history.looks.places(after: begin, through: end).shuffled(using: &history.generator)
            for place in places.prefix(history.kept[0].name == name ? 12 : 3) {
                let past = try World.open(at: history.folder, asOf: name, steps: place.gasClock - begin)
                #expect(
                    try past.hash() == place.hash && past.gasClock == place.gasClock,
                    "\(name), \(place): \(history.story(around: place.gasClock))")
                try past.close()
                compared += 1
            }
            let past = try World.open(at: history.folder, asOf: name, steps: end - begin)
            #expect(try past.gasClock == end)
            try past.close()
        }
        #expect(compared > 12)
    }
}
