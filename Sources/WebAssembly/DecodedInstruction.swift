// One instruction with its immediates, as plain words: what the validator and every lowering read.

/// The type of a block: parameters and results (core 2.0, 5.4.1).
package enum BlockType: Sendable, Hashable {
    /// No parameters, no results.
    case empty
    /// No parameters, one result.
    case value(ValueType)
    /// An index of `Module.types`.
    case type(Int)

    /// `encoding` is the binary's signed number of 33 bits, in 64; nil where it is no block type.
    package init?(encoding: Int64) {
        if encoding >= 0 {
            self = .type(Int(encoding))
        } else if encoding == -64 {
            self = .empty
        } else if encoding > -64, let type = ValueType(rawValue: UInt8(truncatingIfNeeded: encoding) & 0x7F) {
            self = .value(type)
        } else {
            return nil
        }
    }
}

/// An instruction, where it stands and its immediates. What `first`, `second` and `list` hold depends on
/// `instruction.immediates`; what is not said is 0 and empty:
///
/// | immediates | first | second | list |
/// |---|---|---|---|
/// | blockType | signed number of the binary, see `blockType` | | |
/// | label, function, local, global, table, element, data | index | | |
/// | labels | labels without the default | default label | the labels' bytes |
/// | typeAndTable | type index | table index | |
/// | memoryArgument | offset | alignment exponent | |
/// | memory, memoryAndMemory | 0 | 0 | |
/// | i32, f32 | bits, zero-extended | | |
/// | i64, f64 | bits | | |
/// | referenceType | byte of the `ValueType` | | |
/// | types | count | byte of the first type | the types' bytes |
/// | dataAndMemory | data index | 0 | |
/// | elementAndTable | element index | table index | |
/// | tableAndTable | destination table | source table | |
package struct DecodedInstruction: Sendable, Hashable {
    package var instruction: Instruction
    /// The opcode's first byte, counted from the beginning of the binary.
    package var offset: Int
    package var first: UInt64
    package var second: UInt64
    /// Bytes of the binary, for `IndexList` or types.
    package var list: Range<Int>

    /// The type of a block, loop or if; empty for every other instruction.
    package var blockType: BlockType {
        instruction.immediates == .blockType ? BlockType(encoding: Int64(bitPattern: first)) ?? .empty : .empty
    }
}

/// Indices as unsigned LEB128 numbers one after the other, which a reader has checked already.
package struct IndexList: Sequence, IteratorProtocol {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var offset: Int
    private let end: Int

    /// `range` is the `list` of a `br_table` read from these bytes, which must outlive the list.
    package init(_ bytes: UnsafeBufferPointer<UInt8>, in range: Range<Int>) {
        precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count, "range within the bytes")
        self.bytes = bytes
        offset = range.lowerBound
        end = range.upperBound
    }

    @inline(__always)
    package mutating func next() -> UInt32? {
        guard offset < end else { return nil }
        var index: UInt32 = 0
        var shift: UInt32 = 0
        while offset < end {
            let byte = bytes[offset]
            offset &+= 1
            index |= UInt32(byte & 0x7F) &<< shift
            if byte < 0x80 { break }
            shift &+= 7
        }
        return index
    }
}
