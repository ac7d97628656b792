// Owns a record of the journal: its bytes (specs/journal.md, Record). What its contents mean is the business of the layers above.

/// One record: what came in, and where.
package struct JournalRecord: Sendable, Equatable {
    /// What came in.
    package enum Kind: UInt8, Sendable {
        /// What the host's clock said when a program read it.
        case sample = 1
        /// What it said when timers were over.
        case tick = 2
        /// A request that changes the world.
        case request = 3
        /// Nothing; what was told of the world is told of this position.
        case mark = 4
        /// Nothing; what programs wrote and somebody was shown at this position.
        case output = 5
        /// A new key for the generator of entropy, when a program drew from it.
        case key = 6
        /// A host stopped: `SessionEnd`.
        case end = 7
        /// What a boot was asked for: `SessionTerms`.
        case terms = 8
        /// A request, as `request`, that came in the middle of a turn: nobody ran the world.
        case requestWithinTurn = 9
        /// What programs wait for has become durable: `Durability`.
        case durable = 10

        /// It comes in while a turn is under way, where a program asks for it.
        package var comesInWithinTurn: Bool { self == .sample || self == .key }
    }

    static let headerBytes = 48
    /// The part of the header that its checksum is of.
    static let sealedBytes = 40
    /// Bytes of contents at most: a request with everything that it carries.
    package static let contentBound = 1 << 30

    package var kind: Kind
    /// One more than that of the record before.
    package var number: UInt64
    package var gasClock: UInt64
    package var turn: UInt64
    /// At most `contentBound` bytes.
    package var contents: [UInt8]

    package init(_ kind: Kind, number: UInt64, gasClock: UInt64, turn: UInt64, contents: [UInt8] = []) {
        self.kind = kind
        self.number = number
        self.gasClock = gasClock
        self.turn = turn
        self.contents = contents
    }

    /// Bytes in the file, a multiple of 8.
    package var bytes: Int { Self.headerBytes + (contents.count + 7) & ~7 }

    /// Appends the record's bytes. `durable`: the highest number that is durable by now, 0 where none of the file is.
    package func encode(to bytes: inout [UInt8], durable: UInt64, nonce: UInt64) {
        precondition(contents.count <= Self.contentBound, "a record's contents fit")
        let start = bytes.count
        bytes.append(contentsOf: repeatElement(0, count: self.bytes))
        bytes.withUnsafeMutableBytes { all in
            let record = UnsafeMutableRawBufferPointer(rebasing: all[start...])
            let first = UInt64(contents.count) | UInt64(kind.rawValue) << 32
            for (index, field) in [first, number, durable, gasClock, turn].enumerated() {
                record.storeBytes(of: field.littleEndian, toByteOffset: 8 * index, as: UInt64.self)
            }
            record[Self.headerBytes...].copyBytes(from: contents)
            let whole = UnsafeRawBufferPointer(record)
            let seal = Checksum.bytes(UnsafeRawBufferPointer(rebasing: whole[..<Self.sealedBytes]), seed: nonce)
            let checksum = Checksum.bytes(
                UnsafeRawBufferPointer(rebasing: whole[Self.headerBytes...].prefix(contents.count)), seed: seal)
            record.storeBytes(of: (first | seal << 40).littleEndian, toByteOffset: 0, as: UInt64.self)
            record.storeBytes(of: checksum.littleEndian, toByteOffset: Self.sealedBytes, as: UInt64.self)
        }
    }
}

/// The first 48 bytes of a record, before its contents are read.
struct JournalRecordHeader {
    let count: Int
    let kind: JournalRecord.Kind
    let number: UInt64
    let durable: UInt64
    let gasClock: UInt64
    let turn: UInt64
    private let checksum: UInt64
    /// Of the header; its lowest 24 bits stand in it, so that nothing else is taken for a header.
    private let seal: UInt64

    /// nil where the bytes are not those of a record in a file of this nonce.
    init?(_ bytes: ArraySlice<UInt8>, nonce: UInt64) {
        guard bytes.count >= JournalRecord.headerBytes else { return nil }
        var fields: [UInt64] = bytes.withUnsafeBytes { raw in (0..<6).map { raw.integer(at: 8 * $0) } }
        let sealed = fields[0] >> 40
        fields[0] &= 1 << 40 - 1
        count = Int(UInt32(truncatingIfNeeded: fields[0]))
        guard count <= JournalRecord.contentBound, fields[1] != 0,
            let kind = JournalRecord.Kind(rawValue: UInt8(truncatingIfNeeded: fields[0] >> 32))
        else { return nil }
        self.kind = kind
        (number, durable, gasClock, turn, checksum) = (fields[1], fields[2], fields[3], fields[4], fields[5])
        // Numbers are little-endian in memory as in the file.
        seal = fields[..<5].withUnsafeBytes { Checksum.bytes($0, seed: nonce) }
        guard seal & (1 << 24 - 1) == sealed else { return nil }
    }

    /// Whether these are its contents.
    func isWhole(_ contents: ArraySlice<UInt8>) -> Bool {
        contents.withUnsafeBytes { Checksum.bytes($0, seed: seal) } == checksum
    }
}
