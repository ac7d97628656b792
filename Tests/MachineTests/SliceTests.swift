// Where hosts slice execution makes no difference: slices of any length, with all caches dropped between them, leave the
// same pages as one go. Host calls, bulk operations, growth and traps among what is sliced.

import Kernel
import Machine
import Objects
import Testing

struct SliceTests {
    /// Some of everything that costs more than one, or that leaves the engine: about 3,250 gas.
    static let mixed = (
        body: """
        (loop $round
          (memory.fill (i32.add (i32.const 60000) (local.get $i)) (local.get $i) (i32.const 5000))
          (memory.copy (i32.const 65000) (i32.const 61000) (i32.const 3000))
          (drop (call $random_get (i32.const 8192) (i32.const 777)))
          (i32.store (i32.const 0) (i32.const 8192)) (i32.store (i32.const 4) (i32.const 300))
          (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 32)))
          (drop (call $args_get (i32.const 128) (i32.const 256)))
          (drop (memory.grow (i32.const 1)))
          (i32.store (i32.mul (local.get $i) (i32.const 8192)) (memory.size))
          (drop (call $fd_write (i32.const 7) (i32.const 0) (i32.const 1) (i32.const 32)))
          (drop (call $sched_yield))
          (br_if $round (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 16))))
        (call $proc_exit (i32.load (i32.const 8192)))
        """, arguments: [String(repeating: "x", count: 200), "y"]
    )

    private func bench() throws -> (Bench, CellID) {
        let bench = try Bench()
        let process = try bench.spawn(
            try Assembler.program(Self.mixed.body, memory: "2"), arguments: Self.mixed.arguments)
        return (bench, process)
    }

    @Test func slicesOfAnyLengthComposeThroughHostCallsAndBulkOperations() throws {
        let (whole, process) = try bench()
        try whole.runAll()
        #expect(try whole.state(process) == .exited)
        let total = try whole.gasClock
        #expect(total > 3_001, "the program is as long as it is meant to be")
        let reference = try whole.pages()
        for slice in [1, 2, 3, 7, 64, 1000] as [UInt64] {
            let (sliced, same) = try bench()
            try sliced.runAll(slice: slice)
            #expect(try sliced.gasClock == total)
            #expect(try sliced.log(same) == whole.log(process))
            #expect(try sliced.pages() == reference, "slices of \(slice)")
        }
    }

    @Test(arguments: [11, 12, 13] as [UInt64])
    func cachesCanBeDroppedAtAnyInstruction(_ seed: UInt64) throws {
        let (whole, process) = try bench()
        try whole.runAll()
        let reference = try whole.pages()
        var generator = SeededGenerator(seed: seed)
        let (sliced, same) = try bench()
        while let running = try sliced.kernel.processToRun() {
            _ = try sliced.machine.run(running, gasBound: .random(in: 1...60, using: &generator))
            if generator.oneIn(2) {
                try sliced.machine.saveAll()
                sliced.machine.forget(same)
            }
        }
        #expect(try sliced.log(same) == whole.log(process))
        #expect(try sliced.pages() == reference, "seed \(seed)")
    }

    @Test func stateInTheMiddleIsTheSameHoweverItWasReached() throws {
        for gas in [1, 50, 79, 80, 500, 1777, 3001] as [UInt64] {
            let (whole, _) = try bench()
            try whole.run(gas: gas)
            #expect(try whole.gasClock == gas)
            let (sliced, _) = try bench()
            for _ in 0..<gas { try sliced.run(gas: 1) }
            #expect(try sliced.gasClock == gas)
            #expect(try sliced.pages() == whole.pages(), "after \(gas) gas")
        }
    }

    // MARK: Meters

    @Test func aMeterThatIsUsedUpFreezesAtTheInstructionExactly() throws {
        let (whole, other) = try bench()
        try whole.runAll()
        let total = try whole.gasClock
        for gas in [1, 2, 99, 1000, total - 1] {
            let bench = try Bench()
            let process = try bench.spawn(
                try Assembler.program(Self.mixed.body, memory: "2"), gas: gas, arguments: Self.mixed.arguments)
            try bench.runAll()
            #expect(try bench.state(process) == .frozenGas)
            #expect(try bench.gasUsed(process) == gas)
            #expect(try bench.gasClock == gas)
            let meter = try bench.objects.link(process, ProcessRecord.meter)
            #expect(try bench.kernel.figures(ofMeter: meter).gasLeft == 0)
            // Refuelled, it goes on from there to the same end.
            try bench.objects.set(meter, MeterRecord.gasLeft, total)
            try bench.kernel.setState(of: process, to: .ready)
            try bench.runAll()
            #expect(try bench.state(process) == .exited)
            #expect(try bench.gasUsed(process) == total)
            #expect(try bench.log(process) == whole.log(other))
        }
        let bench = try Bench()
        let process = try bench.spawn(
            try Assembler.program(Self.mixed.body, memory: "2"), gas: total, arguments: Self.mixed.arguments)
        try bench.runAll()
        #expect(try bench.state(process) == .exited, "the last instruction is paid with the last gas")
    }

    // MARK: Traps

    @Test(arguments: [
        ("unreachable", "unreachable"),
        ("(drop (i32.load (i32.const 65533)))", "out of bounds memory access"),
        ("(i32.store (i32.const -1) (i32.const 0))", "out of bounds memory access"),
        ("(drop (i32.div_u (i32.const 1) (local.get $i)))", "integer divide by zero"),
        ("(memory.fill (i32.const 65535) (i32.const 0) (i32.const 2))", "out of bounds memory access"),
    ])
    func aTrapFaultsTheProcessAndNothingElse(_ body: String, _ text: String) throws {
        let bench = try Bench()
        let other = try bench.spawn(
            try Assembler.program(Self.mixed.body, memory: "2"), name: "other", arguments: Self.mixed.arguments)
        let process = try bench.spawn(try Assembler.program("nop " + body))
        try bench.runAll()
        #expect(try bench.state(process) == .faulted)
        #expect(try bench.exitCode(process) == 134)
        #expect(Machine.trapText(try bench.objects.get(process, ProcessRecord.trap)) == text)
        #expect(try bench.machine.callStack(of: process).count == 1, "it stands where it trapped")
        #expect(try bench.state(other) == .exited)
        #expect(throws: KernelError.self) { try bench.kernel.deliverInput([1], ends: false, to: process) }
    }

    @Test func endlessRecursionExhaustsTheCallStackAndKeepsIt() throws {
        let bench = try Bench()
        let process = try bench.spawn(
            try Assembler.module(
                """
                (module (func $down (param i64) (call $down (i64.add (local.get 0) (i64.const 1))))
                  (func (export "_start") (call $down (i64.const 0))))
                """, "--debug-names"))
        try bench.runAll()
        #expect(try bench.state(process) == .faulted)
        #expect(Machine.trapText(try bench.objects.get(process, ProcessRecord.trap)) == "call stack exhausted")
        bench.machine.forget(process)
        let calls = try bench.machine.callStack(of: process)
        #expect(calls.count > 100_000)
        #expect(calls.first?.name == "down" && calls.last?.function == 1)
        bench.machine.forget(process)
        try bench.kernel.remove(process)
        try bench.objects.checkRecords()
    }
}
