// What the command line says to wrong input: three lines, an exit code, nothing on standard output, nothing of Swift.

import Glibc
import Testing

@Suite struct WrongInputTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var words: [String]
        var code: Int32
        var part: String

        init(_ line: String, _ code: Int32, _ part: String) {
            words = line.split(separator: " ").map { $0 == "''" ? "" : String($0) }
            self.code = code
            self.part = part
        }

        var testDescription: String { words.joined(separator: " ") }
    }

    static let cases = [
        Case("bot", 64, "boot"), Case("xyzzy", 64, "the verbs are"), Case("checkpoint sl", 64, "ls"),
        Case("--bogus", 64, "--bogus"), Case("ps --bogus -w w", 64, "--bogus"), Case("ps extra -w w", 64, "extra"),
        Case("inspect", 64, "proc"), Case("ps -w ''", 64, "empty"), Case("init a -w b", 64, "two folders"),
        Case("init new --limit 5KB", 64, "size"), Case("init new --limit 1", 64, "limit"),
        Case("init new --seed -3", 64, "seed"), Case("boot -w w --every 5", 64, "5s"),
        Case("boot -w w --steps x", 64, "gas"), Case("run", 64, "program is missing"),
        Case("run --memory 5 hello.wasm", 64, "--memory"), Case("run --link a=b hello.wasm", 3, "b"),
        Case("run --link a hello.wasm", 64, "NAME=FILE"),
        Case("run --name a/b hello.wasm", 64, "name"), Case("run -w w --name=-a hello.wasm", 64, "begin"),
        Case("bank create root/-a -w w", 64, "name"), Case("run --env A hello.wasm", 64, "NAME=VALUE"),
        Case("run --bank guests hello.wasm", 64, "root"), Case("run -w w --log 1 hello.wasm", 64, "log"),
        Case("send p", 64, "nothing to send"), Case("checkpoint create before -w w", 64, "@"),
        Case("ps -o name,colour -w w", 64, "the columns are id, name, state"), Case("ps -s '' -w w", 64, "columns are"),
        Case("bank ls -S size -w w", 64, "reserved"), Case("meter ls -o gas, -w w", 64, "gas-left"),
        Case("checkpoint ls -s age -w w", 64, "time"), Case("checkpoint rm before -w w", 64, "@before, or a number"),
        Case("checkpoint rm -w w", 64, "checkpoint"), Case("checkpoint rm @none -w w", 3, "none is kept"),
        Case("checkpoint hold 7 -w w", 3, "no checkpoint 7"), Case("checkpoint rm 1 -w w", 3, "not kept"),
        Case("checkpoint set keep -w w", 64, "keep=VALUE"), Case("checkpoint set keep=-1 -w w", 64, "count"),
        Case("checkpoint set keep-for=10ms -w w", 64, "1s"), Case("checkpoint set keep=1 keep=2 -w w", 64, "twice"),
        Case("at @none -w w -- ps", 3, "@none"), Case("at @none -w w", 64, "no verb"),
        Case("at @none -w w -- rm p", 64, "cannot be asked"), Case("at @none -w w -- xyzzy", 64, "xyzzy"),
        Case("at @none -w w -- logs -f p", 64, "-f"), Case("at none -w w -- ps", 64, "@before, or a number"),
        Case("at 1 -w none -- ps", 3, "init"), Case("rollback @none -w w", 3, "none is kept"),
        Case("rollback -w w", 64, "checkpoint"), Case("checkpoint restore before -w w", 64, "@before, or a number"),
        Case("ps -s id -S name -w w", 64, "one way"),
        Case("top -o x -w w", 64, "rate"), Case("top --every 1 -w w", 64, "5s"),
        Case("ps -w none", 3, "init"), Case("boot -w none", 3, "init"), Case("boot -w none --detach", 3, "init"),
        Case("run -w w none.wasm", 3, "none.wasm"), Case("run -w w --stdin none hello.wasm", 3, "none"),
        Case("run -w w --bank root/none hello.wasm", 3, "none"), Case("inspect -w w none", 3, "none"),
        Case("logs -w w none", 3, "none"), Case("logs -f -w w none", 3, "none"), Case("send -w w none x", 3, "none"),
        Case("kill -w w none", 3, "none"), Case("rm -w w none", 3, "none"), Case("run -w w text.wasm", 1, "module"),
        Case("run -w w cut.wasm", 1, "module"), Case("run -w w .", 1, "directory"),
        Case("init new --memory 1MiB", 64, "300MiB"), Case("init new --memory lots", 64, "size"),
        Case("bank xyzzy -w w", 64, "create"), Case("bank show guests -w w", 64, "root/guests"),
        Case("bank show root/none -w w", 3, "bank ls"), Case("bank create root -w w", 64, "root/"),
        Case("bank create root/none/a -w w", 3, "root/none"), Case("bank create root/a/ -w w", 64, "name"),
        Case("bank create root/a --limit -5 -w w", 64, "size"),
        Case("bank create root/a --limit 0x10 -w w", 64, "size"),
        Case("bank create root/a --limit 99999999999999999999 -w w", 64, "size"),
        Case("bank create root/a --cells many -w w", 64, "count"),
        Case("bank create --limit= root/a -w w", 64, "value"),
        Case("bank create root/a -w w --reserve=", 64, "value"), Case("run --gas= -w w hello.wasm", 64, "value"),
        Case("ps -w w --world=", 64, "value"), Case("run -w w --gas= hello.wasm", 64, "value"),
        Case("bank create /root -w w", 64, "path"), Case("bank create root//a -w w", 64, "empty"),
        Case("meter create root/a/ -w w", 64, "empty"), Case("help xyzzy", 64, "no verb"),
        Case("help bank xyzzy", 64, "create"), Case("init none/y/z", 3, "mkdir -p none/y"),
        Case("logs -w w --since abc p", 64, "whole number"), Case("inspect -w w id:9", 3, "id:9"),
        Case("bank set root cells=18446744073709551615 -w w", 64, "too large"),
        Case("meter set root gas=18446744073709551615 -w w", 64, "2^64 - 2"),
        Case("bank create root/a --reserve 1TiB --limit 1GiB -w w", 64, "reserve"),
        Case("bank set root -w w", 64, "name=value"), Case("bank set root colour=red -w w", 64, "limit=VALUE"),
        Case("bank set root limit=1 limit=2 -w w", 64, "twice"), Case("bank set root limit= -w w", 64, "size"),
        Case("bank set root reserve=1MiB -w w", 64, "root"), Case("bank set root/none limit=1 -w w", 3, "none"),
        Case("bank create root/a --reserve 8388608TiB -w w", 64, "2^53"),
        Case("run -w w --gas 18446744073709551615 hello.wasm", 64, "2^64 - 2"),
        Case("meter create root/m --gas 18446744073709551615 -w w", 64, "2^64 - 2"),
        Case("meter refill root/m -5 -w w", 64, "negative"), Case("boot -w w --memory 1MiB", 64, "300MiB"),
        Case("meter show root/none -w w", 3, "meter ls"), Case("meter create root/m --gas -1 -w w", 64, "gas is"),
        Case("meter create root/m --weight 0 -w w", 64, "weight"),
        Case("meter create root/m --bank root/none -w w", 3, "none"),
        Case("meter refill root 5 -w w", 1, "unlimited"), Case("meter refill root/m x -w w", 64, "gas"),
        Case("meter refill root/m 18446744073709551616 -w w", 64, "too large"),
        Case("meter set root weight=1001 -w w", 64, "1000"),
        Case("meter set root colour=1 -w w", 64, "gas=VALUE"), Case("meter set root gas=-1 -w w", 64, "or none"),
        Case("stop -w w none", 3, "none"),
        Case("resume -w w none", 3, "none"), Case("run -w w --meter root/none hello.wasm", 3, "none"),
        Case("run -w w --invoke none spin.wasm", 1, "_start, other"), Case("run -w w x.kvm", 1, ".kvm"),
    ]

    private func shell() throws -> Shell {
        let shell = try Shell()
        try shell.done("init", "w")
        try shell.write(Array("this is text".utf8), to: "text.wasm")
        try shell.write(Array(Program.hello.prefix(100)), to: "cut.wasm")
        return shell
    }

    @Test(arguments: cases) func isToldInThreeLines(wrong: Case) throws {
        let shell = try shell()
        let before = try shell.done("hash", "-w", "w").text
        let ran = try shell.start(wrong.words).wait()
        #expect(ran.code == wrong.code, "\(ran.errorText)")
        #expect(ran.output.isEmpty)
        let lines = ran.errorText.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count == 4 && lines.last == "", "three lines: \(ran.errorText)")
        #expect(lines[0].hasPrefix("keyvm: "), "\(ran.errorText)")
        let programs = ["keyvm", "ls", "mkdir", "tools/cc", "wat2wasm", "wasm-validate", "wasm-objdump"]
        #expect(programs.contains { lines[2].hasPrefix("try: \($0) ") }, "a command: \(ran.errorText)")
        #expect(ran.errorText.contains(wrong.part), "\(ran.errorText)")
        for trace in ["Swift", "Fatal", "Optional(", "Error("] { #expect(!ran.errorText.contains(trace)) }
        #expect(try shell.done("hash", "-w", "w").text == before, "nothing has changed")
    }

    @Test(arguments: cases.filter { !$0.words.isEmpty && $0.words.first != "run" && $0.words.first != "--bogus" })
    func isToldAsOneObject(wrong: Case) throws {
        let shell = try shell()
        let ran = try shell.start(wrong.words + ["--json"]).wait()
        #expect(ran.code == wrong.code)
        #expect(ran.output.isEmpty)
        let error = try Ran(output: ran.error, error: [], code: 0).json()
        #expect(error["schema"] == .text("keyvm.error") && error["version"] == .number(1))
        #expect(error["code"] == .number(Double(wrong.code)))
        for field in ["what", "why", "try"] { #expect(error[field]?.text?.isEmpty == false, "\(field)") }
    }

    @Test func aFileInTheWorldsPlaceIsNoWorld() throws {
        let shell = try Shell()
        try shell.write([1, 2, 3], to: "w")
        for words in [["ps", "-w", "w"], ["boot", "-w", "w"], ["status", "-w", "w"], ["init", "w"]] {
            let ran = try shell.start(words).wait()
            #expect(ran.code != 0 && ran.output.isEmpty, "\(words)")
            #expect(ran.errorText.split(separator: "\n").count == 3, "\(ran.errorText)")
        }
        #expect(try shell.sh("cat w").output == [1, 2, 3])
    }

    @Test func aClosedStandardOutputIsSaidAndAReaderThatLeftIsNot() throws {
        let shell = try shell()
        try shell.done("run", "-w", "w", "hello.wasm")
        let closed = try shell.sh("$KEYVM ps -w w >&-")
        #expect(closed.code == 1)
        #expect(closed.errorText.contains("standard output cannot be written"))
        let full = try shell.sh("$KEYVM ps -w w >/dev/full")
        #expect(full.code == 1 && full.errorText.contains("No space left"))
        // The reader is gone before the first byte is written.
        let left = try shell.sh("{ sleep 1; $KEYVM ps -w w; echo $? >&2; } | true")
        #expect(left.errorText == "1\n")
        let all = try shell.sh("$KEYVM status -w w <&- >&- 2>&-")
        #expect(all.code == 1)
        #expect(try shell.done("fsck", "-w", "w", "--json").json()["problems"] == .list([]))
    }

    @Test(.enabled(if: geteuid() != 0, "the superuser may do everything"))
    func theSystemsRefusalIsExitCodeFour() throws {
        let shell = try shell()
        #expect(chmod("\(shell.folder)/hello.wasm", 0) == 0)
        #expect(try shell.keyvm("run", "-w", "w", "hello.wasm").code == 4)
        #expect(chmod("\(shell.folder)/w", 0) == 0)
        #expect(try shell.keyvm("ps", "-w", "w").code == 4)
        #expect(chmod("\(shell.folder)/w", 0o755) == 0)
    }

    @Test(arguments: [
        "init", "boot", "halt", "status", "info", "run", "ps", "top", "inspect", "logs", "send", "kill", "rm", "fsck",
        "hash",
        "checkpoint", "checkpoint create", "checkpoint ls",
    ])
    func helpOpensWithExamples(verb: String) throws {
        let shell = try Shell()
        let ran = try shell.start(verb.split(separator: " ").map(String.init) + ["--help"]).wait()
        #expect(ran.code == 0 && ran.error.isEmpty)
        #expect(ran.text.hasPrefix("EXAMPLES:\n  keyvm \(verb)"))
        #expect(ran.text.contains("USAGE: keyvm \(verb)"))
        if verb != "checkpoint" { #expect(ran.text.contains("--json") && ran.text.contains("-w, --world")) }
    }

    @Test func tellsItsVersionAndCompletions() throws {
        let shell = try Shell()
        #expect(try shell.done("--version").text.hasPrefix("keyvm "))
        for name in ["bash", "zsh", "fish"] {
            #expect(try shell.done("--generate-completion-script", name).text.contains("checkpoint"))
        }
        #expect(try shell.done().text.hasPrefix("EXAMPLES:\n"))
    }

    @Test func pipesGetNoColourAndTabsNoHeaders() throws {
        let shell = try shell()
        try shell.done("run", "-w", "w", "hello.wasm")
        let table = try shell.done("ps", "-w", "w").text
        #expect(table.hasPrefix("ID  NAME") && !table.contains("\u{1b}"))
        let bare = try shell.done("ps", "-H", "-p", "-w", "w").text
        #expect(bare.split(separator: "\n").map { $0.split(separator: "\t").count } == [9])
    }
}
