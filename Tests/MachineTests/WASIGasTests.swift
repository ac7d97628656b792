// What calls cost: 256, and what the tables in specs/wasi.md say.

import Kernel
import Objects
import Testing

struct WASIGasTests {
    /// Gas of a call alone, without its constants and the drop behind it.
    private func cost(
        _ call: String, constants: Int, setUp: String = "", setUpGas: UInt64 = 0, arguments: [String] = ["a"],
        input: String = "unread"
    ) throws -> UInt64 {
        let bench = try Bench()
        let process = try bench.spawn(
            try WASICall.program("\(setUp) (drop \(call))"), arguments: arguments, environment: ["c=d"], input: input)
        try bench.runAll()
        #expect(try bench.state(process) == .exited)
        return try bench.gasUsed(process) - setUpGas - UInt64(constants) - 1
    }

    /// Gas beyond the 256 of the calls that cost more, as the table has them; the strings take 6 bytes.
    private static let more: [String: UInt64] = [
        "args_sizes_get": 262, "args_get": 262, "environ_sizes_get": 262, "environ_get": 262, "fd_fdstat_get": 128,
        "fd_filestat_get": 128,
    ]

    @Test(arguments: WASICall.all)
    func aCallCostsWhatTheTableSays(_ call: WASICall) throws {
        // Those with lists have tests of their own below.
        let lists = [
            "poll_oneoff", "random_get", "fd_read", "fd_write", "fd_pread", "fd_pwrite", "sock_recv", "sock_send",
        ]
        guard call.answer != nil, !lists.contains(call.name) else { return }
        #expect(try cost(call.text(), constants: call.arguments.count) == 256 + Self.more[call.name, default: 0])
    }

    @Test func stringsCostByTheirBytes() throws {
        // The letters and their zero, "c=d" and its zero.
        for (letters, gas) in [(1, 518), (2, 519), (64, 581), (1000, 1517)] {
            let arguments = [String(repeating: "a", count: letters)]
            for name in ["args_get", "args_sizes_get", "environ_get", "environ_sizes_get"] {
                let call = "(call $\(name) (i32.const 2048) (i32.const 4096))"
                #expect(try cost(call, constants: 2, arguments: arguments) == UInt64(gas), "\(name) of \(letters)")
            }
        }
    }

    @Test func randomBytesCostByTheirCount() throws {
        for (count, gas) in [
            (0, 512), (1, 516), (1000, 4512), (65536, 262_656), (65537, 262_656), (-1, 262_656),
        ] {
            #expect(try cost("(call $random_get (i32.const 0) (i32.const \(count)))", constants: 2) == UInt64(gas))
        }
    }

    @Test func subscriptionsCostEach() throws {
        for (count, gas) in [(0, 384), (1, 640), (64, 16_768), (65, 16_768), (-1, 16_768)] {
            let call = "(call $poll_oneoff (i32.const 96) (i32.const 8192) (i32.const \(count)) (i32.const 32))"
            #expect(try cost(call, constants: 4) == UInt64(gas))
        }
    }

    /// A list of `count` buffers of `bytes` bytes at 1,024.
    private func list(_ count: Int, bytes: Int) -> (text: String, gas: UInt64) {
        let stores = (0..<count).map {
            "(i32.store (i32.const \(1024 + 8 * $0)) (i32.const 0)) "
                + "(i32.store (i32.const \(1028 + 8 * $0)) (i32.const \(bytes)))"
        }
        return (stores.joined(separator: "\n"), UInt64(6 * count))
    }

    @Test func transfersCostByTheirBuffersAndBytes() throws {
        for (count, bytes, gas) in [
            (0, 0, 1024), (1, 7, 1088), (1, 8, 1089), (2, 4, 1153), (7, 1, 1472), (8, 1, 1537), (16, 64, 2176),
            (1, 65536, 9280), (2, 65536, 9344), (9, 65536, 9792),
        ] {
            let list = list(count, bytes: bytes)
            for (name, descriptor) in [("fd_read", 0), ("fd_write", 1)] {
                let call = """
                    (call $\(name) (i32.const \(descriptor)) (i32.const 1024) (i32.const \(count)) (i32.const 32))
                    """
                let cost = try cost(call, constants: 4, setUp: list.text, setUpGas: list.gas)
                #expect(cost == UInt64(gas), "\(name) of \(count) × \(bytes)")
            }
            // These move nothing.
            for (call, constants) in [
                ("(call $fd_pread (i32.const 0) (i32.const 1024) (i32.const N) (i64.const 0) (i32.const 32))", 5),
                ("(call $fd_pwrite (i32.const 1) (i32.const 1024) (i32.const N) (i64.const 0) (i32.const 32))", 5),
                ("(call $sock_send (i32.const 1) (i32.const 1024) (i32.const N) (i32.const 0) (i32.const 32))", 5),
            ] {
                let text = call.replacing("const N", with: "const \(count)")
                let cost = try cost(text, constants: constants, setUp: list.text, setUpGas: list.gas)
                #expect(cost == UInt64(256 + 64 * count), "\(call) of \(count)")
            }
        }
    }

    /// A list is paid for also where its last buffer makes the call fail.
    @Test func aListWithABadBufferCostsItsLength() throws {
        let setUp = "(i32.store (i32.const 9216) (i32.const -1)) (i32.store (i32.const 9220) (i32.const 9))"
        for (name, gas) in [("fd_read", 1024 + 64 * 1024), ("fd_write", 1024 + 64 * 1024)] {
            let descriptor = name == "fd_read" ? 0 : 1
            let call = "(call $\(name) (i32.const \(descriptor)) (i32.const 1032) (i32.const 1024) (i32.const 32))"
            #expect(try cost(call, constants: 4, setUp: setUp, setUpGas: 6) == UInt64(gas))
        }
    }

    @Test func tooManyBuffersCostNothingMore() throws {
        for name in ["fd_read", "fd_write"] {
            for count in [1025, -1] {
                let call = "(call $\(name) (i32.const 1) (i32.const 0) (i32.const \(count)) (i32.const 32))"
                #expect(try cost(call, constants: 4) == 1024)
            }
            #expect(
                try cost("(call $\(name) (i32.const 1) (i32.const 65530) (i32.const 8) (i32.const 32))", constants: 4)
                    == 256 + 768 + 8 * 64)
        }
    }
}
