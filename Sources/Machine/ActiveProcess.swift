// What the host keeps of a process that ran lately: its frames in a contiguous buffer, and its instances with their page
// tables and compiled modules. All of it is a cache of the records and spaces and can be dropped after `Machine.save`.

import Interpreter
import Kernel
import Objects
import Store

final class ActiveProcess {
    let cell: CellID
    /// The process's id.
    let id: UInt64
    let activation: Activation
    private(set) var instances: [ActiveInstance] = []
    private let noMemory = PagedSpace(elementCapacity: 1)
    /// The instance whose memory a host call is about, and what is at hand of it.
    private(set) var callee = -1
    private(set) var view: MemoryView?
    private(set) var memoryOwner: UInt16?
    private var invocations: UnsafePointer<UInt8>?
    /// The epoch for which the write entries of all page tables are good.
    var writeEpoch: UInt64 = 0
    /// The pages that read entries of these tables map, by entry.
    var mapped: [PageEntry: PageID] = [:]
    /// Those of them, of memories, that map pages which are not the memory's own.
    var pagesOfOthers: Set<PageEntry> = []
    /// Slots of the stored stack below which something may be other than zero.
    var storedSlots = 0
    /// Gas that was in hand when what it uses was settled last.
    var settledGas: UInt64 = 0
    /// Whether it ran since it was saved last.
    var isChanged = false
    /// The account of its meter, as long as the kernel's edition is this.
    var account: MeterAccount?
    var knownAccount: Unmanaged<MeterAccount>?
    var meterEdition: UInt64 = 0
    /// When it ran last, counted in activations.
    var lastRun: UInt64 = 0
    /// The import at whose call it stands, where that is an invocation that it waits in: nothing is to be found out anew when it goes on.
    var standsIn: InvocationKind?
    private var ownRecord: (place: UnsafeMutableRawPointer, epoch: UInt64)?
    /// Results that lie above the globals, of a function that returned to the embedder.
    var resultCount = 0

    /// 8 MiB of globals and frames: deeper calls trap with "call stack exhausted".
    static let stackSlots = 1 << 20
    /// Elements that a table may have.
    static let tableBound = 10_000_000

    init(cell: CellID, id: UInt64) {
        self.cell = cell
        self.id = id
        activation = Activation(capacitySlots: Self.stackSlots)
    }

    /// Adds the next instance, whose imports lead to earlier ones. Throws `damaged` where they do not (INST-2).
    func add(_ cell: CellID, module: LoadedModule, imports words: [UInt64]) throws(ObjectsError) {
        let instance = try ActiveInstance(
            cell: cell, number: instances.count, module: module, imports: words, others: instances,
            globalSlot: { activation.globalSlot($1, of: $0) })
        activation.add(instance.parts)
        // Stored at once, as `Activation` does.
        instances = instances + [instance]
    }

    /// The process's record, for writing; it is found once in an epoch, in which it stays where it is.
    func record(_ objects: Objects) throws(ObjectsError) -> UnsafeMutableRawPointer {
        if let ownRecord, ownRecord.epoch == objects.epoch { return ownRecord.place }
        let place = try objects.mutableCell(cell)
        ownRecord = (place, objects.epoch)
        return place
    }

    /// A host call is about this instance.
    func select(callee number: Int) {
        if callee == number { return }
        callee = number
        let instance = instances[number]
        view = instance.view
        memoryOwner = instance.memoryOwner.map { UInt16($0) }
        invocations = UnsafePointer(instance.invocations)
    }

    /// How an imported function of the selected instance invokes a key; nil: it does something else.
    func invocation(ofImport function: Int) -> InvocationKind? {
        guard let code = invocations?[function], code != 0 else { return nil }
        return InvocationKind(rawValue: code)
    }

    /// The memory that instance `number` defines; nil where there is none.
    func memoryView(_ number: Int) -> MemoryView? {
        if number == callee, let memoryOwner, Int(memoryOwner) == number { return view }
        guard number < instances.count, case let instance = instances[number], instance.memoryOwner == number else {
            return nil
        }
        return instance.view
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
