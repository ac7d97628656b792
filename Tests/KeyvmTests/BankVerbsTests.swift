// bank, meter, stop, resume: on running and on halted worlds alike, and what they say to wrong input.

import Testing

@Suite struct BankVerbsTests {
    private func shell(running: Bool) throws -> Shell {
        let shell = try Shell()
        try shell.done("init", "w", "--limit", "64MiB")
        if running { try shell.done("boot", "-w", "w", "--detach") }
        return shell
    }

    private func state(_ shell: Shell, _ name: String) throws -> String? {
        try shell.done("inspect", "-w", "w", name, "--json").json()["state"]?.text
    }

    @Test(arguments: [false, true]) func makesShowsAndListsBanks(running: Bool) throws {
        let shell = try shell(running: running)
        let made = try shell.done("bank", "create", "-w", "w", "root/guests", "--json").json()
        #expect(made["schema"] == .text("keyvm.bank.create") && made["path"] == .text("root/guests"))
        #expect(made["limitBytes"] == .null && made["usedBytes"] == .number(0) && made["cells"] == .number(0))
        try shell.done(
            "bank", "create", "-w", "w", "root/guests/ann", "--limit", "1MiB", "--cells", "10", "--reserve", "512KiB")
        let ann = try shell.done("bank", "show", "-w", "w", "root/guests/ann", "--json").json()
        for field in ["path", "limitBytes", "usedBytes", "availableBytes", "ownBytes", "pages", "cells", "processes"] {
            #expect(ann[field] != nil, "\(field)")
        }
        #expect(ann["limitBytes"] == .number(1_048_576) && ann["availableBytes"] == .number(1_048_576))
        #expect(ann["reserveBytes"] == .number(524_288) && ann["limitCells"] == .number(10))
        let guests = try shell.done("bank", "show", "-w", "w", "root/guests", "--json").json()
        #expect(guests["usedBytes"] == .number(528_384), "the reserve, and a page for the record")
        let all = try shell.done("bank", "ls", "-w", "w", "-r", "--json").json()["items"]?.items ?? []
        #expect(all.map { $0["path"]?.text } == ["root", "root/guests", "root/guests/ann"])
        let direct = try shell.done("bank", "ls", "-w", "w", "-H", "-p").text
        #expect(direct.split(separator: "\n").map { $0.split(separator: "\t").first } == ["root", "root/guests"])
        let set = try shell.done(
            "bank", "set", "-w", "w", "root/guests/ann", "limit=none", "cells=none", "reserve=0", "--json")
        #expect(try set.json()["limitBytes"] == .null && set.json()["reserveBytes"] == .number(0))
        #expect(try shell.done("fsck", "-w", "w", "--json").json()["problems"]?.items == [])
    }

    /// Two administrators with the same commands: each is done or refused, and nothing is lost.
    @Test(arguments: [false, true]) func twoAdministratorsAtOnce(running: Bool) throws {
        let shell = try shell(running: running)
        try shell.done("meter", "create", "-w", "w", "root/m", "--gas", "1000")
        let script = """
            administer() {
              for n in 1 2 3 4 5 6; do
                $KEYVM bank create -w w root/b$n --limit 1MiB; echo create $n $?
                $KEYVM bank create -w w root/b$n/$1; echo own $n $?
                $KEYVM bank set -w w root/b$n limit=2MiB; echo set $n $?
                $KEYVM meter refill -w w root/m 7; echo refill $n $?
                $KEYVM bank destroy -w w -y root/b$n --reclaim; echo destroy $n $?
              done >$1.codes 2>$1.said
              touch $1.done
            }
            administer first & administer second
            until [ -e first.done ]; do sleep 0.02; done
            """
        #expect(try shell.sh(script).code == 0)
        var codes: [String: [Int]] = [:]
        for name in ["first", "second"] {
            for line in try shell.contents(of: "\(name).codes").split(separator: "\n") where !line.hasPrefix("root") {
                let words = line.split(separator: " ").map(String.init)
                guard words.count == 3, let code = Int(words[2]) else { continue }
                codes["\(words[0]) \(words[1])", default: []].append(code)
            }
            #expect(try !shell.contents(of: "\(name).said").contains("unknown"))
        }
        for number in 1...6 {
            #expect(codes["create \(number)"]?.allSatisfy { [0, 64].contains($0) } == true, "\(codes)")
            for act in ["own", "set", "destroy"] {
                #expect(codes["\(act) \(number)"]?.allSatisfy { [0, 3].contains($0) } == true, "\(codes)")
                #expect(codes["\(act) \(number)"]?.contains(0) == true, "\(codes)")
            }
            #expect(codes["refill \(number)"] == [0, 0])
        }
        let meter = try shell.done("meter", "show", "-w", "w", "root/m", "--json").json()
        #expect(meter["gasLeft"] == .number(1_000 + 2 * 6 * 7), "each refill once")
        #expect(try shell.done("bank", "ls", "-w", "w", "-r", "--json").json()["items"]?.items.count == 1)
        #expect(try shell.done("fsck", "-w", "w", "--json").json()["problems"]?.items == [])
    }

