// C programs that fall over: faulted with a text and a place, their logs kept, and the others go on.

import Foundation
import Testing
import World

struct TrapTests {
    @Test(arguments: [
        ("trap", "unreachable", 1), ("bounds", "out of bounds memory access", 1),
        ("stack", "call stack exhausted", 1000),
    ])
    func aFaultIsShownWithItsPlaceAndTheOthersGoOn(_ way: String, _ text: String, _ depth: Int) throws {
        let scratch = try Scratch()
        let world = try World.make(scratch)
        try world.run(try Programs.c("faults"), name: "faulting", arguments: ["faults", way])
        try world.run(try Programs.c("faults"), name: "sound", arguments: ["faults"])
        try world.run(try Programs.c("echo"), name: "reading")
        try world.bootUntilIdle(every: .milliseconds(10))
        let fault = try world.inspect("faulting")
        #expect(fault.process.state == .faulted)
        #expect(fault.process.exitCode == 134)
        #expect(fault.fault == text)
        #expect(fault.callStack.count >= depth)
        #expect(
            fault.callStack.contains { $0.name == (way == "stack" ? "down" : "__main_argc_argv") || $0.name == "main" })
        #expect(try world.output("faulting") == "about to fall\n")
        #expect(try world.row("sound").exitCode == 0)
        #expect(try world.inspect("sound").callStack == [])
        try world.send("still here\n", to: "reading", ends: true)
        try world.bootUntilIdle()
        #expect(try world.row("reading").exitCode == 1)
        #expect(try world.problems() == [])
        // It is a state like others: it stays, and goes when it is removed.
        let hash = try world.hash()
        try world.close()
        let again = try World.open(at: scratch.world, as: .host)
        #expect(try again.hash() == hash)
        #expect(try again.inspect("faulting").callStack == fault.callStack)
        _ = try again.perform(.remove(process: "faulting"))
        #expect(try again.processes().map(\.name) == ["sound", "reading"])
        #expect(try again.problems() == [])
        try again.close()
    }

    @Test func aKilledProcessIsOverWhereverItStood() throws {
        let scratch = try Scratch()
        let world = try World.make(scratch)
        let spin = try Assembler.program(GasTests.spin)
        try world.run(spin, name: "in-its-quantum")
        try world.run(spin, name: "ready")
        try world.run(try Programs.c("echo"), name: "reading")
        try world.run(try Programs.c("naps"), name: "sleeping")
        try world.run(spin, name: "not-begun")
        try world.run(spin, name: "dry", gas: 10)
        try world.boot(steps: 600_000)
        try world.boot(steps: 17)
        for name in ["in-its-quantum", "ready", "reading", "sleeping", "not-begun", "dry"] {
            _ = try world.perform(.kill(process: name))
            #expect(try world.row(name).exitCode == 137)
            #expect(try world.problems() == [], "after \(name)")
        }
        let clock = try world.gasClock
        try world.bootUntilIdle()
        #expect(try world.gasClock == clock, "nothing is left to run")
        for name in ["in-its-quantum", "ready", "reading", "sleeping", "not-begun", "dry"] {
            _ = try world.perform(.remove(process: name))
        }
        #expect(try world.processes() == [])
        #expect(try world.problems() == [])
        try world.close()
    }

    @Test func argumentsEnvironmentAndInputReachACProgram() throws {
        let scratch = try Scratch()
        let world = try World.make(scratch)
        try world.run(
            try Programs.c("echo"), name: "echo", arguments: ["echo", "two words", ""], environment: ["KEY=value"],
            input: "a\nb\n")
        try world.bootUntilIdle()
        #expect(try world.row("echo").state == .waiting)
        #expect(try world.inspect("echo").waitsFor == "input")
        #expect(try world.inspect("echo").arguments == ["echo", "two words", ""])
        let begin = "argument 0: echo\nargument 1: two words\nargument 2: \nenvironment: KEY=value\n1: a\n2: b\n"
        #expect(try world.output("echo") == begin)
        let clock = try world.gasClock
        try world.bootUntilIdle()
        #expect(try world.gasClock == clock)
        // A line in two pieces, over a restart.
        try world.send("hal", to: "echo")
        try world.bootUntilIdle()
        try world.close()
        let again = try World.open(at: scratch.world, as: .host)
        try again.send("ves\nlast", to: "echo", ends: true)
        try again.bootUntilIdle()
        #expect(try again.output("echo") == begin + "3: halves\n4: last")
        #expect(try again.output("echo", .stderr) == "4 lines\n")
        #expect(try again.row("echo").exitCode == 4)
        #expect(try again.problems() == [])
        try again.close()
    }

    /// Pointers are integers to a program: one made by hand works inside of its memory; outside it is the program's fault.
    @Test func aPointerMadeOfAnIntegerFaultsItsProcessAlone() throws {
        let scratch = try Scratch()
        let world = try World.make(scratch)
        let program = try Programs.compiled("pointer.ll")
        try world.run(program, name: "heap", arguments: ["pointer"])
        try world.run(program, name: "outside", arguments: ["pointer", "2000000000"])
        try world.run(program, name: "last", arguments: ["pointer", "-1"])
        try world.run(try Programs.c("faults"), name: "neighbour", arguments: ["faults"])
        try world.bootUntilIdle(every: .milliseconds(10))
        #expect(try world.row("heap").exitCode == 42)
        #expect(try world.output("heap") == "written\n")
        for name in ["outside", "last"] {
            #expect(try world.inspect(name).fault == "out of bounds memory access")
            #expect(try world.output(name) == "")
        }
        #expect(try world.row("neighbour").exitCode == 0)
        #expect(try world.problems() == [])
        try world.close()
    }
}
