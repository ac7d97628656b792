// An instance whose exports others may import, and what is asked of it for each import, found once.

import Interpreter
import WebAssembly

final class Exporter {
    let number: Int
    let module: Module
    /// Types of all its tables and memories, with their sizes of now.
    let tables: [TableType]
    let memories: [MemoryType]
    /// Its own imports, resolved; empty where all are the host's.
    private let imports: [UInt64]

    init(number: Int, module: Module, imports: [UInt64], tables: [TableType], memories: [MemoryType]) {
        self.number = number
        self.module = module
        self.imports = imports
        self.tables = tables
        self.memories = memories
    }

    /// Types of all its globals, imported ones first.
    private(set) lazy var globals = module.allGlobals
    /// Indices of types by function, imported ones first.
    private lazy var functionTypes = module.importedFunctionTypes + module.functions.map(\.typeIndex)
    /// The words of its imported functions.
    private lazy var functionWords: [UInt64] = module.imports.indices.compactMap { index in
        guard case .function = module.imports[index].kind else { return nil }
        return imports.isEmpty ? 0 : imports[index]
    }
    /// Exports in the order of their names' bytes.
    private lazy var order = module.exports.indices.sorted {
        precedes(module.exports[$0].name, module.exports[$1].name)
    }

    /// Names are compared by their bytes, where Swift would equate what Unicode does.
    private func precedes(_ name: String, _ other: String) -> Bool { name.utf8.lexicographicallyPrecedes(other.utf8) }

    /// What is exported under a name, or nil. O(log exports).
    func export(named name: String) -> ExportKind? {
        var (low, high) = (0, order.count)
        while low < high {
            let middle = (low + high) / 2
            if precedes(module.exports[order[middle]].name, name) { low = middle + 1 } else { high = middle }
        }
        guard low < order.count, module.exports[order[low]].name.utf8.elementsEqual(name.utf8) else { return nil }
        return module.exports[order[low]].kind
    }

    /// The type of function `index`.
    func type(ofFunction index: Int) -> FunctionType { module.types[functionTypes[index]] }

    /// Where function `index` leads to: the instance that defines it, or that imports it from the host.
    func function(_ index: Int) -> UInt64 {
        guard index < functionWords.count, functionWords[index] != 0 else { return word(index) }
        return functionWords[index]
    }

    /// The word of a function that it defines, or of a table, memory or global.
    func word(_ index: Int) -> UInt64 { Reference.function(UInt32(index), instance: UInt16(number)) }
}
