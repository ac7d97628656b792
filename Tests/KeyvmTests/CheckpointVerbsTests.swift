// checkpoint rm, hold, release, set, and at: on running and on halted worlds alike.

import FoundationEssentials
import Glibc
import Testing

@Suite struct CheckpointVerbsTests {
    private func shell(running: Bool) throws -> Shell {
        let shell = try Shell()
        try shell.done("init", "w", "--seed", "1")
        if running { try shell.done("boot", "-w", "w", "--detach", "--every", "600s") }
        return shell
    }

    private func kept(_ shell: Shell) throws -> [String] {
        let items = try shell.done("checkpoint", "ls", "-w", "w", "--json").json()["items"]?.items ?? []
        return items.filter { $0["kept"] == .bool(true) }.map { $0["name"]?.text ?? "-" }
    }

    @Test(arguments: [false, true]) func theWorldIsSeenAsItWas(running: Bool) throws {
        let shell = try shell(running: running)
        try shell.done("checkpoint", "create", "-w", "w", "@empty")
        try shell.done("run", "-w", "w", "--name", "cat", "cat.wasm")
        try shell.done("checkpoint", "create", "-w", "w", "@made")
        try shell.done("send", "-w", "w", "cat", "hello")
        try shell.done("kill", "-w", "w", "-y", "cat")
        try shell.done("rm", "-w", "w", "-y", "cat")
        #expect(try shell.done("ps", "-w", "w", "-H").text.isEmpty)
        #expect(try shell.done("at", "@empty", "-w", "w", "--", "ps", "-H").text.isEmpty)
        // The options of `at` are those of the verb that it asks, unless that has its own.
        for words in [["at", "@made", "-w", "w", "--"], ["at", "@made", "--"]] {
            let rest = words.contains("-w") ? [] : ["-w", "w"]
            let then = try shell.start(words + ["ps", "-H", "-o", "name,pages"] + rest).wait()
            #expect(then.code == 0 && then.text.hasPrefix("cat\t"), "\(then.errorText)")
        }
        let json = try shell.done("at", "@made", "-w", "w", "--json", "--", "inspect", "cat").json()
        #expect(json["schema"] == .text("keyvm.inspect") && json["inputBytes"] == .number(0))
        let gone = try shell.start(["at", "@empty", "-w", "w", "--", "inspect", "cat"]).wait()
        #expect(gone.code == 3 && gone.errorText.contains("cat"))
        #expect(try shell.done("at", "@made", "-w", "w", "--", "fsck", "--json").json()["problems"] == .list([]))
    }

    @Test(arguments: [false, true]) func whatChangedIsShownAndTheInstructionIsFound(running: Bool) throws {
        let shell = try shell(running: true)
        try shell.done("run", "-w", "w", "--name", "cat", "cat.wasm")
        try shell.done("checkpoint", "create", "-w", "w", "@a")
        try shell.done("send", "-w", "w", "cat", "hello")
        try shell.done("send", "-w", "w", "cat", "there")
        try shell.until("it has answered") { try shell.done("logs", "-w", "w", "cat").text.contains("there") }
        if !running { try shell.done("halt", "-w", "w") }
        let table = try shell.done("checkpoint", "diff", "-w", "w", "@a", "-H", "-o", "change,kind,name").text
        #expect(table.hasPrefix("changed\tprocess\tcat\n") && table.contains("changed\tpages\tlog\n"), "\(table)")
        let pages = try shell.done("checkpoint", "diff", "-w", "w", "@a", "--pages", "-H", "-s", "id").text
        let log = try #require(pages.split(separator: "\n").first { $0.contains("\tlog\t") })
        let bytes = try shell.done(
            "checkpoint", "diff", "-w", "w", "@a", "--page", String(log.split(separator: "\t")[0]), "-H"
        ).text
        // A record's head, and the text behind it.
        #expect(bytes.contains("68 65 6c 6c 6f"), "\(bytes)")

        let until = ["at", "@a", "-w", "w", "--until", "logs cat matches ther"]
        let steps = try #require(UInt64(try shell.start(until).wait().text.dropLast()))
        let then = try shell.start(until + ["--", "logs", "cat"]).wait()
        #expect(then.text == "hello\nthere\n" && then.errorText.contains("--steps \(steps)"), "\(then.errorText)")
        let before = try shell.done("at", "@a", "-w", "w", "--steps", "\(steps - 1)", "--", "logs", "cat").text
        #expect(before == "hello\n")
        let json = try shell.start(until + ["--json"]).wait().json()
        #expect(json["schema"] == .text("keyvm.at") && json["steps"] == .number(Double(steps)))
    }

    /// A handle that a script keeps leads to its process, or nowhere.
    @Test(arguments: [false, true]) func aHandleOutlivesARollback(running: Bool) throws {
        let shell = try shell(running: running)
        func run(_ name: String) throws -> String {
            let made = try shell.done("run", "-w", "w", "--name", name, "--json", "cat.wasm").json()
            return try #require(made["handle"]?.text)
        }
        let first = try run("first")
        try shell.done("checkpoint", "create", "-w", "w", "@a")
        let second = try run("second")
        try shell.done("rollback", "-w", "w", "@a")
        _ = try run("third")
        try shell.done("send", "-w", "w", first, "hello")
        let refused = try shell.start(["send", "-w", "w", second, "hello"]).wait()
        #expect(refused.code == 3 && refused.errorText.contains("rolled back"), "\(refused.errorText)")
        #expect(try shell.done("inspect", "-w", "w", first, "--json").json()["name"] == .text("first"))
        #expect(try shell.done("inspect", "-w", "w", "third", "--json").json()["inputBytes"] == .number(0))
    }

