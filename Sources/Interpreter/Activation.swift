// A computation in progress: one module's instance with its frames, as the engines run it. It owns the slots and the
// shadow stack; page tables are lent to it. Everything that must survive is in slots, memories, tables, `paid`, dropped
// segments and `position`; the rest can be thrown away at any exit.
//
// The slots: globals first, then frames, outermost first, each [parameters | declared locals | 2 link slots | operands].
// A callee's frame begins at its first argument in the caller's operands. Link slot 0: caller's function index (32 bits)
// above the byte offset just behind the call (32); all ones in the outermost frame. Link slot 1: caller's instance (16
// bits, 0) above the distance in slots from this frame's base to the caller's (48). Below the top frame's operand height
// everything is live, above it nothing is.
//
// Invariant: ACT-1 `pc` of the record is good exactly when `standing` is `.code`.

import WebAssembly

/// A computation on one module. Not shared between threads.
package final class Activation {
    /// What it would do next.
    enum Standing {
        /// Nothing was entered, or the outermost function returned.
        case idle
        /// At `record.pc`.
        case code
        /// Just after a return whose caller's code is to be found from this link word.
        case link(UInt64)
    }

    package let module: CompiledModule
    package let memories: [PagedSpace]
    package let tables: [PagedSpace]
    /// Slots in the buffer: the hard limit on depth.
    package let capacitySlots: Int
    let record: UnsafeMutablePointer<ActivationRecord>
    var standing = Standing.idle
    /// First slot that is present; frames below it are asked for when they are returned into.
    package var presentFrom: Int

    /// The slots, `capacitySlots` of them, zero where never written.
    package let slots: UnsafeMutablePointer<UInt64>
    private let shadowBase: UnsafeMutablePointer<Code?>
    private let shadowCapacity: Int
    private let noSpace: PagedSpace

    /// An activation with nothing entered. `memories` and `tables` are page tables for each memory and table of the
    /// module, in order, imported ones first. Sizes begin at 0: set `memoryBytes` and `setElementCount`.
    package init(module: CompiledModule, capacitySlots: Int, memories: [PagedSpace], tables: [PagedSpace]) {
        precondition(memories.count == module.module.allMemories.count, "page tables for each memory")
        precondition(tables.count == module.module.allTables.count, "page tables for each table")
        precondition(capacitySlots > module.globalCount, "room for the globals")
        self.module = module
        self.memories = memories
        self.tables = tables
        self.capacitySlots = capacitySlots
        presentFrom = 0
        slots = reserve(bytes: capacitySlots * 8).bindMemory(to: UInt64.self, capacity: capacitySlots)
        // A frame has at least its two link slots, so that frames are at most half as many as slots.
        shadowCapacity = capacitySlots / 2 + 2
        shadowBase = reserve(bytes: shadowCapacity * 8).bindMemory(to: Code?.self, capacity: shadowCapacity)
        noSpace = PagedSpace(elementCapacity: 1)
        let views = UnsafeMutablePointer<TableView>.allocate(capacity: max(1, tables.count))
        for (index, table) in tables.enumerated() {
            (views + index).initialize(
                to: TableView(reads: table.reads.entries, writes: table.writes.entries, elements: 0))
        }
        let dropped = UnsafeMutablePointer<UInt64>.allocate(capacity: module.droppedWordCount)
        dropped.initialize(repeating: 0, count: module.droppedWordCount)
        let memory = memories.first ?? noSpace
        record = .allocate(capacity: 1)
        record.initialize(
            to: ActivationRecord(
                pc: UnsafePointer(slots), frame: slots + module.globalCount, gas: 0, paid: 0, shadow: shadowBase,
                globals: slots, bought: slots + capacitySlots, end: slots + capacitySlots,
                low: slots + module.globalCount, entries: module.entries, functionCount: UInt32(module.functionCount),
                memoryReads: memory.reads.entries, memoryWrites: memory.writes.entries, memoryBytes: 0, tables: views,
                segments: module.segments.views, dropped: dropped))
    }

    /// An activation with page tables of its own; tables never have more than `elementCapacity` elements.
    package convenience init(module: CompiledModule, capacitySlots: Int, elementCapacity: Int) {
        self.init(
            module: module, capacitySlots: capacitySlots, memories: module.module.allMemories.map { _ in PagedSpace() },
            tables: module.module.allTables.map { _ in PagedSpace(elementCapacity: elementCapacity) })
    }

    deinit {
        record.pointee.tables.deallocate()
        record.pointee.dropped.deallocate()
        record.deallocate()
        release(slots, bytes: capacitySlots * 8)
        release(shadowBase, bytes: shadowCapacity * 8)
    }

    /// The most gas that can be left or paid: so that sums do not overflow.
    package static let maximumGas: Int64 = 1 << 62

    /// Gas left, 0 to `maximumGas`; the engine stops before it would be negative.
    package var gas: Int64 {
        get { record.pointee.gas }
        set {
            precondition(newValue >= 0 && newValue <= Self.maximumGas, "gas within bounds")
            record.pointee.gas = newValue
        }
    }

    /// Gas taken towards the next instruction and not yet used. State.
    package var paid: Int64 {
        get { record.pointee.paid }
        set {
            precondition(newValue >= 0 && newValue < Self.maximumGas, "gas within bounds")
            record.pointee.paid = newValue
        }
    }

    /// First slot index that frames may not use yet; at most `capacitySlots`, which is where it begins.
    package var boughtSlots: Int {
        get { record.pointee.bought - slots }
        set {
            precondition(newValue <= capacitySlots, "slots within the buffer")
            record.pointee.bought = slots + newValue
        }
    }

    /// Lowest slot index above the globals that may have been modified since `resetLowWater`. Globals are not tracked.
    package var lowWater: Int { record.pointee.low - slots }

    /// Counts modifications from now on: the top frame's base.
    package func resetLowWater() { record.pointee.low = record.pointee.frame }

    /// Bytes of memory 0, a multiple of 65,536.
    package var memoryBytes: UInt64 {
        get { record.pointee.memoryBytes }
        set { record.pointee.memoryBytes = newValue }
    }

    /// Elements of table `table`.
    package func elementCount(ofTable table: Int) -> Int { Int(record.pointee.tables[table].elements) }

    package func setElementCount(_ count: Int, ofTable table: Int) {
        let capacity = tables[table].reads.capacity * PagedSpace.elementsPerPage
        precondition(count >= 0 && count <= capacity, "elements within the page table")
        record.pointee.tables[table].elements = UInt64(count)
    }

    /// Slot index of the top frame's base.
    package var frameBase: Int { record.pointee.frame - slots }

    /// Dropped segments, as words to be kept: bit i for data segment i, then the element segments. State.
    package var droppedSegments: UnsafeMutableBufferPointer<UInt64> {
        UnsafeMutableBufferPointer(start: record.pointee.dropped, count: module.droppedWordCount)
    }

    /// Marks a data segment as dropped, as instantiation does with active ones.
    package func dropData(_ segment: Int) { record.pointee.drop(bit: segment) }

    /// Marks an element segment as dropped, as instantiation does with active and declarative ones.
    package func dropElements(_ segment: Int) { record.pointee.drop(bit: module.module.dataSegments.count + segment) }

    /// Forgets all return addresses in lowered code: they are found again from the links.
    func resetShadow() { record.pointee.shadow = shadowBase }
}

extension CompiledModule {
    /// Words of 64 bits that hold a bit for each segment; at least one.
    package var droppedWordCount: Int { (module.dataSegments.count + module.elements.count) / 64 + 1 }
}

extension ActivationRecord {
    func isDropped(bit: Int) -> Bool { dropped[bit >> 6] & 1 << UInt64(bit & 63) != 0 }
    func drop(bit: Int) { dropped[bit >> 6] |= 1 << UInt64(bit & 63) }
}
