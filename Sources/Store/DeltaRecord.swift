// Owns the bytes of a delta record: what one publication changed and `idx` does not know yet; and of an undo record, which
// is the same backwards (specs/store.md, Delta record, Undo record). Both lists are strictly ascending (STORE-6, STORE-17).

struct DeltaRecord: Sendable, Equatable {
    static let headerBytes = 16
    static let entryBytes = 24
    static let runBytes = 16

    /// By ascending page id, no id twice, none inside a run.
    var entries: [IndexEntry]
    /// Freed runs, ascending and disjoint.
    var runs: [PageRun]

    /// What the record counts towards the bound of the delta.
    var count: Int { entries.count + runs.count }

    func encoded(epoch: Epoch) -> [UInt8] {
        var body: [UInt8] = []
        body.reserveCapacity(entries.count * DeltaRecord.entryBytes + runs.count * DeltaRecord.runBytes)
        for entry in entries {
            body.append(littleEndian: entry.id.rawValue)
            body.append(littleEndian: entry.place.location.rawValue)
            body.append(littleEndian: entry.place.checksum)
        }
        for run in runs {
            body.append(littleEndian: run.first.rawValue)
            body.append(littleEndian: run.count)
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(DeltaRecord.headerBytes + body.count)
        bytes.append(littleEndian: UInt32(entries.count))
        bytes.append(littleEndian: UInt32(runs.count))
        bytes.append(littleEndian: body.withUnsafeBytes { Checksum.bytes($0, seed: epoch.rawValue) })
        return bytes + body
    }

    init(entries: [IndexEntry], runs: [PageRun]) {
        self.entries = entries
        self.runs = runs
    }

    /// Reads the record of an epoch, which lies at a place for messages; the first fact that does not hold is thrown.
    init(decoding bytes: UnsafeRawBufferPointer, epoch: Epoch, at place: Damage.Place, path: String) throws(StoreError)
    {
        func damage(_ fact: Damage.Fact, _ expected: UInt64, _ found: UInt64) -> StoreError {
            .damaged(path: path, Damage(place, fact, expected: expected, found: found))
        }
        guard bytes.count >= DeltaRecord.headerBytes else {
            throw damage(.length, UInt64(DeltaRecord.headerBytes), UInt64(bytes.count))
        }
        let entryCount = Int(bytes.integer(at: 0, as: UInt32.self))
        let runCount = Int(bytes.integer(at: 4, as: UInt32.self))
        let length =
            DeltaRecord.headerBytes + entryCount * DeltaRecord.entryBytes + runCount * DeltaRecord.runBytes
        guard length == bytes.count else { throw damage(.length, UInt64(length), UInt64(bytes.count)) }
        let sealed = bytes.integer(at: 8, as: UInt64.self)
        let body = UnsafeRawBufferPointer(rebasing: bytes[DeltaRecord.headerBytes...])
        let checksum = Checksum.bytes(body, seed: epoch.rawValue)
        guard sealed == checksum else { throw damage(.checksum, sealed, checksum) }

        entries = []
        entries.reserveCapacity(entryCount)
        for index in 0..<entryCount {
            let offset = index * DeltaRecord.entryBytes
            let id = PageID(rawValue: body.integer(at: offset))
            if let previous = entries.last, id <= previous.id {
                throw damage(.order, previous.id.rawValue &+ 1, id.rawValue)
            }
            let location = Location(rawValue: body.integer(at: offset + 8))
            entries.append(
                IndexEntry(id: id, place: .init(location: location, checksum: body.integer(at: offset + 16))))
        }
        runs = []
        runs.reserveCapacity(runCount)
        for index in 0..<runCount {
            let offset = entryCount * DeltaRecord.entryBytes + index * DeltaRecord.runBytes
            let first = body.integer(at: offset, as: UInt64.self)
            let count = body.integer(at: offset + 8, as: UInt64.self)
            guard count >= 1, count - 1 <= UInt64.max - first else { throw damage(.count, 1, count) }
            if let previous = runs.last, first <= previous.last.rawValue {
                throw damage(.order, previous.last.rawValue &+ 1, first)
            }
            runs.append(PageRun(first: PageID(rawValue: first), count: count))
        }
    }
}
