// Programs that make others of what there is: virtual copies of memories, and products of a factory.

import Foundation
import Testing
import World

@Suite struct CopyProgramTests {
    private static func grant(_ world: World, _ process: String, _ keys: [(UInt64, String)]) throws {
        for (register, key) in keys {
            _ = try world.perform(.grantKey(process: process, register: register, key: key))
        }
    }

    private static func makeWorld(_ scratch: Scratch) throws -> World {
        let world = try World.make(scratch)
        _ = try world.perform(.createBank(path: "root/g", BankTermsRequest(limitBytes: .limited(400 << 12))))
        try world.run(try Programs.example("shell"), name: "shell")
        try grant(world, "shell", [(6, "discrim")])
        return world
    }

    /// What the shell prints to one line, which is answered with `ok` and words.
    private static func words(_ line: String, _ world: World) throws -> [String] {
        let said = try ShellTests.say([line], world)
        #expect(said.first == "ok", "\(line): \(said)")
        return said.count > 1 ? said[1].split(separator: " ").dropFirst().map(String.init) : []
    }

    /// The codes that lines are answered with.
    private static func codes(_ lines: [String], _ world: World) throws -> [String] {
        try ShellTests.say(lines, world).filter { !$0.hasPrefix(" ") }
    }

    // MARK: Virtual copies

