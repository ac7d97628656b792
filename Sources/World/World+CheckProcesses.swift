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
        while !each.isNone {
            guard kinds[each] == .process, listed.insert(each).inserted else {
                report("PROC-1", "\(each)", "the list of processes leads to what is no process, or in a circle")
                break
            }
            let record = try objects.cell(each)
            let name = "process \(record.load(ProcessRecord.name))"
            if record.load(ProcessRecord.previous) != previous.rawValue {
                report("PROC-1", name, "the list of processes is broken before it")
            }
            let isGoing = try world.kernel.isGoing(process: each)
            if !isGoing, !names.insert(record.load(ProcessRecord.name)).inserted {
                report("PROC-1", name, "its name is not its own")
            }
            try checkProcess(each, name, isGoing: isGoing)
            previous = each
            each = try objects.link(each, ProcessRecord.next)
        }
        if try objects.world(WorldPage.processLast) != previous.rawValue {
            report("PROC-1", "world page", "the last process is not the list's last")
        }
        // The processes of a destroyed bank go before their instances.
        let owned = try instances.filter { try !isOfGoingBank($0) || listedInstances.contains($0) }
        if listedInstances != Set(owned) {
            report(
                "INST-1", "world page", "\(listedInstances.count) instances are listed and \(owned.count) are there")
        }
        listedProcesses = listed
        if listed != Set(processes) {
            report("PROC-1", "world page", "\(listed.count) processes are listed and \(processes.count) are there")
        }
        if try objects.world(WorldPage.processCount) != UInt64(listed.count) {
            report("PROC-1", "world page", "it counts \(try objects.world(WorldPage.processCount)) processes")
        }
    }

    private mutating func checkProcess(_ process: CellID, _ name: String, isGoing: Bool) throws {
        let record = try objects.cell(process)
        if try objects.processCell(id: record.load(ProcessRecord.id)) != process {
            report("PROC-1", name, "the process table does not name it")
        }
        if RunState(rawValue: record.load(ProcessRecord.state)) == nil {
            report("PROC-2", name, "its state is \(record.load(ProcessRecord.state))")
        }
        try checkLog(process, name)
        let input = record.load(ProcessRecord.inputWrite) &- record.load(ProcessRecord.inputRead)
        if input > record.load(ProcessRecord.inputBound) { report("STREAM-2", name, "its input exceeds its bound") }
        for index in 0..<ProcessRecord.registerCount {
            let key = try objects.cell(process).loadKey(at: ProcessRecord.registers + Key.bytes * index)
            if key != .void { keys += 1 }
        }
        try checkStack(process, name)
        let before = problems.count
        try checkInstances(process, name)
        try checkSpaces(world.kernel.spaces(of: process), name)
        try checkCount(process, name)
        // What names other objects' cells and pages is not followed further.
        if problems.count == before && !isGoing { try checkComputation(process) }
    }

    /// COUNT-1 of a process.
    private mutating func checkCount(_ process: CellID, _ name: String) throws {
        var spaces = world.kernel.spaces(of: process)
        for instance in try world.kernel.instances(of: process) {
            spaces += world.kernel.spaces(ofInstance: instance)
        }
        var pages: UInt64 = 0
        for space in spaces { pages += try objects.countPages(of: space) }
        let counted = try objects.get(process, ProcessRecord.pages)
        if counted != pages { report("COUNT-1", name, "it counts \(counted) pages and has \(pages)") }
    }

    /// INST-2, MODULE-2, STACK-2: the machine can go on from what the process's record and spaces hold.
    private mutating func checkComputation(_ process: CellID) throws {
        do {
            try world.machine.verify(process)
        } catch ObjectsError.damaged(let invariant, let object, let text) {
            report(invariant, object, text)
        }
    }

    /// INST-1, SPACE-1: the process's instances, one by one, and what they hold.
    private mutating func checkInstances(_ process: CellID, _ name: String) throws {
        var number: UInt32 = 0
        var previous = CellID.none
        var each = CellID(rawValue: try objects.cell(process).load(ProcessRecord.firstInstance))
        while !each.isNone {
            guard kinds[each] == .instance, listedInstances.insert(each).inserted else {
                report("INST-1", name, "its list of instances leads to what is none, or in a circle")
                return
            }
            let record = try objects.cell(each)
            if record.load(InstanceRecord.process) != process.rawValue || record.load(InstanceRecord.number) != number {
                report("INST-1", name, "instance \(number) on its list is another")
            }
            try checkSpaces(world.kernel.spaces(ofInstance: each), "instance \(number) of \(name)")
            number += 1
            previous = each
            each = CellID(rawValue: try objects.cell(each).load(InstanceRecord.next))
        }
        let record = try objects.cell(process)
        if number == 0 || record.load(ProcessRecord.instanceCount) != number
            || record.load(ProcessRecord.lastInstance) != previous.rawValue
        {
            report("INST-1", name, "its list of instances is not as long as it says")
        }
    }

    /// STREAM-1: the log's records, one by one, where its bounds make sense.
    private mutating func checkLog(_ process: CellID, _ name: String) throws {
        let record = try objects.cell(process)
        let bound = record.load(ProcessRecord.streamBound)
        let head = record.load(ProcessRecord.logHead)
        let tail = record.load(ProcessRecord.logTail)
        guard bound > 0, bound % 4096 == 0, tail < 1 << 62, head <= tail, tail - head <= bound else {
            report("STREAM-1", name, "its log exceeds its bound")
            return
        }
        let entries = try world.kernel.readLog(process, since: 0, limitBytes: .max)
        var sequence = try objects.get(process, ProcessRecord.logOldest)
        for entry in entries {
            if entry.sequence != sequence { report("STREAM-1", name, "record \(sequence) of its log is missing") }
            sequence = entry.sequence &+ 1
        }
        if try objects.get(process, ProcessRecord.logNext) != sequence {
            report("STREAM-1", name, "its log ends before record \(try objects.get(process, ProcessRecord.logNext))")
        }
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

    /// SPACE-1: the strips that spaces name are their own.
    private mutating func checkSpaces(_ spaces: [Space], _ name: String) throws {
        for space in spaces {
            for strip in try objects.strips(of: space) {
                let record = try objects.record(of: strip)
                if record.load(StripRecord.owner) != space.owner.rawValue
                    || record.load(StripRecord.space) != space.kind.code
                {
                    report("SPACE-1", name, "strip \(strip.index) of its \(space.kind) says it is another's")
                }
            }
        }
    }

    mutating func checkQueues() throws {
        let ready = try follow(WorldPage.readyFirst, last: WorldPage.readyLast, "READY-1", .queue)
        let timers = try follow(WorldPage.timerFirst, last: nil, "TIMER-1", .queue)
        let durable = try follow(WorldPage.durableFirst, last: nil, "DURABLE-1", .queue)
        let frozenForGas = try follow(WorldPage.frozenGasFirst, last: nil, "FROZEN-1", .queue)
        let frozenForSpace = try follow(WorldPage.frozenSpaceFirst, last: nil, "FROZEN-1", .queue)
        let running = CellID(rawValue: try objects.world(WorldPage.running))
        for process in processes {
            let record = try objects.cell(process)
            let name = "process \(record.load(ProcessRecord.name))"
            let state = RunState(rawValue: record.load(ProcessRecord.state))
            if (state == .ready && process != running) != ready.contains(process) {
                report("READY-1", name, "it is \(ready.contains(process) ? "" : "not ")in the ready queue")
            }
            let isTimed = state == .waiting && record.load(ProcessRecord.waitsFor) & Waiting.timer != 0
            let isUntilDurable = state == .waiting && record.load(ProcessRecord.waitsFor) == Waiting.durable
            if isUntilDurable != durable.contains(process) {
                report(
                    "DURABLE-1", name, "it is \(isUntilDurable ? "not " : "")on the list of those who wait for a sync")
            } else if isUntilDurable, record.load(ProcessRecord.deadline) > (try objects.world(WorldPage.durableNumber))
            {
                report("DURABLE-1", name, "it waits for a sync as one who never began to")
            }
            for (frozen, list) in [(RunState.frozenGas, frozenForGas), (.frozenSpace, frozenForSpace)]
            where (state == frozen) != list.contains(process) {
                let side = list.contains(process) ? "" : "not "
                report("FROZEN-1", name, "it is \(side)on the list of its kind of frozen")
            }
            if isTimed != timers.contains(process) {
                report("TIMER-1", name, "it is \(timers.contains(process) ? "" : "not ")on the list of timers")
            }
        }
    }

    /// Where a list through the records of processes has its links.
    struct ProcessLinks {
        let next: Field<UInt64>
        let previous: Field<UInt64>

        static let queue = ProcessLinks(next: ProcessRecord.queueNext, previous: ProcessRecord.queuePrevious)
        static let workingSet = ProcessLinks(next: ProcessRecord.loadedNext, previous: ProcessRecord.loadedPrevious)
    }

    /// The processes of a list, whose links must lead back as they lead there.
    mutating func follow(
        _ first: Field<UInt64>, last: Field<UInt64>?, _ invariant: String, _ links: ProcessLinks
    ) throws -> Set<CellID> {
        var found: Set<CellID> = []
        var previous = CellID.none
        var each = CellID(rawValue: try objects.world(first))
        while !each.isNone {
            guard kinds[each] == .process, found.insert(each).inserted else {
                report(invariant, "\(each)", "the list leads to what is no process, or in a circle")
                return found
            }
            if try objects.link(each, links.previous) != previous {
                report(invariant, "\(each)", "the list does not lead back from it")
            }
            previous = each
            each = try objects.link(each, links.next)
        }
        if let last, try objects.world(last) != previous.rawValue {
            report(invariant, "world page", "the list's last process is not the one that it names")
        }
        return found
    }
}
