// Validates the instructions whose types depend on immediates, context or operands, and the indices of the others
// (core 2.0, 3.3.1 to 3.3.8).

extension FunctionValidator {
    /// Control, parametric, variable, table and reference instructions.
    mutating func checkSpecial(_ next: DecodedInstruction) throws(Reason) {
        switch next.instruction {
        case .localGet: try stack.push(try local(next.first))
        case .localSet: try stack.pop(try local(next.first))
        case .localTee:
            let type = try local(next.first)
            try stack.pop(type)
            try stack.push(type)
        case .globalGet: try stack.push(try global(next.first).value.rawValue)
        case .globalSet:
            let global = try global(next.first)
            guard global.isMutable else { throw .globalIsImmutable(index: Int(next.first)) }
            try stack.pop(global.value.rawValue)
        case .call:
            let index = Int(next.first)
            guard index < context.functionShapes.count else { throw .unknown(.function, index: index) }
            try apply(context.functionShapes[index])
        case .callIndirect:
            let table = try table(next.second)
            guard table == .funcref else { throw .typeConflict(expected: .funcref, found: table) }
            let shape = try shape(next.first)
            try stack.pop(ValueType.i32.rawValue)
            try apply(shape)
        case .drop: _ = try stack.popAny()
        case .select, .selectTyped: try checkSelect(next)
        case .refNull: try stack.push(UInt8(next.first))
        case .refIsNull:
            let found = try stack.popAny(expected: .reference)
            if let type = ValueType(rawValue: found), !type.isReference {
                throw .typeMismatch(expected: .reference, found: type)
            }
            try stack.push(ValueType.i32.rawValue)
        case .tableGet:
            let element = try table(next.first)
            try stack.pop(ValueType.i32.rawValue)
            try stack.push(element.rawValue)
        case .tableSet:
            let element = try table(next.first)
            try stack.pop(element.rawValue)
            try stack.pop(ValueType.i32.rawValue)
        case .tableGrow:
            let element = try table(next.first)
            try stack.pop(ValueType.i32.rawValue)
            try stack.pop(element.rawValue)
            try stack.push(ValueType.i32.rawValue)
        case .tableFill:
            let element = try table(next.first)
            try stack.pop(ValueType.i32.rawValue)
            try stack.pop(element.rawValue)
            try stack.pop(ValueType.i32.rawValue)
        default: try checkControl(next)
        }
    }

    private mutating func checkControl(_ next: DecodedInstruction) throws(Reason) {
        switch next.instruction {
        case .unreachable: stack.setUnreachable()
        case .block: try stack.begin(.block, try shape(of: next))
        case .loop: try stack.begin(.loop, try shape(of: next))
        case .if:
            let shape = try shape(of: next)
            try stack.pop(ValueType.i32.rawValue)
            try stack.begin(.if, shape)
        case .else:
            guard try stack.block(label: 0).kind == .if else { throw .malformed(.endExpected) }
            let block = try stack.end()
            try stack.push(block.shape.parameters)
            try stack.begin(.else, block.shape)
        case .end:
            let block = try stack.end()
            if block.kind == .if, !stack.areEqual(block.shape.parameters, block.shape.results) { throw .missingElse }
            if block.kind != .function { try stack.push(block.shape.results) }
        case .br:
            try stack.pop(try stack.block(label: Int(next.first)).label)
            stack.setUnreachable()
        case .brIf:
            let label = try stack.block(label: Int(next.first)).label
            try stack.pop(ValueType.i32.rawValue)
            try stack.pop(label)
            try stack.push(label)
        case .brTable: try checkBranchTable(next)
        case .return:
            try stack.pop(try stack.block(label: stack.blocks.count - 1).label)
            stack.setUnreachable()
        default: preconditionFailure("an instruction of the table without a rule: \(next.instruction.name)")
        }
    }

