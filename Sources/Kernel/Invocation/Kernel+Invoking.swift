// Invoking a key: the message is looked at, then it arrives, or its sender stands in a queue; a reply comes back, or nobody is left who
// could give one (`specs/imports.md`, "Delivery"). What can be refused was refused before (`PreparedInvocation.refusal`), and the memory that
// is written to was bought: from here on nothing fails but the disk. One act delivers one message or two, whatever stands in queues:
// what goes on because of it does so in turns of its own.
//
// INVOKE-1  A process stands in the queue of one other exactly while its phase is `queued`, and it waits for its turn.
// INVOKE-2  Of a process whose phase is `called`, as many copies of its resume key are held as its record counts; it waits while there
//           is one.

import Objects

/// How an invocation goes on.
package enum InvocationEnd: Sendable, Equatable {
    /// It is over; what it answers its program.
    case done(Int32)
    /// The process stands: `stand` puts it where it belongs. `next` has what it waited for: the turn goes on there (`handOver`), or it is
    /// to be made ready.
    case stands(next: CellID?)
    /// It goes on with it at its next turn: there is more to do than one turn is to have.
    case later
    /// The process destroyed the bank that it lives in: it has no turn any more.
    case gone

    static func code(_ code: ReplyCode) -> InvocationEnd { .done(code.rawValue) }
}

extension Kernel {
    /// Makes an invocation that `refusal` has nothing against, of the process that runs. What it receives into is bought.
    package func invoke(_ prepared: PreparedInvocation, by process: CellID) throws -> InvocationEnd {
        let invocation = prepared.invocation
        guard let sent = prepared.sent else { return try becomeAvailable(process, invocation, next: nil) }
        let invoked = try invoked(invocation.register, by: process)
        switch invoked {
        case .nothing:
            return invocation.kind == .return
                ? try becomeAvailable(process, invocation, next: nil) : .code(.void)
        case .server(process, _): return .code(.itself)
        case .server(let server, _):
            guard try isAvailable(server) else {
                try objects.setInvocation(of: process, to: invocation, .queued)
                return .stands(next: nil)
            }
        case .caller, .kernel: break
        }
        guard let message = try message(of: process, invocation, sent) else { return .code(.address) }
        switch invoked {
        case .nothing: preconditionFailure("it leads somewhere")
        case .server(let target, let badge):
            return try perform(invocation, message, by: process, on: target, badge: badge, isReply: false)
        case .caller(let target):
            return try perform(invocation, message, by: process, on: target, badge: 0, isReply: true)
        case .kernel(let key): return try perform(invocation, message, by: process, on: key)
        }
    }

    /// Whether a message can be delivered to a process now: it waits for one, and nobody stands before it.
    func isAvailable(_ server: CellID) throws -> Bool {
        guard try objects.invocationPhase(of: server) == .available else { return false }
        return try nextCaller(of: server) == nil
    }

    /// Delivers a message to a process that waits for it, and leaves its sender where it goes on or waits.
    private func perform(
        _ invocation: Invocation, _ message: Message, by process: CellID, on target: CellID, badge: UInt16,
        isReply: Bool
    ) throws -> InvocationEnd {
        var message = message
        if invocation.kind == .call { message.resumeKey = try beginCall(of: process, invocation) }
        if isReply { try spendResumeKey(of: target) }
        let next = try deliver(message, to: target, badge: badge) ? target : nil
        switch invocation.kind {
        case .call: return try stillCalling(process, next: next)
        case .send:
            try wake(next)
            return .code(.ok)
        case .return: return try becomeAvailable(process, invocation, next: next)
        }
    }

    /// Lets the kernel serve a message.
    private func perform(
        _ invocation: Invocation, _ message: Message, by process: CellID, on key: Key
    ) throws -> InvocationEnd {
        if invocation.kind == .call, let phase = phase(ofCall: message, of: key) {
            try objects.setInvocation(of: process, to: invocation, phase)
            return .stands(next: nil)
        }
        let reply = try serve(key, message, by: process)
        let isGone = try isGoing(process: process)
        if invocation.kind == .call {
            if isGone { return .gone }
            try write(reply, of: invocation, to: process, badge: 0)
            return .done(Int32(bitPattern: reply.order))
        }
        try pass(reply, by: message.resumeKey)
        if isGone { return .gone }
        return invocation.kind == .return ? try becomeAvailable(process, invocation, next: nil) : .code(.ok)
    }

