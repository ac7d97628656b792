// A kept checkpoint, and so many instructions on: what came in since is taken in again, in memory (specs/checkpoints.md).
//
// PAST-5  Where the gas clock of a world stood once, the past that is brought there has the hash that the world had last there: before
//         its next instruction, behind what came in there, and behind the turns that took no gas.

import Kernel
import Machine
import Objects
import Store

/// The past went over a place, and knows by that which turn was the last one there.
struct PastOvershot: Error {
    let turn: UInt64
}

extension World {
    /// Pages that a past which is brought further may change: 1 GiB.
    private static let pastChanges = 1 << 18

    /// Brings a kept state on to a place. Throws a `WorldError` where the journal is not kept so far, `PastOvershot` where it went over
    /// the place to know that it was there: it is brought there anew then, `PastPlace.reached`.
    func goOn(to place: PastPlace) throws {
        guard place.steps > 0 else { return }
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
        while let turn = try idleTurn(replay, place.running), turn != place.lastTurn, try runSlice(gasBound: 1) {
            guard try objects.world(WorldPage.gasClock) == target else { throw PastOvershot(turn: turn) }
            try takeIn(replay, to: target)
        }
        try machine.saveAll()
    }

    /// The turn that is over, where the next one may belong to the same place: no quantum is under way, and the world is known to have
    /// come further, by what came in then or as one that runs.
    func idleTurn(_ replay: JournalReplay, _ running: WorldPosition?) throws -> UInt64? {
        guard try objects.world(WorldPage.running) == 0 else { return nil }
        let turn = try objects.world(WorldPage.turn)
        if try replay.peek() != nil { return turn }
        guard replay.isLastFile, let running, turn < running.turn else { return nil }
        return turn
    }

    /// Runs of the turn under way, or of the next, at most so much gas; false where nothing runs.
    func runSlice(gasBound: UInt64) throws -> Bool {
        try whole {
            let turn = try objects.world(WorldPage.turn)
            if let process = try kernel.processToRun() {
                _ = try machine.run(process, gasBound: gasBound)
                return true
            }
            return try objects.world(WorldPage.turn) != turn || kernel.hasGoingBanks
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
            try checkPastRoom()
            try checkIsWaitedFor()
            guard try runSlice(gasBound: end - gas) else { break }
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
