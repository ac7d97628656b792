// Processes that their embedder calls: results, refusals, traps, instances added on the way; and what growing a table
// costs, which is easiest seen here.

import Interpreter
import Kernel
import Machine
import Objects
import Testing

struct CalledProcessTests {
    private static let table = """
        (module (table 4 100 funcref)
          (func (export "grow") (param i32) (result i32) (table.grow 0 (ref.null func) (local.get 0)))
          (func (export "both") (param i32 i64) (result i64 i32) (local.get 1) (local.get 0))
          (func (export "fall") unreachable))
        """

    private func call(
        _ bench: StoredBench, _ process: CellID, _ name: String, _ arguments: [UInt64], slice: UInt64 = .max
    ) throws -> (results: [UInt64], gas: UInt64) {
        let before = try bench.objects.get(process, ProcessRecord.gasUsed)
        let function = try bench.machine.function(name, of: 0, in: process)
        try bench.machine.call(process, instance: 0, function: function.index, arguments: arguments)
        while let next = try bench.kernel.processToRun() {
            _ = try bench.machine.run(next, gasBound: slice)
            if slice != .max { try bench.writeOutAndReload() }
        }
        let results = try bench.kernel.state(of: process) == .waiting ? bench.machine.results(of: process) : []
        return (results, try bench.objects.get(process, ProcessRecord.gasUsed) - before)
    }

    private func bench() throws -> (StoredBench, CellID) {
        let bench = try StoredBench()
        let process = try bench.makeCalled(try Assembler.module(Self.table), name: "called")
        try runAll(bench)
        return (bench, process)
    }

    private func runAll(_ bench: StoredBench) throws {
        while let next = try bench.kernel.processToRun() { _ = try bench.machine.run(next, gasBound: .max) }
    }

    /// Element segments come before data segments: where one of them traps, no data is there, also not from an image.
    @Test func noDataIsThereWhereAnElementSegmentTrapped() throws {
        let bench = try StoredBench()
        let process = try bench.makeCalled(
            try Assembler.module(#"(module (table (export "table") 2 funcref) (memory (export "memory") 1))"#),
            name: "called")
        try runAll(bench)
        let user = try Assembler.module(
            """
            (module (import "lib" "table" (table 2 funcref)) (memory 1) (data (i32.const 0) "there")
              (elem (i32.const 0) $read) (elem (i32.const 2) $read)
              (func $read (result i32) (i32.load (i32.const 0))))
            """)
        _ = try bench.machine.addInstance(user, to: process, scope: ["lib": 0])
        try runAll(bench)
        #expect(try bench.kernel.state(of: process) == .faulted)
        let segment = try bench.machine.segment(of: process)
        #expect(segment?.kind == "element" && segment?.index == 1)
        try bench.machine.abandonCall(process)
        let caller = try Assembler.module(
            """
            (module (import "lib" "table" (table 2 funcref))
              (func (export "read") (result i32) (call_indirect (result i32) (i32.const 0))))
            """)
        let number = try bench.machine.addInstance(caller, to: process, scope: ["lib": 0])
        try runAll(bench)
        let read = try bench.machine.function("read", of: number, in: process)
        try bench.machine.call(process, instance: number, function: read.index, arguments: [])
        try runAll(bench)
        #expect(try bench.machine.results(of: process) == [0])
    }

    /// Asking for what the table cannot have costs nothing beyond the 64 of the instruction, however much that is.
    @Test(arguments: [UInt64.max, 1, 3]) func growingATableCostsWhatItGrows(slice: UInt64) throws {
        let (bench, process) = try bench()
        for (delta, result, gas) in [
            (UInt64(16), UInt64(4), UInt64(68)), (0xFFFF_FFFF, 0xFFFF_FFFF, 66), (81, 0xFFFF_FFFF, 66),
            (80, 20, 76), (0, 100, 66), (1, 0xFFFF_FFFF, 66),
        ] {
            let done = try call(bench, process, "grow", [delta], slice: slice)
            #expect(done.results == [result] && done.gas == gas, "\(delta): \(done)")
        }
    }

    /// One instruction that changes many pages waits until there is room for them among those that are not durable.
    @Test func aTableThatGrowsWaitsForRoomInTheBudget() throws {
        let bench = try StoredBench(budgetPages: 128)
        let process = try bench.spawn(
            try Assembler.module(
                """
                (module (func $exit (import "wasi_snapshot_preview1" "proc_exit") (param i32))
                  (memory 4) (table 1 funcref) (elem declare func $exit)
                  (func (export "_start") (local i32)
                    (loop $again
                      (i32.store (local.get 0) (i32.const 1))
                      (local.set 0 (i32.add (local.get 0) (i32.const 4096)))
                      (br_if $again (i32.lt_u (local.get 0) (i32.const 0x40000))))
                    (call $exit (table.grow 0 (ref.func $exit) (i32.const 40960)))))
                """))
        var waits = 0
        while let next = try bench.kernel.processToRun() {
            if case .overBudget = try bench.machine.run(next, gasBound: .max) {
                waits += 1
                #expect(bench.objects.frameCount < 128, "nothing is written before there is room")
                try bench.writeOutAndReload()
            }
        }
        #expect(waits == 1)
        #expect(try bench.objects.get(process, ProcessRecord.exitCode) == 1)
        #expect(bench.objects.frameCount <= 128)
    }

    @Test(arguments: [UInt64.max, 1]) func severalResultsComeBackAlsoFromTheStore(slice: UInt64) throws {
        let (bench, process) = try bench()
        #expect(try call(bench, process, "both", [7, 1 << 40], slice: slice).results == [1 << 40, 7])
        try bench.writeOutAndReload()
        #expect(try bench.machine.results(of: process) == [1 << 40, 7])
    }

    @Test func wrongCallsAreRefusedAndChangeNothing() throws {
        let (bench, process) = try bench()
        #expect(throws: CallRefusal.notDefined(function: 99)) {
            try bench.machine.call(process, instance: 0, function: 99, arguments: [])
        }
        #expect(throws: CallRefusal.noFunction("gone")) {
            try bench.machine.function("gone", of: 0, in: process)
        }
        #expect(throws: CallRefusal.noInstance(3)) { try bench.machine.function("grow", of: 3, in: process) }
        let both = try bench.machine.function("both", of: 0, in: process)
        #expect(throws: CallRefusal.wrongArguments(expected: 2, found: 1)) {
            try bench.machine.call(process, instance: 0, function: both.index, arguments: [1])
        }
        #expect(throws: CallRefusal.notWaiting) { try bench.machine.abandonCall(process) }
        try bench.machine.call(process, instance: 0, function: both.index, arguments: [1, 2])
        #expect(throws: CallRefusal.notWaiting) { try bench.machine.results(of: process) }
        #expect(throws: CallRefusal.notWaiting) {
            try bench.machine.addInstance(try Assembler.module("(module)"), to: process, scope: [:])
        }
    }

    @Test func aTrapLeavesTheProcessToBeCalledAgain() throws {
        let (bench, process) = try bench()
        _ = try call(bench, process, "grow", [16])
        _ = try call(bench, process, "fall", [])
        #expect(try bench.kernel.state(of: process) == .faulted)
        try bench.writeOutAndReload()
        try bench.machine.abandonCall(process)
        #expect(try call(bench, process, "grow", [0]).results == [20], "what was done before stays")
        #expect(try bench.kernel.state(of: process) == .waiting)
        try bench.objects.checkRecords()
    }
}
