// The gas clock of a world: what `steps` means, what adds up to what, and meters of a process's own.

import Testing
import World

struct GasTests {
    static let spin = "(loop $again (local.set $i (i32.add (local.get $i) (i32.const 1))) (br $again))"

    @Test func stepsMoveTheClockByExactlySoMuch() throws {
        let scratch = try Scratch()
        let world = try World.make(scratch)
        try world.run(try Assembler.program(Self.spin), name: "a")
        try world.run(try Assembler.program("nop " + Self.spin), name: "b")
        try world.run(try Assembler.program("(loop $again (drop (call $sched_yield)) (br $again))"), name: "c")
        var clock: UInt64 = 0
        for steps in [1, 2, 1, 99_999, 100_000, 100_001, 0, 3, 1_234_567] as [UInt64] {
            try world.boot(steps: steps)
            clock += steps
            #expect(try world.gasClock == clock)
            #expect(try world.processes().reduce(0) { $0 + $1.gasUsed } == clock)
        }
        #expect(try world.problems() == [])
        // They share it by quanta of 100,000: neither of the two that spin is more than one ahead.
        let used = try ["a", "b"].map { try world.row($0).gasUsed }
        #expect(max(used[0], used[1]) - min(used[0], used[1]) <= 100_000)
        #expect(try world.row("c").gasUsed < 10_000, "it gives its turns away")
        try world.close()
    }

    @Test func oneStepAtATimeIsTheSameAsAllAtOnce() throws {
        let whole = try Scratch()
        let reference = try World.make(whole)
        try reference.run(try Programs.c("work"), name: "work")
        try reference.boot(steps: 2_000)
        let scratch = try Scratch()
        let world = try World.make(scratch)
        try world.run(try Programs.c("work"), name: "work")
        for step in 1...2_000 as ClosedRange<UInt64> {
            try world.step()
            if step % 500 == 0 { #expect(try world.gasClock == step) }
        }
        #expect(try world.hash() == reference.hash())
        try reference.close()
        try world.close()
    }

    @Test(arguments: [1, 777, 100_000, 100_001, 345_678] as [UInt64])
    func aMeterOfItsOwnFreezesAProcessAtTheInstruction(_ gas: UInt64) throws {
        let scratch = try Scratch()
        let world = try World.make(scratch)
        try world.run(try Assembler.program(Self.spin), name: "metered", gas: gas)
        try world.run(try Assembler.program("nop " + Self.spin), name: "free")
        try world.boot(steps: 3 * gas + 300_000)
        let row = try world.row("metered")
        #expect(row.state == .frozenGas)
        #expect(row.gasUsed == gas)
        #expect(row.gasLeft == 0)
        #expect(row.meter == "root/metered")
        #expect(try world.row("free").gasUsed == 2 * gas + 300_000, "the other goes on")
        #expect(try world.problems() == [])
        // It stays so over a restart, and can be ended and removed; its meter goes with it.
        try world.close()
        let again = try World.open(at: scratch.world, as: .host)
        try again.boot(steps: 1000)
        #expect(try again.row("metered").gasUsed == gas)
        _ = try again.perform(.kill(process: "metered"))
        _ = try again.perform(.remove(process: "metered"))
        try again.run(try Assembler.program(Self.spin), name: "metered", gas: 5)
        #expect(try again.row("metered").meter == "root/metered")
        #expect(try again.problems() == [])
        try again.close()
    }

    @Test func aSleepingWorldSpendsNothing() throws {
        let scratch = try Scratch()
        let world = try World.make(scratch)
        try world.run(try Programs.c("naps"), name: "naps")
        try world.bootUntilIdle()
        let row = try world.row("naps")
        #expect(row.exitCode == 0)
        #expect(try world.output("naps") == "slept twice\ntimed out\nclocks go on\n")
        #expect(row.gasUsed < 100_000, "0.3 seconds were slept, not spun")
        try world.close()
    }
}
