// Programs that are linked to other modules: what they share, what is refused, and that nothing of it is lost when the
// process is stored between any two instructions.

import Interpreter
import Kernel
import Machine
import Objects
import Testing

struct LinkTests {
    /// A library with something of every kind: it counts in a variable, keeps bytes in its memory, and calls back.
    private static let library = """
        (module
          (type $callback (func (param i32) (result i32)))
          (func $write (import "wasi_snapshot_preview1" "fd_write") (param i32 i32 i32 i32) (result i32))
          (memory (export "memory") 1 4)
          (table (export "table") 4 funcref)
          (global $calls (export "calls") (mut i32) (i32.const 0))
          (global (export "seven") i32 (i32.const 7))
          (data (i32.const 16) "library\\n")
          (data (i32.const 0) "\\10\\00\\00\\00\\08\\00\\00\\00")
          (func (export "add") (param i32 i32) (result i32)
            (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
            (i32.add (local.get 0) (local.get 1)))
          (func (export "apply") (param i32 i32) (result i32)
            (call_indirect (type $callback) (local.get 1) (local.get 0)))
          (func (export "say") (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))
        """

    /// Uses all of it; exits with the sum of what it found.
    private static let program = """
        (module
          (func $exit (import "wasi_snapshot_preview1" "proc_exit") (param i32))
          (func $add (import "lib" "add") (param i32 i32) (result i32))
          (func $apply (import "lib" "apply") (param i32 i32) (result i32))
          (func $say (import "lib" "say"))
          (memory (import "lib" "memory") 1)
          (table (import "lib" "table") 4 funcref)
          (global $calls (import "lib" "calls") (mut i32))
          (global $seven (import "lib" "seven") i32)
          (global $own (mut i32) (global.get $seven))
          (elem (i32.const 2) $double)
          (data (i32.const 100) "\\05")
          (func $double (param i32) (result i32) (call $add (local.get 0) (local.get 0)))
          (func $down (param i32) (result i32)
            (if (result i32) (local.get 0)
              (then (call $add (i32.const 1) (call $down (i32.sub (local.get 0) (i32.const 1)))))
              (else (i32.const 0))))
          (func (export "_start")
            (call $say)
            (global.set $calls (i32.add (global.get $calls) (i32.const 10)))
            (i32.store8 offset=200 (i32.const 0) (call $apply (i32.const 2) (i32.load8_u (i32.const 100))))
            (drop (memory.grow (i32.const 1)))
            (call $exit
              (i32.add (memory.size)
                (i32.add (global.get $own)
                  (i32.add (i32.load8_u (i32.const 200))
                    (i32.add (call $down (i32.const 20)) (global.get $calls))))))))
        """

    /// memory.size 2, seven 7, double 5 is 10, 20 deep, 10 and 1 and 20 calls.
    private static let sum: Int32 = 2 + 7 + 10 + 20 + 31

    private func links() throws -> [(name: String, bytes: [UInt8])] { [("lib", try Assembler.module(Self.library))] }

    @Test func whatIsLinkedIsShared() throws {
        let bench = try Bench()
        let process = try bench.spawn(try Assembler.module(Self.program), links: try links())
        try bench.runAll()
        #expect(try bench.state(process) == .exited)
        #expect(try bench.exitCode(process) == Self.sum)
        #expect(try bench.log(process) == "library\n", "the host writes from the memory of whoever calls it")
        try bench.objects.checkRecords()
    }

    /// In particular between an instance's segments, in a call across instances, and while returning from one.
    @Test(arguments: [UInt64(1), 2, 3, 7, 50]) func itGoesOnFromTheStoreAfterAnyInstruction(gas: UInt64) throws {
        let bench = try StoredBench()
        let process = try bench.spawn(try Assembler.module(Self.program), links: try links())
        while let next = try bench.kernel.processToRun() {
            _ = try bench.machine.run(next, gasBound: gas)
            try bench.writeOutAndReload()
        }
        #expect(try bench.objects.get(process, ProcessRecord.exitCode) == Self.sum)
        let whole = try Bench()
        let other = try whole.spawn(try Assembler.module(Self.program), links: try links())
        try whole.runAll()
        #expect(try bench.objects.get(process, ProcessRecord.gasUsed) == whole.gasUsed(other))
    }

