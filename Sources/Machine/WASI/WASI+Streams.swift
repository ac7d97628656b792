// Reading and writing the standard streams: the console's keys in registers 0 to 2.

import Kernel
import Objects

extension WASI {
    /// At most this many buffers in one call, as POSIX's IOV_MAX.
    private static let vectorBound: UInt32 = 1024
    /// At most this many bytes are read or written by one call; a program calls again for the rest.
    static let transferBound = 64 << 10

    static let streamFunctions: [HostFunction] = [
        HostFunction(module, "fd_write", [.i32, .i32, .i32, .i32], extraGas: vectorGas) { try write($0) },
        HostFunction(module, "fd_read", [.i32, .i32, .i32, .i32], extraGas: vectorGas) { try read($0) },
        HostFunction(module, "fd_close", [.i32]) { try close($0) },
        HostFunction(module, "fd_seek", [.i32, .i64, .i32, .i32]) { call in
            switch try device(call, call.word(0)) {
            case .success: .errno(.illegalSeek)
            case .failure(let error): .errno(error.errno)
            }
        },
        HostFunction(module, "fd_fdstat_get", [.i32, .i32]) { try fdstat($0) },
    ]

    /// The buffers of a call: address and count of each; nil where the list lies outside of the memory or is too long.
    private static func vectors(_ call: HostCall) throws -> [(address: UInt32, count: UInt32)]? {
        let count = call.word(2)
        guard count <= vectorBound,
            let bytes = try call.machine.read(call.active, at: call.word(1), count: Int(count) * 8)
        else { return nil }
        return (0..<Int(count)).map { index in
            func word(_ at: Int) -> UInt32 { bytes[at..<at + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) } }
            return (word(8 * index), word(8 * index + 4))
        }
    }

    /// One for each 64 bytes that a call can move.
    @Sendable private static func vectorGas(_ call: HostCall) throws -> UInt64 {
        let total = try vectors(call)?.reduce(UInt64(0)) { $0 + UInt64($1.count) } ?? 0
        return min(total, UInt64(transferBound)) / 64
    }

    private static func write(_ call: HostCall) throws -> CallOutcome {
        let stream: LogStream
        switch try device(call, call.word(0)) {
        case .failure(let error): return .errno(error.errno)
        case .success(.consoleOutput): stream = .output
        case .success(.consoleError): stream = .error
        case .success: return .errno(.notCapable)
        }
        guard let vectors = try vectors(call) else { return .errno(.fault) }
        let kernel = call.machine.kernel
        let bound = min(try kernel.longestLogRecord(call.active.cell), transferBound)
        var bytes: [UInt8] = []
        for vector in vectors where bytes.count < bound {
            let count = min(Int(vector.count), bound - bytes.count)
            guard let piece = try call.machine.read(call.active, at: vector.address, count: count) else {
                return .errno(.fault)
            }
            bytes += piece
        }
        guard try call.machine.prepareWrite(call.active, at: call.word(3), count: 4) else { return .errno(.fault) }
        if !bytes.isEmpty {
            try kernel.prepareLog(call.active.cell, count: bytes.count)
            try kernel.appendLog(call.active.cell, stream, bytes)
        }
        call.machine.write(littleEndian(UInt32(bytes.count)), call.active, at: call.word(3))
        return .errno(.success)
    }

    private static func read(_ call: HostCall) throws -> CallOutcome {
        switch try device(call, call.word(0)) {
        case .failure(let error): return .errno(error.errno)
        case .success(.consoleInput): break
        case .success: return .errno(.notCapable)
        }
        guard let vectors = try vectors(call) else { return .errno(.fault) }
        let room = min(vectors.reduce(0) { $0 + Int($1.count) }, transferBound)
        let kernel = call.machine.kernel
        let ended = try call.machine.objects.get(call.active.cell, ProcessRecord.inputEnded) != 0
        if room > 0, !ended, try kernel.unreadInput(call.active.cell) == 0 { return .wait(input: true, deadline: nil) }
        let bytes = try kernel.peekInput(call.active.cell, count: room)
        var left = bytes.count
        for vector in vectors where left > 0 {
            let count = min(Int(vector.count), left)
            guard try call.machine.prepareWrite(call.active, at: vector.address, count: count) else {
                return .errno(.fault)
            }
            left -= count
        }
        guard try call.machine.prepareWrite(call.active, at: call.word(3), count: 4) else { return .errno(.fault) }
        var done = 0
        for vector in vectors where done < bytes.count {
            let count = min(Int(vector.count), bytes.count - done)
            call.machine.write(Array(bytes[done..<done + count]), call.active, at: vector.address)
            done += count
        }
        try kernel.consumeInput(call.active.cell, count: bytes.count)
        call.machine.write(littleEndian(UInt32(bytes.count)), call.active, at: call.word(3))
        return .errno(.success)
    }

    private static func close(_ call: HostCall) throws -> CallOutcome {
        if case .failure(let error) = try device(call, call.word(0)) { return .errno(error.errno) }
        let closed = try call.machine.objects.get(call.active.cell, ProcessRecord.closedDescriptors)
        try call.machine.objects.set(
            call.active.cell, ProcessRecord.closedDescriptors, closed | 1 << UInt8(call.word(0)))
        return .errno(.success)
    }

    /// `fdstat`: file type 1 (character device 2), flags 2, rights 8, rights to inherit 8; 24 bytes.
    private static func fdstat(_ call: HostCall) throws -> CallOutcome {
        let rights: UInt64
        switch try device(call, call.word(0)) {
        case .failure(let error): return .errno(error.errno)
        case .success(.consoleInput): rights = 1 << 1 | 1 << 27  // fd_read, poll_fd_readwrite
        case .success(.consoleOutput), .success(.consoleError): rights = 1 << 6 | 1 << 27  // fd_write
        case .success: return .errno(.notCapable)
        }
        guard try call.machine.prepareWrite(call.active, at: call.word(1), count: 24) else { return .errno(.fault) }
        let stat: [UInt8] = [2, 0, 0, 0, 0, 0, 0, 0] + littleEndian(rights) + littleEndian(UInt64(0))
        call.machine.write(stat, call.active, at: call.word(1))
        return .errno(.success)
    }
}
