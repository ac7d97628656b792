// What file descriptors are, apart from what moves through them: streams 0 to 2, each open or closed, waiting or not.
// Their keys are in registers 0 to 2; the rest of their state is one byte of the process's record: bit n says that
// descriptor n is closed, bit 4 + n that it does not wait.

import Kernel
import Objects

/// A standard stream that a process holds the key of.
enum Stream {
    case input, output, error

    /// The number of its device, which is its serial number too.
    var device: Device {
        switch self {
        case .input: .consoleInput
        case .output: .consoleOutput
        case .error: .consoleError
        }
    }

    /// Bit numbers are the specification's: 1 `fd_read`, 3 `fd_fdstat_set_flags`, 6 `fd_write`, 21 `fd_filestat_get`,
    /// 27 `poll_fd_readwrite`. Without seek and tell libc takes it for a terminal and buffers by line.
    var rights: UInt64 { (self == .input ? 1 << 1 : 1 << 6) | 1 << 3 | 1 << 21 | 1 << 27 }
}

/// `fdflags`.
private enum Flags {
    static let append: UInt32 = 1 << 0
    static let nonblock: UInt32 = 1 << 2
    static let known: UInt32 = (1 << 5) - 1
}

extension WASI {
    static let descriptorFunctions: [HostFunction] = [
        HostFunction(module, "fd_close", [.i32]) { try close($0) },
        HostFunction(module, "fd_renumber", [.i32, .i32]) { try renumber($0) },
        HostFunction(module, "fd_fdstat_get", [.i32, .i32], extraGas: { _ in 128 }) { try fdstat($0) },
        HostFunction(module, "fd_fdstat_set_flags", [.i32, .i32]) { try setFlags($0) },
        HostFunction(module, "fd_fdstat_set_rights", [.i32, .i64, .i64]) { try setRights($0) },
        HostFunction(module, "fd_filestat_get", [.i32, .i32], extraGas: { _ in 128 }) { try filestat($0) },
    ]

    // MARK: State

    private static func state(_ call: HostCall) throws -> UInt8 {
        try call.machine.objects.get(call.active.cell, ProcessRecord.closedDescriptors)
    }

    private static func setState(_ call: HostCall, _ state: UInt8) throws {
        try call.machine.objects.set(call.active.cell, ProcessRecord.closedDescriptors, state)
    }

    private static func closedBit(_ descriptor: UInt32) -> UInt8 { 1 << UInt8(descriptor) }
    private static func nonblockBit(_ descriptor: UInt32) -> UInt8 { 1 << UInt8(4 + descriptor) }

    /// Whether a descriptor is one that the process has not closed.
    static func isOpen(_ call: HostCall, _ descriptor: UInt32) throws -> Bool {
        try descriptor < 3 && state(call) & closedBit(descriptor) == 0
    }

    /// Whether a call on an open descriptor answers EAGAIN where it would wait.
    static func isNonblocking(_ call: HostCall, _ descriptor: UInt32) throws -> Bool {
        try state(call) & nonblockBit(descriptor) != 0
    }

    /// The stream behind a descriptor; EBADF where it is closed or none, ENOTCAPABLE where its register has no stream's
    /// key.
    static func stream(_ call: HostCall, _ descriptor: UInt32) throws -> Result<Stream, ErrnoError> {
        guard try isOpen(call, descriptor) else { return .failure(.init(.badDescriptor)) }
        let key = try call.machine.objects.register(Int(descriptor), of: call.active.cell)
        // Another's console is reached by orders.
        guard let device = key.device, key.deviceProcess == call.active.id else { return .failure(.init(.notCapable)) }
        switch device {
        case .consoleInput: return .success(.input)
        case .consoleOutput: return .success(.output)
        case .consoleError: return .success(.error)
        case .clock, .entropy, .timer: return .failure(.init(.notCapable))
        }
    }

    // MARK: Calls

    /// Takes no key, so what was not granted can be closed too.
    private static func close(_ call: HostCall) throws -> CallOutcome {
        let descriptor = call.word(0)
        guard try isOpen(call, descriptor) else { return .errno(.badDescriptor) }
        try setState(call, (try state(call) | closedBit(descriptor)) & ~nonblockBit(descriptor))
        return .errno(.success)
    }

