// Where a world writes down what comes in, or takes it from (specs/journal.md).
//
// JRNL-1  Each record is counted in the world page when its input comes in, whether it is written or read.

import Devices
import Objects
import Store

final class WorldJournal: ClockJournal, EntropyJournal {
    enum Phase {
        /// No boot is under way: what changes is durable when the world is closed, or with a checkpoint.
        case absent
        case recording(JournalWriter)
        case replaying(JournalReplay)
    }

    private unowned let objects: Objects
    var phase = Phase.absent
    /// The number of the last record at the last checkpoint, and at the freeze that becomes the next.
    var checkpointNumber: UInt64 = 0
    private var frozenNumber: UInt64 = 0
    /// What of the outputs is in the journal.
    var released = ReleasedRanges()
    /// The position of the last mark, or of any record after it.
    private var lastPosition: (turn: UInt64, gasClock: UInt64)?
    /// That something is not kept has been told.
    var hasToldNotKept = false
    /// Records that were taken in again when the world was opened, and how long that took.
    var replayed: (records: UInt64, nanoseconds: UInt64)?
    /// The file that the last of them was in.
    var replayedFile: (nonce: UInt64, epoch: Epoch)?
    /// What is asked of the world while nobody runs it is not written down any more.
    var isGivenUp = false

    init(objects: Objects) { self.objects = objects }

    var writer: JournalWriter? { if case .recording(let writer) = phase { writer } else { nil } }

    /// The number of the last record that came in.
    var lastNumber: UInt64 { get throws { try objects.world(WorldPage.journalNumber) } }

    // MARK: Files

    /// From now on records go into a file of this epoch, where a boot is under way. Returns what its publication names.
    func beginFile(epoch: Epoch) throws -> JournalMark? {
        frozenNumber = try lastNumber
        return switch phase {
        case .absent: nil
        case .recording(let writer): writer.begin(epoch: epoch)
        case .replaying(let replay): replay.mark
        }
    }

    /// A publication is the world's last: the files before the one that it names are needed no more.
    func settle(attributes: [UInt8]) throws {
        checkpointNumber = frozenNumber
        guard let mark = JournalMark(attributes: attributes) else { return }
        writer?.discard(before: mark)
    }

    // MARK: Writing

    /// Writes down what comes in here, where a boot is under way. Returns its number.
    func record(_ kind: JournalRecord.Kind, _ contents: [UInt8] = []) throws -> UInt64? {
        guard let writer else { return nil }
        let position = try position
        // Within a turn the gas clock is not settled.
        let gasClock = kind.comesInWithinTurn ? 0 : position.gasClock
        let number = writer.append(kind, gasClock: gasClock, turn: position.turn, contents: contents)
        try objects.setWorld(WorldPage.journalNumber, number)
        lastPosition = position
        return number
    }

    /// The number of the record that says that the world came as far as here: one that is there, or a mark.
    func markPosition() throws -> UInt64? {
        guard let writer else { return nil }
        if let lastPosition, lastPosition == (try position) { return writer.lastNumber }
        return try record(.mark)
    }

    private var position: (turn: UInt64, gasClock: UInt64) {
        get throws { (try objects.world(WorldPage.turn), try objects.world(WorldPage.gasClock)) }
    }

    func record(key: [UInt8]) throws { _ = try record(.key, key) }

    func record(_ input: ClockInput, _ sample: ClockSample) throws {
        guard writer != nil else { return }
        var contents: [UInt8] = []
        for time in [sample.realtime, sample.monotonic] {
            withUnsafeBytes(of: time.littleEndian) { contents += $0 }
        }
        _ = try record(input.kind, contents)
    }

    // MARK: Reading

    func replayed(_ input: ClockInput) throws -> ClockSample? {
        guard let contents = try replayed(input.kind, bytes: 16, "a program reads the clock") else { return nil }
        let times = contents.withUnsafeBytes {
            ($0.loadUnaligned(as: UInt64.self), $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        }
        return ClockSample(
            realtime: UInt64(littleEndian: times.0), monotonic: UInt64(littleEndian: times.1))
    }

    func replayedKey() throws -> [UInt8]? { try replayed(.key, bytes: 32, "a program draws random bytes") }

    /// The contents of the record that comes in here, where a replay is under way.
    private func replayed(_ kind: JournalRecord.Kind, bytes: Int, _ happening: String) throws -> [UInt8]? {
        guard case .replaying(let replay) = phase else { return nil }
        guard let record = try replay.peek(), record.kind == kind, record.contents.count == bytes,
            record.turn == (try objects.world(WorldPage.turn))
        else {
            throw ReplayDivergence(try replay.peek(), "\(happening) in turn \(try position.turn)")
        }
        try take(record, from: replay)
        return record.contents
    }

    /// A record has come in again.
    func take(_ record: JournalRecord, from replay: JournalReplay) throws {
        try objects.setWorld(WorldPage.journalNumber, record.number)
        replay.drop()
    }
}

extension ClockInput {
    fileprivate var kind: JournalRecord.Kind {
        switch self {
        case .sample: .sample
        case .tick: .tick
        }
    }
}

/// The world does not come to where the journal says that it was: a bug of ours, or other policies, or another program.
struct ReplayDivergence: Error {
    /// What the journal has.
    var record: String
    /// What happens this time.
    var found: String

    init(_ record: JournalRecord?, _ found: String) {
        self.record =
            record.map { "record \($0.number), \($0.kind.text), came in at turn \($0.turn) and gas \($0.gasClock)" }
            ?? "the journal has no more records"
        self.found = found
    }
}

extension JournalRecord.Kind {
    fileprivate var text: String {
        switch self {
        case .sample: "a reading of the clock"
        case .tick: "a timer's end"
        case .request, .requestWithinTurn: "a request"
        case .mark: "a mark"
        case .output: "an output"
        case .key: "a new key of the entropy"
        case .end: "the end of a host"
        case .terms: "a boot's options"
        case .durable: "that something is durable"
        }
    }
}
