// Processes that invoke each other in a world that halts, is restarted, checked and governed.

import Foundation
import Testing
import World

@Suite struct KeyTests {
    /// Imports, a message at 0, and a received message at 64 whose keys go to registers 8 to 11.
    static func program(_ body: String) throws -> [UInt8] {
        try Assembler.module(
            """
            (module
              (import "keyvm" "call" (func $call (param i32 i32 i32) (result i32)))
              (import "keyvm" "return" (func $return (param i32 i32 i32) (result i32)))
              (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
              (memory (export "memory") 1)
              (data (i32.const 4) "\\ff\\ff\\ff\\ff")
              (data (i32.const 68) "\\08\\09\\0a\\0b")
              (data (i32.const 128) "\\88\\00\\00\\00\\02\\00\\00\\00.\\n")
              (func (export "_start") (local $n i32)
                \(body)))
            """)
    }

    /// Replies with the order and 1, and writes a character as far behind `A` as the badge says.
    private static let server = """
        (local.set $n (i32.const 255))
        (loop $l
          (drop (call $return (local.get $n) (i32.const 0) (i32.const 64)))
          (i32.store8 (i32.const 136) (i32.add (i32.const 65) (i32.load16_u (i32.const 108))))
          (drop (call $write (i32.const 1) (i32.const 128) (i32.const 1) (i32.const 144)))
          (i32.store (i32.const 0) (i32.add (i32.load (i32.const 64)) (i32.const 1)))
          (local.set $n (i32.const 11))
          (br $l))
        """

    /// Calls register 6 ten times, and writes how far beyond `0` each reply is.
    private static let client = """
        (loop $l
          (i32.store (i32.const 0) (local.get $n))
          (local.set $n (call $call (i32.const 6) (i32.const 0) (i32.const 64)))
          (i32.store8 (i32.const 136) (i32.add (i32.const 47) (local.get $n)))
          (drop (call $write (i32.const 1) (i32.const 128) (i32.const 1) (i32.const 144)))
          (br_if $l (i32.lt_s (local.get $n) (i32.const 10))))
        """

    static let wait = "(drop (call $return (i32.const 255) (i32.const 0) (i32.const 64)))"

    /// Calls register 6 once, and writes how far beyond `B` the reply is.
    static let once = """
        (i32.store8 (i32.const 136) (i32.add (i32.const 66) (call $call (i32.const 6) (i32.const 0) (i32.const 64))))
        (drop (call $write (i32.const 1) (i32.const 128) (i32.const 1) (i32.const 144)))
        """

    private static func make(_ scratch: Scratch) throws -> World {
        let world = try World.make(scratch)
        try world.run(try program(server), name: "server")
        for badge in 1...3 {
            try world.run(try program(client), name: "c\(badge)")
            _ = try world.perform(.grantKey(process: "c\(badge)", register: 6, key: "start:server/\(badge)"))
        }
        return world
    }

    private static let digits = "0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n"

    /// Between a call and its reply, in a queue, or anywhere else: a world that is closed and opened goes on with the same answers, each
    /// once, and is sound at every place.
    @Test(arguments: [1_500, 233] as [UInt64]) func aRestartAnswersNothingTwice(steps: UInt64) throws {
        let scratch = try Scratch()
        var world = try Self.make(scratch)
        var waits: Set<String> = []
        for _ in 0..<10_000 {
            let before = try world.gasClock
            try world.boot(steps: steps)
            try world.close()
            world = try World.open(at: scratch.world, as: .host)
            #expect(try world.problems() == [])
            for process in try world.processes() {
                try world.inspect(process.name).waitsFor.map { _ = waits.insert($0) }
            }
            if try world.gasClock == before { break }
        }
        #expect(waits.isSuperset(of: ["a reply", "a message"]), "\(waits)")
        for badge in 1...3 {
            #expect(try world.output("c\(badge)") == Self.digits)
            #expect(try world.row("c\(badge)").exitCode == 0)
        }
        let hash = try world.hash()
        let served = try world.output("server")
        let letters = served.split(separator: "\n").map(String.init)
        #expect(letters.sorted() == ["B", "C", "D"].flatMap { [String](repeating: $0, count: 10) })
        try world.close()

        let whole = try Scratch()
        let undisturbed = try Self.make(whole)
        try undisturbed.bootUntilIdle()
        #expect(try undisturbed.hash() == hash)
        #expect(try undisturbed.output("server") == served)
        try undisturbed.close()
    }

