// Processes that an embedder calls: they have no entry function; when their instances are complete they wait, and again
// when a function that was called has returned. Instances can be added while they wait. A call is subject to gas, space,
// checkpoints and restarts like everything that a process does.

import Interpreter
import Kernel
import Objects
import WebAssembly

/// Why an embedder's call is refused.
package enum CallRefusal: Error, Sendable, Hashable {
    /// The process does not wait to be called.
    case notWaiting
    /// There is no such instance.
    case noInstance(Int)
    /// The instance exports no function of this name.
    case noFunction(String)
    /// The host performs the function, or there is none of this index.
    case notDefined(function: Int)
    /// Not as many arguments as the function takes.
    case wrongArguments(expected: Int, found: Int)
}

extension Machine {
    /// The exported function `name` of an instance: its index and type. Throws `noInstance`, `noFunction`.
    package func function(_ name: String, of instance: Int, in process: CellID) throws -> (
        index: Int, type: FunctionType
    ) {
        let compiled = try instanceModule(instance, of: process)
        guard case .function(let index)? = compiled.module.export(named: name)?.kind else {
            throw CallRefusal.noFunction(name)
        }
        return (index, compiled.type(ofFunction: index))
    }

    /// Enters a function of a process that waits to be called, which is ready then. The arguments are slots: i32 and f32
    /// zero-extended, references as `Reference` has them. Throws `CallRefusal`, or `bankExhausted` where its frame cannot be
    /// bought: the process waits as before, on some more pages of stack perhaps.
    package func call(_ process: CellID, instance: Int, function: Int, arguments: [UInt64]) throws {
        let active = try waiting(process)
        guard instance < active.instances.count else { throw CallRefusal.noInstance(instance) }
        let compiled = active.instances[instance].module.compiled
        guard active.definition(ofFunction: function, of: instance) != nil else {
            throw CallRefusal.notDefined(function: function)
        }
        let expected = compiled.type(ofFunction: function).parameters.count
        guard arguments.count == expected else {
            throw CallRefusal.wrongArguments(expected: expected, found: arguments.count)
        }
        try enter(active, function, of: instance, arguments: arguments, phase: Phase.entry)
        active.isChanged = true
        try objects.set(process, ProcessRecord.entryInstance, UInt32(instance))
        try objects.set(process, ProcessRecord.entryFunction, UInt32(function))
        try kernel.setState(of: process, to: .ready)
    }

    /// What the function that was called last returned, as slots. Throws `notWaiting` while it runs.
    package func results(of process: CellID) throws -> [UInt64] {
        let active = try waiting(process)
        return (0..<active.resultCount).map { active.activation.slots[active.activation.globalSlots + $0] }
    }

    /// Lets a process that has faulted wait to be called again: its frames are gone, all else stays.
    package func abandonCall(_ process: CellID) throws {
        guard try kernel.state(of: process) == .faulted, try objects.get(process, ProcessRecord.isCalled) != 0 else {
            throw CallRefusal.notWaiting
        }
        let active = try activate(process)
        try objects.set(process, ProcessRecord.phase, Phase.idle)
        let record = try objects.mutableCell(process)
        record.store(0, ProcessRecord.trap)
        record.store(0, ProcessRecord.faultDetail)
        record.store(0, ProcessRecord.exitCode)
        active.activation.abandon()
        active.resultCount = 0
        active.isChanged = true
        try kernel.waitForCall(process)
    }

