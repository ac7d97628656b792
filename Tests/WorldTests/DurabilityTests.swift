// What a program is told to be durable is there after a kill.

import Foundation
import Testing
import World

@Suite struct DurabilityTests {
    private static func makeWorld(_ scratch: Scratch, _ order: String, _ times: Int) throws -> World {
        let world = try World.make(scratch)
        try world.run(try Programs.c("durable"), name: "p", arguments: ["p", order, "\(times)"])
        _ = try world.perform(.grantKey(process: "p", register: 6, key: "checkpoint"))
        return world
    }

    /// A copy of the world's folder as it is when `p` is over.
    private static func killedWhenOver(_ scratch: Scratch, _ running: RunningWorld) async throws -> String {
        for _ in 0..<6_000 {
            if await running.processes.first?.state == .exited { return try scratch.copyWorld() }
            try await Task.sleep(for: .milliseconds(2))
        }
        Issue.record("it is not over: \(await running.processes)")
        return try scratch.copyWorld()
    }

    private static func lines(_ world: World) throws -> [String] {
        try world.output("p").split(separator: "\n").map(String.init)
    }

    /// Nothing but the program asks for anything to be durable: what it was told of is in the journal.
    @Test func whatAProgramWasToldIsInTheJournal() async throws {
        let scratch = try Scratch()
        let running = RunningWorld(try Self.makeWorld(scratch, "wait", 5), every: .seconds(600))
        let killed = try await Self.killedWhenOver(scratch, running)
        await running.stop()
        #expect(try Self.lines(running.world) == Array(repeating: "told 0", count: 5))
        #expect(World.condition(at: killed) == .crashed)
        let again = try World.open(at: killed, as: .host)
        // Of the last it may not have been told; that it asked is certain.
        #expect(try Self.lines(again).count >= 4)
        #expect(try again.problems().isEmpty)
        try again.boot(World.Boot(until: .idle))
        #expect(try Self.lines(again) == Array(repeating: "told 0", count: 5))
        #expect(try again.row("p").state == .exited)
        try again.close()
    }

    @Test func whatAProgramHasMadeIsACheckpoint() async throws {
        let scratch = try Scratch()
        let running = RunningWorld(try Self.makeWorld(scratch, "make", 3), every: .seconds(600))
        let killed = try await Self.killedWhenOver(scratch, running)
        await running.stop()
        let told = try Self.lines(running.world).compactMap { UInt64($0.dropFirst(5)) }
        #expect(told.count == 3 && Set(told).count == 3 && told == told.sorted() && told[0] > 0)
        let again = try World.open(at: killed, as: .host, withoutJournal: true)
        #expect(try Self.lines(again).count >= 2, "the third was asked for in what is the last checkpoint")
        #expect(try again.row("p").state == .waiting)
        try again.boot(World.Boot(until: .idle))
        #expect(try Self.lines(again).count == 3)
        try again.close()
    }

    /// When who is told what is an input: a world that was killed comes to the same end.
    @Test(arguments: ["wait", "make"]) func aKilledWorldTellsTheSame(order: String) async throws {
        let scratch = try Scratch()
        let world = try World.make(scratch)
        for number in 0..<6 {
            try world.run(try Programs.c("durable"), name: "p\(number)", arguments: ["p", order, "8"])
            _ = try world.perform(.grantKey(process: "p\(number)", register: 6, key: "checkpoint"))
            try world.run(try Programs.c("naps"), name: "n\(number)")
        }
        let running = RunningWorld(world, every: .seconds(600))
        for _ in 0..<6_000 {
            if await running.processes.allSatisfy({ $0.name.hasPrefix("n") || $0.state == .exited }) { break }
            try await Task.sleep(for: .milliseconds(2))
        }
        try await running.standsStill()
        let (outputs, hash) = (await running.outputs, try #require(await running.hash))
        let reader = try World.open(at: try scratch.copyWorld(), as: .reader)
        #expect(try reader.hash() == hash)
        for number in 0..<6 {
            let said = try #require(outputs["p\(number)"])
            #expect(said.count == 8)
            #expect(try reader.output("p\(number)") == said.map { String(decoding: $0.data, as: UTF8.self) }.joined())
        }
        try reader.close()
        await running.stop()
        try world.close()
    }

    /// A world is not idle while a program waits for the disk, and stops where it waits.
    @Test func aStoppedProgramAsksAnew() async throws {
        let scratch = try Scratch()
        let world = try Self.makeWorld(scratch, "wait", 3)
        // One turn: it has asked, and nobody has told it.
        try world.boot(World.Boot(until: .steps(1_000_000)))
        #expect(try Self.lines(world).count == 3)
        try world.close()
    }

    /// Who has no right to have checkpoints made has none made.
    @Test func waitingAloneMakesNoCheckpoint() throws {
        let scratch = try Scratch()
        let world = try Self.makeWorld(scratch, "make", 1)
        _ = try world.perform(.grantKey(process: "p", register: 6, key: "checkpoint:none"))
        try world.boot(World.Boot(until: .idle))
        #expect(try world.row("p").exitCode == 1)
        try world.close()
    }

    /// What programs have made durable pushes nothing out of the past that is kept, and does not put off what the world makes by itself.
    @Test func programsHaveNoSayInThePast() async throws {
        let scratch = try Scratch()
        let world = try Self.makeWorld(scratch, "make", 40)
        _ = try world.perform(.retainCheckpoints(keep: 3, keepForSeconds: 0))
        let running = RunningWorld(world, every: .milliseconds(60))
        var kept: Set<UInt64> = []
        for _ in 0..<6_000 {
            if case .checkpoints(let found)? = await running.ask(.checkpoints()) {
                kept.formUnion(found.items.filter { $0.kept }.map(\.id))
            }
            if await running.processes.first?.state == .exited { break }
            try await Task.sleep(for: .milliseconds(2))
        }
        await running.stop()
        let told = try Self.lines(world).compactMap { UInt64($0.dropFirst(5)) }
        #expect(told.count == 40)
        // Of those that the world made some may have been told of.
        #expect(kept.intersection(told).count < 10, "\(kept) \(told)")
        try world.close()
    }
}
