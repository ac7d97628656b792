// A world of its own, made of a kept checkpoint (specs/backup.md, Forks).

import Backup
import Kernel
import Store

extension World {
    /// Makes a world in `target`, which is not there or an empty folder, of a kept checkpoint, here and now.
    func fork(_ reference: String, to target: String) throws -> ForkAnswer {
        try Self.checkIsOutside(target, of: directory)
        let item = try find(reference, in: try keptCheckpoints())
        return try Self.fork(item.epoch, of: store, to: target, stop: nil)
    }

    /// Has it made by the thread of the past.
    func askFork(
        _ reference: String, to target: String, _ stop: StopFlag,
        _ reply: @escaping @Sendable (Result<Answer, WorldError>) -> Void
    ) {
        do {
            try Self.checkIsOutside(target, of: directory)
            let item = try find(reference, in: try keptCheckpoints())
            askPast(stop, reply) { [store] in
                .fork(try Self.fork(item.epoch, of: store, to: target, stop: stop))
            }
        } catch {
            reply(.failure(WorldError(error, directory: directory)))
        }
    }

    private static func fork(_ epoch: Epoch, of store: Store, to target: String, stop: StopFlag?) throws -> ForkAnswer {
        let past = try store.past(epoch)
        defer { past.abandon() }
        guard let record = try past.checkpoint(epoch) else { throw StoreError.notKept(path: store.path, epoch) }
        let answer = CheckpointAnswer(record)
        defer { progress.end() }
        var count: UInt64 = 0
        var pacing = Pacing(until: stop)
        let pages = try StorePages(past) { done in
            try pacing.pause()
            progress.set(done, of: count)
        }
        count = pages.count
        var note = record.note
        note.name = nil
        note.dirtyPages = count
        let attributes = WorldAttributes(
            journal: JournalMark.nothing(), retention: Retention(), history: WorldHistory(isKeyDue: true))
        let world = WorldID.drawn()
        do {
            try namingFolder {
                try Store.create(
                    at: target, worldID: world,
                    first: Publication(
                        epoch: Epoch(rawValue: 1), pages: [], freed: [], attributes: attributes.bytes, checkpoint: note,
                        source: pages))
            }
        } catch {
            throw pages.failure ?? error
        }
        return ForkAnswer(directory: target, world: world.text, checkpoint: answer, pages: count)
    }
}
