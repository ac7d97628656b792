// A process of many pages that is forgotten: its page tables go by and by, while pages move, are frozen and are sold under them.

import Kernel
import Machine
import Objects
import Testing

@Suite struct ForgettingTests {
    /// Writes a number to each of 10,000 pages, and then their sum.
    private static let program = """
        (local $sum i32)
        (loop $write
          (i32.store (i32.mul (local.get $i) (i32.const 4096)) (local.get $i))
          (br_if $write (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 10000))))
        (local.set $i (i32.const 0))
        (loop $read
          (local.set $sum (i32.add (local.get $sum) (i32.load (i32.mul (local.get $i) (i32.const 4096)))))
          (br_if $read (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 10000))))
        (call $proc_exit (i32.rem_u (local.get $sum) (i32.const 251)))
        """

    private func takeBackAll(_ bench: Bench) -> Int {
        var turns = 0
        while bench.machine.hasLeaving {
            bench.machine.takeBackEntries()
            turns += 1
        }
        return turns
    }

    @Test func itGoesOnWithNewTablesWhileTheOldOnesLeave() throws {
        let bench = try Bench()
        let process = try bench.spawn(try Assembler.program(Self.program, memory: "700"))
        // Into the middle of the reading.
        var steps = 0
        while try bench.objects.get(process, ProcessRecord.gasUsed) < 180_000 {
            let next = try #require(try bench.kernel.processToRun())
            _ = try bench.machine.run(next, gasBound: 30_000)
            steps += 1
        }
        #expect(try bench.state(process) == .ready && steps > 3)
        try bench.machine.deactivate(process)
        #expect(bench.machine.hasLeaving, "10,000 entries are more than are taken back at once")
        try bench.objects.checkInvariants()
        // A freeze in between: nothing is mapped for writing by the tables that leave.
        let frozen = try bench.objects.freeze()
        try bench.objects.checkInvariants(frozen: frozen)
        bench.machine.takeBackEntries()
        try bench.objects.checkInvariants(frozen: frozen)
        try bench.runAll()
        #expect(try bench.exitCode(process) == Int32((10_000 * 9_999 / 2) % 251))
        #expect(takeBackAll(bench) > 1)
        try bench.objects.checkInvariants(frozen: frozen)
        try bench.objects.checkRecords()
    }

    @Test func itsPagesAreSoldUnderTheTablesThatLeave() throws {
        let bench = try Bench()
        let process = try bench.spawn(try Assembler.program(Self.program, memory: "700"))
        while try bench.objects.get(process, ProcessRecord.gasUsed) < 180_000 {
            let next = try #require(try bench.kernel.processToRun())
            _ = try bench.machine.run(next, gasBound: 30_000)
        }
        bench.machine.forget(process)
        #expect(bench.machine.hasLeaving)
        if try bench.kernel.isRunning(process) { try bench.kernel.endQuantum() }
        try bench.kernel.end(process, as: .exited, exitCode: 0)
        try bench.kernel.remove(process)
        try bench.objects.checkInvariants()
        #expect(takeBackAll(bench) > 1)
        try bench.objects.checkInvariants()
        try bench.objects.checkRecords()
    }
}
