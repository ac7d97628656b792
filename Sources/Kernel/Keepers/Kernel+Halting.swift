// A process that cannot go on: its keeper is told by a message, as by a call, and its answer lets it try again where it stands. Where
// nobody can help, it halts: faulted, or frozen (`specs/keepers.md`).
//
// KEEPER-2  A process whose phase is `beforeKeeper` or `kept` names the keeper and says in its record what it cannot go on for; what
//           it stood in before, and comes back to, is over.

import Objects

/// How it stands with a process that could not go on.
package enum HaltEnd: Sendable, Equatable {
    /// It is faulted or frozen.
    case halted
    /// It waits for its keeper, or is to: `stand` puts it there. `next` has what it waited for, the message that tells it.
    case stands(next: CellID?)
}

extension Kernel {
    /// The process that runs cannot go on. What it computed is saved.
    package func halt(_ process: CellID, for halt: Halt) throws -> HaltEnd {
        if case .trap(let number) = halt {
            let record = try objects.mutableCell(process)
            record.store(number, ProcessRecord.trap)
            record.store(0, ProcessRecord.faultDetail)
        }
        if case .access(let number, let address, _) = halt {
            let record = try objects.mutableCell(process)
            record.store(number, ProcessRecord.trap)
            record.store(address &+ 1, ProcessRecord.faultDetail)
        }
        switch try objects.invocationPhase(of: process) {
        case .none, .done: return try goOn(process, halt, to: halt.slots[...])
        // It stands in an invocation, which goes on when there is gas.
        case .queued, .called, .available, .beforeKeeper, .kept, .untilDurable, .untilCheckpoint: break
        }
        try haltForGood(process, halt)
        return .halted
    }

    /// Tells the first of these keepers that there is; where there is none the process halts.
    private func goOn(_ process: CellID, _ halt: Halt, to slots: ArraySlice<KeeperSlot>) throws -> HaltEnd {
        for slot in slots {
            guard let keeper = try keeper(slot, of: process, halt) else { continue }
            try note(halt, slot, keeper, in: process)
            guard try isAvailable(keeper.server) else { return .stands(next: nil) }
            if let end = try tell(keeper, process, halt) { return end }
        }
        try haltForGood(process, halt)
        return .halted
    }

    /// Writes down what the process waits for its keeper for; it stands in its queue until it is told.
    private func note(_ halt: Halt, _ slot: KeeperSlot, _ keeper: Keeper, in process: CellID) throws {
        let id = try objects.get(keeper.server, ProcessRecord.id)
        let record = try objects.mutableCell(process)
        record.store(id, ProcessRecord.deadline)
        record.store(InvocationPhase.beforeKeeper.rawValue, ProcessRecord.invocationPhase)
        record.store(slot.rawValue, ProcessRecord.invokedRegister)
        switch halt {
        case .trap, .gas: break
        case .access(_, _, let instance): record.store(instance, ProcessRecord.messageInstance)
        case .space(let bank):
            record.store(bank.rawValue, ProcessRecord.faultDetail)
            // Who stands in an invocation that is over buys nothing for it.
            guard record.load(ProcessRecord.invocationKind) == 0 else { return }
            try objects.mutableCell(process).store(pagesThereAre(for: process), ProcessRecord.messageAddress)
        }
    }

    /// Delivers the message to a keeper that waits for one. Nil where that dropped the key by which it would answer, and is ready.
    private func tell(_ keeper: Keeper, _ process: CellID, _ halt: Halt) throws -> HaltEnd? {
        try objects.setInvocationPhase(of: process, to: .kept)
        var message = Message(order: halt.order.rawValue)
        switch halt {
        case .trap(let number): message.words[0] = UInt64(number)
        case .access(let number, let address, let instance):
            message.words = [address, UInt64(instance), UInt64(number)]
        case .space, .gas: break
        }
        message.keys[0] = keeper.key
        message.resumeKey = try mintResumeKey(of: process)
        let goesOn = try deliver(message, to: keeper.server, badge: keeper.badge)
        if try objects.get(process, ProcessRecord.resumeCopies) != 0 {
            return .stands(next: goesOn ? keeper.server : nil)
        }
        if goesOn { try setState(of: keeper.server, to: .ready) }
        return nil
    }

