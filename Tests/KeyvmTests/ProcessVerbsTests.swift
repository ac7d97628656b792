// ps, inspect, logs, send, kill, rm, checkpoint, fsck, hash: on running and on halted worlds alike.

import Glibc
import Testing

@Suite struct ProcessVerbsTests {
    private func shell(running: Bool) throws -> Shell {
        let shell = try Shell()
        try shell.done("init", "w")
        if running { try shell.done("boot", "-w", "w", "--detach") }
        return shell
    }

    @Test func listsEveryFieldOfTheContract() throws {
        for running in [false, true] {
            let shell = try shell(running: running)
            try shell.done("run", "-w", "w", "cat.wasm")
            try shell.done("run", "-w", "w", "--gas", "10M", "--limit", "1MiB", "--name", "own", "cat.wasm")
            let items = try shell.done("ps", "-w", "w", "--json").json()["items"]?.items ?? []
            #expect(items.map { $0["name"]?.text } == ["cat", "own"], "oldest first")
            for item in items {
                for field in ["id", "name", "state", "gasUsed", "gasLeft", "pages", "bank", "meter", "exitCode"] {
                    #expect(item[field] != nil, "\(field)")
                }
            }
            #expect(items.first?["gasLeft"] == .null && items.first?["exitCode"] == .null)
            #expect(items.last?["bank"] == .text("root/own") && items.last?["meter"] == .text("root/own"))
            #expect(try #require(items.last?["gasLeft"]?.number) <= 10_000_000)
            let inspect = try shell.done("inspect", "-w", "w", "own", "--json").json()
            #expect(inspect["schema"] == .text("keyvm.inspect") && inspect["name"] == .text("own"))
            #expect(inspect["moduleHash"]?.text?.count == 64 && inspect["fault"] == .null)
        }
    }

    @Test func sendsInputAndReadsLogs() throws {
        for running in [false, true] {
            let shell = try shell(running: running)
            try shell.done("run", "-w", "w", "cat.wasm")
            try shell.done("send", "-w", "w", "cat", "one")
            let bytes: [UInt8] = [0, 255, 254, 10, 0x80]
            try shell.done("send", "-w", "w", "cat", "-", input: bytes)
            try shell.done("send", "-w", "w", "cat", "--eof", "--", "-last")
            if !running { try shell.done("boot", "-w", "w", "--until-idle") }
            let log = try shell.done("logs", "-w", "w", "-f", "cat")
            #expect(log.output == Array("one\n".utf8) + bytes + Array("-last\n".utf8))
            let ps = try shell.done("ps", "-w", "w", "--json").json()["items"]?.items.first
            #expect(ps?["state"] == .text("exited") && ps?["exitCode"] == .number(0))
            let json = try shell.done("logs", "-w", "w", "--json", "cat").json()
            #expect(json["ended"] == .bool(true) && json["items"]?.items.isEmpty == false)
            let count = try #require(json["next"]?.number)
            #expect(try shell.done("logs", "-w", "w", "--since", "\(Int(count))", "cat").output.isEmpty)
            #expect(try shell.keyvm("send", "-w", "w", "cat", "more").code != 0, "it has ended")
        }
    }

    /// A queue of eight pages, and much more input than that: as through a pipe, while the process reads.
    @Test func sendsWhatIsLongerThanTheQueueToWhoReads() throws {
        let shell = try shell(running: true)
        try shell.done("run", "-w", "w", "--log", "32KiB", "cat.wasm")
        let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
        let sent = try shell.done("send", "-w", "w", "cat", "-", "--eof", "--json", input: bytes).json()
        #expect(sent["bytes"] == .number(300_000) && sent["eof"] == .bool(true))
        try shell.until("it has read all") {
            try shell.done("ps", "-w", "w", "--json").json()["items"]?.items.first?["exitCode"] == .number(0)
        }
        let log = try shell.done("logs", "-w", "w", "cat").output
        #expect(log.count >= 2_000 && bytes.suffix(log.count).elementsEqual(log), "the last is what was sent last")
    }

