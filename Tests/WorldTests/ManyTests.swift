// More than the host keeps at once: of processes with frames and page tables, and of pages; and questions asked at any
// moment, which must change nothing.

import Foundation
import Objects
import Testing
import World

struct ManyTests {
    /// Adds its turns up in a global, its memory and a frame, over three turns, and exits with the sum.
    private static let turns = """
        (module
          (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
          (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
          (memory 1) (global $sum (mut i32) (i32.const 100))
          (func $turn (param $depth i32) (result i32)
            (if (i32.eqz (local.get $depth)) (then (drop (call $yield)) (return (i32.const 1))))
            (i32.add (i32.const 1) (call $turn (i32.sub (local.get $depth) (i32.const 1)))))
          (func (export "_start") (local $i i32)
            (loop $again
              (global.set $sum (i32.add (global.get $sum) (call $turn (i32.const 5))))
              (i32.store (i32.const 8) (i32.add (i32.load (i32.const 8)) (i32.const 1000)))
              (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 3))))
            (call $exit (i32.add (global.get $sum) (i32.load (i32.const 8))))))
        """

    @Test func moreProcessesThanTheHostKeepsComeToTheirEnds() throws {
        let scratch = try Scratch()
        let world = try World.make(scratch)
        let module = try Assembler.module(Self.turns)
        for number in 0..<1_100 { try world.run(module, name: "p\(number)") }
        try world.boot(steps: 40_000)
        #expect(try world.processes().filter { $0.state == .ready }.count == 1_100)
        try world.bootUntilIdle(every: .milliseconds(50))
        let rows = try world.processes()
        #expect(rows.count == 1_100)
        #expect(rows.allSatisfy { $0.exitCode == 3118 && $0.gasUsed == rows[0].gasUsed })
        #expect(try world.problems() == [])
        try world.close()
    }

    @Test func aMemoryLargerThanWhatIsKeptResidentIsRightInTheEnd() throws {
        // 8,192 pages, of which 4,096 are tracked at once: each gets its number, twice over in different orders.
        let program = """
            (loop $fill
              (i32.store (i32.shl (local.get $i) (i32.const 12)) (local.get $i))
              (br_if $fill (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 8192))))
            (local.set $i (i32.const 0))
            (loop $double
              (i32.store offset=8
                (i32.shl (i32.and (i32.mul (local.get $i) (i32.const 4099)) (i32.const 8191)) (i32.const 12))
                (i32.mul (i32.const 2)
                  (i32.load
                    (i32.shl (i32.and (i32.mul (local.get $i) (i32.const 4099)) (i32.const 8191)) (i32.const 12)))))
              (br_if $double (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 8192))))
            (local.set $i (i32.const 0))
            (i64.store (i32.const 16) (i64.const 0))
            (loop $sum
              (i64.store (i32.const 16)
                (i64.add (i64.load (i32.const 16))
                  (i64.load32_u offset=8
                    (i32.shl (i32.and (i32.mul (local.get $i) (i32.const 2731)) (i32.const 8191)) (i32.const 12)))))
              (br_if $sum (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 8192))))
            (call $proc_exit (i32.wrap_i64 (i64.load (i32.const 16))))
            """
        let module = try Assembler.program(program, memory: "512")
        let scratch = try Scratch()
        try World.create(at: scratch.world, limitBytes: nil, seed: 1)
        let world = try World.open(at: scratch.world, as: .host, budgetPages: 512)
        try world.run(module, name: "large")
        try world.boot(steps: 200_000)
        #expect(try world.info().residentPages <= 4096 + 512)
        try world.close()
        let again = try World.open(at: scratch.world, as: .host, budgetPages: 512)
        try again.bootUntilIdle()
        #expect(try again.row("large").exitCode == 8192 * 8191)
        #expect(try again.info().pageIns > 8192, "pages came in more than once")
        #expect(try again.problems() == [])
        let other = try Scratch()
        let roomy = try World.make(other)
        try roomy.run(module, name: "large")
        try roomy.bootUntilIdle()
        #expect(try again.hash() == roomy.hash())
        try roomy.close()
        try again.close()
    }

    @Test(arguments: [21, 22] as [UInt64])
    func askingChangesNothing(_ seed: UInt64) throws {
        let steps: UInt64 = 6_000_000
        func make(_ scratch: Scratch) throws -> World {
            let world = try World.make(scratch)
            try world.run(try Programs.c("work"), name: "work")
            try world.run(try Programs.c("echo"), name: "echo")
            try world.run(try Programs.c("faults"), name: "faults", arguments: ["faults", "trap"])
            return world
        }
        let quiet = try Scratch()
        let reference = try make(quiet)
        try reference.boot(steps: steps)
        var generator = SeededGenerator(seed: seed)
        let scratch = try Scratch()
        var world = try make(scratch)
        while try world.gasClock < steps {
            try world.boot(
                steps: min(UInt64.random(in: 1...400_000, using: &generator), steps - world.gasClock))
            for name in ["work", "echo", "faults"] where generator.oneIn(2) { _ = try world.inspect(name) }
            if generator.oneIn(3) { _ = try world.records("work") }
            if generator.oneIn(3) { #expect(try world.problems() == []) }
            if generator.oneIn(4) { _ = try world.hash() }
            if generator.oneIn(4) {
                try world.close()
                let reader = try World.open(at: scratch.world, as: .reader)
                for name in ["work", "echo", "faults"] { _ = try reader.inspect(name) }
                try reader.close()
                world = try World.open(at: scratch.world, as: .host)
            }
        }
        #expect(try world.hash() == reference.hash(), "seed \(seed)")
        #expect(try world.output("work") == reference.output("work"))
        try world.close()
        try reference.close()
    }

    @Test func aSleeperGoesOnSleepingWhereTheLastHostLeftIt() throws {
        let scratch = try Scratch()
        let world = try World.make(scratch)
        try world.run(
            try Assembler.program(
                """
                (i64.store (i32.const 120) (i64.const 3600000000000)) (i32.store (i32.const 112) (i32.const 1))
                (drop (call $poll_oneoff (i32.const 96) (i32.const 1024) (i32.const 1) (i32.const 32)))
                """), name: "sleeper")
        let stopper = Thread {
            usleep(150_000)
            world.stop()
        }
        stopper.start()
        try world.boot(.init(until: .stopped))
        try world.close()
        let (slept, deadline) = try Surgery(scratch.world).read { objects in
            let sleeper = CellID(rawValue: try objects.world(WorldPage.timerFirst))
            return (
                try objects.world(WorldPage.clockMonotonic), try objects.get(sleeper, ProcessRecord.deadline)
            )
        }
        // The hour ends an hour after it began, in time that the world ran.
        #expect(deadline >= 3_600_000_000_000)
        #expect(slept - (deadline - 3_600_000_000_000) >= 100_000_000, "the time that it slept counts")
    }
}
