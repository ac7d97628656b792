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
    var actives: [CellID: ActiveProcess] = [:]
    var activations: UInt64 = 0
    /// Processes that keep frames and page tables; the one that ran longest ago makes room.
    static let activeBound = 1024

    package init(kernel: Kernel, clock: Clock) {
        self.kernel = kernel
        self.objects = kernel.objects
        self.clock = clock
        self.entropy = Entropy(objects: kernel.objects)
    }

    // MARK: Activating

    /// The process with its frames and page tables in memory; one that has not begun enters its first function. Throws
    /// `bankExhausted` where its first frame cannot be bought, and then nothing has changed.
    func activate(_ cell: CellID) throws -> ActiveProcess {
        activations += 1
        if let active = actives[cell] {
            active.lastRun = activations
            return active
        }
        if actives.count >= Self.activeBound { try deactivateOldest() }
        let active = ActiveProcess(cell: cell, module: try loadedModule(of: cell))
        let record = try objects.cell(cell)
        active.activation.memoryBytes = record.load(ProcessRecord.memoryBytes)
        active.activation.paid = Int64(record.load(ProcessRecord.paid))
        for index in 0..<Int(record.load(ProcessRecord.tableCount)) {
            active.activation.setElementCount(
                Int(record.load(ProcessRecord.tableElements(index))), ofTable: index)
        }
        active.activation.boughtSlots = try boughtSlots(of: cell)
        if record.load(ProcessRecord.phase) == Phase.fresh {
            try begin(active)
        } else {
            try restore(active)
        }
        active.lastRun = activations
        actives[cell] = active
        return active
    }

    /// Drops what the host keeps of a process. What is not saved is lost.
    package func forget(_ cell: CellID) {
        guard let active = actives.removeValue(forKey: cell) else { return }
        for (entry, id) in active.mapped { objects.unmap(id, at: entry) }
        active.mapped = [:]
    }

    private func deactivateOldest() throws {
        guard let oldest = actives.values.min(by: { $0.lastRun < $1.lastRun }) else { return }
        try save(oldest)
        forget(oldest.cell)
    }

    /// The compiled module of a process.
    func loadedModule(of process: CellID) throws -> LoadedModule {
        let cell = try objects.link(process, ProcessRecord.module)
        if let loaded = modules[cell] { return loaded }
        let count = Int(try objects.get(cell, ModuleRecord.byteCount))
        let bytes = try objects.bytes(of: Space(.binary, of: cell), at: 0, count: count)
        let loaded = LoadedModule(try Self.validated(bytes), bytes: bytes, types: types)
        modules[cell] = loaded
        return loaded
    }

    /// Where a process stands and from where it was called, innermost first; saved state only.
    package func callStack(of cell: CellID) throws -> [(function: Int, name: String?, offset: Int)] {
        let phase = try objects.get(cell, ProcessRecord.phase)
        guard phase == Phase.start || phase == Phase.entry else { return [] }
        let active = try actives[cell] ?? activate(cell)
        if active.activation.presentFrom > 0 { try loadStack(active, from: 0, to: active.activation.presentFrom) }
        let names = active.module.compiled.module.functionNames
        return active.activation.frames().map {
            (Int($0.function), names[Int($0.function)], Int($0.byteOffset))
        }
    }
}

/// `ProcessRecord.phase`.
enum Phase {
    static let fresh: UInt8 = 0
    static let start: UInt8 = 1
    static let entry: UInt8 = 2
    static let over: UInt8 = 3
}

extension Machine {
    /// The text of a trap's number in a process's record.
    package static func trapText(_ number: UInt8) -> String { Trap(rawValue: number)?.description ?? "trap \(number)" }

    /// Drops a module's code when the kernel has removed the module.
    package func forgetUnusedModule(_ cell: CellID) throws {
        if try objects.get(cell, CellHeader.kind) != CellKind.module.rawValue { modules[cell] = nil }
    }
}
