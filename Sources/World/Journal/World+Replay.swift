// Taking in again what came in since the last checkpoint, when a world is opened that was not halted (specs/journal.md).
//
// JRNL-3  The world runs as it ran: turn by turn, each record where it came in.

import Kernel
import Machine
import Objects
import Store

/// A request that was taken in again, and came to the same end.
package struct ReplayedRequest: Sendable {
    package let id: String
    /// The request's hash value, in this process.
    package let fingerprint: Int
    package let result: Result<Answer, WorldError>

    package init(id: String, fingerprint: Int, result: Result<Answer, WorldError>) {
        self.id = id
        self.fingerprint = fingerprint
        self.result = result
    }
}

extension World {
    /// How many of them are remembered at least.
    private static let rememberedRequests = 1_024

    /// Brings the world to where it was when its host ended: the store's state, and every record of the journal; or to where its gas
    /// clock stood there, before the next instruction and with every record of that place.
    func replay(to gasClock: UInt64) throws {
        guard let replay = try store.replay(next: try journal.lastNumber + 1) else { return }
        goesOnInJournal = true
        let begin = (number: try journal.lastNumber, time: time.monotonic)
        journal.phase = .replaying(replay)
        defer { journal.phase = .absent }
        try takeIn(replay, to: gasClock)
        try machine.saveAll()
        try clock.goOn()
        journal.replayedFile = (replay.mark.nonce, replay.epoch)
        journal.replayed = (try journal.lastNumber - begin.number, time.monotonic - begin.time)
    }

    /// Runs as it ran, with what came in, until the records end or the gas clock stands there.
    func takeIn(_ replay: JournalReplay, to gasClock: UInt64) throws {
        try whole {
            while let record = try replay.peek() {
                if try comesIn(record, from: replay) { continue }
                let gas = try objects.world(WorldPage.gasClock)
                // Turns that take no gas, and what came in between them, belong to the place.
                let isBetweenTurns = !record.kind.comesInWithinTurn && !record.isWithinTurn
                guard gas < gasClock || gas == gasClock && isBetweenTurns && record.gasClock == gas else { break }
                try makeRoomWhileReplaying(replay)
                let turn = try objects.world(WorldPage.turn)
                let isItsTurn = try record.turn == (objects.world(WorldPage.running) == 0 ? turn &+ 1 : turn)
                var bound = max(1, gasClock - gas)
                // Where it is 0 a host stopped where a turn had begun and nothing else.
                if record.isWithinTurn, isItsTurn { bound = min(bound, record.gasClock &- gas) }
                guard try runSlice(gasBound: bound) else {
                    throw ReplayDivergence(record, "nothing runs after turn \(try objects.world(WorldPage.turn))")
                }
            }
        }
    }

    /// Goes on from the last checkpoint alone: what came in since is lost. The journal is kept under another name.
    func replayNothing() throws {
        lostJournal = try store.setJournalAside()
        // What was told of the time since is not so any more.
        cycle.history.begin(
            .init(id: .random(in: 1...UInt64.max), from: store.epoch, first: Epoch(rawValue: objects.epoch)))
        machine.entropy.isKeyDue = true
        cycle.nextOrigin = JournalMark.newOrigin()
        // It names no file, so that what was set aside is never gone on with.
        try beginCheckpoint()
        try settleWhenOver()
    }

    /// Takes a record in where it came in here; false where a turn comes first, or more of the one under way.
    private func comesIn(_ record: JournalRecord, from replay: JournalReplay) throws -> Bool {
        let turn = try objects.world(WorldPage.turn)
        let gasClock = try objects.world(WorldPage.gasClock)
        let isHere: Bool
        if try objects.world(WorldPage.running) != 0 {
            guard record.isWithinTurn, record.turn == turn, record.gasClock <= gasClock else { return false }
            isHere = true
        } else {
            if record.turn > turn { return false }
            isHere = record.turn == turn && !record.kind.comesInWithinTurn && !record.isWithinTurn
        }
        guard isHere, record.gasClock == gasClock else {
            throw ReplayDivergence(record, "turn \(turn) is over, at gas \(gasClock)")
        }
        switch record.kind {
        case .tick:
            try clock.resample(.tick)
            try kernel.expireTimers(now: try objects.world(WorldPage.clockMonotonic))
        case .request, .requestWithinTurn:
            try journal.take(record, from: replay)
            try performAgain(record)
        case .mark: try journal.take(record, from: replay)
        case .output:
            try journal.take(record, from: replay)
            try compare(record)
        case .durable:
            try journal.take(record, from: replay)
            try tellAgain(record)
        case .end: try takeEnd(record, from: replay)
        case .terms: try takeTerms(record, from: replay)
        case .sample, .key: preconditionFailure("it comes in within a turn")
        }
        return true
    }

    private func performAgain(_ record: JournalRecord) throws {
        var reader = RequestReader(record.contents)
        let id: String
        let request: Request
        let outcome: UInt8
        do throws(RequestDecodingError) {
            id = try reader.text()
            request = try Request(from: &reader)
            outcome = try reader.byte()
            guard reader.isAtEnd else { throw RequestDecodingError(offset: reader.offset) }
        } catch {
            throw ReplayDivergence(record, "its byte \(error.offset) cannot be read")
        }
        let result = Result { () throws(WorldError) in try answer(request) }
        if cycle.hasFailed { _ = try result.get() }
        guard result.outcome == outcome else {
            throw ReplayDivergence(record, "it ends with \(result.outcome), not \(outcome), this time")
        }
        guard !id.isEmpty else { return }
        if replayedRequests.count == 2 * Self.rememberedRequests {
            replayedRequests.removeFirst(Self.rememberedRequests)
        }
        replayedRequests.append(ReplayedRequest(id: id, fingerprint: request.hashValue, result: result))
    }

    /// A replay that changes more than fits into memory goes through checkpoints, each of which goes on in the same journal. What
    /// came in before one of them cannot be taken in otherwise any more.
    private func makeRoomWhileReplaying(_ replay: JournalReplay) throws {
        _ = try objects.turnClean(256)
        machine.takeBackEntries()
        // A process may ask for it when half of the budget is used.
        guard objects.isCheckpointDue, access == .host else { return }
        try settleWhenOver()
        guard objects.isCheckpointDue else { return }
        // Not kept, whatever the retention says: what it goes on with is of a time before it.
        try beginCheckpoint(try plan(.settle))
        try settleWhenOver()
    }
}

extension Result where Success == Answer, Failure == WorldError {
    /// 0, or the code of the refusal: what a replay compares.
    var outcome: UInt8 {
        switch self {
        case .success: 0
        case .failure(let error): UInt8(error.code.rawValue)
        }
    }
}
