// Reading and writing the standard streams.

import Kernel
import Objects

/// A piece of memory that a call reads into or writes from.
struct Buffer {
    let address: UInt32
    let count: UInt32
}

extension WASI {
    /// At most this many buffers in one call, as POSIX's IOV_MAX.
    private static let bufferBound: UInt32 = 1024
    /// At most this many bytes are read or written by one call; a program calls again for the rest.
    static let transferBound = 64 << 10

    static let streamFunctions: [HostFunction] = [
        HostFunction(module, "fd_write", [.i32, .i32, .i32, .i32], extraGas: transferGas) { try write($0) },
        HostFunction(module, "fd_read", [.i32, .i32, .i32, .i32], extraGas: transferGas) { try read($0) },
    ]

    // MARK: Buffers

    /// The buffers of a call, whose list argument `at` points to and argument `by` counts. EINVAL where they are more
    /// than one call may have, EFAULT where the list or a buffer lies outside of the memory.
    static func buffers(_ call: HostCall, at: Int, by: Int) throws -> Result<[Buffer], ErrnoError> {
        let count = call.word(by)
        guard count <= bufferBound else { return .failure(.init(.invalid)) }
        guard let bytes = try call.machine.read(call.active, at: call.word(at), count: Int(count) * 8) else {
            return .failure(.init(.fault))
        }
        func word(_ at: Int) -> UInt32 { bytes[at..<at + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) } }
        let buffers = (0..<Int(count)).map { Buffer(address: word(8 * $0), count: word(8 * $0 + 4)) }
        for buffer in buffers where try !call.contains(buffer.address, count: UInt64(buffer.count)) {
            return .failure(.init(.fault))
        }
        return .success(buffers)
    }

    /// 64 for each buffer that is asked for, good or not; a list that is too long is not gone through.
    static func listGas(_ call: HostCall, by: Int) -> UInt64 {
        let count = call.word(by)
        return count <= bufferBound ? 64 * UInt64(count) : 0
    }

    /// For the stream, for each buffer, and 1 for each 8 bytes that the call can move.
    @Sendable private static func transferGas(_ call: HostCall) throws -> UInt64 {
        let list = 768 + listGas(call, by: 2)
        guard case .success(let buffers) = try buffers(call, at: 1, by: 2) else { return list }
        let total = buffers.reduce(UInt64(0)) { $0 + UInt64($1.count) }
        return list + min(total, UInt64(transferBound)) / 8
    }

    // MARK: Calls

    /// The most that one call takes of what it is given to write.
    static func writeBound(_ call: HostCall) throws -> Int {
        min(try call.machine.kernel.longestLogRecord(call.active.cell), transferBound)
    }

    private static func write(_ call: HostCall) throws -> CallOutcome {
        let stream: LogStream
        switch try Self.stream(call, call.word(0)) {
        case .failure(let error): return .errno(error.errno)
        case .success(.output): stream = .output
        case .success(.error): stream = .error
        case .success(.input): return .errno(.notCapable)
        }
        let buffers: [Buffer]
        switch try Self.buffers(call, at: 1, by: 2) {
        case .failure(let error): return .errno(error.errno)
        case .success(let found): buffers = found
        }
        let kernel = call.machine.kernel
        let bound = try writeBound(call)
        var bytes: [UInt8] = []
        for buffer in buffers where bytes.count < bound {
            let count = min(Int(buffer.count), bound - bytes.count)
            guard let piece = try call.machine.read(call.active, at: buffer.address, count: count) else {
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
        switch try stream(call, call.word(0)) {
        case .failure(let error): return .errno(error.errno)
        case .success(.input): break
        case .success: return .errno(.notCapable)
        }
        let buffers: [Buffer]
        switch try Self.buffers(call, at: 1, by: 2) {
        case .failure(let error): return .errno(error.errno)
        case .success(let found): buffers = found
        }
        guard try call.contains(call.word(3), count: 4) else { return .errno(.fault) }
        let room = min(buffers.reduce(0) { $0 + Int($1.count) }, transferBound)
        let kernel = call.machine.kernel
        let ended = try call.machine.objects.get(call.active.cell, ProcessRecord.inputEnded) != 0
        if room > 0, !ended, try kernel.unreadInput(call.active.cell) == 0 {
            return try isNonblocking(call, call.word(0)) ? .errno(.again) : .wait(input: true, deadline: nil)
        }
        let bytes = try kernel.peekInput(call.active.cell, count: room)
        var left = bytes.count
        for buffer in buffers where left > 0 {
            let count = min(Int(buffer.count), left)
            guard try call.machine.prepareWrite(call.active, at: buffer.address, count: count) else {
                return .errno(.fault)
            }
            left -= count
        }
        guard try call.machine.prepareWrite(call.active, at: call.word(3), count: 4) else { return .errno(.fault) }
        var done = 0
        for buffer in buffers where done < bytes.count {
            let count = min(Int(buffer.count), bytes.count - done)
            call.machine.write(Array(bytes[done..<done + count]), call.active, at: buffer.address)
            done += count
        }
        try kernel.consumeInput(call.active.cell, count: bytes.count)
        call.machine.write(littleEndian(UInt32(bytes.count)), call.active, at: call.word(3))
        return .errno(.success)
    }
}
