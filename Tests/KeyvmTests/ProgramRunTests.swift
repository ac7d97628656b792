// `keyvm run`: programs, their input, output and ends, on halted and on running worlds.

import Glibc
import Testing

@Suite struct ProgramRunTests {
    /// A shell with a world `w`, running or halted.
    private func shell(running: Bool) throws -> Shell {
        let shell = try Shell()
        try shell.done("init", "w")
        if running { try shell.done("boot", "-w", "w", "--detach") }
        return shell
    }

    private func halt(_ shell: Shell) throws {
        try shell.done("halt", "-w", "w")
        #expect(try shell.done("status", "-w", "w", "--json").json()["state"] == .text("halted"))
    }

    @Test(arguments: [false, true]) func waitsForOutputAndExitCode(running: Bool) throws {
        let shell = try shell(running: running)
        let ran = try shell.keyvm("run", "-w", "w", "--wait", "hello.wasm")
        #expect(ran.text == "hello\n")
        #expect(ran.errorText == "oops\n")
        #expect(ran.code == 3)
        #expect(try shell.hostProcess() == nil || running, "a world booted for one program is halted again")
        try halt(shell)
    }

    struct End: Sendable {
        var words: [String]
        var code: Int32
        var cause: String
        var says: String
    }

    @Test(arguments: [
        End(words: ["hello.wasm"], code: 3, cause: "exited", says: "oops"),
        End(words: ["trap.wasm"], code: 134, cause: "trap", says: "divide by zero"),
        End(words: ["--gas", "50k", "spin.wasm"], code: 6, cause: "gas", says: "used 50000"),
        End(
            words: ["--limit", "256KiB", "fill.wasm"], code: 5, cause: "space",
            says: "bank root/fill has sold 262144 of 262144 bytes"),
    ])
    func tellsHowAProcessEnded(end: End) throws {
        for running in [false, true] {
            let shell = try shell(running: running)
            let plain = try shell.start(["run", "-w", "w", "--wait"] + end.words).wait()
            #expect(plain.code == end.code, "\(plain.errorText)")
            #expect(plain.errorText.contains(end.says))
            let json = try shell.start(["run", "-w", "w", "--wait", "--json"] + end.words).wait()
            #expect(json.code == end.code)
            let members = try json.json()
            #expect(members["schema"] == .text("keyvm.run"))
            #expect(members["cause"] == .text(end.cause))
            #expect(members["code"] == .number(Double(end.code)))
            try halt(shell)
        }
    }

    /// What it lacks is said by the bank or meter that has none, and the command that is proposed helps as it stands.
    @Test(arguments: [
        ("--bank root/a/b fill.wasm", "space", "root/a"),
        ("--meter root/m/n --gas 9G spin.wasm", "gas", "root/m"),
        ("--gas 50k spin.wasm", "gas", "root/p"),
    ])
    func whatIsProposedHelpsAFrozenProcess(words: String, kind: String, path: String) throws {
        let shell = try shell(running: true)
        try shell.done("bank", "create", "-w", "w", "root/a", "--limit", "300KiB")
        try shell.done("bank", "create", "-w", "w", "root/a/b")
        try shell.done("meter", "create", "-w", "w", "root/m", "--gas", "70k")
        try shell.done("meter", "create", "-w", "w", "root/m/n")
        let ran = try shell.start(
            ["run", "-w", "w", "--wait", "--name", "p"] + words.split(separator: " ").map(String.init)
        ).wait()
        #expect(ran.code == (kind == "gas" ? 6 : 5) && ran.errorText.contains(" \(path) "), "\(ran.errorText)")
        let frozen = try shell.done("inspect", "-w", "w", "p", "--json").json()
        #expect(frozen["lacks"]?["kind"] == .text(kind) && frozen["lacks"]?["path"] == .text(path))
        let proposed = try #require(ran.errorText.split(separator: "\n").last)
        #expect(try shell.done("inspect", "-w", "w", "p").text.contains(proposed.dropFirst("try: ".count)))
        let line = proposed.replacing("try: keyvm", with: "$KEYVM")
        #expect(try shell.sh(String(line)).code == 0, "\(line)")
        try shell.until("it goes on") {
            let now = try shell.done("inspect", "-w", "w", "p", "--json").json()
            return now["gasUsed"] != frozen["gasUsed"]
        }
    }

