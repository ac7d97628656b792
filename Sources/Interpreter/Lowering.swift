// Lowering: one validated function to slot code, in one pass over its instructions, tracking operand heights only. Each
// instruction that costs gas becomes one operation; block, loop and end become none (but a function's last end, which
// returns), else becomes a branch that costs nothing. Code that cannot be reached is skipped.
//
// Invariants: LOW-1 an operation reads and writes what its instruction does and nothing else in the frame; LOW-2 byte 1
// of its word is the instruction's gas in the table; LOW-3 the operation after a call, in code order, is the first one at
// or after the call's next byte.

import WebAssembly

/// Why a body could not be lowered: it is not what its validation saw. A bug or damage, never a guest's mistake.
enum LoweringError: Error {
    case malformed(DecodeError)
    case notValidated(offset: Int)
}

/// The lowering of one function.
struct Lowering {
    let facts: LoweringFacts
    let functionIndex: Int
    let body: FunctionBody
    let bytes: UnsafeBufferPointer<UInt8>
    let code: CodeBuffer
    var map = CodeMap()
    var controls = ControlStack()
    /// Operand height before the current instruction.
    var height = 0
    /// Blocks opened in code that cannot be reached; nil where code can be reached.
    var skippedDepth: Int?
    /// The slot of operand height 0.
    let stackBase: Int
    /// The instruction being lowered.
    var current: DecodedInstruction
    private var reader: InstructionReader

    init(
        _ facts: LoweringFacts, functionIndex: Int, body: FunctionBody, bytes: UnsafeBufferPointer<UInt8>,
        code: CodeBuffer
    ) throws(LoweringError) {
        self.facts = facts
        self.functionIndex = functionIndex
        self.body = body
        self.bytes = bytes
        self.code = code
        stackBase = facts.types[body.typeIndex].parameters.count + body.localCount + 2
        reader = InstructionReader(bytes, in: body.code)
        guard let first = try Self.next(&reader) else { throw .notValidated(offset: body.code.lowerBound) }
        current = first
    }

    /// Lowers the whole function and returns its map. Linear in the body's length.
    mutating func run() throws(LoweringError) -> CodeMap {
        controls.push(
            ControlFrame(
                kind: .block, height: 0, parameterCount: 0,
                resultCount: facts.types[body.typeIndex].results.count, start: code.count))
        while true {
            if skippedDepth == nil {
                try lower(next: reader.offset)
            } else {
                skip()
            }
            guard let instruction = try Self.next(&reader) else { break }
            if controls.isEmpty { throw .notValidated(offset: instruction.offset) }
            current = instruction
        }
        guard controls.isEmpty else { throw .notValidated(offset: reader.offset) }
        return map
    }

    private static func next(_ reader: inout InstructionReader) throws(LoweringError) -> DecodedInstruction? {
        do {
            return try reader.next()
        } catch {
            throw .malformed(error)
        }
    }

    /// Goes past an instruction that cannot be reached, minding where code can be reached again.
    private mutating func skip() {
        guard let depth = skippedDepth else { return }
        switch current.instruction {
        case .block, .loop, .if: skippedDepth = depth + 1
        case .else where depth == 0: lowerElse()
        case .end where depth == 0: lowerEnd()
        case .end: skippedDepth = depth - 1
        default: break
        }
    }

    private mutating func lower(next: Int) throws(LoweringError) {
        if let operation = SlotOperation(value: current.instruction) {
            lowerValue(operation)
            return
        }
        switch current.instruction {
        case .block, .loop, .if, .else, .end, .br, .brIf, .brTable, .return, .unreachable: lowerControl()
        case .call, .callIndirect: lowerCall(next: next)
        default: try lowerRest()
        }
    }

    /// An instruction whose operands and results are those of the table.
    private mutating func lowerValue(_ operation: SlotOperation) {
        let parameterCount = current.instruction.parameters?.count ?? 1
        let resultCount = current.instruction.results?.count ?? 1
        // Offset of a memory access; value operations have no other immediates.
        emit(operation, a: slot(height - parameterCount), immediate: UInt32(current.first))
        height += resultCount - parameterCount
    }

    private mutating func lowerRest() throws(LoweringError) {
        let top = slot(height)
        switch current.instruction {
        case .nop: emit(.nop)
        case .drop:
            emit(.nop)
            height -= 1
        case .localGet:
            emit(.copy, a: top, b: local(current.first))
            height += 1
        case .localSet:
            emit(.copy, a: local(current.first), b: top - 1)
            height -= 1
        case .localTee: emit(.copy, a: local(current.first), b: top - 1)
        case .i32Const, .f32Const, .i64Const, .f64Const: lowerConstant(current.first)
        case .refNull: lowerConstant(Reference.null)
        case .refFunc:
            emit(.refFunc, a: top, immediate: UInt32(current.first))
            height += 1
        case .select, .selectTyped:
            emit(.select, a: top - 3)
            height -= 2
        case .globalGet:
            let isLinked = facts.isLinkedGlobal(Int(current.first))
            emit(isLinked ? .globalGetLinked : .globalGet, a: top, immediate: UInt32(current.first))
            height += 1
        case .globalSet:
            let isLinked = facts.isLinkedGlobal(Int(current.first))
            emit(isLinked ? .globalSetLinked : .globalSet, a: top - 1, immediate: UInt32(current.first))
            height -= 1
        case .memorySize:
            emit(.memorySize, a: top)
            height += 1
        default: try lowerRare()
        }
    }

    /// Instructions that are executed out of line: the slot of their first operand in a, indices in the second word.
    private mutating func lowerRare() throws(LoweringError) {
        let (operation, parameterCount, resultCount): (SlotOperation, Int, Int)
        switch current.instruction {
        case .memoryGrow: (operation, parameterCount, resultCount) = (.memoryGrow, 1, 1)
        case .memoryInit: (operation, parameterCount, resultCount) = (.memoryInit, 3, 0)
        case .memoryCopy: (operation, parameterCount, resultCount) = (.memoryCopy, 3, 0)
        case .memoryFill: (operation, parameterCount, resultCount) = (.memoryFill, 3, 0)
        case .dataDrop: (operation, parameterCount, resultCount) = (.dataDrop, 0, 0)
        case .tableGet: (operation, parameterCount, resultCount) = (.tableGet, 1, 1)
        case .tableSet: (operation, parameterCount, resultCount) = (.tableSet, 2, 0)
        case .tableSize: (operation, parameterCount, resultCount) = (.tableSize, 0, 1)
        case .tableGrow: (operation, parameterCount, resultCount) = (.tableGrow, 2, 1)
        case .tableInit: (operation, parameterCount, resultCount) = (.tableInit, 3, 0)
        case .tableCopy: (operation, parameterCount, resultCount) = (.tableCopy, 3, 0)
        case .tableFill: (operation, parameterCount, resultCount) = (.tableFill, 3, 0)
        case .elemDrop: (operation, parameterCount, resultCount) = (.elemDrop, 0, 0)
        default: throw .notValidated(offset: current.offset)
        }
        emit(operation, a: slot(height - parameterCount))
        code.append(current.first | current.second << 32)
        height += resultCount - parameterCount
    }

    private mutating func lowerConstant(_ bits: UInt64) {
        if bits <= 0xFFFF_FFFF {
            emit(.const32, a: slot(height), immediate: UInt32(bits))
        } else {
            emit(.const64, a: slot(height))
            code.append(bits)
        }
        height += 1
    }

    /// The slot of the operand at height `height`.
    func slot(_ height: Int) -> Int { stackBase + height }

    private func local(_ index: UInt64) -> Int { Int(index) }
}
