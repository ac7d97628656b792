// Values as they are printed and as they are chosen for arguments. A value is a slot of 64 bits with its type; floats are
// shown by their bits, function references only by whether they are null (their words mean nothing to another engine).

import EngineTrials
import Interpreter
import WebAssembly

extension ValueType {
    /// The type's name in the text format.
    var name: String {
        switch self {
        case .i32: "i32"
        case .i64: "i64"
        case .f32: "f32"
        case .f64: "f64"
        case .funcref: "funcref"
        case .externref: "externref"
        }
    }

    /// `slot` as a value of this type: `i32:0000002a`, `funcref:null`, `externref:7`.
    func text(_ slot: UInt64) -> String {
        switch self {
        case .i32, .f32: "\(name):\(hexadecimal(slot, digits: 8))"
        case .i64, .f64: "\(name):\(hexadecimal(slot, digits: 16))"
        case .funcref: slot == Reference.null ? "funcref:null" : "funcref:function"
        case .externref: Reference.externalValue(slot).map { "externref:\($0)" } ?? "externref:null"
        }
    }
}

/// Values of `types` in parentheses' place, with spaces between.
func values(_ types: [ValueType], _ slots: [UInt64]) -> String {
    zip(types, slots).map { $0.text($1) }.joined(separator: " ")
}

/// `value` in at least so many hexadecimal digits.
func hexadecimal(_ value: UInt64, digits: Int) -> String {
    let text = String(value, radix: 16)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
}

/// How a tuple of arguments is chosen: zeros first, then from the extremes of each type, then any bits.
enum ArgumentChoice {
    case zeros
    case extremes
    case random

    /// The choice for tuple `index`.
    init(tuple index: Int) { self = index == 0 ? .zeros : index % 2 == 1 ? .extremes : .random }

    /// A slot of `type`. Function references are null: another engine's cannot be named.
    func slot(_ type: ValueType, _ generator: inout SeededGenerator) -> UInt64 {
        switch (self, type) {
        case (_, .funcref), (.zeros, _): return 0
        case (.extremes, _), (.random, .externref):
            let extremes = Self.extremes(type)
            return extremes[Int(generator.next() % UInt64(extremes.count))]
        case (.random, .i32), (.random, .f32): return generator.next() & 0xFFFF_FFFF
        case (.random, .i64), (.random, .f64): return generator.next()
        }
    }

    /// The values of `type` at which something begins or ends.
    static func extremes(_ type: ValueType) -> [UInt64] {
        switch type {
        case .i32: words
        case .i64: longs
        case .f32: Choices.singles.map { UInt64($0) }
        case .f64: Choices.doubles
        case .funcref: [Reference.null]
        case .externref: [Reference.null, Reference.external(0), Reference.external(7), Reference.external(1 << 31)]
        }
    }

    /// All tuples of extremes of `types`, which are at most two.
    static func allExtremes(_ types: [ValueType]) -> [[UInt64]] {
        types.reduce([[]]) { tuples, type in tuples.flatMap { tuple in extremes(type).map { tuple + [$0] } } }
    }

    private static let words: [UInt64] =
        [
            0, 1, -1, 2, 7, 31, 32, 63, 127, 128, -128, 255, 4_095, 4_096, 32_767, -32_768, 65_535, 65_536, .max, .min,
            .min + 1,
        ].map { (value: Int32) in UInt64(UInt32(bitPattern: value)) }
    private static let longs: [UInt64] =
        [
            0, 1, -1, 32, 63, 64, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 0x1_0000_0000, -0x8000_0000, .max, .min,
            .min + 1,
        ].map { (value: Int64) in UInt64(bitPattern: value) }
}
