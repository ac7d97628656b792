// What a world refuses, each with its code and its text, and that a refusal changes nothing at all.

import Foundation
import Testing
import World

struct RefusalTests {
    /// A world with a process in each state that requests are refused in.
    private func world(_ scratch: Scratch) throws -> World {
        let world = try World.make(scratch)
        try world.run(try Assembler.program("nop"), name: "exited")
        try world.run(try Assembler.program("unreachable"), name: "faulted")
        try world.run(try Programs.c("echo"), name: "reading", logBytes: 4096)
        try world.run(try Programs.c("echo"), name: "reader", input: "one\n", inputEnds: false)
        try world.bootUntilIdle()
        try world.send("two", to: "reader", ends: true)
        return world
    }

    private func run(_ module: [UInt8], _ change: (inout RunRequest) -> Void = { _ in }) -> Request {
        var request = RunRequest(module: Data(module), defaultName: "new")
        change(&request)
        return .run(request)
    }

    private func requests() throws -> [(name: String, request: Request, code: WorldError.Code, says: String)] {
        // In no process yet, so that installing it would be seen.
        let good = try Programs.c("naps")
        let noStart = try Assembler.module(#"(module (func (export "go")) (func (export "stop")))"#)
        let missing = try Assembler.module(
            #"(module (import "env" "a" (func)) (import "env" "b" (func)) (func (export "_start")))"#)
        let mistyped = try Assembler.module(
            #"(module (import "wasi_snapshot_preview1" "proc_exit" (func)) (func (export "_start")))"#)
        let invalid = try Assembler.module(#"(module (func (export "_start") (drop)))"#, "--no-check")
        let long = String(repeating: "x", count: 2 << 20)
        return [
            ("text", run(Array("#include <stdio.h>".utf8)), .failed, "no WebAssembly module"),
            ("nothing", run([]), .failed, "no WebAssembly module"),
            ("truncated", run(Array(good.prefix(good.count / 2))), .failed, "byte"),
            ("invalid", run(invalid), .failed, "not valid"),
            ("missing imports", run(missing), .failed, "env.a, env.b"),
            ("import's type", run(mistyped), .failed, "(i32) -> ()"),
            ("no _start", run(noStart), .failed, "it exports go, stop"),
            ("no such export", run(good) { $0.invoke = "main2" }, .failed, "'main2'"),
            ("name taken", run(good) { $0.name = "reader" }, .usage, "'reader' is taken"),
            ("name empty", run(good) { $0.name = "" }, .usage, "cannot be a name"),
            ("name invalid", run(good) { $0.name = "a/b" }, .usage, "'a/b' cannot be a name"),
            ("name too long", run(good) { $0.name = String(repeating: "x", count: 65) }, .usage, "cannot be a name"),
            ("argument with zero", run(good) { $0.arguments = ["a\0b"] }, .usage, "zero byte"),
            ("arguments too long", run(good) { $0.arguments = [long] }, .usage, "2097153 bytes, of at most 1048576"),
            ("log too small", run(good) { $0.logBytes = 100 }, .usage, "100 bytes"),
            ("bank", run(good) { $0.bank = "root/none" }, .noSuchThing, "root/none"),
            ("meter", run(good) { $0.meter = "elsewhere" }, .noSuchThing, "elsewhere"),
            ("unknown to inspect", .inspect(process: "nobody"), .noSuchThing, "'nobody'"),
            ("unknown to logs", .logs(process: "99", since: 0, limitBytes: 100), .noSuchThing, "'99'"),
            ("unknown to send", .send(process: "nobody", data: Data(), ends: false), .noSuchThing, "'nobody'"),
            ("unknown to kill", .kill(process: ""), .noSuchThing, "''"),
            ("ambiguous", .inspect(process: "read"), .usage, "reader, reading"),
            ("kill exited", .kill(process: "exited"), .failed, "'exited' is over"),
            ("remove waiting", .remove(process: "reading"), .failed, "'reading' is not over"),
            ("remove ready", .remove(process: "reader"), .failed, "'reader' is not over"),
            ("send to exited", .send(process: "exited", data: Data([1]), ends: false), .failed, "is over"),
            ("send to faulted", .send(process: "faulted", data: Data([1]), ends: false), .failed, "is over"),
            ("send after the end", .send(process: "reader", data: Data([1]), ends: false), .failed, "has ended"),
            (
                "more input than fits", .send(process: "reading", data: Data(count: 4097), ends: false), .bankExhausted,
                "limit 4096, unread 0, sent 4097"
            ),
        ]
    }

    @Test func aRefusalSaysWhyAndChangesNothing() throws {
        let scratch = try Scratch()
        let world = try world(scratch)
        let before = try world.hash()
        for (name, request, code, text) in try requests() {
            let error = try worldError { _ = try world.perform(request) }
            #expect(error?.code == code, "\(name): \(String(describing: error))")
            #expect(error.map { $0.description.contains(text) } == true, "\(name): \(String(describing: error))")
            #expect(error.map { $0.description.split(separator: "\n").count } == 3, "\(name): three lines")
            #expect(try world.hash() == before, "\(name) left a trace")
        }
        #expect(try world.problems() == [])
        // And the world is as usable as before.
        try world.bootUntilIdle()
        #expect(try world.row("reader").exitCode == 2)
        #expect(try world.output("reader").hasSuffix("1: one\n2: two"))
        try world.close()
    }

    @Test func inputFitsToItsBoundExactly() throws {
        let scratch = try Scratch()
        let world = try world(scratch)
        try world.send(String(repeating: "y", count: 4096), to: "reading")
        #expect(try worldError { try world.send("z", to: "reading") }?.code == .bankExhausted)
        try world.bootUntilIdle()
        try world.send("z\n", to: "reading")
        try world.bootUntilIdle()
        #expect(try world.row("reading").state == .waiting)
        #expect(try world.problems() == [])
        try world.close()
    }

    @Test func namesAreGivenWhereNoneIsAsked() throws {
        let scratch = try Scratch()
        let world = try World.make(scratch)
        let module = try Assembler.program("nop")
        for expected in ["my-prog", "my-prog-2", "my-prog-3"] {
            guard
                case .run(let made) = try world.perform(.run(RunRequest(module: Data(module), defaultName: "my prog")))
            else {
                Issue.record("run answers something else")
                return
            }
            #expect(made.name == expected)
        }
        try world.close()
    }

    @Test func aWorldOpensOnceAndTooSmallAWorldIsNotMade() throws {
        let scratch = try Scratch()
        let world = try World.make(scratch)
        #expect(try worldError { _ = try World.open(at: scratch.world, as: .host) }?.code == .worldInUse)
        #expect(try worldError { _ = try World.open(at: scratch.world, as: .reader) }?.code == .worldInUse)
        #expect(try worldError { try World.create(at: scratch.world, limitBytes: nil, seed: nil) }?.code == .failed)
        try world.close()
        #expect(try worldError { _ = try World.open(at: scratch.path + "/none", as: .host) }?.code == .noSuchThing)
        #expect(
            try worldError { try World.create(at: scratch.path + "/small", limitBytes: 65_535, seed: nil) }?.code
                == .usage)
        #expect(World.condition(at: scratch.path + "/small") == .absent)
        try World.create(at: scratch.path + "/least", limitBytes: 65_536, seed: nil)
        let least = try World.open(at: scratch.path + "/least", as: .host)
        #expect(try least.problems() == [])
        try least.close()
    }

    @Test func aReaderSeesAllAndChangesNothing() throws {
        let scratch = try Scratch()
        let world = try world(scratch)
        let hash = try world.hash()
        let rows = try world.processes()
        try world.close()
        let before = try Data(contentsOf: URL(fileURLWithPath: scratch.world + "/store.mdb"))
        let reader = try World.open(at: scratch.world, as: .reader)
        let second = try worldError { _ = try World.open(at: scratch.world, as: .host) }
        #expect(second?.code == .worldInUse)
        #expect(try reader.hash() == hash)
        #expect(try reader.processes() == rows)
        #expect(try reader.inspect("reading").waitsFor == "input")
        #expect(try reader.inspect("faulted").callStack.count == 1)
        #expect(try reader.problems() == [])
        try reader.close()
        #expect(try Data(contentsOf: URL(fileURLWithPath: scratch.world + "/store.mdb")) == before)
    }
}