    /// The world is booted for the first of them; who waits for another takes it over.
    @Test func severalWaitOnAHaltedWorldAndEachHasItsEnd() throws {
        let shell = try shell(running: false)
        let waiting = try ["2M", "90M", "250M"].map {
            try shell.start(["run", "-w", "w", "--wait", "--name", "p\($0)", "--gas", $0, "spin.wasm"])
        }
        for each in waiting {
            let ran = try each.wait()
            #expect(ran.code == 6, "\(ran.errorText)")
            #expect(ran.errorText.contains("frozen for want of gas"), "\(ran.errorText)")
        }
        #expect(try shell.hostProcess() == nil, "the last has halted it")
        #expect(try shell.done("fsck", "-w", "w", "--json").json()["problems"]?.items == [])
    }

    @Test func whoseProcessGoesAwayIsToldSo() throws {
        let shell = try shell(running: true)
        try shell.done("bank", "create", "-w", "w", "root/g")
        let waiting = try shell.start(["run", "-w", "w", "--wait", "--bank", "root/g", "--name", "p", "spin.wasm"])
        try shell.until("it is there") { try shell.keyvm("inspect", "-w", "w", "p").code == 0 }
        usleep(200_000)
        try shell.done("bank", "destroy", "-w", "w", "-y", "root/g", "--reclaim")
        let ran = try waiting.wait()
        #expect(ran.code == 3 && ran.errorText.contains("its bank was destroyed"), "\(ran.errorText)")
    }

    @Test func aTrapIsToldByTheNamesOfTheText() throws {
        let shell = try shell(running: false)
        let program = """
            (module (func $divide (param i32) (drop (i32.div_s (i32.const 1) (local.get 0))))
              (func $middle (call $divide (i32.const 0)))
              (func $start (export "_start") (call $middle)))
            """
        try shell.write(Array(program.utf8), to: "named.wat")
        let ran = try shell.keyvm("run", "-w", "w", "--wait", "named.wat")
        #expect(ran.code == 134)
        let lines = ran.errorText.split(separator: "\n")
        #expect(lines.count == 3 && lines[0].hasSuffix("trapped: integer divide by zero"))
        let places = lines[1].split(separator: ",").map {
            $0.replacing("called from", with: "").replacing("in ", with: "")
        }
        let names = places.map { $0.trimmingPrefix { $0 == " " }.split(separator: " at 0x").first.map(String.init) }
        #expect(names == ["divide (function 0)", "middle (function 1)", "start (function 2)"], "\(lines[1])")
        let json = try shell.keyvm("run", "-w", "w", "--wait", "--json", "named.wat").json()
        #expect(json["callStack"]?.items.map { $0["name"] } == ["divide", "middle", "start"].map { .text($0) })
        let deep = #"(module (func $f (call $f)) (func (export "_start") (call $f)))"#
        try shell.write(Array(deep.utf8), to: "deep.wat")
        let fallen = try shell.keyvm("run", "-w", "w", "--wait", "deep.wat").errorText.split(separator: "\n")
        #expect(fallen.count == 3 && fallen[1].count < 120 && fallen[1].contains(" times)"), "\(fallen)")
        let inspected = try shell.done("inspect", "-w", "w", "named").text
        #expect(inspected.contains("divide (function 0)"))
        #expect(inspected.contains("0 console input, 1 console output, 2 console error, 3 clock, 4 entropy, 5 timer"))
    }

