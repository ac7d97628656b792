// Decisions taken from bytes, so that whoever makes up the bytes (a seed, or a fuzzer that watches what they reach) makes
// up all that follows from them. When the bytes are used up every decision is the first one.

/// A stream of decisions.
package struct Choices {
    private let bytes: [UInt8]
    private var place = 0

    package init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Bytes from a generator of numbers: `count` of them.
    package init(_ generator: inout SeededGenerator, count: Int) {
        bytes = (0..<count).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
    }

    /// Whether all bytes are used up.
    package var isEmpty: Bool { place >= bytes.count }

    /// The next byte, 0 when there is none.
    package mutating func byte() -> UInt8 {
        if isEmpty { return 0 }
        place += 1
        return bytes[place - 1]
    }

    /// A number from 0 to `count` - 1; `count` is at least 1 and at most 65,536.
    package mutating func below(_ count: Int) -> Int {
        if count <= 1 { return 0 }
        if count <= 256 { return Int(byte()) % count }
        return (Int(byte()) << 8 | Int(byte())) % count
    }

    /// True in `part` of `whole` cases; false when the bytes are used up.
    package mutating func happens(_ part: Int, of whole: Int) -> Bool { !isEmpty && below(whole) < part }

    /// One of `items`, which are not empty.
    package mutating func one<Item>(of items: [Item]) -> Item { items[below(items.count)] }

    /// 32 and 64 bits: mostly the extremes of the numbers and small ones, else any.
    package mutating func word() -> UInt32 {
        switch below(4) {
        case 0: UInt32(byte())
        case 1: one(of: Self.words)
        case 2: UInt32(byte()) << 8 | UInt32(byte())
        default: (0..<4).reduce(0) { word, _ in word << 8 | UInt32(byte()) }
        }
    }

    package mutating func long() -> UInt64 {
        switch below(4) {
        case 0: UInt64(byte())
        case 1: one(of: Self.longs)
        case 2: UInt64(bitPattern: Int64(Int32(bitPattern: word())))
        default: UInt64(word()) << 32 | UInt64(word())
        }
    }

    /// Bits of floats: the extremes, small whole numbers, any.
    package mutating func single() -> UInt32 {
        switch below(3) {
        case 0: one(of: Self.singles)
        case 1: Float(Int8(bitPattern: byte())).bitPattern
        default: word()
        }
    }

    package mutating func double() -> UInt64 {
        switch below(3) {
        case 0: one(of: Self.doubles)
        case 1: Double(Int8(bitPattern: byte())).bitPattern
        default: long()
        }
    }

    private static let words: [UInt32] = [
        0, 1, 0xFFFF_FFFF, 0x7FFF_FFFF, 0x8000_0000, 0x8000_0001, 31, 32, 127, 128, 255, 0x7FFF, 0x8000, 0xFFFF,
        0x1_0000,
    ]
    private static let longs: [UInt64] = [
        0, 1, UInt64.max, 0x7FFF_FFFF_FFFF_FFFF, 0x8000_0000_0000_0000, 63, 64, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF,
        0x1_0000_0000, 0xFFFF_FFFF_8000_0000,
    ]
    /// Signed zeros, infinities, NaNs (canonical, negative, with payload, signalling), the least, borders of integers.
    package static let singles: [UInt32] =
        [
            0, 0x8000_0000, 0x7F80_0000, 0xFF80_0000, 0x7FC0_0000, 0xFFC0_0000, 0x7FC0_1234, 0x7F80_0001, 0x0000_0001,
            0x807F_FFFF, 0x0080_0000,
        ]
        + [1, -1, 0.5, -0.5, 1.5, 2.5, .greatestFiniteMagnitude, 0x1p31, -0x1p31, 0x1p32, 0x1p63, -0x1p63, 0x1p64]
        .map { (value: Float) in value.bitPattern }
    package static let doubles: [UInt64] =
        [
            0, 0x8000_0000_0000_0000, 0x7FF0_0000_0000_0000, 0xFFF0_0000_0000_0000, 0x7FF8_0000_0000_0000,
            0xFFF8_0000_0000_0000, 0x7FF8_0000_0000_1234, 0x7FF0_0000_0000_0001, 0x0000_0000_0000_0001,
            0x8010_0000_0000_0000,
        ]
        + [1, -1, 0.5, -0.5, 1.5, 2.5, .greatestFiniteMagnitude, 0x1p31, -0x1p31, 2_147_483_648.9, -2_147_483_648.9]
        .map { (value: Double) in value.bitPattern }
        + [0x1p32, 0x1p63, -0x1p63, 0x1p64, 1e-40, 3.4028235677973366e38].map { (value: Double) in value.bitPattern }
}

/// A generator of 64-bit numbers from a seed (SplitMix64, Steele, Lea and Flood 2014).
package struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
