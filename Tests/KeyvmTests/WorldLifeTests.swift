// init, boot, halt, kill -9, status: a world's life as the command line shows it.

import Glibc
import Testing

@Suite struct WorldLifeTests {
    private func shell() throws -> Shell {
        let shell = try Shell()
        try shell.done("init", "w")
        return shell
    }

    private func state(_ shell: Shell) throws -> String? {
        try shell.done("status", "-w", "w", "--json").json()["state"]?.text
    }

    @Test func aNewWorldIsHaltedAndEmpty() throws {
        let shell = try shell()
        let status = try shell.done("status", "-w", "w", "--json").json()
        #expect(status["schema"] == .text("keyvm.status") && status["version"] == .number(1))
        #expect(status["state"] == .text("halted") && status["pid"] == .null && status["gasClock"] == .number(0))
        #expect(status["processes"] == .number(0) && status["journal"]?["records"] == .number(0))
        for field in ["id", "ageSeconds", "dirtyPages"] {
            #expect(status["checkpoint"]?[field]?.number != nil, "\(field)")
        }
        let ps = try shell.done("ps", "-w", "w", "--json").json()
        #expect(ps == ["schema": .text("keyvm.ps"), "version": .number(1), "items": .list([])])
        let info = try shell.done("info", "-w", "w", "--json").json()
        #expect(info["rootLimitBytes"] == .null)
        #expect(try #require(info["rootUsedBytes"]?.number) <= 1_048_576)
    }

    @Test func initRefusesAFolderThatIsNotEmpty() throws {
        let shell = try shell()
        let ran = try shell.keyvm("init", "w")
        #expect(ran.code != 0 && ran.output.isEmpty)
        #expect(try state(shell) == "halted")
        try shell.done("init", "with spaces", "--limit", "2MiB", "--seed", "7")
        #expect(try shell.done("info", "-w", "with spaces", "--json").json()["rootLimitBytes"] == .number(2_097_152))
    }

    @Test func runsInTheBackgroundUntilHalted() throws {
        let shell = try shell()
        let pid = try shell.done("boot", "-w", "w", "--detach").text
        #expect(try shell.hostProcess() == Int32(pid.dropLast()))
        #expect(try state(shell) == "running")
        for words in [["boot", "-w", "w"], ["boot", "-w", "w", "--detach"]] {
            let second = try shell.start(words).wait()
            #expect(second.code == 7)
            #expect(second.errorText.contains(pid.dropLast()), "it names the first's process id")
        }
        try shell.done("halt", "-w", "w")
        let process = try shell.sh("cat /proc/\(pid.dropLast())/stat").text
        #expect(process.isEmpty || process.contains(") Z "), "halt returns when the host is gone: \(process)")
        #expect(try state(shell) == "halted")
        try shell.done("halt", "-w", "w")
    }

    /// Whoever follows a program's output does not notice that its host was killed but by a word on standard error.
    @Test func whoFollowsSeesEachLineOnceThroughKills() throws {
        let shell = try shell()
        try shell.done("run", "-w", "w", "--name", "cat", "cat.wasm")
        try shell.done("boot", "-w", "w", "--detach", "--every", "1h")
        let follower = try shell.start(["logs", "-w", "w", "-f", "cat"])
        let notice = "the world's host is gone; what follows comes with the next: keyvm boot"
        var sent = ""
        for life in 1...3 {
            for number in 1...5 {
                try shell.done("send", "-w", "w", "cat", "line \(number) of life \(life)")
                sent += "line \(number) of life \(life)\n"
            }
            try shell.until("it is written") { try shell.done("logs", "-w", "w", "cat").text == sent }
            if life == 2 { try shell.done("checkpoint", "create", "-w", "w") }
            let host = try #require(try shell.hostProcess())
            kill(host, SIGKILL)
            try shell.until("the host is gone") { try shell.hostProcess() == nil }
            // Of a host that comes at once nobody need notice that it is another.
            if life == 1 { try shell.until("it is noticed") { follower.errorText.contains(notice) } }
            let again = try shell.done("boot", "-w", "w", "--detach", "--every", "1h")
            #expect(Int32(again.text.dropLast()) != host)
        }
        try shell.done("send", "-w", "w", "cat", "the end", "--eof")
        let followed = try follower.wait()
        #expect(followed.code == 0 && followed.text == sent + "the end\n")
    }