    @Test(arguments: [false, true]) func whatIsKeptStaysAsItWasSaid(running: Bool) throws {
        let shell = try shell(running: running)
        for name in ["@a", "@b", "@c"] { try shell.done("checkpoint", "create", "-w", "w", name) }
        let held = try shell.done("checkpoint", "hold", "-w", "w", "@a", "@b", "--json").json()["items"]?.items
        #expect(held?.map { $0["held"] } == [.bool(true), .bool(true)])
        let refused = try shell.start(["checkpoint", "rm", "-w", "w", "@c", "@a"]).wait()
        #expect(refused.code == 4 && refused.errorText.contains("checkpoint release -w w @a"))
        #expect(try kept(shell) == ["a", "b"])
        try shell.done("checkpoint", "release", "-w", "w", "@a")
        try shell.done("checkpoint", "rm", "-w", "w", "@a")
        // Regular ones, two of them; each order is one.
        #expect(try shell.done("checkpoint", "set", "-w", "w", "keep=2", "-H").text == "keep\t2\nkeep-for\tnone\n")
        for _ in 0..<3 { try shell.done("checkpoint", "create", "-w", "w") }
        #expect(try kept(shell) == ["b", "-", "-"])
        #expect(try shell.done("checkpoint", "set", "-w", "w", "-H", "-p").text == "keep\t2\nkeep-for\tnone\n")
        if running {
            // All of it was durable when it was said.
            kill(try #require(try shell.hostProcess()), SIGKILL)
            try shell.until("the host is gone") {
                try shell.done("status", "-w", "w", "--json").json()["state"] == .text("crashed")
            }
            #expect(try kept(shell) == ["b", "-", "-"])
        }
        try shell.done("checkpoint", "set", "-w", "w", "keep=none")
        #expect(try kept(shell) == ["b"])
        #expect(try shell.done("fsck", "-w", "w", "--json").json()["problems"] == .list([]))
    }

    /// What a checkpoint keeps alone is what is given back with it.
    @Test(arguments: [false, true]) func tellsWhatEachTakes(running: Bool) throws {
        let shell = try shell(running: running)
        try shell.done("checkpoint", "create", "-w", "w", "@before")
        try shell.done("run", "-w", "w", "--name", "cat", "cat.wasm")
        try shell.done("checkpoint", "create", "-w", "w", "@after")
        let items = try shell.done("checkpoint", "ls", "-w", "w", "--json").json()["items"]?.items ?? []
        let before = try #require(items.first { $0["name"] == .text("before") })
        let after = try #require(items.first { $0["name"] == .text("after") })
        #expect((before["usedBytes"]?.number ?? 0) >= 4_096 && after["usedBytes"] == .number(0))
        #expect(items.first?["usedBytes"] == .null, "the first is not kept")
        let row = try shell.done("checkpoint", "ls", "-w", "w", "-H", "-p", "-o", "name,kept,used,held").text
        #expect(row.contains("@after\tyes\t0\tno\n"), "\(row)")
    }

    @Test(arguments: [false, true]) func aRollbackIsUndoneByAnother(running: Bool) throws {
        let shell = try shell(running: running)
        try shell.done("run", "-w", "w", "--name", "cat", "cat.wasm")
        try shell.done("checkpoint", "create", "-w", "w", "@with")
        let with = try shell.done("at", "@with", "-w", "w", "--", "hash", "-H").text
        try shell.done("kill", "-w", "w", "-y", "cat")
        try shell.done("rm", "-w", "w", "-y", "cat")
        let would = try shell.done("rollback", "-n", "-w", "w", "@with", "--json").json()
        #expect(would["left"] == .null && (would["pages"]?.number ?? 0) > 0)
        #expect(try shell.done("ps", "-w", "w", "-H").text.isEmpty, "nothing was done")
        let did = try shell.done("rollback", "-w", "w", "@with", "--json").json()
        #expect(did["left"]?["name"] == .text("before-rollback-1") && did["checkpoint"]?["name"] == .text("with"))
        #expect(try shell.done("ps", "-w", "w", "-H", "-o", "name").text == "cat\n")
        if !running { #expect(try shell.done("hash", "-w", "w", "-H").text == with) }
        // It lives: the process that was removed takes what it is sent.
        try shell.done("send", "-w", "w", "cat", "hello")
        if running {
            try shell.until("cat has written it") { try shell.done("logs", "-w", "w", "cat").text == "hello\n" }
        }
        try shell.done("checkpoint", "restore", "-w", "w", "@before-rollback-1")
        #expect(try shell.done("ps", "-w", "w", "-H").text.isEmpty)
        #expect(try shell.done("fsck", "-w", "w", "--json").json()["problems"] == .list([]))
        let names = try kept(shell)
        #expect(names == ["with", "before-rollback-1", "before-rollback-2"])
    }
}
