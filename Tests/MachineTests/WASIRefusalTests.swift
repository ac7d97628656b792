// Every call of WASI with what it must refuse: an error number for the program, never a trap, and nothing done.

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
    static let invalid: Int32 = 28
    static let illegalSeek: Int32 = 70
    static let notCapable: Int32 = 76

    /// At 0: a vector of "hello" at 64. At 8: one beyond the memory. At 16: one whose end is beyond it.
    static let data = """
        (data (i32.const 0) "\\40\\00\\00\\00\\05\\00\\00\\00")
        (data (i32.const 8) "\\00\\00\\01\\00\\01\\00\\00\\00")
        (data (i32.const 16) "\\fe\\ff\\00\\00\\05\\00\\00\\00")
        (data (i32.const 64) "hello")
        """

    static let refusals: [Refusal] = [
        Refusal("(call $fd_write (i32.const 3) (i32.const 0) (i32.const 1) (i32.const 32))", badDescriptor),
        Refusal("(call $fd_write (i32.const -1) (i32.const 0) (i32.const 1) (i32.const 32))", badDescriptor),
        Refusal("(call $fd_write (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 32))", notCapable),
        Refusal("(call $fd_write (i32.const 1) (i32.const 65532) (i32.const 1) (i32.const 32))", fault),
        Refusal("(call $fd_write (i32.const 1) (i32.const -8) (i32.const 1) (i32.const 32))", fault),
        Refusal("(call $fd_write (i32.const 1) (i32.const 8) (i32.const 1) (i32.const 32))", fault),
        Refusal("(call $fd_write (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 32))", fault),
        Refusal("(call $fd_write (i32.const 1) (i32.const 0) (i32.const 3) (i32.const 32))", fault),
        Refusal("(call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 65533))", fault),
        Refusal("(call $fd_write (i32.const 1) (i32.const 0) (i32.const -1) (i32.const 32))", invalid),
        Refusal("(call $fd_read (i32.const 3) (i32.const 0) (i32.const 1) (i32.const 32))", badDescriptor),
        Refusal("(call $fd_read (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 32))", notCapable),
        Refusal("(call $fd_read (i32.const 0) (i32.const 65536) (i32.const 1) (i32.const 32))", fault),
        Refusal("(call $fd_read (i32.const 0) (i32.const 8) (i32.const 1) (i32.const 32))", fault),
        Refusal("(call $fd_read (i32.const 0) (i32.const 16) (i32.const 1) (i32.const 32))", fault),
        Refusal("(call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const -1))", fault),
        Refusal("(call $fd_close (i32.const 3))", badDescriptor),
        Refusal("(call $fd_close (i32.const 2147483647))", badDescriptor),
        Refusal("(call $fd_seek (i32.const 0) (i64.const 0) (i32.const 1) (i32.const 32))", illegalSeek),
        Refusal("(call $fd_seek (i32.const 1) (i64.const 9) (i32.const 0) (i32.const 32))", illegalSeek),
        Refusal("(call $fd_seek (i32.const 5) (i64.const 0) (i32.const 1) (i32.const 32))", badDescriptor),
        Refusal("(call $fd_fdstat_get (i32.const 1) (i32.const 65513))", fault),
        Refusal("(call $fd_fdstat_get (i32.const 3) (i32.const 32))", badDescriptor),
        Refusal("(call $fd_prestat_get (i32.const 3) (i32.const 32))", badDescriptor),
        Refusal("(call $fd_prestat_dir_name (i32.const 3) (i32.const 32) (i32.const 8))", badDescriptor),
        Refusal("(call $args_sizes_get (i32.const 65533) (i32.const 32))", fault),
        Refusal("(call $args_sizes_get (i32.const 32) (i32.const 65533))", fault),
        Refusal("(call $args_get (i32.const 65533) (i32.const 32))", fault),
        Refusal("(call $args_get (i32.const 32) (i32.const 65533))", fault),
        Refusal("(call $environ_sizes_get (i32.const -1) (i32.const 32))", fault),
        Refusal("(call $environ_get (i32.const 32) (i32.const -4))", fault),
        Refusal("(call $clock_time_get (i32.const 2) (i64.const 0) (i32.const 32))", invalid),
        Refusal("(call $clock_time_get (i32.const 0) (i64.const 0) (i32.const 65529))", fault),
        Refusal("(call $random_get (i32.const 65535) (i32.const 2))", fault),
        Refusal("(call $random_get (i32.const 0) (i32.const 65537))", invalid),
        Refusal("(call $random_get (i32.const 0) (i32.const -1))", invalid),
        Refusal("(call $poll_oneoff (i32.const 96) (i32.const 1024) (i32.const 0) (i32.const 32))", invalid),
        Refusal("(call $poll_oneoff (i32.const 96) (i32.const 1024) (i32.const 65) (i32.const 32))", invalid),
        Refusal("(call $poll_oneoff (i32.const 65489) (i32.const 1024) (i32.const 1) (i32.const 32))", fault),
        Refusal("(call $poll_oneoff (i32.const 96) (i32.const 65505) (i32.const 1) (i32.const 32))", fault),
        Refusal("(call $poll_oneoff (i32.const 96) (i32.const 1024) (i32.const 1) (i32.const 65533))", fault),
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

    @Test func aRegisterWithoutTheKeyAnswersNotCapable() throws {
        let calls: [(Int, String)] = [
            (0, "(call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 32))"),
            (1, "(call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 32))"),
            (2, "(call $fd_fdstat_get (i32.const 2) (i32.const 32))"),
            (3, "(call $clock_time_get (i32.const 0) (i64.const 0) (i32.const 32))"),
            (4, "(call $random_get (i32.const 32) (i32.const 8))"),
        ]
        for (register, call) in calls {
            let bench = try Bench()
            let process = try bench.spawn(
                try Assembler.program("(call $proc_exit \(call))", data: Self.data), input: "unread")
            try bench.objects.mutableCell(process).store(
                Key.void, at: ProcessRecord.registers + Key.bytes * register)
            try bench.runAll()
            #expect(try bench.state(process) == .exited)
            #expect(try bench.exitCode(process) == Self.notCapable, "\(call)")
        }
    }
}