    @Test(arguments: [true, false]) func saysHowFarItCameWhereNobodyReads(running: Bool) throws {
        let shell = try shell(running: running)
        try shell.done("run", "-w", "w", "--log", "32KiB", "--name", "p", running ? "spin.wasm" : "cat.wasm")
        let bytes = (0..<80_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
        try shell.write(bytes, to: "FILE")
        let ran = try shell.keyvm("send", "-w", "w", "p", "-", input: bytes)
        #expect(ran.code == 5 && ran.errorText.contains("the 32768 bytes before were taken"), "\(ran.errorText)")
        let lines = ran.errorText.split(separator: "\n")
        #expect(lines.last == "try: tail -c +32769 FILE | keyvm send -w w p -")
        if !running {
            // What is proposed goes on where it stood, once somebody reads.
            try shell.done("boot", "-w", "w", "--detach")
            let line = String(lines.last?.dropFirst("try: ".count) ?? "").replacing("keyvm", with: "$KEYVM")
            #expect(try shell.sh(line).code == 0)
            try shell.done("send", "-w", "w", "p", "--eof")
            try shell.until("it has read all") {
                try shell.done("ps", "-w", "w", "--json").json()["items"]?.items.first?["exitCode"] == .number(0)
            }
            let log = try shell.done("logs", "-w", "w", "p").output
            #expect(log.count >= 4_000 && bytes.suffix(log.count).elementsEqual(log))
        }
    }

    @Test func anIdIsReachedWhateverNamesThereAre() throws {
        let shell = try shell(running: false)
        // Each has the other's id for its name.
        for name in ["2", "1"] { try shell.done("run", "-w", "w", "--name", name, "spin.wasm") }
        let both = try shell.keyvm("kill", "-w", "w", "1")
        #expect(both.code == 64 && both.errorText.contains("id:N"), "\(both.errorText)")
        try shell.done("kill", "-w", "w", "id:1")
        try shell.done("rm", "-w", "w", "id:1")
        #expect(try shell.done("ps", "-w", "w", "-H", "-o", "id,name").text == "2\t1\n")
        try shell.done("kill", "-w", "w", "1")
    }

    /// Who asks for records that are gone is told so.
    @Test func saysWhichRecordsAreNotKept() throws {
        let shell = try shell(running: true)
        try shell.done("run", "-w", "w", "--log", "4KiB", "cat.wasm")
        for line in 0..<80 { try shell.done("send", "-w", "w", "cat", String(repeating: "x", count: 100) + "\(line)") }
        var oldest = 0.0
        try shell.until("all is written") {
            let log = try shell.done("logs", "-w", "w", "cat", "--json").json()
            oldest = log["oldest"]?.number ?? 0
            return log["next"] == .number(80)
        }
        let part = try shell.done("logs", "-w", "w", "cat", "--since", "3")
        #expect(part.errorText == "records 3 to \(Int(oldest) - 1) are not kept any more\n")
        #expect(part.text.hasSuffix("79\n"))
        #expect(try shell.done("logs", "-w", "w", "cat").errorText.isEmpty)
    }

    @Test func whatAProgramIsGivenMayEndInAnEqualsSign() throws {
        let shell = try shell(running: false)
        try shell.done("run", "-w", "w", "arguments.wasm", "--limit=", "x")
        try shell.done("boot", "-w", "w", "--until-idle")
        #expect(try shell.done("logs", "-w", "w", "arguments").text.contains("--limit="))
    }

    @Test func followsALogWhileItGrows() throws {
        let shell = try shell(running: true)
        try shell.done("run", "-w", "w", "cat.wasm")
        let following = try shell.start(["logs", "-w", "w", "-f", "--json", "cat"])
        for line in ["one", "two", "three"] {
            try shell.done("send", "-w", "w", "cat", line)
            try shell.until("'\(line)' is shown") { following.text.contains("\(line)\\n") }
        }
        try shell.done("send", "-w", "w", "cat", "--eof")
        let ran = try following.wait()
        #expect(ran.code == 0)
        let lines = ran.text.split(separator: "\n")
        #expect(lines.count == 3 && lines.allSatisfy { $0.hasPrefix(#"{"schema": "keyvm.logs", "version": 1, "#) })
    }

    @Test func anInterruptEndsFollowing() throws {
        let shell = try shell(running: true)
        try shell.done("run", "-w", "w", "cat.wasm")
        try shell.done("send", "-w", "w", "cat", "shown")
        let following = try shell.start(["logs", "-w", "w", "-f", "cat"])
        try shell.until("it follows") { following.text == "shown\n" }
        following.signal(SIGINT)
        #expect(try following.wait().code == 130)
    }

    @Test func killedProcessesStayUntilRemoved() throws {
        for running in [false, true] {
            let shell = try shell(running: running)
            try shell.done("run", "-w", "w", "spin.wasm")
            let dry = try shell.done("kill", "-n", "-w", "w", "spin")
            #expect(dry.text.contains("would kill process 1 spin"))
            try shell.done("kill", "-w", "w", "spin")
            #expect(try shell.done("ps", "-w", "w", "-H").text.contains("\tspin\texited\t"))
            #expect(try shell.done("rm", "-n", "-w", "w", "--json", "spin").json()["dryRun"] == .bool(true))
            try shell.done("rm", "-y", "-w", "w", "spin")
            #expect(try shell.done("ps", "-w", "w", "-H").text.isEmpty)
            #expect(try shell.keyvm("inspect", "-w", "w", "spin").code == 3)
        }
    }

    @Test func processesAreFoundByIDAndUniquePrefix() throws {
        let shell = try shell(running: false)
        try shell.done("run", "-w", "w", "--name", "alpha", "hello.wasm")
        try shell.done("run", "-w", "w", "--name", "alps", "hello.wasm")
        #expect(try shell.done("inspect", "-w", "w", "--json", "2").json()["name"] == .text("alps"))
        #expect(try shell.done("inspect", "-w", "w", "--json", "alph").json()["name"] == .text("alpha"))
        let ambiguous = try shell.keyvm("inspect", "-w", "w", "al")
        #expect(ambiguous.code == 64)
        #expect(
            ambiguous.errorText.contains("alpha") && ambiguous.errorText.contains("alps"), "it lists the candidates")
    }

