// The shell that lists and invokes the keys it was given: what a person at its console can do with them, and cannot.

import Foundation
import Testing
import World

@Suite struct ShellTests {
    /// A world with a bank of 40 pages, a counter, and a shell that holds keys to both, a number and a discrim.
    private static func make(_ scratch: Scratch) throws -> World {
        let world = try World.make(scratch)
        _ = try world.perform(.createBank(path: "root/g", BankTermsRequest(limitBytes: .limited(40 << 12))))
        try world.run(try Programs.example("counter"), name: "counter")
        try world.run(try Programs.example("shell"), name: "shell")
        for (register, key) in [(6, "discrim"), (7, "bank:root/g"), (8, "number:42"), (9, "start:counter/3")]
            as [(UInt64, String)]
        {
            _ = try world.perform(.grantKey(process: "shell", register: register, key: key))
        }
        return world
    }

    /// What the shell prints to these lines.
    static func say(_ lines: [String], _ world: World) throws -> [String] {
        let before = try world.output("shell")
        try world.send(lines.map { $0 + "\n" }.joined(), to: "shell", ends: false)
        try world.bootUntilIdle()
        let after = try world.output("shell")
        #expect(after.hasPrefix(before))
        return after.dropFirst(before.count).split(separator: "\n").map(String.init)
    }

