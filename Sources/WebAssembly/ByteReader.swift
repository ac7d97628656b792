// A cursor over the bytes of a binary: bytes, LEB128 numbers, names (core 2.0, 5.2). Knows nothing of sections.
//
// Invariants: 0 <= offset <= end <= bytes.count; no read beyond `end`; a failed read leaves the cursor somewhere at or
// before `end`. The bytes must outlive the reader.

/// Reads forward through bytes that somebody else keeps alive.
struct ByteReader {
    let bytes: UnsafeBufferPointer<UInt8>
    /// The next byte, counted from the beginning of the binary.
    private(set) var offset: Int
    /// Where reading stops.
    let end: Int

    /// A reader of `range`, which is clamped to the bytes.
    init(_ bytes: UnsafeBufferPointer<UInt8>, in range: Range<Int>) {
        let range = range.clamped(to: 0..<bytes.count)
        self.bytes = bytes
        offset = range.lowerBound
        end = range.upperBound
    }

    var remaining: Int { end &- offset }
    var isAtEnd: Bool { offset == end }

    func error(_ reason: DecodeError.Reason) -> DecodeError { DecodeError(reason, at: offset) }

    /// The next byte, which stays.
    @inline(__always)
    func peek() throws(DecodeError) -> UInt8 {
        guard offset < end else { throw error(.unexpectedEndOfSection) }
        return bytes[offset]
    }

    @inline(__always)
    mutating func byte() throws(DecodeError) -> UInt8 {
        guard offset < end else { throw error(.unexpectedEndOfSection) }
        let byte = bytes[offset]
        offset &+= 1
        return byte
    }

    /// Goes on at `position`, which another reader of the same bytes reached.
    mutating func advance(to position: Int) {
        precondition(offset <= position && position <= end, "position within what is left")
        offset = position
    }

    /// Goes on by `count` bytes and says where they are.
    mutating func skip(_ count: Int) throws(DecodeError) -> Range<Int> {
        guard count <= remaining else { throw error(.lengthOutOfBounds(length: count, remaining: remaining)) }
        let start = offset
        offset &+= count
        return start..<offset
    }

    /// An unsigned number of 32 bits.
    @inline(__always)
    mutating func u32() throws(DecodeError) -> UInt32 {
        if offset < end {
            let first = bytes[offset]
            if first < 0x80 {
                offset &+= 1
                return UInt32(first)
            }
        }
        return try longU32()
    }

    @inline(never)
    private mutating func longU32() throws(DecodeError) -> UInt32 {
        var result: UInt32 = 0
        var shift: UInt32 = 0
        while true {
            let start = offset
            let next = try byte()
            let left = 32 - Int(shift)
            if left < 7, (next & 0x7F) >> UInt8(left) != 0 { throw DecodeError(.integerTooLarge, at: start) }
            result |= UInt32(next & 0x7F) << shift
            if next < 0x80 { return result }
            shift += 7
            if shift >= 32 { throw DecodeError(.integerTooLong, at: start) }
        }
    }

    /// A signed number of `bits` bits (32, 33 or 64).
    @inline(__always)
    mutating func signed(bits: Int) throws(DecodeError) -> Int64 {
        if offset < end {
            let first = bytes[offset]
            if first < 0x80 {
                offset &+= 1
                return Int64(Int8(truncatingIfNeeded: first << 1) >> 1)
            }
        }
        return try longSigned(bits: bits)
    }

    @inline(never)
    private mutating func longSigned(bits: Int) throws(DecodeError) -> Int64 {
        var result: Int64 = 0
        var shift = 0
        while true {
            let start = offset
            let next = try byte()
            let left = bits - shift
            if left < 7 {
                // The sign bit and the bits beyond it must be alike.
                let mask: UInt8 = (0xFF << UInt8(left - 1)) & 0x7F
                guard next & mask == 0 || next & mask == mask else { throw DecodeError(.integerTooLarge, at: start) }
            }
            result |= Int64(next & 0x7F) << Int64(shift)
            shift += 7
            if next < 0x80 {
                return shift < 64 && next & 0x40 != 0 ? result | (-1 << Int64(shift)) : result
            }
            if shift >= bits { throw DecodeError(.integerTooLong, at: start) }
        }
    }

    /// The count that begins a vector: more items than bytes are left is refused, so a count that lies costs nothing.
    mutating func count() throws(DecodeError) -> Int {
        let start = offset
        let count = Int(try u32())
        guard count <= remaining else {
            throw DecodeError(.countOutOfBounds(count: count, remaining: remaining), at: start)
        }
        return count
    }

    /// Little-endian, `Number.bitWidth / 8` bytes.
    @inline(__always)
    mutating func fixed<Number: FixedWidthInteger>(_: Number.Type) throws(DecodeError) -> Number {
        let size = Number.bitWidth / 8
        guard size <= remaining else { throw error(.unexpectedEndOfSection) }
        var number: Number = 0
        for index in 0..<size { number |= Number(bytes[offset &+ index]) << Number(8 * index) }
        offset &+= size
        return number
    }

    /// A vector of bytes that are UTF-8.
    mutating func name() throws(DecodeError) -> String {
        let range = try skip(Int(try u32()))
        guard let name = String(validating: bytes[range], as: UTF8.self) else {
            throw DecodeError(.malformedUTF8, at: range.lowerBound)
        }
        return name
    }

    /// As `name`, but where it stands, without a copy.
    mutating func utf8() throws(DecodeError) -> Range<Int> {
        let range = try skip(Int(try u32()))
        guard isASCII(range) || String(validating: bytes[range], as: UTF8.self) != nil else {
            throw DecodeError(.malformedUTF8, at: range.lowerBound)
        }
        return range
    }

    private func isASCII(_ range: Range<Int>) -> Bool {
        var all: UInt8 = 0
        for index in range { all |= bytes[index] }
        return all < 0x80
    }
}
