// What a stored process must be for the machine to go on from it: checked whenever it is brought in, and by the check of
// the whole world.

import Interpreter
import Kernel
import Objects
import WebAssembly

extension Machine {
    /// Brings a process in from its record and spaces, as if it were to run, and lets go of it again; nothing changes.
    /// Throws `damaged` where that cannot be done: INST-1, INST-2, MODULE-2, STACK-1, STACK-2.
    package func verify(_ cell: CellID) throws {
        try makeRoomForCode(of: cell)
        let active = ActiveProcess(cell: cell, id: try objects.get(cell, ProcessRecord.id))
        defer { release(active) }
        try addInstances(to: active)
        _ = try paid(by: cell)
        let phase = try objects.get(cell, ProcessRecord.phase)
        guard phase != Phase.fresh, phase != Phase.over else { return }
        active.activation.boughtSlots = try boughtSlots(of: cell)
        try restore(active)
        if active.activation.presentFrom > 0 { try loadStack(active, from: 0, to: active.activation.presentFrom) }
        guard active.activation.framesAreSound() else {
            throw damaged(active, "a frame of its stack was called from nowhere")
        }
    }

    /// What a process has paid towards its next instruction. Throws `damaged` where that is more than anything costs.
    func paid(by cell: CellID) throws -> Int64 {
        let paid = try objects.get(cell, ProcessRecord.paid)
        guard paid < UInt64(Activation.maximumGas) else {
            throw ObjectsError.damaged(invariant: "GAS-1", object: "\(cell)", text: "it has paid \(paid)")
        }
        return Int64(paid)
    }

    /// STACK-2: the instance that begins, and the entry function, are ones that there are.
    func checkBeginning(_ active: ActiveProcess) throws {
        let record = try objects.cell(active.cell)
        let beginning = Int(record.load(ProcessRecord.beginning))
        let phase = record.load(ProcessRecord.phase)
        guard phase <= Phase.complete, beginning < active.instances.count else {
            throw damaged(active, "it is in phase \(phase) of instance \(beginning)")
        }
        let isCalled = record.load(ProcessRecord.isCalled) != 0
        // An embedder's process has an entry function while one is called.
        if isCalled, phase != Phase.entry { return }
        let instance = Int(record.load(ProcessRecord.entryInstance))
        let function = Int(record.load(ProcessRecord.entryFunction))
        guard instance < active.instances.count,
            let (home, index) = active.definition(ofFunction: function, of: instance),
            isCalled
                || active.instances[home].module.compiled.type(ofFunction: index).parameters.isEmpty
        else { throw damaged(active, "its entry is function \(function) of instance \(instance)") }
    }

    /// STACK-2: the slots of linked globals, which are loaded, name the slots that they are.
    func checkGlobals(_ active: ActiveProcess) throws {
        let begun = Int(try objects.get(active.cell, ProcessRecord.beginning))
        for number in 0...begun where !active.activation.linksAreRight(of: number) {
            throw damaged(active, "a global that instance \(number) imports is in another place")
        }
    }

    func damaged(_ active: ActiveProcess, _ text: String) -> ObjectsError {
        .damaged(invariant: "STACK-2", object: "\(active.cell)", text: text)
    }
}

extension ActiveProcess {
    /// The instance that defines a function, and its index there; nil where there is none, or the host performs it.
    func definition(ofFunction index: Int, of instance: Int) -> (instance: Int, function: Int)? {
        let compiled = instances[instance].module.compiled
        guard index < compiled.functionCount else { return nil }
        if index >= compiled.importedFunctionCount { return (instance, index) }
        guard let (home, function) = Reference.function(instances[instance].parts.functions[index]),
            function >= instances[home].module.compiled.importedFunctionCount
        else { return nil }
        return (home, function)
    }
}