    /// What waits is told, and so are keys; who is killed is out of every queue, and who is moved stays in it.
    @Test func administratorsSeeAndGovernIt() throws {
        let scratch = try Scratch()
        let world = try World.make(scratch)
        _ = try world.perform(.createBank(path: "root/a", BankTermsRequest()))
        try world.run(try Assembler.program(GasTests.spin), name: "busy")
        for name in ["c1", "c2", "c3"] {
            try world.run(try Self.program(Self.once), name: name)
            _ = try world.perform(.grantKey(process: name, register: 6, key: "start:busy/7"))
        }
        try world.boot(steps: 2_000_000)
        for name in ["c1", "c2", "c3"] { #expect(try world.inspect(name).waitsFor == "its turn with a process") }
        #expect(try world.inspect("c1").registers.last?.key == "start:busy/7")
        for name in ["c2", "busy", "c1"] {
            _ = try world.perform(.moveProcess(process: name, bank: "root/a"))
            #expect(try world.problems() == [], "\(name) was moved")
        }
        _ = try world.perform(.kill(process: "c2"))
        #expect(try world.problems() == [])
        _ = try world.perform(.revokeKey(process: "c3", register: 6))
        _ = try world.perform(.kill(process: "busy"))
        #expect(try world.problems() == [])
        try world.bootUntilIdle()
        for name in ["c1", "c3"] { #expect(try world.output(name) == "A\n", "nobody is there any more") }
        #expect(try world.problems() == [])
        try world.close()
    }

    /// A bank that is destroyed takes a server along: its callers are answered.
    @Test func callersOfWhatGoesWithItsBankAreAnswered() throws {
        let scratch = try Scratch()
        let world = try World.make(scratch)
        _ = try world.perform(.createBank(path: "root/a", BankTermsRequest()))
        let hold = Self.wait + "(loop $l (br $l))"
        try world.run(try Self.program(hold), name: "server", bank: "root/a")
        for name in ["called", "queued"] {
            try world.run(try Self.program(Self.once), name: name)
            _ = try world.perform(.grantKey(process: name, register: 6, key: "start:server"))
        }
        try world.boot(steps: 1_000_000)
        #expect(
            try world.inspect("called").waitsFor == "a reply"
                && world.inspect("queued").waitsFor == "its turn with a process")
        _ = try world.perform(.destroyBank(path: "root/a", .reclaim))
        try world.bootUntilIdle()
        for name in ["called", "queued"] { #expect(try world.output(name) == "A\n", "\(name) was answered with -1") }
        #expect(try world.problems() == [])
        try world.close()
    }

    /// Server and callers go with one bank, the server from a bank below or above that of its callers: whatever is removed first, the world
    /// is sound at every step, and whoever is left goes on.
    @Test(arguments: [("root/a", "root/a"), ("root/a/s", "root/a"), ("root/a", "root/a/s"), ("root/b", "root/a")])
    func serversAndCallersGoTogether(serverBank: String, clientBank: String) throws {
        let scratch = try Scratch()
        var world = try World.make(scratch)
        for path in ["root/a", "root/a/s", "root/b"] {
            _ = try world.perform(.createBank(path: path, BankTermsRequest()))
        }
        let hold = Self.wait + "(loop $l (br $l))"
        try world.run(try Self.program(hold), name: "server", bank: serverBank)
        for number in 0..<200 {
            try world.run(try Self.program(Self.once), name: "c\(number)", bank: clientBank)
            _ = try world.perform(.grantKey(process: "c\(number)", register: 6, key: "start:server"))
        }
        try world.run(try Self.program(Self.once), name: "other")
        _ = try world.perform(.grantKey(process: "other", register: 6, key: "start:server"))
        try world.boot(steps: 3_000_000)
        _ = try world.perform(.destroyBank(path: "root/a", .reclaim))
        for _ in 0..<50 {
            #expect(try world.problems() == [])
            try world.boot(steps: 1)
            try world.close()
            world = try World.open(at: scratch.world, as: .host)
        }
        if serverBank == "root/b" {
            _ = try world.perform(.kill(process: "server"))
            _ = try world.perform(.remove(process: "server"))
        }
        try world.bootUntilIdle()
        #expect(try world.output("other") == "A\n")
        #expect(try world.problems() == [])
        #expect(try world.bank("root").processes == 1)
        try world.close()
    }

    /// What cannot be granted is refused, and nothing has changed.
    @Test(arguments: [
        ("32=", "discrim", WorldError.Code.usage), ("6=", "page", .usage), ("6=", "number:-1", .usage),
        ("6=", "start:b/65536", .usage),
        ("6=", "start:nobody", .noSuchThing), ("6=", "device:disk", .usage), ("6=", "", .usage),
        ("6=", "start:b/", .usage),
    ])
    func whatCannotBeGrantedIsRefused(register: String, key: String, code: WorldError.Code) throws {
        let scratch = try Scratch()
        let world = try World.make(scratch)
        for name in ["a", "b"] { try world.run(try Programs.c("echo"), name: name) }
        let before = try world.hash()
        let error = try worldError {
            _ = try world.perform(.grantKey(process: "a", register: UInt64(register.dropLast()) ?? 0, key: key))
        }
        #expect(error?.code == code, "\(error?.description ?? "it is granted")")
        #expect(try world.hash() == before)
        try world.close()
    }

    @Test func aKilledHostAnswersNothingTwice() throws {
        let scratch = try Scratch()
        var world = try Self.make(scratch)
        for _ in 0..<10_000 {
            let before = try world.gasClock
            try world.boot(steps: 233)
            if try world.gasClock == before { break }
            // What is lost with the host.
            for _ in 0..<300 { try world.step() }
            world.abandon()
            world = try World.open(at: scratch.world, as: .host)
            #expect(try world.problems() == [])
        }
        for badge in 1...3 { #expect(try world.output("c\(badge)") == Self.digits) }
        #expect(try world.output("server").count { $0 == "\n" } == 30)
        try world.close()
    }
}
