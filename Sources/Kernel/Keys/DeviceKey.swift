// Device keys: consoles, which are processes' logs and inputs, and what the host has: clock, entropy, timer (`specs/keys/device.md`).

import Objects

package enum DeviceOrder: UInt32, Sendable, CaseIterable {
    case write = 1
    case read = 2
    case wait = 3
}

extension Kernel {
    /// Bytes of entropy that are given at a time.
    package static let entropyBound: UInt64 = 4_096

    func serveDevice(_ key: Key, _ message: Message) throws -> Message {
        guard let device = key.device, let order = DeviceOrder(rawValue: message.order) else { return Message(.order) }
        guard device.isConsole else { return try serveHostDevice(device, order, message) }
        guard let process = try objects.processCell(id: key.deviceProcess) else { return Message(.void) }
        switch (device, order) {
        case (.consoleOutput, .write): return try write(message.bytes, to: .output, of: process)
        case (.consoleError, .write): return try write(message.bytes, to: .error, of: process)
        case (.consoleInput, .read): return try readInput(atMost: message.words[0], of: process)
        case (.consoleInput, .wait): return try Message(isThereInput(of: process) ? .ok : .value)
        default: return Message(.order)
        }
    }

    /// The device that a process invokes by a register; nil where that leads to something else.
    package func device(invokedBy register: UInt8, of process: CellID) throws -> Key? {
        guard case .kernel(let key) = try invoked(register, by: process), key.kind == .device else { return nil }
        return key
    }

    private func write(_ bytes: [UInt8], to stream: LogStream, of process: CellID) throws -> Message {
        let count = try min(bytes.count, max(0, longestLogRecord(process)))
        guard count > 0 else { return Message(.ok) }
        return try answering {
            try prepareLog(process, count: count)
            try appendLog(process, stream, Array(bytes[..<count]))
            return Message(.ok, UInt64(count))
        }
    }

    private func readInput(atMost bound: UInt64, of process: CellID) throws -> Message {
        guard bound > 0, bound <= UInt64(Message.byteBound) else { return Message(.value) }
        let bytes = try peekInput(process, count: Int(bound))
        try consumeInput(process, count: bytes.count)
        let hasEnded = try objects.get(process, ProcessRecord.inputEnded) != 0
        var reply = Message(.ok, try unreadInput(process), hasEnded ? 1 : 0)
        reply.bytes = bytes
        return reply
    }

    /// Whether there is something to read, or it has ended.
    package func isThereInput(of process: CellID) throws -> Bool {
        try unreadInput(process) > 0 || objects.get(process, ProcessRecord.inputEnded) != 0
    }
}
