// bank destroy, move and top, meter destroy and move: on running and on halted worlds alike.

import Testing

@Suite struct DestructionVerbsTests {
    private func shell(running: Bool) throws -> Shell {
        let shell = try Shell()
        try shell.done("init", "w", "--limit", "64MiB")
        if running { try shell.done("boot", "-w", "w", "--detach") }
        return shell
    }

    private func items(_ shell: Shell, _ words: String...) throws -> [Anything] {
        try shell.start(words + ["-w", "w", "--json"]).wait().json()["items"]?.items ?? []
    }

    /// Kind, name and pages of all that a world holds below a bank, as its own lists tell.
    private func held(_ shell: Shell) throws -> (banks: Set<String>, processes: Set<String>, meters: Set<String>) {
        (
            Set(try items(shell, "bank", "ls", "-r").compactMap { $0["path"]?.text }),
            Set(try items(shell, "ps").compactMap { $0["name"]?.text }),
            Set(try items(shell, "meter", "ls", "-r").compactMap { $0["path"]?.text })
        )
    }

    @Test(arguments: [false, true]) func whatTheDryRunNamesIsWhatGoes(running: Bool) throws {
        let shell = try shell(running: running)
        try shell.done("run", "-w", "w", "--name", "stays", "spin.wasm")
        for path in ["root/g", "root/g/a", "root/other"] { try shell.done("bank", "create", "-w", "w", path) }
        try shell.done("bank", "set", "-w", "w", "root/g/a", "reserve=16MiB")
        try shell.done("meter", "create", "-w", "w", "root/m", "--bank", "root/g/a")
        try shell.done("meter", "create", "-w", "w", "root/m/n", "--bank", "root/other")
        try shell.done("run", "-w", "w", "--name", "p", "--bank", "root/g", "spin.wasm")
        try shell.done(
            "run", "-w", "w", "--name", "q", "--bank", "root/g/a", "--gas", "5M", "--limit", "1MiB", "fill.wasm")
        try shell.done("run", "-w", "w", "--name", "reads", "--bank", "root/g/a", "cat.wasm")
        let before = try held(shell)

        let dry = try shell.done("bank", "destroy", "-w", "w", "-n", "root/g", "--reclaim", "--json").json()
        #expect(dry["schema"] == .text("keyvm.bank.destroy") && dry["dryRun"] == .bool(true))
        #expect(try held(shell) == before, "a dry run changes nothing")
        let refused = try shell.keyvm("bank", "destroy", "-w", "w", "root/g", "--reclaim")
        #expect(refused.code == 64 && refused.errorText.contains("-y"), "\(refused.errorText)")
        #expect(try held(shell) == before)

        func used(_ path: String, own: Bool = false) throws -> Double {
            let bank = try shell.done("bank", "show", "-w", "w", path, "--json").json()
            return try #require(bank[own ? "ownBytes" : "usedBytes"]?.number)
        }
        /// What the root counts of the banks below it, but for the one that pays for a meter that goes too.
        func below() throws -> Double { try used("root") - used("root", own: true) - used("root/other") }
        let cellsBefore = try shell.done("bank", "show", "-w", "w", "root", "--json").json()["cells"]?.number
        let belowBefore = try below()
        let rows = dry["items"]?.items ?? []
        #expect(rows.contains { $0["kind"] == .text("reserve") && $0["name"] == .text("root/g/a") })
        #expect(rows.reduce(0) { $0 + ($1["pages"]?.number ?? 0) } == dry["pages"]?.number, "the rows are the whole")
        #expect(rows.allSatisfy { ($0["kind"] == .text("process")) == ($0["id"]?.number != nil) })
        let done = try shell.done("bank", "destroy", "-w", "w", "-y", "root/g", "--reclaim", "--json").json()
        #expect(done["dryRun"] == .bool(false))
        if !running {
            // To the last figure: nothing has run in between.
            #expect(done.filter { $0.key != "dryRun" } == dry.filter { $0.key != "dryRun" })
            #expect(try dry["bytes"] == .number(belowBefore - below()))
            let cells = try shell.done("bank", "show", "-w", "w", "root", "--json").json()["cells"]?.number
            #expect(dry["cells"] == .number(try #require(cellsBefore) - (try #require(cells))))
        }
        let after = try held(shell)
        var named: [String: Set<String>] = [:]
        for item in dry["items"]?.items ?? [] {
            named[item["kind"]?.text ?? "", default: []].insert(item["name"]?.text ?? "")
        }
        #expect(named["bank"] == before.banks.subtracting(after.banks))
        #expect(named["process"] == before.processes.subtracting(after.processes))
        #expect(named["meter"] == before.meters.subtracting(after.meters))
        #expect(named["process"] == ["p", "q", "reads"] && named["meter"] == ["root/m", "root/m/n", "root/q"])
        #expect(named["module"]?.isEmpty == false)
        #expect(try shell.done("status", "-w", "w", "--json").json()["pendingBanks"] == .number(0))
        #expect(try shell.done("fsck", "-w", "w", "--json").json()["problems"]?.items == [])
    }