    /// The same for one that stood in the keeper's queue, which it has left. False where that is its keeper no more: it
    /// tries again by itself.
    func tellQueued(_ process: CellID, by server: CellID) throws -> Bool {
        try objects.setInvocationPhase(of: process, to: .beforeKeeper)
        guard let (halt, slot) = try halt(of: process), let keeper = try keeper(slot, of: process, halt),
            keeper.server == server
        else {
            try forgetInvocation(of: process)
            return false
        }
        if case .stands(let next) = try tell(keeper, process, halt) {
            if let next { try setState(of: next, to: .ready) }
            try wait(process, for: Waiting.keeper)
        } else {
            // It is told so in its turn.
            try setState(of: process, to: .ready)
        }
        return true
    }

    /// A keeper answers, by its code: 0, and the process tries again; else the next one is told. Whether it has what it waited for.
    func answer(_ process: CellID, code: Int32) throws -> Bool {
        guard let (halt, slot) = try halt(of: process) else { return false }
        let waits = try state(of: process) == .waiting
        guard code != 0, waits else {
            try leaveKeeper(process)
            return waits
        }
        // As before it waited.
        try objects.set(process, ProcessRecord.waitsFor, 0)
        if case .stands(let next) = try goOn(process, halt, behind: slot) {
            try stand(process)
            if let next { try setState(of: next, to: .ready) }
        }
        return false
    }

    /// A process has its turn that waited for its keeper: it was started by others, and tries again (nil), or nobody can answer it any
    /// more, and the next one is told.
    package func comesFromKeeper(_ process: CellID) throws -> HaltEnd? {
        guard try objects.invocationPhase(of: process) == .kept, let (halt, slot) = try halt(of: process) else {
            return nil
        }
        guard try objects.get(process, ProcessRecord.resumeCopies) == 0 else {
            try leaveKeeper(process)
            return nil
        }
        return try goOn(process, halt, behind: slot)
    }

    /// This keeper did not mend it: the next one is told. Where there is none the process halts, unless others mended it meanwhile.
    private func goOn(_ process: CellID, _ halt: Halt, behind slot: KeeperSlot) throws -> HaltEnd {
        let had = try objects.get(process, ProcessRecord.messageAddress)
        let end = try goOn(process, halt, to: halt.slots.drop { $0 != slot }.dropFirst())
        if end == .halted { try wakeIfMended(process, halt, had: had) }
        return end
    }

    /// Pages that a process could buy, as far as a field of its record goes.
    private func pagesThereAre(for process: CellID) throws -> UInt32 {
        UInt32(clamping: try objects.availablePages(objects.link(process, ProcessRecord.bank)) ?? .max)
    }

    /// A process that halted because nobody answered, while there is more than when it was noted: others mended it meanwhile.
    private func wakeIfMended(_ process: CellID, _ halt: Halt, had pages: UInt32) throws {
        switch halt {
        case .trap, .access: return
        case .gas: guard try availableGas(meter(of: process)) > 0 else { return }
        case .space:
            guard try pagesThereAre(for: process) > pages else { return }
        }
        try setState(of: process, to: .ready)
    }

    /// A process waits for no keeper any more. What it stood in before it comes back to.
    func leaveKeeper(_ process: CellID) throws {
        let record = try objects.mutableCell(process)
        let isOver = record.load(ProcessRecord.invocationKind) != 0
        record.store(
            (isOver ? InvocationPhase.done : .none).rawValue, ProcessRecord.invocationPhase)
        record.store(0, ProcessRecord.invokedRegister)
        record.store(0, ProcessRecord.resumeCopies)
        record.store(0, ProcessRecord.trap)
        record.store(0, ProcessRecord.faultDetail)
        record.store(0, ProcessRecord.deadline)
        guard !isOver else { return }
        record.store(0, ProcessRecord.messageInstance)
        record.store(0, ProcessRecord.messageAddress)
    }

    private func haltForGood(_ process: CellID, _ halt: Halt) throws {
        let trap = try objects.get(process, ProcessRecord.trap)
        let detail = try objects.get(process, ProcessRecord.faultDetail)
        if try objects.invocationPhase(of: process).isKept { try leaveKeeper(process) }
        switch halt {
        case .trap, .access:
            try objects.set(process, ProcessRecord.trap, trap)
            try objects.set(process, ProcessRecord.faultDetail, detail)
            try letGo(process)
            try end(process, as: .faulted, exitCode: Self.trapped)
        case .space: try setState(of: process, to: .frozenSpace)
        case .gas: try setState(of: process, to: .frozenGas)
        }
    }

    /// The code of a process that has faulted.
    package static let trapped: Int32 = 134
}
