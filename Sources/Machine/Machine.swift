// A process running a module: brings in what it touches, performs what it imports, and keeps its record true. Knows the
// engine's exits and the kernel's objects, and is the only one that knows both.
//
// MACH-1  Whatever an `ActiveProcess` holds can be rebuilt from the process's record and spaces once it is saved.
// MACH-2  A host call checks and buys everything before it changes anything.

import Devices
import Interpreter
import Kernel
import Objects
import Store
import WebAssembly

package final class Machine {
    package let kernel: Kernel
    package let objects: Objects
    package let clock: Clock
    package let entropy: Entropy

    let types = FunctionTypeTable()
    var modules: [CellID: LoadedModule] = [:]
    /// Bytes that `modules` take.
    var loadedFootprint = 0
    var actives: [CellID: ActiveProcess] = [:]
    /// Some of `actives`, so that processes that call each other are found at once.
    let recent = RecentProcesses()
    /// Whether messages may go the short way (`Machine+Direct.swift`). No state: only tests say no.
    let deliversDirectly: Bool
    /// Messages that went it.
    package internal(set) var directDeliveries: UInt64 = 0
    var activations: UInt64 = 0
    /// Instances of `actives`.
    var activeInstances = 0
    /// Entries of all processes that map pages of others.
    var entriesOfOthers = 0
    /// Processes that were forgotten and had many pages (`Machine+Forgetting.swift`).
    var leaving: [Leaving] = []
    /// How much of them is kept: what the world's working set may have, or less on a host that has less memory.
    package let bounds: WorkingSetBounds
    /// Bytes of a binary at most; a request that brings one is bounded below this.
    static let moduleBound: UInt64 = 256 << 20

    package init(
        kernel: Kernel, clock: Clock, bounds: WorkingSetBounds = WorkingSetBounds(), deliversDirectly: Bool = true
    ) {
        self.bounds = bounds
        self.deliversDirectly = deliversDirectly
        self.kernel = kernel
        self.objects = kernel.objects
        self.clock = clock
        self.entropy = Entropy(objects: kernel.objects)
        kernel.didRemoveProcess = { [unowned self] in forget($0) }
        kernel.save = { [unowned self] in if let active = active($0) { try save(active) } }
        kernel.letGo = { [unowned self] in try deactivate($0) }
        kernel.didRemoveModule = { [unowned self] in forgetModule($0) }
        kernel.serveHostDevice = { [unowned self] in try serve($0, $1, $2) }
        kernel.install = { [unowned self] in try install($0, forProgramsOf: $1) }
        kernel.didGrow = { [unowned self] in setMemoryBytes($2, ofInstance: $1, of: $0) }
        kernel.didRemap = { [unowned self] in forgetPage($2, ofInstance: $1, of: $0) }
        kernel.didLosePages = { [unowned self] in forgetPagesOfOthers() }
    }

    // MARK: Activating

    /// The process with its frames and page tables in memory; one that has not begun enters its first function. Throws
    /// `bankExhausted` where its first frame cannot be bought, and then nothing has changed.
    func activate(_ cell: CellID) throws -> ActiveProcess {
        activations += 1
        if let active = active(cell) {
            active.lastRun = activations
            return active
        }
        let instances = Int(try objects.get(cell, ProcessRecord.instanceCount))
        while !actives.isEmpty,
            actives.count >= Int(bounds.processes) || activeInstances + instances > Int(bounds.instances)
        { try deactivateOldest() }
        try makeRoomForCode(of: cell)
        let active = ActiveProcess(cell: cell, id: try objects.get(cell, ProcessRecord.id))
        do {
            try addInstances(to: active)
            active.activation.paid = try paid(by: cell)
            active.activation.boughtSlots = try boughtSlots(of: cell)
            if try objects.get(cell, ProcessRecord.phase) == Phase.fresh {
                try begin(active)
            } else {
                try restore(active)
            }
        } catch {
            release(active)
            throw error
        }
        active.lastRun = activations
        actives[cell] = active
        activeInstances += active.instances.count
        return active
    }

    /// What is kept of a process; nil: nothing.
    func active(_ cell: CellID) -> ActiveProcess? {
        if let active = recent.process(in: cell) { return active.takeUnretainedValue() }
        guard let active = actives[cell] else { return nil }
        recent.note(active)
        return active
    }

    /// The account of the meter that a process runs on, which the process owns until this is asked again.
    func account(of active: ActiveProcess) throws -> Unmanaged<MeterAccount> {
        if let known = active.knownAccount, active.meterEdition == kernel.meterEdition { return known }
        let account = try kernel.account(of: active.cell)
        active.account = account
        active.knownAccount = Unmanaged.passUnretained(account)
        active.meterEdition = kernel.meterEdition
        return Unmanaged.passUnretained(account)
    }

    /// Keeps the code that is in memory within its bound: what no process uses goes first, then that of the processes that
    /// ran longest ago. One process's own is always there, and never goes to make room for the rest of it.
    func makeRoomForCode(of process: CellID) throws {
        var needed: Set<CellID> = []
        var missing: UInt64 = 0
        for instance in try kernel.instances(of: process) {
            let module = try objects.link(instance, InstanceRecord.module)
            if needed.insert(module).inserted, modules[module] == nil {
                missing &+= try kernel.footprint(of: module)
            }
        }
        while missing > 0, UInt64(loadedFootprint) &+ missing > bounds.footprint {
            if let unused = modules.first(where: { $0.value.users == 0 && !needed.contains($0.key) })?.key {
                forgetModule(unused)
            } else if actives.isEmpty {
                return
            } else {
                try deactivateOldest()
            }
        }
    }

    fileprivate func forgetModule(_ cell: CellID) {
        guard let loaded = modules.removeValue(forKey: cell) else { return }
        loadedFootprint -= loaded.footprint
    }

    /// Adds all instances of the process. Throws `damaged` where its record and theirs do not fit together.
    func addInstances(to active: ActiveProcess) throws {
        for instance in try kernel.instances(of: active.cell) { try add(instance, to: active) }
        try checkBeginning(active)
    }

    /// Its modules have it no more for a user.
    func release(_ active: ActiveProcess) {
        for instance in active.instances { instance.module.users -= 1 }
    }

    /// Adds an instance of the process, in the order of their numbers, with its sizes and dropped segments.
    func add(_ cell: CellID, to active: ActiveProcess) throws {
        let module = try loadedModule(try objects.link(cell, InstanceRecord.module))
        try active.add(cell, module: module, imports: try kernel.imports(of: cell))
        module.users += 1
        let number = active.instances.count - 1
        let instance = active.instances[number]
        let record = try objects.cell(cell)
        let tables = module.compiled.module.tables.count
        guard record.load(InstanceRecord.tableCount) == tables else {
            throw ActiveInstance.damaged(cell, "its tables are not the \(tables) of its module")
        }
        if instance.memoryOwner == number {
            active.activation.setMemoryBytes(try instance.memoryBytes(record), of: number)
        }
        for (index, owner) in instance.tableOwners.enumerated() where owner.instance == number {
            active.activation.setElementCount(
                try instance.elements(ofTable: owner.table, record), ofTable: index, of: number)
        }
        let dropped = active.activation.droppedSegments(of: number)
        for index in dropped.indices {
            dropped[index] = record.load(Field<UInt64>(InstanceRecord.droppedSegments.offset + 8 * index))
        }
    }

    private func deactivateOldest() throws {
        if let oldest = actives.values.min(by: { $0.lastRun < $1.lastRun }) { try deactivate(oldest.cell) }
    }

    /// Saves what the host keeps of a process, and drops it.
    package func deactivate(_ cell: CellID) throws {
        guard let active = actives[cell] else { return }
        try save(active)
        forget(cell)
    }

    /// The compiled module of a module's cell. Throws `damaged` where its binary is none (MODULE-2).
    func loadedModule(_ cell: CellID) throws -> LoadedModule {
        if let loaded = modules[cell] { return loaded }
        let count = try objects.get(cell, ModuleRecord.byteCount)
        guard try objects.get(cell, CellHeader.kind) == CellKind.module.rawValue, count <= Self.moduleBound else {
            throw ObjectsError.damaged(invariant: "INST-3", object: "\(cell)", text: "it is no module")
        }
        let bytes = try objects.bytes(of: Space(.binary, of: cell), at: 0, count: Int(count))
        let validated: ValidatedModule
        do throws(MachineError) {
            validated = try Self.validated(bytes)
        } catch {
            throw ObjectsError.damaged(invariant: "MODULE-2", object: "\(cell)", text: "its binary is none: \(error)")
        }
        let loaded = LoadedModule(validated, bytes: bytes, types: types)
        let footprint = try objects.get(cell, ModuleRecord.footprint)
        guard footprint == 0 || footprint == UInt64(loaded.footprint) else {
            throw ObjectsError.damaged(
                invariant: "MODULE-2", object: "\(cell)",
                text: "its footprint is \(footprint) and that of its binary \(loaded.footprint)")
        }
        modules[cell] = loaded
        loadedFootprint += loaded.footprint
        return loaded
    }

    /// The active segment that a process stands before, and the name of the instance; nil where it is elsewhere.
    package func segment(of cell: CellID) throws -> (kind: String, index: Int, instanceName: String)? {
        let record = try objects.cell(cell)
        guard record.load(ProcessRecord.phase) == Phase.segments else { return nil }
        let segment = Int(record.load(ProcessRecord.function))
        let instances = try kernel.instances(of: cell)
        let number = Int(record.load(ProcessRecord.instance))
        guard number < instances.count else { return nil }
        try makeRoomForCode(of: cell)
        let module = try loadedModule(try objects.link(instances[number], InstanceRecord.module)).compiled.module
        let name = try objects.name(instances[number], InstanceRecord.name)
        let elements = module.elements.count
        return segment < elements ? ("element", segment, name) : ("data", segment - elements, name)
    }

    /// Where a process stands and from where it was called, innermost first; empty where it is in no function.
    package func callStack(of cell: CellID) throws -> [CallPlace] {
        let phase = try objects.get(cell, ProcessRecord.phase)
        guard phase != Phase.fresh, phase != Phase.over else { return [] }
        let active = try actives[cell] ?? activate(cell)
        if active.activation.presentFrom > 0 { try loadStack(active, from: 0, to: active.activation.presentFrom) }
        return try active.activation.frames().map { frame in
            let instance = active.instances[Int(frame.instance)]
            return CallPlace(
                instance: Int(frame.instance), instanceName: try objects.name(instance.cell, InstanceRecord.name),
                function: Int(frame.function),
                name: instance.module.compiled.module.functionNames[Int(frame.function)], offset: Int(frame.byteOffset))
        }
    }
}