    @Test func itListsWhatItWasGiven() throws {
        let scratch = try Scratch()
        let world = try Self.make(scratch)
        #expect(
            try Self.say(["keys"], world) == [
                " 0 device", " 1 device", " 2 device", " 3 device", " 4 device", " 5 device", " 6 discrim",
                " 7 bank rights 15", " 8 number", " 9 start",
            ])
        _ = try world.perform(.revokeKey(process: "shell", register: 6))
        #expect(try Self.say(["keys"], world) == ["register 6 holds no discrim key: void"])
        try world.close()
    }

    /// A purchase, what is kept in it, and what was passed on are there after a restart; the administrator sees them.
    @Test func itBuysKeepsAndCalls() throws {
        let scratch = try Scratch()
        var world = try Self.make(scratch)
        #expect(
            try Self.say(
                [
                    "call 8 1", "buy 7 page 20", "buy 7 node 21", "write 20 100 \"kept in a page", "store 21 5 20",
                    "weaken 21 6 22", "clear 20", "figures 7", "call 9 1 30 \"bread", "call 9 1 12",
                ], world) == [
                    "ok", "  words 42 0 0", "ok", "ok", "ok", "ok", "ok", "ok", "pages: 2 used, 38 left; cells: 1 used",
                    "ok",
                    "  words 30 0 0", "ok", "  words 42 0 0",
                ])
        let registers = try world.inspect("shell").registers.compactMap(\.key)
        #expect(registers.contains { $0.hasPrefix("node:") && $0.hasSuffix(":fetch") })
        #expect(registers.contains("bank:root/g"))
        #expect(try world.problems() == [])
        let hash = try world.hash()
        try world.close()
        world = try World.open(at: scratch.world, as: .host)
        #expect(try world.hash() == hash)
        #expect(
            try Self.say(
                [
                    "fetch 22 5 23", "read 23 100 14", "write 23 0 \"x", "store 22 5 6", "fetch 21 5 24", "sell 7 24",
                    "read 23 0 1",
                    "keys",
                ], world)
                == [
                    "ok", "kept in a page", "right", "right", "ok", "ok", "void", " 0 device", " 1 device", " 2 device",
                    " 3 device", " 4 device", " 5 device", " 6 discrim", " 7 bank rights 15", " 8 number", " 9 start",
                    "21 node rights 7", "22 node rights 1",
                ])
        #expect(try world.problems() == [])
        try world.close()
    }

    /// A bank of which a right is missing, or that is full, refuses, and the shell says so.
    @Test func itSaysWhatIsRefused() throws {
        let scratch = try Scratch()
        let world = try Self.make(scratch)
        _ = try world.perform(.grantKey(process: "shell", register: 10, key: "bank:root/g:query,destroy"))
        #expect(try world.inspect("shell").registers.compactMap(\.key).contains("bank:root/g:query,destroy"))
        #expect(
            try Self.say(
                [
                    "buy 10 page 20", "buy 7 number 20", "buy 7 page 32", "buy 7 page 300", "weaken 7 1 288",
                    "read 8 0 1",
                    "call 7 99", "call 031 1", "call 0x7 99", "call 18446744073709551616 0", "nonsense", "call",
                    "call 9 1 key=x", "buy 7 gold 20", "write 20 0", "call 31 0",
                    "copy 0 99",
                ], world) == [
                    "right", "value", "register", "register", "register", "order", "order", "void", "order",
                    "'call' is no command that way: help",
                    "'nonsense' is no command that way: help", "'call' is no command that way: help",
                    "'call' is no command that way: help", "'buy' is no command that way: help",
                    "'write' is no command that way: help", "void", "register",
                ])
        #expect(try Self.say([String](repeating: "buy 7 page 20", count: 41), world).count { $0 == "space" } == 1)
        #expect(try world.bank("root/g").pages == 40)
        // What is refused brings no key: nobody holds one any more to any of those that were bought.
        let unreachable = try world.unreachable()
        #expect(unreachable.count == 40 && unreachable.allSatisfy { $0.bank == "root/g" && $0.pages == 1 })
        #expect(try world.problems() == [])
        try world.close()
    }

    /// What was bought of a bank that the process has left is nobody's to take away but by that bank's keys.
    @Test func whatItBoughtStaysWhereItMovesAway() throws {
        let scratch = try Scratch()
        let world = try World.make(scratch)
        _ = try world.perform(.createBank(path: "root/o", BankTermsRequest()))
        try world.run(try Programs.example("shell"), name: "shell", limitBytes: 8 << 20)
        _ = try world.perform(.grantKey(process: "shell", register: 7, key: "bank:root/shell"))
        let bought = ["buy 7 page 20", "buy 7 node 21", "write 20 0 \"kept", "store 21 0 20"]
        #expect(try Self.say(bought, world) == ["ok", "ok", "ok", "ok"])
        _ = try world.perform(.moveProcess(process: "shell", bank: "root/o"))
        // A bank below it comes and goes, one way and the other.
        let rest = ["buy 7 bank 22", "call 22 8 0", "buy 7 bank 22", "call 22 8 1", "fetch 21 0 23", "read 23 0 4"]
        #expect(try Self.say(rest, world).filter { !$0.hasPrefix("  ") } == ["ok", "ok", "ok", "ok", "ok", "kept"])
        #expect(try world.problems() == [])
        _ = try world.perform(.kill(process: "shell"))
        _ = try world.perform(.remove(process: "shell"))
        #expect(try world.bank("root/shell").pages == 2)
        #expect(try world.problems() == [])
        try world.close()
    }

    /// Whoever buys and destroys does not get ahead of what is taken apart: what a bank may have is all that there is of it, but for a
    /// quantum's purchases.
    @Test func nobodyOutrunsDestruction() throws {
        let scratch = try Scratch()
        let world = try World.make(scratch)
        _ = try world.perform(.createBank(path: "root/g", BankTermsRequest(limitBytes: .limited(1 << 20))))
        try world.run(try Programs.c("outrun"), name: "outrun")
        _ = try world.perform(.grantKey(process: "outrun", register: 6, key: "bank:root/g"))
        var most: UInt64 = 0
        for _ in 0..<20 {
            try world.boot(steps: 2_000_000)
            let answer = try world.perform(.fsck)
            guard case .fsck(let found) = answer else { throw Asking.anotherAnswer(answer) }
            #expect(found.problems.isEmpty)
            most = max(most, found.pages)
        }
        #expect(try world.row("outrun").state == .ready)
        #expect((256...1_024).contains(most), "\(most) pages are there")
        try world.close()
    }

    /// What a program bought of a bank that was made for it goes with it.
    @Test(arguments: [3, 400]) func whatItBoughtGoesWithIt(pages: Int) throws {
        let scratch = try Scratch()
        let world = try World.make(scratch)
        // The kernel's own tables begin with the first process.
        try world.run(try Assembler.program(""), name: "first")
        try world.bootUntilIdle()
        _ = try world.perform(.remove(process: "first"))
        let before = try world.bank("root")
        try world.run(try Programs.example("shell"), name: "shell", limitBytes: 8 << 20)
        _ = try world.perform(.grantKey(process: "shell", register: 6, key: "discrim"))
        _ = try world.perform(.grantKey(process: "shell", register: 7, key: "bank:root/shell"))
        let lines = [String](repeating: "buy 7 page 20", count: pages) + ["buy 7 node 21", "store 21 0 20"]
        #expect(try Self.say(lines, world) == [String](repeating: "ok", count: pages + 2))
        _ = try world.perform(.kill(process: "shell"))
        _ = try world.perform(.remove(process: "shell"))
        #expect(try world.problems() == [])
        #expect(throws: WorldError.self) { try world.bank("root/shell") }
        try world.bootUntilIdle()
        #expect(try world.bank("root").pages == before.pages)
        #expect(try world.problems() == [])
        try world.close()
    }

    /// What a process key lets: another process is looked into, stopped, called by a key that it invites with, ended and removed.
    @Test func itGovernsAProcess() throws {
        let scratch = try Scratch()
        let world = try Self.make(scratch)
        try world.bootUntilIdle()
        _ = try world.perform(.grantKey(process: "shell", register: 10, key: "process:counter"))
        _ = try world.perform(.grantKey(process: "shell", register: 11, key: "process:counter:look,invite"))
        func states(_ lines: [String]) throws -> [String] {
            try Self.say(lines, world).map { String($0.prefix { $0 != ";" }) }
        }
        #expect(
            try states(["process 10", "stop 11", "stop 10", "process 11", "start 10", "process 10"])
                == ["process 1: waiting", "right", "ok", "process 1: stopped", "ok", "process 1: ready"])
        #expect(
            try states(["process 10", "invite 11 7 20", "call 20 1 30", "give 10 22 8", "take 11 22 21", "call 21 1"])
                == ["process 1: waiting", "ok", "ok", "  words 30 0 0", "ok", "ok", "ok", "  words 42 0 0"])
        // A page of its memory, by order 9.
        #expect(
            try Self.say(["call 10 9 2 0 0", "keys"], world).filter { $0.contains("page") }.count == 2)
        #expect(try world.inspect("shell").registers.compactMap(\.key).contains("process:counter:look,invite"))
        #expect(try world.problems() == [])
        #expect(
            try states(["end 10", "process 10", "call 20 1 1", "read 12 0 1", "remove 11", "remove 10", "process 10"])
                == ["ok", "process 1: exited, code 137", "void", "void", "right", "ok", "void"])
        #expect(try world.problems() == [])
        try world.close()
    }
}
