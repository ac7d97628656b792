// Clocks and entropy.

import Kernel
import Objects

extension WASI {
    static let timeFunctions: [HostFunction] = [
        HostFunction(module, "clock_res_get", [.i32, .i32]) { try clockResolution($0) },
        HostFunction(module, "clock_time_get", [.i32, .i64, .i32]) { try clockTime($0) },
        HostFunction(
            module, "random_get", [.i32, .i32],
            extraGas: { 256 + 4 * UInt64(min($0.word(1), UInt32(transferBound))) }, { try random($0) }),
    ]

    /// Whether the register for a device holds its key.
    static func holds(_ call: HostCall, _ device: Device, register: Int) throws -> Bool {
        try call.machine.objects.register(register, of: call.active.cell) == .device(device)
    }

    /// Whether there is a clock of this number: 0 real time, 1 monotonic. Of a process's or a thread's time there is none.
    static func isClock(_ id: UInt32) -> Bool { id < 2 }

    /// Samples are in nanoseconds.
    private static func clockResolution(_ call: HostCall) throws -> CallOutcome {
        guard try holds(call, .clock, register: 3) else { return .errno(.notCapable) }
        guard isClock(call.word(0)) else { return .errno(.invalid) }
        guard try call.machine.prepareWrite(call.active, at: call.word(1), count: 8) else { return .errno(.fault) }
        call.machine.write(littleEndian(UInt64(1)), call.active, at: call.word(1))
        return .errno(.success)
    }

    private static func clockTime(_ call: HostCall) throws -> CallOutcome {
        guard try holds(call, .clock, register: 3) else { return .errno(.notCapable) }
        guard isClock(call.word(0)) else { return .errno(.invalid) }
        guard try call.machine.prepareWrite(call.active, at: call.word(2), count: 8) else { return .errno(.fault) }
        let sample = try call.machine.clock.sample()
        let time = call.word(0) == 0 ? sample.realtime : sample.monotonic
        call.machine.write(littleEndian(time), call.active, at: call.word(2))
        return .errno(.success)
    }

    private static func random(_ call: HostCall) throws -> CallOutcome {
        guard try holds(call, .entropy, register: 4) else { return .errno(.notCapable) }
        let count = Int(call.word(1))
        guard count <= transferBound else { return .errno(.invalid) }
        guard try call.machine.prepareWrite(call.active, at: call.word(0), count: count) else { return .errno(.fault) }
        call.machine.write(try call.machine.entropy.take(count), call.active, at: call.word(0))
        return .errno(.success)
    }
}