    @Test func makesAndListsCheckpoints() throws {
        for running in [false, true] {
            let shell = try shell(running: running)
            try shell.done("run", "-w", "w", "hello.wasm")
            let made = try shell.done("checkpoint", "create", "@before", "-w", "w", "--json").json()
            #expect(made["name"] == .text("before"))
            let items = try shell.done("checkpoint", "ls", "-w", "w", "--json").json()["items"]?.items ?? []
            let listed = items.first { $0["id"] == made["id"] }
            for field in [
                "id", "name", "time", "gasClock", "dirtyPages", "bytesWritten", "freezeMicroseconds",
                "commitMilliseconds", "held",
            ] { #expect(listed?[field] != nil, "\(field)") }
            #expect(try shell.done("checkpoint", "ls", "-w", "w").text.contains("@before"))
        }
    }

    @Test func checksAndHashesARunningWorld() throws {
        let shell = try shell(running: true)
        let fsck = try shell.done("fsck", "-w", "w", "--json").json()
        #expect(fsck["problems"] == .list([]))
        for field in ["pages", "cells", "keys", "banks"] { #expect(fsck[field]?.number != nil, "\(field)") }
        let running = try shell.done("hash", "-w", "w", "--json").json()
        try shell.done("halt", "-w", "w")
        #expect(try shell.done("hash", "-w", "w", "--json").json() == running)
    }
}
