// Programs that keep others: a supervisor that begins anew what faults, and a warden whose library does what it likes and harms nobody.

import Foundation
import Testing
import World

@Suite struct KeeperProgramTests {
    private static func grant(_ world: World, _ process: String, _ keys: [(UInt64, String)]) throws {
        for (register, key) in keys {
            _ = try world.perform(.grantKey(process: process, register: register, key: key))
        }
    }

    /// A shell, which calls what is in register 7.
    private static func addShell(_ world: World, calling name: String) throws {
        try world.run(try Programs.example("shell"), name: "shell")
        try grant(world, "shell", [(6, "discrim"), (7, "start:\(name)")])
    }

    // MARK: A library of its own

    /// The caller has what the library answers, or what it did instead, and lives; so does the library, from its beginning.
    @Test func aLibraryInAProcessOfItsOwn() throws {
        let scratch = try Scratch()
        var world = try World.make(scratch)
        _ = try world.perform(.createBank(path: "root/g", BankTermsRequest(limitBytes: .limited(400 << 12))))
        try world.run(try Programs.example("unruly"), name: "model")
        try world.run(try Programs.example("warden"), name: "warden", arguments: ["warden", "2000000", "64"])
        try Self.grant(
            world, "warden", [(6, "bank:root/g"), (7, "meter:root"), (8, "process:model:look"), (9, "process:warden")])
        try Self.addShell(world, calling: "warden")
        let words = "  words"
        #expect(
            try ShellTests.say(["call 7 1 41", "call 7 1 1"], world) == [
                "ok", "\(words) 42 0 0", "ok", "\(words) 2 0 0",
            ])
        for (order, answer) in [(2, "code 1003"), (3, "code 1002"), (4, "code 1001"), (5, "code 1001")] {
            let said = try ShellTests.say(["call 7 \(order)", "call 7 1 \(order)"], world)
            #expect(said[0] == answer, "order \(order)")
            #expect(said.suffix(2) == ["ok", "\(words) \(order + 1) 0 0"], "it is there again: \(said)")
            #expect(try world.problems() == [])
            try world.close()
            world = try World.open(at: scratch.world, as: .host)
        }
        #expect(try world.row("warden").state == .waiting && world.row("model").state == .waiting)
        #expect(try world.output("warden") == "")
        try world.close()
    }

    // MARK: A supervisor

    /// What faults is begun anew, so often; what another does is not its affair.
    @Test func aSupervisorBeginsAnewWhatFaults() throws {
        let scratch = try Scratch()
        var world = try World.make(scratch)
        for name in ["first", "second"] { try world.run(try Programs.example("unruly"), name: name) }
        try world.run(try Programs.example("supervisor"), name: "supervisor", arguments: ["supervisor", "2"])
        try Self.grant(world, "supervisor", [(6, "process:supervisor"), (7, "process:first"), (9, "process:second")])
        try Self.addShell(world, calling: "first")
        try Self.grant(world, "shell", [(8, "start:second")])
        #expect(try ShellTests.say(["call 7 1 1"], world) == ["ok", "  words 2 0 0"])
        let id = try world.row("first").id
        for _ in 0..<2 {
            #expect(try ShellTests.say(["call 7 4", "call 7 1 1"], world) == ["void", "ok", "  words 2 0 0"])
        }
        try world.close()
        world = try World.open(at: scratch.world, as: .host)
        #expect(try ShellTests.say(["call 7 4", "call 7 1 1"], world) == ["void", "void"], "it is left as it is")
        #expect(try ShellTests.say(["call 8 5", "call 8 1 7"], world) == ["void", "ok", "  words 8 0 0"])
        let lines = try world.output("supervisor").split(separator: "\n").map(String.init)
        #expect(
            try lines == [
                "keeps 2", "process \(id) trapped (1), and begins anew", "process \(id) trapped (1), and begins anew",
                "process \(id) trapped (1), and is left as it is",
                "process \(world.row("second").id) reached for 0xfffffff0, and begins anew",
            ])
        #expect(try world.row("first").state == .faulted && world.row("second").state == .waiting)
        #expect(try world.problems() == [])
        try world.close()
    }
}
