// Invoking a key: the message is looked at, then it arrives, or its sender stands in a queue; a reply comes back, or nobody is left who
// could give one (`specs/imports.md`, "Delivery"). What can be refused was refused before (`Kernel+Decoding.swift`), and the memory that
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
    /// The process stands: `stand` puts it where it belongs.
    case stands
    /// The process destroyed the bank that it lives in: it has no turn any more.
    case gone

    static func code(_ code: ReplyCode) -> InvocationEnd { .done(code.rawValue) }
}

extension Kernel {
    /// Makes an invocation that `refusal` has nothing against, of the process that runs. Bytes that `receivingRuns` names are bought.
    package func invoke(_ invocation: Invocation, by process: CellID) throws -> InvocationEnd {
        let key = invocation.isToNobody ? .void : try invoked(invocation.register, by: process)
        guard key.kind != .void else {
            return invocation.kind == .return ? try becomeAvailable(process, invocation) : .code(.void)
        }
        guard let message = try message(of: process, invocation) else { return .code(.address) }
        if key.kind == .start {
            guard let server = try objects.processCell(id: key.id), try state(of: server) != .faulted else {
                return .code(.void)
            }
            if server == process { return .code(.itself) }
            guard try isAvailable(server) else {
                try objects.setInvocation(of: process, to: invocation, .queued)
                return .stands
            }
        }
        return try perform(invocation, key, message, by: process)
    }

    /// Whether a message can be delivered to a process now: it waits for one, and nobody stands before it.
    private func isAvailable(_ server: CellID) throws -> Bool {
        guard try objects.invocationPhase(of: server) == .available else { return false }
        return try nextCaller(of: server) == nil
    }

    /// Delivers a message, to a process that takes it or to the kernel, and leaves its sender where it goes on or waits.
    private func perform(
        _ invocation: Invocation, _ key: Key, _ message: Message, by process: CellID
    ) throws -> InvocationEnd {
        switch key.kind {
        case .start, .resume:
            guard let target = try objects.processCell(id: key.id) else { return .code(.void) }
            var message = message
            if invocation.kind == .call { message.resumeKey = try beginCall(of: process, invocation) }
            if key.kind == .resume { try spendResumeKey(of: target) }
            try deliver(message, to: target, badge: key.kind == .start ? key.badge : 0)
        default:
            let reply = try serve(key, message)
            let isGone = try isGoing(process: process)
            if invocation.kind == .call {
                if isGone { return .gone }
                try write(reply, of: invocation, to: process, badge: 0)
                return .done(Int32(bitPattern: reply.order))
            }
            try pass(reply, by: message.resumeKey)
            if isGone { return .gone }
        }
        switch invocation.kind {
        case .call: return try stillCalling(process)
        case .send: return .code(.ok)
        case .return: return try becomeAvailable(process, invocation)
        }
    }

    /// The process waits for a reply from now on; the key by which it is given.
    private func beginCall(of process: CellID, _ invocation: Invocation) throws -> Key {
        try objects.setInvocation(of: process, to: invocation, .called)
        return try mintResumeKey(of: process)
    }

    /// Who waits for a reply goes on with `void` where nobody has the key any more by which it could be given.
    private func stillCalling(_ process: CellID) throws -> InvocationEnd {
        guard try objects.get(process, ProcessRecord.resumeCopies) == 0 else { return .stands }
        try deliver(Message(.void), to: process, badge: 0)
        return .done(try finishInvocation(of: process))
    }

    /// The kernel's reply, given to who waits for it by a resume key. Nobody, where it is none.
    private func pass(_ reply: Message, by key: Key) throws {
        guard key.kind == .resume, try !objects.isVoid(key), let target = try objects.processCell(id: key.id) else {
            return
        }
        try spendResumeKey(of: target)
        try deliver(reply, to: target, badge: 0)
    }

    // MARK: Available

    /// The process waits for whoever invokes it; where somebody stands in its queue it has that one's message at once.
    private func becomeAvailable(_ process: CellID, _ invocation: Invocation) throws -> InvocationEnd {
        try objects.setInvocation(of: process, to: invocation, .available)
        return try stillAvailable(process)
    }

    private func stillAvailable(_ process: CellID) throws -> InvocationEnd {
        while let caller = try nextCaller(of: process) {
            guard try deliverQueued(from: caller, to: process) else { continue }
            return .done(try finishInvocation(of: process))
        }
        return .stands
    }

    /// Delivers the message of a process that stands in a queue, which is where it was. False where others changed what it holds: it is
    /// ready then, to make its invocation anew.
    private func deliverQueued(from caller: CellID, to server: CellID) throws -> Bool {
        try leaveQueue(caller)
        guard let invocation = try objects.invocation(of: caller),
            case let key = try invoked(invocation.register, by: caller), key.kind == .start,
            try objects.processCell(id: key.id) == server, var message = try message(of: caller, invocation)
        else {
            try forgetInvocation(of: caller)
            return false
        }
        if invocation.kind == .call { message.resumeKey = try beginCall(of: caller, invocation) }
        try deliver(message, to: server, badge: key.badge)
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

    private func wait(_ process: CellID, for reason: UInt8) throws {
        try objects.set(process, ProcessRecord.waitsFor, reason)
    }

    /// A process that stood somewhere makes its invocation anew, or stands still where its bank is going.
    func forgetInvocation(of process: CellID) throws {
        try objects.setInvocation(of: process, to: nil, .none)
        try setState(of: process, to: isGoing(process: process) ? .stopped : .ready)
    }

    // MARK: Standing and going on

    /// The process that runs stands in an invocation from now on: in a queue, or waiting.
    package func stand(_ process: CellID) throws {
        let phase = try objects.invocationPhase(of: process)
        guard let reason = phase.reason else { preconditionFailure("INVOKE-1: it stands in an invocation") }
        try wait(process, for: reason)
        try setState(of: process, to: .waiting)
        if phase == .queued { try enterQueue(process) }
    }

    /// A process comes to its invocation again, having been made ready or resumed: over, and what it answers; still standing; or nil,
    /// to be made anew.
    package func invocationGoesOn(_ process: CellID) throws -> InvocationEnd? {
        switch try objects.invocationPhase(of: process) {
        case .none, .queued: nil
        case .called: try stillCalling(process)
        case .available: try stillAvailable(process)
        case .done: .done(try finishInvocation(of: process))
        }
    }

    /// What an invocation answers that is over: of a call the code of the reply.
    private func finishInvocation(of process: CellID) throws -> Int32 {
        let invocation = try objects.invocation(of: process)
        try objects.setInvocation(of: process, to: nil, .none)
        guard let invocation, invocation.kind == .call else { return ReplyCode.ok.rawValue }
        guard let memory = try memory(of: process, instance: invocation.instance),
            let head = try read(memory, at: invocation.received, count: 4)
        else { return ReplyCode.address.rawValue }
        return Int32(bitPattern: head.reversed().reduce(0) { $0 << 8 | UInt32($1) })
    }
}

extension InvocationPhase {
    /// What a process waits for that stands there, as a bit of `ProcessRecord.waitsFor`; nil: it does not wait.
    package var reason: UInt8? {
        switch self {
        case .queued: Waiting.turn
        case .called: Waiting.reply
        case .available: Waiting.message
        case .none, .done: nil
        }
    }
}
