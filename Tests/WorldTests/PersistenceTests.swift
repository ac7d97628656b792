// The promise: a program goes on as if nothing had happened, whatever the host did meanwhile. Closed and opened, cut into
// slices, checkpointed every few milliseconds, copied while open, killed: one hash, one gas clock, every line once.

import Foundation
import Testing
import World

struct PersistenceTests {
    /// What the program leaves when nothing ever interrupts it.
    private struct Reference {
        let hash: String
        let gas: UInt64
        let output: String
        let hashAtHalf: String

        init() throws {
            let scratch = try Scratch()
            let world = try World.make(scratch)
            try world.run(try Programs.c("work"), name: "work")
            try world.bootUntilIdle()
            hash = try world.hash()
            gas = try world.gasClock
            output = try world.output("work")
            #expect(try world.row("work").exitCode == 0)
            #expect(try world.problems() == [])
            try world.close()

            let again = try Scratch()
            let half = try World.make(again)
            try half.run(try Programs.c("work"), name: "work")
            try half.boot(steps: gas / 2)
            hashAtHalf = try half.hash()
            try half.close()
        }
    }

    private static let reference = Result { try Reference() }

    @Test func theProgramPrintsWhatItPrintsElsewhere() throws {
        let reference = try Self.reference.get()
        #expect(reference.output.split(separator: "\n").count == 100)
        #expect(try reference.output == Programs.expectedOutput("work"))
        #expect(reference.gas > 40_000_000)
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func slicesWithRestartsBetweenLeaveTheSameWorld(_ seed: UInt64) throws {
        let reference = try Self.reference.get()
        var generator = SeededGenerator(seed: seed)
        let scratch = try Scratch()
        var world = try World.make(scratch)
        try world.run(try Programs.c("work"), name: "work")
        var isPastHalf = false
        var slices = 0
        while try world.gasClock < reference.gas {
            let clock = try world.gasClock
            var steps = generator.oneIn(3) ? 1 : UInt64.random(in: 1...reference.gas / 8, using: &generator)
            if !isPastHalf && clock + steps >= reference.gas / 2 {
                steps = reference.gas / 2 - clock
                isPastHalf = true
            }
            try world.boot(steps: steps, every: generator.oneIn(2) ? .milliseconds(10) : .seconds(5))
            let moved = try world.gasClock - clock
            #expect(moved == min(steps, reference.gas - clock), "seed \(seed)")
            if try world.gasClock == reference.gas / 2 { #expect(try world.hash() == reference.hashAtHalf) }
            try world.close()
            world = try World.open(at: scratch.world, as: .host)
            slices += 1
        }
        #expect(slices > 5)
        try world.bootUntilIdle()
        #expect(try world.hash() == reference.hash, "seed \(seed)")
        #expect(try world.gasClock == reference.gas)
        #expect(try world.output("work") == reference.output)
        #expect(try world.problems() == [])
        try world.close()
        // A reader of the halted world sees the same.
        let reader = try World.open(at: scratch.world, as: .reader)
        #expect(try reader.hash() == reference.hash)
        #expect(try reader.output("work") == reference.output)
        try reader.close()
    }

    @Test func checkpointsWhileItRunsCannotBeSeen() throws {
        let reference = try Self.reference.get()
        let scratch = try Scratch()
        let world = try World.make(scratch)
        try world.run(try Programs.c("work"), name: "work")
        try world.bootUntilIdle(every: .milliseconds(10))
        #expect(try world.checkpoints().count > 3)
        #expect(try world.hash() == reference.hash)
        #expect(try world.gasClock == reference.gas)
        #expect(try world.output("work") == reference.output)
        #expect(try world.problems() == [])
        try world.close()
    }

    @Test func aCopyOfAnOpenWorldGoesOnFromItsLastCheckpoint() throws {
        let reference = try Self.reference.get()
        let scratch = try Scratch()
        let world = try World.make(scratch)
        try world.run(try Programs.c("work"), name: "work")
        try world.boot(steps: reference.gas / 3)
        let durable = try world.hash()
        // What the copy must not have.
        for _ in 0..<100 { try world.step() }
        #expect(try world.hash() != durable)
        let copy = try scratch.copyWorld()
        try world.close()

        #expect(World.condition(at: copy) == .crashed)
        let survivor = try World.open(at: copy, as: .host)
        #expect(try survivor.hash() == durable)
        #expect(try survivor.problems() == [])
        try survivor.bootUntilIdle()
        #expect(try survivor.hash() == reference.hash)
        #expect(try survivor.output("work") == reference.output)
        #expect(try survivor.problems() == [])
        try survivor.close()
    }

    @Test(arguments: [false, true])
    func aWorldThatIsLetGoOfStandsAtItsLastCheckpoint(isForgotten: Bool) throws {
        let reference = try Self.reference.get()
        let scratch = try Scratch()
        var world: World? = try World.make(scratch)
        try world?.run(try Programs.c("work"), name: "work")
        try world?.boot(steps: 1000)
        let durable = try world?.hash()
        for _ in 0..<10 { try world?.step() }
        if !isForgotten { world?.abandon() }
        world = nil
        #expect(World.condition(at: scratch.world) == .crashed)
        let again = try World.open(at: scratch.world, as: .host)
        #expect(try again.hash() == durable)
        #expect(try again.gasClock == 1000)
        try again.bootUntilIdle()
        #expect(try again.hash() == reference.hash)
        try again.close()
        #expect(World.condition(at: scratch.world) == .halted)
    }

    @Test(arguments: [101, 102, 103] as [UInt64])
    func aHostThatIsKilledLosesNothingThatWasDurable(_ seed: UInt64) async throws {
        let reference = try Self.reference.get()
        let scratch = try Scratch()
        var world = try World.make(scratch)
        try world.run(try Programs.c("work"), name: "work")
        try world.close()
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<4 {
            let microseconds = UInt32.random(in: 5_000...60_000, using: &generator)
            await #expect(processExitsWith: .signal(SIGKILL)) {
                [path = scratch.world as String, microseconds = microseconds as UInt32] in
                let world = try World.open(at: path, as: .host)
                let killer = Thread {
                    usleep(microseconds)
                    kill(getpid(), SIGKILL)
                }
                killer.start()
                while true { try world.boot(.init(every: .milliseconds(3), until: .stopped)) }
            }
            world = try World.open(at: scratch.world, as: .host)
            #expect(try world.problems() == [], "seed \(seed)")
            #expect(try reference.output.hasPrefix(world.output("work")))
            try world.close()
        }
        world = try World.open(at: scratch.world, as: .host)
        try world.bootUntilIdle()
        #expect(try world.hash() == reference.hash, "seed \(seed)")
        #expect(try world.output("work") == reference.output)
        #expect(try world.problems() == [])
        try world.close()
    }
}