    private func wake(_ process: CellID?) throws {
        if let process { try setState(of: process, to: .ready) }
    }

    /// The process waits for a reply from now on; the key by which it is given.
    private func beginCall(of process: CellID, _ invocation: Invocation) throws -> Key {
        try objects.setInvocation(of: process, to: invocation, .called)
        return try mintResumeKey(of: process)
    }

    /// Who waits for a reply goes on with `void` where nobody has the key any more by which it could be given.
    private func stillCalling(_ process: CellID, next: CellID?) throws -> InvocationEnd {
        guard try objects.get(process, ProcessRecord.resumeCopies) == 0 else { return .stands(next: next) }
        try wake(next)
        try deliverAndWake(Message(.void), to: process, badge: 0)
        return .done(try finishInvocation(of: process))
    }

    /// The kernel's reply, given to who waits for it by a resume key. Nobody, where it is none.
    private func pass(_ reply: Message, by key: Key) throws {
        guard key.kind == .resume, let target = try objects.caller(by: key) else { return }
        try spendResumeKey(of: target)
        try deliverAndWake(reply, to: target, badge: 0)
    }

    // MARK: Available

    /// The process waits for whoever invokes it; where somebody stands in its queue it has that one's message at once.
    private func becomeAvailable(
        _ process: CellID, _ invocation: Invocation, next: CellID?
    ) throws -> InvocationEnd {
        try objects.setInvocation(of: process, to: invocation, .available)
        return try stillAvailable(process, next: next)
    }

    /// Callers that have nothing to say any more, and are sent away in one act.
    private static var staleBound: Int { 16 }

    private func stillAvailable(_ process: CellID, next: CellID?) throws -> InvocationEnd {
        if try objects.link(process, ProcessRecord.callersFirst).isNone { return .stands(next: next) }
        try wake(next)
        for _ in 0..<Self.staleBound {
            guard let caller = try nextCaller(of: process) else { return .stands(next: nil) }
            guard try deliverQueued(from: caller, to: process) else { continue }
            return .done(try finishInvocation(of: process))
        }
        return .later
    }

    /// Delivers the message of a process that stands in a queue, which is where it was. False where others changed what it holds: it is
    /// ready then, to make its invocation anew.
    private func deliverQueued(from caller: CellID, to server: CellID) throws -> Bool {
        let isKept = try objects.invocationPhase(of: caller) == .beforeKeeper
        try leaveQueue(caller)
        if isKept { return try tellQueued(caller, by: server) }
        guard let invocation = try objects.invocation(of: caller),
            case .server(server, let badge) = try invoked(invocation.register, by: caller),
            var message = try message(of: caller, invocation)
        else {
            try forgetInvocation(of: caller)
            return false
        }
        if invocation.kind == .call { message.resumeKey = try beginCall(of: caller, invocation) }
        try deliverAndWake(message, to: server, badge: badge)
        switch invocation.kind {
        case .call:
            // Where nobody took its key along it is told so in its turn.
            let isForsaken = try objects.get(caller, ProcessRecord.resumeCopies) == 0
            try isForsaken ? setState(of: caller, to: .ready) : wait(caller, for: Waiting.reply)
        case .send:
            try objects.setInvocationPhase(of: caller, to: .done)
            try setState(of: caller, to: .ready)
        case .return:
            try objects.setInvocationPhase(of: caller, to: .available)
            // Those who stand before it have their turn in its own.
            let hasCallers = try nextCaller(of: caller) != nil
            try hasCallers ? setState(of: caller, to: .ready) : wait(caller, for: Waiting.message)
        }
        return true
    }

    func wait(_ process: CellID, for reason: UInt8) throws {
        try objects.set(process, ProcessRecord.waitsFor, reason)
    }

    /// A process that stood somewhere makes its invocation anew, or stands still where its bank is going.
    func forgetInvocation(of process: CellID) throws {
        try dropInvocation(of: process)
        try setState(of: process, to: isGoing(process: process) ? .stopped : .ready)
    }

