// Timers: the processes that wait for a moment of the world's monotonic clock, as a list through the records (their
// queue links are free while they wait).
//
// TIMER-1  A process is on the list exactly while it is waiting and what it waits for includes the timer.

import Objects

extension Kernel {
    /// Lets the running process wait for input, for a deadline (monotonic nanoseconds of the world), or for either.
    package func wait(_ process: CellID, input: Bool, deadline: UInt64?) throws {
        let record = try objects.mutableCell(process)
        record.store((input ? Waiting.input : 0) | (deadline == nil ? 0 : Waiting.timer), ProcessRecord.waitsFor)
        record.store(deadline ?? 0, ProcessRecord.deadline)
        try setState(of: process, to: .waiting)
        if deadline != nil { try arm(process) }
    }

    private func arm(_ process: CellID) throws {
        try list(process, on: WorldPage.timerFirst)
        nextDeadline = nil
    }

    /// Takes a process that stops waiting off the list.
    func disarm(_ process: CellID) throws {
        try unlist(process, from: WorldPage.timerFirst)
        nextDeadline = nil
    }

    package var isTimerArmed: Bool { get throws { try objects.world(WorldPage.timerFirst) != 0 } }

    /// The earliest deadline of all armed timers; nil where none is armed. O(armed) after a change, else constant.
    package func earliestDeadline() throws -> UInt64? {
        if let nextDeadline { return nextDeadline }
        var least: UInt64?
        try forEachTimer { least = min(least ?? .max, try objects.get($0, ProcessRecord.deadline)) }
        nextDeadline = least
        return least
    }

    /// Makes ready whatever waited for a moment up to `now`, in the order of their deadlines, then of their ids.
    package func expireTimers(now: UInt64) throws {
        var due: [(deadline: UInt64, id: UInt64, process: CellID)] = []
        try forEachTimer { process in
            let record = try objects.cell(process)
            let deadline = record.load(ProcessRecord.deadline)
            if deadline <= now { due.append((deadline, record.load(ProcessRecord.id), process)) }
        }
        for each in due.sorted(by: { ($0.deadline, $0.id) < ($1.deadline, $1.id) }) {
            try setState(of: each.process, to: .ready)
        }
    }

    private func forEachTimer(_ body: (CellID) throws -> Void) throws {
        var each = CellID(rawValue: try objects.world(WorldPage.timerFirst))
        while !each.isNone {
            let next = try objects.link(each, ProcessRecord.queueNext)
            try body(each)
            each = next
        }
    }
}
