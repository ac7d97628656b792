// What descriptors are and how that changes: flags, rights, status, closing, and moving a key to another number.

import Kernel
import Objects
import Testing

struct WASIDescriptorTests {
    /// Runs a body that ends with the exit code 0 where all is as it must be.
    private func run(_ bench: Bench, _ body: String, input: String = "", inputEnds: Bool = false) throws -> CellID {
        let process = try bench.spawn(try WASICall.program(body), input: input, inputEnds: inputEnds)
        try bench.runAll()
        return process
    }

    private func code(_ body: String, input: String = "", inputEnds: Bool = false) throws -> Int32 {
        let bench = try Bench()
        let process = try run(bench, body, input: input, inputEnds: inputEnds)
        #expect(try bench.state(process) == .exited)
        return try bench.exitCode(process)
    }

    /// Exits with `code` where an i32 is not `value`.
    private static func check(_ expression: String, _ value: Int, _ code: Int) -> String {
        "(if (i32.ne \(expression) (i32.const \(value))) (then (call $proc_exit (i32.const \(code)))))\n"
    }

    private static func check64(_ address: Int, _ value: Int, _ code: Int) -> String {
        """
        (if (i64.ne (i64.load (i32.const \(address))) (i64.const \(value)))
          (then (call $proc_exit (i32.const \(code)))))

        """
    }

    private static func setFlags(_ descriptor: Int, _ flags: Int) -> String {
        "(call $fd_fdstat_set_flags (i32.const \(descriptor)) (i32.const \(flags)))"
    }

    private static func flags(_ descriptor: Int) -> String {
        """
        (block (result i32) (drop (call $fd_fdstat_get (i32.const \(descriptor)) (i32.const 256)))
          (i32.load16_u (i32.const 258)))
        """
    }

    private static let read = "(call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 32))"

    private static func write(_ descriptor: Int) -> String {
        "(call $fd_write (i32.const \(descriptor)) (i32.const 0) (i32.const 1) (i32.const 32))"
    }

    // MARK: Status

    @Test(arguments: [0, 1, 2])
    func fileStatusSaysCharacterDevice(_ descriptor: Int) throws {
        // Memory is filled with ones first, so that all 64 bytes must be written, and none after them.
        let body =
            "(memory.fill (i32.const 128) (i32.const 255) (i32.const 128))\n"
            + Self.check("(call $fd_filestat_get (i32.const \(descriptor)) (i32.const 128))", 0, 1)
            + Self.check64(128, 0, 2) + Self.check64(136, descriptor + 1, 3) + Self.check64(144, 2, 4)
            + Self.check64(152, 1, 5) + Self.check64(160, 0, 6) + Self.check64(168, 0, 7) + Self.check64(176, 0, 8)
            + Self.check64(184, 0, 9) + Self.check64(192, -1, 10)
        #expect(try code(body) == 0)
    }

    @Test(arguments: [0, 1, 2])
    func descriptorStatusSaysWhatItMay(_ descriptor: Int) throws {
        let rights = (descriptor == 0 ? 1 << 1 : 1 << 6) | 1 << 3 | 1 << 21 | 1 << 27
        let body =
            "(memory.fill (i32.const 128) (i32.const 255) (i32.const 128))\n"
            + Self.check("(call $fd_fdstat_get (i32.const \(descriptor)) (i32.const 128))", 0, 1)
            + Self.check64(128, 2 | (descriptor == 0 ? 0 : 1 << 16), 2) + Self.check64(136, rights, 3)
            + Self.check64(144, 0, 4) + Self.check64(152, -1, 5)
        #expect(try code(body) == 0)
    }

    // MARK: Flags

    @Test func aReaderThatDoesNotWaitIsToldToComeAgain() throws {
        let body =
            Self.check(Self.setFlags(0, 4), 0, 1) + Self.check(Self.flags(0), 4, 2) + Self.check(Self.read, 6, 3)
            + Self.check(Self.read, 6, 4) + Self.check(Self.setFlags(0, 0), 0, 5) + Self.check(Self.flags(0), 0, 6)
            + Self.check(Self.read, 0, 7) + Self.check("(i32.load (i32.const 32))", 2, 8)
        let bench = try Bench()
        let process = try run(bench, body)
        #expect(try bench.state(process) == .waiting, "the last read waits again")
        try bench.kernel.deliverInput(Array("xy".utf8), ends: false, to: process)
        try bench.runAll()
        #expect(try bench.exitCode(process) == 0)
    }

    @Test func whatIsThereIsReadWithoutWaiting() throws {
        let body =
            Self.check(Self.setFlags(0, 4), 0, 1) + Self.check(Self.read, 0, 2)
            + Self.check("(i32.load (i32.const 32))", 3, 3)
        #expect(try code(body + Self.check(Self.read, 6, 4), input: "abc") == 0)
        // The end of the input is no reason to come again.
        let end = Self.check(Self.read, 0, 4) + Self.check("(i32.load (i32.const 32))", 0, 5)
        #expect(try code(body + end, input: "abc", inputEnds: true) == 0)
    }

