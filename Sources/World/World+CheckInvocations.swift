// The part of the consistency check that is about invocations: who stands in whose queue, and who can answer whom.

import Kernel
import Objects

extension Checker {
    /// INVOKE-1 and INVOKE-2.
    mutating func checkInvocations() throws {
        var queued: Set<CellID> = []
        var copies: [UInt64: UInt32] = [:]
        for process in processes {
            try followCallers(of: process, &queued)
            for index in 0..<ProcessRecord.registerCount {
                let key = try objects.cell(process).loadKey(at: ProcessRecord.registers + Key.bytes * index)
                try count(key, &copies)
            }
        }
        for (cell, kind) in kinds where kind.isBought {
            for index in 0..<kind.heldKeys {
                try count(try objects.cell(cell).loadKey(at: NodeRecord.keys + Key.bytes * index), &copies)
            }
        }
        for process in processes where try !world.kernel.isGoing(process: process) {
            try checkInvocation(of: process, isQueued: queued.contains(process), copies)
        }
    }

    /// KEEPER-1.
    mutating func checkKeepers() throws {
        for (cell, kind) in kinds {
            let record = try objects.cell(cell)
            let isSound: Bool
            switch kind {
            case .process: isSound = Self.isKeeper(record, at: ProcessRecord.keeper)
            case .instance: isSound = Self.isKeeper(record, at: InstanceRecord.keeper)
            case .meter: isSound = Self.isKeeper(record, at: MeterRecord.keeper)
            case .bank:
                isSound =
                    record.load(BankRecord.keeperProcess) != 0
                    || record.load(BankRecord.keeperBadge) == 0 && record.load(BankRecord.keeperRights) == 0
            case .node, .module, .forwarder: isSound = true
            }
            if !isSound { report("KEEPER-1", "\(kind) \(cell)", "what names its keeper is no start key") }
        }
    }

    private static func isKeeper(_ record: UnsafeRawPointer, at offset: Int) -> Bool {
        // What is no kind of key would be read as void.
        let kind = KeyKind(rawValue: record.load(fromByteOffset: offset, as: UInt8.self))
        return kind == .void ? record.loadKey(at: offset) == .void : kind == .start
    }

    private func count(_ key: Key, _ copies: inout [UInt64: UInt32]) throws {
        if key.kind == .resume, try !objects.isVoid(key) { copies[key.id, default: 0] += 1 }
    }

    private mutating func checkInvocation(
        of process: CellID, isQueued: Bool, _ copies: [UInt64: UInt32]
    ) throws {
        let record = try objects.cell(process)
        let name = "process \(record.load(ProcessRecord.name))"
        let raw = record.load(ProcessRecord.invocationPhase)
        guard let phase = InvocationPhase(rawValue: raw) else {
            return report("INVOKE-1", name, "its invocation is in phase \(raw), which there is not")
        }
        let state = RunState(rawValue: record.load(ProcessRecord.state))
        let waits =
            record.load(ProcessRecord.waitsFor)
            & (Waiting.reply | Waiting.message | Waiting.turn | Waiting.keeper | Waiting.durable)
        if isQueued != phase.isQueued {
            report("INVOKE-1", name, "it stands in \(isQueued ? "a" : "no") queue, and its record says otherwise")
        }
        if waits != (state == .waiting ? phase.reason ?? 0 : 0) {
            report("INVOKE-1", name, "it waits for \(waits) in phase \(raw) of an invocation")
        }
        guard phase != .none else { return }
        let kind = record.load(ProcessRecord.invocationKind)
        if phase.isKept {
            if KeeperSlot(rawValue: record.load(ProcessRecord.invokedRegister)) == nil {
                report("KEEPER-2", name, "it waits for a keeper of no kind that there is")
            }
        } else if InvocationKind(rawValue: kind) == nil {
            report("INVOKE-1", name, "its invocation is of kind \(kind)")
        }
        let instance = record.load(ProcessRecord.messageInstance)
        if instance >= record.load(ProcessRecord.instanceCount) {
            report("INVOKE-1", name, "its messages lie in instance \(instance), which it has not")
        }
        if state == .exited || state == .faulted { report("INVOKE-1", name, "it is over and stands in an invocation") }
        guard phase.isAnswered else { return }
        let counted = record.load(ProcessRecord.resumeCopies)
        let found = copies[record.load(ProcessRecord.id), default: 0]
        if counted != found || found == 0 && state == .waiting {
            report("INVOKE-2", name, "it counts \(counted) keys that answer it, and there are \(found)")
        }
    }

    /// The ring of those who stand before a process, which has to lead through processes and back.
    private mutating func followCallers(of server: CellID, _ queued: inout Set<CellID>) throws {
        let name = "process \(try objects.name(server, ProcessRecord.name))"
        let last = try objects.link(server, ProcessRecord.callersLast)
        var previous = server
        var each = try objects.link(server, ProcessRecord.callersFirst)
        if each.isNone != last.isNone { report("INVOKE-1", name, "its queue has one end") }
        while !each.isNone {
            guard kinds[each] == .process, queued.insert(each).inserted else {
                return report("INVOKE-1", name, "its queue leads to what is no process, or in a circle")
            }
            if try objects.link(each, ProcessRecord.queuePrevious) != previous {
                report("INVOKE-1", name, "its queue does not lead back")
            }
            previous = each
            each = try objects.link(each, ProcessRecord.queueNext)
            guard previous == last else { continue }
            if each != server { report("INVOKE-1", name, "its queue does not end at itself") }
            return
        }
    }
}
