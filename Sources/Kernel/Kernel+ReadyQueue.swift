// The ready queue: round robin over the processes that can run, as a list through their records.
//
// READY-1  A process is in the queue exactly while its state is ready and it is not the running one.

import Objects

extension Kernel {
    /// Puts a process at the end of the queue.
    func enqueue(_ process: CellID) throws {
        let last = CellID(rawValue: try objects.world(WorldPage.readyLast))
        let record = try objects.mutableCell(process)
        record.store(0, ProcessRecord.queueNext)
        record.store(last.rawValue, ProcessRecord.queuePrevious)
        if last.isNone {
            try objects.setWorld(WorldPage.readyFirst, process.rawValue)
        } else {
            try objects.setLink(last, ProcessRecord.queueNext, process)
        }
        try objects.setWorld(WorldPage.readyLast, process.rawValue)
    }

    /// Takes a process out of the queue, wherever it stands.
    func dequeue(_ process: CellID) throws {
        let next = try objects.link(process, ProcessRecord.queueNext)
        let previous = try objects.link(process, ProcessRecord.queuePrevious)
        if next.isNone {
            try objects.setWorld(WorldPage.readyLast, previous.rawValue)
        } else {
            try objects.setLink(next, ProcessRecord.queuePrevious, previous)
        }
        if previous.isNone {
            try objects.setWorld(WorldPage.readyFirst, next.rawValue)
        } else {
            try objects.setLink(previous, ProcessRecord.queueNext, next)
        }
        let record = try objects.mutableCell(process)
        record.store(0, ProcessRecord.queueNext)
        record.store(0, ProcessRecord.queuePrevious)
    }

    /// The process whose quantum is under way; where there is none, the first of the queue, with a new quantum. Nil where there
    /// is none; nil too while banks are going and the first many of the queue were theirs: then it is asked again.
    package func processToRun() throws -> CellID? {
        let running = CellID(rawValue: try objects.world(WorldPage.running))
        if !running.isNone { return running }
        let areGoing = try objects.world(WorldPage.goingFirst) != 0
        let hasSold = try objects.world(WorldPage.hasSold) != 0
        guard try areGoing || hasSold || objects.world(WorldPage.readyFirst) != 0 else { return nil }
        // Whatever changes without an input changes in a turn (JRNL-1).
        try objects.setWorld(WorldPage.turn, try objects.world(WorldPage.turn) &+ 1)
        if areGoing {
            let steps = max(1, try objects.world(WorldPage.quantumGas) / gasOfStep)
            for _ in 0..<steps where try hasGoingBanks { try takeGoingApart() }
        }
        if try objects.world(WorldPage.hasSold) != 0 { try wakeFrozenForSpace() }
        var first = CellID(rawValue: try objects.world(WorldPage.readyFirst))
        var stopped = 0
        while try !first.isNone && isGoing(process: first) {
            // More of them than a step is worth wait for the next one.
            if stopped == 64 { return nil }
            stopped += 1
            try setState(of: first, to: .stopped)
            first = CellID(rawValue: try objects.world(WorldPage.readyFirst))
        }
        if first.isNone { return nil }
        let turn = try takeTurn()
        try dequeue(turn.process)
        try objects.setWorld(WorldPage.running, turn.process.rawValue)
        try objects.setWorld(WorldPage.clockSampled, 0)
        try objects.set(turn.process, ProcessRecord.quantumLeft, turn.gas)
        return turn.process
    }

    /// The first of the queue that has its turn, and the turn's gas; those that pass go to the end. There is one.
    private func takeTurn() throws -> (process: CellID, gas: UInt64) {
        let gas = try objects.world(WorldPage.quantumGas)
        let first = CellID(rawValue: try objects.world(WorldPage.readyFirst))
        guard let quantumPolicy else { return (first, gas) }
        var process = first
        repeat {
            if let turn = quantumPolicy(try view(process)) { return (process, max(1, turn.gas)) }
            try dequeue(process)
            try enqueue(process)
            process = CellID(rawValue: try objects.world(WorldPage.readyFirst))
        } while process != first
        return (first, gas)
    }

