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