    @Test(arguments: [false, true]) func forwardsInputAndItsEnd(running: Bool) throws {
        let shell = try shell(running: running)
        // Forty times the log: what the process writes must be printed as it comes, before more is sent.
        let input = (0..<400_000).flatMap { Array("\($0)\n".utf8) }
        let piped = try shell.keyvm("run", "-w", "w", "--wait", "--log", "64KiB", "cat.wasm", input: input)
        #expect(piped.code == 0, "\(piped.errorText)")
        // Compared before it is expected: to describe how two such lists differ would take minutes.
        let pipedIsWhole = piped.output == input
        #expect(pipedIsWhole, "\(piped.output.count) of \(input.count) bytes: \(piped.errorText)")
        try shell.write(input, to: "input")
        let file = try shell.keyvm("run", "-w", "w", "--wait", "--stdin", "input", "cat.wasm")
        let fileIsWhole = file.output == input
        #expect(fileIsWhole, "\(file.output.count) of \(input.count) bytes: \(file.errorText)")
        let empty = try shell.keyvm("run", "-w", "w", "--wait", "cat.wasm")
        #expect(empty.code == 0 && empty.output.isEmpty)
        try halt(shell)
    }

    @Test func whatFollowsTheFileIsTheProgramsOwn() throws {
        let shell = try shell(running: false)
        let ran = try shell.keyvm(
            "run", "-w", "w", "--wait", "arguments.wasm", "--json", "-w", "x y", "--", "--help", "")
        #expect(ran.code == 0, "\(ran.errorText)")
        #expect(ran.text == "arguments.wasm\0--json\0-w\0x y\0--\0--help\0\0")
    }

