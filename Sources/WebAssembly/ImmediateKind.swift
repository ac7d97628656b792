// What can follow an opcode in the binary format (core 2.0, 5.4).

/// The layout of an instruction's immediates; all indices are unsigned LEB128 u32.
package enum ImmediateKind: UInt8, Sendable, Hashable {
    case none
    /// Signed LEB128 of 33 bits: a type index, or negative for no or one result.
    case blockType
    case label
    /// A count, so many labels, and the default label.
    case labels
    case function
    /// Type index, then table index (`call_indirect`).
    case typeAndTable
    case local
    case global
    case table
    /// Alignment exponent, then offset.
    case memoryArgument
    /// A zero byte.
    case memory
    /// Signed LEB128 of 32 bits.
    case i32
    /// Signed LEB128 of 64 bits.
    case i64
    /// Four bytes, little-endian.
    case f32
    /// Eight bytes, little-endian.
    case f64
    case referenceType
    /// A count and so many value types (`select` with types).
    case types
    /// Data index, then a zero byte.
    case dataAndMemory
    case data
    /// Element index, then table index.
    case elementAndTable
    case element
    /// Destination table, then source table.
    case tableAndTable
    /// Two zero bytes.
    case memoryAndMemory
}
