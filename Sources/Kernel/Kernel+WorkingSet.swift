// The working set: the processes that are ready to run, their code loaded. To load one takes its host long, so that which
// ones are loaded is state, and one that is not gives up turns for it: no gas, and nothing that others would have had.
//
// LOAD-1  The list of loaded processes is those that say that they are; the world page counts them, their instances and
//         the footprints of their modules, and each module its instances in them.

import Objects

/// What became of a process whose turn it is.
package enum Arrival: Sendable, Equatable {
    /// Its quantum went into being loaded: its turn is over, and it goes on paying at the next one.
    case paying
    /// It is loaded; these left for it.
    case loaded(left: [CellID])
}

extension Kernel {
    /// What loading takes, in gas of a quantum (decision 0005).
    private static let instancePrice: UInt64 = 8_192
    private static let pricePerByte: UInt64 = 2
    /// The price is reckoned anew when so much more was paid.
    private static let reckoned: UInt64 = 6_400_000

    /// The bounds of the working set, of a world's making.
    package var workingSetBounds: WorkingSetBounds {
        get throws { WorkingSetBounds(memoryBytes: try objects.world(WorldPage.memoryBytes)) }
    }

    /// Makes the world one for hosts that may use so much memory. Where less is loaded then, those that ran longest ago leave.
    package func setMemory(bytes: UInt64) throws {
        try objects.setWorld(WorldPage.memoryBytes, bytes)
        let bounds = try workingSetBounds
        while try objects.world(WorldPage.loadedInstances) > bounds.instances
            || objects.world(WorldPage.loadedFootprint) > bounds.footprint
        { try unload(CellID(rawValue: try objects.world(WorldPage.loadedLast))) }
    }

    /// Makes the running process the one of the working set that ran last. One that is not in it gives what loading takes
    /// from its quanta first, and then others make room for it.
    package func bringIn(_ process: CellID) throws -> Arrival {
        if try isFirstLoaded(process) { return .loaded(left: []) }
        if try isLoaded(process) {
            try moveToFront(process, objects.mutableCell(process), objects.write(.world))
            return .loaded(left: [])
        }
        let paid = try objects.get(process, ProcessRecord.loadPaid)
        let quantum = try objects.get(process, ProcessRecord.quantumLeft)
        let next = paid &+ quantum
        var price = try objects.get(process, ProcessRecord.loadPrice)
        var own: UInt64 = 0
        var leaving: [CellID] = []
        // Reckoned when it begins, from time to time, and in the turn in which it is loaded: it takes a while itself.
        if price == 0 || price < next || paid / Self.reckoned != next / Self.reckoned {
            own = try loadPrice(of: process)
            let room = try room(for: process, price: own)
            leaving = room.leaving
            price = own &+ room.price
        }
        let missing = price > paid ? price - paid : 0
        let record = try objects.mutableCell(process)
        guard missing < quantum else {
            record.store(next, ProcessRecord.loadPaid)
            record.store(price, ProcessRecord.loadPrice)
            record.store(0, ProcessRecord.quantumLeft)
            return .paying
        }
        record.store(0, ProcessRecord.loadPaid)
        record.store(own, ProcessRecord.loadPrice)
        record.store(quantum - missing, ProcessRecord.quantumLeft)
        for each in leaving { try unload(each) }
        try load(process)
        return .loaded(left: leaving)
    }

    /// Bytes that a module takes when it is loaded. Modules that were installed before there were footprints have none in
    /// their records.
    package func footprint(of module: CellID) throws -> UInt64 {
        let footprint = try objects.get(module, ModuleRecord.footprint)
        return footprint != 0 ? footprint : 11 &* (try objects.get(module, ModuleRecord.byteCount))
    }

    package func isLoaded(_ process: CellID) throws -> Bool { try objects.get(process, ProcessRecord.isLoaded) != 0 }

    /// What it would take to load the process now, without what those get who make room: its instances, and the footprints
    /// of modules that no loaded process has.
    package func loadPrice(of process: CellID) throws -> UInt64 {
        var price: UInt64 = 0
        var counted: Set<CellID> = []
        for instance in try instances(of: process) {
            price &+= Self.instancePrice
            let module = try objects.link(instance, InstanceRecord.module)
            if try objects.get(module, ModuleRecord.loadedInstances) == 0, counted.insert(module).inserted {
                price &+= Self.pricePerByte &* (try footprint(of: module))
            }
        }
        return price
    }

