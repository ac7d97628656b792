// Reads the records of one journal file, and tells its end from damage (specs/journal.md, Where a file ends).

import Glibc

/// The records of a file, one after the other.
struct JournalFileReader: ~Copyable {
    private static let windowBytes = 1 << 20

    let header: JournalHeader
    private let file: OpenFile
    private let fileBytes: UInt64
    private var offset = UInt64(JournalHeader.bytes)
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
        var isLost = header.durable >= nextNumber
        if !isLost { isLost = try wasDurable(nextNumber) }
        guard !isLost else {
            throw .damaged(
                path: path,
                Damage(.journalRecord(nextNumber, offset: offset), .presence, expected: nextNumber, found: 0))
        }
        hasEnded = true
        return nil
    }

    /// Whether any record behind this place says that record `lost` was durable.
    private mutating func wasDurable(_ lost: UInt64) throws(StoreError) -> Bool {
        var place = offset
        while place + UInt64(JournalRecord.headerBytes) <= fileBytes {
            // Whole records lie in the window, unless they are larger.
            let stretch = try bytes(at: place, count: Self.windowBytes)
            let last = stretch.count - JournalRecord.headerBytes
            guard last >= 0 else { return false }
            for at in stride(from: 0, through: last, by: 8) {
                let number: UInt64 = stretch.withUnsafeBytes { $0.integer(at: at + 8) }
                guard number > lost, number - lost < 1 << 32,
                    let header = JournalRecordHeader(
                        stretch.dropFirst(at).prefix(JournalRecord.headerBytes), nonce: self.header.mark.nonce),
                    header.durable >= lost, header.durable < number
                else { continue }
                let from = place + UInt64(at + JournalRecord.headerBytes)
                guard UInt64(header.count) <= fileBytes - from else { continue }
                let contents = try file.read(at: from, count: header.count)
                if contents.count == header.count, header.isWhole(contents[...]) {
                    return true
                }
            }
            place += UInt64(last / 8 * 8 + 8)
        }
        return false
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
