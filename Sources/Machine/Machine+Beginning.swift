// From nothing to the entry function: each instance in turn is instantiated, runs its start function and, where others link
// to it, its `_initialize`; then the entry function of the last is entered, or the process waits to be called.
//
// What comes next follows from the record's phase and the instance that it stands in, so that a process goes on from
// wherever it was stored.

import Interpreter
import Kernel
import Objects
import WebAssembly

extension Machine {
    /// Stands before the first thing that a process does.
    func begin(_ active: ActiveProcess) throws {
        try instantiate(active, 0)
        active.activation.resetLowWater()
        active.isChanged = true
    }

    /// Goes on when a function returned, or an instance's segments are written; nil to run on. Where the bank refuses what
    /// comes next, the process stands before it.
    func proceed(_ active: ActiveProcess) throws -> Next? {
        let current = Int(try objects.get(active.cell, ProcessRecord.beginning))
        while true {
            switch try objects.get(active.cell, ProcessRecord.phase) {
            case Phase.segments: try setPhase(active, Phase.written)
            case Phase.written:
                if let start = active.instances[current].module.compiled.module.start {
                    try enter(active, start, of: current, phase: Phase.start)
                    return nil
                }
                try setPhase(active, Phase.started)
            case Phase.start: try setPhase(active, Phase.started)
            case Phase.started:
                if let initialize = try initializer(active, current) {
                    try enter(active, initialize, of: current, phase: Phase.initialize)
                    return nil
                }
                try setPhase(active, Phase.complete)
            case Phase.initialize: try setPhase(active, Phase.complete)
            case Phase.complete: return try followInstance(active, current)
            case Phase.entry: return try ended(active)
            // It was stopped while it waited to be called.
            case Phase.idle: return .idle
            case let phase:
                throw damaged(active, "it runs, and is in phase \(phase)")
            }
        }
    }

    private func setPhase(_ active: ActiveProcess, _ phase: UInt8) throws {
        try objects.set(active.cell, ProcessRecord.phase, phase)
    }

    /// Buys room, gives the globals their first values, and stands before the first active segment.
    func instantiate(_ active: ActiveProcess, _ number: Int) throws {
        try buyStack(active, slots: active.activation.globalSlots + Activation.instantiationSlots)
        active.activation.instantiate(number)
        try objects.set(active.cell, ProcessRecord.beginning, UInt32(number))
        try setPhase(active, active.activation.segmentUnderWay == nil ? Phase.written : Phase.segments)
    }

    /// `_initialize`, as WASI calls it: once, before anything else of an instance. A program that begins at `_start` has
    /// none.
    private func initializer(_ active: ActiveProcess, _ number: Int) throws -> Int? {
        let module = active.instances[number].module.compiled
        let isCalled = try objects.get(active.cell, ProcessRecord.isCalled) != 0
        guard !isCalled, case .function(let index)? = module.module.export(named: "_initialize")?.kind else {
            return nil
        }
        guard number + 1 == active.instances.count else { return index }
        let entry = Int(try objects.get(active.cell, ProcessRecord.entryFunction))
        if case .function(entry)? = module.module.export(named: "_start")?.kind { return nil }
        return entry == index ? nil : index
    }

    private func followInstance(_ active: ActiveProcess, _ number: Int) throws -> Next? {
        if number + 1 < active.instances.count {
            try instantiate(active, number + 1)
            return nil
        }
        if try objects.get(active.cell, ProcessRecord.isCalled) != 0 {
            try setPhase(active, Phase.idle)
            return .idle
        }
        let instance = Int(try objects.get(active.cell, ProcessRecord.entryInstance))
        let function = Int(try objects.get(active.cell, ProcessRecord.entryFunction))
        try enter(active, function, of: instance, phase: Phase.entry)
        return nil
    }

    /// The entry function returned.
    private func ended(_ active: ActiveProcess) throws -> Next {
        guard try objects.get(active.cell, ProcessRecord.isCalled) != 0 else { return .exited(code: 0) }
        let instance = Int(try objects.get(active.cell, ProcessRecord.entryInstance))
        let function = Int(try objects.get(active.cell, ProcessRecord.entryFunction))
        active.resultCount = active.instances[instance].module.compiled.type(ofFunction: function).results.count
        try setPhase(active, Phase.idle)
        return .idle
    }

    /// Enters a function that has no caller, wherever it is defined; the host's own cannot be.
    func enter(
        _ active: ActiveProcess, _ function: Int, of instance: Int, arguments: [UInt64] = [], phase: UInt8
    ) throws {
        guard let (number, index) = active.definition(ofFunction: function, of: instance) else {
            preconditionFailure("a function of the host has a caller")
        }
        let module = active.instances[number].module.compiled
        try buyStack(active, slots: active.activation.globalSlots + module.frameSlots(ofFunction: index))
        active.activation.enter(function: index, arguments: arguments, instance: number)
        active.resultCount = 0
        try setPhase(active, phase)
    }
}
