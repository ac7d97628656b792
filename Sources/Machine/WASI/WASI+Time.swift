// Clocks, entropy and waiting.

import Kernel
import Objects

extension WASI {
    /// At most this many subscriptions in one call.
    private static let subscriptionBound: UInt32 = 64
    private static let subscriptionBytes = 48
    private static let eventBytes = 32

    static let timeFunctions: [HostFunction] = [
        HostFunction(module, "clock_time_get", [.i32, .i64, .i32]) { try clockTime($0) },
        HostFunction(
            module, "random_get", [.i32, .i32],
            extraGas: { UInt64(min($0.word(1), UInt32(transferBound))) / 64 }, { try random($0) }),
        HostFunction(
            module, "poll_oneoff", [.i32, .i32, .i32, .i32], extraGas: { UInt64(min($0.word(2), subscriptionBound)) },
            { try poll($0) }),
    ]

    /// Whether the register for a device holds its key.
    private static func holds(_ call: HostCall, _ device: Device, register: Int) throws -> Bool {
        try call.machine.objects.register(register, of: call.active.cell) == .device(device)
    }

    /// Nanoseconds of clock `id`: 0 since 1970, 1 monotonic; nil for others. Process and thread clocks there are none.
    private static func time(_ call: HostCall, _ id: UInt32) throws -> UInt64? {
        guard id < 2 else { return nil }
        let sample = try call.machine.clock.sample()
        return id == 0 ? sample.realtime : sample.monotonic
    }

    private static func clockTime(_ call: HostCall) throws -> CallOutcome {
        guard try holds(call, .clock, register: 3) else { return .errno(.notCapable) }
        guard call.word(0) < 2 else { return .errno(.invalid) }
        guard try call.machine.prepareWrite(call.active, at: call.word(2), count: 8) else { return .errno(.fault) }
        guard let time = try time(call, call.word(0)) else { return .errno(.invalid) }
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

    /// A subscription, decoded: what it waits for and the word that comes back with its event.
    private enum Subscription {
        case clock(user: UInt64, id: UInt32, timeout: UInt64, isAbsolute: Bool)
        case descriptor(user: UInt64, kind: UInt8, descriptor: UInt32)
    }

    private static func subscriptions(_ call: HostCall) throws -> [Subscription]? {
        guard
            let bytes = try call.machine.read(
                call.active, at: call.word(0), count: Int(call.word(2)) * subscriptionBytes)
        else { return nil }
        func integer(_ at: Int, _ width: Int) -> UInt64 {
            bytes[at..<at + width].reversed().reduce(0) { $0 << 8 | UInt64($1) }
        }
        return stride(from: 0, to: bytes.count, by: subscriptionBytes).map { at in
            let user = integer(at, 8)
            let kind = bytes[at + 8]
            if kind == 0 {
                return .clock(
                    user: user, id: UInt32(integer(at + 16, 4)), timeout: integer(at + 24, 8),
                    isAbsolute: integer(at + 40, 2) & 1 == 1)
            }
            return .descriptor(user: user, kind: kind, descriptor: UInt32(integer(at + 16, 4)))
        }
    }

    /// An event: user word 8, error 2, type 1, then for descriptors bytes 8 at 16 and flags 2 at 24; 32 bytes.
    private static func event(
        _ user: UInt64, _ errno: Errno, kind: UInt8, bytes: UInt64 = 0, hangup: Bool = false
    ) -> [UInt8] {
        littleEndian(user) + littleEndian(UInt16(errno.rawValue)) + [kind, 0, 0, 0, 0, 0] + littleEndian(bytes)
            + [hangup ? 1 : 0, 0, 0, 0, 0, 0, 0, 0]
    }

    /// Waits for the first of several moments or for input. The earliest deadline is fixed when the wait begins and kept
    /// in the process's record, so that the call, made again, waits for the same moment.
    private static func poll(_ call: HostCall) throws -> CallOutcome {
        let count = call.word(2)
        guard count > 0, count <= subscriptionBound else { return .errno(.invalid) }
        guard let subscriptions = try subscriptions(call) else { return .errno(.fault) }
        guard try call.machine.prepareWrite(call.active, at: call.word(1), count: Int(count) * eventBytes),
            try call.machine.prepareWrite(call.active, at: call.word(3), count: 4)
        else { return .errno(.fault) }

        let objects = call.machine.objects
        let cell = call.active.cell
        var events: [UInt8] = []
        var waitsForInput = false
        var clocks: [(user: UInt64, deadline: UInt64)] = []
        let isTimed = subscriptions.contains { if case .clock = $0 { true } else { false } }
        let sample = isTimed ? try call.machine.clock.sample() : (realtime: 0, monotonic: 0)
        let begun = try objects.get(cell, ProcessRecord.pollBegun)
        let start = begun == 0 ? sample.monotonic + 1 : begun
        for subscription in subscriptions {
            switch subscription {
            case .clock(let user, let id, let timeout, let isAbsolute):
                guard try holds(call, .timer, register: 5) else {
                    events += event(user, .notCapable, kind: 0)
                    continue
                }
                guard id < 2 else {
                    events += event(user, .invalid, kind: 0)
                    continue
                }
                let relative = id == 0 && isAbsolute ? timeout &- min(sample.realtime, timeout) : timeout
                let base = isAbsolute ? (id == 0 ? sample.monotonic : 0) : start - 1
                clocks.append((user, base.addingReportingOverflow(relative).overflow ? .max : base + relative))
            case .descriptor(let user, let kind, let descriptor):
                switch try device(call, descriptor) {
                case .failure(let error): events += event(user, error.errno, kind: kind)
                case .success(.consoleInput) where kind == 1:
                    let unread = try call.machine.kernel.unreadInput(cell)
                    let ended = try objects.get(cell, ProcessRecord.inputEnded) != 0
                    if unread > 0 || ended {
                        events += event(user, .success, kind: kind, bytes: unread, hangup: ended && unread == 0)
                    } else {
                        waitsForInput = true
                    }
                case .success: events += event(user, .success, kind: kind, bytes: UInt64(transferBound))
                }
            }
        }
        for clock in clocks where clock.deadline <= sample.monotonic { events += event(clock.user, .success, kind: 0) }
        if events.isEmpty {
            try objects.set(cell, ProcessRecord.pollBegun, start)
            return .wait(input: waitsForInput, deadline: clocks.map(\.deadline).min())
        }
        if begun != 0 { try objects.set(cell, ProcessRecord.pollBegun, 0) }
        call.machine.write(events, call.active, at: call.word(1))
        call.machine.write(littleEndian(UInt32(events.count / eventBytes)), call.active, at: call.word(3))
        return .errno(.success)
    }
}