    @Test func flagsAreADescriptorsOwnAndSurviveAReload() throws {
        let body =
            Self.check(Self.setFlags(0, 4), 0, 1) + Self.check(Self.setFlags(2, 4), 0, 2)
            + "(drop (call $sched_yield))\n" + Self.check(Self.flags(0), 4, 3) + Self.check(Self.flags(1), 1, 4)
            + Self.check(Self.flags(2), 5, 5) + Self.check(Self.read, 6, 6)
        let bench = try Bench()
        let process = try bench.spawn(try WASICall.program(body))
        let first = try #require(try bench.kernel.processToRun())
        _ = try bench.machine.run(first, gasBound: .max)
        #expect(try bench.state(process) == .ready, "it gave its turn away")
        try bench.machine.saveAll()
        bench.machine.forget(process)
        try bench.runAll()
        #expect(try bench.exitCode(process) == 0)
    }

    @Test func onlyWhatIsSoCanBeAskedFor() throws {
        // 1 append, 2 dsync, 8 rsync, 16 sync.
        for (descriptor, flags, errno) in [
            (0, 1, 58), (0, 2, 58), (0, 4 | 8, 58), (0, 16, 58), (1, 1, 0), (1, 0, 0), (2, 1 | 4, 0), (1, 1 | 2, 58),
        ] {
            let known = Self.check(Self.setFlags(descriptor, flags), errno, 1)
            let after = errno == 0 ? flags & 4 : 0
            let body = known + Self.check(Self.flags(descriptor), after | (descriptor == 0 ? 0 : 1), 2)
            #expect(try code(body) == 0, "flags \(flags) on \(descriptor)")
        }
    }

    @Test func writingTakesNoNoticeOfWaiting() throws {
        let bench = try Bench()
        let process = try run(bench, Self.check(Self.setFlags(1, 4), 0, 1) + Self.check(Self.write(1), 0, 2))
        #expect(try bench.exitCode(process) == 0)
        #expect(try bench.log(process) == "hello")
    }

    @Test func rightsCannotBeAddedAndNotBeTakenAway() throws {
        let input = 1 << 1 | 1 << 3 | 1 << 21 | 1 << 27
        let output = 1 << 6 | 1 << 3 | 1 << 21 | 1 << 27
        for (descriptor, base, inheriting, errno) in [
            (0, input, 0, 0), (1, output, 0, 0), (2, output, 0, 0), (0, input | 1 << 2, 0, 76), (0, output, 0, 76),
            (1, input, 0, 76), (0, input, 1, 76), (0, -1, -1, 76), (0, 0, 0, 58), (1, 1 << 6, 0, 58),
        ] {
            let call = """
                (call $fd_fdstat_set_rights (i32.const \(descriptor)) (i64.const \(base)) (i64.const \(inheriting)))
                """
            #expect(try code("(call $proc_exit \(call))") == errno, "\(base) on \(descriptor)")
        }
    }

    // MARK: Renumbering

    @Test func renumberingMovesTheKeyAndClosesTheFirst() throws {
        // What was standard error is now descriptor 1; 2 is closed; what 1 was is gone.
        let body =
            Self.check("(call $fd_renumber (i32.const 2) (i32.const 1))", 0, 1) + Self.check(Self.write(1), 0, 2)
            + Self.check(Self.write(2), 8, 3) + Self.check("(call $fd_close (i32.const 2))", 8, 4)
            + Self.check("(call $fd_renumber (i32.const 2) (i32.const 1))", 8, 5)
            + Self.check("(call $fd_renumber (i32.const 1) (i32.const 2))", 8, 6)
        let bench = try Bench()
        let process = try run(bench, body)
        #expect(try bench.exitCode(process) == 0)
        #expect(try bench.log(process, .error) == "hello" && bench.log(process, .output) == "")
        #expect(try bench.objects.register(1, of: process).device == .consoleError)
        #expect(try bench.objects.register(2, of: process) == .void)
    }

    @Test func renumberingTakesWaitingAlong() throws {
        let body =
            Self.check(Self.setFlags(0, 4), 0, 1) + Self.check("(call $fd_renumber (i32.const 0) (i32.const 2))", 0, 2)
            + Self.check(Self.flags(2), 4, 3)
            + Self.check("(call $fd_read (i32.const 2) (i32.const 0) (i32.const 1) (i32.const 32))", 6, 4)
            + Self.check("(call $fd_renumber (i32.const 1) (i32.const 2))", 0, 5) + Self.check(Self.flags(2), 1, 6)
        #expect(try code(body) == 0)
    }

    @Test func renumberingToItselfDoesNothing() throws {
        let body =
            Self.check(Self.setFlags(1, 4), 0, 1) + Self.check("(call $fd_renumber (i32.const 1) (i32.const 1))", 0, 2)
            + Self.check(Self.flags(1), 5, 3) + Self.check(Self.write(1), 0, 4)
        #expect(try code(body) == 0)
        #expect(try code("(call $proc_exit (call $fd_renumber (i32.const 9) (i32.const 9)))") == 8)
    }

    @Test func closingForgetsWaiting() throws {
        let bench = try Bench()
        let process = try run(
            bench, Self.check(Self.setFlags(0, 4), 0, 1) + Self.check("(call $fd_close (i32.const 0))", 0, 2))
        #expect(try bench.exitCode(process) == 0)
        #expect(try bench.objects.get(process, ProcessRecord.closedDescriptors) == 1)
    }
}
