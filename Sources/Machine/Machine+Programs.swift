// Programs as wholes: whether a bank has room for one, and installing all of its modules or none.

import Kernel
import Objects
import WebAssembly

extension Machine {
    /// Throws `bankExhausted` where a bank has no room for the modules that are not installed yet, and the cells: before
    /// anything is bought, so that nothing changes. What the process itself needs may still be refused.
    package func checkRoom(for program: CheckedProgram, bank: CellID) throws {
        var known: Set<[UInt8]> = []
        var pages: UInt64 = 0
        var cells = UInt64(program.modules.count + 1)
        for module in program.modules where known.insert(module.plan.hash).inserted {
            guard try kernel.module(hash: module.plan.hash, for: bank) == nil else { continue }
            pages += module.plan.pageCount
            cells += 1
        }
        try objects.checkRoom(bank, pages: pages, cells: cells)
    }

    /// Installs the modules of a program, or none of them. Throws `bankExhausted`.
    package func install(_ program: CheckedProgram, bank: CellID) throws -> [InstancePlan] {
        var instances: [InstancePlan] = []
        do {
            for module in program.modules { instances.append(try install(module, bank: bank)) }
        } catch {
            try kernel.uninstall(instances)
            throw error
        }
        return instances
    }

    /// The same of a module that a program has in its memory, which is begun at `_start`.
    func install(_ bytes: [UInt8], forProgramsOf bank: CellID) throws -> ProgramInstallation {
        let bound = try kernel.workingSetBounds.footprint
        let program: CheckedProgram
        do throws(MachineError) {
            program = try Self.check(bytes, entry: "_start", bound: bound)
        } catch {
            return .refused(why: error.summary)
        }
        try checkRoom(for: program, bank: bank)
        return .installed(
            InstalledProgram(
                instances: try install(program, bank: bank), entryFunction: program.entryFunction))
    }
}

extension MachineError {
    /// In a line, for programs.
    var summary: String {
        switch self {
        case .malformed(let text, let offset): "no module: \(text), at byte \(offset)"
        case .invalid(let text, let offset, _): "not valid: \(text), at byte \(offset)"
        case .missingImports(let names, _): "imports what is not there: \(names.joined(separator: ", "))"
        case .importType(let name, let exported, let asked): "imports \(name) as \(asked), and it is \(exported)"
        case .importKind(let name, let exported, let asked): "imports \(name) as \(asked), and it is \(exported)"
        case .link(let name, let error): "\(name): \(error.summary)"
        case .linkedTwice(let name): "two modules are linked as \(name)"
        case .noExport(let name, _, _): "exports no function \(name)"
        case .entryType(let name, let type): "\(name) is of type \(type.text), and is to take nothing"
        case .entryOfHost(let name): "\(name) is the host's"
        case .initializeType(let type): "_initialize is of type \(type.text), and is to take and return nothing"
        case .segmentOutside(let segment, let index): "\(segment) \(index) lies outside of what the module defines"
        case .tooMuchCode(let bytes, let bound): "takes \(bytes) bytes when it is loaded, of at most \(bound)"
        case .tooLarge(let what, let bound, let found): "has \(found) \(what), of at most \(bound)"
        }
    }
}