    /// Takes a process out of the working set, where it is in it; it has paid nothing towards the next time.
    package func unload(_ process: CellID) throws {
        guard try isLoaded(process) else {
            if try objects.get(process, ProcessRecord.loadPrice) != 0 {
                let record = try objects.mutableCell(process)
                record.store(0, ProcessRecord.loadPaid)
                record.store(0, ProcessRecord.loadPrice)
            }
            return
        }
        try unlinkLoaded(process)
        try objects.set(process, ProcessRecord.isLoaded, 0)
        try objects.set(process, ProcessRecord.loadPrice, 0)
        try add(WorldPage.loadedProcesses, 0 &- 1)
        for instance in try instances(of: process) {
            let module = try objects.link(instance, InstanceRecord.module)
            let left = try objects.get(module, ModuleRecord.loadedInstances) &- 1
            try objects.set(module, ModuleRecord.loadedInstances, left)
            try add(WorldPage.loadedInstances, 0 &- 1)
            if left == 0 { try add(WorldPage.loadedFootprint, 0 &- (try footprint(of: module))) }
        }
    }

    private func load(_ process: CellID) throws {
        try linkLoaded(process)
        try objects.set(process, ProcessRecord.isLoaded, 1)
        try add(WorldPage.loadedProcesses, 1)
        for instance in try instances(of: process) {
            let module = try objects.link(instance, InstanceRecord.module)
            let others = try objects.get(module, ModuleRecord.loadedInstances)
            try objects.set(module, ModuleRecord.loadedInstances, others &+ 1)
            try add(WorldPage.loadedInstances, 1)
            if others == 0 { try add(WorldPage.loadedFootprint, try footprint(of: module)) }
        }
    }

    private func add(_ field: Field<UInt64>, _ difference: UInt64) throws {
        try objects.setWorld(field, try objects.world(field) &+ difference)
    }

    private func linkLoaded(_ process: CellID) throws {
        let first = CellID(rawValue: try objects.world(WorldPage.loadedFirst))
        if first.isNone {
            try objects.setWorld(WorldPage.loadedLast, process.rawValue)
        } else {
            try objects.setLink(first, ProcessRecord.loadedPrevious, process)
        }
        try objects.setLink(process, ProcessRecord.loadedNext, first)
        try objects.setWorld(WorldPage.loadedFirst, process.rawValue)
    }

    /// Whether the process is the one of the working set that ran last.
    package func isFirstLoaded(_ process: CellID) throws -> Bool {
        try objects.world(WorldPage.loadedFirst) == process.rawValue
    }

    /// One that is not the first becomes it. `known`: one whose record is at hand.
    func moveToFront(
        _ process: CellID, _ record: UnsafeMutableRawPointer, _ world: UnsafeMutableRawPointer,
        known: (cell: CellID, record: UnsafeMutableRawPointer)? = nil
    ) throws {
        let next = CellID(rawValue: record.load(ProcessRecord.loadedNext))
        let previous = CellID(rawValue: record.load(ProcessRecord.loadedPrevious))
        let first = CellID(rawValue: world.load(WorldPage.loadedFirst))
        // Mostly the one before it is the first: two that call each other.
        if previous != first { try objects.setLink(previous, ProcessRecord.loadedNext, next) }
        if next.isNone {
            world.store(previous.rawValue, WorldPage.loadedLast)
        } else {
            try objects.setLink(next, ProcessRecord.loadedPrevious, previous)
        }
        let second = if let known, known.cell == first { known.record } else { try objects.mutableCell(first) }
        second.store(process.rawValue, ProcessRecord.loadedPrevious)
        if previous == first { second.store(next.rawValue, ProcessRecord.loadedNext) }
        record.store(first.rawValue, ProcessRecord.loadedNext)
        record.store(0, ProcessRecord.loadedPrevious)
        world.store(process.rawValue, WorldPage.loadedFirst)
    }

    private func unlinkLoaded(_ process: CellID) throws {
        let next = try objects.link(process, ProcessRecord.loadedNext)
        let previous = try objects.link(process, ProcessRecord.loadedPrevious)
        if next.isNone {
            try objects.setWorld(WorldPage.loadedLast, previous.rawValue)
        } else {
            try objects.setLink(next, ProcessRecord.loadedPrevious, previous)
        }
        if previous.isNone {
            try objects.setWorld(WorldPage.loadedFirst, next.rawValue)
        } else {
            try objects.setLink(previous, ProcessRecord.loadedNext, next)
        }
        let record = try objects.mutableCell(process)
        record.store(0, ProcessRecord.loadedNext)
        record.store(0, ProcessRecord.loadedPrevious)
    }
}
