// Calls and returns outside the fast path, and the moving of values by branches and returns.

extension Engine {
    /// Copies `count` slots within a frame; `move` has the destination in bits 0 to 15, the source in 16 to 31, the count
    /// in 32 to 47. The destination is never above the source.
    @inline(__always)
    static func move(_ fp: Frame, _ move: UInt64) {
        let destination = fp + Int(move & 0xFFFF)
        let source = fp + Int(move >> 16 & 0xFFFF)
        let count = Int(truncatingIfNeeded: move >> 32 & 0xFFFF)
        var index = 0
        while index < count {
            destination[index] = source[index]
            index += 1
        }
    }

    /// Why a function cannot be entered with its frame at `base`.
    @inline(never)
    static func refuseEntry(
        _ r: UnsafeMutablePointer<ActivationRecord>, _ entry: UnsafeMutablePointer<FunctionEntry>, _ base: Frame
    ) -> ExitCode {
        r.pointee.payload = UInt64(entry - r.pointee.entries)
        if entry.pointee.isImported {
            r.pointee.payload |= Reference.functionBit | r.pointee.instanceBits
            return .callAcross
        }
        if base + Int(entry.pointee.frameSlots) > r.pointee.end { return trap(r, .callStackExhausted) }
        if entry.pointee.code == nil { return .needsLowering }
        r.pointee.payload = UInt64(base + Int(entry.pointee.frameSlots) - r.pointee.slots)
        return .stackFull
    }

    /// Pays `extra` more for a call of which 1 is charged already; returns the gas left, or -1 after taking all of it.
    @inline(never)
    static func pay(_ r: UnsafeMutablePointer<ActivationRecord>, _ gas: Int64, _ extra: Int64) -> Int64 {
        let available = gas &+ 1 &+ r.pointee.paid
        if available >= extra &+ 1 {
            r.pointee.paid = 0
            return available &- extra &- 1
        }
        r.pointee.paid = available
        return -1
    }

    /// Leaves the frame at `fp` whose return address is not known: the record's frame becomes the caller's.
    @inline(never)
    static func leave(_ r: UnsafeMutablePointer<ActivationRecord>, _ fp: Frame, _ link: Frame) -> ExitCode {
        if link[0] == UInt64.max {
            r.pointee.frame = fp
            return .returned
        }
        r.pointee.payload = link[0]
        r.pointee.caller = UInt16(truncatingIfNeeded: link[1] >> 48)
        let caller = fp - Int(truncatingIfNeeded: link[1] & 0xFFFF_FFFF_FFFF)
        r.pointee.frame = caller
        if caller < r.pointee.low { r.pointee.low = caller }
        return .relink
    }

    /// The function that `call_indirect` calls, into `transfer`.
    @inline(never)
    static func resolve(_ r: UnsafeMutablePointer<ActivationRecord>, _ pc: Code, _ fp: Frame) -> ExitCode {
        let index = UInt64(u32(fp[b(pc)]))
        let table = Int(truncatingIfNeeded: pc[2] >> 32)
        let view = r.pointee.tables + table
        if index >= view.pointee.elements { return trap(r, .undefinedElement) }
        guard let page = view.pointee.reads[Int(index >> 9)] else {
            return tableMissing(r, table: table, page: index >> 9, isWrite: false)
        }
        let element = page.load(fromByteOffset: Int(index & 511) * 8, as: UInt64.self)
        if element == Reference.null { return trap(r, .uninitializedElement) }
        if element >> 32 != (Reference.functionBit | r.pointee.instanceBits) >> 32 {
            r.pointee.payload = element
            return .callAcross
        }
        let function = u32(element)
        precondition(function < r.pointee.functionCount, "an element is a function of its instance")
        if r.pointee.entries[Int(function)].typeNumber != u32(pc[2]) { return trap(r, .indirectCallTypeMismatch) }
        r.pointee.transfer = UInt64(function)
        return .none
    }
}
