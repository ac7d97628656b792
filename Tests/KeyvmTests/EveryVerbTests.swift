// Every verb that there is, on worlds that run, are halted, or crashed; every exit code. A verb that is added and not used here
// fails `everyVerbIsUsed`.

import FoundationEssentials
import Glibc
import Testing

@Suite struct EveryVerbTests {
    enum Condition: String, Sendable, CaseIterable { case running, halted, crashed }

    /// One command, and the code with which it ends in each condition.
    struct Step: Sendable {
        var words: [String]
        var running: Int32
        var halted: Int32

        init(_ line: String, _ running: Int32 = 0, halted: Int32? = nil) {
            words = line.split(separator: " ").map { String($0.replacing("~", with: " ")) }
            self.running = running
            self.halted = halted ?? running
        }

        /// `keyvm.bank.show` for `bank show`.
        var schema: String {
            // What is asked of the past answers as it does of the present.
            if let end = words.firstIndex(of: "--") { return "keyvm." + words[end + 1] }
            let groups = ["bank", "meter", "checkpoint", "key", "new"]
            let count = groups.contains(words[0]) ? 2 : 1
            return "keyvm." + words.prefix(count).joined(separator: ".")
        }
    }

    /// The life of a few processes, so that each verb has something to do.
    static let life = [
        Step("status"), Step("info"), Step("ps"), Step("bank create root/g --limit 8MiB --cells 100 --reserve 64KiB"),
        Step("bank create root/h"), Step("meter create root/m --gas 1G --weight 2 --bank root/g"),
        Step("run --name cat --bank root/g --meter root/m cat.wasm a b"),
        Step("run --name hello --limit 1MiB --gas 1M hello.wasm"), Step("run --name spin spin.wasm"),
        Step("send cat hello"), Step("inspect cat"), Step("logs cat"), Step("stop spin"), Step("resume spin"),
        Step("key ls cat"), Step("key grant cat 9=start:spin/3"), Step("key show cat 9"),
        Step("key grant cat 32=discrim", 64), Step("key holders cat"), Step("key holders node:7/1", 3),
        Step("key holders page:x", 64), Step("graph"), Step("key graph cat --steps 1"), Step("graph nobody", 3),
        Step("key grant cat 9=page", 64), Step("key grant cat 9=start:nobody", 3), Step("key revoke cat 9"),
        Step("key show cat 9", 3),
        Step("top"), Step("events"), Step("bank move cat root/h"), Step("meter move cat root"),
        Step("meter refill root/m 5"), Step("meter set root/m weight=3"), Step("meter show root/m"),
        Step("meter ls -r"), Step("bank set root/g limit=16MiB"), Step("bank show root/g"), Step("bank ls -r"),
        Step("bank top"), Step("checkpoint create @early"), Step("checkpoint create @here"), Step("checkpoint ls"),
        Step("fsck"), Step("hash"),
        Step("checkpoint create @here", 1), Step("checkpoint set keep=2 keep-for=1h"), Step("checkpoint set"),
        Step("checkpoint hold @here"), Step("checkpoint rm @here", 4), Step("at @here -- ps"), Step("at @here -- hash"),
        Step("checkpoint diff @early"), Step("checkpoint diff @early @here --pages"),
        Step("checkpoint diff @here @early", 64), Step("checkpoint diff @early --page 99999999", 3),
        Step("checkpoint diff @there", 3), Step("at @here --until x -- ps", 64),
        Step("at @here --until ps~cat~is~frozen-gas -- ps", 3),
        Step("fork @here f"), Step("fork @here f", 1), Step("fork @there g", 3), Step("backup b.kvb"),
        Step("backup --since @early --at @here d.kvb"), Step("backup --since @here --at @early d.kvb", 64),
        Step("backup --at @there x.kvb", 3), Step("restore b.kvb", 1), Step("restore x.kvb", 3),
        Step("at @here -- kill cat", 64), Step("at @there -- ps", 3), Step("rollback -n @early", 4),
        Step("rollback -n --over-held @early"),
        Step("rollback @early", 4), Step("rollback --over-held @early"),
        Step("checkpoint restore @before-rollback-1"), Step("checkpoint release @here"),
        Step("checkpoint rm @here"), Step("at @here -- ps", 3), Step("checkpoint set keep=none keep-for=none"),
        Step("boot --steps 1000", 7, halted: 0), Step("kill cat -n"), Step("rm cat -n", 1),
        Step("kill cat"), Step("kill cat -n", 1), Step("rm cat -n"), Step("rm cat -y"), Step("meter destroy root/m -n"),
        Step("meter destroy root/m", 64),
        Step("meter destroy root/m -y"), Step("bank destroy root/g --reclaim -n"),
        Step("bank destroy root/g --reclaim", 64), Step("bank destroy root/g --reclaim -y"),
        Step("bank destroy root/h --return -y"), Step("fsck"), Step("kill spin -y"), Step("rm spin -y"), Step("ps"),
        Step("new c mine"), Step("new c mine", 1), Step("new swift yours"), Step("new swift .x", 64),
        Step("new c no/where", 3),
        Step("halt"),
    ]