    @Test(arguments: [false, true]) func aRaisedLimitLetsAFrozenProcessGoOn(running: Bool) throws {
        let shell = try shell(running: running)
        try shell.done("bank", "create", "-w", "w", "root/guests", "--limit", "1MiB")
        try shell.done("run", "-w", "w", "--bank", "root/guests", "fill.wasm")
        if !running { try shell.done("boot", "-w", "w", "--until-idle") }
        try shell.until("it is frozen") { try state(shell, "fill") == "frozen-space" }
        try shell.done("bank", "set", "-w", "w", "root/guests", "limit=2MiB")
        if !running { try shell.done("boot", "-w", "w", "--until-idle") }
        try shell.until("it is frozen again") {
            let bank = try shell.done("bank", "show", "-w", "w", "root/guests", "--json").json()
            return try state(shell, "fill") == "frozen-space" && bank["availableBytes"] == .number(0)
                && bank["usedBytes"] == .number(2_097_152)
        }
        // Below what is used it takes nothing away.
        try shell.done("bank", "set", "-w", "w", "root/guests", "limit=4KiB")
        let bank = try shell.done("bank", "show", "-w", "w", "root/guests", "--json").json()
        #expect(bank["usedBytes"] == .number(2_097_152) && bank["availableBytes"] == .number(0))
        let refused = try shell.keyvm("run", "-w", "w", "--bank", "root/guests", "hello.wasm")
        #expect(refused.code == 5 && refused.errorText.contains("root/guests"), "\(refused.errorText)")
        #expect(refused.errorText.contains("limit 4096, used 2097152, asked"), "\(refused.errorText)")
    }