    /// A memory that was frozen is what it was to all that are made of it, whatever it or they write; only what is written is bought.
    @Test func aMemoryIsFrozenAndCopied() throws {
        let scratch = try Scratch()
        var world = try Self.makeWorld(scratch)
        try world.run(try Programs.example("copies"), name: "copies")
        try Self.grant(world, "copies", [(6, "bank:root/g"), (7, "discrim"), (9, "process:copies")])
        for name in ["a", "b", "c"] { try world.run(try Programs.c("cells"), name: name) }
        try Self.grant(
            world, "shell",
            [
                (7, "start:copies"), (20, "start:a"), (21, "start:b"), (22, "start:c"), (23, "process:a"),
                (24, "process:b"), (25, "process:c"),
            ])
        let page = try #require(try Self.words("call 20 5", world).first)
        func used() throws -> UInt64 { try world.bank("root/g").usedBytes / 4096 }
        #expect(try Self.words("call 7 1 \(page) key=23", world) == ["0", "0", "0"])
        let empty = try used()
        #expect(try Self.words("call 20 2 5000", world).first == "0")
        #expect(try used() == empty + 1, "what is touched is there")
        _ = try Self.words("call 20 1 5000 7", world)
        _ = try Self.words("call 20 1 70000 8", world)
        let written = try used()
        #expect(written == empty + 2)
        // Frozen, and copied twice; the shell has the key to copy it by in register 12.
        let id = try world.row("a").id
        #expect(try ShellTests.say(["call 7 2 \(id)", "copy 12 26"], world).last == "ok")
        #expect(try Self.words("call 26 1 \(page) key=24", world) == ["0", "0", "0"])
        try world.close()
        world = try World.open(at: scratch.world, as: .host)
        #expect(try Self.words("call 26 1 \(page) key=25", world) == ["0", "0", "0"])
        let shared = try used()
        for reader in 20...22 {
            #expect(try Self.words("call \(reader) 2 5000", world).first == "7")
            #expect(try Self.words("call \(reader) 2 70000", world).first == "8")
        }
        #expect(try used() == shared, "what is read is shared")
        // Each writes what it likes.
        for (number, writer) in [20, 21, 22].enumerated() {
            _ = try Self.words("call \(writer) 1 5000 \(100 + number)", world)
        }
        #expect(try used() == shared + 3)
        for (number, reader) in [20, 21, 22].enumerated() {
            #expect(try Self.words("call \(reader) 2 5000", world).first == "\(100 + number)")
            #expect(try Self.words("call \(reader) 2 5001", world).first == "0")
            #expect(try Self.words("call \(reader) 2 70000", world).first == "8")
        }
        #expect(try world.problems() == [])
        #expect(
            try Self.codes(
                [
                    "call 7 2 999", "call 26 2 \(id)", "call 7 1 \(page) key=23", "call 7 1 \(page) key=20",
                    "call 7 1 9000 key=25",
                ], world) == ["code 3002", "right", "code 3003", "key", "code 3003"])
        #expect(try world.output("copies") == "")
        try world.close()
    }

    // MARK: A factory

    /// It says what a product could tell others before it makes one; sealed it takes nothing more, and it takes no bank that is none.
    @Test func aFactoryMakesWhatCannotLeak() throws {
        let scratch = try Scratch()
        var world = try Self.makeWorld(scratch)
        _ = try world.perform(.createBank(path: "root/h", BankTermsRequest(limitBytes: .limited(100 << 12))))
        try world.run(try Programs.example("counter"), name: "model")
        try world.run(try Programs.example("factory"), name: "factory")
        try Self.grant(
            world, "factory",
            [(6, "bank:root/g"), (7, "discrim"), (8, "process:model:look"), (9, "process:factory")])
        try Self.grant(
            world, "shell",
            [
                (7, "start:factory/1"), (8, "start:factory/2"), (20, "number:5"), (21, "bank:root/h"),
                (22, "meter:root"), (23, "start:model"),
                (24, "bank:root/h:query"),
            ])
        #expect(
            try Self.codes(["call 8 1 10 key=20", "call 8 2", "call 8 4 key=21 key=22"], world) == [
                "right", "right", "code 2002",
            ])
        #expect(try Self.words("call 7 1 10 key=20", world).first == "0", "a number tells nothing")
        #expect(try Self.words("call 8 3", world) == ["0", "0", "0"])
        #expect(try Self.words("call 7 1 12 key=23", world).first == "1", "a start key is a hole")
        #expect(try Self.codes(["call 7 1 32 key=20"], world) == ["value"])
        #expect(try Self.words("call 7 2", world) == ["0", "0", "0"])
        #expect(try Self.words("call 8 3", world) == ["1", "1", "0"], "declared, and no more can come")
        #expect(try Self.codes(["call 7 1 13 key=20"], world) == ["code 2001"])
        let spent = try ["root/g", "root/h"].map { try world.bank($0).usedBytes }
        // What is no bank, or sells nothing to whoever holds it.
        #expect(
            try Self.codes(
                [
                    "call 8 4 key=23 key=22", "call 8 4 key=20 key=22", "call 8 4 key=24 key=22",
                    "call 8 4 key=21 key=20",
                ], world)
                == ["code 2003", "code 2003", "right", "key"])
        #expect(try Self.words("call 8 3", world) == ["1", "1", "0"], "no hole more")
        #expect(try world.processes().count == 3, "no product")
        #expect(try ["root/g", "root/h"].map { try world.bank($0).usedBytes } == spent)
        try world.close()
        world = try World.open(at: scratch.world, as: .host)
        let before = try world.bank("root/h").usedBytes
        #expect(try ShellTests.say(["call 8 4 key=21 key=22", "copy 12 26"], world).last == "ok")
        #expect(try world.bank("root/h").usedBytes > before, "it lives on what it was given")
        #expect(
            try ShellTests.say(["call 26 1 30 \"x", "call 26 1 12"], world) == [
                "ok", "  words 30 0 0", "ok", "  words 42 0 0",
            ])
        #expect(
            try ShellTests.say(["call 8 4 key=21 key=22", "copy 12 27", "call 27 1 1"], world).suffix(2) == [
                "ok", "  words 1 0 0",
            ])
        // Whoever made them has no key to what they are, and neither has who asked.
        let product = try #require(try world.processes().first { $0.name.hasPrefix("p") })
        #expect(try world.inspect(product.name).registers.compactMap(\.key) == ["number:5", "start:model"])
        for holder in ["factory", "shell"] {
            #expect(
                try world.inspect(holder).registers.compactMap(\.key).allSatisfy {
                    !$0.hasPrefix("process:\(product.name)")
                })
        }
        #expect(try world.problems() == [])
        try world.close()
    }
}
