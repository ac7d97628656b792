// References as words in slots and table elements. 0 is null; the top bits tell the kinds apart, so that no reference is
// ever 0 and stored tables can be read without their types.

/// References as they lie in slots and tables.
package enum Reference {
    package static let null: UInt64 = 0
    static let functionBit: UInt64 = 1 << 63
    private static let externalBit: UInt64 = 1 << 62
    /// In element segments only: the reference is the value of the global whose index is in the low 32 bits.
    static let globalBit: UInt64 = 1 << 61

    /// Function `function` of instance `instance` (16 bits).
    package static func function(_ function: UInt32, instance: UInt16 = 0) -> UInt64 {
        functionBit | UInt64(instance) << 32 | UInt64(function)
    }

    /// The embedder's own word of 32 bits.
    package static func external(_ value: UInt32) -> UInt64 { externalBit | UInt64(value) }

    /// The function's instance and index, or nil where the word is no function reference.
    package static func function(_ word: UInt64) -> (instance: Int, function: Int)? {
        word & functionBit == 0 ? nil : (Int(word >> 32 & 0xFFFF), Int(UInt32(truncatingIfNeeded: word)))
    }

    /// The embedder's word, or nil where the word is no external reference.
    package static func externalValue(_ word: UInt64) -> UInt32? {
        word >> 32 == externalBit >> 32 ? UInt32(truncatingIfNeeded: word) : nil
    }
}
