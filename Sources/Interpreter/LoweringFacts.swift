// What lowering asks of a module again and again, computed once: types by function, type numbers, arities of blocks.

import WebAssembly

/// Types of a module, in the form that lowering needs.
struct LoweringFacts {
    let types: [FunctionType]
    /// Index in `types` by function index, imports first.
    let functionTypes: [Int]
    /// Number in the `FunctionTypeTable` by index in `types`.
    let typeNumbers: [UInt32]
    /// Whether it is mutable, by index of the imported globals.
    private let importedGlobalMutability: [Bool]

    init(_ module: Module, typeTable: FunctionTypeTable) {
        types = module.types
        functionTypes = module.importedFunctionTypes + module.functions.map(\.typeIndex)
        typeNumbers = module.types.map { typeTable.number(of: $0) }
        importedGlobalMutability = module.imports.compactMap { entry in
            if case .global(let type) = entry.kind { type.isMutable } else { nil }
        }
    }

    /// Counts of parameters and results.
    func arity(of type: BlockType) -> (parameterCount: Int, resultCount: Int) {
        switch type {
        case .empty: (0, 0)
        case .value: (0, 1)
        case .type(let index): (types[index].parameters.count, types[index].results.count)
        }
    }

    /// Whether the slot of global `index` holds the slot of another instance's global: of imported mutable ones.
    func isLinkedGlobal(_ index: Int) -> Bool {
        index < importedGlobalMutability.count && importedGlobalMutability[index]
    }
}
