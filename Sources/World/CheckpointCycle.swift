// The checkpoint cycle: freeze at an instruction boundary, hand the pages to the writer, run on, and settle when they
// are durable. One publication at a time; what falls due meanwhile waits for the next.
//
// CKPT-1  A freeze is taken only when every running process's record and stack are saved.
// CKPT-2  Frozen pages are not changed until their publication is settled.

import Glibc
import Kernel
import Objects
import Store
import Synchronization

struct CheckpointCycle {
    let writer: CheckpointWriter
    /// What every freeze passes; the writer's.
    let check = FrozenCheck()
    /// What is being written, what it was to do, and how many had ever begun to wait until something is durable.
    var underWay: (frozen: FrozenPages, plan: CheckpointPlan, awaited: UInt64)?
    /// Who waits for the publication under way.
    var waiters: [@Sendable (Result<Answer, WorldError>) -> Void] = []
    /// What was ordered of the next ones, and who waits for it.
    var asked: [(order: CheckpointOrder, reply: @Sendable (Result<Answer, WorldError>) -> Void)] = []
    /// The checkpoints that can be read, as of the last publication; nil: nobody has asked yet.
    var kept: KeptCheckpoints?
    /// How many of them stay that have no name.
    var retention: Retention
    /// How it came to be what it is; whether a new key is due, the machine's entropy knows.
    var history: WorldHistory
    /// What the head is to be known by that is published next and names no file of the journal; nil: as it comes.
    var nextOrigin: UInt64?
    /// A publication failed, or a change failed half-way: nothing more is published until the world is opened again, at its
    /// last checkpoint.
    var hasFailed = false
    /// Host's monotonic nanoseconds of the last freeze that no program asked for.
    var lastFreeze: UInt64 = 0
    /// Those of the last freeze of all, and from when on a program may have another: a publication for programs takes its time and rests
    /// four times as long, so that who asks for them without end leaves the disk to others.
    private(set) var lastOfAll: UInt64 = 0
    private(set) var programsMayBegin: UInt64 = 0
    /// Publications that were made durable since the world was opened.
    var settledCount: UInt64 = 0

    mutating func didBegin(at time: UInt64) { lastOfAll = time }

    mutating func didSettle(at time: UInt64) { programsMayBegin = time &+ 4 &* (time &- lastOfAll) }

    /// That of a world whose head has these attributes.
    init(writer: CheckpointWriter, attributes: WorldAttributes) {
        self.writer = writer
        retention = attributes.retention
        history = attributes.history
    }
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

    /// How it came to be what it is, as of this moment.
    var history: WorldHistory {
        var history = cycle.history
        history.isKeyDue = machine.entropy.isKeyDue
        return history
    }

    /// Freezes what has changed and gives it to the writer. Not while a publication is under way.
    func beginCheckpoint() throws { try beginCheckpoint(try plan()) }

