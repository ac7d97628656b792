// The records that a world goes on with, over all files that have them.

/// What is to be taken in again, one record after the other.
package final class JournalReplay {
    private var files: JournalFiles
    private let worldID: WorldID
    /// Whether a file that does not go on from the one before is the end, and no error.
    private let endsWithHistory: Bool
    private var following: ArraySlice<UInt64>
    private var reader: JournalFileReader
    /// The next record, where it was looked at already.
    private var peeked: JournalRecord?
    /// The file that the records are of: what a publication names while they are replayed.
    package private(set) var mark: JournalMark
    /// Of the end that was read last: the first file of the next session goes on from it.
    private var origin: UInt64?

    /// The epoch that this file begins behind.
    package var epoch: Epoch { reader.header.epoch }
    /// Whether no file lies behind this one.
    package var isLastFile: Bool { following.isEmpty }

    /// `next`: the number of the first record that did not come in yet. Throws `journalRefused` where it is not there.
    init(files: JournalFiles, worldID: WorldID, next: UInt64, endsWithHistory: Bool = false) throws(StoreError) {
        guard let first = files.serials.first else { preconditionFailure("there is something to replay") }
        self.files = files
        self.worldID = worldID
        self.endsWithHistory = endsWithHistory
        following = files.serials.dropFirst()
        reader = try self.files.open(first)
        mark = reader.header.mark
        guard reader.nextNumber <= next else {
            throw .journalRefused(path: reader.path, .gap(expected: next, found: reader.nextNumber))
        }
        while let record = try read() {
            if record.number >= next {
                peeked = record
                return
            }
        }
        guard reader.nextNumber == next else {
            throw .journalRefused(path: reader.path, .gap(expected: next, found: reader.nextNumber))
        }
    }

    /// The next record, left where it is; nil at the end. Throws `damaged`, `journalRefused`, and what the system says.
    package func peek() throws(StoreError) -> JournalRecord? {
        if peeked == nil { peeked = try read() }
        return peeked
    }

    /// Goes on behind the record that was looked at.
    package func drop() {
        precondition(peeked != nil, "what is dropped was looked at")
        peeked = nil
    }

    private func read() throws(StoreError) -> JournalRecord? {
        while true {
            if let record = try reader.next() {
                if record.kind == .end { origin = SessionEnd(record.contents)?.origin }
                return record
            }
            guard let serial = following.first else { return nil }
            let expected = reader.nextNumber
            let next = try files.open(serial)
            let path = next.path
            guard next.header.worldID == worldID else { throw .journalRefused(path: path, .otherWorld) }
            let goesOn = next.header.behind.map(isBehind) ?? true
            if endsWithHistory && !goesOn { return nil }
            // The file before was made durable before this one was begun.
            guard next.nextNumber == expected else {
                throw .journalRefused(path: path, .gap(expected: expected, found: next.nextNumber))
            }
            guard goesOn else { throw .journalRefused(path: path, .otherHistory) }
            following = following.dropFirst()
            mark = next.header.mark
            origin = nil
            reader = next
        }
    }

    /// Whether a file is the next that goes on from this: the one before, the head that the session before left, or, where nothing came
    /// in, what this one goes on from itself.
    private func isBehind(_ behind: UInt64) -> Bool {
        behind == mark.nonce || behind == origin
            || reader.nextNumber == reader.header.firstNumber && behind == reader.header.behind
    }
}
