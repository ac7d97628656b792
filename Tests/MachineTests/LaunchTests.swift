// What a module may be, and what it is given at its launch: arguments and environment, first contents, start functions.

import Interpreter
import Kernel
import Machine
import Objects
import Testing
import WebAssembly

struct LaunchTests {
    private func refusal(_ module: [UInt8], entry: String = "_start") -> MachineError? {
        do throws(MachineError) {
            _ = try Machine.check(module, entry: entry)
            return nil
        } catch {
            return error
        }
    }

    // MARK: Refusals

    @Test func whatIsNoModuleIsRefusedWhereItEndsToBeOne() throws {
        guard case .malformed(_, let offset) = refusal(Array("hello, world".utf8)) else {
            Issue.record("text was taken for a module")
            return
        }
        #expect(offset == 0)
        guard case .malformed = refusal([]) else {
            Issue.record("nothing was taken for a module")
            return
        }
    }

    @Test func everyTruncationIsRefused() throws {
        let whole = try Assembler.program("(call $proc_exit (i32.const 0))", data: WASIRefusalTests.data)
        #expect(refusal(whole) == nil)
        var taken: [Int] = []
        for count in 0..<whole.count {
            switch refusal(Array(whole.prefix(count))) {
            case .malformed, .invalid, .noExport: break
            case nil: taken.append(count)
            case .some(let other): Issue.record("\(count) of \(whole.count) bytes: \(other)")
            }
        }
        // What ends just before the last section, the data, is a whole module without any.
        #expect(taken.map { whole[$0] } == [11])
    }

    @Test func anInvalidModuleIsRefusedWithItsFunction() throws {
        let module = try Assembler.module(
            #"(module (func) (func (export "_start") (i32.add (i32.const 1))))"#, "--no-check")
        guard case .invalid(let text, let offset, let function) = refusal(module) else {
            Issue.record("an invalid module was taken")
            return
        }
        #expect(!text.isEmpty && offset > 8 && function == 1)
    }

    @Test func everyImportThatIsMissingIsNamed() throws {
        let module = try Assembler.module(
            """
            (module
              (import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32)))
              (import "wasi_snapshot_preview1" "sock_listen" (func (param i32 i32) (result i32)))
              (import "env" "launch" (func))
              (import "env" "memory" (memory 1))
              (import "env" "table" (table 1 funcref))
              (import "env" "base" (global i32))
              (func (export "_start")))
            """)
        guard case .missingImports(let names, _) = refusal(module) else {
            Issue.record("missing imports were not seen")
            return
        }
        #expect(
            names == [
                "wasi_snapshot_preview1.sock_listen", "env.launch", "env.memory (memory)", "env.table (table)",
                "env.base (global)",
            ])
    }

    /// A module whose segments lie scattered would make a page of each few bytes: it has no image, and writes them itself.
    @Test func segmentsThatLieScatteredAreWrittenAtInstantiation() throws {
        let bytes = (0..<1000).map { #"(data (i32.const \#($0 * 4096)) "\01")"# }.joined()
        let items = (0..<20).map { "(elem (i32.const \($0 * 512)) $_start)" }.joined()
        let module = try Assembler.module(
            """
            (module (func $exit (import "wasi_snapshot_preview1" "proc_exit") (param i32))
              (memory 64) (table 20000 funcref) \(bytes) \(items)
              (func $_start (export "_start") (local i32 i32)
                (loop $next
                  (local.set 1 (i32.add (local.get 1) (i32.load (local.get 0))))
                  (local.set 0 (i32.add (local.get 0) (i32.const 4096)))
                  (br_if $next (i32.lt_u (local.get 0) (i32.const 4096000))))
                (if (ref.is_null (table.get 0 (i32.const 9728))) (then unreachable))
                (call $exit (local.get 1))))
            """)
        let checked = try Machine.check(module, entry: "_start")
        #expect(checked.modules[0].plan.memoryImage.isEmpty && checked.modules[0].plan.tableImage.isEmpty)
        let bench = try Bench()
        let process = try bench.spawn(module)
        try bench.runAll()
        #expect(try bench.exitCode(process) == 1000)
    }

    @Test func modulesThatAreTooMuchCodeTogetherAreRefused() throws {
        let module = try Assembler.module(#"(module (func (export "_start")))"#)
        let bytes = try Machine.check(module, entry: "_start").modules[0].plan.footprint
        let links = (0..<3).map { (name: "m\($0)", bytes: module) }
        #expect(throws: Never.self) {
            try Machine.check(module, entry: "_start", links: links, bound: bytes)
        }
        #expect(throws: MachineError.self) {
            try Machine.check(module, entry: "_start", links: links, bound: bytes - 1)
        }
    }

    @Test func anImportOfAnotherTypeIsRefused() throws {
        let module = try Assembler.module(
            """
            (module (import "wasi_snapshot_preview1" "fd_close" (func (param i64) (result i32)))
              (func (export "_start")))
            """)
        guard case .importType(let name, let expected, let found) = refusal(module) else {
            Issue.record("the type was not compared")
            return
        }
        #expect(name == "wasi_snapshot_preview1.fd_close")
        #expect(expected == "(i32) -> (i32)" && found == "(i64) -> (i32)")
    }

