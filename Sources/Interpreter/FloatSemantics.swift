// Floating-point operations as core 2.0 (4.3.3) defines them, deterministic to the bit: whatever may give a NaN gives the
// canonical one. Arithmetic is the hardware's IEEE 754; what differs between machines is decided here.

/// The canonical NaNs.
enum CanonicalNaN {
    static let f32: UInt32 = 0x7FC0_0000
    static let f64: UInt64 = 0x7FF8_0000_0000_0000
}

/// A result as a slot: its bits zero-extended, the canonical NaN for any NaN.
@inline(__always) func slot(_ value: Float) -> UInt64 {
    value == value ? UInt64(value.bitPattern) : UInt64(CanonicalNaN.f32)
}

/// A result as a slot: its bits, the canonical NaN for any NaN.
@inline(__always) func slot(_ value: Double) -> UInt64 { value == value ? value.bitPattern : CanonicalNaN.f64 }

/// `fmin`: NaN when either is, and -0 below +0.
@inline(__always) func least<F: BinaryFloatingPoint>(_ x: F, _ y: F) -> F {
    if x < y { return x }
    if y < x { return y }
    if x != x || y != y { return F.nan }
    return x.sign == .minus ? x : y
}

/// `fmax`: NaN when either is, and +0 above -0.
@inline(__always) func greatest<F: BinaryFloatingPoint>(_ x: F, _ y: F) -> F {
    if x > y { return x }
    if y > x { return y }
    if x != x || y != y { return F.nan }
    return x.sign == .minus ? y : x
}

/// What a number that does not truncate to a value of the type saturates to: NaN to 0.
@inline(__always) func saturation<I: FixedWidthInteger>(_ x: Double, _ type: I.Type) -> I {
    x != x ? 0 : (x < 0 ? I.min : I.max)
}

/// Whether truncation toward zero gives a value of the type.
@inline(__always) func truncates<I: FixedWidthInteger>(_ x: Double, _ type: I.Type) -> Bool {
    let (low, high) = truncationBounds(type)
    return x > low && x < high
}

/// The open interval of numbers that truncate to a value of the type, in doubles. For 64 bits signed the number below
/// -2^63 is the greatest double less than it, which is exact because doubles there are 2,048 apart.
@inline(__always) private func truncationBounds<I: FixedWidthInteger>(_ type: I.Type) -> (Double, Double) {
    let high = I.isSigned ? (I.bitWidth == 32 ? 0x1p31 : 0x1p63) : (I.bitWidth == 32 ? 0x1p32 : 0x1p64)
    let low = I.isSigned ? (I.bitWidth == 32 ? -0x1p31 - 1 : -0x1.0000000000001p63) : -1.0
    return (low, high)
}
