// The instances of a process: modules that run in it together, linked to each other. What they compute is the machine's
// affair; here they are cells on a list, with the spaces of the memory and tables that they define.
//
// INST-1  The instances of a process are on its list in the order of their numbers, from 0, and name the process.

import Objects
import Store

/// What an instance is to be made from; the module is installed.
package struct InstancePlan: Sendable {
    /// The name that other modules import it under; empty where none will.
    package var name: String
    package var module: CellID
    /// Bytes of the memory that it defines; 0 where it defines none.
    package var memoryBytes: UInt64
    /// Units of 65,536 bytes that it may have.
    package var memoryMaximum: UInt32
    /// Elements at first and at most of each table that it defines.
    package var tables: [(elements: UInt32, maximum: UInt32)]
    /// A word for each import, or none where all imports are the host's.
    package var imports: [UInt64]

    package init(
        name: String = "", module: CellID, memoryBytes: UInt64 = 0, memoryMaximum: UInt32 = 0,
        tables: [(elements: UInt32, maximum: UInt32)] = [], imports: [UInt64] = []
    ) {
        self.name = name
        self.module = module
        self.memoryBytes = memoryBytes
        self.memoryMaximum = memoryMaximum
        self.tables = tables
        self.imports = imports
    }
}

extension Kernel {
    /// The instances of a process, by number. Throws `damaged` where their list is longer than it says (INST-1).
    package func instances(of process: CellID) throws -> [CellID] {
        let count = Int(try objects.get(process, ProcessRecord.instanceCount))
        var found: [CellID] = []
        var each = try objects.link(process, ProcessRecord.firstInstance)
        while !each.isNone {
            guard found.count < count else {
                throw ObjectsError.damaged(
                    invariant: "INST-1", object: "\(process)", text: "its list of instances goes on after \(count)")
            }
            found.append(each)
            each = try objects.link(each, InstanceRecord.next)
        }
        return found
    }

    /// Adds an instance to a process, at its bank's cost; the process is loaded anew with it. A refusal leaves nothing
    /// behind.
    package func addInstance(_ plan: InstancePlan, to process: CellID) throws {
        precondition(plan.tables.count <= InstanceRecord.maximumTables)
        let bank = try objects.link(process, ProcessRecord.bank)
        let instance = try objects.buyCell(.instance, bank: bank)
        // First of all: the process counts what the instance buys.
        try objects.setLink(instance, InstanceRecord.process, process)
        do {
            let space = Space(.imports, of: instance)
            try objects.buy(bytes: 8 * plan.imports.count, of: space, at: 0, bank: bank)
            try objects.write(
                plan.imports.flatMap { word in withUnsafeBytes(of: word.littleEndian, Array.init) }, to: space, at: 0)
        } catch {
            try objects.sellCell(instance)
            throw error
        }
        try unload(process)
        let number = try objects.get(process, ProcessRecord.instanceCount)
        let record = try objects.mutableCell(instance)
        record.store(plan.module.rawValue, InstanceRecord.module)
        record.store(number, InstanceRecord.number)
        record.store(plan.name, InstanceRecord.name)
        record.store(plan.memoryBytes, InstanceRecord.memoryBytes)
        record.store(plan.memoryMaximum, InstanceRecord.memoryMaximum)
        record.store(UInt32(plan.memoryBytes >> 16), InstanceRecord.memoryMinimum)
        record.store(UInt32(plan.imports.count), InstanceRecord.importCount)
        record.store(UInt32(plan.tables.count), InstanceRecord.tableCount)
        for (index, table) in plan.tables.enumerated() {
            record.store(table.elements, InstanceRecord.tableElements(index))
            record.store(table.maximum, InstanceRecord.tableMaximum(index))
            record.store(table.elements, InstanceRecord.tableMinimum(index))
        }
        let last = try objects.link(process, ProcessRecord.lastInstance)
        if last.isNone {
            try objects.setLink(process, ProcessRecord.firstInstance, instance)
        } else {
            try objects.setLink(last, InstanceRecord.next, instance)
        }
        try objects.setLink(process, ProcessRecord.lastInstance, instance)
        try objects.set(process, ProcessRecord.instanceCount, number + 1)
        try objects.set(
            plan.module, ModuleRecord.instances, try objects.get(plan.module, ModuleRecord.instances) + 1)
    }