/// A place in a function that a process stands at or returns to.
package struct CallPlace: Sendable, Hashable {
    package let instance: Int
    /// The name that the instance is linked under; empty for the program itself.
    package let instanceName: String
    package let function: Int
    /// From the module's name section.
    package let name: String?
    package let offset: Int
}

/// `ProcessRecord.phase`.
enum Phase {
    static let fresh: UInt8 = 0
    /// In the start function of the instance that the position names.
    static let start: UInt8 = 1
    /// In the entry function, or one that the embedder called.
    static let entry: UInt8 = 2
    static let over: UInt8 = 3
    /// Before an active segment of the instance that the position names.
    static let segments: UInt8 = 4
    /// In `_initialize` of an instance that is linked to, or of a reactor.
    static let initialize: UInt8 = 5
    /// In no function: it can be called.
    static let idle: UInt8 = 6
    /// In no function: the segments of the instance are written; its start function is next.
    static let written: UInt8 = 7
    /// In no function: the start function of the instance is over; its `_initialize` is next.
    static let started: UInt8 = 8
    /// In no function: the instance is complete; the next one is next, or the entry function.
    static let complete: UInt8 = 9
}

extension Machine {
    /// The text of a trap's number in a process's record.
    package static func trapText(_ number: UInt8) -> String { Trap(rawValue: number)?.description ?? "trap \(number)" }

}
