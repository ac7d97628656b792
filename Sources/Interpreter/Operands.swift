// How code words and slots are read in the dispatch loop. A code word is 8 bytes, little-endian: the operation in byte 0,
// its gas (0 or 1) in byte 1, and three 16-bit fields a, b, c (slots relative to the frame), or a and a 32-bit immediate
// in place of b and c. Further words hold what does not fit. Value operations have their first operand and their result
// in slot a, their second operand in the slot above it.

typealias Code = UnsafePointer<UInt64>
typealias Frame = UnsafeMutablePointer<UInt64>

@inline(__always) func operation(_ pc: Code) -> SlotOperation { UnsafeRawPointer(pc).load(as: SlotOperation.self) }

@inline(__always) func cost(_ pc: Code) -> Int64 {
    Int64(UnsafeRawPointer(pc).load(fromByteOffset: 1, as: UInt8.self))
}

@inline(__always) func a(_ pc: Code) -> Int { Int(UnsafeRawPointer(pc).load(fromByteOffset: 2, as: UInt16.self)) }

@inline(__always) func b(_ pc: Code) -> Int { Int(UnsafeRawPointer(pc).load(fromByteOffset: 4, as: UInt16.self)) }

@inline(__always) func c(_ pc: Code) -> Int { Int(UnsafeRawPointer(pc).load(fromByteOffset: 6, as: UInt16.self)) }

/// The unsigned immediate in place of b and c.
@inline(__always) func immediate(_ pc: Code) -> UInt32 {
    UnsafeRawPointer(pc).load(fromByteOffset: 4, as: UInt32.self)
}

/// A branch's distance in words from its own first word.
@inline(__always) func distance(_ pc: Code) -> Int {
    Int(UnsafeRawPointer(pc).load(fromByteOffset: 4, as: Int32.self))
}

@inline(__always) func u32(_ slot: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: slot) }
@inline(__always) func s32(_ slot: UInt64) -> Int32 { Int32(truncatingIfNeeded: slot) }
@inline(__always) func s64(_ slot: UInt64) -> Int64 { Int64(bitPattern: slot) }
@inline(__always) func f32(_ slot: UInt64) -> Float { Float(bitPattern: UInt32(truncatingIfNeeded: slot)) }
@inline(__always) func f64(_ slot: UInt64) -> Double { Double(bitPattern: slot) }
@inline(__always) func slot(_ value: UInt32) -> UInt64 { UInt64(value) }
@inline(__always) func slot(_ value: Int32) -> UInt64 { UInt64(UInt32(bitPattern: value)) }
@inline(__always) func slot(_ value: UInt64) -> UInt64 { value }
@inline(__always) func slot(_ value: Int64) -> UInt64 { UInt64(bitPattern: value) }
@inline(__always) func slot(_ value: Bool) -> UInt64 { value ? 1 : 0 }