    @Test func theEntryMustBeAFunctionOfTheModuleThatTakesNothing() throws {
        let module = try Assembler.module(
            """
            (module (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
              (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
              (func (export "go")) (func (export "add") (param i32)) (memory (export "memory") 1)
              (export "yield" (func $yield)) (export "exit" (func $exit)))
            """)
        guard case .noExport("_start", let exports, "go") = refusal(module) else {
            Issue.record("it has no _start")
            return
        }
        #expect(exports == ["go", "add", "yield", "exit"])
        #expect(refusal(module, entry: "go") == nil)
        guard case .entryType("add", _) = refusal(module, entry: "add"),
            case .entryType("exit", _) = refusal(module, entry: "exit"),
            case .entryOfHost("yield") = refusal(module, entry: "yield"),
            case .noExport("memory", _, _) = refusal(module, entry: "memory")
        else {
            Issue.record("what cannot be invoked was taken")
            return
        }
    }

    @Test(arguments: [
        #"(module (memory 1) (data (i32.const 65535) "ab") (func (export "_start")))"#,
        #"(module (memory 1) (data (i32.const -1) "a") (func (export "_start")))"#,
        #"(module (table 1 funcref) (elem (i32.const 1) 0) (func (export "_start")))"#,
    ])
    func segmentsThatDoNotFitAreRefused(_ text: String) throws {
        guard case .segmentOutside(_, 0) = refusal(try Assembler.module(text)) else {
            Issue.record("a segment outside was taken")
            return
        }
    }

    @Test func boundsThatTheRecordSetsAreRefusals() throws {
        let tables = String(repeating: "(table 1 funcref)", count: 25)
        let segments = String(repeating: #"(data "a")"#, count: 1024)
        for text in [tables, "(memory 1)" + segments, "(table 20000000 funcref)"] {
            guard case .tooLarge = refusal(try Assembler.module("(module \(text) (func (export \"_start\")))")) else {
                Issue.record("\(text.prefix(30)) was taken")
                continue
            }
        }
        let most = String(repeating: #"(data "a")"#, count: 1023)
        #expect(refusal(try Assembler.module(#"(module (memory 1) \#(most) (func (export "_start")))"#)) == nil)
    }

    // MARK: Beginning

    @Test(arguments: [[], ["prog"], ["prog", "", "a b", "ä"]], [[], ["A=1", "B="]])
    func argumentsAndEnvironmentAreWhatWasGiven(_ arguments: [String], _ environment: [String]) throws {
        // Writes the blocks of both, and the count as the exit code.
        func part(_ name: String) -> String {
            """
            (if (call $\(name)_sizes_get (i32.const 4) (i32.const 8)) (then unreachable))
            (if (call $\(name)_get (i32.const 256) (i32.const 1024)) (then unreachable))
            (local.set $i (i32.add (i32.mul (local.get $i) (i32.const 10)) (i32.load (i32.const 4))))
            (i32.store (i32.const 16) (i32.const 1024)) (i32.store (i32.const 20) (i32.load (i32.const 8)))
            (if (i32.and (i32.ne (i32.load (i32.const 4)) (i32.const 0))
                  (i32.ne (i32.load (i32.const 256)) (i32.const 1024))) (then unreachable))
            (drop (call $fd_write (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 32)))
            """
        }
        let bench = try Bench()
        let process = try bench.spawn(
            try Assembler.program(part("args") + part("environ") + "(call $proc_exit (local.get $i))"),
            arguments: arguments, environment: environment)
        try bench.runAll()
        #expect(try bench.state(process) == .exited)
        #expect(try bench.exitCode(process) == Int32(10 * arguments.count + environment.count))
        #expect(try bench.log(process) == (arguments + environment).map { $0 + "\0" }.joined())
    }

    @Test func globalsSegmentsTablesAndTheStartFunctionComeFirst() throws {
        // The start function reads what the segments left and calls through the table; _start sees what it did.
        let module = try Assembler.module(
            """
            (module
              (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
              (memory 1) (table 600 funcref) (data (i32.const 4094) "\\05\\06\\07\\08")
              (global $sum (mut i32) (i32.const 100)) (type $t (func (result i32)))
              (func $seven (result i32) (i32.const 7)) (elem (i32.const 599) $seven)
              (func $begin
                (global.set $sum (i32.add (global.get $sum)
                  (i32.add (i32.load8_u (i32.const 4096)) (call_indirect (type $t) (i32.const 599))))))
              (start $begin)
              (func (export "_start") (call $exit (global.get $sum))))
            """)
        for slice in [1, 2, 1000] as [UInt64] {
            let bench = try Bench()
            let process = try bench.spawn(module)
            while let running = try bench.kernel.processToRun() {
                _ = try bench.machine.run(running, gasBound: slice)
                // Whatever is kept of it can be dropped (MACH-1).
                try bench.machine.saveAll()
                bench.machine.forget(process)
            }
            #expect(try bench.exitCode(process) == 114)
        }
    }

    @Test func aModuleIsSharedAndGoesWithItsLastProcess() throws {
        let bench = try Bench()
        let module = try Assembler.program("(call $proc_exit (i32.const 0))")
        let processes = try ["a", "b"].map { try bench.spawn(module, name: $0) }
        #expect(try bench.objects.world(WorldPage.moduleCount) == 1)
        try bench.runAll()
        for (index, process) in processes.enumerated() {
            bench.machine.forget(process)
            try bench.kernel.remove(process)
            #expect(try bench.objects.world(WorldPage.moduleCount) == (index == 0 ? 1 : 0))
        }
        try bench.objects.checkRecords()
    }
}
