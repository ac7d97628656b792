// Reading and writing the standard streams as programs do: partial reads, the end of input, waiting, long writes.

import Kernel
import Objects
import Testing

struct StreamCallTests {
    /// Reads into two buffers, of 3 bytes at 64 and of 4 at 80, and writes what came; exits with 1 at the end of input.
    static let reader = (
        body: """
        (loop $again
          (i32.store (i32.const 0) (i32.const 64)) (i32.store (i32.const 4) (i32.const 3))
          (i32.store (i32.const 8) (i32.const 80)) (i32.store (i32.const 12) (i32.const 4))
          (if (call $fd_read (i32.const 0) (i32.const 0) (i32.const 2) (i32.const 32))
            (then (call $proc_exit (i32.const 90))))
          (local.set $i (i32.load (i32.const 32)))
          (if (i32.eqz (local.get $i)) (then (call $proc_exit (i32.const 1))))
          ;; the pieces, then a bar
          (i32.store (i32.const 4)
            (select (local.get $i) (i32.const 3) (i32.lt_u (local.get $i) (i32.const 3))))
          (i32.store (i32.const 12)
            (select (i32.sub (local.get $i) (i32.const 3)) (i32.const 0) (i32.gt_u (local.get $i) (i32.const 3))))
          (i32.store (i32.const 16) (i32.const 96)) (i32.store (i32.const 20) (i32.const 1))
          (i32.store8 (i32.const 96) (i32.const 124))
          (if (call $fd_write (i32.const 1) (i32.const 0) (i32.const 3) (i32.const 32))
            (then (call $proc_exit (i32.const 91))))
          (br $again))
        """, end: 1 as Int32
    )

    @Test(arguments: [
        ("", "", 0), ("a", "a|", 1), ("abc", "abc|", 1), ("abcdefg", "abcdefg|", 1), ("abcdefgh", "abcdefg|h|", 2),
        ("hello, world", "hello, |world|", 2),
    ])
    func inputComesInPiecesToItsEnd(_ input: String, _ log: String, _ records: Int) throws {
        let bench = try Bench()
        let process = try bench.spawn(try Assembler.program(Self.reader.body), input: input, inputEnds: true)
        try bench.runAll()
        #expect(try bench.state(process) == .exited)
        #expect(try bench.exitCode(process) == Self.reader.end)
        #expect(try bench.log(process) == log)
        #expect(try bench.kernel.readLog(process, since: 0, limitBytes: .max).count == records)
    }

    @Test func readingEmptyInputWaitsWithoutGasAndGoesOnWhenSomeComes() throws {
        let bench = try Bench()
        let process = try bench.spawn(try Assembler.program(Self.reader.body))
        try bench.runAll()
        #expect(try bench.state(process) == .waiting)
        #expect(try bench.objects.get(process, ProcessRecord.waitsFor) == Waiting.input)
        let stopped = try bench.gasClock
        for _ in 0..<3 {
            #expect(try bench.kernel.processToRun() == nil)
            try bench.pass(nanoseconds: 1_000_000_000)
        }
        #expect(try bench.gasClock == stopped)
        try bench.kernel.deliverInput(Array("xy".utf8), ends: false, to: process)
        #expect(try bench.state(process) == .ready)
        try bench.runAll()
        #expect(try bench.log(process) == "xy|")
        #expect(try bench.state(process) == .waiting)
        try bench.kernel.deliverInput(Array("z".utf8), ends: true, to: process)
        try bench.runAll()
        #expect(try bench.log(process) == "xy|z|")
        #expect(try bench.exitCode(process) == Self.reader.end)

        // Waiting has cost nothing: with all the input there from the start, pieces alike, it takes as much gas.
        let other = try Bench()
        let eager = try other.spawn(try Assembler.program(Self.reader.body))
        try other.kernel.deliverInput(Array("xy".utf8), ends: false, to: eager)
        try other.runAll()
        try other.kernel.deliverInput(Array("z".utf8), ends: true, to: eager)
        try other.runAll()
        #expect(try other.gasUsed(eager) == bench.gasUsed(process))
    }

    @Test func endingTheInputWakesAReader() throws {
        let bench = try Bench()
        let process = try bench.spawn(try Assembler.program(Self.reader.body))
        try bench.runAll()
        try bench.kernel.deliverInput([], ends: false, to: process)
        try bench.runAll()
        #expect(try bench.state(process) == .waiting, "nothing has come")
        try bench.kernel.deliverInput([], ends: true, to: process)
        try bench.runAll()
        #expect(try bench.exitCode(process) == Self.reader.end)
    }

    @Test func aHugeWriteTakesAsMuchAsOneRecordHolds() throws {
        // 200,000 bytes at once; the call says how many it took, as the exit code.
        let body = """
            (i32.store (i32.const 0) (i32.const 64)) (i32.store (i32.const 4) (i32.const 200000))
            (if (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 32))
              (then (call $proc_exit (i32.const -1))))
            (call $proc_exit (i32.load (i32.const 32)))
            """
        for (bound, taken) in [(1 << 20, 65_536), (65_536, 16_368), (4096, 1008)] {
            let bench = try Bench()
            let process = try bench.spawn(
                try Assembler.program(body, memory: "4"), streamBytes: UInt64(bound))
            try bench.runAll()
            #expect(try Int(bench.exitCode(process)) == taken)
            #expect(try bench.log(process).utf8.count == taken)
        }
    }

    @Test func anEmptyWriteMakesNoRecord() throws {
        let bench = try Bench()
        let process = try bench.spawn(
            try Assembler.program(
                "(call $proc_exit (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 32)))"))
        try bench.runAll()
        #expect(try bench.exitCode(process) == 0)
        #expect(try bench.objects.get(process, ProcessRecord.logNext) == 0)
    }
}
