// Owns every way in which the store fails, and what it says about it.
//
// A failing environment and damaged bytes are values of this type; our own mistakes trap. Each error can say what
// happened, why (with the figures) and what to do next, in one line each.

import CLMDB

/// Why the store could not do what was asked.
@usableFromInline package enum StoreError: Error, Sendable, Equatable {
    /// There is no such directory.
    case missing(path: String)
    /// Something is there, and it is no world.
    case notAWorld(path: String, reason: NotAWorldReason)
    /// A world would be created over something that is there.
    case exists(path: String)
    /// The world was written by a later program.
    case formatTooNew(path: String, found: UInt32, known: UInt32)
    /// The state of a checkpoint is not there, or not any more.
    case notKept(path: String, Epoch)
    /// The file ends before its last page.
    case truncated(path: String, expectedBytes: UInt64, actualBytes: UInt64)
    /// Bytes are not what they must be.
    case damaged(path: String, Damage)
    /// Another process has the world open; its id when it is known.
    case inUse(path: String, pid: Int32?)
    /// This process has the world open already.
    case openedTwice(path: String)
    /// The file system has no space for a write.
    case diskFull(path: String, neededBytes: UInt64, freeBytes: UInt64)
    /// The operating system refuses.
    case permission(path: String, call: String)
    /// Pages of the system or the file are not 4,096 bytes.
    case pageSize(path: String, found: UInt64, expected: UInt64)
    /// The map of 1 TiB is used up.
    case mapFull(path: String, mapBytes: UInt64)
    /// A write failed before; nothing is published until the store is opened again (STORE-11).
    case publicationsStopped(path: String)
    /// What was to be published could not be supplied to the end.
    case sourceFailed(path: String, PageID)
    /// Store and journal are not of one time, so that something would be lost.
    case journalRefused(path: String, JournalRefusal)
    /// A call failed in a way that has no case of its own.
    case ioError(path: String, call: String, errno: Int32)

    /// What stands in a world's place.
    @usableFromInline package enum NotAWorldReason: Sendable, Equatable {
        /// A file, not a directory.
        case notADirectory
        /// A directory without `store.mdb`.
        case storeMissing
        /// `store.mdb` is empty.
        case storeEmpty
        /// An LMDB file without a head record of ours.
        case headMissing
    }
}

/// What is damaged, where, and how that is known.
@usableFromInline package struct Damage: Sendable, Equatable {
    /// Where in the file's structure.
    package let place: Place
    /// The page whose reading found it, when there is one.
    package let page: PageID?
    /// The fact that does not hold.
    package let fact: Fact
    /// What it should be.
    package let expected: UInt64
    /// What it is.
    package let found: UInt64

    /// A place in the structure.
    package enum Place: Sendable, Equatable {
        /// One of LMDB's two meta pages.
        case metaPage(Int)
        /// A page of LMDB's trees, in the call named.
        case tree(call: String)
        /// The head record.
        case head
        /// The delta record of an epoch.
        case delta(Epoch)
        /// The undo record of an epoch.
        case undo(Epoch)
        /// The index entry of the page.
        case index
        /// A segment, with the slot and the byte offset in the file where they are known.
        case segment(SegmentNumber, slot: Int?, offset: UInt64?)
        /// The live count of a segment.
        case live(SegmentNumber)
        /// A checkpoint record.
        case checkpoint(Epoch)
        /// The file's pages as a whole.
        case file
        /// The header of a journal file.
        case journalHeader
        /// A record of the journal, with its place in the file.
        case journalRecord(UInt64, offset: UInt64)
    }

    /// A fact that must hold.
    package enum Fact: String, Sendable, Equatable {
        case checksum, directoryPage = "page id in the directory", directoryChecksum = "checksum in the directory"
        case length, order, count, presence, magic, version, alignment, bound, transaction = "transaction number"
        case lmdbError = "LMDB's answer"
    }

    package init(_ place: Place, page: PageID? = nil, _ fact: Fact, expected: UInt64, found: UInt64) {
        self.place = place
        self.page = page
        self.fact = fact
        self.expected = expected
        self.found = found
    }
}

extension Damage: CustomStringConvertible {
    /// The place, the fact, what was expected and what is there.
    @usableFromInline package var description: String {
        let subject = page.map { "page \(hexadecimal($0.rawValue)), " } ?? ""
        if fact == .lmdbError {
            return "\(subject)\(place): \(String(cString: mdb_strerror(Int32(truncatingIfNeeded: found))))"
        }
        return "\(subject)\(place): \(fact.rawValue) should be \(hexadecimal(expected)) and is \(hexadecimal(found))"
    }
}

extension Damage.Place: CustomStringConvertible {
    /// The place in words.
    package var description: String {
        switch self {
        case .metaPage(let number): "meta page \(number)"
        case .tree(let call): "tree page (\(call))"
        case .head: "head record"
        case .delta(let epoch): "delta record of epoch \(epoch.rawValue)"
        case .undo(let epoch): "undo record of epoch \(epoch.rawValue)"
        case .index: "index entry"
        case .segment(let number, let slot, let offset):
            "segment \(number.rawValue)" + (slot.map { " slot \($0)" } ?? "")
                + (offset.map { " at byte \($0) of the file" } ?? "")
        case .live(let number): "live count of segment \(number.rawValue)"
        case .checkpoint(let epoch): "checkpoint record of epoch \(epoch.rawValue)"
        case .file: "file"
        case .journalHeader: "header"
        case .journalRecord(let number, let offset): "record \(number) at byte \(offset), which was durable"
        }
    }
}

func hexadecimal(_ value: UInt64) -> String {
    "0x" + String(value, radix: 16)
}
