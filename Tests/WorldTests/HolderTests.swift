// Who holds what: every place that leads to an object, by which way, and the graph of it.

import Foundation
import Testing
import World

@Suite struct HolderTests {
    private static func holders(_ object: String, _ world: World, limit: Int = 100) throws -> HoldersAnswer {
        guard case .holders(let answer) = try world.perform(.holders(object: object, limit: limit)) else {
            throw Asking.anotherAnswer(.done)
        }
        return answer
    }

    private static func graph(_ request: GraphRequest, _ world: World) throws -> GraphAnswer {
        guard case .graph(let answer) = try world.perform(.graph(request)) else { throw Asking.anotherAnswer(.done) }
        return answer
    }

    private static func line(_ row: HolderAnswer) -> String {
        ([row.holder, row.place, row.key] + row.path.map { "via \($0.holder) \($0.place)" }).joined(separator: " ")
    }

    /// A counter, and a shell that holds keys to it and to a bank, and has bought two nodes, a page and a forwarder there.
    private static func make(_ scratch: Scratch) throws -> World {
        let world = try World.make(scratch)
        _ = try world.perform(.createBank(path: "root/g", BankTermsRequest(limitBytes: .limited(40 << 12))))
        try world.run(try Programs.example("counter"), name: "counter")
        try world.run(try Programs.example("shell"), name: "shell")
        for (register, key) in [
            (6, "discrim"), (7, "bank:root/g:allocate,query"), (8, "process:counter"), (9, "start:counter/3"),
        ] as [(UInt64, String)] {
            _ = try world.perform(.grantKey(process: "shell", register: register, key: key))
        }
        let said = try ShellTests.say(
            [
                "buy 7 node 20", "buy 7 node 21", "buy 7 page 22", "buy 7 forwarder 23", "store 20 4 8",
                "store 20 5 22",
                "weaken 20 4 24", "store 21 1 24", "call 23 2 key=9", "weaken 23 1 25",
            ], world)
        #expect(said.filter { !$0.hasPrefix(" ") } == Array(repeating: "ok", count: 10), "\(said)")
        return world
    }

    private static func slot(_ register: Int, _ world: World) throws -> String {
        let key = try #require(try world.inspect("shell").registers.first { $0.slot == register }?.key)
        return key.split(separator: ":").prefix(2).joined(separator: ":")
    }

