// What the host keeps of a process that ran lately: its frames in a contiguous buffer, and its instances with their page
// tables and compiled modules. All of it is a cache of the records and spaces and can be dropped after `Machine.save`.

import Interpreter
import Objects
import Store

final class ActiveProcess {
    let cell: CellID
    let activation: Activation
    private(set) var instances: [ActiveInstance] = []
    /// The instance whose memory a host call is about.
    var callee = 0
    /// The epoch for which the write entries of all page tables are good.
    var writeEpoch: UInt64 = 0
    /// The pages that read entries of these tables map, by entry.
    var mapped: [PageEntry: PageID] = [:]
    /// Slots of the stored stack below which something may be other than zero.
    var storedSlots = 0
    /// Whether it ran since it was saved last.
    var isChanged = false
    /// When it ran last, counted in activations.
    var lastRun: UInt64 = 0
    /// Results that lie above the globals, of a function that returned to the embedder.
    var resultCount = 0

    /// 8 MiB of globals and frames: deeper calls trap with "call stack exhausted".
    static let stackSlots = 1 << 20
    /// Elements that a table may have.
    static let tableBound = 10_000_000

    init(cell: CellID) {
        self.cell = cell
        activation = Activation(capacitySlots: Self.stackSlots)
    }

    /// Adds the next instance, whose imports lead to earlier ones.
    func add(_ cell: CellID, module: LoadedModule, imports words: [UInt64]) {
        let instance = ActiveInstance(
            cell: cell, number: instances.count, module: module, imports: words, others: instances,
            globalSlot: { activation.globalSlot($1, of: $0) })
        activation.add(instance.parts)
        instances.append(instance)
    }

    /// Page tables of the memory that a host call is about; of nothing, where its module has no memory.
    var memory: PagedSpace { instances[callee].memory }

    /// Bytes of that memory.
    var memoryBytes: UInt64 { activation.memoryBytes(of: callee) }

    /// Argument `index` of the host call under way.
    func argument(_ index: Int) -> UInt64 { activation.argument(index) }

    /// All page tables, each once.
    var pagedSpaces: [PagedSpace] { instances.flatMap(\.ownSpaces) }
}

/// An instance, and where what it imports comes from.
final class ActiveInstance {
    let cell: CellID
    let number: Int
    let module: LoadedModule
    /// A word for each import, as the record has them; empty where all are the host's.
    let importWords: [UInt64]
    let parts: InstanceParts
    /// Page tables of memory 0.
    let memory: PagedSpace
    /// The instance that owns memory 0, or nil where there is none.
    let memoryOwner: Int?
    /// For each table: who defined it, and its number there among those that it defined.
    let tableOwners: [(instance: Int, table: Int)]
    /// Page tables of what it defines itself.
    let ownSpaces: [PagedSpace]

    /// `words` are the record's; `others` the instances before it; `globalSlot` gives the slot of a global of an instance.
    init(
        cell: CellID, number: Int, module: LoadedModule, imports words: [UInt64], others: [ActiveInstance],
        globalSlot: (_ instance: Int, _ index: Int) -> Int
    ) {
        let binary = module.compiled.module
        var functions: [UInt64] = []
        var globals: [Int?] = []
        var memories: [PagedSpace] = []
        var owner: Int?
        var tables: [PagedSpace] = []
        var owners: [(instance: Int, table: Int)] = []
        for (index, entry) in binary.imports.enumerated() {
            let word = index < words.count ? words[index] : 0
            let target = Reference.function(word)
            switch entry.kind {
            case .function: functions.append(word)
            case .global: globals.append(target.map { globalSlot($0.instance, $0.function) })
            case .memory:
                guard let target else { preconditionFailure("INST-2: an imported memory is another instance's") }
                owner = others[target.instance].memoryOwner
                memories.append(others[target.instance].memory)
            case .table:
                guard let target else { preconditionFailure("INST-2: an imported table is another instance's") }
                owners.append(others[target.instance].tableOwners[target.function])
                tables.append(others[target.instance].parts.tables[target.function])
            }
        }
        var own: [PagedSpace] = []
        for _ in binary.memories {
            let space = PagedSpace()
            memories.append(space)
            own.append(space)
            owner = number
        }
        for table in binary.tables.indices {
            let space = PagedSpace(elementCapacity: ActiveProcess.tableBound)
            tables.append(space)
            own.append(space)
            owners.append((number, table))
        }
        self.cell = cell
        self.number = number
        self.module = module
        importWords = words
        memory = memories.first ?? PagedSpace(elementCapacity: 1)
        memoryOwner = owner
        tableOwners = owners
        ownSpaces = own
        parts = InstanceParts(
            module: module.compiled, memories: memories, tables: tables, functions: functions, globals: globals,
            hasDataImage: module.hasMemoryImage, hasElementImage: module.hasTableImage && number == 0)
    }
}
