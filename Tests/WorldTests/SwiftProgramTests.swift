// Programs in Swift: every order of the kit, the loop of a server, a queue, a revocable front, and what a new project begins with.

import Foundation
import Testing
import World

@Suite struct SwiftProgramTests {
    private static func grant(_ world: World, _ process: String, _ keys: [(UInt64, String)]) throws {
        for (register, key) in keys {
            _ = try world.perform(.grantKey(process: process, register: register, key: key))
        }
    }

    /// What the registers of a process hold, as the administrator lists it, beyond what it is launched with.
    private static func keys(_ world: World, _ process: String) throws -> [String] {
        try world.inspect(process).registers.compactMap(\.key).filter { !$0.hasPrefix("device:") }
    }

    /// Runs a shell with a discrim key, and these.
    private static func addShell(_ world: World, _ name: String, _ keys: [(UInt64, String)]) throws {
        try world.run(try Programs.example("shell"), name: name)
        try grant(world, name, [(6, "discrim")] + keys)
    }

    /// What a shell prints to these lines, so far.
    private static func say(_ shell: String, _ lines: [String], _ world: World) throws -> [String] {
        let before = try world.output(shell)
        try world.send(lines.map { $0 + "\n" }.joined(), to: shell)
        try world.bootUntilIdle()
        return try Self.lines(world, shell, after: before)
    }

    private static func lines(_ world: World, _ process: String, after before: String = "") throws -> [String] {
        let output = try world.output(process)
        #expect(output.hasPrefix(before))
        return output.dropFirst(before.count).split(separator: "\n").map(String.init)
    }

    private static let nothing = ["ok", "  words 0 0 0"]

    // MARK: The kit

    @Test func theSmallestProgramSaysSomething() throws {
        let scratch = try Scratch()
        let world = try World.make(scratch)
        try world.run(try SwiftPrograms.example("hello"), name: "hello")
        try world.bootUntilIdle()
        #expect(try world.output("hello") == "hello from Swift\n")
        #expect(try world.row("hello").exitCode == 0)
        try world.close()
    }

    /// Each order is made, and each refusal that its function can have; the program itself says what is otherwise.
    @Test func everyOrderOfEveryKey() throws {
        let scratch = try Scratch()
        let world = try World.make(scratch)
        try world.run(try Programs.example("counter"), name: "counter")
        try world.run(
            try SwiftPrograms.test("orders"), name: "orders", arguments: ["orders", "x", "y z"],
            input: "first\n\na line that is longer than twenty bytes\nlast", inputEnds: true)
        try Self.grant(
            world, "orders",
            [
                (6, "bank:root"), (7, "meter:root"), (8, "discrim"), (9, "process:orders"), (10, "process:counter"),
                (12, "number:42"), (13, "start:counter/5"), (14, "checkpoint"),
            ])
        try world.bootUntilIdle()
        let said = try Self.lines(world, "orders").filter { !$0.hasPrefix("....") }
        #expect(said.filter { $0.hasPrefix("failed") } == [])
        #expect(said.last?.hasSuffix(" facts, 0 failed") == true, "\(said)")
        #expect(try world.row("orders").exitCode == 0)
        #expect(try world.output("orders", .stderr) == "to the error\n")
        #expect(try world.problems() == [])
        try world.close()
    }

