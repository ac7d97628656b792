// The binary format's pieces (core 2.0, chapter 5), written.

import WebAssembly

/// Unsigned LEB128.
func unsigned(_ value: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = value
    while rest >= 0x80 {
        bytes.append(UInt8(rest & 0x7F) | 0x80)
        rest >>= 7
    }
    return bytes + [UInt8(rest)]
}

/// Signed LEB128.
func signed(_ value: Int64) -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = value
    while !(-64...63 ~= rest) {
        bytes.append(UInt8(truncatingIfNeeded: rest & 0x7F) | 0x80)
        rest >>= 7
    }
    return bytes + [UInt8(truncatingIfNeeded: rest & 0x7F)]
}

/// So many bytes, the least first.
func littleEndian(_ value: UInt64, bytes: Int) -> [UInt8] {
    (0..<bytes).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) }
}

/// A count and the items.
func vector(_ items: [[UInt8]]) -> [UInt8] { unsigned(items.count) + items.flatMap { $0 } }

/// A count of bytes and the bytes.
func sized(_ bytes: [UInt8]) -> [UInt8] { unsigned(bytes.count) + bytes }

/// A section; nothing where it has no items.
func section(_ id: UInt8, _ items: [[UInt8]]) -> [UInt8] { items.isEmpty ? [] : [id] + sized(vector(items)) }

extension Instruction {
    /// The opcode.
    var opcode: [UInt8] {
        rawValue > 0xFF ? [UInt8(rawValue >> 8)] + unsigned(Int(rawValue & 0xFF)) : [UInt8(rawValue)]
    }
}

extension FunctionType {
    var binary: [UInt8] {
        [0x60] + vector(parameters.map { [$0.rawValue] }) + vector(results.map { [$0.rawValue] })
    }
}

extension Limits {
    var binary: [UInt8] {
        if let maximum { return [1] + unsigned(Int(minimum)) + unsigned(Int(maximum)) }
        return [0] + unsigned(Int(minimum))
    }
}