    /// What it stood in is no more; it is to make it anew.
    func dropInvocation(of process: CellID) throws {
        if try objects.invocationPhase(of: process).isKept { return try leaveKeeper(process) }
        try objects.setInvocation(of: process, to: nil, .none)
    }

    // MARK: Standing and going on

    /// The process that runs stands in an invocation from now on: in a queue, or waiting.
    package func stand(_ process: CellID) throws {
        let phase = try objects.invocationPhase(of: process)
        guard let reason = phase.reason else { preconditionFailure("INVOKE-1: it stands in an invocation") }
        try wait(process, for: reason)
        try setState(of: process, to: .waiting)
        if phase.isQueued { try enterQueue(process) }
        if phase.isUntilDurable { try awaitDurability(process) }
    }

    /// A process comes to its invocation again, having been made ready or resumed: over, and what it answers; still standing; or nil,
    /// to be made anew.
    package func invocationGoesOn(_ process: CellID) throws -> InvocationEnd? {
        switch try objects.invocationPhase(of: process) {
        case .none, .queued, .beforeKeeper, .kept, .untilDurable, .untilCheckpoint: nil
        case .called: try stillCalling(process, next: nil)
        case .available: try stillAvailable(process, next: nil)
        case .done: .done(try finishInvocation(of: process))
        }
    }

    /// What an invocation answers that is over: of a call the code of the reply.
    private func finishInvocation(of process: CellID) throws -> Int32 {
        let record = try objects.mutableCell(process)
        let invocation = UnsafeRawPointer(record).invocation
        record.setInvocation(nil, .none)
        guard let invocation, case .call = invocation.kind else { return ReplyCode.ok.rawValue }
        guard let memory = try memory(of: process, instance: invocation.instance),
            let head = try head(at: invocation.received, bytes: MessageHead.receivedBytes, memory)
        else { return ReplyCode.address.rawValue }
        return Int32(bitPattern: head.order)
    }

    /// The turn goes on in `next`, which has what it waited for, and `process` stands: what is left of the quantum is its. False where
    /// nothing is left, or `next` is not loaded, or a policy decides on turns: then it is ready, and `process` has its turn still.
    package func handOver(
        from process: CellID, _ from: UnsafeMutableRawPointer, to next: CellID, _ to: UnsafeMutableRawPointer
    ) throws -> Bool {
        let world = try objects.write(.world)
        let gas = from.load(ProcessRecord.quantumLeft)
        guard gas > 0, to.load(ProcessRecord.isLoaded) != 0, !hasQuantumPolicy else {
            try setState(of: next, to: .ready)
            return false
        }
        guard let phase = InvocationPhase(rawValue: from.load(ProcessRecord.invocationPhase)), let reason = phase.reason
        else { preconditionFailure("INVOKE-1: it stands in an invocation") }
        from.store(RunState.waiting.rawValue, ProcessRecord.state)
        from.store(reason, ProcessRecord.waitsFor)
        // Quanta that follow each other are counted for whoever has them in turn.
        to.store(from.load(ProcessRecord.quantaTaken), ProcessRecord.quantaTaken)
        from.store(0, ProcessRecord.quantumLeft)
        from.store(0, ProcessRecord.quantaTaken)
        // The one whose turn it is stands in no queue.
        to.store(RunState.ready.rawValue, ProcessRecord.state)
        to.store(0, ProcessRecord.waitsFor)
        to.store(0, ProcessRecord.deadline)
        to.store(gas, ProcessRecord.quantumLeft)
        world.store(next.rawValue, WorldPage.running)
        if world.load(WorldPage.loadedFirst) != next.rawValue {
            try moveToFront(next, to, world, known: (process, from))
        }
        if census != nil {
            try noteChange(of: process, from: .ready, to: .waiting)
            try noteChange(of: next, from: .waiting, to: .ready)
        }
        return true
    }
}

extension InvocationPhase {
    /// What a process waits for that stands there, as a bit of `ProcessRecord.waitsFor`; nil: it does not wait.
    package var reason: UInt8? {
        switch self {
        case .queued, .beforeKeeper: Waiting.turn
        case .kept: Waiting.keeper
        case .called: Waiting.reply
        case .available: Waiting.message
        case .untilDurable, .untilCheckpoint: Waiting.durable
        case .none, .done: nil
        }
    }
}