    @Test func aProgramIsLinkedToOtherModules() throws {
        let shell = try shell(running: false)
        try shell.write(Array(#"(module (func (export "five") (result i32) (i32.const 5)))"#.utf8), to: "math.wat")
        let program = """
            (module (func $five (import "math" "five") (result i32))
              (func $exit (import "wasi_snapshot_preview1" "proc_exit") (param i32))
              (func (export "_start") (call $exit (i32.mul (call $five) (call $five)))))
            """
        try shell.write(Array(program.utf8), to: "square.wat")
        #expect(try shell.keyvm("run", "-w", "w", "--wait", "--link", "math=math.wat", "square.wat").code == 25)
        #expect(try shell.done("inspect", "-w", "w", "square").text.contains("math, "))
        for (words, code, text) in [
            (["square.wat"], Int32(1), "math.five"), (["--link", "math", "square.wat"], 64, "NAME=FILE"),
            (["--link", "math=gone.wat", "square.wat"], 3, "gone.wat"),
            (["--link", "math=math.wat", "--link", "math=math.wat", "square.wat"], 64, "math"),
            (["--link", "math=square.wat", "square.wat"], 1, "linking to 'math'"),
        ] {
            let refused = try shell.start(["run", "-w", "w"] + words).wait()
            #expect(refused.code == code && refused.errorText.contains(text), "\(words): \(refused)")
            #expect(refused.errorText.split(separator: "\n").count == 3, "\(refused.errorText)")
        }
        #expect(try shell.keyvm("run", "--help").text.contains("no sandbox"))
    }

    @Test func whyALinkIsRefusedIsSaid() throws {
        let shell = try shell(running: false)
        for (name, text) in [
            ("first", #"(module (table (export "table") 4 10 funcref) (func (export "_initialize")))"#),
            ("second", #"(module (import "first" "table" (table 4 funcref)) (import "first" "more" (func)))"#),
            ("wide", #"(module (import "first" "table" (table 5 funcref)) (func (export "_start")))"#),
            ("reactor", #"(module (func (export "_initialize") (param i32)))"#),
            ("plain", #"(module (func (export "_start")))"#),
        ] { try shell.write(Array(text.utf8), to: "\(name).wat") }
        for (links, program, what, why, advice) in [
            (["second", "first"], "plain", "linking to 'second'", "linked before it", "--link USER=USER.wasm"),
            (["first", "second"], "plain", "linking to 'second'", "first.more (not exported)", "wasm-objdump"),
            (["first"], "wide", "with another type", "a table of 4 to 10 funcref", "wasm-objdump"),
            (["reactor"], "plain", "cannot be initialized", "(i32) -> ()", "wasm-objdump"),
        ] {
            let words = links.flatMap { ["--link", "\($0)=\($0).wat"] } + ["\(program).wat"]
            let refused = try shell.start(["run", "-w", "w"] + words).wait()
            let lines = refused.errorText.split(separator: "\n")
            #expect(refused.code == 1 && lines.count == 3, "\(words): \(refused)")
            for (line, text) in zip(lines, [what, why, advice]) { #expect(line.contains(text), "\(line)") }
        }
        #expect(try shell.done("ps", "-w", "w", "-H").text.isEmpty)
    }

    /// Names come from modules: none of them steers a terminal or makes a fourth line.
    @Test func namesOfModulesAreMasked() throws {
        let shell = try shell(running: false)
        let exported = #"(module (func (export "a\0a\1b[31m")))"#
        try shell.write(Array(exported.utf8), to: "exported.wat")
        let importing = #"(module (import "b\0a\1b[31m" "c" (func)) (func (export "_start")))"#
        try shell.write(Array(importing.utf8), to: "importing.wat")
        for (file, code) in [("exported.wat", Int32(1)), ("importing.wat", 1)] {
            let ran = try shell.start(["run", "-w", "w", "--wait", file]).wait()
            #expect(ran.code == code && ran.errorText.split(separator: "\n").count == 3, "\(ran.errorText)")
            #expect(!ran.errorText.contains("\u{1B}"))
        }
        // A name section that calls function 0 what it should not be called.
        let name: [UInt8] = [1, 6, 1, 0, 3, 0x1B, 0x0A, 0x61]
        let custom: [UInt8] = [0, UInt8(5 + name.count), 4] + Array("name".utf8) + name
        let module: [UInt8] =
            [0, 0x61, 0x73, 0x6D, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 7, 10, 1, 6] + Array("_start".utf8)
            + [0, 0, 10, 5, 1, 3, 0, 0, 0x0B] + custom
        try shell.write(module, to: "named.wasm")
        let ran = try shell.start(["run", "-w", "w", "--wait", "named.wasm"]).wait()
        #expect(ran.code == 134 && ran.errorText.split(separator: "\n").count == 3, "\(ran.errorText)")
        #expect(ran.errorText.contains("??a (function 0)") && !ran.errorText.contains("\u{1B}"))
    }

    /// A trap while segments are written says in which, of which module.
    @Test func aTrapInASegmentSaysWhere() throws {
        let shell = try shell(running: false)
        let library = """
            (module (global (export "there") i32 (i32.const 70000)) (memory (export "memory") 1)
              (data (i32.const 0) "a"))
            """
        try shell.write(Array(library.utf8), to: "library.wat")
        let user = """
            (module (import "library" "memory" (memory 1)) (import "library" "there" (global $there i32))
              (data (i32.const 0) "fits") (data (global.get $there) "does not") (func (export "_start")))
            """
        try shell.write(Array(user.utf8), to: "user.wat")
        try shell.write(Array(#"(module (func (export "_start")))"#.utf8), to: "plain.wat")
        let ended = try shell.start(["run", "-w", "w", "--wait", "--link", "library=library.wat", "user.wat"]).wait()
        #expect(ended.code == 134 && ended.errorText.contains("out of bounds memory access"))
        #expect(ended.errorText.contains("writing data segment 1\n"), "\(ended.errorText)")
        #expect(try shell.done("inspect", "-w", "w", "user").text.contains("data segment 1\n"))
        let other = [
            "run", "-w", "w", "--wait", "--link", "library=library.wat", "--link", "user=user.wat", "plain.wat",
        ]
        #expect(try shell.start(other).wait().errorText.contains("writing data segment 1 of user\n"))
    }

    /// Each command is another process, whose sets are in another order.
    @Test func aRefusedProgramLeavesEqualWorldsEqual() throws {
        var hashes: Set<String> = []
        for _ in 0..<3 {
            let shell = try Shell()
            try shell.done("init", "w", "--seed", "1")
            try shell.write(Program.hello, to: "hello.wasm")
            var words = ["run", "-w", "w", "--limit", "8KiB"]
            for number in UInt8(0)..<50 {
                // A module with nothing but a custom section, so that each is another.
                try shell.write([0, 0x61, 0x73, 0x6D, 1, 0, 0, 0, 0, 2, 1, number + 65], to: "m\(number).wasm")
                words += ["--link", "m\(number)=m\(number).wasm"]
            }
            let ran = try shell.start(words + ["hello.wasm"]).wait()
            #expect(ran.code == 5, "\(ran.errorText)")
            hashes.insert(try shell.done("hash", "-w", "w").text)
        }
        #expect(hashes.count == 1)
    }

    @Test func onAHaltedWorldTheProcessIsReady() throws {
        let shell = try shell(running: false)
        let ran = try shell.done("run", "-w", "w", "hello.wasm")
        #expect(ran.text == "hello\n", "the name")
        #expect(ran.errorText.contains("halted") && ran.errorText.contains("keyvm boot -w w"))
        #expect(try shell.done("ps", "-w", "w", "-H").text.hasPrefix("1\thello\tready\t"))
        #expect(try shell.done("logs", "-w", "w", "hello").output.isEmpty)
        try shell.done("boot", "-w", "w", "--until-idle")
        #expect(try shell.done("logs", "-w", "w", "hello").text == "hello\noops\n")
        #expect(try shell.done("ps", "-w", "w", "-H").text.hasSuffix("\t3\n"), "the exit code")
    }

    @Test func namesAreTheStemThenNumbered() throws {
        let shell = try shell(running: false)
        #expect(try shell.done("run", "-w", "w", "hello.wasm").text == "hello\n")
        #expect(try shell.done("run", "-w", "w", "hello.wasm").text == "hello-2\n")
        #expect(try shell.done("run", "-w", "w", "--name", "third", "hello.wasm").text == "third\n")
        #expect(try shell.keyvm("run", "-w", "w", "--name", "third", "hello.wasm").code != 0)
    }

    @Test func anInterruptLeavesTheProcessInItsWorld() throws {
        for running in [false, true] {
            let shell = try shell(running: running)
            let waiting = try shell.start(["run", "-w", "w", "--wait", "spin.wasm"])
            try shell.until("the process runs") {
                let ran = try shell.keyvm("ps", "-w", "w", "--json")
                guard ran.code == 0, let item = try ran.json()["items"]?.items.first else { return false }
                return item["gasUsed"]?.number ?? 0 > 0
            }
            waiting.signal(2)
            let ran = try waiting.wait()
            #expect(ran.code == 130)
            #expect(ran.errorText.contains("interrupted"))
            try halt(shell)
            #expect(try shell.done("ps", "-w", "w", "-H").text.contains("\tspin\tready\t"))
            #expect(try shell.done("fsck", "-w", "w", "--json").json()["problems"] == .list([]))
        }
    }

    @Test func aHaltInBetweenIsSaid() throws {
        let shell = try shell(running: true)
        let waiting = try shell.start(["run", "-w", "w", "--wait", "spin.wasm"])
        try shell.until("the process is there") { try shell.done("ps", "-w", "w", "-H").text.contains("spin") }
        try shell.done("halt", "-w", "w")
        let ran = try waiting.wait()
        #expect(ran.code == 1)
        #expect(ran.errorText.contains("halted before process 'spin' ended"), "\(ran.errorText)")
    }

    @Test func readsTextThroughTheAssemblerWhereThereIsOne() throws {
        let shell = try shell(running: false)
        try shell.write(Array("(module (func (export \"_start\")))".utf8), to: "plain.wat")
        try shell.write(Array("(module (func".utf8), to: "broken.wat")
        let hasAssembler = try shell.sh("command -v wat2wasm >/dev/null").code == 0
        let plain = try shell.keyvm("run", "-w", "w", "--wait", "plain.wat")
        #expect(plain.code == (hasAssembler ? 0 : 1), "\(plain.errorText)")
        let broken = try shell.keyvm("run", "-w", "w", "broken.wat")
        #expect(broken.code == 1)
        #expect(broken.errorText.contains(hasAssembler ? "does not assemble" : "wabt"), "\(broken.errorText)")
        let missing = try shell.sh("PATH=/nowhere $KEYVM run -w w plain.wat")
        #expect(missing.code == 1 && missing.errorText.contains("wabt"), "\(missing.errorText)")
    }
}
