// Arguments and environment: strings that the process was launched with, kept in its launch space.

import Objects

extension WASI {
    static let launchFunctions: [HostFunction] = [
        HostFunction(module, "args_sizes_get", [.i32, .i32], extraGas: launchGas) { try sizes($0, .arguments) },
        HostFunction(module, "args_get", [.i32, .i32], extraGas: launchGas) { try strings($0, .arguments) },
        HostFunction(module, "environ_sizes_get", [.i32, .i32], extraGas: launchGas) { try sizes($0, .environment) },
        HostFunction(module, "environ_get", [.i32, .i32], extraGas: launchGas) { try strings($0, .environment) },
    ]

    private enum Part { case arguments, environment }

    /// All strings are gone through, whatever is asked.
    @Sendable private static func launchGas(_ call: HostCall) throws -> UInt64 {
        UInt64(try call.machine.objects.get(call.active.cell, ProcessRecord.launchBytes)) + 256
    }

    /// The strings of a part, each with its final zero.
    private static func strings(of part: Part, _ call: HostCall) throws -> [ArraySlice<UInt8>] {
        let objects = call.machine.objects
        let record = try objects.cell(call.active.cell)
        let count = Int(record.load(ProcessRecord.argumentCount))
        let bytes = try objects.bytes(
            of: Space(.launch, of: call.active.cell), at: 0, count: Int(record.load(ProcessRecord.launchBytes)))
        var strings: [ArraySlice<UInt8>] = []
        var start = 0
        for (index, byte) in bytes.enumerated() where byte == 0 {
            strings.append(bytes[start...index])
            start = index + 1
        }
        return Array(part == .arguments ? strings.prefix(count) : strings.dropFirst(count))
    }

    private static func sizes(_ call: HostCall, _ part: Part) throws -> CallOutcome {
        let strings = try strings(of: part, call)
        guard try call.machine.prepareWrite(call.active, at: call.word(0), count: 4),
            try call.machine.prepareWrite(call.active, at: call.word(1), count: 4)
        else { return .errno(.fault) }
        call.machine.write(littleEndian(UInt32(strings.count)), call.active, at: call.word(0))
        call.machine.write(
            littleEndian(UInt32(strings.reduce(0) { $0 + $1.count })), call.active, at: call.word(1))
        return .errno(.success)
    }

    private static func strings(_ call: HostCall, _ part: Part) throws -> CallOutcome {
        let strings = try strings(of: part, call)
        var pointers: [UInt8] = []
        var address = call.word(1)
        for string in strings {
            pointers += littleEndian(address)
            address &+= UInt32(string.count)
        }
        let bytes = strings.flatMap { $0 }
        guard try call.machine.prepareWrite(call.active, at: call.word(0), count: pointers.count),
            try call.machine.prepareWrite(call.active, at: call.word(1), count: bytes.count)
        else { return .errno(.fault) }
        call.machine.write(pointers, call.active, at: call.word(0))
        call.machine.write(bytes, call.active, at: call.word(1))
        return .errno(.success)
    }
}
