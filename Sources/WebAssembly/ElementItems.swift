// The items of an element segment, four bytes each: a binary has millions of them in a byte each, and nearly all are
// function indices.
//
// Invariant: the top two bits of a word say what the others are: 0 a function, 1 a global, 2 the byte of a null
// reference's type, 3 a place in `others`, which holds what does not fit.

/// Constant expressions in order.
package struct ElementItems: Sendable, Hashable, RandomAccessCollection {
    private var words: [UInt32] = []
    private var others: [ConstantExpression] = []
    private static let mask: UInt32 = 0x3FFF_FFFF

    package init() {}

    /// The items of a list.
    package init(_ items: [ConstantExpression]) {
        reserveCapacity(items.count)
        for item in items { append(item) }
    }

    package var startIndex: Int { 0 }
    package var endIndex: Int { words.count }

    package subscript(position: Int) -> ConstantExpression {
        let word = words[position]
        let number = Int(word & Self.mask)
        switch word >> 30 {
        case 0: return .refFunc(number)
        case 1: return .globalGet(number)
        case 2: return ValueType(rawValue: UInt8(truncatingIfNeeded: number)).map { .refNull($0) } ?? .refNull(.funcref)
        default: return others[number]
        }
    }

    mutating func reserveCapacity(_ count: Int) { words.reserveCapacity(count) }

    mutating func append(_ item: ConstantExpression) {
        switch item {
        case .refFunc(let index) where index <= Int(Self.mask): words.append(UInt32(index))
        case .globalGet(let index) where index <= Int(Self.mask): words.append(1 << 30 | UInt32(index))
        case .refNull(let type): words.append(2 << 30 | UInt32(type.rawValue))
        default:
            words.append(3 << 30 | UInt32(others.count))
            others.append(item)
        }
    }
}
