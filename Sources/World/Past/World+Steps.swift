// A kept checkpoint, and so many instructions on: what came in since is taken in again, in memory (specs/checkpoints.md).
//
// PAST-5  Where the gas clock of a world stood once, the past that is brought there has the hash that the world had last there: before
//         its next instruction, behind what came in there, and behind the turns that took no gas.

import Kernel
import Machine
import Objects
import Store

/// The past went over a place, and knows by that where it was last there.
struct PastOvershot: Error {
    let last: PastTurn
}

/// What is in the journal behind a kept state cannot be taken in again. Only what can be seen ends with it: no restart needs it for that.
struct PastUnreadable: Error {
    let cause: any Error

    /// nil where an error says something else.
    init?(_ error: any Error) {
        switch error {
        case is ReplayDivergence, StoreError.journalRefused: break
        case StoreError.damaged(let path, _) where path.hasSuffix(".log"): break
        default: return nil
        }
        cause = error
    }

    /// Runs `body`, which takes in a journal to look at what was.
    static func telling<Value>(_ body: () throws -> Value) throws -> Value {
        do { return try body() } catch { throw PastUnreadable(error) ?? error }
    }
}

/// A turn that is over, or under way.
struct PastTurn: Sendable, Hashable {
    var turn: UInt64
    var isUnderWay: Bool
}

extension World {
    /// Pages with which no instruction lacks one.
    private static let plenty: UInt64 = 1 << 16
    /// Pages that a past which is brought further may change: 1 GiB.
    private static let pastChanges = 1 << 18

    /// Brings a kept state on to a place. Throws a `WorldError` where the journal is not kept so far, `PastOvershot` where it went over
    /// the place to know that it was there: it is brought there anew then, `PastPlace.reached`.
    func goOn(to place: PastPlace) throws {
        if place.steps > 0 { try PastUnreadable.telling { try takeSteps(to: place) } }
    }

    private func takeSteps(to place: PastPlace) throws {
        let begin = try objects.world(WorldPage.gasClock)
        let (target, isNever) = begin.addingReportingOverflow(place.steps)
        guard let replay = try beginWalk() else {
            throw WorldError(
                .noSuchThing, what: "nothing of the journal is behind this checkpoint",
                why: "no file of it that is kept goes on from there",
                try: "keyvm checkpoint ls -w \(quotedForShell(directory))")
        }
        defer { journal.phase = .absent }
        let known = try walk(replay, to: isNever ? .max : target, place.running)
        guard !isNever, target <= known else {
            let most = known - begin
            throw WorldError(
                .noSuchThing, what: "the journal does not go so far",
                why: "from this checkpoint it goes \(most) of gas on, to gas clock \(known)",
                try: "keyvm at -w \(quotedForShell(directory)) \(store.epoch.rawValue) --steps \(most) -- ps")
        }
        while let turn = try turnBeforeMore(replay, place.running), turn != place.last, try runSlice(gasBound: 1) {
            guard try objects.world(WorldPage.gasClock) == target else { throw PastOvershot(last: turn) }
            try takeIn(replay, to: target)
        }
        try machine.saveAll()
    }

    /// Where it stands, if what comes next may take no gas: another turn, or the end of the one under way, whose process may freeze at an
    /// instruction that lacks pages. Nil too where the world is not known to have come further, by what came in then or as one that runs.
    func turnBeforeMore(_ replay: JournalReplay, _ running: WorldPosition?) throws -> PastTurn? {
        let process = CellID(rawValue: try objects.world(WorldPage.running))
        let now = PastTurn(turn: try objects.world(WorldPage.turn), isUnderWay: !process.isNone)
        if now.isUnderWay {
            let available = try objects.availablePages(try objects.link(process, ProcessRecord.bank))
            guard let available, available < Self.plenty else { return nil }
        }
        if try replay.peek() != nil { return now }
        guard replay.isLastFile, let running, now.turn < running.turn || now.isUnderWay && now.turn == running.turn
        else { return nil }
        return now
    }

    /// Runs of the turn under way, or of the next, at most so much gas; with 0 it only begins. False where nothing runs. Throws where
    /// nobody waits for a past any more, or too much of one is in memory.
    func runSlice(gasBound: UInt64) throws -> Bool {
        try checkPastRoom()
        try checkIsWaitedFor()
        return try whole {
            let turn = try objects.world(WorldPage.turn)
            if let process = try kernel.processToRun() {
                if gasBound > 0 { _ = try machine.run(process, gasBound: gasBound) }
                return true
            }
            return try objects.world(WorldPage.turn) != turn
        }
    }

    /// What came in behind a kept state; nil where nothing is kept of it.
    func beginWalk() throws -> JournalReplay? {
        guard let replay = try store.pastReplay(next: try journal.lastNumber + 1) else { return nil }
        journal.phase = .replaying(replay)
        return replay
    }

    /// Takes a kept state on to where its gas clock stands at `target`, as far as it is known to have come; ever further ones, one after
    /// the other. Returns `target`, or where it ended before that.
    func walk(_ replay: JournalReplay, to target: UInt64, _ running: WorldPosition?) throws -> UInt64 {
        try takeIn(replay, to: target)
        // Behind the last record, which says where a session ended, nothing came in: a world that runs went on by itself.
        let known = try objects.world(WorldPage.gasClock)
        let bound = if replay.isLastFile, let running { max(known, running.gasClock) } else { known }
        let end = min(target, bound)
        while case let gas = try objects.world(WorldPage.gasClock), gas < end {
            guard try runSlice(gasBound: end - gas) else {
                throw ReplayDivergence(nil, "nothing runs at gas \(gas), and it went on to \(end)")
            }
        }
        return end
    }

    /// A past is all in memory, and is not to take it from the world that runs.
    func checkPastRoom() throws {
        guard store.isPast, objects.dirtyCount > Self.pastChanges else { return }
        throw WorldError(
            .failed, what: "this is too far from the checkpoint",
            why: "more than \(Self.pastChanges) pages changed since, and all of them would have to be in memory",
            try: "keyvm checkpoint ls -w \(quotedForShell(directory))")
    }
}