    /// The same, to do what was ordered.
    func beginCheckpoint(_ plan: CheckpointPlan, isForProgram: Bool = false) throws {
        precondition(cycle.underWay == nil)
        if cycle.hasFailed { throw StoreError.publicationsStopped(path: store.path) }
        let start = time.monotonic
        try machine.saveAll()
        let frozen = try objects.freeze()
        let mark = try journal.beginFile(epoch: Epoch(rawValue: frozen.epoch))
        // When the next of the world's own is due, programs have no say in.
        if !isForProgram { cycle.lastFreeze = start }
        cycle.didBegin(at: start)
        cycle.underWay = (frozen, plan, try objects.world(WorldPage.durableNumber))
        let note = CheckpointNote(
            name: plan.name, wallTimeNanoseconds: Int64(time.realtime), gasClock: try objects.world(WorldPage.gasClock),
            dirtyPages: UInt64(frozen.pages.count), freezeMicroseconds: (time.monotonic - start) / 1000)
        let isChanged = !frozen.pages.isEmpty || !frozen.freed.isEmpty
        let named = mark?.attributes ?? JournalMark.nothing(origin: origin(isChanged: isChanged))
        let history = history
        cycle.writer.begin { [writer = journal.writer, check = cycle.check] in
            try check.check(frozen)
            if let writer, let mark { try writer.waitUntilBegun(mark) }
            let attributes = WorldAttributes(
                journal: named, retention: plan.retention, history: history)
            return Publication(frozen, attributes: attributes.bytes, note: note, keeping: plan.keeping)
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
        guard let (frozen, plan, awaited) = cycle.underWay else { return }
        cycle.underWay = nil
        let waiters = cycle.waiters
        cycle.waiters = []
        let made: CheckpointAnswer
        let answer: Answer
        do {
            let adoption = try outcome.adopt(into: store)
            objects.settle(frozen, moved: adoption.movedPages)
            guard let last = try store.newestCheckpoint(), last.epoch.rawValue == frozen.epoch else {
                throw ObjectsError.damaged(
                    invariant: "CKPT-3", object: "checkpoint \(frozen.epoch)",
                    text: "it was published and is not listed")
            }
            cycle.settledCount += 1
            cycle.didSettle(at: time.monotonic)
            noteMade(through: awaited, checkpoint: frozen.epoch)
            cycle.retention = plan.retention
            cycle.kept?.apply(plan.keeping, made: plan.keeping.keepsThis ? KeptCheckpoints.Item(last) : nil)
            if let writer = journal.writer { writer.need(from: try keptCheckpoints().items.first?.epoch) }
            if !store.namesJournal {
                (goesOnInJournal, cycle.nextOrigin) = (false, nil)
                if !objects.hasChanges { journal.isGivenUp = false }
            }
            try journal.settle(attributes: store.attributes)
            made = CheckpointAnswer(last)
            answer = try self.answer(plan.reply, made)
        } catch {
            cycle.hasFailed = true
            let failure = WorldError(error, directory: directory)
            for waiter in waiters { waiter(.failure(failure)) }
            throw error
        }
        // Told first, so that who asked for it finds it among the events.
        let told = Result { try noteDurable(made) }
        for waiter in waiters { waiter(.success(answer)) }
        try told.get()
    }

    private func answer(_ reply: CheckpointPlan.Reply, _ made: CheckpointAnswer) throws -> Answer {
        switch reply {
        case .made: return .checkpoint(made)
        case .other(let epoch):
            guard let record = try store.checkpoint(epoch) else {
                throw ObjectsError.damaged(
                    invariant: "PAST-1", object: "checkpoint \(epoch)", text: "it is kept and is not listed")
            }
            return .checkpoint(CheckpointAnswer(record))
        case .retention: return .retention(retentionAnswer)
        case .done: return .done
        }
    }

    /// Begins a checkpoint for the first of those who asked for one. Who asked what cannot be done is told so, and the next one has
    /// their turn.
    func beginAskedCheckpoint() throws {
        while mayBeginCheckpoint, !cycle.asked.isEmpty {
            let first = cycle.asked.removeFirst()
            let plan: CheckpointPlan
            do {
                plan = try self.plan(first.order)
            } catch {
                first.reply(.failure(WorldError(error, directory: directory)))
                if error is StoreError { throw error }
                continue
            }
            cycle.waiters = [first.reply]
            return try beginCheckpoint(plan)
        }
    }

    /// Does what was ordered, here and now, while no boot runs.
    func perform(_ order: CheckpointOrder) throws -> Answer {
        try settleWhenOver()
        let plan = try plan(order)
        let outcome = Mutex<Result<Answer, WorldError>?>(nil)
        try endSession {
            cycle.waiters = [{ result in outcome.withLock { $0 = result } }]
            try beginCheckpoint(plan)
            try settleWhenOver()
        }
        guard let result = outcome.withLock({ $0 }) else { preconditionFailure("a publication that is over is told") }
        return try result.get()
    }

    /// Whether none is under way, and the frames of the last have been given back.
    var mayBeginCheckpoint: Bool { cycle.underWay == nil && !objects.isTurningClean }

    /// Carries out what was ordered, here and now.
    func finishAskedCheckpoints() throws {
        try settleWhenOver()
        while !cycle.asked.isEmpty {
            try beginAskedCheckpoint()
            try settleWhenOver()
        }
    }

    /// Makes all changes durable, here and now.
    func finishCheckpoints() throws {
        try finishAskedCheckpoints()
        try machine.saveAll()
        guard mustPublish else { return }
        try beginCheckpoint()
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
            commitMilliseconds: record.cost.map { Double($0.commitMicroseconds) / 1000 }, held: record.held,
            kept: record.isKept)
    }
}
