// Going back to a kept checkpoint: everything that changed since is published as it was then, in one publication, so that its time
// is that of the changed pages and a kill leaves the world before or after it, never between (specs/checkpoints.md).
//
// PAST-4  A world that went back has the hash of the checkpoint; what it left can be read as `before-rollback-N`.

import Kernel
import Objects
import Store

/// A rollback that is asked of a world that runs.
struct Rollback: Sendable {
    /// `@` and a name, or a number.
    var checkpoint: String
    var overHeld: Bool
    var reply: @Sendable (Result<Answer, WorldError>) -> Void
}

extension World {
    /// What going back to `reference` undoes; refused as that would be.
    func preview(rollbackTo reference: String, overHeld: Bool) throws -> RollbackAnswer {
        guard !store.isPast else {
            throw WorldError(
                .usage, what: "the past does not go back", why: "what a rollback undoes is asked of the world as it is",
                try: "keyvm rollback -n --help")
        }
        let target = try rollbackTarget(reference, overHeld: overHeld)
        var changed = Set(try store.changes(since: target.epoch))
        // And what changed since the last checkpoint.
        changed.formUnion(objects.changedPages)
        if let frozen = cycle.underWay?.frozen { changed.formUnion(frozen.pages.map(\.id) + frozen.freed) }
        return try rollbackAnswer(target, pages: UInt64(changed.count))
    }

    private func rollbackAnswer(_ target: KeptCheckpoints.Item, pages: UInt64) throws -> RollbackAnswer {
        guard let record = try store.checkpoint(target.epoch) else {
            throw StoreError.notKept(path: store.path, target.epoch)
        }
        let later = try store.checkpoints().filter { $0.isKept && $0.epoch > target.epoch }
        return RollbackAnswer(
            checkpoint: CheckpointAnswer(record), left: nil, gasClock: try objects.world(WorldPage.gasClock),
            pages: pages, later: later.map(CheckpointAnswer.init))
    }

    /// The checkpoint that a rollback means. Throws a `WorldError` where it is refused.
    private func rollbackTarget(_ reference: String, overHeld: Bool) throws -> KeptCheckpoints.Item {
        let kept = try keptCheckpoints()
        let target = try find(reference, in: kept)
        if !overHeld, let held = kept.items.last(where: { $0.isHeld && $0.epoch > target.epoch }) {
            throw WorldError(
                .noAuthority, what: "checkpoint \(held.title), which is later, is held",
                why: "going back behind it would leave it on a branch that was given up",
                try: "keyvm rollback -w \(quotedForShell(directory)) \(target.title) --over-held")
        }
        return target
    }

    /// Goes back, here and now, while no boot runs.
    func rollBack(to reference: String, overHeld: Bool) throws -> RollbackAnswer {
        try finishAskedCheckpoints()
        let target = try rollbackTarget(reference, overHeld: overHeld)
        try checkCanBeRead(target)
        return try whole { try endSession { try rollBack(to: target) {} } }
    }

    /// Throws where something of what a rollback would publish cannot be read, or is no world of this program's: before anything is
    /// changed.
    private func checkCanBeRead(_ target: KeptCheckpoints.Item) throws {
        let changed = try store.changes(since: target.epoch)
        let past = try store.past(target.epoch)
        defer { past.abandon() }
        for id in changed { _ = try past.page(id) }
        try World(directory: directory, access: .reader, store: past, budgetPages: 64).abandon()
    }