    /// The plan of an instance as this one was at first, of a module that has the same code.
    func planLike(_ instance: CellID, module: CellID) throws -> InstancePlan {
        let record = try objects.cell(instance)
        return InstancePlan(
            name: record.load(InstanceRecord.name), module: module,
            memoryBytes: UInt64(record.load(InstanceRecord.memoryMinimum)) << 16,
            memoryMaximum: record.load(InstanceRecord.memoryMaximum),
            tables: (0..<tableCount(record)).map {
                (record.load(InstanceRecord.tableMinimum($0)), record.load(InstanceRecord.tableMaximum($0)))
            }, imports: try imports(of: instance))
    }

    /// Tables that an instance defines; no more than there can be, whatever its record says.
    private func tableCount(_ record: UnsafeRawPointer) -> Int {
        min(Int(record.load(InstanceRecord.tableCount)), InstanceRecord.maximumTables)
    }

    /// Lets an instance be as it was at first. What it computed with is sold.
    func renew(_ instance: CellID) throws {
        try sellWorkings(of: instance)
        let record = try objects.mutableCell(instance)
        record.store(UInt64(record.load(InstanceRecord.memoryMinimum)) << 16, InstanceRecord.memoryBytes)
        for index in 0..<tableCount(record) {
            record.store(record.load(InstanceRecord.tableMinimum(index)), InstanceRecord.tableElements(index))
        }
    }

    /// The words that say what an instance's imports are; empty where all are the host's.
    package func imports(of instance: CellID) throws -> [UInt64] {
        let count = Int(try objects.get(instance, InstanceRecord.importCount))
        guard count <= InstanceRecord.maximumImports else {
            throw ObjectsError.damaged(
                invariant: "INST-2", object: "\(instance)", text: "it has words for \(count) imports")
        }
        let bytes = try objects.bytes(of: Space(.imports, of: instance), at: 0, count: 8 * count)
        return (0..<count).map { index in
            bytes[8 * index..<8 * index + 8].reversed().reduce(0) { $0 << 8 | UInt64($1) }
        }
    }

    /// Lets a process wait until its embedder calls it.
    package func waitForCall(_ process: CellID) throws {
        try objects.set(process, ProcessRecord.waitsFor, Waiting.call)
        try setState(of: process, to: .waiting)
    }

    /// Sells what an instance of a process that is over computed with; what it is made of stays.
    func sellWorkings(of instance: CellID) throws {
        for space in workingSpaces(ofInstance: instance) { try objects.sell(space) }
        let record = try objects.mutableCell(instance)
        record.store(0, InstanceRecord.memoryBytes)
        for index in 0..<InstanceRecord.maximumTables { record.store(0, InstanceRecord.tableElements(index)) }
        record.store([UInt8](repeating: 0, count: InstanceRecord.droppedSegments.count), InstanceRecord.droppedSegments)
    }

    /// Pages that the end of a process gives back: its stack, and what its instances compute with.
    package func countWorkingPages(of process: CellID) throws -> UInt64 {
        var count = try objects.countPages(of: Space(.stack, of: process))
        for instance in try instances(of: process) {
            for space in workingSpaces(ofInstance: instance) { count += try objects.countPages(of: space) }
        }
        return count
    }

    /// Sells an instance of a process that could not be made; its module stays for whoever installed it.
    func forgetInstance(_ instance: CellID) throws {
        let module = try objects.link(instance, InstanceRecord.module)
        for space in spaces(ofInstance: instance) { try objects.sell(space) }
        try objects.sellCell(instance)
        try objects.set(module, ModuleRecord.instances, try objects.get(module, ModuleRecord.instances) - 1)
    }

    /// Sells all instances of a process, and modules that none is left of.
    func sellInstances(of process: CellID) throws {
        for instance in try instances(of: process) {
            let module = try objects.link(instance, InstanceRecord.module)
            try forgetInstance(instance)
            try removeIfUnused(module)
        }
    }

    func workingSpaces(ofInstance instance: CellID) -> [Space] {
        [Space(.memory, of: instance), Space(.mappings, of: instance)]
            + (0..<InstanceRecord.maximumTables).map { Space(.table($0), of: instance) }
    }

    /// All that an instance holds.
    package func spaces(ofInstance instance: CellID) -> [Space] {
        workingSpaces(ofInstance: instance) + [Space(.imports, of: instance)]
    }
}