    /// What came with an order is gone when it is answered, but for what the server moved elsewhere.
    @Test func aServerKeepsNothingOfItsClients() throws {
        let scratch = try Scratch()
        var world = try World.make(scratch)
        try world.run(try SwiftPrograms.test("serves"), name: "serves")
        try Self.grant(world, "serves", [(6, "number:6")])
        let given = [(7, "start:serves/3"), (20, "number:5"), (21, "number:55")] as [(UInt64, String)]
        try Self.addShell(world, "a", given)
        try Self.addShell(world, "b", given)
        func expectNothingKept() throws { #expect(try Self.keys(world, "serves") == ["number:6"]) }

        #expect(
            try Self.say("a", ["call 7 1 key=20 key=21 key=21 \"abcdefghijkl"], world) == [
                "ok", "  words 3 1 0", "  bytes 8 abcdefgh", "  number in register 12", "  number in register 13",
            ])
        #expect(
            try Self.keys(world, "a").filter { $0.hasPrefix("number") }.sorted() == [
                "number:5", "number:5", "number:55", "number:55",
            ])
        try expectNothingKept()
        #expect(try Self.say("a", ["send 7 1 key=20 key=20 key=21 key=21", "send 7 2"], world) == ["ok", "ok"])
        try expectNothingKept()
        #expect(
            try Self.say("a", ["call 7 2"], world) == Self.nothing + [
                "  number in register 12", "  number in register 13",
            ])
        try expectNothingKept()
        #expect(try Self.say("a", ["call 7 3"], world) == ["void"], "nobody can answer any more")
        #expect(
            try Self.say("a", ["call 7 7 \"1234567890", "call 7 77", "call 7 9"], world) == [
                "ok", "  words 10 8 0", "code 77", "  words 0 0 0", "value",
            ])

        // One who is answered later, by another's order; and a world that was closed meanwhile.
        for (order, answer) in [
            ("5 key=20", ["ok", "  words 99 0 0", "  number in register 12"]), ("6", ["code 17", "  words 0 0 0"]),
        ] {
            let before = try world.output("a")
            #expect(try Self.say("a", ["call 7 4"], world) == [])
            #expect(try Self.keys(world, "serves").contains("resume:a"))
            try world.close()
            world = try World.open(at: scratch.world, as: .host)
            #expect(
                try Self.say("b", ["call 7 \(order)", "call 7 \(order)"], world) == ["ok", "  words 1 0 0"]
                    + Self.nothing)
            #expect(try Self.lines(world, "a", after: before) == answer)
            try expectNothingKept()
        }
        let before = try world.output("a")
        #expect(try Self.say("a", ["call 7 8"], world) == [])
        #expect(
            try Self.say("b", ["call 7 77 key=20 \"123456"], world) == [
                "ok", "  words 77 4 0", "  number in register 12",
            ])
        #expect(try Self.lines(world, "a", after: before) == ["ok", "  words 6 0 0"])
        try expectNothingKept()
        #expect(try world.problems() == [])
        try world.close()
    }

    /// A project that is new counts for its clients, and goes on counting in a world that was closed.
    @Test func aNewProjectCounts() throws {
        let scratch = try Scratch()
        var world = try World.make(scratch)
        let module = try SwiftPrograms.project()
        try world.run(module, name: "server")
        for (badge, name) in [(1, "ann"), (2, "bob")] {
            try world.run(module, name: name, arguments: [name, "client"])
            try Self.grant(world, name, [(6, "start:server/\(badge)")])
        }
        try world.send("30\n", to: "ann")
        try world.send("5\n", to: "bob")
        try world.bootUntilIdle()
        try world.close()
        world = try World.open(at: scratch.world, as: .host)
        try world.send("12", to: "ann", ends: true)
        try world.bootUntilIdle()
        #expect(try world.output("ann") == "30 so far\n42 so far\n")
        #expect(try world.output("bob") == "5 so far\n")
        #expect(
            try Self.lines(world, "server").dropFirst().sorted() == [
                "client 1 adds 12", "client 1 adds 30", "client 2 adds 5",
            ])
        #expect(try world.row("ann").exitCode == 0)
        #expect(try world.problems() == [])
        try world.close()
    }

    // MARK: A queue

    /// A queue, and shells: `p1` and `p2` put, `t1` and `t2` take, `m` does both.
    private static func makeQueue(_ scratch: Scratch, arguments: [String] = ["queue"]) throws -> World {
        let world = try World.make(scratch)
        _ = try world.perform(.createBank(path: "root/q", BankTermsRequest(limitBytes: .limited(100 << 12))))
        try world.run(try SwiftPrograms.example("queue"), name: "queue", arguments: arguments)
        try grant(world, "queue", [(6, "bank:root/q"), (7, "discrim")])
        for (name, badge) in [("p1", 1), ("p2", 2), ("t1", 40_000), ("t2", 40_001), ("m", 0)] {
            try addShell(world, name, [(7, "start:queue/\(badge)"), (20, "number:77")])
        }
        return world
    }

    @Test func whatIsPutIsTakenInOrder() throws {
        let scratch = try Scratch()
        var world = try Self.makeQueue(scratch)
        #expect(
            try Self.say("p1", ["call 7 1 5 key=20 \"bread", "call 7 1 6", "call 7 2", "call 7 9"], world) == [
                "ok", "  words 1 0 0", "ok", "  words 2 0 0", "right", "order",
            ])
        #expect(
            try Self.say("p2", ["call 7 1 7 \"tea", "call 7 3"], world) == [
                "ok", "  words 3 0 0", "ok", "  words 3 0 1",
            ])
        try world.close()
        world = try World.open(at: scratch.world, as: .host)
        #expect(
            try Self.say("t1", ["call 7 1 5", "call 7 2", "call 12 1", "call 7 2"], world) == [
                "right", "ok", "  words 5 1 0", "  bytes 5 bread", "  number in register 12", "ok", "  words 77 0 0",
                "ok", "  words 6 1 0",
            ])
        #expect(
            try Self.say("m", ["call 7 2", "call 7 3"], world) == ["ok", "  words 7 2 0", "  bytes 3 tea"]
                + Self.nothing)
        #expect(!(try Self.keys(world, "queue").contains { $0.hasPrefix("number") || $0.hasPrefix("resume") }))
        #expect(try world.problems() == [])
        try world.close()
    }

    /// Who takes where nothing is waits, and is answered in turn; who has ended meanwhile is passed over, and nothing is lost.
    @Test func whoTakesWaits() throws {
        let scratch = try Scratch()
        var world = try Self.makeQueue(scratch)
        for taker in ["t1", "t2", "m"] { #expect(try Self.say(taker, ["call 7 2"], world) == []) }
        #expect(try Self.say("p2", ["call 7 3"], world) == ["ok", "  words 0 3 0"])
        try world.close()
        world = try World.open(at: scratch.world, as: .host)
        _ = try world.perform(.kill(process: "t2"))
        #expect(
            try Self.say("p1", ["call 7 1 11 key=20 \"first", "call 7 1 12", "call 7 1 13"], world) == Self.nothing
                + Self.nothing + ["ok", "  words 1 0 0"])
        #expect(
            try Self.lines(world, "t1") == ["ok", "  words 11 1 0", "  bytes 5 first", "  number in register 12"])
        #expect(try Self.lines(world, "m") == ["ok", "  words 12 1 0"])
        #expect(try Self.say("t1", ["call 12 1", "call 7 2"], world).suffix(2) == ["ok", "  words 13 1 0"])
        #expect(!(try Self.keys(world, "queue").contains { $0.hasPrefix("number") || $0.hasPrefix("resume") }))
        #expect(try world.problems() == [])
        try world.close()
    }

    /// Each client has so many places and no more; what is only sent takes nothing; what is wrong is refused.
    @Test func nobodyFillsItForTheOthers() throws {
        let scratch = try Scratch()
        let world = try Self.makeQueue(scratch, arguments: ["queue", "3"])
        let refusal = ["code 4001", "  words 0 0 0"]
        #expect(
            try Self.say("p1", (1...4).map { "call 7 1 \($0)" } + ["send 7 1 9"], world) == [
                "ok", "  words 1 0 0", "ok", "  words 2 0 0", "ok", "  words 3 0 0",
            ] + refusal + ["ok"])
        let long = String(repeating: "x", count: 1_025)
        #expect(
            try Self.say("p2", ["call 7 1 1 \"\(long)", "call 7 1 1 \"\(long.dropFirst())"], world) == [
                "value", "ok", "  words 4 0 0",
            ])
        #expect(try Self.say("m", ["send 7 2", "call 7 3"], world) == ["ok", "ok", "  words 4 0 0"])
        #expect(try Self.say("t1", ["call 7 2"], world) == ["ok", "  words 1 1 0"])
        #expect(try Self.say("p1", ["call 7 1 5", "call 7 1 6"], world) == ["ok", "  words 4 0 0"] + refusal)
        // So many takes wait, and those of clients that have ended take no place.
        #expect(try Self.say("t1", Array(repeating: "call 7 2", count: 4), world).filter { $0 == "ok" }.count == 4)
        #expect(try Self.say("m", ["call 7 3"], world) == Self.nothing)
        for name in ["u1", "u2", "u3", "u4", "u5"] {
            try Self.addShell(world, name, [(7, "start:queue/50000")])
            let said = try Self.say(name, ["call 7 2"], world)
            #expect(said == (name == "u4" ? refusal : []), "\(name)")
            if name == "u4" { _ = try world.perform(.kill(process: "u2")) }
        }
        #expect(try Self.say("m", ["call 7 3"], world) == ["ok", "  words 0 3 0"])
        #expect(
            try Self.say("p1", ["call 7 1 1", "call 7 1 2", "call 7 1 3", "call 7 3"], world)
                == Array([[String]](repeating: Self.nothing, count: 4).joined()))
        for name in ["u1", "u3", "u5"] { #expect(try Self.lines(world, name).first == "ok") }
        #expect(try world.problems() == [])
        try world.close()
    }

    /// A hundred clients, of whom half put and half take: each entry is taken once, and what one puts in the order in which it was put.
    @Test func aHundredClients() throws {
        let scratch = try Scratch()
        let world = try World.make(scratch)
        _ = try world.perform(.createBank(path: "root/q", BankTermsRequest(limitBytes: .limited(100 << 12))))
        try world.run(try SwiftPrograms.example("queue"), name: "queue", arguments: ["queue"])
        try Self.grant(world, "queue", [(6, "bank:root/q"), (7, "discrim")])
        for number in 1...50 {
            try world.run(try Programs.c("crowd"), name: "p\(number)", arguments: ["p", "put", "12"])
            try Self.grant(world, "p\(number)", [(6, "start:queue/\(number)")])
            try world.run(try Programs.c("crowd"), name: "t\(number)", arguments: ["t", "take", "12"])
            try Self.grant(world, "t\(number)", [(6, "start:queue/\(32_767 + number)")])
        }
        try world.bootUntilIdle()
        var taken: Set<String> = []
        for number in 1...50 {
            let lines = try Self.lines(world, "t\(number)")
            #expect(lines.count == 12)
            taken.formUnion(lines)
            var last: [Substring: Int] = [:]
            for line in lines {
                let fields = line.split(separator: " ")
                let entry = try #require(Int(fields[1]))
                #expect(entry > last[fields[0], default: 0])
                last[fields[0]] = entry
            }
            #expect(try world.row("p\(number)").exitCode == 0 && world.row("t\(number)").exitCode == 0)
        }
        #expect(taken == Set((1...50).flatMap { badge in (1...12).map { "\(badge) \($0)" } }))
        #expect(try world.problems() == [])
        try world.close()
    }

    @Test func aQueueWithoutABankSaysSo() throws {
        let scratch = try Scratch()
        let world = try World.make(scratch)
        try world.run(try SwiftPrograms.example("queue"), name: "queue", arguments: ["queue"])
        try world.run(try SwiftPrograms.example("queue"), name: "wrong", arguments: ["queue", "many"])
        try world.bootUntilIdle()
        #expect(try world.output("queue") == "register 6 is to hold a bank that sells 17 nodes: void\n")
        #expect(try world.row("queue").exitCode == 1 && world.row("wrong").exitCode == 64)
        try world.close()
    }

    // MARK: A front

    /// A front whose manager is the shell `m` with process keys to the clients `a` and `b`.
    private static func makeFront(_ scratch: Scratch) throws -> World {
        let world = try World.make(scratch)
        _ = try world.perform(.createBank(path: "root/f", BankTermsRequest(limitBytes: .limited(100 << 12))))
        try world.run(try SwiftPrograms.example("front"), name: "front", arguments: ["front"])
        try addShell(world, "a", [(7, "start:front/1")])
        try addShell(world, "b", [])
        try addShell(world, "m", [(7, "start:front"), (8, "process:a"), (9, "process:b")])
        return world
    }

    /// What the clients have to a call of the counter through the front, which adds nothing.
    private static func answers(_ world: World) throws -> [String?] {
        try ["a", "b"].map { try say($0, ["call 20 1"], world).first }
    }

    @Test func whatWasGivenIsTakenBack() throws {
        let scratch = try Scratch()
        var world = try Self.makeFront(scratch)
        try world.run(try Programs.example("counter"), name: "counter")
        try Self.grant(world, "front", [(6, "start:counter/9"), (7, "bank:root/f")])
        #expect(
            try Self.say("a", ["call 7 1 1", "call 7 2 0 1", "call 7 5", "call 7 9"], world)
                == Array(repeating: "right", count: 4))
        let gave = Self.nothing + ["  forwarder in register 12", "ok"]
        #expect(
            try Self.say("m", ["call 7 1 100", "give 8 20 12", "call 7 1 200", "give 9 20 12"], world) == gave + gave)
        #expect(
            try Self.say("a", ["call 20 1 3 \"x", "call 20 1 4"], world) == [
                "ok", "  words 3 0 0", "ok", "  words 7 0 0",
            ])
        #expect(try world.output("counter").hasPrefix("client 9: 3 for x\n"), "it has the target's badge")

        let rounds: [(order: String, answers: [String])] = [
            ("2 100", ["void", "ok"]), ("2 100", ["void", "ok"]), ("2 0 1", ["void", "void"]),
            ("3 200", ["void", "void"]),
            ("3 0 1", ["void", "ok"]), ("3 100", ["ok", "ok"]), ("4 200", ["ok", "void"]),
        ]
        for (order, answers) in rounds {
            #expect(try Self.say("m", ["call 7 \(order)"], world) == Self.nothing, "\(order)")
            #expect(try Self.answers(world) == answers, "after \(order)")
            try world.close()
            world = try World.open(at: scratch.world, as: .host)
        }
        let codes = try Self.say(
            "m", ["call 7 1 100", "call 7 2 5", "call 7 3 5", "call 7 4 200", "call 7 2 0 2", "call 7 9"], world)
        #expect(
            codes.filter { !$0.hasPrefix(" ") } == [
                "code 5001", "code 5002", "code 5002", "code 5002", "value", "order",
            ])
        #expect(try Self.answers(world) == ["ok", "void"])
        #expect(
            try Self.keys(world, "front").filter { $0.hasPrefix("forwarder") }.count == 2, "both to the common one")
        #expect(try world.problems() == [])
        try world.close()
    }

    /// What a hundred clients were given is listed, and every node and forwarder is sold when all are dropped.
    @Test func nothingIsLeftOfAHundred() throws {
        let scratch = try Scratch()
        let world = try Self.makeFront(scratch)
        try world.run(try Programs.example("counter"), name: "counter")
        try Self.grant(world, "front", [(6, "start:counter/9"), (7, "bank:root/f")])
        try Self.grant(world, "m", [(10, "bank:root/f")])
        try world.bootUntilIdle()
        func cells() throws -> String? {
            try Self.say("m", ["figures 10"], world).first?.split(separator: " ").suffix(2).first.map(String.init)
        }
        #expect(try cells() == "2")
        _ = try Self.say("m", (1...100).map { "call 7 1 \($0)" }, world)
        #expect(try cells() == "106")
        #expect(
            try Self.say("m", ["call 7 5", "call 7 5 98", "call 7 5 1000"], world).filter {
                !$0.hasPrefix("  bytes 1600")
            }.map { $0.prefix(10) } == [
                "ok", "  words 10", "ok", "  words 10", "  bytes 32", "ok", "  words 10",
            ])
        _ = try Self.say("m", (1...100).filter { !$0.isMultiple(of: 10) }.map { "call 7 4 \($0)" }, world)
        #expect(try cells() == "16")
        #expect(
            try Self.say("m", ["call 7 1 7", "call 7 4 0 1", "call 7 5"], world) == Self.nothing + [
                "  forwarder in register 12"
            ] + Self.nothing + Self.nothing)
        #expect(try cells() == "2")
        #expect(try world.unreachable().isEmpty && world.problems().isEmpty)
        try world.close()
    }

    /// Who stands in the target's queue when its key is taken back is not served; who was delivered before is.
    @Test func whoIsQueuedIsLetDown() throws {
        let scratch = try Scratch()
        let world = try Self.makeFront(scratch)
        _ = try world.perform(.createBank(path: "root/q", BankTermsRequest()))
        try world.run(try SwiftPrograms.example("queue"), name: "queue", arguments: ["queue"])
        try Self.grant(world, "queue", [(6, "bank:root/q"), (7, "discrim")])
        try world.run(try Programs.c("relay"), name: "relay")
        try Self.grant(world, "relay", [(6, "start:queue")])
        try Self.grant(world, "front", [(6, "start:relay"), (7, "bank:root/f")])
        try Self.grant(world, "m", [(10, "start:queue")])
        _ = try Self.say("m", ["call 7 1 100", "give 8 20 12", "call 7 1 200", "give 9 20 12"], world)
        for order in ["2 0 1", "4 0 1"] {
            var before: [String: String] = [:]
            for client in ["a", "b"] {
                before[client] = try world.output(client)
                #expect(try Self.say(client, ["call 20 2"], world) == [])
            }
            #expect(try Self.say("m", ["call 7 \(order)", "call 10 1 33"], world) == Self.nothing + Self.nothing)
            #expect(try Self.lines(world, "a", after: before["a", default: ""]) == ["ok", "  words 33 0 0"])
            #expect(try Self.lines(world, "b", after: before["b", default: ""]) == ["void"])
            _ = try Self.say("m", ["call 7 3 0 1"], world)
        }
        #expect(try world.problems() == [])
        try world.close()
    }
}
