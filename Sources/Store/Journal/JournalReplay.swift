// The records that a world goes on with, over all files that have them.

/// What is to be taken in again, one record after the other.
package final class JournalReplay {
    private let folder: JournalFolder
    private let worldID: WorldID
    private var files: ArraySlice<UInt64>
    private var reader: JournalFileReader
    /// The next record, where it was looked at already.
    private var peeked: JournalRecord?
    /// The file that the records are of: what a publication names while they are replayed.
    package private(set) var mark: JournalMark

    /// `next`: the number of the first record that did not come in yet. Throws `journalRefused` where it is not there.
    init(folder: JournalFolder, worldID: WorldID, files: [UInt64], next: UInt64) throws(StoreError) {
        precondition(!files.isEmpty, "there is something to replay")
        self.folder = folder
        self.worldID = worldID
        self.files = files[...]
        reader = try JournalFileReader(folder.path(of: files[0]))
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
            if let record = try reader.next() { return record }
            guard let following = files.dropFirst().first else { return nil }
            let path = folder.path(of: following)
            let expected = reader.nextNumber
            let next = try JournalFileReader(path)
            guard next.header.worldID == worldID else { throw .journalRefused(path: path, .otherWorld) }
            // The file before was made durable before this one was begun.
            guard next.nextNumber == expected else {
                throw .journalRefused(path: path, .gap(expected: expected, found: next.nextNumber))
            }
            guard next.header.behind.map({ $0 == mark.nonce }) ?? true else {
                throw .journalRefused(path: path, .otherHistory)
            }
            files = files.dropFirst()
            mark = next.header.mark
            reader = next
        }
    }
}
