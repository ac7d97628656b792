// Owns the head record of `meta`: its bytes, and what they must satisfy (specs/store.md, Head record).
//
// The head that is committed last is the state of the world (STORE-1).

/// The head: what the last publication says of itself.
struct HeadRecord: Sendable, Equatable {
    static let magic: UInt64 = 0x4F54_534D_5659_454B  // "KEYVMSTO" read as a little-endian integer
    static let key: UInt64 = 1
    static let fixedBytes = 96
    /// In format 1.
    static let fixedBytesWithoutPast = 88
    static let checksumBytes = 8

    /// Whether it was read in a format that has undo records; it is written in such a one.
    let hasPast: Bool
    var worldID: WorldID
    var epoch: Epoch
    var lastPublished: SegmentNumber
    /// Slots that are named, by the current state or a kept one.
    var livePages: UInt64
    var segments: UInt64
    var slots: UInt64
    var deltaEntries: UInt64
    /// Slots that only kept states name.
    var oldPages: UInt64
    var undoRecords: UInt32
    var attributes: [UInt8]

    /// Pages of the file that segments take: their slots, and one each for the directory.
    var footprintPages: UInt64 { slots + segments }

    func encoded() -> [UInt8] {
        precondition(attributes.count <= Bounds.attributeBytes, "attributes fit")
        var bytes: [UInt8] = []
        bytes.reserveCapacity(HeadRecord.fixedBytes + attributes.count + HeadRecord.checksumBytes)
        bytes.append(littleEndian: HeadRecord.magic)
        bytes.append(littleEndian: Bounds.format)
        bytes.append(littleEndian: UInt32(Bounds.pageBytes))
        bytes.append(littleEndian: worldID.low)
        bytes.append(littleEndian: worldID.high)
        for field in [epoch.rawValue, lastPublished.rawValue, livePages, segments, slots, deltaEntries, oldPages] {
            bytes.append(littleEndian: field)
        }
        bytes.append(littleEndian: UInt32(attributes.count))
        bytes.append(littleEndian: undoRecords)
        bytes += attributes
        bytes.append(littleEndian: Checksum.bytes(bytes, seed: 0))
        return bytes
    }

    /// Reads a head; the first fact that does not hold is thrown.
    init(decoding bytes: UnsafeRawBufferPointer, path: String) throws(StoreError) {
        func require(_ holds: Bool, _ fact: Damage.Fact, _ expected: UInt64, _ found: UInt64) throws(StoreError) {
            guard holds else {
                throw .damaged(path: path, Damage(.head, fact, expected: expected, found: found))
            }
        }
        var least = HeadRecord.fixedBytesWithoutPast + HeadRecord.checksumBytes
        try require(bytes.count >= least, .length, UInt64(least), UInt64(bytes.count))
        let magic = bytes.integer(at: 0, as: UInt64.self)
        try require(magic == HeadRecord.magic, .magic, HeadRecord.magic, magic)
        // At the end in every format.
        let seal = bytes.count - HeadRecord.checksumBytes
        let checksum = Checksum.bytes(UnsafeRawBufferPointer(rebasing: bytes[..<seal]), seed: 0)
        let sealed = bytes.integer(at: seal, as: UInt64.self)
        try require(checksum == sealed, .checksum, sealed, checksum)
        let format = bytes.integer(at: 8, as: UInt32.self)
        guard format <= Bounds.format else {
            throw .formatTooNew(path: path, found: format, known: Bounds.format)
        }
        try require(format >= 1, .version, UInt64(Bounds.format), UInt64(format))
        let hasPast = format >= 2
        let fixed = hasPast ? HeadRecord.fixedBytes : HeadRecord.fixedBytesWithoutPast
        least = fixed + HeadRecord.checksumBytes
        try require(bytes.count >= least, .length, UInt64(least), UInt64(bytes.count))
        let page = bytes.integer(at: 12, as: UInt32.self)
        guard page == Bounds.pageBytes else {
            throw .pageSize(path: path, found: UInt64(page), expected: UInt64(Bounds.pageBytes))
        }
        let count = Int(bytes.integer(at: fixed - 8, as: UInt32.self))
        try require(least + count == bytes.count, .length, UInt64(least + count), UInt64(bytes.count))
        worldID = WorldID(low: bytes.integer(at: 16), high: bytes.integer(at: 24))
        epoch = Epoch(rawValue: bytes.integer(at: 32))
        lastPublished = SegmentNumber(rawValue: bytes.integer(at: 40))
        livePages = bytes.integer(at: 48)
        segments = bytes.integer(at: 56)
        slots = bytes.integer(at: 64)
        deltaEntries = bytes.integer(at: 72)
        oldPages = hasPast ? bytes.integer(at: 80) : 0
        undoRecords = hasPast ? bytes.integer(at: 92) : 0
        self.hasPast = hasPast
        attributes = Array(bytes[fixed..<seal])
        try require(deltaEntries <= Bounds.deltaEntries, .bound, UInt64(Bounds.deltaEntries), deltaEntries)
        try require(oldPages <= livePages, .bound, livePages, oldPages)
    }

    init(worldID: WorldID) {
        self.worldID = worldID
        epoch = Epoch(rawValue: 0)
        lastPublished = SegmentNumber(rawValue: 0)
        livePages = 0
        segments = 0
        slots = 0
        deltaEntries = 0
        oldPages = 0
        undoRecords = 0
        hasPast = true
        attributes = []
    }
}

/// The 16 bytes that tell one world from another; equal in copies of it.
package struct WorldID: Hashable, Sendable {
    /// Bytes 0 to 7, little-endian.
    package let low: UInt64
    /// Bytes 8 to 15, little-endian.
    package let high: UInt64

    /// Makes an id of its two halves.
    package init(low: UInt64, high: UInt64) {
        self.low = low
        self.high = high
    }
}
