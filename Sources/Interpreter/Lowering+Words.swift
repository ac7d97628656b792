// Writing code words. A slot relative to the frame fits 16 bits because validation bounds frames.

extension Lowering {
    /// Appends the first word of the current instruction's operation and notes where it is.
    mutating func emit(_ operation: SlotOperation, a: Int = 0, b: Int = 0, c: Int = 0) {
        note()
        code.append(word(operation, a) | UInt64(UInt16(b)) << 32 | UInt64(UInt16(c)) << 48)
    }

    /// Appends the first word of an operation with a 32-bit immediate.
    mutating func emit(_ operation: SlotOperation, a: Int = 0, immediate: UInt32) {
        note()
        code.append(word(operation, a) | UInt64(immediate) << 32)
    }

    /// Lets the branch whose distance lies in `word` go to the code index `target`.
    func patch(_ fixup: Fixup, to target: Int) {
        let distance = UInt64(UInt32(bitPattern: Int32(target - fixup.origin)))
        let kept = code.words[fixup.word]
        code.words[fixup.word] =
            fixup.isTableEntry
            ? kept & 0xFFFF_FFFF_0000_0000 | distance : kept & 0x0000_0000_FFFF_FFFF | distance << 32
    }

    private func word(_ operation: SlotOperation, _ a: Int) -> UInt64 {
        UInt64(operation.rawValue) | UInt64(current.instruction.gas) << 8 | UInt64(UInt16(a)) << 16
    }

    private mutating func note() {
        map.append(codeIndex: code.count, byteOffset: current.offset, height: height)
    }
}
