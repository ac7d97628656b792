// Waiting for the first of several moments and streams. A call that waits is made again from its start, so when it began
// is kept in the process's record: what a relative moment is relative to.

import Kernel
import Objects

extension WASI {
    /// At most this many subscriptions in one call.
    private static let subscriptionBound: UInt32 = 64
    private static let subscriptionBytes = 48
    private static let eventBytes = 32
    /// No moment is later than this, 292 years on, so that nobody who adds to one overflows.
    private static let lastMoment = UInt64(Int64.max)

    static let pollFunctions: [HostFunction] = [
        HostFunction(
            module, "poll_oneoff", [.i32, .i32, .i32, .i32],
            extraGas: { 128 + 256 * UInt64(min($0.word(2), subscriptionBound)) }, { try poll($0) })
    ]

    /// What is waited for, and the word that comes back with its event.
    private enum Subscription {
        case clock(user: UInt64, id: UInt32, timeout: UInt64, isAbsolute: Bool)
        case stream(user: UInt64, kind: UInt8, descriptor: UInt32)
    }

    private static let clockKind: UInt8 = 0
    private static let readKind: UInt8 = 1
    private static let writeKind: UInt8 = 2

    /// `subscription`: user word 8, kind 1 at 8; of a clock its number 4 at 16, timeout 8 at 24, precision 8 at 32, flags
    /// 2 at 40 (bit 0: absolute); of a stream its descriptor 4 at 16. EFAULT where the list lies outside of the memory,
    /// EINVAL where a kind or a flag is none that there is.
    private static func subscriptions(_ call: HostCall) throws -> Result<[Subscription], ErrnoError> {
        let size = Int(call.word(2)) * subscriptionBytes
        guard let bytes = try call.machine.read(call.active, at: call.word(0), count: size) else {
            return .failure(.init(.fault))
        }
        func integer(_ at: Int, _ width: Int) -> UInt64 {
            bytes[at..<at + width].reversed().reduce(0) { $0 << 8 | UInt64($1) }
        }
        var subscriptions: [Subscription] = []
        for at in stride(from: 0, to: bytes.count, by: subscriptionBytes) {
            let user = integer(at, 8)
            let number = UInt32(integer(at + 16, 4))
            switch bytes[at + 8] {
            case clockKind:
                let flags = integer(at + 40, 2)
                guard flags <= 1 else { return .failure(.init(.invalid)) }
                subscriptions.append(
                    .clock(user: user, id: number, timeout: integer(at + 24, 8), isAbsolute: flags == 1))
            case let kind where kind == readKind || kind == writeKind:
                subscriptions.append(.stream(user: user, kind: kind, descriptor: number))
            default: return .failure(.init(.invalid))
            }
        }
        return .success(subscriptions)
    }

    /// How a subscription stands.
    private enum Standing {
        case happened([UInt8])
        case comes(at: UInt64)
        case awaitsInput
    }

    /// `event`: user word 8, error 2 at 8, kind 1 at 10, then of a stream how many bytes 8 at 16 and flags 2 at 24 (bit 0:
    /// the other side is gone); 32 bytes.
    private static func event(
        _ user: UInt64, _ errno: Errno = .success, kind: UInt8, bytes: UInt64 = 0, hangup: Bool = false
    ) -> Standing {
        .happened(
            littleEndian(user) + littleEndian(UInt16(errno.rawValue)) + [kind, 0, 0, 0, 0, 0] + littleEndian(bytes)
                + [hangup ? 1 : 0, 0, 0, 0, 0, 0, 0, 0])
    }

    private static func poll(_ call: HostCall) throws -> CallOutcome {
        let count = call.word(2)
        guard count > 0, count <= subscriptionBound else { return .errno(.invalid) }
        let subscriptions: [Subscription]
        switch try Self.subscriptions(call) {
        case .failure(let error): return .errno(error.errno)
        case .success(let found): subscriptions = found
        }
        guard try call.machine.prepareWrite(call.active, at: call.word(1), count: Int(count) * eventBytes),
            try call.machine.prepareWrite(call.active, at: call.word(3), count: 4)
        else { return .errno(.fault) }

        let objects = call.machine.objects
        let cell = call.active.cell
        let isTimed = try subscriptions.contains { if case .clock = $0 { try mayTime(call) } else { false } }
        let now = isTimed ? try call.machine.clock.sample() : (realtime: 0, monotonic: 0)
        let begun = try objects.get(cell, ProcessRecord.pollBegun)
        let start = begun == 0 ? now.monotonic : begun - 1
        let standings = try subscriptions.map { subscription in
            switch subscription {
            case .clock(let user, let id, let timeout, let isAbsolute):
                guard try mayTime(call) else { return event(user, .notCapable, kind: clockKind) }
                guard isClock(id) else { return event(user, .invalid, kind: clockKind) }
                let moment = moment(id: id, timeout: timeout, isAbsolute: isAbsolute, start: start, now: now)
                return moment <= now.monotonic ? event(user, kind: clockKind) : .comes(at: moment)
            case .stream(let user, let kind, let descriptor):
                return try standing(call, user: user, kind: kind, descriptor: descriptor)
            }
        }

        var events: [UInt8] = []
        var awaitsInput = false
        var earliest: UInt64?
        for standing in standings {
            switch standing {
            case .happened(let event): events += event
            case .comes(let moment): earliest = min(earliest ?? .max, moment)
            case .awaitsInput: awaitsInput = true
            }
        }
        if events.isEmpty {
            try objects.set(cell, ProcessRecord.pollBegun, start + 1)
            return .wait(input: awaitsInput, deadline: earliest)
        }
        if begun != 0 { try objects.set(cell, ProcessRecord.pollBegun, 0) }
        call.machine.write(events, call.active, at: call.word(1))
        call.machine.write(littleEndian(UInt32(events.count / eventBytes)), call.active, at: call.word(3))
        return .errno(.success)
    }

    /// Whether a process holds the timer's key.
    private static func mayTime(_ call: HostCall) throws -> Bool { try holds(call, .timer, register: 5) }

    /// When a clock's subscription comes due, in monotonic nanoseconds of the world.
    private static func moment(
        id: UInt32, timeout: UInt64, isAbsolute: Bool, start: UInt64, now: (realtime: UInt64, monotonic: UInt64)
    ) -> UInt64 {
        let (base, distance): (UInt64, UInt64) =
            switch (isAbsolute, id) {
            case (false, _): (start, timeout)
            case (true, 0): (now.monotonic, timeout - min(now.realtime, timeout))
            case (true, _): (0, timeout)
            }
        let sum = base.addingReportingOverflow(distance)
        return sum.overflow ? lastMoment : min(sum.partialValue, lastMoment)
    }

    private static func standing(
        _ call: HostCall, user: UInt64, kind: UInt8, descriptor: UInt32
    ) throws -> Standing {
        switch (try stream(call, descriptor), kind) {
        case (.failure(let error), _): return event(user, error.errno, kind: kind)
        case (.success(.input), readKind):
            let unread = try call.machine.kernel.unreadInput(call.active.cell)
            if unread > 0 { return event(user, kind: kind, bytes: unread) }
            let ended = try call.machine.objects.get(call.active.cell, ProcessRecord.inputEnded) != 0
            return ended ? event(user, kind: kind, hangup: true) : .awaitsInput
        case (.success(.output), writeKind), (.success(.error), writeKind):
            return event(user, kind: kind, bytes: UInt64(try writeBound(call)))
        case (.success, _): return event(user, .notCapable, kind: kind)
        }
    }
}
