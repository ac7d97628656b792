// Reads the records of one journal file, and tells its end from damage (specs/journal.md, Where a file ends).

import Glibc

/// The records of a file, one after the other.
struct JournalFileReader: ~Copyable {
    private static let windowBytes = 1 << 20

    let header: JournalHeader
    private let file: OpenFile
    let fileBytes: UInt64
    /// Where the next record would begin.
    private(set) var offset = UInt64(JournalHeader.bytes)
    private var window: [UInt8] = []
    private var windowStart: UInt64 = 0
    /// The number of the record that would come next.
    private(set) var nextNumber: UInt64
    private var hasEnded = false

    /// Opens a file and reads its header. Throws `damaged`, and what the system says.
    init(_ path: String) throws(StoreError) {
        let file = try OpenFile(path, flags: O_RDONLY)
        let bytes = UInt64(try file.status().st_size)
        let header = try JournalHeader(decoding: try file.read(at: 0, count: JournalHeader.bytes), path: path)
        self.file = file
        fileBytes = bytes
        self.header = header
        nextNumber = header.firstNumber
    }

    var path: String { file.path }

    /// The next record; nil at the end. Throws `damaged` where a record does not hold that was durable.
    mutating func next() throws(StoreError) -> JournalRecord? {
        guard !hasEnded else { return nil }
        guard
            let header = JournalRecordHeader(
                try bytes(at: offset, count: JournalRecord.headerBytes), nonce: self.header.mark.nonce),
            header.number == nextNumber,
            UInt64(header.count) <= fileBytes - offset - UInt64(JournalRecord.headerBytes)
        else { return try end() }
        let whole = try bytes(at: offset, count: JournalRecord.headerBytes + header.count)
        let contents = whole.dropFirst(JournalRecord.headerBytes).prefix(header.count)
        guard contents.count == header.count, header.isWhole(contents) else {
            return try end()
        }
        let record = JournalRecord(
            header.kind, number: header.number, gasClock: header.gasClock, turn: header.turn,
            contents: Array(contents))
        offset += UInt64(record.bytes)
        nextNumber += 1
        return record
    }

    /// The first place without a record: nothing that stood there or behind it was durable, or it is damage.
    private mutating func end() throws(StoreError) -> JournalRecord? {
        var isLost = try isCutShort()
        if !isLost { isLost = try wasDurable(nextNumber) }
        guard !isLost else {
            throw .damaged(
                path: path,
                Damage(.journalRecord(nextNumber, offset: offset), .presence, expected: nextNumber, found: 0))
        }
        hasEnded = true
        return nil
    }

    /// Whether something is missing behind this place: a file has whole pieces, each allocated before anything is written to it, but for
    /// one that gave back what is behind its last seal.
    private mutating func isCutShort() throws(StoreError) -> Bool {
        let header = try bytes(at: offset, count: JournalRecord.headerBytes)
        if let record = JournalRecordHeader(header, nonce: self.header.mark.nonce), record.number == nextNumber,
            UInt64(record.count) > fileBytes - offset - UInt64(JournalRecord.headerBytes)
        {
            return true
        }
        let end = offset + UInt64(JournalSeal.bytes)
        if end <= fileBytes / JournalFile.allocationBytes * JournalFile.allocationBytes { return false }
        guard end == fileBytes,
            let seal = JournalSeal(header, from: nextNumber - 1, nonce: self.header.mark.nonce)
        else { return true }
        return seal.durable != nextNumber - 1
    }

    /// Whether any record or seal from this place on says that record `lost` was durable.
    private mutating func wasDurable(_ lost: UInt64) throws(StoreError) -> Bool {
        var place = offset
        while place + UInt64(JournalSeal.bytes) <= fileBytes {
            // Whole headers lie in the window.
            let stretch = try bytes(at: place, count: Self.windowBytes)
            for at in Self.candidates(stretch, from: lost) {
                let rest = stretch.dropFirst(at)
                if JournalSeal(rest.prefix(JournalSeal.bytes), from: lost, nonce: header.mark.nonce) != nil {
                    return true
                }
                if try isRecord(rest, at: place + UInt64(at), saying: lost) { return true }
            }
            guard stretch.count == Self.windowBytes else { return false }
            place += UInt64(Self.windowBytes - JournalRecord.headerBytes)
        }
        return false
    }

    /// The offsets at which a seal or a record of a number from `lowest` on may begin.
    private static func candidates(_ stretch: ArraySlice<UInt8>, from lowest: UInt64) -> [Int] {
        func isNear(_ number: UInt64) -> Bool { number >= lowest && number - lowest < 1 << 32 }
        return stretch.withUnsafeBytes { bytes in
            stride(from: 0, through: bytes.count - JournalSeal.bytes, by: 8).filter { at in
                isNear(bytes.integer(at: at)) || isNear(bytes.integer(at: at + 8))
            }
        }
    }

    /// Whether a whole record begins with these bytes, at this place, that says that `lost` was durable.
    private func isRecord(_ bytes: ArraySlice<UInt8>, at place: UInt64, saying lost: UInt64) throws(StoreError) -> Bool
    {
        guard bytes.count >= JournalRecord.headerBytes else { return false }
        let number: UInt64 = bytes.withUnsafeBytes { $0.integer(at: 8) }
        guard number > lost, number - lost < 1 << 32,
            let header = JournalRecordHeader(bytes.prefix(JournalRecord.headerBytes), nonce: self.header.mark.nonce),
            header.durable >= lost, header.durable < number
        else { return false }
        let from = place + UInt64(JournalRecord.headerBytes)
        guard UInt64(header.count) <= fileBytes - from else { return false }
        let contents = try file.read(at: from, count: header.count)
        return contents.count == header.count && header.isWhole(contents[...])
    }

    /// Bytes of the file, fewer only at its end.
    private mutating func bytes(at place: UInt64, count: Int) throws(StoreError) -> ArraySlice<UInt8> {
        if place < windowStart || place + UInt64(count) > windowStart + UInt64(window.count) {
            window = try file.read(at: place, count: max(count, Self.windowBytes))
            windowStart = place
        }
        return window.dropFirst(Int(place - windowStart)).prefix(count)
    }
}