    private mutating func checkSelect(_ next: DecodedInstruction) throws(Reason) {
        try stack.pop(ValueType.i32.rawValue)
        if next.instruction == .selectTyped {
            guard next.first == 1 else { throw .invalidResultArity(found: Int(next.first)) }
            let type = UInt8(next.second)
            try stack.pop(type)
            try stack.pop(type)
            try stack.push(type)
            return
        }
        let second = try stack.popAny(expected: .number)
        let first = try stack.popAny(expected: .number)
        for operand in [second, first] {
            if let type = ValueType(rawValue: operand), type.isReference {
                throw .typeMismatch(expected: .number, found: type)
            }
        }
        if let expected = ValueType(rawValue: first), let found = ValueType(rawValue: second), expected != found {
            throw .typeMismatch(expected: .value(expected), found: found)
        }
        try stack.push(first == 0 ? second : first)
    }

    /// Every label takes the same number of values, each the values on top of the stack.
    private mutating func checkBranchTable(_ next: DecodedInstruction) throws(Reason) {
        try stack.pop(ValueType.i32.rawValue)
        let last = try stack.block(label: Int(next.second)).label
        for label in IndexList(bytes, in: next.list) {
            let types = try stack.block(label: Int(label)).label
            guard types.count == last.count else {
                throw .labelArity(expected: Int(last.count), found: Int(types.count))
            }
            try stack.check(types)
        }
        try stack.pop(last)
        stack.setUnreachable()
    }

    /// Indices of instructions whose operands the table of operations gives.
    mutating func checkIndices(_ next: DecodedInstruction) throws(Reason) {
        switch next.instruction.immediates {
        case .function:  // ref.func
            let index = Int(next.first)
            guard index < context.declared.count else { throw .unknown(.function, index: index) }
            guard context.declared[index] else { throw .undeclaredFunctionReference(index: index) }
        case .memory, .memoryAndMemory: try requireMemory()
        case .dataAndMemory:
            try requireData(next.first)
            try requireMemory()
        case .data: try requireData(next.first)
        case .element: _ = try element(next.first)
        case .table: _ = try table(next.first)
        case .elementAndTable:
            let table = try table(next.second)
            let element = try element(next.first)
            guard table == element else { throw .typeConflict(expected: table, found: element) }
        case .tableAndTable:
            let destination = try table(next.first)
            let source = try table(next.second)
            guard destination == source else { throw .typeConflict(expected: destination, found: source) }
        default: preconditionFailure("immediates of the table without a rule: \(next.instruction.name)")
        }
    }

    // MARK: Lookups

    private mutating func apply(_ shape: TypeShape) throws(Reason) {
        try stack.pop(shape.parameters)
        try stack.push(shape.results)
    }

    @inline(__always)
    private func local(_ index: UInt64) throws(Reason) -> UInt8 {
        guard let type = locals[Int(index)] else { throw .unknown(.local, index: Int(index)) }
        return type
    }

    private func global(_ index: UInt64) throws(Reason) -> GlobalType {
        guard index < context.globals.count else { throw .unknown(.global, index: Int(index)) }
        return context.globals[Int(index)]
    }

    private func table(_ index: UInt64) throws(Reason) -> ValueType {
        guard index < context.tables.count else { throw .unknown(.table, index: Int(index)) }
        return context.tables[Int(index)]
    }

    private func element(_ index: UInt64) throws(Reason) -> ValueType {
        guard index < context.elementTypes.count else { throw .unknown(.element, index: Int(index)) }
        return context.elementTypes[Int(index)]
    }

    private func shape(_ typeIndex: UInt64) throws(Reason) -> TypeShape {
        guard let shape = context.shape(of: .type(Int(typeIndex))) else {
            throw .unknown(.type, index: Int(typeIndex))
        }
        return shape
    }

    private func shape(of next: DecodedInstruction) throws(Reason) -> TypeShape {
        guard let shape = context.shape(of: next.blockType) else { throw .unknown(.type, index: Int(next.first)) }
        return shape
    }

    private func requireMemory() throws(Reason) {
        guard context.memoryCount > 0 else { throw .unknown(.memory, index: 0) }
    }

    private func requireData(_ index: UInt64) throws(Reason) {
        guard context.hasDataCount else { throw .malformed(.dataCountRequired) }
        guard index < context.dataCount else { throw .unknown(.data, index: Int(index)) }
    }
}
