// backup, restore, fork: on running, halted and crashed worlds, through files and pipes, and on wrong input.

import FoundationEssentials
import Glibc
import Testing

@Suite struct BackupVerbsTests {
    private func hash(_ shell: Shell, _ world: String) throws -> String {
        try #require(try shell.done("hash", "-w", world, "--json").json()["hash"]?.text)
    }

    @Test func aWorldComesBackFromItsBackup() throws {
        let shell = try Shell()
        try shell.done("init", "w")
        try shell.done("boot", "-w", "w", "--detach", "--every", "600s")
        try shell.done("run", "-w", "w", "--name", "cat", "cat.wasm")
        try shell.done("checkpoint", "create", "-w", "w", "@a")
        let whole = try shell.done("backup", "-w", "w", "--at", "@a", "whole.kvb", "--json").json()
        #expect(whole["schema"] == .text("keyvm.backup") && whole["name"] == .text("a") && whole["since"] == .null)
        try shell.done("restore", "whole.kvb", "copy")
        #expect(
            try hash(shell, "copy") == shell.done("at", "@a", "-w", "w", "--json", "--", "hash").json()["hash"]?.text)

        // What was acknowledged is in it, of a host that runs, of a world that crashed, and of one that was halted.
        for (number, condition) in ["running", "crashed", "halted"].enumerated() {
            if try shell.hostProcess() == nil {
                try shell.done("boot", "-w", "w", "--detach", "--every", "600s")
            }
            try shell.done("send", "-w", "w", "cat", condition)
            if condition == "crashed" {
                kill(try #require(try shell.hostProcess()), SIGKILL)
                try shell.until("it is gone") { try shell.hostProcess() == nil }
            }
            if condition == "halted" { try shell.done("halt", "-w", "w") }
            try shell.done("backup", "-w", "w", "--since", "@a", "difference.kvb")
            try shell.done("restore", "difference.kvb", "copy")
            // Through a pipe, on another folder.
            let piped = try shell.sh("$KEYVM backup -w w - | $KEYVM restore - p\(number)")
            #expect(piped.code == 0, "\(piped.errorText)")
            #expect(try hash(shell, "copy") == hash(shell, "p\(number)"))
            try shell.done("boot", "-w", "p\(number)", "--until-idle")
            #expect(try shell.done("logs", "-w", "p\(number)", "cat").text.contains("\(condition)\n"))
        }
        #expect(try hash(shell, "copy") == hash(shell, "w"))
        let files = try shell.sh("ls").text
        #expect(!files.contains(".new-"), "\(files)")
    }

    @Test func whatIsNoBackupIsSaidInThreeLines() throws {
        let shell = try Shell()
        try shell.done("init", "w")
        try shell.done("checkpoint", "create", "-w", "w", "@a")
        try shell.done("backup", "-w", "w", "b.kvb")
        _ = try shell.sh(
            """
            ln -s w/store.mdb link.kvb
            head -c 300 b.kvb > cut.kvb; cp b.kvb changed.kvb; printf x | dd of=changed.kvb bs=1 seek=500 conv=notrunc
            cat b.kvb b.kvb > twice.kvb; echo hello > text.kvb; : > empty.kvb; mkdir folder
            """)
        let wrong: [([String], Int32, String)] = [
            (["restore", "cut.kvb", "c"], 8, "it ends at byte 300"), (["restore", "changed.kvb", "c"], 8, "at byte"),
            (["restore", "twice.kvb", "c"], 8, "goes on behind its end"),
            (["restore", "text.kvb", "c"], 8, "does not begin"),
            (["restore", "empty.kvb", "c"], 8, "does not begin"), (["restore", "none.kvb", "c"], 3, "No such file"),
            (["restore", "folder", "c"], 64, "is a folder"),
            (["restore", "b.kvb", "w"], 1, "is not an empty directory"),
            (["restore", "b.kvb", "no/such/c"], 3, "does not exist"),
            (["restore", "b.kvb", "x", "-w", "y"], 64, "two folders"),
            (["backup", "-w", "none", "x.kvb"], 3, "does not exist"),
            (["backup", "-w", "w", "folder"], 64, "is a folder"),
            (["backup", "-w", "w", "no/such/x.kvb"], 3, "No such file"),
            (["backup", "-w", "w", "--level", "20", "x.kvb"], 64, "1 to 19"),
            (["backup", "-w", "w", "w/store.mdb"], 64, "lies in w"),
            (["backup", "-w", "w", "w/x.kvb"], 64, "lies in w"),
            (["backup", "-w", "w", "link.kvb"], 64, "lies in w"),
            (["fork", "-w", "w", "@none", "w/in"], 64, "lies in w"),
            (["fork", "-w", "w", "@a", "no/such/f"], 3, "does not exist"),
            (["backup", "-w", "w", "--since", "@none", "x.kvb"], 3, "kept are"),
            (["fork", "-w", "w", "@none", "x"], 3, "kept are"),
        ]
        for (words, code, why) in wrong {
            let ran = try shell.start(words).wait()
            #expect(ran.code == code && ran.errorText.contains(why), "\(words): \(ran.code) \(ran.errorText)")
            #expect(ran.errorText.split(separator: "\n").count == 3, "\(ran.errorText)")
        }
        #expect(try shell.sh("ls -d c x x.kvb no *.new-* 2>/dev/null").text.isEmpty)
        // A full disk leaves nothing, and says so; a device is written to as it is.
        let full = try shell.start(["backup", "-w", "w", "/dev/full"]).wait()
        #expect(full.code == 1 && full.errorText.contains("disk full"), "\(full.errorText)")
        try shell.done("backup", "-w", "w", "/dev/null")
        try shell.done("restore", "b.kvb", "c")
    }

