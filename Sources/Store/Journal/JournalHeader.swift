// Owns the header of a journal file: its bytes, and what they must satisfy (specs/journal.md, Header).

/// Which file of the journal a world goes on with: what a head's attributes hold of it.
package struct JournalMark: Sendable, Equatable {
    /// At least 1; each file of a world has a greater one than those before.
    package let serial: UInt64
    /// Drawn for each file, so that no other is taken for it.
    package let nonce: UInt64

    package init(serial: UInt64, nonce: UInt64) {
        self.serial = serial
        self.nonce = nonce
    }

    /// Reads a head's attributes; nil where they ask for no file.
    package init?(attributes: [UInt8]) {
        guard attributes.count >= 16 else { return nil }
        let (serial, nonce) = attributes.withUnsafeBytes {
            ($0.integer(at: 0, as: UInt64.self), $0.integer(at: 8, as: UInt64.self))
        }
        guard serial != 0 else { return nil }
        self.init(serial: serial, nonce: nonce)
    }

    /// 16 bytes for the attributes of a head that asks for no file. Of one origin is one state alone.
    package static func nothing(origin: UInt64 = newOrigin()) -> [UInt8] {
        JournalMark(serial: 0, nonce: origin).attributes
    }

    /// One that no head has.
    package static func newOrigin() -> UInt64 { .random(in: 1...UInt64.max) }

    /// What a file has in its header that goes on from a head with these attributes, which ask for none.
    package static func origin(of attributes: [UInt8]) -> UInt64 {
        guard attributes.count >= 16 else { return 0 }
        return attributes.withUnsafeBytes { $0.integer(at: 8) }
    }

    /// 16 bytes for a head's attributes.
    package var attributes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(littleEndian: serial)
        bytes.append(littleEndian: nonce)
        return bytes
    }
}

/// What a file of the journal says of itself.
struct JournalHeader: Sendable, Equatable {
    static let magic: UInt64 = 0x4C4E_4A4D_5659_454B  // "KEYVMJNL" read as a little-endian integer
    /// The one that is written; 1 does not say what a file goes on from, 2 has no ends and no terms.
    static let format: UInt32 = 4
    /// Bytes before the first record.
    static let bytes = 4_096

    var worldID: WorldID
    var mark: JournalMark
    /// The publication that it goes on from, or the one whose freeze it begins after.
    var epoch: Epoch
    /// The number of the first record.
    var firstNumber: UInt64
    /// What it goes on from: the nonce of the file before, or the origin that a head has which asks for none. nil: it is not known.
    var behind: UInt64?

    func encoded() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(littleEndian: JournalHeader.magic)
        bytes.append(littleEndian: JournalHeader.format)
        bytes.append(littleEndian: UInt32(0))
        for field in [worldID.low, worldID.high, mark.serial, mark.nonce, epoch.rawValue, firstNumber] {
            bytes.append(littleEndian: field)
        }
        bytes.append(littleEndian: Checksum.bytes(bytes, seed: 0))
        bytes.append(littleEndian: behind ?? 0)
        bytes.append(littleEndian: Checksum.bytes(bytes, seed: 0))
        return bytes + [UInt8](repeating: 0, count: JournalHeader.bytes - bytes.count)
    }

    init(worldID: WorldID, mark: JournalMark, epoch: Epoch, firstNumber: UInt64, behind: UInt64) {
        self.behind = behind
        self.worldID = worldID
        self.mark = mark
        self.epoch = epoch
        self.firstNumber = firstNumber
    }

    /// Reads a header; the first fact that does not hold is thrown.
    init(decoding bytes: [UInt8], path: String) throws(StoreError) {
        func require(
            _ holds: Bool, _ fact: Damage.Fact, _ expected: UInt64, _ found: UInt64
        ) throws(StoreError) {
            guard holds else {
                throw .damaged(path: path, Damage(.journalHeader, fact, expected: expected, found: found))
            }
        }
        try require(bytes.count >= JournalHeader.bytes, .length, UInt64(JournalHeader.bytes), UInt64(bytes.count))
        let fields: [UInt64] = bytes.withUnsafeBytes { raw in (0..<11).map { raw.integer(at: 8 * $0) } }
        try require(fields[0] == JournalHeader.magic, .magic, JournalHeader.magic, fields[0])
        // It stands there in every format.
        let checksum = Checksum.bytes(bytes[..<64], seed: 0)
        try require(checksum == fields[8], .checksum, fields[8], checksum)
        let format = UInt32(truncatingIfNeeded: fields[1])
        guard format <= JournalHeader.format else {
            throw .formatTooNew(path: path, found: format, known: JournalHeader.format)
        }
        try require(format >= 1 && fields[1] >> 32 == 0, .version, UInt64(JournalHeader.format), fields[1])
        if format > 1 {
            let whole = Checksum.bytes(bytes[..<80], seed: 0)
            try require(whole == fields[10], .checksum, fields[10], whole)
        }
        behind = format > 1 ? fields[9] : nil
        worldID = WorldID(low: fields[2], high: fields[3])
        mark = JournalMark(serial: fields[4], nonce: fields[5])
        epoch = Epoch(rawValue: fields[6])
        firstNumber = fields[7]
    }
}
