// The checkpoint cycle: freeze at an instruction boundary, hand the pages to the writer, run on, and settle when they
// are durable. One publication at a time; what falls due meanwhile waits for the next.
//
// CKPT-1  A freeze is taken only when every running process's record and stack are saved.
// CKPT-2  Frozen pages are not changed until their publication is settled.

import Glibc
import Kernel
import Objects
import Store

struct CheckpointCycle {
    let writer: CheckpointWriter
    /// What every freeze passes; the writer's.
    let check = FrozenCheck()
    /// What is being written.
    var underWay: FrozenPages?
    /// Who waits for the publication under way, and its name.
    var waiters: [@Sendable (Result<Answer, WorldError>) -> Void] = []
    /// Who waits for the next one.
    var asked: [(name: String?, reply: @Sendable (Result<Answer, WorldError>) -> Void)] = []
    /// A publication failed, or a change failed half-way: nothing more is published until the world is opened again, at its
    /// last checkpoint.
    var hasFailed = false
    /// Host's monotonic nanoseconds of the last freeze.
    var lastFreeze: UInt64 = 0
    /// Publications that were made durable since the world was opened.
    var settledCount: UInt64 = 0

    init(writer: CheckpointWriter) { self.writer = writer }
}

extension World {
    /// Runs what changes the kernel's state. A refusal leaves it whole; where the store or an object failed, the change may
    /// have been made in part, and is never made durable (WORLD-2).
    func whole<T>(_ change: () throws -> T) throws -> T {
        do {
            return try change()
        } catch let error as ObjectsError {
            if case .bankExhausted = error { throw error }
            cycle.hasFailed = true
            throw error
        } catch let error as StoreError {
            cycle.hasFailed = true
            throw error
        }
    }

    /// Freezes what has changed and gives it to the writer. Not while a publication is under way.
    func beginCheckpoint(name: String?) throws {
        precondition(cycle.underWay == nil)
        if cycle.hasFailed { throw StoreError.publicationsStopped(path: store.path) }
        let start = time.monotonic
        try machine.saveAll()
        let frozen = try objects.freeze()
        let mark = try journal.beginFile(epoch: Epoch(rawValue: frozen.epoch))
        cycle.lastFreeze = start
        cycle.underWay = frozen
        let note = CheckpointNote(
            name: name, wallTimeNanoseconds: Int64(time.realtime), gasClock: try objects.world(WorldPage.gasClock),
            dirtyPages: UInt64(frozen.pages.count), freezeMicroseconds: (time.monotonic - start) / 1000)
        cycle.writer.begin { [writer = journal.writer, check = cycle.check] in
            try check.check(frozen)
            if let writer, let mark { try writer.waitUntilBegun(mark) }
            return Publication(frozen, attributes: mark?.attributes ?? JournalMark.nothing(), note: note)
        }
    }

    /// Settles the publication under way if it is over.
    func settleIfOver() throws {
        guard cycle.underWay != nil, let outcome = cycle.writer.takeOutcome() else { return }
        try settle(outcome)
    }

    /// Waits for the publication under way, if there is one, and settles it.
    func settleWhenOver() throws {
        if cycle.underWay != nil { try settle(cycle.writer.waitForOutcome()) }
        while try objects.turnClean(4096) {}
    }

    private func settle(_ outcome: PublicationOutcome) throws {
        guard let frozen = cycle.underWay else { return }
        cycle.underWay = nil
        let waiters = cycle.waiters
        cycle.waiters = []
        let answer: CheckpointAnswer
        do {
            let adoption = try outcome.adopt(into: store)
            objects.settle(frozen, moved: adoption.movedPages)
            guard let last = try store.newestCheckpoint(), last.epoch.rawValue == frozen.epoch else {
                throw ObjectsError.damaged(
                    invariant: "CKPT-3", object: "checkpoint \(frozen.epoch)",
                    text: "it was published and is not listed")
            }
            cycle.settledCount += 1
            if !store.namesJournal { goesOnInJournal = false }
            try journal.settle(attributes: store.attributes)
            answer = CheckpointAnswer(last)
        } catch {
            cycle.hasFailed = true
            let failure = WorldError(error, directory: directory)
            for waiter in waiters { waiter(.failure(failure)) }
            throw error
        }
        // Told first, so that who asked for it finds it among the events.
        let told = Result { try noteDurable(answer) }
        for waiter in waiters { waiter(.success(.checkpoint(answer))) }
        try told.get()
    }

    /// Begins a checkpoint for those who asked for one. Names that were given go to one checkpoint each.
    func beginAskedCheckpoint() throws {
        guard mayBeginCheckpoint, !cycle.asked.isEmpty else { return }
        let first = cycle.asked.removeFirst()
        cycle.waiters = [first.reply]
        try beginCheckpoint(name: first.name)
    }

    /// Whether none is under way, and the frames of the last have been given back.
    var mayBeginCheckpoint: Bool { cycle.underWay == nil && !objects.isTurningClean }

    /// Makes all changes durable, here and now.
    func finishCheckpoints() throws {
        try settleWhenOver()
        while !cycle.asked.isEmpty {
            try beginAskedCheckpoint()
            try settleWhenOver()
        }
        try machine.saveAll()
        guard mustPublish else { return }
        try beginCheckpoint(name: nil)
        try settleWhenOver()
    }
}

extension CheckpointAnswer {
    init(_ record: CheckpointRecord) {
        self.init(
            id: record.epoch.rawValue, name: record.note.name,
            time: Double(record.note.wallTimeNanoseconds) / 1e9, gasClock: record.note.gasClock,
            dirtyPages: Int(record.note.dirtyPages), bytesWritten: record.cost?.bytesWritten,
            freezeMicroseconds: Double(record.note.freezeMicroseconds),
            commitMilliseconds: record.cost.map { Double($0.commitMicroseconds) / 1000 }, held: record.held)
    }
}
