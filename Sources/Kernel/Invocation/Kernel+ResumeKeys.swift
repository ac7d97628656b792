// Resume keys: made by a call, good for one answer, and counted, so that a call is answered when nobody is left who could.

import Objects

extension Kernel {
    /// Puts a key into a register of a process. Who waits for a reply that nobody can give any more then, and a process that stands in
    /// a queue because of what was in the register, have a turn to find it out.
    package func setRegister(_ index: Int, of process: CellID, to key: Key) throws {
        let record = try objects.cell(process)
        let old = record.loadKey(at: ProcessRecord.registers + Key.bytes * index)
        guard old != key else { return }
        let stands = record.load(ProcessRecord.waitsFor) == Waiting.turn
        let isInvoked = stands && Int(record.load(ProcessRecord.invokedRegister)) == index
        if key.kind == .resume { try count(key, by: 1) }
        try objects.setRegister(index, of: process, to: key)
        if old.kind == .resume { try count(old, by: -1) }
        guard isInvoked else { return }
        try leaveQueue(process)
        try forgetInvocation(of: process)
    }

    /// Puts a key into a slot of a node, or into a forwarder's only one, likewise.
    func setSlot(_ index: Int, of holder: CellID, to key: Key) throws {
        let offset = NodeRecord.keys + Key.bytes * index
        let old = try objects.cell(holder).loadKey(at: offset)
        guard old != key else { return }
        if key.kind == .resume { try count(key, by: 1) }
        try objects.mutableCell(holder).store(key, at: offset)
        if old.kind == .resume { try count(old, by: -1) }
    }

    /// Nothing is in any slot of a node, or in a forwarder, any more.
    func clearSlots(of holder: CellID, _ kind: CellKind) throws {
        for slot in 0..<kind.heldKeys { try setSlot(slot, of: holder, to: .void) }
    }

    /// One copy more or less of a resume key. Of one that is void nobody counts.
    private func count(_ key: Key, by change: Int) throws {
        guard let caller = try objects.caller(by: key) else { return }
        let copies = Int(try objects.get(caller, ProcessRecord.resumeCopies)) + change
        guard let counted = UInt32(exactly: copies) else {
            throw ObjectsError.damaged(
                invariant: "INVOKE-2", object: "\(caller)", text: "it counts fewer resume keys than there are")
        }
        try objects.set(caller, ProcessRecord.resumeCopies, counted)
        if counted == 0, try state(of: caller) == .waiting { try setState(of: caller, to: .ready) }
    }

    /// The key by which the call of a process is answered, of which there is no copy yet.
    func mintResumeKey(of process: CellID) throws -> Key {
        let record = try objects.mutableCell(process)
        record.call = (record.call &+ 1) & Key.lastCall
        record.store(0, ProcessRecord.resumeCopies)
        return .resume(record.load(ProcessRecord.id), call: record.call)
    }

    /// A call is answered: all copies are void from here on.
    func spendResumeKey(of process: CellID) throws { try objects.set(process, ProcessRecord.resumeCopies, 0) }

    /// A process stands in no invocation any more, comes back to none, and has no key by which others wait for its answer: they are told.
    func answerNobody(_ process: CellID) throws {
        try dropInvocation(of: process)
        try objects.setInvocation(of: process, to: nil, .none)
        try objects.set(process, ProcessRecord.resumeCopies, 0)
        for index in 0..<ProcessRecord.registerCount {
            let key = try objects.cell(process).loadKey(at: ProcessRecord.registers + Key.bytes * index)
            if key.kind == .resume { try setRegister(index, of: process, to: .void) }
        }
    }

    /// A process that is over, or goes with its bank, answers nobody any more, and nobody reaches it. Takes at most `bound` out of its
    /// queue; false where more are left.
    func leaveInvocations(_ process: CellID, bound: Int = .max) throws -> Bool {
        try answerNobody(process)
        for _ in 0..<bound {
            let caller = try objects.link(process, ProcessRecord.callersFirst)
            if caller.isNone { return true }
            try leaveQueue(caller)
            try forgetInvocation(of: caller)
        }
        return try objects.link(process, ProcessRecord.callersFirst).isNone
    }
}