    @Test func aPlaceSaysWhichModuleItIsIn() throws {
        let bench = try Bench()
        let library = try Assembler.module(#"(module (func $fall (export "fall") unreachable))"#, "--debug-names")
        let program = try Assembler.module(
            #"(module (func $fall (import "cliff" "fall")) (func $main (export "_start") (call $fall)))"#,
            "--debug-names")
        let process = try bench.spawn(program, links: [("cliff", library)])
        try bench.runAll()
        #expect(try bench.state(process) == .faulted)
        let calls = try bench.machine.callStack(of: process)
        #expect(calls.map(\.instanceName) == ["cliff", ""])
        #expect(calls.map(\.name) == ["fall", "main"])
    }

    @Test func aLinkedModuleIsInitializedOnceBeforeTheProgram() throws {
        let bench = try Bench()
        let library = try Assembler.module(
            """
            (module (global $n (export "n") (mut i32) (i32.const 1))
              (func $start (global.set $n (i32.mul (global.get $n) (i32.const 10))))
              (func (export "_initialize") (global.set $n (i32.add (global.get $n) (i32.const 5))))
              (start $start))
            """)
        let program = try Assembler.module(
            """
            (module (func $exit (import "wasi_snapshot_preview1" "proc_exit") (param i32))
              (global $n (import "lib" "n") (mut i32))
              (func (export "_initialize") unreachable)
              (func (export "_start") (call $exit (global.get $n))))
            """)
        let process = try bench.spawn(program, links: [("lib", library)])
        try bench.runAll()
        #expect(try bench.exitCode(process) == 15)
    }

    /// A bank that holds one page more each time: wherever the beginning stops for space, it goes on when there is some.
    @Test func aBeginningThatFreezesForSpaceGoesOn() throws {
        var frozen = 0
        for pages in UInt64(1)..<40 {
            let bench = try Bench()
            let root = try bench.kernel.rootBank
            let used = try bench.kernel.figures(ofBank: root).usedPages
            let process: CellID
            do {
                process = try bench.spawn(
                    try Assembler.module(Self.program), limitPages: pages, links: try links())
            } catch ObjectsError.bankExhausted {
                continue
            }
            try bench.runAll(slice: 5)
            let bank = try bench.objects.link(process, ProcessRecord.bank)
            while try bench.state(process) == .frozenSpace {
                frozen += 1
                try bench.machine.saveAll()
                bench.machine.forget(process)
                let limit = try bench.objects.get(bank, BankRecord.limitPages)
                try bench.objects.set(bank, BankRecord.limitPages, limit + 1)
                try bench.kernel.wakeFrozenForSpace()
                try bench.runAll(slice: 5)
            }
            #expect(try bench.state(process) == .exited)
            #expect(try bench.exitCode(process) & 0xFF > 0)
            #expect(try bench.kernel.figures(ofBank: root).usedPages >= used)
        }
        #expect(frozen > 5)
    }

    // MARK: Refusals

    private func refusal(
        _ program: [UInt8], _ links: [(name: String, bytes: [UInt8])], entry: String = "_start"
    ) -> MachineError? {
        do throws(MachineError) {
            _ = try Machine.check(program, entry: entry, links: links)
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: [
        (#"(func (import "lib" "add") (param i64))"#, "function"), (#"(global (import "lib" "calls") i32)"#, "global"),
        (#"(global (import "lib" "seven") (mut i32))"#, "global"), (#"(memory (import "lib" "memory") 2)"#, "memory"),
        (#"(memory (import "lib" "memory") 1 3)"#, "memory"), (#"(table (import "lib" "table") 5 funcref)"#, "table"),
        (#"(table (import "lib" "table") 4 externref)"#, "table"),
        (#"(func (import "lib" "memory"))"#, "function"), (#"(memory (import "lib" "add") 1)"#, "memory"),
    ])
    func anImportOfAnotherTypeIsRefusedByName(_ text: String, _ kind: String) throws {
        let program = try Assembler.module(#"(module \#(text) (func (export "_start")))"#)
        switch refusal(program, try links()) {
        case .importType(let name, _, _), .importKind(let name, _, _): #expect(name.hasPrefix("lib."))
        case let other: Issue.record("\(kind): \(String(describing: other))")
        }
    }

    @Test func allThatIsMissingIsNamed() throws {
        let program = try Assembler.module(
            """
            (module (func (import "lib" "gone")) (memory (import "env" "memory") 1)
              (func (import "lib" "add") (param i32 i32) (result i32)) (func (export "_start")))
            """)
        guard case .missingImports(let names, from: "lib") = refusal(program, try links()) else {
            Issue.record("what is missing was found")
            return
        }
        #expect(names == ["lib.gone (not exported)", "env.memory (memory)"])
    }

    @Test func linksAreToEarlierOnesOnlyAndOnceByEachName() throws {
        let program = try Assembler.program("(call $proc_exit (i32.const 0))")
        let library = try Assembler.module(Self.library)
        let user = try Assembler.module(#"(module (global (import "lib" "seven") i32))"#)
        #expect(refusal(program, [("lib", library), ("user", user)]) == nil)
        guard
            case .link("user", .missingImports(["lib.seven (linked after it)"], from: "lib")) = refusal(
                program, [("user", user), ("lib", library)])
        else {
            Issue.record("a module imported from one after it")
            return
        }
        guard case .linkedTwice("lib") = refusal(program, [("lib", library), ("lib", library)]) else {
            Issue.record("two modules have one name")
            return
        }
        guard case .link("bad", .malformed) = refusal(program, [("bad", [1, 2, 3])]) else {
            Issue.record("what is no module was linked")
            return
        }
    }

    /// A program may begin at a function that it takes over from a library.
    @Test func aProgramMayBeginInALibrary() throws {
        let library = try Assembler.module(
            """
            (module (func $exit (import "wasi_snapshot_preview1" "proc_exit") (param i32))
              (func (export "main") (call $exit (i32.const 9)))
              (func (export "take") (param i32)) (export "exit" (func $exit)))
            """)
        let program = try Assembler.module(
            """
            (module (func $main (import "lib" "main")) (func $take (import "lib" "take") (param i32))
              (export "_start" (func $main)) (export "take" (func $take)))
            """)
        let bench = try Bench()
        let process = try bench.spawn(program, links: [("lib", library)])
        try bench.runAll()
        #expect(try bench.exitCode(process) == 9)
        guard case .entryType("take", _) = refusal(program, [("lib", library)], entry: "take") else {
            Issue.record("a function that takes something was entered")
            return
        }
    }

    /// A reactor that is begun at another export is initialized before that; a command is not.
    @Test(arguments: [("main", 8), ("_start", 1), ("_initialize", 0)]) func aReactorIsInitializedFirst(
        entry: String, code: Int32
    ) throws {
        let bench = try Bench()
        let process = try bench.spawn(
            try Assembler.module(
                """
                (module (func $exit (import "wasi_snapshot_preview1" "proc_exit") (param i32))
                  (global $count (mut i32) (i32.const 1))
                  (func (export "_initialize") (global.set $count (i32.const 8)))
                  (func (export "main") (call $exit (global.get $count)))
                  \(entry == "_start" ? "(export \"_start\" (func 2))" : ""))
                """), entry: entry)
        try bench.runAll()
        #expect(try bench.exitCode(process) == code)
    }

    @Test func aLibraryThatCannotBeInitializedIsRefused() throws {
        let program = try Assembler.program("(call $proc_exit (i32.const 0))")
        for type in ["(param i32)", "(result i32) (i32.const 0)"] {
            let library = try Assembler.module("(module (func (export \"_initialize\") \(type)))")
            guard case .link("lib", .initializeType) = refusal(program, [("lib", library)]) else {
                Issue.record("\(type) was taken for an initializer")
                return
            }
        }
        let other = try Assembler.module(#"(module (memory (export "_initialize") 1))"#)
        #expect(refusal(program, [("lib", other)]) == nil, "a memory is no initializer")
    }

    /// Names are bytes: two spellings of one letter are two names.
    @Test func namesAreComparedByTheirBytes() throws {
        let library = try Assembler.module(#"(module (func (export "f")))"#)
        let program = try Assembler.module(#"(module (func (import "e\cc\81" "f")) (func (export "_start")))"#)
        guard case .missingImports = refusal(program, [("\u{E9}", library)]) else {
            Issue.record("another name was taken for it")
            return
        }
        #expect(refusal(program, [("\u{E9}", library), ("e\u{301}", library)]) == nil)
    }

    @Test func aProcessHasABoundedNumberOfModules() throws {
        let program = try Assembler.program("(call $proc_exit (i32.const 0))")
        let empty = try Assembler.module("(module)")
        let links = (0..<Machine.maximumInstances).map { (name: "m\($0)", bytes: empty) }
        #expect(refusal(program, Array(links.dropLast())) == nil)
        guard case .tooLarge = refusal(program, links) else {
            Issue.record("too many modules were linked")
            return
        }
    }

    /// A table that cannot grow takes nothing from the bank.
    @Test func aTableThatCannotGrowBuysNothing() throws {
        let bench = try Bench()
        let process = try bench.spawn(
            try Assembler.module(
                """
                (module (func $exit (import "wasi_snapshot_preview1" "proc_exit") (param i32))
                  (memory 1) (table 1 funcref) (elem declare func $exit)
                  (func (export "_start")
                    (i32.store (i32.const 0) (table.grow 0 (ref.func $exit) (i32.const 100000)))
                    (call $exit (i32.eq (i32.load (i32.const 0)) (i32.const -1)))))
                """), limitPages: 8)
        try bench.runAll()
        #expect(try bench.state(process) == .exited)
        #expect(try bench.exitCode(process) == 1)
        try bench.objects.checkRecords()
    }
}
