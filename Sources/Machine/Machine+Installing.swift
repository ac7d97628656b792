// From binaries to modules in the world and a plan for a process: validated, their imports found, what their memories and
// tables hold at first laid out in pages. Everything that can be refused is refused here, before anything is bought.

import Digests
import Interpreter
import Kernel
import Objects
import WebAssembly

/// A binary that can be an instance here.
package struct CheckedModule: Sendable {
    /// The name that later modules import it under; empty for the one that is run.
    package let name: String
    package let plan: ModulePlan
    package let memoryBytes: UInt64
    /// Units of 65,536 bytes that it may have.
    package let memoryMaximum: UInt32
    package let tables: [(elements: UInt32, maximum: UInt32)]
    package let imports: [UInt64]

    /// The plan of its instance, the module being installed as `module`.
    package func instance(of module: CellID) -> InstancePlan {
        InstancePlan(
            name: name, module: module, memoryBytes: memoryBytes, memoryMaximum: memoryMaximum, tables: tables,
            imports: imports)
    }
}

/// Binaries that can be run here together.
package struct CheckedProgram: Sendable {
    /// In the order in which they are instantiated; the last is run.
    package let modules: [CheckedModule]
    package let entryFunction: UInt32
}

extension Machine {
    /// Decodes and validates; the errors say where.
    static func validated(_ bytes: [UInt8]) throws(MachineError) -> ValidatedModule {
        do throws(ModuleError) {
            return try ValidatedModule(bytes: bytes)
        } catch {
            switch error {
            case .malformed(let decode): throw .malformed(text: "\(decode.reason)", offset: decode.offset)
            case .invalid(let validation):
                throw .invalid(
                    text: "\(validation.reason)", offset: validation.offset, function: validation.function)
            }
        }
    }

    /// Checks that a binary can be run at export `name`, linked to others: they can import from those before them, and it
    /// from all of them. Loaded they take at most `bound` bytes together, each module once.
    package static func check(
        _ bytes: [UInt8], entry name: String, links: [(name: String, bytes: [UInt8])] = [],
        bound: UInt64 = WorkingSetBounds().footprint
    ) throws(MachineError) -> CheckedProgram {
        try checkInstances(links.count + 1)
        var checker = ProgramChecker(linked: links.map(\.name), bound: bound)
        for link in links {
            do throws(MachineError) {
                try checker.link(link.bytes, name: link.name)
            } catch {
                if case .linkedTwice = error { throw error }
                throw .link(name: link.name, error)
            }
        }
        return try checker.program(bytes, entry: name)
    }

    static func checkedModule(
        _ module: Module, plan: ModulePlan, name: String, imports: [UInt64]
    ) -> CheckedModule {
        CheckedModule(
            name: name, plan: plan, memoryBytes: UInt64(module.memories.first?.limits.minimum ?? 0) << 16,
            memoryMaximum: maximumUnits(ofMemory: module),
            tables: module.tables.map { ($0.limits.minimum, maximumElements(of: $0)) }, imports: imports)
    }

    static func plan(_ module: Module, _ bytes: [UInt8]) -> ModulePlan {
        ModulePlan(
            hash: SHA256.hash(bytes), binary: bytes, memoryImage: ModuleImages.memory(of: module, bytes),
            tableImage: ModuleImages.table(of: module), footprint: module.footprint)
    }

    /// Units of 65,536 bytes that the memory may have which a module defines; 0 where it defines none.
    static func maximumUnits(ofMemory module: Module) -> UInt32 {
        guard let memory = module.memories.first else { return 0 }
        return min(memory.limits.maximum ?? 65_536, 65_536)
    }

    /// The most elements that a table can ever have here.
    static func maximumElements(of table: TableType) -> UInt32 {
        min(table.limits.maximum ?? .max, UInt32(ActiveProcess.tableBound))
    }

    /// Refuses what is more than an instance's record holds.
    static func checkBounds(of module: Module) throws(MachineError) {
        if module.tables.count > InstanceRecord.maximumTables {
            throw .tooLarge(what: "tables", bound: InstanceRecord.maximumTables, found: module.tables.count)
        }
        for table in module.tables where table.limits.minimum > ActiveProcess.tableBound {
            throw .tooLarge(
                what: "elements of a table", bound: ActiveProcess.tableBound, found: Int(table.limits.minimum))
        }
        let segments = module.dataSegments.count + module.elements.count
        // The record's bits come in words of 64, one more than the segments fill.
        if segments / 64 + 1 > InstanceRecord.droppedSegments.count / 8 {
            throw .tooLarge(
                what: "data and element segments", bound: InstanceRecord.droppedSegments.count * 8 - 1, found: segments)
        }
    }

    /// Instances that a process may have.
    package static let maximumInstances = 1_024

    /// Refuses more instances in one process than there may be.
    static func checkInstances(_ count: Int) throws(MachineError) {
        if count > maximumInstances {
            throw .tooLarge(what: "modules in one process", bound: maximumInstances, found: count)
        }
    }

    /// Refuses more globals in one process than half of its stack holds.
    static func checkGlobals(_ count: Int) throws(MachineError) {
        if count > ActiveProcess.stackSlots / 2 {
            throw .tooLarge(what: "globals", bound: ActiveProcess.stackSlots / 2, found: count)
        }
    }

    /// Refuses active segments of which it is certain that they would trap: at constant places of what the module defines.
    static func checkSegments(of module: Module) throws(MachineError) {
        let places = SegmentPlaces(module)
        for (index, segment) in module.dataSegments.enumerated() where places.fits(segment) == false {
            throw .segmentOutside(segment: "data segment", index: index)
        }
        for (index, segment) in module.elements.enumerated() where places.fits(segment) == false {
            throw .segmentOutside(segment: "element segment", index: index)
        }
    }
}
