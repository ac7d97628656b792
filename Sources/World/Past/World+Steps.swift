// A kept checkpoint, and so many instructions on: what came in since is taken in again, in memory (specs/checkpoints.md).
//
// PAST-5  Where the gas clock of a world stood once, the past that is brought there has the hash that the world had, before its next
//         instruction and behind what came in there.

import Kernel
import Machine
import Objects
import Store

extension World {
    /// Pages that a past which is brought further may change: 1 GiB.
    private static let pastChanges = 1 << 18

    /// Brings a kept state `steps` of gas on. `runningGasClock`: where the world stood that runs, when it was asked; nil: nobody runs it.
    /// Throws a `WorldError` where the journal is not kept so far.
    func goOn(steps: UInt64, runningGasClock: UInt64? = nil) throws {
        guard steps > 0 else { return }
        let begin = try objects.world(WorldPage.gasClock)
        let (target, isNever) = begin.addingReportingOverflow(steps)
        guard let replay = try beginWalk() else {
            throw WorldError(
                .noSuchThing, what: "nothing of the journal is behind this checkpoint",
                why: "no file that is kept goes on from it; what is asked of a world that nobody ran is in none",
                try: "keyvm checkpoint ls -w \(quotedForShell(directory))")
        }
        defer { journal.phase = .absent }
        let known = try walk(replay, to: isNever ? .max : target, runningGasClock)
        guard !isNever, target <= known else {
            let most = known - begin
            throw WorldError(
                .noSuchThing, what: "the journal does not go so far",
                why: "from this checkpoint it goes \(most) of gas on, to gas clock \(known)",
                try: "keyvm at -w \(quotedForShell(directory)) \(store.epoch.rawValue) --steps \(most) -- ps")
        }
        try machine.saveAll()
    }

    /// What came in behind a kept state; nil where nothing is kept of it.
    func beginWalk() throws -> JournalReplay? {
        guard let replay = try store.pastReplay(next: try journal.lastNumber + 1) else { return nil }
        journal.phase = .replaying(replay)
        return replay
    }

    /// Takes a kept state on to a place, as far as it is known to have come; ever further ones, one after the other. Returns `target`, or
    /// where it ended before that.
    func walk(_ replay: JournalReplay, to target: UInt64, _ runningGasClock: UInt64?) throws -> UInt64 {
        try takeIn(replay, to: target)
        // Behind the last record nothing came in: it runs by itself, as far as it is known to have run.
        let bound = try max(knownBound(behind: replay, runningGasClock), objects.world(WorldPage.gasClock))
        let end = min(target, bound)
        try whole {
            while case let gas = try objects.world(WorldPage.gasClock), gas < end {
                try checkPastRoom()
                try checkIsWaitedFor()
                let turn = try objects.world(WorldPage.turn)
                if let process = try kernel.processToRun() {
                    _ = try machine.run(process, gasBound: end - gas)
                } else if try objects.world(WorldPage.turn) == turn, try !kernel.hasGoingBanks {
                    break
                }
            }
        }
        return end
    }

    /// Up to which gas clock nothing came in behind the last record.
    private func knownBound(behind replay: JournalReplay, _ runningGasClock: UInt64?) throws -> UInt64 {
        if replay.isLastFile, let runningGasClock { return runningGasClock }
        // The boot that wrote it ended with a checkpoint, or the next one began with one.
        let end = Epoch(rawValue: replay.epoch.rawValue + 1)
        return try store.checkpoint(end)?.note.gasClock ?? 0
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