    @Test func goesOnAfterKillMinusNine() throws {
        let shell = try shell()
        try shell.done("run", "-w", "w", "spin.wasm")
        var gas = 0.0
        for _ in 0..<3 {
            try shell.done("boot", "-w", "w", "--detach", "--every", "20ms")
            let before = gas
            try shell.until("it has gone on") {
                gas = try #require(
                    shell.done("ps", "-w", "w", "--json").json()["items"]?.items.first?["gasUsed"]?.number)
                return gas > before + 1_000_000
            }
            try shell.done("checkpoint", "create", "-w", "w")
            let host = try #require(try shell.hostProcess())
            kill(host, SIGKILL)
            try shell.until("the host is gone") { try state(shell) == "crashed" }
            let kept = try shell.done("ps", "-w", "w", "--json").json()["items"]?.items.first?["gasUsed"]?.number
            #expect(try #require(kept) >= gas, "what was checkpointed is there")
            gas = try #require(kept)
        }
        #expect(try shell.done("fsck", "-w", "w", "--json").json()["problems"] == .list([]))
        try shell.done("halt", "-w", "w")
        #expect(try state(shell) == "halted", "halt recovers a crashed world")
    }

    @Test(arguments: [SIGINT, SIGTERM]) func aSignalCheckpointsAndHalts(signal: Int32) throws {
        let shell = try shell()
        try shell.done("run", "-w", "w", "spin.wasm")
        let host = try shell.start(["boot", "-w", "w", "--every", "1h", "--json"])
        try shell.until("it runs") { try state(shell) == "running" }
        host.signal(signal)
        let ran = try host.wait()
        #expect(ran.code == 0, "\(ran.errorText)")
        #expect(try ran.json()["state"] == .text("halted"))
        #expect(try state(shell) == "halted")
    }

    @Test func stepsAreExactAndSlicesCompose() throws {
        let shell = try Shell()
        for world in ["w", "w2"] {
            try shell.done("init", world, "--seed", "42")
            try shell.done("run", "-w", world, "spin.wasm")
            try shell.done("run", "-w", world, "fill.wasm")
        }
        let begin = try #require(shell.done("status", "-w", "w", "--json").json()["gasClock"]?.number)
        try shell.done("boot", "-w", "w", "--steps", "1234567")
        #expect(try shell.done("status", "-w", "w", "--json").json()["gasClock"] == .number(begin + 1_234_567))
        for steps in ["1", "234566", "400k", "600k"] { try shell.done("boot", "-w", "w2", "--steps", steps) }
        let hashes = try ["w", "w2"].map { try shell.done("hash", "-w", $0, "--json").json() }
        #expect(hashes[0] == hashes[1])
        #expect(hashes[0]["hash"]?.text?.count == 64)
    }

    @Test func untilIdleEndsWhenAllWaits() throws {
        let shell = try shell()
        try shell.done("run", "-w", "w", "cat.wasm")
        try shell.done("boot", "-w", "w", "--until-idle")
        #expect(try shell.done("ps", "-w", "w", "-H").text.contains("\tcat\twaiting\t"))
    }

    @Test func statusSaysStartingWhileNobodyTakesRequests() throws {
        let shell = try shell()
        try shell.done("boot", "-w", "w", "--detach")
        let host = try #require(try shell.hostProcess())
        #expect(unlink("\(shell.folder)/w/control.sock") == 0)
        let status = try shell.done("status", "-w", "w", "--json").json()
        #expect(status["state"] == .text("starting") && status["pid"] == .number(Double(host)))
        kill(host, SIGTERM)
        try shell.until("it is halted") { try state(shell) == "halted" }
    }

    /// A command that meets a host which ends is done all the same: by that host, or without one.
    @Test func commandsThatRaceAHaltAreDone() throws {
        let shell = try shell()
        for round in 0..<12 {
            try shell.done("boot", "-w", "w", "--detach")
            let ran = try shell.sh(
                """
                (sleep 0.0\(round % 4); $KEYVM bank create -w w root/a\(round); echo $? >a.code) >a.out 2>&1 &
                (sleep 0.01; $KEYVM bank create -w w root/b\(round); echo $? >b.code) >b.out 2>&1 &
                $KEYVM halt -w w || exit 1
                until [ -s a.code ] && [ -s b.code ]; do sleep 0.02; done
                cat a.code b.code a.out b.out; rm a.code b.code
                """)
            #expect(ran.text.hasPrefix("0\n0\n"), "\(ran.text)")
        }
        let banks = try shell.done("bank", "ls", "-w", "w", "-r", "--json").json()["items"]?.items.count
        #expect(banks == 1 + 2 * 12)
        #expect(try shell.done("fsck", "-w", "w", "--json").json()["problems"]?.items == [])
    }

    @Test func worksInAFolderWithALongPath() throws {
        let shell = try Shell(pathBytes: 300)
        try shell.done("init", "w")
        try shell.done("boot", "-w", "\(shell.folder)/w", "--detach")
        #expect(try shell.done("ps", "-w", "\(shell.folder)/w", "--json").json()["items"] == .list([]))
        try shell.done("halt", "-w", "w")
    }

    @Test func theWorldIsNamedByOptionElseEnvironmentElseDefault() throws {
        let shell = try Shell()
        try shell.done("init")
        try shell.done("init", "other")
        try shell.done("run", "-w", "other", "hello.wasm")
        #expect(try shell.done("ps", "-H").text.isEmpty)
        #expect(try shell.sh("KEYVM_WORLD=other $KEYVM ps -H").text.contains("hello"))
        #expect(try shell.sh("KEYVM_WORLD=other $KEYVM ps -H -w world").text.isEmpty)
    }
}
