// The operand and control stacks of the validation algorithm (core 2.0, appendix A.3): types of operands as bytes,
// blocks as heights. Lists of types are compared and copied as bytes, so that an instruction with many operands costs
// little more than one with few.
//
// Invariants: floor <= height <= capacity; bytes below `height` are value types or 0, unknown, which only unreachable
// code leaves; `floor` and `isUnreachable` are those of the innermost block, those of the others are in `blocks`.

/// A block that has begun and not ended.
struct Block {
    enum Kind: UInt8 { case function, block, loop, `if`, `else` }

    var kind: Kind
    /// Nothing after this is reached, and operands below `height` may be assumed.
    var isUnreachable: Bool
    var height: Int32
    var shape: TypeShape

    /// What a branch to the block takes along.
    var label: TypeRange { kind == .loop ? shape.parameters : shape.results }
}

/// Types on the operand stack, in blocks.
struct OperandStack: ~Copyable {
    private let types: UnsafeMutablePointer<UInt8>
    private let pool: UnsafeMutablePointer<UInt8>
    /// Keeps `pool` alive.
    private let owner: TypePool
    private(set) var height = 0
    private(set) var maximumHeight = 0
    private var floor = 0
    private(set) var isUnreachable = false
    /// Operands that fit in a frame of the function.
    private var capacity = 0
    private(set) var blocks: [Block] = []

    typealias Reason = ValidationError.Reason

    /// `pool` is the context's.
    init(pool: TypePool) {
        types = .allocate(capacity: ImplementationLimit.frameSlots.maximum)
        owner = pool
        self.pool = pool.bytes
    }

    deinit { types.deallocate() }

    /// Begins a function whose results are those of `shape` and whose parameters and locals take `localCount` slots.
    mutating func reset(shape: TypeShape, localCount: Int) throws(Reason) {
        capacity = ImplementationLimit.frameSlots.maximum - localCount
        guard capacity >= 0 else { throw .implementationLimit(.frameSlots, found: localCount) }
        height = 0
        maximumHeight = 0
        floor = 0
        isUnreachable = false
        blocks.removeAll(keepingCapacity: true)
        blocks.append(Block(kind: .function, isUnreachable: false, height: 0, shape: shape))
    }

    // MARK: One operand

    @inline(__always)
    mutating func push(_ type: UInt8) throws(Reason) {
        guard height < capacity else { throw full(height + 1) }
        types[height] = type
        height &+= 1
        if height > maximumHeight { maximumHeight = height }
    }

    /// Takes an operand of the type.
    @inline(__always)
    mutating func pop(_ expected: UInt8) throws(Reason) {
        if height > floor {
            height &-= 1
            let found = types[height]
            if found == expected || found == 0 { return }
            throw mismatch(expected, found)
        }
        if !isUnreachable { throw mismatch(expected, 0) }
    }

    /// Takes any operand; 0 is an unknown one.
    @inline(__always)
    mutating func popAny(expected: ValidationError.Operand = .any) throws(Reason) -> UInt8 {
        if height > floor {
            height &-= 1
            return types[height]
        }
        guard isUnreachable else { throw .typeMismatch(expected: expected, found: nil) }
        return 0
    }

    // MARK: Lists

    mutating func push(_ range: TypeRange) throws(Reason) {
        let count = Int(range.count)
        guard height &+ count <= capacity else { throw full(height + count) }
        (types + height).update(from: pool + Int(range.start), count: count)
        height &+= count
        if height > maximumHeight { maximumHeight = height }
    }

    /// That the list is on top; nothing is taken. In unreachable code what is missing is assumed.
    func check(_ range: TypeRange) throws(Reason) {
        let count = Int(range.count)
        let present = min(count, height &- floor)
        let expected = pool + (Int(range.start) &+ count &- present)
        let found = types + (height &- present)
        if Self.areLike(found, expected, present), present == count || isUnreachable { return }
        for index in (0..<present).reversed() where found[index] != 0 && found[index] != expected[index] {
            throw mismatch(expected[index], found[index])
        }
        throw mismatch(pool[Int(range.start) + count - present - 1], 0)
    }

    mutating func pop(_ range: TypeRange) throws(Reason) {
        try check(range)
        height = max(floor, height &- Int(range.count))
    }

    /// Whether two lists of the pool are the same.
    func areEqual(_ a: TypeRange, _ b: TypeRange) -> Bool {
        a.count == b.count && Self.areLike(pool + Int(a.start), pool + Int(b.start), Int(a.count))
    }

    /// Whether each byte found is the one expected or 0. Lists are long only where somebody means harm, but then each
    /// two bytes of a binary can compare 1,000 types: 8 at a time. Bit 6 is set in every type and in no unknown.
    private static func areLike(_ found: UnsafePointer<UInt8>, _ expected: UnsafePointer<UInt8>, _ count: Int) -> Bool {
        var index = 0
        var differences: UInt64 = 0
        while index &+ 8 <= count {
            let some = UnsafeRawPointer(found + index).loadUnaligned(as: UInt64.self)
            let others = UnsafeRawPointer(expected + index).loadUnaligned(as: UInt64.self)
            let known = ((some &>> 6) & 0x0101_0101_0101_0101) &* 0xFF
            differences |= (some ^ others) & known
            index &+= 8
        }
        while index < count {
            if found[index] != 0, found[index] != expected[index] { return false }
            index &+= 1
        }
        return differences == 0
    }

    // MARK: Blocks

    /// Takes the block's parameters and begins it with them.
    mutating func begin(_ kind: Block.Kind, _ shape: TypeShape) throws(Reason) {
        try pop(shape.parameters)
        guard blocks.count <= ImplementationLimit.nesting.maximum else {
            throw .implementationLimit(.nesting, found: blocks.count)
        }
        blocks[blocks.count - 1].isUnreachable = isUnreachable
        blocks.append(Block(kind: kind, isUnreachable: false, height: Int32(height), shape: shape))
        floor = height
        isUnreachable = false
        try push(shape.parameters)
    }

    /// Ends the innermost block, which has to leave its results and nothing else, without pushing them. `blocks` is
    /// empty after the function's own.
    mutating func end() throws(Reason) -> Block {
        guard let block = blocks.last else { throw .malformed(.endExpected) }
        try pop(block.shape.results)
        guard height == floor else {
            throw .typeMismatch(expected: .none, found: ValueType(rawValue: types[height - 1]))
        }
        blocks.removeLast()
        if let outer = blocks.last {
            floor = Int(outer.height)
            isUnreachable = outer.isUnreachable
        }
        return block
    }

    /// What follows in the block is not reached.
    mutating func setUnreachable() {
        height = floor
        isUnreachable = true
    }

    /// The block that a label names, 0 the innermost.
    @inline(__always)
    func block(label: Int) throws(Reason) -> Block {
        guard label < blocks.count else { throw .unknown(.label, index: label) }
        return blocks[blocks.count &- 1 &- label]
    }

    // MARK: Refusals

    @inline(never)
    private func mismatch(_ expected: UInt8, _ found: UInt8) -> Reason {
        .typeMismatch(
            expected: ValueType(rawValue: expected).map { .value($0) } ?? .any, found: ValueType(rawValue: found))
    }

    @inline(never)
    private func full(_ operands: Int) -> Reason {
        .implementationLimit(.frameSlots, found: ImplementationLimit.frameSlots.maximum - capacity + operands)
    }
}