    /// Processes elsewhere that run on a meter which a bank pays for are told of before they freeze.
    @Test func tellsWhoIsLeftWithoutAMeter() throws {
        let shell = try shell(running: false)
        try shell.done("bank", "create", "-w", "w", "root/g")
        try shell.done("meter", "create", "-w", "w", "root/m", "--bank", "root/g")
        for name in ["a", "b"] { try shell.done("run", "-w", "w", "--name", name, "--meter", "root/m", "spin.wasm") }
        try shell.done("run", "-w", "w", "--name", "c", "--bank", "root/g", "--meter", "root/m", "spin.wasm")
        let dry = try shell.done("bank", "destroy", "-w", "w", "-n", "root/g", "--reclaim")
        #expect(dry.errorText.contains("2 processes elsewhere would be without a meter"), "\(dry.errorText)")
        let done = try shell.done("bank", "destroy", "-w", "w", "-y", "root/g", "--reclaim", "--json").json()
        #expect(done["stranded"] == .number(2))
        try shell.done("boot", "-w", "w", "--until-idle")
        let left = try shell.done("ps", "-w", "w", "--json").json()["items"]?.items ?? []
        #expect(left.map { $0["state"] } == [.text("frozen-gas"), .text("frozen-gas")])
    }

    /// What `rm -n` names goes, and nothing else; what would be refused is refused.
    @Test(arguments: [false, true]) func whatARemovalNamesIsWhatGoes(running: Bool) throws {
        let shell = try shell(running: running)
        for path in ["root/g", "root/h"] { try shell.done("bank", "create", "-w", "w", path) }
        try shell.done(
            "run", "-w", "w", "--name", "outer", "--bank", "root/g", "--limit", "4MiB", "--gas", "5M", "cat.wasm")
        try shell.done(
            "run", "-w", "w", "--name", "inner", "--bank", "root/g/outer", "--meter", "root/outer",
            "--limit", "1MiB", "--gas", "1M", "cat.wasm")
        try shell.done("run", "-w", "w", "--name", "alone", "--bank", "root/h", "trap.wasm")
        try shell.done("run", "-w", "w", "--name", "shares", "--bank", "root/h", "trap.wasm")
        for name in ["outer", "alone", "inner", "shares"] {
            if name == "outer" || name == "inner" {
                let refused = try shell.keyvm("rm", "-n", "-w", "w", name)
                #expect(refused.code == 1 && refused.errorText.contains("not over"))
                #expect(try shell.done("kill", "-n", "-w", "w", name).text.contains(name))
                try shell.done("kill", "-w", "w", name)
                #expect(try shell.keyvm("kill", "-n", "-w", "w", name).code == 1)
            } else if !running {
                try shell.done("boot", "-w", "w", "--until-idle")
            } else {
                try shell.until("it has trapped") {
                    try shell.done("inspect", "-w", "w", name, "--json").json()["state"] == .text("faulted")
                }
            }
            let before = try held(shell)
            let modules = try moduleCount(shell)
            let root = try shell.done("bank", "show", "-w", "w", "root", "--json").json()["cells"]?.number
            let dry = try shell.done("rm", "-n", "-w", "w", name, "--json").json()["items"]?.items ?? []
            #expect(try held(shell) == before, "a dry run changes nothing")
            try shell.done("rm", "-w", "w", name)
            let after = try held(shell)
            func named(_ kind: String) -> Set<String> {
                Set(dry.filter { $0["kind"] == .text(kind) }.compactMap { $0["name"]?.text })
            }
            #expect(named("process") == [name] && named("process") == before.processes.subtracting(after.processes))
            #expect(named("bank") == before.banks.subtracting(after.banks), "\(name)")
            #expect(named("meter") == before.meters.subtracting(after.meters), "\(name)")
            #expect(try named("module").count == modules - moduleCount(shell), "\(name)")
            // A process, its instance, and all that is named besides.
            let cells = try shell.done("bank", "show", "-w", "w", "root", "--json").json()["cells"]?.number
            #expect(root == cells.map { $0 + Double(dry.count + 1) })
        }
        #expect(try shell.done("fsck", "-w", "w", "--json").json()["problems"]?.items == [])
    }

