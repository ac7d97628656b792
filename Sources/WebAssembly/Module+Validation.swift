// Validates a decoded module (core 2.0, 3.4): what the sections say of each other first, then each function body.

/// What validation finds out besides validity.
package struct ModuleFacts: Sendable, Hashable {
    /// The highest operand stack of each function that the module defines, in slots of one value: a maximum over all
    /// instructions of the validation algorithm's stack, in unreachable code too.
    package var maximumHeight: [Int]

    package init(maximumHeight: [Int]) { self.maximumHeight = maximumHeight }
}

extension Module {
    /// Checks everything that the standard asks of a module, and the implementation limits; `bytes` are those it was
    /// decoded from. Throws at the first thing that is wrong. Linear time, no recursion.
    package func validate(_ bytes: [UInt8]) throws(ValidationError) -> ModuleFacts {
        try bytes.withUnsafeBufferPointer { (bytes) throws(ValidationError) in try validate(bytes) }
    }

    /// As above, for bytes that live elsewhere.
    package func validate(_ bytes: UnsafeBufferPointer<UInt8>) throws(ValidationError) -> ModuleFacts {
        precondition(bytes.count == byteCount, "the bytes that the module was decoded from")
        try checkTypeIndices()
        let context = ValidationContext(self)
        try checkSizes()
        try checkGlobals(context)
        try checkExports(context)
        try checkStart(context)
        try checkSegments(context)
        var validator = FunctionValidator(context, bytes)
        let firstIndex = importedFunctionCount
        var heights: [Int] = []
        heights.reserveCapacity(functions.count)
        for (index, body) in functions.enumerated() {
            heights.append(try validator.validate(body, index: firstIndex + index))
        }
        return ModuleFacts(maximumHeight: heights)
    }

    private func checkTypeIndices() throws(ValidationError) {
        for item in imports {
            if case .function(let typeIndex) = item.kind, !types.indices.contains(typeIndex) {
                throw ValidationError(.unknown(.type, index: typeIndex), at: item.offset)
            }
        }
        for (index, body) in functions.enumerated() where !types.indices.contains(body.typeIndex) {
            throw ValidationError(.unknown(.type, index: body.typeIndex), at: offset(offsets.functions, index))
        }
    }

    private func checkSizes() throws(ValidationError) {
        var memoryCount = 0
        for item in imports {
            switch item.kind {
            case .table(let type): try check(type.limits, at: item.offset)
            case .memory(let type):
                memoryCount += 1
                try check(type, at: item.offset)
            default: continue
            }
        }
        for (index, type) in tables.enumerated() { try check(type.limits, at: offset(offsets.tables, index)) }
        for (index, type) in memories.enumerated() { try check(type, at: offset(offsets.memories, index)) }
        memoryCount += memories.count
        if memoryCount > 1 {
            throw ValidationError(
                .multipleMemories(count: memoryCount), at: offset(offsets.memories, memories.count - 1))
        }
    }

    private func check(_ limits: Limits, at offset: Int) throws(ValidationError) {
        if let maximum = limits.maximum, limits.minimum > maximum {
            throw ValidationError(.minimumAboveMaximum(minimum: limits.minimum, maximum: maximum), at: offset)
        }
    }

    private func check(_ memory: MemoryType, at offset: Int) throws(ValidationError) {
        for pages in [memory.limits.minimum, memory.limits.maximum ?? 0] where pages > 65_536 {
            throw ValidationError(.memoryTooLarge(pages: pages), at: offset)
        }
        try check(memory.limits, at: offset)
    }

    private func checkGlobals(_ context: ValidationContext) throws(ValidationError) {
        for (index, global) in globals.enumerated() {
            try context.check(global.initial, gives: global.type.value, at: offset(offsets.globals, index))
        }
    }

    private func checkExports(_ context: ValidationContext) throws(ValidationError) {
        var names = NameSet(expected: exports.count)
        for (index, export) in exports.enumerated() {
            let offset = offset(offsets.exports, index)
            let unknown: (ValidationError.IndexSpace, Int)? =
                switch export.kind {
                case .function(let index) where index >= context.functionShapes.count: (.function, index)
                case .table(let index) where index >= context.tables.count: (.table, index)
                case .memory(let index) where index >= context.memoryCount: (.memory, index)
                case .global(let index) where index >= context.globals.count: (.global, index)
                default: nil
                }
            if let (space, index) = unknown { throw ValidationError(.unknown(space, index: index), at: offset) }
            guard names.insert(export.name, named: { exports[$0].name }) else {
                throw ValidationError(.duplicateExportName(export.name), at: offset)
            }
        }
    }

    private func checkStart(_ context: ValidationContext) throws(ValidationError) {
        guard let start else { return }
        let offset = offsets.start ?? 0
        guard start < context.functionShapes.count else {
            throw ValidationError(.unknown(.function, index: start), at: offset)
        }
        let type = types[typeIndex(ofFunction: start)]
        guard type.parameters.isEmpty && type.results.isEmpty else {
            throw ValidationError(.startFunction(type: type), at: offset)
        }
    }

    private func checkSegments(_ context: ValidationContext) throws(ValidationError) {
        for (index, segment) in elements.enumerated() {
            let offset = offset(offsets.elements, index)
            if case .active(let table, let start) = segment.mode {
                guard table < context.tables.count else {
                    throw ValidationError(.unknown(.table, index: table), at: offset)
                }
                guard context.tables[table] == segment.type else {
                    throw ValidationError(
                        .typeConflict(expected: context.tables[table], found: segment.type), at: offset)
                }
                try context.check(start, gives: .i32, at: offset)
            }
            for item in segment.items { try context.check(item, gives: segment.type, at: offset) }
        }
        for (index, segment) in dataSegments.enumerated() {
            let offset = offset(offsets.dataSegments, index)
            if case .active(let memory, let start) = segment.mode {
                guard memory < context.memoryCount else {
                    throw ValidationError(.unknown(.memory, index: memory), at: offset)
                }
                try context.check(start, gives: .i32, at: offset)
            }
        }
    }

    private func offset(_ offsets: [UInt32], _ index: Int) -> Int {
        offsets.indices.contains(index) ? Int(offsets[index]) : 0
    }
}

extension ValidationContext {
    /// Checks a constant expression, which may read imported immutable globals only (core 2.0, 3.3.10).
    fileprivate func check(
        _ expression: ConstantExpression, gives expected: ValueType, at offset: Int
    ) throws(ValidationError) {
        let found: ValueType
        switch expression {
        case .i32: found = .i32
        case .i64: found = .i64
        case .f32: found = .f32
        case .f64: found = .f64
        case .refNull(let type): found = type
        case .refFunc(let index):
            guard index < functionShapes.count else {
                throw ValidationError(.unknown(.function, index: index), at: offset)
            }
            found = .funcref
        case .globalGet(let index):
            guard index < importedGlobalCount else {
                throw ValidationError(.unknown(.global, index: index), at: offset)
            }
            guard !globals[index].isMutable else {
                throw ValidationError(.constantExpressionRequired(mutableGlobal: index), at: offset)
            }
            found = globals[index].value
        }
        guard found == expected else {
            throw ValidationError(.typeConflict(expected: expected, found: found), at: offset)
        }
    }
}
