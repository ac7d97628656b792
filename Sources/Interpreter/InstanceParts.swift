// One instance of a module inside an activation: what it is made of, and how engines see it. Instances of an activation
// share memories, tables, functions and globals through their imports.

import WebAssembly

/// What an embedder makes an instance of.
package struct InstanceParts {
    /// The module's code, shared by its instances.
    package let module: CompiledModule
    /// Page tables of each memory and table, imported ones first: the owner's where it is imported.
    package let memories: [PagedSpace]
    package let tables: [PagedSpace]
    /// For each imported function: the function that it is (`Reference.function`), or 0 where the host performs it.
    package var functions: [UInt64]
    /// For each imported global: the slot of the global that it is, or nil where its own slot holds a constant that the
    /// embedder wrote.
    package var globals: [Int?]
    /// Whether the memory's pages come with what the active data segments write.
    package var hasDataImage: Bool
    /// Whether table 0's pages come with what the active element segments write.
    package var hasElementImage: Bool

    /// By default every import is the host's, and instantiation writes the active segments.
    package init(
        module: CompiledModule, memories: [PagedSpace], tables: [PagedSpace], functions: [UInt64]? = nil,
        globals: [Int?]? = nil, hasDataImage: Bool = false, hasElementImage: Bool = false
    ) {
        precondition(memories.count == module.module.allMemories.count, "page tables for each memory")
        precondition(tables.count == module.module.allTables.count, "page tables for each table")
        self.module = module
        self.memories = memories
        self.tables = tables
        self.functions = functions ?? Array(repeating: 0, count: module.importedFunctionCount)
        self.globals = globals ?? Array(repeating: nil, count: module.module.importedGlobalCount)
        self.hasDataImage = hasDataImage
        self.hasElementImage = hasElementImage
        precondition(self.functions.count == module.importedFunctionCount, "a link for each imported function")
        precondition(self.globals.count == module.module.importedGlobalCount, "a link for each imported global")
    }
}

/// An instance as engines see it, with its dropped segments, which are its state.
final class LinkedInstance {
    let parts: InstanceParts
    /// Index among the slots of its first global.
    let globalBase: Int
    let tables: UnsafeMutablePointer<TableView>
    let dropped: UnsafeMutablePointer<UInt64>
    /// `parts.functions`, `importCount` of them.
    let imports: UnsafeMutablePointer<UInt64>
    let importCount: Int
    /// Bytes of memory 0.
    var memoryBytes: UInt64 { parts.memories.first?.size.pointee ?? 0 }

    var module: CompiledModule { parts.module }

    init(_ parts: InstanceParts, globalBase: Int) {
        self.parts = parts
        self.globalBase = globalBase
        tables = .allocate(capacity: max(1, parts.tables.count))
        for (index, table) in parts.tables.enumerated() {
            (tables + index).initialize(
                to: TableView(reads: table.reads.entries, writes: table.writes.entries, size: table.size))
        }
        if !parts.hasElementImage { parts.module.segments.makeActiveWords() }
        dropped = .allocate(capacity: parts.module.droppedWordCount)
        dropped.initialize(repeating: 0, count: parts.module.droppedWordCount)
        importCount = parts.functions.count
        imports = .allocate(capacity: max(1, importCount))
        for (index, word) in parts.functions.enumerated() { (imports + index).initialize(to: word) }
    }

    /// The function that a reference names, where it is one that this instance, of this number, imports from the host.
    func hostImport(_ word: UInt64, of number: Int) -> Int? {
        guard word >> 32 == Reference.functionBit >> 32 | UInt64(number) else { return nil }
        let function = Int(UInt32(truncatingIfNeeded: word))
        return function < importCount && imports[function] == 0 ? function : nil
    }

    deinit {
        tables.deallocate()
        dropped.deallocate()
        imports.deallocate()
    }
}
