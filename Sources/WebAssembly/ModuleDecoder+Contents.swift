// The sections that bring contents: elements, code, data, and the constant expressions within them (core 2.0, 5.4.9 and
// 5.5.12 to 5.5.14).

extension ModuleDecoder {
    mutating func elementSection() throws(DecodeError) {
        let count = try items(within: .elementSegments)
        for _ in 0..<count {
            module.offsets.elements.append(UInt32(reader.offset))
            module.elements.append(try elementSegment())
        }
    }

    /// Bit 0: passive or declarative; bit 1: a table index, or declarative; bit 2: expressions, not function indices.
    private mutating func elementSegment() throws(DecodeError) -> ElementSegment {
        let start = reader.offset
        let flags = try reader.u32()
        guard flags < 8 else { throw DecodeError(.malformedElementSegment(flags: flags), at: start) }
        let mode: ElementMode
        switch flags & 3 {
        case 0: mode = .active(table: 0, offset: try constantExpression())
        case 1: mode = .passive
        case 2:
            let table = Int(try reader.u32())
            mode = .active(table: table, offset: try constantExpression())
        default: mode = .declarative
        }
        let hasExpressions = flags & 4 != 0
        var type = ValueType.funcref
        if flags & 3 != 0 {
            if hasExpressions {
                type = try reader.referenceType()
            } else {
                let kindOffset = reader.offset
                let kind = try reader.byte()
                guard kind == 0 else { throw DecodeError(.malformedElementKind(found: kind), at: kindOffset) }
            }
        }
        let count = try reader.count()
        var items = ElementItems()
        items.reserveCapacity(count)
        for _ in 0..<count {
            items.append(hasExpressions ? try constantExpression() : .refFunc(Int(try reader.u32())))
        }
        return ElementSegment(mode: mode, type: type, items: items)
    }

    mutating func codeSection() throws(DecodeError) {
        let count = try reader.count()
        guard count == declaredTypeIndices.count else {
            throw reader.error(.inconsistentCodeCount(functions: declaredTypeIndices.count, bodies: count))
        }
        module.functions.reserveCapacity(count)
        for typeIndex in declaredTypeIndices {
            module.functions.append(try functionBody(typeIndex: Int(typeIndex)))
        }
    }

    private mutating func functionBody(typeIndex: Int) throws(DecodeError) -> FunctionBody {
        let size = Int(try reader.u32())
        guard size <= reader.remaining else {
            throw reader.error(.lengthOutOfBounds(length: size, remaining: reader.remaining))
        }
        try limit(.functionBytes, size)
        let end = reader.offset + size
        let runCount = try reader.count()
        var locals: [LocalRun] = []
        var total: UInt64 = 0
        for _ in 0..<runCount {
            let start = reader.offset
            let count = try reader.u32()
            total += UInt64(count)
            guard total <= UInt64(UInt32.max) else { throw DecodeError(.tooManyLocals(total), at: start) }
            let type = try reader.valueType()
            // A run of none declares nothing, however many there are.
            if count > 0 { locals.append(LocalRun(count: count, type: type)) }
        }
        try limit(.locals, Int(total))
        let code = reader.offset..<max(reader.offset, end)
        guard reader.offset <= end else {
            throw reader.error(.sectionSizeMismatch(expectedEnd: end, foundEnd: reader.offset))
        }
        reader.advance(to: end)
        return FunctionBody(typeIndex: typeIndex, locals: locals, code: code)
    }

    mutating func dataSection() throws(DecodeError) {
        let count = try items(within: .dataSegments)
        if let declared = module.dataCount, declared != count {
            throw reader.error(.inconsistentDataCount(declared: declared, segments: count))
        }
        for _ in 0..<count {
            let start = reader.offset
            module.offsets.dataSegments.append(UInt32(start))
            let mode: DataMode
            switch try reader.u32() {
            case 0: mode = .active(memory: 0, offset: try constantExpression())
            case 1: mode = .passive
            case 2:
                let memory = Int(try reader.u32())
                mode = .active(memory: memory, offset: try constantExpression())
            case let flags: throw DecodeError(.malformedDataSegment(flags: flags), at: start)
            }
            let bytes = try reader.skip(try reader.count())
            module.dataSegments.append(DataSegment(mode: mode, bytes: bytes))
        }
    }

    /// One constant instruction and `end`.
    mutating func constantExpression() throws(DecodeError) -> ConstantExpression {
        var instructions = InstructionReader(ByteReader(reader.bytes, in: reader.offset..<reader.end))
        var found: ConstantExpression?
        var count = 0
        while true {
            guard let next = try instructions.next() else { throw reader.error(.unexpectedEndOfSection) }
            switch next.instruction {
            case .i32Const: found = .i32(UInt32(truncatingIfNeeded: next.first))
            case .i64Const: found = .i64(next.first)
            case .f32Const: found = .f32(UInt32(truncatingIfNeeded: next.first))
            case .f64Const: found = .f64(next.first)
            case .globalGet: found = .globalGet(Int(next.first))
            case .refFunc: found = .refFunc(Int(next.first))
            case .refNull: found = ValueType(rawValue: UInt8(next.first)).map { .refNull($0) }
            case .end:
                guard count == 1, let found else { throw DecodeError(.constantCount(found: count), at: next.offset) }
                reader.advance(to: instructions.offset)
                return found
            default: throw DecodeError(.constantExpressionRequired(found: next.instruction), at: next.offset)
            }
            count += 1
        }
    }
}
