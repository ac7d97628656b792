// Signals that a process raises for itself.

import Kernel
import Objects
import Testing

struct WASIProcessTests {
    private func code(_ signal: Int) throws -> Int32 {
        let bench = try Bench()
        let process = try bench.spawn(
            try WASICall.program("(call $proc_exit (call $proc_raise (i32.const \(signal))))"))
        try bench.runAll()
        #expect(try bench.state(process) == .exited)
        return try bench.exitCode(process)
    }

    @Test(arguments: [13, 16, 17, 22, 27])
    func aSignalThatIsIgnoredChangesNothing(_ signal: Int) throws {
        #expect(try code(signal) == 0)
    }

    @Test(arguments: [18, 19, 20, 21])
    func aSignalThatStopsIsNotSupported(_ signal: Int) throws {
        #expect(try code(signal) == 58)
    }

    @Test(arguments: Set(1...30).subtracting([13, 16, 17, 18, 19, 20, 21, 22, 27]).sorted())
    func everyOtherSignalEndsTheProcess(_ signal: Int) throws {
        #expect(try code(signal) == 128 + Int32(signal))
    }

    @Test(arguments: [0, 31, 128, 134, -1])
    func whatIsNoSignalIsInvalid(_ signal: Int) throws {
        #expect(try code(signal) == 28)
    }

    @Test func nothingRunsAfterASignal() throws {
        let bench = try Bench()
        let process = try bench.spawn(
            try WASICall.program(
                """
                (drop (call $proc_raise (i32.const 6)))
                (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 32)))
                """))
        try bench.runAll()
        #expect(try bench.exitCode(process) == 134)
        #expect(try bench.log(process) == "")
        #expect(try bench.gasUsed(process) == 257, "the constant and the call")
    }
}
