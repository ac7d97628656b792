// The part of the consistency check that is about processes: lists, table, queues, streams, stacks, modules.

import Kernel
import Objects
import Store

extension Checker {
    mutating func checkProcesses() throws {
        var listed: Set<CellID> = []
        var names: Set<String> = []
        var previous = CellID.none
        var each = CellID(rawValue: try objects.world(WorldPage.processFirst))
        while !each.isNone, listed.insert(each).inserted {
            let record = try objects.cell(each)
            let name = "process \(record.load(ProcessRecord.name))"
            if record.load(ProcessRecord.previous) != previous.rawValue {
                report("PROC-1", name, "the list of processes is broken before it")
            }
            if !names.insert(record.load(ProcessRecord.name)).inserted {
                report("PROC-1", name, "its name is not its own")
            }
            try checkProcess(each, name)
            previous = each
            each = try objects.link(each, ProcessRecord.next)
        }
        if try objects.world(WorldPage.processLast) != previous.rawValue {
            report("PROC-1", "world page", "the last process is not the list's last")
        }
        if listed != Set(processes) {
            report("PROC-1", "world page", "\(listed.count) processes are listed and \(processes.count) are there")
        }
        if try objects.world(WorldPage.processCount) != UInt64(listed.count) {
            report("PROC-1", "world page", "it counts \(try objects.world(WorldPage.processCount)) processes")
        }
    }

    private mutating func checkProcess(_ process: CellID, _ name: String) throws {
        let record = try objects.cell(process)
        if try world.kernel.process(id: record.load(ProcessRecord.id)) != process {
            report("PROC-1", name, "the process table does not name it")
        }
        if RunState(rawValue: record.load(ProcessRecord.state)) == nil {
            report("PROC-2", name, "its state is \(record.load(ProcessRecord.state))")
        }
        let log = record.load(ProcessRecord.logTail) &- record.load(ProcessRecord.logHead)
        if log > record.load(ProcessRecord.streamBound) { report("STREAM-1", name, "its log exceeds its bound") }
        let input = record.load(ProcessRecord.inputWrite) &- record.load(ProcessRecord.inputRead)
        if input > record.load(ProcessRecord.inputBound) { report("STREAM-2", name, "its input exceeds its bound") }
        let entries = try world.kernel.readLog(process, since: 0, limitBytes: .max)
        let fields = try objects.cell(process)
        let sequences = entries.map(\.sequence)
        if sequences != Array(fields.load(ProcessRecord.logOldest)..<fields.load(ProcessRecord.logNext)) {
            report("STREAM-1", name, "its log's records do not follow each other")
        }
        for index in 0..<ProcessRecord.registerCount {
            let key = try objects.cell(process).loadKey(at: ProcessRecord.registers + Key.bytes * index)
            if key != .void { keys += 1 }
        }
        try checkStack(process, name)
        try checkSpaces(process, name)
    }

    /// STACK-1: above the slots in use, the stored stack is zero.
    private mutating func checkStack(_ process: CellID, _ name: String) throws {
        let stack = Space(.stack, of: process)
        let live = Int(try objects.get(process, ProcessRecord.liveSlots)) * 8
        var page: UInt64 = 0
        while let id = try objects.page(page, of: stack) {
            let from = max(0, min(4096, live - Int(page) * 4096))
            let rest = UnsafeRawBufferPointer(start: try objects.read(id) + from, count: 4096 - from)
            if rest.contains(where: { $0 != 0 }) {
                report("STACK-1", name, "page \(page) of its stack is not zero above slot \(live / 8)")
            }
            page += 1
        }
    }

    /// SPACE-1: the strips that a process's spaces name are its own.
    private mutating func checkSpaces(_ process: CellID, _ name: String) throws {
        for space in world.kernel.spaces(of: process) {
            for strip in try objects.strips(of: space) {
                let record = try objects.record(of: strip)
                if record.load(StripRecord.owner) != process.rawValue
                    || record.load(StripRecord.space) != space.kind.code
                {
                    report("SPACE-1", name, "strip \(strip.index) of its \(space.kind) says it is another's")
                }
            }
        }
    }

    mutating func checkQueues() throws {
        let ready = try follow(WorldPage.readyFirst, "READY-1")
        let timers = try follow(WorldPage.timerFirst, "TIMER-1")
        let running = CellID(rawValue: try objects.world(WorldPage.running))
        for process in processes {
            let record = try objects.cell(process)
            let name = "process \(record.load(ProcessRecord.name))"
            let state = RunState(rawValue: record.load(ProcessRecord.state))
            if (state == .ready && process != running) != ready.contains(process) {
                report("READY-1", name, "it is \(ready.contains(process) ? "" : "not ")in the ready queue")
            }
            let isTimed = state == .waiting && record.load(ProcessRecord.waitsFor) & Waiting.timer != 0
            if isTimed != timers.contains(process) {
                report("TIMER-1", name, "it is \(timers.contains(process) ? "" : "not ")on the list of timers")
            }
        }
    }

    private mutating func follow(_ first: Field<UInt64>, _ invariant: String) throws -> Set<CellID> {
        var found: Set<CellID> = []
        var each = CellID(rawValue: try objects.world(first))
        while !each.isNone {
            guard processes.contains(each), found.insert(each).inserted else {
                report(invariant, "\(each)", "the queue leads to what is no process, or in a circle")
                break
            }
            each = try objects.link(each, ProcessRecord.queueNext)
        }
        return found
    }

    mutating func checkModules() throws {
        var users: [CellID: UInt64] = [:]
        for process in processes { users[try objects.link(process, ProcessRecord.module), default: 0] += 1 }
        for module in modules {
            let count = try objects.get(module, ModuleRecord.processes)
            if count != users[module, default: 0] {
                report(
                    "MODULE-1", "module \(module)",
                    "it counts \(count) processes and \(users[module, default: 0]) run it")
            }
        }
        if try objects.world(WorldPage.moduleCount) != UInt64(modules.count) {
            report("MODULE-1", "world page", "it counts \(try objects.world(WorldPage.moduleCount)) modules")
        }
    }
}
