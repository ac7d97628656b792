// Memory accesses that the fast path leaves: pages without an entry, accesses that cross pages, addresses out of bounds.

extension Engine {
    /// Records a trap.
    @inline(never)
    static func trap(_ r: UnsafeMutablePointer<ActivationRecord>, _ trap: Trap) -> ExitCode {
        r.pointee.trap = trap
        return .trap
    }

    /// Records the trap of an access that begins at `address` and reaches beyond the memory.
    @inline(never)
    static func outside(_ r: UnsafeMutablePointer<ActivationRecord>, _ address: UInt64) -> ExitCode {
        r.pointee.payload = max(address, r.pointee.memoryBytes)
        return trap(r, .outOfBoundsMemoryAccess)
    }

    @inline(never)
    static func missing(_ r: UnsafeMutablePointer<ActivationRecord>, page: UInt64, isWrite: Bool) -> ExitCode {
        r.pointee.payload = page
        r.pointee.isWrite = isWrite
        return .memoryMissing
    }

    /// Reads `count` bytes (1 to 8) at `address` into `transfer`, little-endian.
    @inline(never)
    static func load(_ r: UnsafeMutablePointer<ActivationRecord>, _ address: UInt64, _ count: UInt64) -> ExitCode {
        if address + count > r.pointee.memoryBytes { return outside(r, address) }
        var value: UInt64 = 0
        for index in 0..<count {
            let place = address + index
            guard let page = r.pointee.memoryReads[Int(place >> 12)] else {
                return missing(r, page: place >> 12, isWrite: false)
            }
            value |= UInt64(page.load(fromByteOffset: Int(place & 4_095), as: UInt8.self)) << (8 * index)
        }
        r.pointee.transfer = value
        return .none
    }

    /// Writes the low `count` bytes (1 to 8) of `value` at `address`, all of them or, on an exit, none.
    @inline(never)
    static func store(
        _ r: UnsafeMutablePointer<ActivationRecord>, _ address: UInt64, _ count: UInt64, _ value: UInt64
    ) -> ExitCode {
        if address + count > r.pointee.memoryBytes { return outside(r, address) }
        let last = (address + count - 1) >> 12
        for page in (address >> 12)...last where r.pointee.memoryWrites[Int(page)] == nil {
            return missing(r, page: page, isWrite: true)
        }
        for index in 0..<count {
            let place = address + index
            guard let page = r.pointee.memoryWrites[Int(place >> 12)] else {
                return missing(r, page: place >> 12, isWrite: true)
            }
            page.storeBytes(
                of: UInt8(truncatingIfNeeded: value >> (8 * index)), toByteOffset: Int(place & 4_095), as: UInt8.self)
        }
        return .none
    }
}
