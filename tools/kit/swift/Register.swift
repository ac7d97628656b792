// Where a process has its keys, and how a message names those that go along.

/// One of a process's 32 registers, 0 to 31; another number traps. It is a key too: whatever is in it, of whatever kind.
struct Register: Key, Equatable, ExpressibleByIntegerLiteral {
    let number: UInt8

    init(_ number: Int) {
        precondition(number >= 0 && number < 32)
        self.number = UInt8(truncatingIfNeeded: number)
    }

    init(integerLiteral number: Int) { self.init(number) }
    init(_ register: Register) { self = register }

    var register: Register { self }
}

/// Up to four registers of a message, in order; `nil`: none. Written as `[8, nil, 9]`.
struct Keys: ExpressibleByArrayLiteral {
    private(set) var numbers: InlineArray<4, UInt8> = [noRegister, noRegister, noRegister, noRegister]

    init() {}

    /// Traps where there are more than four.
    init(arrayLiteral registers: Register?...) {
        for index in 0..<registers.count { self[index] = registers[index] }
    }

    subscript(index: Int) -> Register? {
        get { numbers[index] == noRegister ? nil : Register(Int(numbers[index])) }
        set { numbers[index] = newValue?.number ?? noRegister }
    }

    /// A set of registers, each a bit.
    var mask: UInt32 {
        var mask: UInt32 = 0
        for index in 0..<4 where numbers[index] != noRegister { mask |= 1 << UInt32(numbers[index]) }
        return mask
    }
}