    /// Installs a binary and adds an instance of it to a process that waits to be called; it is instantiated when the
    /// process runs. `scope` gives the instances that it may import from, by name. Throws `MachineError` where it cannot be
    /// linked, `CallRefusal`, or `bankExhausted` as `call`. Returns the instance's number.
    package func addInstance(_ bytes: [UInt8], name: String = "", to process: CellID, scope: [String: Int]) throws
        -> Int
    {
        let module = try Self.validated(bytes).module
        let active = try waiting(process)
        try Self.checkInstances(active.instances.count + 1)
        var resolver = ImportResolver(module) { name in
            // By bytes, where Swift would equate what Unicode does.
            scope.first { $0.key.utf8.elementsEqual(name.utf8) }.map { self.exporter($0.value, of: active) }
        }
        let imports = try resolver.resolve()
        try Self.checkBounds(of: module)
        let globals = active.activation.globalSlots + module.globalCount
        try Self.checkGlobals(globals)
        let checked = Self.checkedModule(
            module, plan: Self.plan(module, bytes), name: name, imports: imports.words)
        try buyStack(active, slots: globals + Activation.instantiationSlots)
        let plan = try install(checked, bank: try objects.link(process, ProcessRecord.bank))
        do {
            try kernel.addInstance(plan, to: process)
        } catch {
            try kernel.removeIfUnused(plan.module)
            throw error
        }
        let cell = try objects.link(process, ProcessRecord.lastInstance)
        active.resultCount = 0
        try add(cell, to: active)
        activeInstances += 1
        active.isChanged = true
        // As after the instance before it: the next run instantiates the new one.
        try objects.set(process, ProcessRecord.beginning, UInt32(active.instances.count - 2))
        try objects.set(process, ProcessRecord.phase, Phase.complete)
        try kernel.setState(of: process, to: .ready)
        return active.instances.count - 1
    }

    /// Installs a binary that imports nothing but from the host, for a process that is to be called. Throws as
    /// `addInstance`.
    package func install(_ bytes: [UInt8], name: String = "", bank: CellID) throws -> InstancePlan {
        let module = try Self.validated(bytes).module
        var resolver = ImportResolver(module) { _ in nil }
        let imports = try resolver.resolve()
        try Self.checkBounds(of: module)
        try Self.checkGlobals(module.globalCount)
        let checked = Self.checkedModule(
            module, plan: Self.plan(module, bytes), name: name, imports: imports.words)
        return try install(checked, bank: bank)
    }

    /// The plan of an instance of a module, which is installed where the bank or one above it does not have it yet.
    package func install(_ checked: CheckedModule, bank: CellID) throws -> InstancePlan {
        checked.instance(
            of: try kernel.module(hash: checked.plan.hash, for: bank) ?? kernel.installModule(checked.plan, bank: bank))
    }

    /// The value of an exported global, as a slot, or nil where there is none of this name.
    package func global(_ name: String, of instance: Int, in process: CellID) throws -> UInt64? {
        let active = try waiting(process)
        guard instance < active.instances.count else { throw CallRefusal.noInstance(instance) }
        guard case .global(let index)? = active.instances[instance].module.compiled.module.export(named: name)?.kind
        else {
            return nil
        }
        return active.activation.slots[active.activation.globalSlot(index, of: instance)]
    }

    private func instanceModule(_ number: Int, of process: CellID) throws -> CompiledModule {
        let instances = try kernel.instances(of: process)
        guard number < instances.count else { throw CallRefusal.noInstance(number) }
        return try loadedModule(try objects.link(instances[number], InstanceRecord.module)).compiled
    }

    private func waiting(_ process: CellID) throws -> ActiveProcess {
        guard try kernel.state(of: process) == .waiting,
            try objects.get(process, ProcessRecord.waitsFor) == Waiting.call
        else { throw CallRefusal.notWaiting }
        return try activate(process)
    }

    /// An instance as it is now, for others to import from.
    private func exporter(_ number: Int, of active: ActiveProcess) -> Exporter {
        let instance = active.instances[number]
        let module = instance.module.compiled.module
        let words = instance.importWords
        let tables = instance.tableOwners.enumerated().map { index, owner in
            var type = active.instances[owner.instance].module.compiled.module.tables[owner.table]
            type.limits.minimum = UInt32(active.activation.elementCount(ofTable: index, of: number))
            return type
        }
        var memories: [MemoryType] = []
        if let owner = instance.memoryOwner, var type = active.instances[owner].module.compiled.module.memories.first {
            type.limits.minimum = UInt32(active.activation.memoryBytes(of: number) >> 16)
            memories = [type]
        }
        return Exporter(number: number, module: module, imports: words, tables: tables, memories: memories)
    }
}
