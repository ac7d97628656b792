// Checkpoints: asked for by name, while a world runs and while it does not; the budget of pages that are not durable; and
// what a full disk does.

import Foundation
import Glibc
import Testing
import World

struct CheckpointTests {
    /// Rewrites 1,024 pages of its memory, five times, and exits with the sum of what it finds at the end.
    static let rewrite = """
        (loop $round
          (local.set $i (i32.const 0))
          (loop $again
            (i32.store (local.get $i) (i32.add (i32.load (local.get $i)) (i32.const 3)))
            (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 4096))) (i32.const 4194304))))
          (br_if $round (i32.lt_u (i32.load (i32.const 0)) (i32.const 15))))
        (local.set $i (i32.const 0))
        (loop $sum
          (i32.store (i32.const 4) (i32.add (i32.load (i32.const 4)) (i32.load (local.get $i))))
          (br_if $sum (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 4096))) (i32.const 4194304))))
        (call $proc_exit (i32.load (i32.const 4)))
        """

    @Test func checkpointsOfAHaltedWorldAreListedByName() throws {
        let scratch = try Scratch()
        let world = try World.make(scratch)
        try world.run(try Assembler.program(GasTests.spin), name: "spin")
        for (index, name) in ["first", nil, "third"].enumerated() {
            try world.boot(steps: 1000)
            guard case .checkpoint(let made) = try world.perform(.checkpoint(name: name)) else {
                Issue.record("checkpoint answers something else")
                return
            }
            #expect(made.name == name)
            #expect(made.gasClock == UInt64(1000 * (index + 1)))
            #expect(try world.checkpoints().last == made)
        }
        let listed = try world.checkpoints()
        #expect(listed.compactMap(\.name) == ["first", "third"])
        #expect(listed.map(\.id) == listed.map(\.id).sorted())
        try world.close()
        let again = try World.open(at: scratch.world, as: .host)
        #expect(try again.checkpoints().compactMap(\.name) == ["first", "third"])
        #expect(try again.problems() == [])
        try again.close()
    }

    @Test(.timeLimit(.minutes(1))) func aRunningWorldCheckpointsAndHaltsOnRequest() async throws {
        let scratch = try Scratch()
        let world = try World.make(scratch)
        try world.run(try Assembler.program(GasTests.spin), name: "spin")
        try world.run(try Programs.c("echo"), name: "echo")
        let running = Running(world)
        guard case .checkpoint(let made) = try await world.submit(.checkpoint(name: "while-it-runs")) else {
            Issue.record("checkpoint answers something else")
            return
        }
        #expect(made.name == "while-it-runs")
        _ = try await world.submit(.send(process: "echo", data: Data("hello\n".utf8), ends: true))
        while true {
            guard case .inspect(let echo) = try await world.submit(.inspect(process: "echo")) else { break }
            if echo.process.state == .exited { break }
            try await Task.sleep(for: .milliseconds(5))
        }
        guard case .fsck(let checked) = try await world.submit(.fsck) else {
            Issue.record("fsck answers something else")
            return
        }
        #expect(checked.problems == [])
        #expect(try await world.submit(.halt) == .done)
        let failure = await running.end()
        #expect(failure == nil)
        // All that was acknowledged is durable, even if nobody closes the world.
        let hash = try world.hash()
        world.abandon()
        let again = try World.open(at: scratch.world, as: .host)
        #expect(try again.hash() == hash)
        #expect(try again.output("echo").hasSuffix("1: hello\n"))
        #expect(try again.checkpoints().compactMap(\.name) == ["while-it-runs"])
        #expect(try again.problems() == [])
        try again.close()
    }

    @Test func requestsToAWorldThatDoesNotRunComeBack() async throws {
        let scratch = try Scratch()
        let world = try World.make(scratch)
        do {
            _ = try await world.submit(.status)
            Issue.record("a world that does not run answered")
        } catch {
            #expect(error.code == .failed && error.what == "the world is not running")
        }
        try world.close()
    }

    @Test(arguments: [64, 200, 1000])
    func aProgramThatDirtiesMoreThanTheBudgetFinishes(_ budgetPages: Int) throws {
        let scratch = try Scratch()
        try World.create(at: scratch.world, limitBytes: nil, seed: 1)
        let world = try World.open(at: scratch.world, as: .host, budgetPages: budgetPages)
        try world.run(try Assembler.program(Self.rewrite, memory: "64"), name: "rewrite")
        // Longer than the test: only the budget asks for checkpoints.
        try world.bootUntilIdle(every: .seconds(600))
        #expect(try world.row("rewrite").exitCode == 1024 * 15)
        #expect(try world.checkpoints().count >= 5 * 1024 / budgetPages)
        #expect(try world.problems() == [])
        try world.close()

        let other = try Scratch()
        let roomy = try World.make(other)
        try roomy.run(try Assembler.program(Self.rewrite, memory: "64"), name: "rewrite")
        try roomy.bootUntilIdle(every: .seconds(600))
        let again = try World.open(at: scratch.world, as: .reader)
        #expect(try again.hash() == roomy.hash(), "the budget cannot be seen")
        try again.close()
        try roomy.close()
    }

    @Test func aFullDiskIsSaidAndTheLastCheckpointStands() async throws {
        let scratch = try Scratch()
        let world = try World.make(scratch)
        try world.run(try Assembler.program(Self.rewrite, memory: "64"), name: "rewrite")
        try world.boot(steps: 500)
        let durable = try world.hash()
        try world.close()
        await #expect(processExitsWith: .exitCode(45)) { [path = scratch.world as String] in
            signal(SIGXFSZ, SIG_IGN)
            let world = try World.open(at: path, as: .host)
            var limit = rlimit(rlim_cur: rlim_t(try world.info().fileBytes) + 8_192, rlim_max: rlim_t.max)
            setrlimit(__rlimit_resource_t(UInt32(RLIMIT_FSIZE.rawValue)), &limit)
            guard let error = try worldError({ try world.boot(steps: 20_000) }) else { exit(1) }
            guard error.code == .failed, error.what.contains("disk") || error.why.contains("disk") else { exit(2) }
            // Nothing can be made durable any more, and that is said too.
            limit.rlim_cur = rlim_t.max
            setrlimit(__rlimit_resource_t(UInt32(RLIMIT_FSIZE.rawValue)), &limit)
            guard try worldError({ _ = try world.perform(.checkpoint(name: nil)) }) != nil else { exit(3) }
            try world.close()
            exit(45)
        }
        #expect(World.condition(at: scratch.world) == .crashed)
        let again = try World.open(at: scratch.world, as: .host)
        #expect(try again.hash() == durable)
        #expect(try again.problems() == [])
        try again.bootUntilIdle()
        #expect(try again.row("rewrite").exitCode == 1024 * 15)
        #expect(try again.problems() == [])
        try again.close()
    }
}

/// A world that runs on a thread of its own, until it is halted.
final class Running: @unchecked Sendable {
    private let ended = DispatchSemaphore(value: 0)
    private var failure: WorldError?

    init(_ world: World, _ boot: World.Boot = World.Boot(every: .milliseconds(20))) {
        let begun = DispatchSemaphore(value: 0)
        let thread = Thread { [self] in
            do throws(WorldError) {
                try world.boot(boot, ready: { begun.signal() })
            } catch {
                failure = error
            }
            ended.signal()
        }
        thread.start()
        begun.wait()
    }

    /// Waits until the boot has returned; what it failed with.
    func end() async -> WorldError? {
        await withCheckedContinuation { continuation in
            Thread { [self] in
                ended.wait()
                continuation.resume(returning: failure)
            }.start()
        }
    }
}
