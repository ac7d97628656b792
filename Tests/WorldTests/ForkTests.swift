// Forks, and the random bytes of worlds that are of one state.

import Foundation
import Testing
import World

@Suite struct ForkTests {
    private static let random = """
        (drop (call $random_get (i32.const 1024) (i32.const 16)))
        (i32.store (i32.const 0) (i32.const 1024)) (i32.store (i32.const 4) (i32.const 16))
        (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
        """

    @Test func aForkIsAWorldOfItsOwn() throws {
        let scratch = try Scratch()
        let world = try World.withHistory(scratch)
        let now = try world.hash()
        let fork = scratch.path + "/fork"
        let answer = try world.perform(.fork(checkpoint: "@a", directory: fork))
        guard case .fork(let made) = answer else { throw Asking.anotherAnswer(answer) }
        #expect(try world.hash() == now)
        let then = try world.perform(.past(checkpoint: "@a", request: .hash))
        guard case .hash(let asked) = then else { throw Asking.anotherAnswer(then) }
        #expect(try World.hash(of: fork) == asked.hash)
        let other = try World.open(at: fork, as: .host)
        #expect(try other.info().world == made.world)
        #expect(try other.info().world != world.info().world)
        #expect(try other.checkpoints().map(\.id) == [1])
        try other.bootUntilIdle()
        #expect(try other.row("rewrite").exitCode == 1024 * 15)
        #expect(try world.hash() == now)
        try other.close()
        // Over something that is there, of a checkpoint that is not.
        #expect(try worldError { _ = try world.perform(.fork(checkpoint: "@a", directory: fork)) }?.code == .failed)
        #expect(
            try worldError { _ = try world.perform(.fork(checkpoint: "@x", directory: fork + "2")) }?.code
                == .noSuchThing)
        #expect(!FileManager.default.fileExists(atPath: fork + "2"))
        try world.close()
    }

    /// What programs draw in worlds of one state, by how each came to be.
    private func draws(seed: UInt64?) throws -> [String: String] {
        let scratch = try Scratch()
        let world = try World.make(scratch, seed: seed)
        try world.run(try Assembler.program(Self.random), name: "random")
        _ = try world.perform(.checkpoint(name: "a"))
        _ = try world.perform(.fork(checkpoint: "@a", directory: scratch.path + "/fork"))
        let backup = try world.backup()
        for name in ["one", "two"] { _ = try World.restore(backup, to: "\(scratch.path)/\(name)") }
        var drawn: [String: String] = [:]
        for name in ["world", "fork", "one", "two"] {
            if name == "world" { try world.close() }
            let copy = try World.open(at: "\(scratch.path)/\(name)", as: .host)
            try copy.bootUntilIdle()
            drawn[name] = try copy.records("random").map { $0.data.base64EncodedString() }.joined()
            let now = try copy.hash()
            guard name == "world" else {
                try copy.close()
                continue
            }
            _ = try copy.perform(.rollback(checkpoint: "@a", overHeld: false))
            let then = try copy.perform(.past(checkpoint: "@a", request: .hash))
            guard case .hash(let asked) = then else { throw Asking.anotherAnswer(then) }
            #expect(try copy.hash() == asked.hash, "a new key is due, and not drawn")
            try copy.bootUntilIdle()
            drawn["back"] = try copy.records("random").map { $0.data.base64EncodedString() }.joined()
            #expect(try (copy.hash() == now) == (seed != nil))
            try copy.close()
        }
        return drawn
    }

    @Test func worldsOfOneStateDrawDifferentBytes() throws {
        let drawn = try draws(seed: nil)
        #expect(Set(drawn.values).count == 5 && !drawn.values.contains(""), "\(drawn)")
    }

    @Test func worldsOfASeedDrawTheSame() throws {
        let drawn = try draws(seed: 5)
        #expect(Set(drawn.values).count == 1 && drawn.count == 5, "\(drawn)")
    }

    /// The new key is an input: a world that is killed behind it draws the same again.
    @Test(.timeLimit(.minutes(1))) func aNewKeyIsJournaled() async throws {
        let scratch = try Scratch()
        let world = try World.make(scratch, seed: nil)
        _ = try world.perform(.checkpoint(name: "a"))
        _ = try world.perform(.rollback(checkpoint: "@a", overHeld: false))
        let running = RunningWorld(world, every: .seconds(3_600))
        let module = Data(try Assembler.program(Self.random))
        _ = await running.ask(.run(RunRequest(module: module, defaultName: "random")))
        try await running.standsStill()
        let last = try #require(await running.hash)
        let written = await running.outputs
        #expect(written["random"]?.isEmpty == false)
        let copy = try scratch.copyWorld(to: "copy")
        await running.stop()
        try world.close()
        for access in [World.Access.reader, .host] {
            let again = try World.open(at: copy, as: access)
            #expect(try again.hash() == last)
            #expect(try again.records("random") == written["random"])
            try again.close()
        }
    }
}
