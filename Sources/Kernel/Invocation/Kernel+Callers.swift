// The queue of a process that is not available: those who invoked it and stand until it is. A ring through the links that the ready queue
// uses while they are ready, closed by the process itself: whoever leaves it finds it there.

import Objects

extension Kernel {
    /// Who has stood there longest; nil: nobody. Those whose bank is going leave the queue and stand still.
    func nextCaller(of server: CellID) throws -> CellID? {
        while case let caller = try objects.link(server, ProcessRecord.callersFirst), !caller.isNone {
            guard try isGoing(process: caller) else { return caller }
            try leaveQueue(caller)
            try forgetInvocation(of: caller)
        }
        return nil
    }

    /// The process stands at the end of the queue of who it invokes.
    func enterQueue(_ process: CellID) throws {
        guard let server = try serverToStandBefore(process) else {
            throw ObjectsError.damaged(
                invariant: "INVOKE-1", object: "\(process)", text: "it is to stand before a process, and invokes none")
        }
        let last = try objects.link(server, ProcessRecord.callersLast)
        let record = try objects.mutableCell(process)
        record.store(server.rawValue, ProcessRecord.queueNext)
        record.store((last.isNone ? server : last).rawValue, ProcessRecord.queuePrevious)
        try objects.setLink(
            last.isNone ? server : last, last.isNone ? ProcessRecord.callersFirst : ProcessRecord.queueNext, process)
        try objects.setLink(server, ProcessRecord.callersLast, process)
    }

    /// The process that one is to stand before which invokes it, or whose keeper it is; nil: none.
    private func serverToStandBefore(_ process: CellID) throws -> CellID? {
        if let (halt, slot) = try halt(of: process) { return try keeper(slot, of: process, halt)?.server }
        guard let invocation = try objects.invocation(of: process),
            case .server(let server, _) = try invoked(invocation.register, by: process)
        else { return nil }
        return server
    }

    /// Takes a process out of the queue that it stands in, wherever that is. Throws `damaged` where its neighbours do not lead to it.
    func leaveQueue(_ process: CellID) throws {
        let next = try objects.link(process, ProcessRecord.queueNext)
        let previous = try objects.link(process, ProcessRecord.queuePrevious)
        let isFirst = try leads(previous, ProcessRecord.callersFirst, to: process)
        let isLast = try leads(next, ProcessRecord.callersLast, to: process)
        guard try isFirst || leads(previous, ProcessRecord.queueNext, to: process),
            try isLast || leads(next, ProcessRecord.queuePrevious, to: process)
        else {
            throw ObjectsError.damaged(
                invariant: "INVOKE-1", object: "\(process)", text: "it stands in a queue that does not lead to it")
        }
        try objects.setLink(
            previous, isFirst ? ProcessRecord.callersFirst : ProcessRecord.queueNext, isFirst && isLast ? .none : next)
        try objects.setLink(
            next, isLast ? ProcessRecord.callersLast : ProcessRecord.queuePrevious, isFirst && isLast ? .none : previous
        )
        let record = try objects.mutableCell(process)
        record.store(0, ProcessRecord.queueNext)
        record.store(0, ProcessRecord.queuePrevious)
        record.store(0, ProcessRecord.waitsFor)
    }

    private func leads(_ neighbour: CellID, _ field: Field<UInt64>, to process: CellID) throws -> Bool {
        guard !neighbour.isNone, try objects.kind(of: neighbour) == .process else { return false }
        return try objects.link(neighbour, field) == process
    }

    /// The process has another cell: its neighbours in a queue, and the ends of its own, lead there.
    func mendQueues(from old: CellID, to new: CellID) throws {
        if try objects.get(new, ProcessRecord.waitsFor) == Waiting.turn {
            let next = try objects.link(new, ProcessRecord.queueNext)
            let previous = try objects.link(new, ProcessRecord.queuePrevious)
            let isFirst = try leads(previous, ProcessRecord.callersFirst, to: old)
            let isLast = try leads(next, ProcessRecord.callersLast, to: old)
            try objects.setLink(previous, isFirst ? ProcessRecord.callersFirst : ProcessRecord.queueNext, new)
            try objects.setLink(next, isLast ? ProcessRecord.callersLast : ProcessRecord.queuePrevious, new)
        }
        let first = try objects.link(new, ProcessRecord.callersFirst)
        guard !first.isNone else { return }
        try objects.setLink(first, ProcessRecord.queuePrevious, new)
        try objects.setLink(try objects.link(new, ProcessRecord.callersLast), ProcessRecord.queueNext, new)
    }
}