    @Test func everyPlaceIsListedWithTheWayToIt() throws {
        let scratch = try Scratch()
        let world = try Self.make(scratch)
        let (node, page, forwarder) = (
            try Self.slot(20, world), try Self.slot(22, world), try Self.slot(23, world)
        )
        #expect(
            try Self.holders("counter", world).items.map(Self.line) == [
                "shell register 8 process:counter", "shell register 9 start:counter/3",
                "\(node) slot 4 process:counter via shell register 20",
                "\(forwarder) target start:counter/3 via shell register 23",
            ])
        let first = try Self.holders("counter", world, limit: 2)
        #expect(first.items.count == 2 && first.omitted == 2)
        #expect(
            try Self.holders("bank:root/g", world).items.map { "\($0.holder) \($0.place) \($0.rights)" } == [
                #"shell register 7 ["allocate", "query"]"#
            ])
        #expect(
            try Self.holders(page, world).items.map(Self.line) == [
                "shell register 22 \(page)", "\(node) slot 5 \(page) via shell register 20",
            ])
        // By the weak way alone what is there is weak, and what would lead to change is not there at all.
        _ = try ShellTests.say(["clear 20", "clear 22", "clear 24", "clear 8"], world)
        let other = try Self.slot(21, world)
        #expect(
            try Self.holders(page, world).items.map(Self.line) == [
                "\(node) slot 5 \(page):read via shell register 21 via \(other) slot 1"
            ])
        #expect(try Self.holders("process:counter", world).items.allSatisfy { $0.kind != "process" })
        // A way that is blocked is none, for who has no control.
        #expect(try ShellTests.say(["call 23 3", "clear 23"], world).filter { !$0.hasPrefix(" ") } == ["ok", "ok"])
        #expect(try Self.holders("counter", world).items.allSatisfy { $0.holder == "shell" })
        try world.close()
    }

    @Test func whatIsNoObjectIsRefused() throws {
        let scratch = try Scratch()
        let world = try Self.make(scratch)
        let wrong: [(String, WorldError.Code)] = [
            ("nobody", .noSuchThing), ("bank:root/x", .noSuchThing), ("meter:x", .noSuchThing), ("node:x", .usage),
            ("node:0/1", .noSuchThing), ("node:4398046511103/0", .noSuchThing), ("node:4398046511104/0", .usage),
            ("page:99999", .noSuchThing), ("start:nobody/7", .noSuchThing), ("page:-1", .usage),
            ("device:door", .usage), ("device:clock/shell", .usage),
            ("device:console-input", .usage), ("device:console-input/nobody", .noSuchThing), ("", .noSuchThing),
            (try Self.slot(20, world).replacing("node", with: "forwarder"), .noSuchThing),
        ]
        for (text, code) in wrong {
            let refusal = #expect(throws: WorldError.self, "\(text)") { try Self.holders(text, world) }
            #expect(refusal?.code == code, "\(text): \(refusal?.what ?? "")")
        }
        let texts = [
            "discrim", "checkpoint", "device:clock", "device:console-input/shell", "start:counter/3", "id:1",
            "process:id:1", "bank:root/g:allocate", "process:counter:look", "checkpoint:none",
        ]
        for text in texts {
            #expect(throws: Never.self) { try Self.holders(text, world) }
        }
        #expect(try Self.holders("device:clock", world).items.count == 2)
        try world.close()
    }

    @Test func theGraphHasBoxesAndArrows() throws {
        let scratch = try Scratch()
        let world = try Self.make(scratch)
        let whole = try Self.graph(GraphRequest(), world)
        func arrow(_ from: String, _ to: String, _ graph: GraphAnswer) -> GraphArrow? {
            graph.arrows.first { graph.boxes[$0.from].name == from && graph.boxes[$0.to].name == to }
        }
        #expect(!whole.isCollapsed && whole.boxes.map(\.id) == Array(whole.boxes.indices))
        #expect(
            whole.boxes.map(\.kind.rawValue).sorted() == [
                "bank", "forwarder", "node", "node", "page", "process", "process",
            ])
        #expect(
            arrow("shell", "counter", whole)?.texts == [
                "register 8: process look,change,run,invite,govern,memory", "register 9: start/3",
            ])
        #expect(arrow("shell", "root/g", whole)?.texts == ["register 7: bank allocate,query"])
        let few = try Self.graph(GraphRequest(boxes: 3), world)
        #expect(few.isCollapsed && few.boxes.map(\.name).sorted() == ["root", "root/g"])
        #expect(few.boxes.map(\.count).sorted() == [2, 5], "two processes; a bank, two nodes, a page and a forwarder")
        #expect(arrow("root", "root/g", few)?.count == 7)
        let around = try Self.graph(GraphRequest(around: "counter", steps: 1), world)
        #expect(around.boxes.filter { $0.kind == .process }.count == 2, "who holds keys to it is there")
        #expect(arrow("shell", "counter", around)?.count == 2 && arrow("shell", "root/g", around) == nil)
        try world.close()
    }

    /// Keys that a program has from the start; where one is none, no process is made.
    @Test func keysAreThereFromTheStart() throws {
        let scratch = try Scratch()
        var world = try World.make(scratch)
        try world.run(try Programs.example("counter"), name: "counter")
        let customer = Data(try Programs.example("customer"))
        func run(_ grants: [KeyGrant]) throws -> Answer {
            try world.perform(.run(RunRequest(module: customer, name: "me", defaultName: "me", grants: grants)))
        }
        let hash = try world.hash()
        for (grants, code) in [
            ([KeyGrant(register: 6, key: "start:counter/3"), KeyGrant(register: 32, key: "discrim")], 64),
            ([KeyGrant(register: 6, key: "discrim"), KeyGrant(register: 6, key: "checkpoint")], 64),
            ([KeyGrant(register: 6, key: "start:me/3")], 3), ([KeyGrant(register: 6, key: "door")], 64),
        ] {
            let refusal = #expect(throws: WorldError.self) { try run(grants) }
            #expect(refusal?.code.rawValue == code)
            #expect(try world.hash() == hash, "nothing has changed")
        }
        _ = try run([
            KeyGrant(register: 6, key: "start:counter/3"), KeyGrant(register: 5, key: "device:console-output"),
        ])
        #expect(
            try world.inspect("me").registers.suffix(2).compactMap(\.key) == [
                "device:console-output", "start:counter/3",
            ])
        try world.close()
        world = try World.open(at: scratch.world, as: .host)
        try world.send("7 bread\n", to: "me", ends: true)
        try world.bootUntilIdle()
        #expect(try world.output("counter") == "client 3: 7 for bread\n")
        try world.close()
    }

    /// Many nodes behind each other: of the way to each the first step is told and the last ones, and how many lie between.
    @Test func aLongWayIsToldInShort() throws {
        let scratch = try Scratch()
        let world = try World.make(scratch)
        _ = try world.perform(.createBank(path: "root/g", BankTermsRequest()))
        try world.run(try Programs.c("chain"), name: "chain", arguments: ["chain", "3000"])
        try world.run(try Programs.c("echo"), name: "target")
        for (register, key) in [(6, "bank:root/g"), (7, "start:target/5")] as [(UInt64, String)] {
            _ = try world.perform(.grantKey(process: "chain", register: register, key: key))
        }
        try world.bootUntilIdle()
        let answer = try Self.holders("target", world, limit: 4_000)
        let rows = answer.items.filter { $0.holder.hasPrefix("node:") }
        #expect(rows.count == 3_000 && answer.omitted == 0)
        let last = try #require(rows.last)
        #expect(last.path.count == 8 && last.omittedSteps == 3_000 - 8)
        #expect(last.path[0].holder == "chain" && last.path[0].place == "register 8")
        #expect(rows[7].path.count == 8 && rows[7].omittedSteps == 0 && rows[8].omittedSteps == 1)
        let refusal = #expect(throws: WorldError.self) { try Self.holders("target", world, limit: 50_001) }
        #expect(refusal?.code == .usage)
        // Who comes to it is drawn, each step once: as one box, for they are alike.
        let graph = try Self.graph(GraphRequest(around: "target", boxes: 100), world)
        #expect(graph.isCollapsed && graph.objects == 3_002)
        #expect(graph.boxes.first { $0.kind == .node }?.count == 3_000)
        try world.close()
    }

    /// What two processes hold of each other is drawn whichever of them is asked for, and each key once.
    @Test func aCircleIsDrawnWhole() throws {
        let scratch = try Scratch()
        let world = try World.make(scratch)
        for name in ["a", "b"] { try world.run(try Programs.c("echo"), name: name) }
        for (process, register, key) in [("a", 6, "start:b/1"), ("b", 6, "start:a/7"), ("b", 7, "process:a:look")]
            as [(String, UInt64, String)]
        {
            _ = try world.perform(.grantKey(process: process, register: register, key: key))
        }
        for steps in 1...3 {
            let graph = try Self.graph(GraphRequest(around: "a", steps: steps), world)
            #expect(graph.boxes.map(\.name) == ["a", "b"])
            let texts = graph.arrows.map { "\($0.from) \($0.to) \($0.texts.joined(separator: "; ")) \($0.count)" }
            #expect(
                texts.sorted() == ["0 1 register 6: start/1 1", "1 0 register 6: start/7; register 7: process look 2"],
                "\(steps)")
        }
        try world.close()
    }
}