    private func moduleCount(_ shell: Shell) throws -> Int {
        try items(shell, "bank", "top", "--rows", "99").count { $0["kind"] == .text("module") }
    }

    /// At a terminal it is asked first, and only yes is yes.
    @Test(arguments: [("n\n", Int32(1)), ("\n", 1), ("yes\n", 0), ("y\n", 0), ("\u{3}", 130)])
    func itIsAskedAtATerminal(reply: String, code: Int32) throws {
        let shell = try shell(running: false)
        for kind in ["bank", "meter"] {
            try shell.done(kind, "create", "-w", "w", "root/g")
            let terminal = try PseudoTerminal()
            let words = [kind, "destroy", "-w", "w", "root/g"] + (kind == "bank" ? ["--reclaim"] : [])
            let asked = try shell.start(words, at: terminal, error: true)
            try shell.until("it is asked") {
                terminal.read()
                return terminal.text.contains("destroy root/g? [y/N] ")
            }
            #expect(terminal.text.contains("would destroy 1 \(kind)"), "\(terminal.text)")
            try terminal.type(reply)
            #expect(try asked.wait(reading: terminal).code == code)
            #expect(try shell.keyvm(kind, "show", "-w", "w", "root/g").code == (code == 0 ? 3 : 0))
        }
    }

    @Test func aBankOfWaitingProcessesComesBackToTheByte() throws {
        let shell = try shell(running: false)
        try shell.done("bank", "create", "-w", "w", "root/g")
        let before = try shell.done("bank", "ls", "-w", "w", "-r", "-H", "-p").text
        for name in ["a", "b", "c"] {
            try shell.done("run", "-w", "w", "--name", name, "--bank", "root/g", "cat.wasm")
        }
        try shell.done("boot", "-w", "w", "--until-idle")
        try shell.done("bank", "create", "-w", "w", "root/g/more")
        try shell.done("bank", "destroy", "-w", "w", "-y", "root/g", "--reclaim")
        try shell.done("bank", "create", "-w", "w", "root/g")
        let root = { (text: String) in text.split(separator: "\n").map { $0.split(separator: "\t").first } }
        #expect(root(try shell.done("bank", "ls", "-w", "w", "-r", "-H", "-p").text) == root(before))
        #expect(try shell.done("bank", "show", "-w", "w", "root/g", "--json").json()["pages"] == .number(0))
        let used = try shell.done("bank", "show", "-w", "w", "root", "--json").json()["pages"]
        let first = before.split(separator: "\n")[0].split(separator: "\t")[2]
        // The page of the process table that the next goes to, and its directory.
        #expect(used == .number((Double(first) ?? 0) / 4096 + 2))
    }

