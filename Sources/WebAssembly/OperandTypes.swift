// Short lists of value types packed in a word, for the parameters and results that the table of operations gives: read
// for every instruction that is validated or lowered, so nothing is allocated.
//
// Invariant: byte i of `bits` is the binary code of type i (never 0); bytes from `count` on are 0.

/// At most three value types, last one on top of the stack.
package struct OperandTypes: Sendable, Hashable, RandomAccessCollection {
    let bits: UInt32

    package init() { bits = 0 }
    package init(_ a: ValueType) { bits = UInt32(a.rawValue) }
    package init(_ a: ValueType, _ b: ValueType) { bits = UInt32(a.rawValue) | UInt32(b.rawValue) << 8 }
    package init(_ a: ValueType, _ b: ValueType, _ c: ValueType) {
        bits = UInt32(a.rawValue) | UInt32(b.rawValue) << 8 | UInt32(c.rawValue) << 16
    }

    package var startIndex: Int { 0 }
    package var endIndex: Int { (39 - bits.leadingZeroBitCount) / 8 }

    /// The type at `position`, which is below `count`.
    package subscript(position: Int) -> ValueType {
        guard let type = ValueType(rawValue: UInt8(truncatingIfNeeded: bits >> (8 * UInt32(position)))) else {
            preconditionFailure("index out of range")
        }
        return type
    }
}