    /// A process as a policy sees it.
    private func view(_ process: CellID) throws -> ReadyFigures {
        let weight = try weight(ofMeter: meter(of: process))
        let gas = try objects.world(WorldPage.quantumGas)
        let record = try objects.cell(process)
        return ReadyFigures(
            id: record.load(ProcessRecord.id), name: record.load(ProcessRecord.name),
            gasUsed: record.load(ProcessRecord.gasUsed), quantumGas: gas, weight: weight)
    }

    /// Turns that follow each other, for a process that uses them up.
    private func turnsAtATime(_ process: CellID) throws -> UInt32 {
        guard let turn = try quantumPolicy?(view(process)) else {
            return try weight(ofMeter: meter(of: process))
        }
        return turn.atATime
    }

    /// Ends the running process's quantum. If it is ready still it goes to the end of the queue, or, where it has used the
    /// quantum up and its weight gives it more, back to its beginning.
    package func endQuantum() throws {
        let running = CellID(rawValue: try objects.world(WorldPage.running))
        precondition(!running.isNone, "a quantum ends once")
        try objects.setWorld(WorldPage.running, 0)
        let record = try objects.mutableCell(running)
        let isUsedUp = record.load(ProcessRecord.quantumLeft) == 0
        record.store(0, ProcessRecord.quantumLeft)
        let taken = record.load(ProcessRecord.quantaTaken) &+ 1
        let isReady = try state(of: running) == .ready
        let hasMore = try isReady && isUsedUp && taken < turnsAtATime(running)
        try objects.set(running, ProcessRecord.quantaTaken, hasMore ? taken : 0)
        if hasMore {
            try enqueueFirst(running)
        } else if isReady {
            try enqueue(running)
        }
    }

    /// The most quanta that a process has at a time.
    package static let weightBound: UInt32 = 1_000

    private func enqueueFirst(_ process: CellID) throws {
        if try objects.world(WorldPage.readyFirst) == 0 { return try enqueue(process) }
        try list(process, on: WorldPage.readyFirst)
    }

    package func state(of process: CellID) throws -> RunState {
        let raw = try objects.get(process, ProcessRecord.state)
        guard let state = RunState(rawValue: raw) else {
            throw ObjectsError.damaged(
                invariant: "PROC-1", object: "\(process)", text: "its state is \(raw), which there is not")
        }
        return state
    }

    /// Whether it is the process whose quantum is under way.
    package func isRunning(_ process: CellID) throws -> Bool {
        try objects.world(WorldPage.running) == process.rawValue
    }

    /// Changes a process's state, into or out of the queue and lists as READY-1, TIMER-1 and FROZEN-1 ask.
    package func setState(of process: CellID, to state: RunState) throws {
        let old = try self.state(of: process)
        guard old != state else { return }
        try change(process, from: old, to: state)
        try tellChange(of: process, from: old, to: state)
    }

    /// The same, without a word to anybody.
    func change(_ process: CellID, from old: RunState, to state: RunState) throws {
        let isRunning = try isRunning(process)
        if old == .ready && !isRunning { try dequeue(process) }
        if let list = list(of: old) { try unlist(process, from: list) }
        if old == .waiting {
            let waits = try objects.get(process, ProcessRecord.waitsFor)
            if waits & Waiting.timer != 0 { try disarm(process) }
            if waits == Waiting.turn {
                try leaveQueue(process)
                try dropInvocation(of: process)
            }
            if waits == Waiting.durable {
                try leaveDurability(process)
                // Who was not answered asks anew.
                if try objects.invocationPhase(of: process).isUntilDurable { try dropInvocation(of: process) }
            }
            let record = try objects.mutableCell(process)
            record.store(0, ProcessRecord.waitsFor)
            record.store(0, ProcessRecord.deadline)
        }
        // Who is started tries again, and waits for its keeper no more.
        if old == .stopped, state == .ready, try objects.invocationPhase(of: process) == .kept {
            try leaveKeeper(process)
        }
        try objects.set(process, ProcessRecord.state, state.rawValue)
        if state != .ready { try objects.set(process, ProcessRecord.quantaTaken, 0) }
        if state == .ready && !isRunning { try enqueue(process) }
        if let list = list(of: state) { try self.list(process, on: list) }
        if census != nil { try noteChange(of: process, from: old, to: state) }
    }
}
