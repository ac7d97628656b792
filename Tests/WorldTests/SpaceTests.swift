// Banks as programs meet them: a process that has used its bank up stands still, nothing else notices, and what was
// bought comes back when it goes.

import Kernel
import Objects
import Testing
import World

struct SpaceTests {
    /// Writes to each page of its memory of 4 MiB, then says so and spins.
    static let touch = """
        (loop $again
          (i32.store (local.get $i) (i32.const 1))
          (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 4096))) (i32.const 4194304))))
        (call $proc_exit (i32.const 5))
        """

    @Test func aBankThatIsUsedUpFreezesItsProcessOnly() throws {
        let scratch = try Scratch()
        let world = try World.make(scratch)
        let limit: UInt64 = 1 << 20
        try world.run(try Assembler.program(Self.touch, memory: "64"), name: "greedy", limitBytes: limit)
        try world.run(try Assembler.program(Self.touch, memory: "64"), name: "free")
        try world.bootUntilIdle()
        let greedy = try world.row("greedy")
        #expect(greedy.state == .frozenSpace)
        #expect(greedy.bank == "root/greedy")
        #expect(greedy.pages * 4096 <= limit && greedy.pages * 4096 > limit - 65_536, "its bank is all but full")
        #expect(try world.row("free").exitCode == 5)
        #expect(try world.problems() == [])
        // It stands at its store, over a restart too, and spends nothing.
        let clock = try world.gasClock
        let place = try world.inspect("greedy").callStack
        try world.close()
        let again = try World.open(at: scratch.world, as: .host)
        try again.bootUntilIdle()
        #expect(try again.gasClock == clock)
        #expect(try again.inspect("greedy").callStack == place)
        #expect(try again.problems() == [])
        try again.close()
    }

