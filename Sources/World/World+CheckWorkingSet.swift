// The part of the consistency check that is about the working set.

import Kernel
import Objects

extension Checker {
    /// LOAD-1: the list of loaded processes, and what is counted of them.
    mutating func checkWorkingSet() throws {
        let loaded = try follow(WorldPage.loadedFirst, last: WorldPage.loadedLast, "LOAD-1", .workingSet)
        var instancesOfModules: [CellID: UInt64] = [:]
        var instances: UInt64 = 0
        for process in processes {
            let name = "process \(try objects.name(process, ProcessRecord.name))"
            if try world.kernel.isLoaded(process) != loaded.contains(process) {
                report("LOAD-1", name, "it is \(loaded.contains(process) ? "" : "not ")among those that are loaded")
            }
            let state = try world.kernel.state(of: process)
            let isOver = state == .exited || state == .faulted
            let record = try objects.cell(process)
            let (paid, price) = (record.load(ProcessRecord.loadPaid), record.load(ProcessRecord.loadPrice))
            if isOver, loaded.contains(process) || price != 0 { report("LOAD-1", name, "it is over and loaded") }
            if paid != 0, loaded.contains(process) || paid > price {
                report("LOAD-1", name, "it has paid \(paid) of \(price) to be loaded")
            }
            guard loaded.contains(process) else { continue }
            for instance in try world.kernel.instances(of: process) {
                instancesOfModules[try objects.link(instance, InstanceRecord.module), default: 0] += 1
                instances += 1
            }
        }
        var footprint: UInt64 = 0
        for module in modules {
            let count = try objects.get(module, ModuleRecord.loadedInstances)
            let found = instancesOfModules[module, default: 0]
            if count != found {
                report("LOAD-1", "\(module)", "it counts \(count) loaded instances and \(found) are")
            }
            if found > 0 { footprint &+= try world.kernel.footprint(of: module) }
        }
        let counters = [
            (WorldPage.loadedProcesses, UInt64(loaded.count), "processes"),
            (WorldPage.loadedInstances, instances, "instances"),
            (WorldPage.loadedFootprint, footprint, "bytes of modules"),
        ]
        for (field, found, what) in counters {
            let count = try objects.world(field)
            if count != found {
                report("LOAD-1", "world page", "it counts \(count) loaded \(what) and \(found) are")
            }
        }
    }
}
