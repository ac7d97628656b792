// From what the kernel tells to what a person reads: names, paths and faults are looked up while the object is there.
// While no boot runs nobody is told, and nothing is looked up.

import Kernel
import Machine
import Objects
import Store

extension World {
    /// From now on what happens is in `events`. What an observer looks up the kernel has just touched itself, so that it
    /// fails of nothing that the act would not have failed of.
    func beginEvents(_ kind: WorldEvent.Kind, behind checkpoint: CheckpointAnswer? = nil) throws {
        events.record(try event(kind, id: checkpoint?.id, name: checkpoint?.name))
        kernel.observer = { [unowned self] occurrence in events.record(try event(of: occurrence)) }
    }

    /// The run is over, for whatever reason: what is left to do is to make it durable.
    func noteHalting() {
        // A world page that cannot be read any more has no clock to tell; whoever booted is told why.
        guard case .success(let halting) = Result(catching: { try event(.worldHalting) }) else { return }
        events.record(halting)
    }

    func endEvents() {
        kernel.observer = nil
        events.end()
    }

    func noteDurable(_ checkpoint: CheckpointAnswer) throws {
        guard isBooting else { return }
        var durable = try event(.checkpointDurable, id: checkpoint.id, name: checkpoint.name)
        durable.commitMilliseconds = checkpoint.commitMilliseconds
        durable.bytesWritten = checkpoint.bytesWritten
        events.record(durable)
    }

    /// Files of the journal are not kept, for this reason; told once as long as it is so.
    func noteNotKept(_ failure: StoreError?) throws {
        defer { journal.hasToldNotKept = failure != nil }
        guard let failure, !journal.hasToldNotKept else { return }
        var told = try event(.journalNotKept)
        told.fault = failure.description
        events.record(told)
    }

    private func event(
        _ kind: WorldEvent.Kind, id: UInt64? = nil, name: String? = nil, path: String? = nil
    ) throws -> WorldEvent {
        WorldEvent(
            kind, time: Double(time.realtime) / 1e9, gasClock: try objects.world(WorldPage.gasClock), id: id,
            name: name, path: path)
    }

    private func event(of occurrence: Occurrence) throws -> WorldEvent {
        switch occurrence {
        case .processMade(let process):
            var made = try event(.processMade, process)
            made.bank = try kernel.path(ofBank: try objects.link(process, ProcessRecord.bank))
            made.meter = try meterPath(process)
            return made
        case .processMoved(let process):
            var moved = try event(.processMoved, process)
            moved.bank = try kernel.path(ofBank: try objects.link(process, ProcessRecord.bank))
            moved.meter = try meterPath(process)
            return moved
        case .processEnded(let process):
            if try kernel.state(of: process) == .faulted {
                var faulted = try event(.processFaulted, process)
                faulted.fault = Machine.trapText(try objects.get(process, ProcessRecord.trap))
                return faulted
            }
            var exited = try event(.processExited, process)
            exited.exitCode = try objects.get(process, ProcessRecord.exitCode)
            return exited
        case .processFrozen(let process):
            let isForGas = try kernel.state(of: process) == .frozenGas
            return try event(isForGas ? .processFrozenGas : .processFrozenSpace, process)
        case .processThawed(let process): return try event(.processReady, process)
        case .processStopped(let process): return try event(.processStopped, process)
        case .processResumed(let process): return try event(.processResumed, process)
        case .processRemoved(let id, let name): return try event(.processRemoved, id: id, name: name)
        case .bankMade(let bank): return try event(.bankMade, bank: bank)
        case .bankChanged(let bank): return try event(.bankChanged, bank: bank)
        case .bankDestroyed(let path): return try event(.bankDestroyed, path: path)
        case .bankReturned(let path): return try event(.bankReturned, path: path)
        case .meterDestroyed(let path): return try event(.meterDestroyed, path: path)
        case .meterMade(let meter): return try event(.meterMade, meter: meter)
        case .meterChanged(let meter): return try event(.meterChanged, meter: meter)
        case .meterRefilled(let meter, let gas):
            var refilled = try event(.meterRefilled, meter: meter)
            refilled.gas = gas
            return refilled
        }
    }

    /// Path of the process's meter; nil where that is gone.
    private func meterPath(_ process: CellID) throws -> String? {
        let meter = try kernel.meter(of: process)
        return meter.isNone ? nil : try kernel.path(ofMeter: meter)
    }

    private func event(_ kind: WorldEvent.Kind, _ process: CellID) throws -> WorldEvent {
        try event(
            kind, id: try objects.get(process, ProcessRecord.id), name: try objects.name(process, ProcessRecord.name))
    }

    private func event(_ kind: WorldEvent.Kind, bank: CellID) throws -> WorldEvent {
        try event(
            kind, name: try objects.name(bank, BankRecord.name), path: try kernel.path(ofBank: bank))
    }

    private func event(_ kind: WorldEvent.Kind, meter: CellID) throws -> WorldEvent {
        try event(
            kind, name: try objects.name(meter, MeterRecord.name), path: try kernel.path(ofMeter: meter))
    }
}