    private func shell() throws -> Shell {
        let shell = try Shell()
        try shell.done("init", "w", "--limit", "64MiB", "--json")
        return shell
    }

    private func bring(_ shell: Shell, to condition: Condition) throws {
        if condition == .halted { return }
        if try shell.hostProcess() == nil { try shell.done("boot", "-w", "w", "--detach") }
        guard condition == .crashed, let host = try shell.hostProcess() else { return }
        // What a crash takes back is not what is tested here.
        try shell.done("checkpoint", "create", "-w", "w")
        kill(host, SIGKILL)
        try shell.until("the host is gone") {
            try shell.done("status", "-w", "w", "--json").json()["state"] == .text("crashed")
        }
    }

    /// `--json` gives one object on standard output, or one on standard error that names the code.
    private func check(_ ran: Ran, _ schema: String, _ code: Int32, _ what: String) throws {
        #expect(ran.code == code, "\(what): \(ran.errorText)")
        guard ran.code == 0 else {
            #expect(ran.output.isEmpty, "\(what)")
            let error = try Ran(output: ran.error, error: [], code: 0).json()
            #expect(error["schema"] == .text("keyvm.error") && error["version"] == .number(1), "\(what)")
            #expect(error["code"] == .number(Double(ran.code)), "\(what)")
            for field in ["what", "why", "try"] { #expect(error[field]?.text?.isEmpty == false, "\(what): \(field)") }
            return
        }
        for line in schema == "keyvm.events" ? ran.text.split(separator: "\n").map(String.init) : [ran.text] {
            let object = try Ran(output: Array(line.utf8), error: [], code: 0).json()
            #expect(object["schema"] == .text(schema) && object["version"] == .number(1), "\(what): \(line)")
        }
    }

    @Test(arguments: Condition.allCases) func everyVerbAnswersInOneObject(condition: Condition) throws {
        let shell = try shell()
        for step in Self.life {
            try bring(shell, to: condition)
            let ran = try shell.start(step.words.prefix(1) + worldAndJSON(step.words)).wait()
            let code = condition == .running ? step.running : step.halted
            try check(ran, step.schema, code, "\(condition.rawValue): \(step.words.joined(separator: " "))")
        }
        if condition == .running { try shell.until("it is halted") { try shell.hostProcess() == nil } }
        try shell.done("boot", "-w", "w", "--until-idle")
        let end = try shell.done("bank", "show", "root", "-w", "w", "--json").json()
        #expect(end["processes"] == .number(0), "hello has a bank of its own")
        #expect(try shell.done("fsck", "-w", "w", "--json").json()["problems"] == .list([]))
    }

    /// The rest of a command, with the world and `--json` where the verb's own words end.
    private func worldAndJSON(_ words: [String]) -> [String] {
        let rest = Array(words.dropFirst())
        // What stands after a program is the program's.
        if words[0] == "new" { return rest + ["--json"] }
        guard let program = rest.firstIndex(where: { $0.hasSuffix(".wasm") }) else {
            return rest + ["-w", "w", "--json"]
        }
        return rest[..<program] + ["-w", "w", "--json"] + rest[program...]
    }

    @Test func everyVerbIsUsed() throws {
        struct Dump: Decodable {
            var commandName: String
            var subcommands: [Dump]?
            var leaves: [String] {
                guard let subcommands, !subcommands.isEmpty else { return [commandName] }
                return subcommands.flatMap(\.leaves).map { "\(commandName) \($0)" }
            }
        }
        struct Tool: Decodable { var command: Dump }
        let dump = try Shell().done("--experimental-dump-help").output
        let verbs = Set(try JSONDecoder().decode(Tool.self, from: Data(dump)).command.leaves)
        let used = Set(
            Self.life.map { step in
                step.words.contains("--") ? "keyvm \(step.words[0])" : step.schema.replacing(".", with: " ")
            })
        #expect(verbs.subtracting(used) == ["keyvm init", "keyvm help"], "init makes the world of each of these tests")
    }

    // MARK: Exit codes

    struct Ending: Sendable, CustomTestStringConvertible {
        var code: Int32
        var words: String
        /// A line of shell before it.
        var before = ""
        /// Whether the code is the process's, and there is no error object.
        var isProcesss = false
        var testDescription: String { "\(code): \(words)" }
    }

    static let endings = [
        Ending(code: 0, words: "ps -w w"),
        Ending(code: 1, words: "run -w w text.wasm", before: "echo text >text.wasm"),
        Ending(code: 3, words: "inspect -w w none"),
        Ending(
            code: 5, words: "run -w w --bank root/full hello.wasm",
            before: "$KEYVM bank create root/full --limit 0 -w w"),
        Ending(code: 5, words: "run -w w --wait --limit 128KiB fill.wasm", isProcesss: true),
        Ending(code: 6, words: "run -w w --wait --gas 100 spin.wasm", isProcesss: true),
        Ending(code: 134, words: "run -w w --wait trap.wasm", isProcesss: true),
        Ending(code: 7, words: "boot -w w", before: "$KEYVM boot -w w --detach"),
        Ending(code: 8, words: "status -w w", before: "dd if=/dev/zero of=w/store.mdb bs=4096 count=2 conv=notrunc"),
        Ending(code: 9, words: "status -w w", before: "cp $GOLDEN w/store.mdb"),
        Ending(code: 64, words: "ps -w w --colour"),
    ]

    @Test(arguments: endings) func everyExitCodeComesAbout(ending: Ending) throws {
        let shell = try shell()
        let golden =
            #filePath.split(separator: "/").dropLast(2).map { "/" + $0 }.joined()
            + "/WorldTests/Golden/world-1.mdb"
        if !ending.before.isEmpty {
            let made = try shell.sh("GOLDEN='\(golden)'; \(ending.before)")
            try #require(made.code == 0, "\(made.errorText)")
        }
        let ran = try shell.sh("$KEYVM \(ending.words)")
        #expect(ran.code == ending.code, "\(ran.errorText)")
        if ran.code != 0 {
            let lines = ran.errorText.split(separator: "\n", omittingEmptySubsequences: false)
            #expect(
                lines.count == 4 && lines[0].hasPrefix("keyvm: ") && lines[2].hasPrefix("try: "), "\(ran.errorText)")
        }
        let parts = ending.words.split(separator: " ", maxSplits: 1)
        let json = try shell.sh("$KEYVM \(parts[0]) --json \(parts[1])")
        if ending.isProcesss {
            #expect(json.code == ending.code)
            #expect(try json.json()["code"] == .number(Double(ending.code)), "\(json.text)")
        } else {
            try check(json, "keyvm.\(parts[0])", ending.code, ending.words)
        }
    }

    /// What the operating system refuses is 4; the superuser becomes somebody else for it.
    @Test func theSystemsRefusalIsFour() throws {
        let shell = try shell()
        try #require(chmod("\(shell.folder)/w", 0) == 0)
        defer { chmod("\(shell.folder)/w", 0o755) }
        let user = geteuid() == 0 ? "setpriv --reuid 65534 --regid 65534 --clear-groups " : ""
        try #require(chmod(shell.folder, 0o755) == 0)
        let ran = try shell.sh("\(user)$KEYVM ps -w w --json")
        try check(ran, "keyvm.ps", 4, "ps of a world that may not be read")
    }

    @Test(arguments: [["logs", "-f", "-w", "w", "spin"], ["run", "-w", "w", "--wait", "spin.wasm"]])
    func anInterruptIs130(words: [String]) throws {
        let shell = try shell()
        try shell.done("boot", "-w", "w", "--detach")
        try shell.done("run", "-w", "w", "spin.wasm")
        let running = try shell.start(words)
        usleep(300_000)
        running.signal(SIGINT)
        #expect(try running.wait().code == 130)
    }
}
