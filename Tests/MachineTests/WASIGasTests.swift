// What calls cost: 1, and what the table in specs/wasi.md says.

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

    @Test(arguments: WASICall.all)
    func aSmallCallCostsOne(_ call: WASICall) throws {
        guard call.answer != nil else { return }
        let subscriptions: UInt64 = call.name == "poll_oneoff" ? 1 : 0
        #expect(try cost(call.text(), constants: call.arguments.count) == 1 + subscriptions)
    }

    @Test func stringsCostByTheirBytes() throws {
        // 64 letters and their zero, "c=d" and its zero: 69 bytes; with another letter less than 128 still.
        for (letters, gas) in [(59, 1), (60, 2), (123, 2), (124, 3)] {
            let arguments = [String(repeating: "a", count: letters - 1)]
            for name in ["args_get", "environ_get"] {
                let call = "(call $\(name) (i32.const 2048) (i32.const 4096))"
                #expect(try cost(call, constants: 2, arguments: arguments) == UInt64(gas), "\(name) of \(letters)")
            }
            let sizes = "(call $args_sizes_get (i32.const 32) (i32.const 40))"
            #expect(try cost(sizes, constants: 2, arguments: arguments) == 1)
        }
    }

    @Test func randomBytesCostByTheirCount() throws {
        for (count, gas) in [(0, 1), (63, 1), (64, 2), (1000, 16), (65536, 1025), (65537, 1025), (-1, 1025)] {
            #expect(try cost("(call $random_get (i32.const 0) (i32.const \(count)))", constants: 2) == UInt64(gas))
        }
    }

    @Test func subscriptionsCostOneEach() throws {
        for (count, gas) in [(0, 1), (1, 2), (64, 65), (65, 65), (-1, 65)] {
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
            (0, 0, 1), (1, 63, 1), (1, 64, 2), (2, 32, 2), (7, 1, 1), (8, 1, 2), (16, 64, 19), (1, 65536, 1025),
            (2, 65536, 1025), (9, 65536, 1026),
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
                #expect(cost == UInt64(1 + count / 8), "\(call) of \(count)")
            }
        }
    }

    @Test func buffersThatAreRefusedCostNothingMore() throws {
        for name in ["fd_read", "fd_write"] {
            for count in [1025, -1] {
                let call = "(call $\(name) (i32.const 1) (i32.const 0) (i32.const \(count)) (i32.const 32))"
                #expect(try cost(call, constants: 4) == 1)
            }
            #expect(
                try cost("(call $\(name) (i32.const 1) (i32.const 65530) (i32.const 8) (i32.const 32))", constants: 4)
                    == 1)
        }
    }
}
