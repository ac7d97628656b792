// The journal of a boot: begun with it, asked for by every answer, and gone with the last checkpoint (specs/journal.md).

import Objects
import Store

extension World {
    /// Bytes that a request may carry, so that it is a record with everything else in it.
    private static let requestBytes = JournalRecord.contentBound / 2

    /// Bytes of the journal's file from which on a checkpoint is due, and from which on nothing runs before there is one.
    private static let journalBytes: (due: UInt64, full: UInt64) = (32 << 20, 128 << 20)

    /// Begins to write down what comes in. What changed since the last checkpoint is durable first: nothing may be acknowledged that
    /// builds on it before.
    /// `retention`: how much of the past is kept; nil: none.
    func beginJournal(keeping retention: JournalRetention?) throws {
        try settleWhenOver()
        try endSession {
            guard mustPublish else { return }
            try beginCheckpoint()
            try settleWhenOver()
        }
        // Whatever lies there is in the store by now.
        // Read now, and not in a freeze.
        let needed = try keptCheckpoints().items.first?.epoch
        store.endJournal(needed: needed)
        let writer = try store.journal(lastNumber: try journal.lastNumber, keeping: retention) { [mailbox] in
            mailbox.poke()
        }
        writer.need(from: needed)
        journal.isGivenUp = false
        journal.phase = .recording(writer)
        durability = DurabilityUnderWay()
        _ = try journal.beginFile(epoch: store.epoch)
    }

    /// Whether a publication that names no file has to come before files that hold what the state has may go. Those that a host left
    /// have other epochs than those that are begun next, with records or without.
    var mustPublish: Bool { objects.hasChanges || store.namesJournal || goesOnInJournal }

    /// Between two quanta: a journal that cannot be written ends the boot, and one that is long has a checkpoint.
    func checkJournal() throws {
        guard let writer = journal.writer else { return }
        if let error = writer.error { throw error }
        try noteNotKept(writer.notKept)
        let bytes = writer.appendedBytes
        if bytes >= Self.journalBytes.full { try settleWhenOver() }
        if bytes >= Self.journalBytes.due, mayBeginCheckpoint { try beginCheckpoint() }
    }

    static func isRecordable(_ request: Request) -> Bool { request.carriedBytes <= requestBytes }

    /// Performs a request, and answers when what the answer tells of is durable.
    func take(_ letter: Letter) throws {
        guard Self.isRecordable(letter.request) else {
            return letter.reply(
                .failure(
                    WorldError(
                        .usage, what: "the request is too large",
                        why: "it carries \(letter.request.carriedBytes) bytes, of at most \(Self.requestBytes)",
                        try: "keyvm halt -w \(quotedForShell(directory))")))
        }
        let result = Result { () throws(WorldError) in try answer(letter.request) }
        let number: UInt64?
        do {
            number = try record(letter, result)
        } catch {
            letter.reply(.failure(WorldError(error, directory: directory)))
            throw error
        }
        guard let number, let writer = journal.writer else { return letter.reply(result) }
        writer.whenDurable(number) { [directory] error in
            letter.reply(error.map { .failure(WorldError($0, directory: directory)) } ?? result)
        }
    }

    /// Writes a request down that changes the world, with how it ended.
    @discardableResult
    func record(
        _ request: Request, id: String, _ result: Result<Answer, WorldError>, isWithinTurn: Bool = false
    ) throws -> UInt64? {
        var bytes = RequestBytes()
        bytes.append(id)
        let kind: JournalRecord.Kind = isWithinTurn ? .requestWithinTurn : .request
        return try journal.record(kind, bytes.bytes + request.encoded() + [result.outcome])
    }

    /// The record that has to be durable before this is answered; nil where there is none.
    private func record(_ letter: Letter, _ result: Result<Answer, WorldError>) throws -> UInt64? {
        // What was changed in part is never durable.
        if cycle.hasFailed { return nil }
        guard letter.request.isReading else { return try record(letter.request, id: letter.id, result) }
        // What a program wrote is shown when the world comes to it again whatever happens.
        guard case .success(.logs(let logs)) = result, !logs.items.isEmpty || logs.ended,
            case .logs(let process, _, _) = letter.request
        else { return nil }
        if let output = try unreleased(logs, of: try self.process(process)) {
            return try journal.record(.output, output.encoded())
        }
        return try journal.markPosition()
    }
}

extension JournalRetention {
    init(_ keep: World.Boot.KeepJournal) {
        self.init(bytes: keep.bytes, seconds: UInt64(max(0, keep.age.components.seconds)))
    }
}