    @Test func aProcessThatFrozeForSpaceGoesOnWhenThereIsSome() throws {
        // The root has room for one of them at a time.
        let scratch = try Scratch()
        let world = try World.make(scratch, limitBytes: 5 << 20)
        let spin = Self.touch.replacing(
            "(call $proc_exit (i32.const 5))",
            with: "(drop (call $fd_read (i32.const 0) (i32.const 9) (i32.const 1) (i32.const 16)))")
        try world.run(
            try Assembler.program(spin, data: #"(data (i32.const 9) "\00\01\00\00\01\00\00\00")"#, memory: "64"),
            name: "first")
        try world.run(try Assembler.program(Self.touch, memory: "64"), name: "second")
        try world.bootUntilIdle()
        #expect(try [world.row("first").state, world.row("second").state].contains(.frozenSpace))
        let states = try world.processes().map(\.state)
        #expect(states.contains(.frozenSpace))
        let frozen = try #require(try world.processes().first { $0.state == .frozenSpace }).name
        let other = frozen == "first" ? "second" : "first"
        _ = try world.perform(.kill(process: other))
        try world.bootUntilIdle()
        #expect(try world.row(frozen).state != .frozenSpace)
        #expect(try world.problems() == [])
        try world.close()
    }

    @Test func memoryGrowAnswersHonestly() throws {
        // Asks for pages of 64 KiB until it is refused; exits with how many it got.
        let grow = """
            (loop $again
              (if (i32.ne (memory.grow (i32.const 1)) (i32.const -1))
                (then (local.set $i (i32.add (local.get $i) (i32.const 1))) (br $again))))
            (if (i32.ne (memory.size) (i32.add (local.get $i) (i32.const 1))) (then unreachable))
            (if (i32.ne (memory.grow (i32.const 70000)) (i32.const -1)) (then unreachable))
            (call $proc_exit (local.get $i))
            """
        let scratch = try Scratch()
        let world = try World.make(scratch)
        try world.run(try Assembler.program(grow), name: "limited", limitBytes: 1 << 20)
        try world.run(try Assembler.program(grow, memory: "1 9"), name: "maximum")
        let big = "(call $proc_exit (memory.grow (i32.const 17)))"
        try world.run(try Assembler.program(big), name: "big", limitBytes: 1 << 20)
        try world.bootUntilIdle()
        // Nothing is reserved, so only a single growth beyond what is left is refused; one page of 64 KiB never is.
        #expect(try world.row("limited").exitCode == 65_535)
        #expect(try world.row("maximum").exitCode == 8)
        #expect(try world.row("big").exitCode == -1)
        #expect(try world.problems() == [])
        try world.close()
    }

    @Test func whatAProcessBoughtComesBackWhenItGoes() throws {
        let scratch = try Scratch()
        let world = try World.make(scratch)
        func lifeOfOne(_ name: String) throws {
            try world.run(
                try Assembler.program(Self.touch, memory: "64"), name: name, gas: 1 << 40, limitBytes: 8 << 20,
                input: "some input")
            try world.boot(steps: 3000)
            #expect(try world.info().rootUsedBytes > 300 * 4096)
            try world.bootUntilIdle()
            #expect(try world.row(name).exitCode == 5)
            _ = try world.perform(.remove(process: name))
        }
        let untouched = try world.info().rootUsedBytes
        // But for the pages of the kernel's tables into which the next strip and process go, and a directory.
        for round in 0..<12 {
            try lifeOfOne("p\(round)")
            #expect(try world.info().rootUsedBytes <= untouched + 3 * 4096)
        }
        #expect(try world.processes() == [])
        #expect(try world.problems() == [])
        try world.close()
    }

    /// A strip's record and a place in the table stayed for ever: this world was full after 1,987 lives.
    @Test func aSmallWorldDoesNotFillUpWithThoseThatWere() throws {
        let scratch = try Scratch()
        let world = try World.make(scratch, limitBytes: 1 << 20)
        let untouched = try world.info().rootUsedBytes
        let program = try Assembler.program("(call $proc_exit (i32.const 0))")
        for round in 0..<2_500 {
            try world.run(program, name: "p", limitBytes: 256 << 10)
            _ = try world.perform(.kill(process: "p"))
            _ = try world.perform(.remove(process: "p"))
            if round % 500 == 0 { _ = try world.perform(.checkpoint(name: nil)) }
        }
        #expect(try world.info().rootUsedBytes <= untouched + 3 * 4096)
        #expect(try world.problems() == [])
        try world.close()
    }

    @Test func aProcessThatKeepsUpWithItsInputBuysNoMorePagesForIt() throws {
        let scratch = try Scratch()
        let world = try World.make(scratch)
        try world.run(try Programs.c("echo"), name: "echo", limitBytes: 4 << 20, logBytes: 1 << 20)
        try world.bootUntilIdle()
        let line = String(repeating: "z", count: 199) + "\n"
        var text = ""
        var pages: [UInt64] = []
        for round in 1...100 {
            try world.send(line, to: "echo")
            try world.bootUntilIdle()
            text += "\(round): \(line)"
            // A log of 220 bytes a round grows beside it.
            pages.append(try world.row("echo").pages - UInt64(text.utf8.count + 16 * round + 4095) / 4096)
        }
        #expect(try world.output("echo") == text)
        #expect(try world.inspect("echo").inputBytes == 0)
        #expect(Set(pages.dropFirst(2)).count == 1, "\(pages)")
        #expect(try world.problems() == [])
        try world.close()
    }

    /// Modules that there is no room for are refused before anything is bought: the world is what it was, to the last counter.
    @Test func aProgramThatThereIsNoRoomForChangesNothing() throws {
        let scratch = try Scratch()
        let world = try World.make(scratch, limitBytes: 400 << 10)
        let before = try world.hash()
        let program = try Assembler.program("(call $proc_exit (i32.const 0))")
        let library = try Assembler.module("(module)")
        let large = try Assembler.module(
            #"(module (memory 8) (data (i32.const 0) "\#(String(repeating: "a", count: 300_000))"))"#)
        let error = try worldError {
            try world.run(program, name: "p", links: [("small", library), ("large", large)])
        }
        #expect(error?.code == .bankExhausted)
        #expect(try world.hash() == before)
        try world.run(program, name: "p", links: [("small", library)])
        #expect(try world.hash() != before)
        try world.close()
    }

    @Test func aProcessForWhichThereIsNoSpaceLeavesNothingBehind() throws {
        let scratch = try Scratch()
        let world = try World.make(scratch, limitBytes: 128 << 10)
        let used = try world.info().rootUsedBytes
        let long = String(repeating: "x", count: 200_000)
        let error = try worldError {
            try world.run(try Assembler.program("nop"), name: "large", input: long)
        }
        #expect(error?.code == .bankExhausted)
        let left = try world.info().rootUsedBytes
        // A pot, once it was bought, stays.
        #expect(left - used <= 2 * 4096)
        for _ in 0..<3 {
            #expect(try worldError { try world.run(try Assembler.program("nop"), name: "large", input: long) } != nil)
            #expect(try world.info().rootUsedBytes == left)
        }
        #expect(try world.problems() == [])
        try world.run(try Assembler.program("nop"), name: "small")
        try world.bootUntilIdle()
        #expect(try world.row("small").state == .exited)
        try world.close()
    }
}
