// What the host keeps of a process that ran lately: its frames in a contiguous buffer, and its instances with their page
// tables and compiled modules. All of it is a cache of the records and spaces and can be dropped after `Machine.save`.

import Interpreter
import Objects
import Store

final class ActiveProcess {
    let cell: CellID
    let activation: Activation
    private(set) var instances: [ActiveInstance] = []
    private let noMemory = PagedSpace(elementCapacity: 1)
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

    /// Adds the next instance, whose imports lead to earlier ones. Throws `damaged` where they do not (INST-2).
    func add(_ cell: CellID, module: LoadedModule, imports words: [UInt64]) throws(ObjectsError) {
        let instance = try ActiveInstance(
            cell: cell, number: instances.count, module: module, imports: words, others: instances,
            globalSlot: { activation.globalSlot($1, of: $0) })
        activation.add(instance.parts)
        instances.append(instance)
    }

    /// Page tables of the memory that a host call is about; of nothing, where its module has no memory.
    var memory: PagedSpace { instances[callee].memory ?? noMemory }

    /// Bytes of that memory.
    var memoryBytes: UInt64 { activation.memoryBytes(of: callee) }

    /// Argument `index` of the host call under way.
    func argument(_ index: Int) -> UInt64 { activation.argument(index) }

    /// All page tables, each once.
    var pagedSpaces: [PagedSpace] { instances.flatMap(\.ownSpaces) }
}
