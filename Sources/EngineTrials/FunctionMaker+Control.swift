// Blocks, branches and calls.

import WebAssembly

extension FunctionMaker {
    /// Opens a block, loop or if, fills it and closes it.
    mutating func openBlock() {
        guard blocks.count < Self.deepest, budget > 2 else { return }
        let (type, immediate) = blockType()
        let kind = choices.below(3)
        if kind == 2 {
            take(type.parameters + [.i32])
        } else {
            take(type.parameters)
        }
        code += [Instruction.block, .loop, .if][kind].opcode + immediate
        let base = stack.count
        func open() -> OpenBlock {
            OpenBlock(
                labelTypes: kind == 1 ? type.parameters : type.results, results: type.results, base: base,
                isLoop: kind == 1)
        }
        blocks.append(open())
        stack += type.parameters
        if kind == 1 { countDown() }
        sequence()
        if kind == 1 { goRound() }
        if kind == 2, type.parameters != type.results || choices.happens(1, of: 2) {
            close()
            emit(.else)
            stack.removeLast(stack.count - base)
            blocks[blocks.count - 1] = open()
            stack += type.parameters
            sequence()
        } else if kind == 2 {
            // Without an else the results are the parameters.
            block.isLoop = false
        }
        finish()
    }

    /// No result, one result, or a type of the module.
    private mutating func blockType() -> (FunctionType, [UInt8]) {
        switch choices.below(3) {
        case 0: return (FunctionType(parameters: [], results: []), [0x40])
        case 1:
            let type = choices.one(of: ModulePlan.valueTypes)
            return (FunctionType(parameters: [], results: [type]), [type.rawValue])
        default:
            let index = choices.below(plan.types.count)
            return (plan.types[index], signed(Int64(index)))
        }
    }

    /// At a loop's end: mostly goes round again while the countdown allows it.
    private mutating func goRound() {
        guard let countdown = plan.countdown, choices.happens(3, of: 4) else { return }
        take(block.labelTypes)
        stack += block.labelTypes
        emit(.globalGet, countdown)
        emitConstant(Int32(choices.below(Int(ModulePlan.countdownFrom))))
        emit(.i32GtU)
        emit(.brIf, 0)
    }

    /// A branch of some kind.
    mutating func branch() {
        let depth = choices.below(blocks.count)
        let target = blocks[blocks.count - 1 - depth]
        switch choices.below(8) {
        case 0:
            take(target.labelTypes)
            emit(.br, depth)
            die()
        case 1...4:
            take(target.labelTypes + [.i32])
            emit(.brIf, depth)
            stack += target.labelTypes
        case 5, 6: branchTable(target.labelTypes, depth)
        default:
            take(type.results)
            emit(.return)
            die()
        }
    }

    private mutating func branchTable(_ types: [ValueType], _ depth: Int) {
        let depths = (0..<blocks.count).filter { blocks[blocks.count - 1 - $0].labelTypes == types }
        let labels = (0..<choices.below(6)).map { _ in choices.one(of: depths) }
        if choices.happens(1, of: 2) {
            take(types)
            pushSmall(labels.count)
            stack.removeLast()
        } else {
            take(types + [.i32])
        }
        code += Instruction.brTable.opcode + vector(labels.map { unsigned($0) }) + unsigned(depth)
        die()
    }

    /// A call, direct or through a table of functions.
    mutating func call() {
        let tables = plan.tables.indices.filter { plan.tables[$0].element == .funcref }
        if tables.isEmpty || choices.happens(1, of: 2) {
            let function = choices.below(plan.functionCount)
            let type = plan.type(ofFunction: function)
            take(type.parameters)
            emit(.call, function)
            stack += type.results
            return
        }
        let table = choices.one(of: tables)
        let segments = plan.elements.filter { $0.place?.table == table && !$0.items.isEmpty }
        if let segment = segments.first, let place = segment.place, choices.happens(5, of: 6) {
            let item = choices.below(segment.items.count)
            let index = typeIndex(ofFunction: segment.items[item] ?? 0)
            take(plan.types[index].parameters)
            emitConstant(Int32(place.index + item))
            emit(.callIndirect, index, table)
            stack += plan.types[index].results
        } else {
            let index = choices.below(plan.types.count)
            take(plan.types[index].parameters)
            pushSmall(Int(plan.tables[table].limits.minimum))
            stack.removeLast()
            emit(.callIndirect, index, table)
            stack += plan.types[index].results
        }
    }

    private func typeIndex(ofFunction function: Int) -> Int {
        let imported = plan.importTypes.count
        return function < imported ? plan.importTypes[function] : plan.functionTypes[function - imported]
    }
}
