// The index spaces of a module: imports first, then what it defines (core 2.0, 2.5.1).

extension Module {
    /// Type indices of the imported functions, in order.
    package var importedFunctionTypes: [Int] {
        imports.compactMap { if case .function(let typeIndex) = $0.kind { typeIndex } else { nil } }
    }

    package var importedFunctionCount: Int {
        imports.reduce(0) { if case .function = $1.kind { $0 + 1 } else { $0 } }
    }

    package var importedGlobalCount: Int {
        imports.reduce(0) { if case .global = $1.kind { $0 + 1 } else { $0 } }
    }

    /// Globals, imported ones included.
    package var globalCount: Int { importedGlobalCount + globals.count }

    /// The index in `types` of function `index`'s type. O(imports).
    package func typeIndex(ofFunction index: Int) -> Int {
        let imported = importedFunctionTypes
        return index < imported.count ? imported[index] : functions[index - imported.count].typeIndex
    }

    /// Types of all tables, imported ones first.
    package var allTables: [TableType] {
        imports.compactMap { if case .table(let type) = $0.kind { type } else { nil } } + tables
    }

    /// Types of all memories, imported ones first.
    package var allMemories: [MemoryType] {
        imports.compactMap { if case .memory(let type) = $0.kind { type } else { nil } } + memories
    }

    /// Types of all globals, imported ones first.
    package var allGlobals: [GlobalType] {
        imports.compactMap { if case .global(let type) = $0.kind { type } else { nil } } + globals.map(\.type)
    }

    /// The export of this name, or nil. Names are compared by their bytes, where Swift would equate what Unicode does.
    package func export(named name: String) -> Export? {
        exports.first { $0.name.utf8.elementsEqual(name.utf8) }
    }
}