    @Test(arguments: [false, true]) func aRefilledMeterLetsAFrozenProcessGoOn(running: Bool) throws {
        let shell = try shell(running: running)
        let made = try shell.done("meter", "create", "-w", "w", "root/m", "--gas", "50k", "--json").json()
        #expect(made["schema"] == .text("keyvm.meter.create") && made["gasLeft"] == .number(50_000))
        try shell.done("run", "-w", "w", "--meter", "root/m", "spin.wasm")
        for used in [50_000, 60_000.0] {
            if !running { try shell.done("boot", "-w", "w", "--until-idle") }
            try shell.until("it is frozen") { try state(shell, "spin") == "frozen-gas" }
            let meter = try shell.done("meter", "show", "-w", "w", "root/m", "--json").json()
            #expect(meter["gasLeft"] == .number(0) && meter["gasUsed"] == .number(used))
            let refilled = try shell.done("meter", "refill", "-w", "w", "root/m", "10k", "--json").json()
            #expect(refilled["path"] == .text("root/m"))
        }
        let items = try shell.done("meter", "ls", "-w", "w", "--json").json()["items"]?.items ?? []
        #expect(items.map { $0["path"]?.text } == ["root", "root/m"])
        #expect(items.first?["gasLeft"] == .null)
        #expect(
            try shell.done("meter", "set", "-w", "w", "root/m", "weight=7", "--json").json()["weight"] == .number(7))
    }

    @Test(arguments: [false, true]) func aStoppedProcessStandsStillUntilItIsResumed(running: Bool) throws {
        let shell = try shell(running: running)
        try shell.done("run", "-w", "w", "--gas", "1M", "spin.wasm")
        try shell.done("run", "-w", "w", "cat.wasm")
        #expect(try shell.done("stop", "-w", "w", "spin", "--json").json()["state"] == .text("stopped"))
        try shell.done("stop", "-w", "w", "cat")
        let used = try shell.done("inspect", "-w", "w", "spin", "--json").json()["gasUsed"]
        if !running { try shell.done("boot", "-w", "w", "--steps", "10k") }
        try shell.done("send", "-w", "w", "cat", "later")
        #expect(try shell.done("inspect", "-w", "w", "spin", "--json").json()["gasUsed"] == used)
        try shell.done("resume", "-w", "w", "spin")
        try shell.done("resume", "-w", "w", "cat")
        if !running { try shell.done("boot", "-w", "w", "--until-idle") }
        try shell.until("it has used its gas") { try state(shell, "spin") == "frozen-gas" }
        try shell.until("it has read") { try shell.done("logs", "-w", "w", "cat").text == "later\n" }
        let refused = try shell.keyvm("resume", "-w", "w", "spin")
        #expect(refused.code == 1 && refused.errorText.contains("keyvm inspect -w w spin"), "\(refused.errorText)")
    }

    @Test func whatAPersonSeesFitsANarrowTerminal() throws {
        let shell = try shell(running: false)
        let long = "root/" + String(repeating: "x", count: 64)
        try shell.done("bank", "create", "-w", "w", long)
        let text = try shell.done("bank", "ls", "-w", "w").text
        #expect(text.hasPrefix("PATH ") && text.contains("unlimited") && text.contains("64MiB"))
        let meters = try shell.done("meter", "ls", "-w", "w").text
        #expect(meters.contains("unlimited") && meters.hasPrefix("PATH "))
        let shown = try shell.done("bank", "show", "-w", "w", "root").text
        #expect(shown.contains("available") && shown.contains("objects"))
    }

    @Test func topSaysWhoHasAModuleAndHowManyAreLeftOut() throws {
        let shell = try Shell()
        try shell.done("init", "w")
        for name in ["a", "b", "c"] { try shell.done("run", "-w", "w", "--name", name, "fill.wasm") }
        try shell.done("boot", "-w", "w", "--steps", "100k")
        let all = try shell.done("bank", "top", "-w", "w", "--json").json()
        let items = all["items"]?.items ?? []
        #expect(
            items.reduce(0) { $0 + ($1["pages"]?.number ?? 0) } == all["pages"]?.number && all["omitted"] == .number(0))
        let module = try #require(items.first { $0["kind"] == .text("module") })
        #expect(module["process"] == .text("a") && module["users"] == .number(3))
        let few = try shell.done("bank", "top", "-w", "w", "--rows", "2")
        #expect(few.errorText == "\(items.count - 2) more; all of them: --rows \(items.count)\n")
        #expect(try shell.done("bank", "top", "-w", "w").text.contains(" of a "))
    }

    @Test(arguments: [false, true]) func aMetersGasIsSetAndItsLimitTakenAway(running: Bool) throws {
        let shell = try Shell()
        try shell.done("init", "w")
        if running { try shell.done("boot", "-w", "w", "--detach") }
        try shell.done("meter", "create", "-w", "w", "root/m", "--gas", "5G")
        let set = try shell.done("meter", "set", "-w", "w", "root/m", "gas=50k", "weight=3", "--json").json()
        #expect(set["gasLeft"] == .number(50_000) && set["weight"] == .number(3))
        try shell.done("run", "-w", "w", "--name", "p", "--meter", "root/m", "spin.wasm")
        if !running { try shell.done("boot", "-w", "w", "--until-idle") }
        func state() throws -> Anything? { try shell.done("inspect", "-w", "w", "p", "--json").json()["state"] }
        try shell.until("it is dry") { try state() == .text("frozen-gas") }
        #expect(try shell.done("inspect", "-w", "w", "p", "--json").json()["gasUsed"] == .number(50_000))
        try shell.done("meter", "set", "-w", "w", "root/m", "gas=none")
        #expect(try state() == .text("ready"))
        let meter = try shell.done("meter", "show", "-w", "w", "root/m", "--json").json()
        #expect(meter["gasLeft"] == .null && meter["weight"] == .number(3))
        #expect(
            try shell.done("meter", "create", "-w", "w", "root/n", "--gas", "none", "--json").json()["gasLeft"] == .null
        )
    }

    @Test func infoTellsTheQuantumThatBootSets() throws {
        let shell = try Shell()
        try shell.done("init", "w")
        let before = try shell.done("info", "-w", "w", "--json").json()["quantumGas"]
        try shell.done("boot", "-w", "w", "--until-idle", "--quantum", "7k")
        #expect(try shell.done("info", "-w", "w", "--json").json()["quantumGas"] == .number(7_000))
        #expect(before != .number(7_000) && before?.number != nil)
        #expect(try shell.done("info", "-w", "w").text.contains("gas of a quantum   7k"))
    }
}
