// The past over all that happened to a world since a checkpoint: boots, what was asked while nobody ran it, and kills.

import Foundation
import Testing
import World

@Suite struct PastSessionsTests {
    /// A world to which all that happens in turn, and what was seen of it.
    private final class History {
        var generator: SeededGenerator
        let scratch: Scratch
        var world: World
        private(set) var folder: String
        private var number = 0
        private let echo: [UInt8]
        private var branch: Branch
        /// Those that it went back from.
        private var left: [Branch] = []

        /// What was seen of it from one going back to the next, and what was kept.
        struct Branch {
            let looks: Looks
            var kept: [(name: String, gasClock: UInt64)] = []
            var end: UInt64 = 0
        }

        /// What happened, and where.
        private(set) var story: [(gasClock: UInt64, what: String)] = []

        init(seed: UInt64) throws {
            generator = SeededGenerator(seed: seed)
            scratch = try Scratch()
            echo = try Programs.c("echo")
            branch = Branch(looks: Looks(seed: seed))
            world = try World.make(scratch, seed: seed)
            folder = scratch.world
            try world.run(try Assembler.program(GasTests.spin), name: "spin")
            for name in ["echo", "naps", "work"] {
                try world.run(try Programs.c(name), name: name, arguments: [name, "a"])
            }
        }

        private var looks: Looks { branch.looks }

        private func random(_ range: Range<Int>) -> Int { Int.random(in: range, using: &generator) }

        /// A request, sensible or not.
        func request() -> Request {
            number += 1
            switch random(0..<11) {
            case 6: return .stop(process: "spin")
            case 7, 8: return .resume(process: "spin")
            case 9:
                // Its bank is too small for it: what was bought until that was known is given back.
                return .run(
                    RunRequest(
                        module: Data(echo), name: "n\(number)", defaultName: "n", arguments: ["n"],
                        limitBytes: UInt64(random(0..<6)) << 12))
            case 10:
                return .run(RunRequest(module: Data(echo), name: "p\(number)", defaultName: "p", arguments: ["p"]))
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
            branch.kept.append(("@c\(number)", clock))
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
            _ = await running.ask(.status)
            for _ in 0..<random(0..<4) {
                let request = request()
                _ = await running.ask(request)
            }
            number += 1
            let copied = try openCopy()
            await running.stop()
            try world.close()
            world = copied
            try tell("killed")
            // The world that was killed came further.
            looks.adopt(seen, before: try world.gasClock)
            try looks.look(at: world)
        }

        /// Opens a copy of the running world. What is written meanwhile may be copied in part, as no kill leaves it: then another one.
        private func openCopy() throws -> World {
            let source = folder
            for attempt in 0... {
                folder = try scratch.copyWorld(from: source, to: "killed-\(number)-\(attempt)")
                let opened = Result { () throws(WorldError) in try World.open(at: folder, as: .host) }
                if case .failure(let error) = opened, error.code == .storeDamaged, attempt < 20 { continue }
                return try opened.get()
            }
            return world
        }

        /// It goes back to what was kept once, halted or while it runs.
        func goBack() async throws {
            guard let target = (left + [branch]).flatMap(\.kept).randomElement(using: &generator)?.name else { return }
            let request = Request.rollback(checkpoint: target, overHeld: false)
            let answer: Answer?
            if random(0..<2) == 0 {
                answer = try world.perform(request)
            } else {
                looks.watch(world)
                let running = RunningWorld(world, every: .milliseconds(20))
                let asked = self.request()
                _ = await running.ask(asked)
                looks.close()
                answer = await running.ask(request)
                await running.stop()
                world.observer = nil
            }
            guard case .rollback(let rollback) = answer else { throw Asking.anotherAnswer(answer ?? .done) }
            branch.end = rollback.gasClock
            left.append(branch)
            branch = Branch(looks: Looks(seed: UInt64(number)))
            try tell("went back to \(target)")
            try looks.look(at: world)
        }

        func branches() throws -> [Branch] {
            branch.end = try world.gasClock
            return left + [branch]
        }
    }

    /// PAST_SESSIONS: how many.
    @Test(
        .timeLimit(.minutes(30)),
        arguments: 1...(UInt64(ProcessInfo.processInfo.environment["PAST_SESSIONS"] ?? "") ?? 4))
    func theJournalGoesOnOverAllThatHappens(seed: UInt64) async throws {
        let history = try History(seed: seed)
        try history.keep()
        for round in 0..<24 {
            switch Int.random(in: 0..<15, using: &history.generator) {
            case 0...3: try history.ask()
            case 4...7: try history.step()
            case 8, 9: try await history.run()
            case 10, 11: try await history.kill()
            case 12: if round > 4 { try await history.goBack() }
            default: if round < 20 { try history.keep() }
            }
        }
        try history.step()
        let branches = try history.branches()
        try history.world.close()
        var compared = 0
        for branch in branches {
            for (name, begin) in branch.kept {
                let places = branch.looks.places(after: begin, through: branch.end).shuffled(
                    using: &history.generator)
                for place in places.prefix(branch.kept[0].name == name ? 12 : 3) {
                    let past = try World.open(at: history.folder, asOf: name, steps: place.gasClock - begin)
                    #expect(
                        try past.hash() == place.hash && past.gasClock == place.gasClock,
                        "\(name), \(place): \(history.story(around: place.gasClock))")
                    try past.close()
                    compared += 1
                }
                let past = try World.open(at: history.folder, asOf: name, steps: branch.end - begin)
                #expect(try past.gasClock == branch.end)
                try past.close()
                let error = try worldError {
                    _ = try World.open(at: history.folder, asOf: name, steps: branch.end - begin + 1)
                }
                #expect(error?.code == .noSuchThing)
            }
        }
        #expect(compared > 0)
    }
}
