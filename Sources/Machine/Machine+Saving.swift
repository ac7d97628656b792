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
        try kernel.settleAll()
        for active in actives.values { try save(active) }
    }

    func save(_ active: ActiveProcess) throws {
        guard active.isChanged else { return }
        let activation = active.activation
        let live = activation.liveSlots + active.resultCount
        let globals = activation.globalSlots
        try store(active, slots: 0..<min(globals, live))
        try store(active, slots: min(activation.lowWater, live)..<live)
        try clearStack(active, from: live)
        active.storedSlots = live
        activation.resetLowWater()

        let position = activation.position
        let record = try objects.mutableCell(active.cell)
        record.store(position?.function ?? UInt32(activation.segmentUnderWay ?? 0), ProcessRecord.function)
        record.store(position?.byteOffset ?? 0, ProcessRecord.offset)
        record.store(position?.height ?? 0, ProcessRecord.height)
        record.store(UInt32(activation.current), ProcessRecord.instance)
        record.store(UInt32(activation.frameBase), ProcessRecord.frame)
        record.store(UInt32(live), ProcessRecord.liveSlots)
        record.store(UInt64(activation.paid), ProcessRecord.paid)
        for instance in active.instances { try save(instance, of: active) }
        active.isChanged = false
    }

    /// Writes an instance's sizes and dropped segments to its record, where they differ.
    private func save(_ instance: ActiveInstance, of active: ActiveProcess) throws {
        let activation = active.activation
        let old = try objects.cell(instance.cell)
        var words: [(Field<UInt64>, UInt64)] = []
        var sizes: [(Field<UInt32>, UInt32)] = []
        if instance.memoryOwner == instance.number {
            words.append((InstanceRecord.memoryBytes, activation.memoryBytes(of: instance.number)))
        }
        for (index, owner) in instance.tableOwners.enumerated() where owner.instance == instance.number {
            let count = activation.elementCount(ofTable: index, of: instance.number)
            sizes.append((InstanceRecord.tableElements(owner.table), UInt32(count)))
        }
        for (index, word) in activation.droppedSegments(of: instance.number).enumerated() {
            words.append((Field<UInt64>(InstanceRecord.droppedSegments.offset + 8 * index), word))
        }
        words = words.filter { old.load($0.0) != $0.1 }
        sizes = sizes.filter { old.load($0.0) != $0.1 }
        if words.isEmpty && sizes.isEmpty { return }
        let record = try objects.mutableCell(instance.cell)
        for (field, word) in words { record.store(word, field) }
        for (field, size) in sizes { record.store(size, field) }
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

    /// Slots whose pages are bought: the stack's pages are bought from the bottom without gaps. O(log pages).
    func boughtSlots(of cell: CellID) throws -> Int {
        let stack = Space(.stack, of: cell)
        var bought = 0
        var missing = ActiveProcess.stackSlots / Self.slotsPerPage
        var probe = 0
        // Most stacks are small: pages 0, 1, 3, 7, … first, then the middle of what is left.
        while bought < missing {
            if try objects.page(UInt64(probe), of: stack) != nil { bought = probe + 1 } else { missing = probe }
            probe = min(2 * probe + 1, (bought + missing) / 2)
            probe = max(probe, bought)
        }
        return bought * Self.slotsPerPage
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

    /// Goes on from the record: the page of the top frame's base and what is above it; the frames below come in when they
    /// are returned into.
    func restore(_ active: ActiveProcess) throws {
        let record = try objects.cell(active.cell)
        let phase = record.load(ProcessRecord.phase)
        let live = Int(record.load(ProcessRecord.liveSlots))
        let frame = Int(record.load(ProcessRecord.frame))
        let globals = active.activation.globalSlots
        let position = CodePosition(
            function: record.load(ProcessRecord.function), byteOffset: record.load(ProcessRecord.offset),
            height: record.load(ProcessRecord.height), instance: record.load(ProcessRecord.instance))
        guard live <= active.activation.boughtSlots, frame <= live else {
            throw ObjectsError.damaged(
                invariant: "STACK-1", object: "\(active.cell)", text: "its frames reach beyond its stack's pages")
        }
        let presentFrom = frame / Self.slotsPerPage * Self.slotsPerPage
        if globals > 0 { try load(active, slots: 0..<min(globals, presentFrom)) }
        try load(active, slots: presentFrom..<live)
        active.storedSlots = live
        try checkGlobals(active)
        do {
            switch phase {
            case Phase.idle: active.resultCount = max(0, live - globals)
            case Phase.segments, Phase.written, Phase.started, Phase.complete:
                try active.activation.resumeInstantiation(
                    of: Int(position.instance), segment: phase == Phase.segments ? Int(position.function) : nil)
            default: try active.activation.resume(at: position, frame: frame, presentFrom: presentFrom)
            }
        } catch {
            throw damaged(active, "\(error)")
        }
        guard active.activation.liveSlots + active.resultCount == live,
            active.activation.frameEnd <= active.activation.boughtSlots
        else { throw damaged(active, "its frame does not end where its slots do") }
    }

    /// Brings in frames that are returned into.
    func loadStack(_ active: ActiveProcess, from: Int, to: Int) throws {
        let first = from / Self.slotsPerPage * Self.slotsPerPage
        let globals = active.activation.globalSlots
        try load(active, slots: max(first, min(globals, to))..<to)
        active.activation.presentFrom = first
    }

    private func load(_ active: ActiveProcess, slots: Range<Int>) throws {
        try forEachStackPage(active, slots) { id, within, place, bytes in
            memcpy(UnsafeMutableRawPointer(mutating: place), try objects.read(id) + within, bytes)
        }
    }
}