    /// A backup that is replaced is whole or the one before.
    @Test func aSignalLeavesNothing() throws {
        let shell = try Shell()
        try shell.done("init", "w")
        try shell.done("run", "-w", "w", "fill.wasm")
        try shell.done("boot", "-w", "w", "--steps", "1M")
        try shell.write(Array("before".utf8), to: "b.kvb")
        // A pipe that nobody empties: it is interrupted in the middle.
        let ran = try shell.sh(
            """
            mkfifo pipe; sleep 100 < pipe & reader=$!
            $KEYVM backup -w w --level 19 b.kvb & backup=$!; while ! ls b.kvb.new-* >/dev/null 2>&1; do kill -0 $backup || break; done
            kill -INT $backup; wait $backup; echo $? > code; kill $reader; ls
            """)
        let code = try shell.contents(of: "code")
        // It may have been done first.
        let said = try shell.contents(of: "b.kvb")
        #expect(code == "130\n" && said == "before" || code == "0\n" && said.hasPrefix("KEYVMBAK"), "\(code)")
        #expect(!ran.text.contains(".new-"))
    }

    /// Whoever takes a backup may go away in the middle of it, and the world runs on and answers.
    @Test(.timeLimit(.minutes(2))) func aClientThatLeavesHarmsNothing() throws {
        let shell = try Shell()
        // 16 MiB of random bytes: many pieces.
        try shell.write(
            Array(
                """
                (module (import "wasi_snapshot_preview1" "random_get" (func $r (param i32 i32) (result i32)))
                  (memory (export "memory") 256)
                  (func (export "_start") (local $i i32)
                    (loop $l (drop (call $r (local.get $i) (i32.const 65536)))
                      (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 65536))) (i32.const 16777216))))
                    (loop $e (br $e))))
                """.utf8), to: "random.wat")
        try shell.done("init", "w")
        try shell.done("run", "-w", "w", "--name", "random", "random.wat")
        try shell.done("boot", "-w", "w", "--detach", "--every", "600s")
        try shell.until("it has drawn") {
            try shell.done("bank", "show", "-w", "w", "root", "--json").json()["pages"]?.number ?? 0 > 4_096
        }
        try shell.done("checkpoint", "create", "-w", "w", "@a")
        let host = try #require(try shell.hostProcess())
        for line in [
            "$KEYVM backup -w w - | head -c 10 > /dev/null", "$KEYVM backup -w w /dev/full",
            "$KEYVM backup -w w - | head -c 3000000 > /dev/null",
            // One that waits for another, and leaves before its turn.
            "$KEYVM backup -w w - > one & sleep 0.05; $KEYVM backup -w w x.kvb & second=$!; sleep 0.05; kill -9 $second; wait",
            "$KEYVM backup -w w x.kvb & sleep 0.2; kill -9 $!; wait",
        ] {
            _ = try shell.sh(line)
            #expect(try shell.done("at", "@a", "-w", "w", "--", "ps", "-H", "-o", "name").text == "random\n", "\(line)")
            #expect(try shell.hostProcess() == host, "\(line)")
        }
        // A halt beside one that nobody takes.
        _ = try shell.sh(
            """
            mkfifo pipe; sleep 100 < pipe & reader=$!; $KEYVM backup -w w - > pipe 2> said & backup=$!; sleep 0.5
            $KEYVM halt -w w; echo $? > code; kill $reader; wait $backup; kill -0 $reader 2>/dev/null
            """)
        #expect(try shell.contents(of: "code") == "0\n")
        #expect(try shell.done("status", "-w", "w", "--json").json()["state"] == .text("halted"))
        try shell.done("restore", "one", "copy")
        #expect(try shell.done("fsck", "-w", "copy", "--json").json()["problems"] == .list([]))
    }
}
