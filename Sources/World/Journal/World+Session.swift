// A session: the time in which one host changes the world, in the journal (specs/journal.md, Sessions). A boot is one; what is asked
// of a world that nobody runs is another, where something of the journal is kept.
//
// JRNL-6  Where the state of a head that names no file has an origin that an end names, it is the one that comes in there.

import Kernel
import Objects
import Store

extension World {
    /// Whether somebody may ask for what comes in now when no restart needs it any more.
    private var keepsJournal: Bool {
        get throws { try keptCheckpoints().items.first != nil || store.keptJournalBounds != nil }
    }

    // MARK: Where nobody runs it

    /// How a world stood before it was asked something.
    struct Standing {
        let hasChanges: Bool
        let isWithinTurn: Bool
    }

    var standingStill: Standing {
        get throws {
            Standing(hasChanges: objects.hasChanges, isWithinTurn: try objects.world(WorldPage.running) != 0)
        }
    }

    /// Writes down what was asked and answered, here and now. Where that is not possible, or nobody would read it, what was changed is
    /// durable with the next publication all the same, and the past ends before it.
    func note(_ request: Request, _ result: Result<Answer, WorldError>, behind before: Standing) {
        guard !journal.isGivenUp, !cycle.hasFailed else { return }
        let noted = Result {
            if journal.writer == nil {
                // A refusal that left nothing is worth no file; one may have used ids up.
                if case .failure = result, !objects.hasChanges { return }
                guard try keepsJournal, !before.hasChanges || goesOnInJournal else { return giveUpJournal() }
                try beginSession()
            }
            guard Self.isRecordable(request) else { return giveUpJournal() }
            try record(request, id: "", result, isWithinTurn: before.isWithinTurn)
        }
        if case .failure = noted { giveUpJournal() }
    }

    /// What comes in from now on is in no file.
    private func giveUpJournal() {
        journal.isGivenUp = true
        dropSession()
    }

    /// Lets go of the session under way, where there is one, and of its files: nothing in them was acknowledged.
    func dropSession() {
        guard let writer = journal.writer else { return }
        journal.phase = .absent
        writer.dropFiles()
    }

    /// The past is read from what is in the files by now. Where that failed, the session is given up when it is to end.
    func waitForSession() { _ = Result { () throws(StoreError) in try journal.writer?.waitUntilDurable() } }

    /// Begins a file that goes on from what the world was opened as.
    private func beginSession() throws {
        let replayed = goesOnInJournal ? journal.replayedFile : nil
        let writer = try store.journal(
            lastNumber: try journal.lastNumber, behind: replayed?.nonce, keeping: store.keptJournalBounds
        ) {}
        writer.need(from: try keptCheckpoints().items.first?.epoch)
        journal.phase = .recording(writer)
        _ = try journal.beginFile(epoch: max(replayed?.epoch ?? store.epoch, store.epoch))
    }

    // MARK: Its end

    /// Makes everything durable, here and now, while no boot runs.
    func finishSession() throws { try whole { try endSession { try finishCheckpoints() } } }

    /// Ends the session under way, where there is one, and has made durable what is; then no restart needs its files.
    func endSession<Value>(_ publish: () throws -> Value) throws -> Value {
        // What a killed host left goes on in what is published now.
        if journal.writer == nil, !journal.isGivenUp, goesOnInJournal, try keepsJournal {
            if case .failure = Result(catching: beginSession) { giveUpJournal() }
        }
        guard let writer = journal.writer else { return try publish() }
        do {
            try noteEnd(keepsClock: false)
        } catch {
            if cycle.hasFailed { throw error }
            cycle.nextOrigin = nil
        }
        journal.phase = .absent
        // What is allocated for it is not missing to the publication.
        writer.cut()
        do {
            let value = try publish()
            writer.remove()
            return value
        } catch {
            // Whoever asked is told that it was not done.
            writer.dropFiles()
            throw error
        }
    }

    /// Writes down that the session ends here, durably: what the world is, it is published as, and naming no file. Throws what the
    /// journal fails with.
    func noteEnd(keepsClock: Bool) throws {
        guard let writer = journal.writer else { return }
        let isWithinTurn = try objects.world(WorldPage.running) != 0
        var monotonic: UInt64?
        // What sleeps has slept until now; without this it would sleep its time anew after a restart.
        if keepsClock, !isWithinTurn, try kernel.isTimerArmed { monotonic = try clock.keep() }
        // Where nothing changed, the head stays what it is.
        if mustPublish || cycle.underWay != nil {
            let origin = JournalMark.newOrigin()
            let end = SessionEnd(isWithinTurn: isWithinTurn, origin: origin, monotonic: monotonic)
            _ = try journal.record(.end, end.contents)
            cycle.nextOrigin = origin
        }
        try writer.waitUntilDurable()
    }

    /// The origin of a head that names no file: that of the end, or of the head before, where it has the same state.
    func origin(isChanged: Bool) -> UInt64 {
        if let origin = cycle.nextOrigin { return origin }
        if isChanged || store.namesJournal || goesOnInJournal { return JournalMark.newOrigin() }
        return JournalMark.origin(of: store.attributes)
    }

    // MARK: Of a boot

    /// What a boot was asked to change of the world's bounds, where that is another.
    func beginTerms(_ boot: Boot) throws {
        let quantum = try boot.quantumGas.flatMap { try $0 == objects.world(WorldPage.quantumGas) ? nil : $0 }
        let memory = try boot.memoryBytes.flatMap { try $0 == objects.world(WorldPage.memoryBytes) ? nil : $0 }
        guard quantum != nil || memory != nil else { return }
        let terms = SessionTerms(
            isWithinTurn: try objects.world(WorldPage.running) != 0, quantumGas: quantum, memoryBytes: memory)
        try apply(terms)
        _ = try journal.record(.terms, terms.contents)
    }

    private func apply(_ terms: SessionTerms) throws {
        if let gas = terms.quantumGas { try objects.setWorld(WorldPage.quantumGas, gas) }
        if let bytes = terms.memoryBytes { try kernel.setMemory(bytes: bytes) }
    }

    // MARK: Taking in again

    func takeEnd(_ record: JournalRecord, from replay: JournalReplay) throws {
        guard let end = SessionEnd(record.contents) else { throw ReplayDivergence(record, "it cannot be read") }
        try journal.take(record, from: replay)
        if let monotonic = end.monotonic { try clock.keep(monotonic) }
    }

    func takeTerms(_ record: JournalRecord, from replay: JournalReplay) throws {
        guard let terms = SessionTerms(record.contents) else { throw ReplayDivergence(record, "it cannot be read") }
        try journal.take(record, from: replay)
        try apply(terms)
    }
}
