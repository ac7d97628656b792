// The bytes of a stream (specs/backup.md): header and block heads, and the chain of digests that leads through them.

import Digests
import Store

enum BackupFormat {
    static let magic: [UInt8] = Array("KEYVMBAK".utf8)
    static let number: UInt32 = 1
    /// Bytes of a header before the name.
    static let fixedBytes = 88
    static let digestBytes = 32
    static let headerBound = 1 << 16
    static let pageBytes = 4096
    /// Pages of a block of contents.
    static let blockPages = 255
    /// Runs of a block of ids.
    static let blockRuns = 1 << 16
    /// Bytes that a block may hold, and that its frame may have.
    static let contentBound = 1 << 20
    static let frameBound = 2 << 20
    /// Pages that a world may have: those of a file of 1 TiB.
    static let pageBound: UInt64 = 1 << 28
    /// Above all page ids that there are (specs/objects.md).
    static let idBound: UInt64 = 1 << 42
    /// Above all epochs that a world comes to.
    static let epochBound: UInt64 = 1 << 62
}

/// What a stream says of itself at its beginning.
package struct BackupHeader: Sendable, Equatable {
    package var worldID: WorldID
    /// Of the state.
    package var epoch: Epoch
    /// The checkpoint that it is a difference to; nil: it is whole.
    package var base: Epoch?
    /// Pages that are in it.
    package var pages: UInt64
    /// Ids that are there no more.
    package var freed: UInt64
    package var gasClock: UInt64
    /// When the state was made durable, in nanoseconds since 1970.
    package var wallTimeNanoseconds: Int64
    package var objectsFormat: UInt32
    /// Of the checkpoint, where it has one.
    package var name: String?
    /// Of the layers above.
    package var attributes: [UInt8]

    package init(
        worldID: WorldID, epoch: Epoch, base: Epoch?, pages: UInt64, freed: UInt64, note: CheckpointNote,
        objectsFormat: UInt32, attributes: [UInt8]
    ) {
        (self.worldID, self.epoch, self.base, self.pages, self.freed) = (worldID, epoch, base, pages, freed)
        (gasClock, wallTimeNanoseconds, name) = (note.gasClock, note.wallTimeNanoseconds, note.name)
        (self.objectsFormat, self.attributes) = (objectsFormat, attributes)
    }

    /// With its digest.
    func encoded() -> [UInt8] {
        let name = Array((self.name ?? "").utf8)
        let count = BackupFormat.fixedBytes + name.count + attributes.count + BackupFormat.digestBytes
        var bytes = BackupFormat.magic
        bytes.append(integer: BackupFormat.number)
        bytes.append(integer: UInt32(count))
        bytes.append(integer: worldID.low)
        bytes.append(integer: worldID.high)
        for field in [
            epoch.rawValue, base?.rawValue ?? 0, pages, freed, gasClock, UInt64(bitPattern: wallTimeNanoseconds),
        ] {
            bytes.append(integer: field)
        }
        bytes.append(integer: objectsFormat)
        bytes.append(integer: UInt16(name.count))
        bytes.append(integer: UInt16(attributes.count))
        bytes += name + attributes
        return bytes + SHA256.hash(bytes)
    }

    /// Reads one that is whole and has the digest at its end. Throws `altered` where its fields do not fit.
    init(decoding bytes: UnsafeRawBufferPointer) throws(BackupError) {
        func integer<T: FixedWidthInteger>(_ offset: Int, _: T.Type) -> T {
            T(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: T.self))
        }
        let nameBytes = Int(integer(84, UInt16.self))
        let attributeBytes = Int(integer(86, UInt16.self))
        guard
            bytes.count == BackupFormat.fixedBytes + nameBytes + attributeBytes + BackupFormat.digestBytes,
            attributeBytes <= 3072
        else { throw .altered(byte: 84, "the lengths in the header do not fit it") }
        worldID = WorldID(low: integer(16, UInt64.self), high: integer(24, UInt64.self))
        epoch = Epoch(rawValue: integer(32, UInt64.self))
        let base = integer(40, UInt64.self)
        self.base = base == 0 ? nil : Epoch(rawValue: base)
        pages = integer(48, UInt64.self)
        freed = integer(56, UInt64.self)
        gasClock = integer(64, UInt64.self)
        wallTimeNanoseconds = Int64(bitPattern: integer(72, UInt64.self))
        objectsFormat = integer(80, UInt32.self)
        let text = bytes[BackupFormat.fixedBytes..<BackupFormat.fixedBytes + nameBytes]
        name = nameBytes == 0 ? nil : String(decoding: text, as: UTF8.self)
        attributes = Array(bytes[(BackupFormat.fixedBytes + nameBytes)...].prefix(attributeBytes))
        guard epoch.rawValue > 0, epoch.rawValue < BackupFormat.epochBound, base <= epoch.rawValue,
            pages <= BackupFormat.pageBound, freed <= BackupFormat.pageBound, base > 0 || freed == 0 && pages > 0
        else { throw .altered(byte: 32, "the numbers in the header cannot be") }
    }
}

/// Before the contents of a block.
struct BlockHead: Equatable {
    enum Kind: UInt32 {
        case ids = 1
        case freed = 2
        case contents = 3
        case end = 4
    }

    static let bytes = 16
    var kind: Kind
    /// Runs or pages.
    var count: Int
    /// Bytes of the contents, and of their frame.
    var contentBytes: Int
    var frameBytes: Int

    init(_ kind: Kind, count: Int, contentBytes: Int, frameBytes: Int) {
        (self.kind, self.count, self.contentBytes, self.frameBytes) = (kind, count, contentBytes, frameBytes)
    }

    func encoded() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(integer: kind.rawValue)
        for field in [count, contentBytes, frameBytes] { bytes.append(integer: UInt32(field)) }
        return bytes
    }

    /// nil where it cannot be one.
    init?(decoding bytes: UnsafeRawBufferPointer) {
        func integer(_ offset: Int) -> UInt32 {
            UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
        }
        guard let kind = Kind(rawValue: integer(0)) else { return nil }
        self.init(
            kind, count: Int(integer(4)), contentBytes: Int(integer(8)), frameBytes: Int(integer(12)))
        let entryBytes: Int
        switch kind {
        case .ids, .freed: entryBytes = 16
        case .contents: entryBytes = BackupFormat.pageBytes
        case .end:
            guard count == 0, contentBytes == 0, frameBytes == 0 else { return nil }
            return
        }
        guard count > 0, contentBytes == count * entryBytes, contentBytes <= BackupFormat.contentBound,
            (1...BackupFormat.frameBound).contains(frameBytes)
        else { return nil }
    }
}

/// Leads from a header's digest to the end's.
struct DigestChain {
    private(set) var last: [UInt8]

    /// Begins with that of the header.
    init(_ first: [UInt8]) { last = first }

    /// The digest behind a block.
    mutating func add(_ head: [UInt8], _ frame: UnsafeRawBufferPointer) {
        let hash = SHA256()
        hash.update(last)
        hash.update(head)
        hash.update(frame)
        last = hash.finalize()
    }
}

extension [UInt8] {
    mutating func append<T: FixedWidthInteger>(integer: T) {
        Swift.withUnsafeBytes(of: integer.littleEndian) { append(contentsOf: $0) }
    }
}
