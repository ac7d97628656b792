// Owns what the store keeps of a checkpoint for people to read: its bytes (specs/store.md, Checkpoint record) and the
// note from which a publication makes it. What depends on it is whether its state is kept, and with which attributes.

/// What the layers above say of a checkpoint when they publish it.
package struct CheckpointNote: Sendable, Equatable {
    /// The name that it was given, at most 64 bytes of UTF-8; nil for one of the regular ones.
    package var name: String?
    /// When it was taken: nanoseconds since 1970.
    package var wallTimeNanoseconds: Int64
    /// The world's gas clock at the freeze.
    package var gasClock: UInt64
    /// Pages that were dirty at the freeze.
    package var dirtyPages: UInt64
    /// How long the world stood still, in microseconds.
    package var freezeMicroseconds: UInt64

    /// Makes a note of its parts.
    package init(
        name: String? = nil, wallTimeNanoseconds: Int64, gasClock: UInt64, dirtyPages: UInt64,
        freezeMicroseconds: UInt64
    ) {
        self.name = name
        self.wallTimeNanoseconds = wallTimeNanoseconds
        self.gasClock = gasClock
        self.dirtyPages = dirtyPages
        self.freezeMicroseconds = freezeMicroseconds
    }
}

/// A checkpoint as the store lists it.
package struct CheckpointRecord: Sendable, Equatable {
    /// Its epoch, which is its id.
    package let epoch: Epoch
    /// What was said of it when it was published.
    package let note: CheckpointNote
    /// What publishing it cost; nil when the host was killed before that was written down.
    package var cost: Cost?
    /// Whether it is held: those above do not release it.
    package var held: Bool
    /// Whether its state can be read.
    package var isKept: Bool
    /// The attributes that it was published with; empty where it is not kept.
    package var attributes: [UInt8]

    /// Whether its record goes when there are many later ones.
    var isPassing: Bool { !isKept && note.name == nil }

    /// What a publication cost.
    package struct Cost: Sendable, Equatable {
        /// Bytes given to write calls, segments and trees together.
        package let bytesWritten: UInt64
        /// From the start of the publication to its commit, in microseconds.
        package let commitMicroseconds: UInt64
    }

    static let fixedBytes = 64

    init(
        epoch: Epoch, note: CheckpointNote, cost: Cost?, held: Bool = false, isKept: Bool = false,
        attributes: [UInt8] = []
    ) {
        self.epoch = epoch
        self.note = note
        self.cost = cost
        self.held = held
        self.isKept = isKept
        self.attributes = attributes
    }

    func encoded() -> [UInt8] {
        let name = Array((note.name ?? "").utf8)
        precondition(name.count <= Bounds.nameBytes, "a checkpoint's name has at most 64 bytes")
        var bytes: [UInt8] = []
        let carried = isKept ? attributes : []
        bytes.append(littleEndian: UInt32((cost == nil ? 0 : 1) | (held ? 2 : 0) | (isKept ? 4 : 0)))
        bytes.append(littleEndian: UInt16(name.count))
        bytes.append(littleEndian: UInt16(carried.count))
        bytes.append(littleEndian: note.wallTimeNanoseconds)
        for field in [
            note.gasClock, note.dirtyPages, cost?.bytesWritten ?? 0, note.freezeMicroseconds,
            cost?.commitMicroseconds ?? 0,
        ] {
            bytes.append(littleEndian: field)
        }
        bytes.append(littleEndian: Checksum.bytes(bytes + name + carried, seed: epoch.rawValue))
        return bytes + name + carried
    }

    /// Reads the record of an epoch; the first fact that does not hold is thrown.
    init(decoding bytes: UnsafeRawBufferPointer, epoch: Epoch, path: String) throws(StoreError) {
        func damage(_ fact: Damage.Fact, _ expected: UInt64, _ found: UInt64) -> StoreError {
            .damaged(path: path, Damage(.checkpoint(epoch), fact, expected: expected, found: found))
        }
        guard bytes.count >= CheckpointRecord.fixedBytes else {
            throw damage(.length, UInt64(CheckpointRecord.fixedBytes), UInt64(bytes.count))
        }
        let nameEnd = CheckpointRecord.fixedBytes + Int(bytes.integer(at: 4, as: UInt16.self))
        let length = nameEnd + Int(bytes.integer(at: 6, as: UInt16.self))
        guard bytes.count == length else { throw damage(.length, UInt64(length), UInt64(bytes.count)) }
        guard nameEnd - CheckpointRecord.fixedBytes <= Bounds.nameBytes, length - nameEnd <= Bounds.attributeBytes
        else {
            throw damage(.bound, UInt64(Bounds.nameBytes), UInt64(nameEnd - CheckpointRecord.fixedBytes))
        }
        let name = Array(bytes[CheckpointRecord.fixedBytes..<nameEnd])
        attributes = Array(bytes[nameEnd...])
        let sealed = bytes.integer(at: 56, as: UInt64.self)
        let checksum = Checksum.bytes(Array(bytes[..<56]) + name + attributes, seed: epoch.rawValue)
        guard sealed == checksum else { throw damage(.checksum, sealed, checksum) }
        let flags = bytes.integer(at: 0, as: UInt32.self)
        self.epoch = epoch
        note = CheckpointNote(
            name: name.isEmpty ? nil : String(decoding: name, as: UTF8.self),
            wallTimeNanoseconds: bytes.integer(at: 8), gasClock: bytes.integer(at: 16),
            dirtyPages: bytes.integer(at: 24), freezeMicroseconds: bytes.integer(at: 40))
        cost =
            flags & 1 == 0
            ? nil : Cost(bytesWritten: bytes.integer(at: 32), commitMicroseconds: bytes.integer(at: 48))
        held = flags & 2 != 0
        isKept = flags & 4 != 0
    }
}
