// A computation in progress: instances of modules with their frames, as the engines run them. It owns the slots and the
// shadow stack; page tables are lent to it. Everything that must survive is in slots, memories, tables, `paid`, dropped
// segments and `position`; the rest can be thrown away at any exit.
//
// The slots: globals first, instance by instance, then frames, outermost first, each [parameters | declared locals |
// 2 link slots | operands]. A callee's frame begins at its first argument in the caller's operands. Link slot 0: caller's
// function index (32 bits) above the byte offset just behind the call (32); all ones in the outermost frame. Link slot 1:
// 0 where the caller is of the same instance, else the caller's instance plus one (16 bits), above the distance in slots
// from this frame's base to the caller's (48). Below the top frame's operand height everything is live, above it nothing.
// The slot of an imported global holds its value, or, where it is mutable, the slot of the global that it is.
//
// Invariants: ACT-1 `pc` of the record is good exactly when `standing` is `.code`; ACT-2 the record's view of an instance
// is that of `current`; ACT-3 a nil above the shadow stack's bottom is a return into another instance.

import WebAssembly

/// A computation on instances that are linked to each other. Not shared between threads.
package final class Activation {
    /// What it would do next.
    enum Standing {
        /// Nothing was entered, or the outermost function returned.
        case idle
        /// At `record.pc`.
        case code
        /// Just after a return whose caller's code is to be found, in the current instance, from this link word.
        case link(UInt64)
        /// Before what is left of an active segment of the current instance: element segments count first, then data.
        case segment(Int)
    }

    /// Slots in the buffer: the hard limit on depth.
    package let capacitySlots: Int
    let record: UnsafeMutablePointer<ActivationRecord>
    var standing = Standing.idle
    /// Slots that were bought at a time, at most, since somebody said how many; and more than are written beyond them.
    private var mostSlots = 0
    private static let slotsBeyond = 1_024
    /// First slot that is present; frames below it are asked for when they are returned into.
    package var presentFrom: Int
    private(set) var instances: [LinkedInstance] = []
    /// The instance in which it stands.
    package var current: Int { Int(record.pointee.instanceBits >> 32) }
    private(set) var selected: LinkedInstance?
    /// Slots of all instances' globals, at the bottom.
    package private(set) var globalSlots = 0

    /// The slots, `capacitySlots` of them, zero where never written.
    package let slots: UnsafeMutablePointer<UInt64>
    let shadowBase: UnsafeMutablePointer<Code?>
    private let shadowCapacity: Int
    private let noSpace: PagedSpace
    private let noTables: UnsafeMutablePointer<TableView>

    /// An activation without instances. `capacitySlots` are for globals and frames.
    package init(capacitySlots: Int) {
        self.capacitySlots = capacitySlots
        presentFrom = 0
        slots = Reservation.take(bytes: capacitySlots * 8).bindMemory(to: UInt64.self, capacity: capacitySlots)
        // A frame has at least its two link slots, so that frames are at most half as many as slots.
        shadowCapacity = capacitySlots / 2 + 2
        shadowBase = Reservation.take(bytes: shadowCapacity * 8).bindMemory(to: Code?.self, capacity: shadowCapacity)
        noSpace = PagedSpace(elementCapacity: 1)
        noTables = .allocate(capacity: 1)
        record = .allocate(capacity: 1)
        record.initialize(
            to: ActivationRecord(
                pc: UnsafePointer(slots), frame: slots, gas: 0, paid: 0, shadow: shadowBase, slots: slots,
                globals: slots, bought: slots + capacitySlots, end: slots + capacitySlots, low: slots, entries: nil,
                functionCount: 0, memoryReads: noSpace.reads.entries, memoryWrites: noSpace.writes.entries,
                memoryBytes: 0, tables: noTables,
                segments: SegmentViews(data: nil, dataCount: 0, elements: nil, elementCount: 0), dropped: nil,
                instanceBits: 0))
    }

    /// An activation of one instance with nothing entered. `memories` and `tables` are page tables for each memory and
    /// table of the module, in order. Sizes begin at 0: set `memoryBytes` and `setElementCount`.
    package convenience init(
        module: CompiledModule, capacitySlots: Int, memories: [PagedSpace], tables: [PagedSpace]
    ) {
        self.init(capacitySlots: capacitySlots)
        add(InstanceParts(module: module, memories: memories, tables: tables))
    }

    /// An activation of one instance with page tables of its own; tables never have more than `elementCapacity` elements.
    package convenience init(module: CompiledModule, capacitySlots: Int, elementCapacity: Int) {
        self.init(
            module: module, capacitySlots: capacitySlots, memories: module.module.allMemories.map { _ in PagedSpace() },
            tables: module.module.allTables.map { _ in PagedSpace(elementCapacity: elementCapacity) })
    }

    deinit {
        noTables.deallocate()
        record.deallocate()
        // Frames lie in slots that were bought, globals and what is above them at the bottom; a frame has an entry at most.
        let used = max(mostSlots, boughtSlots, globalSlots) + Self.slotsBeyond
        Reservation.giveBack(slots, bytes: capacitySlots * 8, touched: 0..<used * 8)
        Reservation.giveBack(shadowBase, bytes: shadowCapacity * 8, touched: 0..<(used / 2 + 2) * 8)
    }

    // MARK: Instances

    /// Instances at most: their numbers and one more fit 16 bits.
    package static let maximumInstances = 65_535

    /// Adds an instance, whose globals lie above those that are there; nothing may be under way. Returns its number.
    @discardableResult package func add(_ parts: InstanceParts) -> Int {
        guard case .idle = standing else { preconditionFailure("instances are added before anything is entered") }
        precondition(instances.count < Self.maximumInstances, "an instance has a number")
        let instance = LinkedInstance(parts, globalBase: globalSlots)
        precondition(globalSlots + parts.module.globalCount < capacitySlots, "room for the globals")
        // Where they will be, results of a call may lie.
        (slots + globalSlots).update(repeating: 0, count: parts.module.globalCount)
        globalSlots += parts.module.globalCount
        // Stored at once: whoever looks at them need not ask whether somebody is changing them.
        instances = instances + [instance]
        record.pointee.frame = slots + globalSlots
        record.pointee.low = slots + globalSlots
        select(instances.count - 1)
        return instances.count - 1
    }

    /// How many there are.
    package var instanceCount: Int { instances.count }

    /// The module of instance `instance`.
    package func module(of instance: Int) -> CompiledModule { instances[instance].module }

    /// The first instance's module.
    package var module: CompiledModule { instances[0].module }

    /// Page tables of each memory of an instance, of each of its tables.
    package func memories(of instance: Int) -> [PagedSpace] { instances[instance].parts.memories }
    package func tables(of instance: Int) -> [PagedSpace] { instances[instance].parts.tables }

    /// Index among the slots of an instance's first global.
    package func globalBase(of instance: Int) -> Int { instances[instance].globalBase }

    /// The slot that global `index` of an instance is in, wherever it was defined.
    package func globalSlot(_ index: Int, of instance: Int) -> Int {
        let instance = instances[instance]
        if instance.module.facts.isLinkedGlobal(index), let slot = instance.parts.globals[index] { return slot }
        return instance.globalBase + index
    }

    /// The current instance's module.
    var currentModule: CompiledModule { instances[current].module }

    /// Stands in another instance from now on.
    func select(_ number: Int) {
        let instance = instances[number]
        selected = instance
        let memory = instance.parts.memories.first ?? noSpace
        record.pointee.globals = slots + instance.globalBase
        record.pointee.entries = instance.module.entries
        record.pointee.functionCount = UInt32(instance.module.functionCount)
        record.pointee.memoryReads = memory.reads.entries
        record.pointee.memoryWrites = memory.writes.entries
        record.pointee.memoryBytes = instance.memoryBytes
        record.pointee.tables = instance.tables
        record.pointee.segments = instance.module.segments.views
        record.pointee.dropped = instance.dropped
        record.pointee.instanceBits = UInt64(number) << 32
    }

    // MARK: What is left and what is there

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
            mostSlots = max(mostSlots, newValue)
            record.pointee.bought = slots + newValue
        }
    }

    /// Lowest slot index above the globals that may have been modified since `resetLowWater`. Globals are not tracked.
    package var lowWater: Int { record.pointee.low - slots }

    /// Counts modifications from now on: the top frame's base.
    package func resetLowWater() { record.pointee.low = record.pointee.frame }

    /// Bytes of an instance's memory 0, a multiple of 65,536.
    package func memoryBytes(of instance: Int) -> UInt64 { instances[instance].memoryBytes }

    /// Sets the size of an instance's memory 0, for all instances that share it.
    package func setMemoryBytes(_ bytes: UInt64, of instance: Int) {
        instances[instance].parts.memories.first?.size.pointee = bytes
        record.pointee.memoryBytes = instances[current].memoryBytes
    }

    /// Bytes of the first instance's memory 0.
    package var memoryBytes: UInt64 {
        get { memoryBytes(of: 0) }
        set { setMemoryBytes(newValue, of: 0) }
    }

    /// Elements of table `table` of an instance.
    package func elementCount(ofTable table: Int, of instance: Int = 0) -> Int {
        Int(instances[instance].tables[table].elements)
    }

    /// Sets how many elements a table has, for all instances that share it.
    package func setElementCount(_ count: Int, ofTable table: Int, of instance: Int = 0) {
        let space = instances[instance].parts.tables[table]
        precondition(
            count >= 0 && count <= space.reads.capacity * PagedSpace.elementsPerPage, "elements within the page table")
        space.size.pointee = UInt64(count)
    }

    /// Slot index of the top frame's base.
    package var frameBase: Int { record.pointee.frame - slots }

    /// An instance's dropped segments, as words to be kept: bit i for data segment i, then the element segments. State.
    package func droppedSegments(of instance: Int = 0) -> UnsafeMutableBufferPointer<UInt64> {
        let instance = instances[instance]
        return UnsafeMutableBufferPointer(start: instance.dropped, count: instance.module.droppedWordCount)
    }

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