    @Test(arguments: [false, true]) func aReturnedBankStopsNothing(running: Bool) throws {
        let shell = try shell(running: running)
        try shell.done("bank", "create", "-w", "w", "root/g", "--limit", "1MiB")
        try shell.done("bank", "create", "-w", "w", "root/g/a", "--limit", "2MiB")
        try shell.done("run", "-w", "w", "--bank", "root/g", "cat.wasm")
        try shell.done("bank", "destroy", "-w", "w", "-y", "root/g", "--return")
        let row = try #require(try items(shell, "ps").first)
        #expect(row["bank"] == .text("root") && row["state"]?.text != "exited")
        #expect(Set(try items(shell, "bank", "ls", "-r").compactMap { $0["path"]?.text }) == ["root", "root/a"])
        #expect(
            try shell.done("bank", "show", "-w", "w", "root/a", "--json").json()["limitBytes"] == .number(2_097_152))
        if !running { try shell.done("boot", "-w", "w", "--detach") }
        try shell.done("send", "-w", "w", "cat", "hello", "--eof")
        try shell.until("it has answered") {
            try shell.done("logs", "-w", "w", "cat").text.contains("hello")
        }
        #expect(try shell.done("fsck", "-w", "w", "--json").json()["problems"]?.items == [])
    }

    @Test(arguments: [false, true]) func aProcessMovesWhileItRuns(running: Bool) throws {
        let shell = try shell(running: running)
        for path in ["root/g", "root/h"] { try shell.done("bank", "create", "-w", "w", path) }
        try shell.done("run", "-w", "w", "--bank", "root/g", "cat.wasm")
        if running { try shell.done("send", "-w", "w", "cat", "one") }
        let moved = try shell.done("bank", "move", "-w", "w", "cat", "root/h", "--json").json()
        #expect(moved["schema"] == .text("keyvm.bank.move") && moved["bank"] == .text("root/h"))
        #expect(try shell.done("bank", "show", "-w", "w", "root/g", "--json").json()["processes"] == .number(0))
        if !running { try shell.done("boot", "-w", "w", "--detach") }
        try shell.done("send", "-w", "w", "cat", "two", "--eof")
        try shell.until("it has answered") {
            let text = try shell.done("logs", "-w", "w", "cat").text
            return text.contains("two") && (!running || text.contains("one"))
        }
        let top = try items(shell, "bank", "top", "root/h")
        #expect(top.contains { $0["kind"] == .text("process") && $0["name"] == .text("cat") })
        #expect(top.contains { $0["kind"] == .text("module") })
        #expect(try shell.done("fsck", "-w", "w", "--json").json()["problems"]?.items == [])
        let refused = try shell.keyvm("bank", "move", "-w", "w", "cat", "root/none")
        #expect(refused.code == 3 && refused.errorText.contains("root/none"))
    }

    @Test(arguments: [false, true]) func aProcessWithoutAMeterFreezesUntilItHasOne(running: Bool) throws {
        let shell = try shell(running: running)
        try shell.done("meter", "create", "-w", "w", "root/m", "--gas", "100M")
        try shell.done("run", "-w", "w", "--meter", "root/m", "spin.wasm")
        try shell.done("meter", "destroy", "-w", "w", "-y", "root/m")
        if !running { try shell.done("boot", "-w", "w", "--until-idle") }
        try shell.until("it is frozen") { try items(shell, "ps").first?["state"] == .text("frozen-gas") }
        #expect(try items(shell, "ps").first?["meter"] == .null)
        #expect(try shell.keyvm("meter", "show", "-w", "w", "root/m").code == 3)
        try shell.done("meter", "create", "-w", "w", "root/m2", "--gas", "10k")
        let moved = try shell.done("meter", "move", "-w", "w", "spin", "root/m2", "--json").json()
        #expect(moved["meter"] == .text("root/m2"))
        if !running { try shell.done("boot", "-w", "w", "--until-idle") }
        try shell.until("it has used it up") {
            try shell.done("meter", "show", "-w", "w", "root/m2", "--json").json()["gasLeft"] == .number(0)
        }
        #expect(try shell.done("fsck", "-w", "w", "--json").json()["problems"]?.items == [])
    }

    @Test(
        arguments: [
            (["bank", "destroy", "-y", "root", "--reclaim"], 64),
            (["bank", "destroy", "-y", "root/none", "--reclaim"], 3),
            (["bank", "destroy", "-y", "root/g"], 64),
            (["bank", "destroy", "-y", "root/g", "--reclaim", "--return"], 64),
            (["bank", "destroy", "-y", "../g", "--reclaim"], 64), (["bank", "destroy", "-n", "root", "--return"], 64),
            (["bank", "move", "none", "root/g"], 3), (["bank", "move", "p", "root//g"], 64),
            (["bank", "top", "root/none"], 3), (["bank", "top", "--rows", "0"], 64),
            (["meter", "destroy", "-y", "root"], 64), (["meter", "destroy", "-y", "root/none"], 3),
            (["meter", "destroy", "root/m"], 64), (["meter", "move", "p", "root/none"], 3),
        ] as [([String], Int32)]) func wrongInputIsRefusedAndChangesNothing(words: [String], code: Int32) throws
    {
        let shell = try shell(running: false)
        try shell.done("bank", "create", "-w", "w", "root/g")
        try shell.done("meter", "create", "-w", "w", "root/m")
        let before = try shell.done("hash", "-w", "w").text
        let refused = try shell.start(words + ["-w", "w"]).wait()
        #expect(refused.code == code, "\(refused.errorText)")
        #expect(refused.errorText.split(separator: "\n").count == 3, "\(refused.errorText)")
        let asJSON = try shell.start(words + ["-w", "w", "--json"]).wait()
        #expect(asJSON.code == code && asJSON.text.isEmpty)
        #expect(asJSON.errorText.hasPrefix("{\"schema\": \"keyvm.error\""))
        #expect(try shell.done("hash", "-w", "w").text == before)
    }
}
