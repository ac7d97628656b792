// The working set: the processes that are ready to run, their code loaded. To load one takes its host long, so that which
// ones are loaded is state, and one that is not gives up turns for it: no gas, and nothing that others would have had.
//
// LOAD-1  The list of loaded processes is those that say that they are; the world page counts them, their instances and
//         the footprints of their modules, and each module its instances in them.

import Objects

extension Kernel {
    /// What loading takes, in gas of a quantum (decision 0005).
    private static let instancePrice: UInt64 = 4_096
    private static let pricePerByte: UInt64 = 2

    /// The bounds of the working set, of a world's making.
    package var workingSetBounds: WorkingSetBounds {
        get throws { WorkingSetBounds(memoryBytes: try objects.world(WorldPage.memoryBytes)) }
    }

    /// Makes the running process the one of the working set that ran last. One that is not in it gives what loading takes
    /// from its quanta first. False where its quantum is used up by that.
    package func bringIn(_ process: CellID) throws -> Bool {
        if try objects.world(WorldPage.loadedFirst) == process.rawValue { return true }
        if try isLoaded(process) {
            try unlinkLoaded(process)
            try linkLoaded(process)
            return true
        }
        let record = try objects.mutableCell(process)
        let paid = record.load(ProcessRecord.loadPaid)
        let quantum = record.load(ProcessRecord.quantumLeft)
        // Reckoned when it begins to pay and when it seems to have paid: with many instances that takes long.
        var price = record.load(ProcessRecord.loadPrice)
        if price == 0 || price < paid &+ quantum { price = try loadPrice(of: process) }
        let missing = price > paid ? price - paid : 0
        guard missing < quantum else {
            record.store(paid + quantum, ProcessRecord.loadPaid)
            record.store(price, ProcessRecord.loadPrice)
            record.store(0, ProcessRecord.quantumLeft)
            return false
        }
        record.store(0, ProcessRecord.loadPaid)
        record.store(0, ProcessRecord.loadPrice)
        record.store(quantum - missing, ProcessRecord.quantumLeft)
        try load(process)
        try makeRoom(for: process)
        return true
    }

    package func isLoaded(_ process: CellID) throws -> Bool { try objects.get(process, ProcessRecord.isLoaded) != 0 }

    /// What it would take to load the process now: its instances, and the footprints of modules that no loaded process
    /// has.
    package func loadPrice(of process: CellID) throws -> UInt64 {
        var price: UInt64 = 0
        var counted: Set<CellID> = []
        for instance in try instances(of: process) {
            price &+= Self.instancePrice
            let module = try objects.link(instance, InstanceRecord.module)
            if try objects.get(module, ModuleRecord.loadedInstances) == 0, counted.insert(module).inserted {
                price &+= Self.pricePerByte &* (try objects.get(module, ModuleRecord.footprint))
            }
        }
        return price
    }

    /// Takes a process out of the working set, where it is in it; it has paid nothing towards the next time.
    package func unload(_ process: CellID) throws {
        guard try isLoaded(process) else {
            if try objects.get(process, ProcessRecord.loadPaid) != 0 {
                let record = try objects.mutableCell(process)
                record.store(0, ProcessRecord.loadPaid)
                record.store(0, ProcessRecord.loadPrice)
            }
            return
        }
        try unlinkLoaded(process)
        try objects.set(process, ProcessRecord.isLoaded, 0)
        try add(WorldPage.loadedProcesses, 0 &- 1)
        for instance in try instances(of: process) {
            let module = try objects.link(instance, InstanceRecord.module)
            let left = try objects.get(module, ModuleRecord.loadedInstances) &- 1
            try objects.set(module, ModuleRecord.loadedInstances, left)
            try add(WorldPage.loadedInstances, 0 &- 1)
            if left == 0 { try add(WorldPage.loadedFootprint, 0 &- (try objects.get(module, ModuleRecord.footprint))) }
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
            if others == 0 { try add(WorldPage.loadedFootprint, try objects.get(module, ModuleRecord.footprint)) }
        }
    }

    /// Unloads those that ran longest ago until the rest is within the bounds, or the process is alone.
    private func makeRoom(for process: CellID) throws {
        let bounds = try workingSetBounds
        while try objects.world(WorldPage.loadedProcesses) > bounds.processes
            || objects.world(WorldPage.loadedInstances) > bounds.instances
            || objects.world(WorldPage.loadedFootprint) > bounds.footprint
        {
            let last = CellID(rawValue: try objects.world(WorldPage.loadedLast))
            if last == process { return }
            guard try !last.isNone && isLoaded(last) else {
                throw ObjectsError.damaged(
                    invariant: "LOAD-1", object: "world page", text: "the last of those that are loaded is not")
            }
            try unload(last)
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
