// What the host keeps of a process that ran lately: its frames in a contiguous buffer, its page tables, its compiled
// module. All of it is a cache of the process's record and spaces and can be dropped after `Machine.save`.

import Interpreter
import Objects
import Store

final class ActiveProcess {
    let cell: CellID
    let module: LoadedModule
    let activation: Activation
    /// Page tables of memory 0; of nothing, where the module has no memory.
    let memory: PagedSpace
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

    /// 8 MiB of globals and frames: deeper calls trap with "call stack exhausted".
    static let stackSlots = 1 << 20
    /// Elements that a table may have.
    static let tableBound = 10_000_000

    init(cell: CellID, module: LoadedModule) {
        self.cell = cell
        self.module = module
        let memories = module.compiled.module.allMemories.map { _ in PagedSpace() }
        memory = memories.first ?? PagedSpace(elementCapacity: 1)
        activation = Activation(
            module: module.compiled, capacitySlots: Self.stackSlots, memories: memories,
            tables: module.compiled.module.allTables.map { _ in PagedSpace(elementCapacity: Self.tableBound) })
    }

    /// Bytes of memory 0.
    var memoryBytes: UInt64 { activation.memoryBytes }

    /// Argument `index` of the host call under way.
    func argument(_ index: Int) -> UInt64 { activation.argument(index) }
}
