// Instructions on the memory and on tables. Addresses and counts are mostly small enough to be within, often at the border
// of a page; now and then they are anything.

import WebAssembly

extension FunctionMaker {
    private static let accesses = Instruction.allCases.filter { $0.immediates == .memoryArgument }
    private static let borders = [0, 1, 4_088, 4_090, 4_093, 4_095, 4_096, 8_190, 65_527, 65_530, 65_535]

    /// A load or a store.
    mutating func memoryAccess() {
        guard let memory = plan.memory else { return }
        let instruction = Self.accesses[choices.below(Self.accesses.count)]
        guard let parameters = instruction.parameters, let results = instruction.results else { return }
        // An empty memory has nothing to be read, but is tried sometimes.
        if memory.minimum == 0, !choices.happens(1, of: 8) { return }
        if choices.happens(1, of: 12) {
            take(Array(parameters))
        } else {
            takeAddress()
            for type in parameters.dropFirst() { push(type) }
            stack.removeLast(parameters.count)
        }
        let alignment = choices.below(Int(instruction.alignmentExponent) + 1)
        let offset: Int
        switch choices.below(16) {
        case 0...7: offset = 0
        case 8...13: offset = choices.below(64)
        case 14: offset = choices.one(of: Self.borders)
        default:
            offset = choices.happens(1, of: plan.hasGreatMemory ? 2 : 4) ? Int(choices.word()) : choices.below(5_000)
        }
        emit(instruction, alignment, offset)
        stack += Array(results)
    }

    /// Leaves an i32 on top, and on `stack`, that is mostly an address in the first unit of a memory; what is on the stack
    /// may become it.
    private mutating func takeAddress() {
        guard choices.happens(1, of: 2) else { return pushAddress() }
        take([.i32])
        emitConstant(0xFFFF)
        emit(.i32And)
        stack.append(.i32)
    }

    /// The same, always as another operand.
    private mutating func pushAddress() {
        if plan.hasGreatMemory, choices.happens(1, of: 2) {
            emitConstant(-Int32(choices.one(of: Self.borders)) - Int32(choices.below(3)))
            stack.append(.i32)
        } else if choices.happens(1, of: 2) {
            push(.i32)
            emitConstant(0xFFFF)
            emit(.i32And)
        } else {
            emitConstant(Int32(choices.happens(1, of: 2) ? choices.one(of: Self.borders) : choices.below(65_000)))
            stack.append(.i32)
        }
    }

    /// Bulk operations, size and growth.
    mutating func memoryOperation() {
        guard plan.memory != nil else { return }
        switch choices.below(7) {
        case 0:
            code += Instruction.memorySize.opcode + [0]
            stack.append(.i32)
        case 1:
            if choices.happens(1, of: 8) {
                take([.i32])
            } else {
                pushSmall(3)
                stack.removeLast()
            }
            code += Instruction.memoryGrow.opcode + [0]
            stack.append(.i32)
        case 2: bulk(.memoryFill, [0]) { $0.push(.i32) }
        case 3, 4: bulk(.memoryCopy, [0, 0]) { $0.pushAddress() }
        case 5 where !plan.data.isEmpty:
            let segment = choices.below(plan.data.count)
            bulk(.memoryInit, unsigned(segment) + [0], plan.data[segment].bytes.count) {
                $0.pushSmall($0.plan.data[segment].bytes.count)
            }
        case 6 where !plan.data.isEmpty && choices.happens(1, of: 3):
            emit(.dataDrop, choices.below(plan.data.count))
        default: break
        }
    }

    /// A bulk operation on addresses: destination, the operand that `second` pushes, and a count.
    private mutating func bulk(
        _ instruction: Instruction, _ immediates: [UInt8], _ count: Int = 9_000, _ second: (inout Self) -> Void
    ) {
        takeAddress()
        second(&self)
        if choices.happens(1, of: 3) { pushSmall(70) } else { pushSmall(count) }
        stack.removeLast(3)
        code += instruction.opcode + immediates
    }

    /// Any instruction on a table.
    mutating func tableOperation() {
        guard !plan.tables.isEmpty else { return }
        let table = choices.below(plan.tables.count)
        let type = plan.tables[table].element
        let size = Int(plan.tables[table].limits.minimum)
        switch choices.below(8) {
        case 0:
            pushSmall(size)
            stack.removeLast()
            emit(.tableGet, table)
            stack.append(type)
        case 1:
            pushSmall(size)
            push(type)
            stack.removeLast(2)
            emit(.tableSet, table)
        case 2:
            emit(.tableSize, table)
            stack.append(.i32)
        case 3:
            take([type])
            pushSmall(choices.happens(1, of: 4) ? 600 : 20)
            stack.removeLast()
            emit(.tableGrow, table)
            stack.append(.i32)
        case 4:
            pushSmall(size)
            push(type)
            pushSmall(size / 2)
            stack.removeLast(3)
            emit(.tableFill, table)
        case 5:
            let others = plan.tables.indices.filter { plan.tables[$0].element == type }
            let source = choices.one(of: others)
            pushSmall(size / 2)
            pushSmall(Int(plan.tables[source].limits.minimum) / 2)
            pushSmall(min(size, Int(plan.tables[source].limits.minimum)) / 2)
            stack.removeLast(3)
            emit(.tableCopy, table, source)
        case 6:
            let segments = plan.elements.indices.filter { plan.elements[$0].type == type }
            if segments.isEmpty { return }
            let segment = choices.one(of: segments)
            let count = plan.elements[segment].items.count
            pushSmall(max(0, size - count))
            pushSmall(count / 2)
            pushSmall(count / 2)
            stack.removeLast(3)
            emit(.tableInit, segment, table)
        default:
            if !plan.elements.isEmpty, choices.happens(1, of: 3) {
                emit(.elemDrop, choices.below(plan.elements.count))
            }
        }
    }
}
