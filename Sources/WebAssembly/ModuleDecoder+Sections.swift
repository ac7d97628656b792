// The sections that declare: types, imports, functions, tables, memories, globals, exports, start (core 2.0, 5.5.4 to
// 5.5.11).

extension ModuleDecoder {
    mutating func typeSection() throws(DecodeError) {
        let count = try items(within: .types)
        module.types.reserveCapacity(count)
        for _ in 0..<count {
            module.offsets.types.append(UInt32(reader.offset))
            module.types.append(try reader.functionType())
        }
    }

    mutating func importSection() throws(DecodeError) {
        let count = try items()
        var (functions, tables, globals) = (0, 0, 0)
        for _ in 0..<count {
            let start = reader.offset
            let moduleName = try reader.name()
            let name = try reader.name()
            let kindOffset = reader.offset
            let kind: ImportKind
            switch try reader.byte() {
            case 0:
                kind = .function(typeIndex: Int(try reader.u32()))
                functions += 1
            case 1:
                kind = .table(try reader.tableType())
                tables += 1
            case 2:
                kind = .memory(MemoryType(limits: try reader.limits(isMemory: true)))
            case 3:
                kind = .global(try reader.globalType())
                globals += 1
            case let found:
                let feature: UnsupportedFeature? = found == 4 ? .exceptions : nil
                throw DecodeError(.malformedImportKind(found: found, feature: feature), at: kindOffset)
            }
            module.imports.append(Import(module: moduleName, name: name, kind: kind, offset: start))
        }
        try limit(.functions, functions)
        try limit(.tables, tables)
        try limit(.globals, globals)
    }

    mutating func functionSection() throws(DecodeError) {
        // A type index here and a body in the code section are one item.
        let count = try items(within: .functions, before: module.importedFunctionCount)
        declaredTypeIndices.reserveCapacity(count)
        module.offsets.functions.reserveCapacity(count)
        for _ in 0..<count {
            module.offsets.functions.append(UInt32(reader.offset))
            declaredTypeIndices.append(try reader.u32())
        }
    }

    mutating func tableSection() throws(DecodeError) {
        let count = try items(within: .tables, before: module.allTables.count)
        for _ in 0..<count {
            module.offsets.tables.append(UInt32(reader.offset))
            module.tables.append(try reader.tableType())
        }
    }

    mutating func memorySection() throws(DecodeError) {
        let count = try items(within: .memories)
        for _ in 0..<count {
            module.offsets.memories.append(UInt32(reader.offset))
            module.memories.append(MemoryType(limits: try reader.limits(isMemory: true)))
        }
    }

    mutating func globalSection() throws(DecodeError) {
        let count = try items(within: .globals, before: module.importedGlobalCount)
        for _ in 0..<count {
            module.offsets.globals.append(UInt32(reader.offset))
            let type = try reader.globalType()
            module.globals.append(Global(type: type, initial: try constantExpression()))
        }
    }

    mutating func exportSection() throws(DecodeError) {
        let count = try items()
        for _ in 0..<count {
            module.offsets.exports.append(UInt32(reader.offset))
            let name = try reader.name()
            let kindOffset = reader.offset
            let kind = try reader.byte()
            guard kind <= 3 else {
                let feature: UnsupportedFeature? = kind == 4 ? .exceptions : nil
                throw DecodeError(.malformedExportKind(found: kind, feature: feature), at: kindOffset)
            }
            let index = Int(try reader.u32())
            let kinds: [ExportKind] = [.function(index), .table(index), .memory(index), .global(index)]
            module.exports.append(Export(name: name, kind: kinds[Int(kind)]))
        }
    }

    mutating func startSection() throws(DecodeError) {
        module.offsets.start = reader.offset
        module.start = Int(try reader.u32())
    }
}