    /// Moves a key, and whether its descriptor waits, over those of another open descriptor; the first is closed.
    private static func renumber(_ call: HostCall) throws -> CallOutcome {
        let (from, to) = (call.word(0), call.word(1))
        guard try isOpen(call, from), try isOpen(call, to) else { return .errno(.badDescriptor) }
        if from == to { return .errno(.success) }
        let objects = call.machine.objects
        let key = try objects.register(Int(from), of: call.active.cell)
        try call.machine.kernel.setRegister(Int(to), of: call.active.cell, to: key)
        try call.machine.kernel.setRegister(Int(from), of: call.active.cell, to: .void)
        let doesNotWait = try isNonblocking(call, from)
        var state = try state(call) & ~(nonblockBit(from) | nonblockBit(to)) | closedBit(from)
        if doesNotWait { state |= nonblockBit(to) }
        try setState(call, state)
        return .errno(.success)
    }

    /// `fdstat`: file type 1 (2: a character device), flags 2 at 2, rights 8 at 8, rights to inherit 8 at 16; 24 bytes.
    private static func fdstat(_ call: HostCall) throws -> CallOutcome {
        let stream: Stream
        switch try Self.stream(call, call.word(0)) {
        case .failure(let error): return .errno(error.errno)
        case .success(let found): stream = found
        }
        guard try call.machine.prepareWrite(call.active, at: call.word(1), count: 24) else { return .errno(.fault) }
        var flags = stream == .input ? 0 : Flags.append
        if try isNonblocking(call, call.word(0)) { flags |= Flags.nonblock }
        let stat: [UInt8] =
            [2, 0] + littleEndian(UInt16(flags)) + [0, 0, 0, 0] + littleEndian(stream.rights) + littleEndian(UInt64(0))
        call.machine.write(stat, call.active, at: call.word(1))
        return .errno(.success)
    }

    /// NONBLOCK goes on and off. What is written is always appended, so APPEND may be named or not.
    private static func setFlags(_ call: HostCall) throws -> CallOutcome {
        let (descriptor, flags) = (call.word(0), call.word(1))
        let stream: Stream
        switch try Self.stream(call, descriptor) {
        case .failure(let error): return .errno(error.errno)
        case .success(let found): stream = found
        }
        guard flags & ~Flags.known == 0 else { return .errno(.invalid) }
        let possible = Flags.nonblock | (stream == .input ? 0 : Flags.append)
        guard flags & ~possible == 0 else { return .errno(.notSupported) }
        let rest = try state(call) & ~nonblockBit(descriptor)
        try setState(call, flags & Flags.nonblock == 0 ? rest : rest | nonblockBit(descriptor))
        return .errno(.success)
    }

    /// Rights can be removed by removing the key alone, so all that is answered with success is what is so already.
    private static func setRights(_ call: HostCall) throws -> CallOutcome {
        switch try stream(call, call.word(0)) {
        case .failure(let error): return .errno(error.errno)
        case .success(let stream):
            let (base, inheriting) = (call.long(1), call.long(2))
            guard base & ~stream.rights == 0, inheriting == 0 else { return .errno(.notCapable) }
            return .errno(base == stream.rights ? .success : .notSupported)
        }
    }

    /// `filestat`: device 8, serial number 8, type 1 at 16, links 8 at 24, size 8 at 32, then the times of access, change
    /// of data and change of status, 8 each; 64 bytes. Streams have no size, and nobody keeps their times.
    private static func filestat(_ call: HostCall) throws -> CallOutcome {
        let stream: Stream
        switch try Self.stream(call, call.word(0)) {
        case .failure(let error): return .errno(error.errno)
        case .success(let found): stream = found
        }
        guard try call.machine.prepareWrite(call.active, at: call.word(1), count: 64) else { return .errno(.fault) }
        let stat: [UInt8] =
            littleEndian(UInt64(0)) + littleEndian(stream.device.rawValue) + littleEndian(UInt64(2))
            + littleEndian(UInt64(1)) + [UInt8](repeating: 0, count: 32)
        call.machine.write(stat, call.active, at: call.word(1))
        return .errno(.success)
    }
}