    /// Goes back to `target`: what is is made durable and kept, and `left` is called; then the world is what it was. Nothing is under way.
    private func rollBack(to target: KeptCheckpoints.Item, left isLeft: () throws -> Void) throws -> RollbackAnswer {
        let number = cycle.history.rollbacks + 1
        try keepBeforeRollback(number, sparing: target.epoch)
        try isLeft()
        let gasClock = try objects.world(WorldPage.gasClock)
        guard let left = try store.newestCheckpoint() else { preconditionFailure("it was just made") }

        let changed = try store.changes(since: target.epoch)
        var answer = try rollbackAnswer(target, pages: UInt64(changed.count))
        let past = try store.past(target.epoch)
        defer { past.abandon() }
        var pages: [PublishedPage] = []
        var freed: [PageID] = []
        for id in changed {
            if let content = try past.page(id) {
                pages.append(PublishedPage(id: id, content: content))
            } else {
                freed.append(id)
            }
        }
        let epoch = Epoch(rawValue: max(store.highestEpoch, left.epoch).rawValue + 1)
        var history = cycle.history
        history.rollbacks = number
        history.begin(.init(id: .random(in: 1...UInt64.max), from: target.epoch, first: epoch))
        history.isKeyDue = true
        // It is no regular checkpoint: its state is kept as it is.
        let attributes = WorldAttributes(
            journal: JournalMark.nothing(), retention: cycle.retention, history: history)
        let note = CheckpointNote(
            name: nil, wallTimeNanoseconds: Int64(clamping: time.realtime), gasClock: answer.checkpoint.gasClock,
            dirtyPages: UInt64(changed.count), freezeMicroseconds: 0)
        let publication = Publication(
            epoch: epoch, pages: pages,
            freed: Publication.runs(of: freed), attributes: attributes.bytes, checkpoint: note)
        do {
            _ = try store.adopt(try store.publish(publication))
            try beginAnew()
        } catch {
            // What is in memory may be of another state than the store.
            cycle.hasFailed = true
            throw error
        }
        answer.left = CheckpointAnswer(left)
        answer.later.removeAll { $0.id == left.epoch.rawValue }
        answer.gasClock = gasClock
        return answer
    }

    /// Makes what is durable as a kept checkpoint, `before-rollback-N` of the lowest N from `number` on that no kept one has.
    /// The retention does not take `target` meanwhile.
    private func keepBeforeRollback(_ number: UInt64, sparing target: Epoch) throws {
        let kept = try keptCheckpoints()
        var free = number
        while kept.find("@before-rollback-\(free)") != nil { free += 1 }
        var plan = try plan(.create(name: "before-rollback-\(free)"))
        plan.keeping.released.removeAll { $0 == target }
        try beginCheckpoint(plan)
        try settleWhenOver()
    }
}

// MARK: While it runs

extension World {
    /// Does the rollback that was asked, in a boot that goes on afterwards: in its turn, behind the orders that came before it. What comes
    /// in meanwhile is done behind it where the rollback is refused; where it is done, what changes the world is refused, and what
    /// reads or halts is answered. Returns whether the world went back: then it has no journal. Where it throws, the boot is over.
    func performRollback() throws -> Bool {
        guard let asked = rollback else { return false }
        try finishAskedCheckpoints()
        let target: KeptCheckpoints.Item
        do {
            target = try rollbackTarget(asked.checkpoint, overHeld: asked.overHeld)
            // Kept states that are open belong to one thread at a time.
            pastThread.end(
                WorldError(
                    .failed, what: "the question was broken off", why: "the world was asked to go back to a checkpoint",
                    try: "keyvm status -w \(quotedForShell(directory))"))
            try checkCanBeRead(target)
        } catch {
            pastThread.open()
            rollback = nil
            asked.reply(.failure(WorldError(error, directory: directory)))
            return false
        }
        // The state that is left is kept as whole as that of a halt.
        let phase = journal.phase
        try noteEnd(keepsClock: true)
        let writer = journal.writer
        journal.phase = .absent
        var needsJournal = true
        let answer: RollbackAnswer
        do {
            answer = try rollBack(to: target) {
                needsJournal = false
                writer?.remove()
                try noteNotKept(writer?.notKept)
            }
        } catch {
            // Until what was left is durable, the journal has what was acknowledged.
            if needsJournal { journal.phase = phase } else { writer?.end() }
            throw error
        }
        writer?.end()
        try beginEvents(.worldRolledBack, behind: answer.checkpoint)
        if let made = try store.newestCheckpoint() { try noteDurable(CheckpointAnswer(made)) }
        pastThread.open()
        let late = waitingLetters + mailbox.takeAll()
        waitingLetters = late.filter { $0.request.isReading || $0.request == .halt }
        for letter in late where !letter.request.isReading && letter.request != .halt {
            letter.reply(.failure(lateForRollback))
        }
        rollback = nil
        asked.reply(.success(.rollback(answer)))
        return true
    }

    private var lateForRollback: WorldError {
        WorldError(
            .failed, what: "the world went back to a checkpoint", why: "the request came meanwhile, and was not done",
            try: "keyvm status -w \(quotedForShell(directory))")
    }
}
