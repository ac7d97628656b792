// Checkpoint keys: when what was done is durable, and having it made so (`specs/keys/checkpoint.md`). What is durable only the host knows: who
// asks stands on a list, until an input says so.
//
// DURABLE-1  A process is on the list exactly while it waits until something is durable.

import Objects

package enum CheckpointKeyOrder: UInt32, Sendable, CaseIterable {
    case weaken = 1
    case wait = 2
    case make = 3
}

/// Who waits until something is durable: the numbers, counted over all that ever did, of the last of them.
package struct DurabilityAwaited: Sendable, Equatable {
    /// Of those for whom the journal is enough; 0: there is none.
    package var byJournal: UInt64
    /// Of those who asked for a checkpoint; 0: there is none.
    package var byCheckpoint: UInt64

    package init(byJournal: UInt64 = 0, byCheckpoint: UInt64 = 0) {
        self.byJournal = byJournal
        self.byCheckpoint = byCheckpoint
    }

    package var isAwaited: Bool { byJournal != 0 || byCheckpoint != 0 }
}

extension Kernel {
    /// What is answered at once. Waiting is for calls.
    func serveCheckpoint(_ key: Key, _ message: Message) -> Message {
        switch CheckpointKeyOrder(rawValue: message.order) {
        case .weaken: Message(weakening: key, message)
        case .make where !key.checkpointRights.contains(.make): Message(.right)
        case .wait, .make: Message(.value)
        case nil: Message(.order)
        }
    }

    /// How a call waits that is answered when something is durable; nil where it is answered at once.
    func phase(ofCall message: Message, of key: Key) -> InvocationPhase? {
        guard key.kind == .checkpoint else { return nil }
        return switch CheckpointKeyOrder(rawValue: message.order) {
        case .wait: .untilDurable
        case .make where key.checkpointRights.contains(.make): .untilCheckpoint
        case .make, .weaken, nil: nil
        }
    }

    /// A process whose call has come so far waits as the next of all.
    func awaitDurability(_ process: CellID) throws {
        let number = try objects.world(WorldPage.durableNumber) + 1
        try objects.setWorld(WorldPage.durableNumber, number)
        try objects.set(process, ProcessRecord.deadline, number)
        try list(process, on: WorldPage.durableFirst)
        // The latest of its kind.
        if try objects.invocationPhase(of: process) == .untilCheckpoint {
            durabilityAwaited?.byCheckpoint = number
        } else {
            durabilityAwaited?.byJournal = number
        }
    }

    /// Takes a process that stops waiting off the list.
    func leaveDurability(_ process: CellID) throws {
        try unlist(process, from: WorldPage.durableFirst)
        // The others are not known by their numbers.
        let number = try objects.get(process, ProcessRecord.deadline)
        if number == durabilityAwaited?.byJournal || number == durabilityAwaited?.byCheckpoint {
            durabilityAwaited = nil
        }
    }

    /// Who waits. O(their number) after a change, else constant.
    package func awaitedDurability() throws -> DurabilityAwaited {
        if let durabilityAwaited { return durabilityAwaited }
        var awaited = DurabilityAwaited()
        for process in try listed(on: WorldPage.durableFirst) {
            let number = try objects.get(process, ProcessRecord.deadline)
            if try objects.invocationPhase(of: process) == .untilCheckpoint {
                awaited.byCheckpoint = max(awaited.byCheckpoint, number)
            } else {
                awaited.byJournal = max(awaited.byJournal, number)
            }
        }
        durabilityAwaited = awaited
        return awaited
    }

    /// Answers those who began to wait as the `last` of all or before: everything is durable that came before them. `checkpoint`: the number
    /// of the one that has it; 0: the journal has, and who asked for a checkpoint waits on. Returns how many were answered.
    package func tellDurable(through last: UInt64, checkpoint: UInt64) throws -> Int {
        var told = 0
        for process in try listed(on: WorldPage.durableFirst) {
            guard try objects.get(process, ProcessRecord.deadline) <= last else { continue }
            let isInCheckpoint = try objects.invocationPhase(of: process) == .untilCheckpoint
            if isInCheckpoint && checkpoint == 0 { continue }
            try deliverAndWake(Message(.ok, isInCheckpoint ? checkpoint : 0), to: process, badge: 0)
            told += 1
        }
        return told
    }
}
