// Refusals that depend on more than one argument, or on what a stream is: an error number for the program, never a trap,
// and nothing done. Those of single arguments are in WASICallTests.

import Kernel
import Objects
import Testing

struct WASIRefusalTests {
    /// A call that is refused: what is asked, and the error number that it must answer.
    struct Refusal: Sendable, CustomTestStringConvertible {
        let call: String
        let errno: Int32
        var testDescription: String { call }

        init(_ call: String, _ errno: Int32) {
            self.call = call
            self.errno = errno
        }
    }

    static let badDescriptor: Int32 = 8
    static let fault: Int32 = 21
    static let notCapable: Int32 = 76

    /// At 0: a vector of "hello" at 64. At 8: one beyond the memory. At 16: one whose end is beyond it.
    static let data = """
        (data (i32.const 0) "\\40\\00\\00\\00\\05\\00\\00\\00")
        (data (i32.const 8) "\\00\\00\\01\\00\\01\\00\\00\\00")
        (data (i32.const 16) "\\fe\\ff\\00\\00\\05\\00\\00\\00")
        (data (i32.const 64) "hello")
        """

    static let refusals: [Refusal] = [
        // Only what the stream can do.
        Refusal("(call $fd_write (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 32))", notCapable),
        Refusal("(call $fd_read (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 32))", notCapable),
        Refusal("(call $fd_read (i32.const 2) (i32.const 0) (i32.const 1) (i32.const 32))", notCapable),
        // The first buffer is good, the others are not.
        Refusal("(call $fd_write (i32.const 1) (i32.const 0) (i32.const 2) (i32.const 32))", fault),
        Refusal("(call $fd_write (i32.const 1) (i32.const 0) (i32.const 3) (i32.const 32))", fault),
        Refusal("(call $fd_read (i32.const 0) (i32.const 0) (i32.const 2) (i32.const 32))", fault),
        Refusal("(call $fd_read (i32.const 0) (i32.const 0) (i32.const 3) (i32.const 32))", fault),
        // Strings that do not fit behind their address.
        Refusal("(call $args_get (i32.const 65529) (i32.const 32))", fault),
        Refusal("(call $args_get (i32.const 32) (i32.const 65533))", fault),
        Refusal("(call $environ_get (i32.const 65533) (i32.const 32))", fault),
        Refusal("(call $environ_get (i32.const 32) (i32.const -4))", fault),
        Refusal("(call $random_get (i32.const 65535) (i32.const 2))", fault),
        Refusal("(call $random_get (i32.const 1) (i32.const 65536))", fault),
    ]

    @Test(arguments: refusals)
    func aRefusedCallAnswersItsErrorNumberAndDoesNothing(_ refusal: Refusal) throws {
        let bench = try Bench()
        let process = try bench.spawn(
            try Assembler.program("(call $proc_exit \(refusal.call))", data: Self.data), arguments: ["a", "b"],
            environment: ["c=d"], input: "unread")
        let blocks = try bench.objects.world(WorldPage.entropyBlocks)
        try bench.runAll()
        #expect(try bench.state(process) == .exited)
        #expect(try bench.exitCode(process) == refusal.errno)
        #expect(try bench.log(process) == "" && bench.log(process, .error) == "")
        #expect(try bench.kernel.unreadInput(process) == 6)
        #expect(try bench.objects.world(WorldPage.entropyBlocks) == blocks)
        try bench.objects.checkRecords()
    }

    @Test(arguments: [
        ("(call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 32))", 1),
        ("(call $fd_write (i32.const 2) (i32.const 0) (i32.const 1) (i32.const 32))", 2),
        ("(call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 32))", 0),
        ("(call $fd_fdstat_get (i32.const 1) (i32.const 32))", 1),
        ("(call $fd_seek (i32.const 1) (i64.const 0) (i32.const 1) (i32.const 32))", 1),
        ("(call $fd_close (i32.const 1))", 1),
    ])
    func aClosedDescriptorIsBad(_ call: String, _ descriptor: Int) throws {
        let close = "(call $fd_close (i32.const \(descriptor)))"
        #expect(
            try Bench().exitCode(
                of: "\(close) (if (then (call $proc_exit (i32.const 99)))) (call $proc_exit \(call))", data: Self.data,
                input: "unread") == Self.badDescriptor)
        // The others stay open.
        let other = descriptor == 1 ? 2 : 1
        #expect(
            try Bench().exitCode(
                of: """
                    (drop \(close))
                    (call $proc_exit (call $fd_write (i32.const \(other)) (i32.const 0) (i32.const 1) (i32.const 32)))
                    """, data: Self.data) == 0)
    }

    @Test func aReadIntoNowhereDoesNotWait() throws {
        for call in [
            "(call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 65533))",
            "(call $fd_read (i32.const 0) (i32.const 8) (i32.const 1) (i32.const 32))",
        ] {
            #expect(try Bench().exitCode(of: "(call $proc_exit \(call))", data: Self.data) == Self.fault)
        }
    }

    @Test func aBufferThatAWriteWouldNotComeToIsChecked() throws {
        // 65,536 bytes are all that one call takes; the second buffer is outside.
        let body = """
            (i32.store (i32.const 0) (i32.const 0)) (i32.store (i32.const 4) (i32.const 65536))
            (call $proc_exit (call $fd_write (i32.const 1) (i32.const 0) (i32.const 2) (i32.const 32)))
            """
        let bench = try Bench()
        let process = try bench.spawn(try Assembler.program(body, data: Self.data))
        try bench.runAll()
        #expect(try bench.exitCode(process) == Self.fault)
        #expect(try bench.log(process) == "")
    }
}
