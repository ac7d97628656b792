// Between the contiguous frames of a running process and its stack space: globals, then frames, 512 slots a page.
//
// STACK-1  In the stored stack, everything at or above the slots in use is zero.

import Glibc
import Interpreter
import Kernel
import Objects
import Store
import WebAssembly

extension Machine {
    static let slotsPerPage = 512

    /// Brings the record and the stack space of every process that ran up to date, so that the store's pages hold the
    /// whole state. Called before every freeze, hash and check.
    package func saveAll() throws {
        for active in actives.values { try save(active) }
    }

    func save(_ active: ActiveProcess) throws {
        guard active.isChanged else { return }
        let activation = active.activation
        let live = activation.liveSlots
        let globals = active.module.compiled.globalCount
        try store(active, slots: 0..<min(globals, live))
        try store(active, slots: min(activation.lowWater, live)..<live)
        try clearStack(active, from: live)
        active.storedSlots = live
        activation.resetLowWater()

        let position = activation.position
        let record = try objects.mutableCell(active.cell)
        record.store(position?.function ?? 0, ProcessRecord.function)
        record.store(position?.byteOffset ?? 0, ProcessRecord.offset)
        record.store(position?.height ?? 0, ProcessRecord.height)
        record.store(UInt32(activation.frameBase), ProcessRecord.frame)
        record.store(UInt32(live), ProcessRecord.liveSlots)
        record.store(UInt64(activation.paid), ProcessRecord.paid)
        record.store(activation.memoryBytes, ProcessRecord.memoryBytes)
        for index in 0..<activation.tables.count {
            record.store(UInt32(activation.elementCount(ofTable: index)), ProcessRecord.tableElements(index))
        }
        for (index, word) in activation.droppedSegments.enumerated() {
            record.store(word, Field<UInt64>(ProcessRecord.droppedSegments.offset + 8 * index))
        }
        active.isChanged = false
    }

    /// Writes slots to their pages, which were bought before the frames were entered; pages that hold them already are
    /// left alone.
    private func store(_ active: ActiveProcess, slots: Range<Int>) throws {
        try forEachStackPage(active, slots) { id, within, source, bytes in
            if memcmp(try objects.read(id) + within, source, bytes) != 0 {
                memcpy(try objects.write(id) + within, source, bytes)
            }
        }
    }

    /// Clears what frames that were left have stored.
    private func clearStack(_ active: ActiveProcess, from live: Int) throws {
        guard live < active.storedSlots else { return }
        try forEachStackPage(active, live..<active.storedSlots) { id, within, _, bytes in
            memset(try objects.write(id) + within, 0, bytes)
        }
    }

    private func forEachStackPage(
        _ active: ActiveProcess, _ slots: Range<Int>,
        _ body: (_ id: PageID, _ within: Int, _ source: UnsafeRawPointer, _ bytes: Int) throws -> Void
    ) throws {
        var slot = slots.lowerBound
        while slot < slots.upperBound {
            let within = slot % Self.slotsPerPage
            let count = min(Self.slotsPerPage - within, slots.upperBound - slot)
            let page = UInt64(slot / Self.slotsPerPage)
            guard let id = try objects.page(page, of: Space(.stack, of: active.cell)) else {
                preconditionFailure("stack pages are bought before a frame is entered")
            }
            try body(id, within * 8, UnsafeRawPointer(active.activation.slots + slot), count * 8)
            slot += count
        }
    }

    // MARK: Loading

    /// Slots whose pages are bought: the stack's pages are bought from the bottom without gaps.
    func boughtSlots(of cell: CellID) throws -> Int {
        let stack = Space(.stack, of: cell)
        var pages: UInt64 = 0
        while try objects.page(pages, of: stack) != nil { pages += 1 }
        return min(Int(pages) * Self.slotsPerPage, ActiveProcess.stackSlots)
    }

    /// Buys stack pages until `slots` are there; at most the stack's size.
    func buyStack(_ active: ActiveProcess, slots: Int) throws {
        let bank = try objects.link(active.cell, ProcessRecord.bank)
        while active.activation.boughtSlots < slots {
            let page = UInt64(active.activation.boughtSlots / Self.slotsPerPage)
            _ = try objects.buyPage(page, of: Space(.stack, of: active.cell), bank: bank)
            active.activation.boughtSlots += Self.slotsPerPage
        }
    }

    /// Enters the first function of a process that has not begun.
    func begin(_ active: ActiveProcess) throws {
        let module = active.module.compiled
        let entry = Int(try objects.get(active.cell, ProcessRecord.entryFunction))
        let first = module.module.start ?? entry
        try buyStack(active, slots: module.globalCount + module.frameSlots(ofFunction: first))
        module.initializeGlobals(active.activation.slots)
        for (index, segment) in module.module.dataSegments.enumerated() {
            if case .active = segment.mode { active.activation.dropData(index) }
        }
        for (index, segment) in module.module.elements.enumerated() where segment.mode != .passive {
            active.activation.dropElements(index)
        }
        active.activation.enter(function: first, arguments: [])
        active.activation.resetLowWater()
        active.isChanged = true
        try objects.set(
            active.cell, ProcessRecord.phase, module.module.start == nil ? Phase.entry : Phase.start)
    }

    /// Goes on from the record: the page of the top frame's base and what is above it; the frames below come in when they
    /// are returned into.
    func restore(_ active: ActiveProcess) throws {
        let record = try objects.cell(active.cell)
        let live = Int(record.load(ProcessRecord.liveSlots))
        let frame = Int(record.load(ProcessRecord.frame))
        let globals = active.module.compiled.globalCount
        let position = CodePosition(
            function: record.load(ProcessRecord.function), byteOffset: record.load(ProcessRecord.offset),
            height: record.load(ProcessRecord.height))
        for index in 0..<active.activation.droppedSegments.count {
            active.activation.droppedSegments[index] = record.load(
                Field<UInt64>(ProcessRecord.droppedSegments.offset + 8 * index))
        }
        guard live <= active.activation.boughtSlots, frame <= live else {
            throw ObjectsError.damaged(
                invariant: "STACK-1", object: "\(active.cell)", text: "its frames reach beyond its stack's pages")
        }
        let presentFrom = frame / Self.slotsPerPage * Self.slotsPerPage
        if globals > 0 { try load(active, slots: 0..<min(globals, presentFrom)) }
        try load(active, slots: presentFrom..<live)
        active.storedSlots = live
        do {
            try active.activation.resume(at: position, frame: frame, presentFrom: presentFrom)
        } catch {
            throw ObjectsError.damaged(invariant: "STACK-2", object: "\(active.cell)", text: "\(error)")
        }
    }

    /// Brings in frames that are returned into.
    func loadStack(_ active: ActiveProcess, from: Int, to: Int) throws {
        let first = from / Self.slotsPerPage * Self.slotsPerPage
        let globals = active.module.compiled.globalCount
        try load(active, slots: max(first, min(globals, to))..<to)
        active.activation.presentFrom = first
    }

    private func load(_ active: ActiveProcess, slots: Range<Int>) throws {
        try forEachStackPage(active, slots) { id, within, place, bytes in
            memcpy(UnsafeMutableRawPointer(mutating: place), try objects.read(id) + within, bytes)
        }
    }
}
