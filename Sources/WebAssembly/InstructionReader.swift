// Reads the instructions of a function body one by one with their immediates (core 2.0, 5.4). It checks the form and
// nothing else: nesting, types and indices are the validator's. Allocates nothing.
//
// Invariant: after `next` returned an instruction, `offset` is just behind its immediates.

/// A cursor over instructions. The bytes must outlive it.
package struct InstructionReader {
    private var reader: ByteReader

    /// `range` is a part of the binary `bytes`, such as `FunctionBody.code`; what lies outside the bytes is left out.
    package init(_ bytes: UnsafeBufferPointer<UInt8>, in range: Range<Int>) {
        reader = ByteReader(bytes, in: range)
    }

    init(_ reader: ByteReader) {
        self.reader = reader
    }

    /// The next instruction's first byte, counted from the beginning of the binary.
    package var offset: Int { reader.offset }

    /// The next instruction, or nil at the end of the range. Throws where the bytes are no instruction, or where it is
    /// cut off by the end of the range. Constant time but for `br_table` and `select` with types.
    @inline(__always)
    package mutating func next() throws(DecodeError) -> DecodedInstruction? {
        guard !reader.isAtEnd else { return nil }
        let offset = reader.offset
        let byte = try reader.byte()
        let instruction: Instruction
        if let short = Instruction(rawValue: UInt16(byte)) {
            instruction = short
        } else {
            instruction = try prefixed(byte, at: offset)
        }
        var decoded = DecodedInstruction(
            instruction: instruction, offset: offset, first: 0, second: 0, list: offset..<offset)
        switch instruction.immediates {
        case .none:
            break
        case .label, .function, .local, .global, .table, .element, .data:
            decoded.first = UInt64(try reader.u32())
        case .i32:
            decoded.first = UInt64(UInt32(truncatingIfNeeded: try reader.signed(bits: 32)))
        case .i64:
            decoded.first = UInt64(bitPattern: try reader.signed(bits: 64))
        case .memoryArgument:
            decoded.second = UInt64(try alignmentExponent())
            decoded.first = UInt64(try reader.u32())
        case .blockType:
            decoded.first = UInt64(bitPattern: try blockType())
        case .f32:
            decoded.first = UInt64(try reader.fixed(UInt32.self))
        case .f64:
            decoded.first = try reader.fixed(UInt64.self)
        case .memory:
            try zeroByte()
        case .memoryAndMemory:
            try zeroByte()
            try zeroByte()
        case .dataAndMemory:
            decoded.first = UInt64(try reader.u32())
            try zeroByte()
        case .typeAndTable, .elementAndTable, .tableAndTable:
            decoded.first = UInt64(try reader.u32())
            decoded.second = UInt64(try reader.u32())
        case .referenceType:
            decoded.first = UInt64(try reader.referenceType().rawValue)
        case .labels, .types:
            try list(into: &decoded)
        }
        return decoded
    }

    /// The instruction behind a prefix.
    @inline(never)
    private mutating func prefixed(_ byte: UInt8, at offset: Int) throws(DecodeError) -> Instruction {
        guard (0xFB...0xFE).contains(byte) else {
            throw DecodeError(.illegalOpcode(found: UInt64(byte), feature: Self.feature(ofOpcode: byte)), at: offset)
        }
        let number = try reader.u32()
        if byte == 0xFC, number < 0x100, let instruction = Instruction(rawValue: 0xFC00 | UInt16(number)) {
            return instruction
        }
        let found = UInt64(byte) << 32 | UInt64(number)
        throw DecodeError(.illegalOpcode(found: found, feature: Self.feature(ofOpcode: byte)), at: offset)
    }

    @inline(__always)
    private mutating func alignmentExponent() throws(DecodeError) -> UInt32 {
        let start = reader.offset
        let flags = try reader.u32()
        guard flags < 32 else {
            // Bit 6 announces a memory index in the multi-memory proposal.
            let feature: UnsupportedFeature? = flags & ~0x40 < 32 ? .multipleMemories : nil
            throw DecodeError(.malformedMemoryArgument(flags: flags, feature: feature), at: start)
        }
        return flags
    }

    @inline(__always)
    private mutating func blockType() throws(DecodeError) -> Int64 {
        let start = reader.offset
        let encoding = try reader.signed(bits: 33)
        guard encoding >= 0 || BlockType(encoding: encoding) != nil else {
            let feature =
                encoding > -64 ? ByteReader.feature(ofValueType: UInt8(truncatingIfNeeded: encoding) & 0x7F) : nil
            throw DecodeError(.malformedBlockType(found: encoding, feature: feature), at: start)
        }
        return encoding
    }

    private mutating func zeroByte() throws(DecodeError) {
        let start = reader.offset
        let byte = try reader.byte()
        guard byte == 0 else { throw DecodeError(.zeroByteExpected(found: byte), at: start) }
    }

    @inline(never)
    private mutating func list(into decoded: inout DecodedInstruction) throws(DecodeError) {
        let count = try reader.count()
        decoded.first = UInt64(count)
        let start = reader.offset
        if decoded.instruction.immediates == .labels {
            for _ in 0..<count { _ = try reader.u32() }
            decoded.list = start..<reader.offset
            decoded.second = UInt64(try reader.u32())
        } else {
            for index in 0..<count {
                let type = try reader.valueType()
                if index == 0 { decoded.second = UInt64(type.rawValue) }
            }
            decoded.list = start..<reader.offset
        }
    }

    /// What the standard's proposals call the instructions with this first byte.
    private static func feature(ofOpcode byte: UInt8) -> UnsupportedFeature? {
        switch byte {
        case 0x06...0x0A, 0x18, 0x19, 0x1F: .exceptions
        case 0x12, 0x13: .tailCalls
        case 0x14, 0x15, 0xD3...0xD6: .typedReferences
        case 0xFB: .garbageCollection
        case 0xFD: .vectors
        case 0xFE: .threads
        default: nil
        }
    }
}
