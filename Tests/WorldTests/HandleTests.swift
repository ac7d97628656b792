// Handles: each leads to the process that it was given for, or is refused, whatever became of the world.

import Foundation
import Testing
import World

@Suite struct HandleTests {
    private func run(_ world: World, _ name: String) throws -> String {
        let request = RunRequest(module: Data(try Assembler.program(GasTests.spin)), name: name, defaultName: name)
        let answer = try world.perform(.run(request))
        guard case .run(let made) = answer else { throw Asking.anotherAnswer(answer) }
        return try #require(made.handle)
    }

    private func name(_ world: World, _ handle: String) throws -> String { try world.inspect(handle).process.name }

    private func refusal(_ world: World, _ handle: String) throws -> WorldError? {
        try worldError { _ = try world.inspect(handle) }
    }

    @Test func aHandleOfABranchThatWasRolledBackIsRefused() throws {
        let scratch = try Scratch()
        let world = try World.make(scratch)
        let early = try run(world, "early")
        _ = try world.perform(.checkpoint(name: "a"))
        let late = try run(world, "late")
        _ = try world.perform(.checkpoint(name: "b"))
        #expect(try name(world, early) == "early" && name(world, late) == "late")
        _ = try world.perform(.rollback(checkpoint: "@a", overHeld: false))
        // Its id is another's now.
        let other = try run(world, "other")
        #expect(late.split(separator: ":").last == other.split(separator: ":").last)
        #expect(try name(world, early) == "early" && name(world, other) == "other")
        let error = try #require(try refusal(world, late))
        #expect(error.code == .noSuchThing && error.what == "the handle is of a branch that was rolled back")
        #expect(error.why.contains("goes on from checkpoint"))
        // To where it was left, and forth: what is on the line holds, what is not does not.
        _ = try world.perform(.rollback(checkpoint: "@b", overHeld: false))
        #expect(try name(world, early) == "early" && name(world, late) == "late")
        #expect(try refusal(world, other)?.what == "the handle is of a branch that was rolled back")
        _ = try world.perform(.rollback(checkpoint: "@before-rollback-2", overHeld: false))
        #expect(try name(world, early) == "early" && name(world, other) == "other")
        #expect(try refusal(world, late) != nil)
        // What changes the world is refused as well, and a later one is given here.
        #expect(try worldError { _ = try world.perform(.kill(process: late)) }?.code == .noSuchThing)
        let again = try #require(try world.inspect("other").handle)
        #expect(again != other)
        #expect(try name(world, again) == "other")
        try world.close()
        let reopened = try World.open(at: scratch.world, as: .host)
        #expect(try name(reopened, other) == "other" && refusal(reopened, late) != nil)
        try reopened.close()
    }

    @Test func copiesTakeWhatWasGivenBeforeThem() throws {
        let scratch = try Scratch()
        let world = try World.make(scratch)
        let early = try run(world, "early")
        _ = try world.perform(.checkpoint(name: "a"))
        let backup = try world.backup(at: "@a")
        let late = try run(world, "late")
        let (fork, copy) = (scratch.path + "/fork", scratch.path + "/copy")
        _ = try world.perform(.fork(checkpoint: "@a", directory: fork))
        _ = try World.restore(backup, to: copy)
        let restored = try World.open(at: copy, as: .host)
        #expect(try name(restored, early) == "early")
        #expect(try refusal(restored, late)?.what == "the handle is of a branch that was rolled back")
        let own = try run(restored, "own")
        #expect(try name(restored, own) == "own")
        #expect(try refusal(world, own)?.what == "the handle is of no branch of this world")
        let other = try World.open(at: fork, as: .host)
        #expect(try refusal(other, early)?.what == "the handle is of another world")
        #expect(try name(other, try run(other, "own")) == "own")
        for text in ["h:", "h:1:2:3:4", early + ":5", early.replacing("h:", with: "H:")] {
            let code = try refusal(world, text)?.code
            #expect(code == .usage || code == .noSuchThing, "\(text)")
        }
        for world in [restored, other, world] { try world.close() }
    }

    /// After 64 rollbacks the oldest branches are not known any more.
    @Test func aBranchOfLongAgoIsSaidToBeUnknown() throws {
        let scratch = try Scratch()
        let world = try World.make(scratch)
        let early = try run(world, "early")
        _ = try world.perform(.checkpoint(name: "a"))
        for _ in 0..<63 { _ = try world.perform(.rollback(checkpoint: "@a", overHeld: false)) }
        #expect(try name(world, early) == "early")
        let middle = try #require(try world.inspect("early").handle)
        for _ in 0..<3 { _ = try world.perform(.rollback(checkpoint: "@a", overHeld: false)) }
        #expect(try refusal(world, early)?.what == "the handle is of no branch of this world")
        #expect(try refusal(world, middle)?.what == "the handle is of a branch that was rolled back")
        try world.close()
    }

    /// What was told and then lost with the journal is no handle any more.
    @Test(.timeLimit(.minutes(1))) func whatWasLostWithTheJournalIsRefused() async throws {
        let scratch = try Scratch()
        let world = try World.make(scratch)
        let running = RunningWorld(world, every: .seconds(3_600))
        let request = RunRequest(module: Data(try Assembler.program(GasTests.spin)), name: "p", defaultName: "p")
        guard case .run(let made) = await running.ask(.run(request)), let handle = made.handle else {
            Issue.record("it is not made")
            return
        }
        let copy = try scratch.copyWorld()
        await running.stop()
        try world.close()
        // With its journal it is there.
        let whole = try World.open(at: copy, as: .reader)
        #expect(try name(whole, handle) == "p")
        try whole.close()
        let lost = try World.open(at: copy, as: .host, withoutJournal: true)
        let other = try run(lost, "other")
        #expect(other.split(separator: ":").last == handle.split(separator: ":").last)
        #expect(try refusal(lost, handle)?.what == "the handle is of a branch that was rolled back")
        try lost.close()
    }
}
