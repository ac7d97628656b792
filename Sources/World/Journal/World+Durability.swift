// Telling programs that what they did is durable: an input, for what the disk has is none of a world's state (`specs/keys/checkpoint.md`).

import Kernel
import Objects
import Store

/// That something has become durable for which programs wait: the contents of a record of the journal.
struct Durability: Sendable, Equatable {
    /// All that came before these began to wait, counted over all that ever did.
    var through: UInt64
    /// The checkpoint that has it; 0: the journal.
    var checkpoint: UInt64

    func encoded() -> [UInt8] {
        var bytes = RequestBytes()
        bytes.append(through)
        bytes.append(checkpoint)
        return bytes.bytes
    }

    init(through: UInt64, checkpoint: UInt64) {
        self.through = through
        self.checkpoint = checkpoint
    }

    init(decoding contents: [UInt8]) throws(RequestDecodingError) {
        var reader = RequestReader(contents)
        through = try reader.number()
        checkpoint = try reader.number()
        guard reader.isAtEnd else { throw RequestDecodingError(offset: reader.offset) }
    }
}

/// How far a boot has come with what programs wait for.
struct DurabilityUnderWay {
    /// When this record of the journal is durable, so is all that came before these began to wait.
    var mark: (record: UInt64, through: UInt64)?
    /// A checkpoint is durable that nobody has been told of.
    var made: Durability?
}

extension World {
    /// Between two turns: tells those who wait what has become durable, and sees to it that the rest becomes so.
    func seeToDurability() throws {
        let awaited = try kernel.awaitedDurability()
        guard awaited.isAwaited, let writer = journal.writer else { return }
        if let made = durability.made {
            durability.made = nil
            try tell(made)
        }
        if let mark = durability.mark, writer.durableNumber >= mark.record {
            durability.mark = nil
            try tell(Durability(through: mark.through, checkpoint: 0))
        }
        let left = try kernel.awaitedDurability()
        if durability.mark == nil, left.byJournal != 0, let record = try journal.markPosition() {
            durability.mark = (record, left.byJournal)
            writer.whenDurable(record) { [mailbox] _ in mailbox.poke() }
        }
        if left.byCheckpoint != 0, mayBeginCheckpoint, time.monotonic >= cycle.programsMayBegin {
            try beginCheckpoint(try plan(.settle), isForProgram: true)
        }
    }

    /// Where nobody waits any more for whom it would be news it is none.
    private func tell(_ durability: Durability) throws {
        guard try kernel.tellDurable(through: durability.through, checkpoint: durability.checkpoint) > 0 else { return }
        _ = try journal.record(.durable, durability.encoded())
        try observe()
    }

    /// A checkpoint is durable, of a state in which these waited.
    func noteMade(through last: UInt64, checkpoint: UInt64) {
        durability.made = Durability(through: last, checkpoint: checkpoint)
    }

    /// What became durable when the world ran before, it is told again.
    func tellAgain(_ record: JournalRecord) throws {
        let durability: Durability
        do throws(RequestDecodingError) {
            durability = try Durability(decoding: record.contents)
        } catch {
            throw ReplayDivergence(record, "its byte \(error.offset) cannot be read")
        }
        guard try kernel.tellDurable(through: durability.through, checkpoint: durability.checkpoint) > 0 else {
            throw ReplayDivergence(record, "nobody waits for it")
        }
    }
}
