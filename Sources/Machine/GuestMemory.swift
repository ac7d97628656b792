// A process's linear memory as the host reads and writes it for a host call: by pages, through the same page tables as
// the engine. A bad address is the guest's mistake and comes back as nil or false, never as a trap of the host.

import Objects

extension Machine {
    /// `count` bytes at `address`; nil where that reaches beyond the memory.
    func read(_ active: ActiveProcess, at address: UInt32, count: Int) throws -> [UInt8]? {
        guard UInt64(address) + UInt64(count) <= active.memoryBytes else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        while bytes.count < count {
            let place = UInt64(address) + UInt64(bytes.count)
            let within = Int(place & 4095)
            let piece = min(4096 - within, count - bytes.count)
            let page = try readablePage(active, UInt32(place >> 12))
            bytes.append(contentsOf: UnsafeRawBufferPointer(start: page + within, count: piece))
        }
        return bytes
    }

    /// A 32-bit word at `address`, little-endian; nil where that reaches beyond the memory.
    func readWord(_ active: ActiveProcess, at address: UInt32) throws -> UInt32? {
        guard let bytes = try read(active, at: address, count: 4) else { return nil }
        return bytes.reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// Makes `count` bytes at `address` writable, buying what was never written: false where that reaches beyond the
    /// memory. Throws `bankExhausted` where the bank refuses; the call is then made again when there is space.
    func prepareWrite(_ active: ActiveProcess, at address: UInt32, count: Int) throws -> Bool {
        guard UInt64(address) + UInt64(count) <= active.memoryBytes else { return false }
        guard count > 0 else { return true }
        let last = UInt32((UInt64(address) + UInt64(count) - 1) >> 12)
        for page in (address >> 12)...last where active.memory.writes[page] == nil {
            try mapForWriting(active, page)
        }
        return true
    }

    /// Writes bytes that `prepareWrite` has made room for.
    func write(_ bytes: [UInt8], _ active: ActiveProcess, at address: UInt32) {
        var done = 0
        while done < bytes.count {
            let place = UInt64(address) + UInt64(done)
            let within = Int(place & 4095)
            let piece = min(4096 - within, bytes.count - done)
            guard let page = active.memory.writes[UInt32(place >> 12)] else {
                preconditionFailure("guest memory is prepared before it is written")
            }
            bytes.withUnsafeBytes { source in
                guard let base = source.baseAddress else { return }
                (page + within).copyMemory(from: base + done, byteCount: piece)
            }
            done += piece
        }
    }
}

/// An integer's bytes as guests see it.
func littleEndian<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
}
