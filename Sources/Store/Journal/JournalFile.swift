// Owns writing one journal file: making it, growing it, and putting bytes behind each other (specs/journal.md, Files).

import Glibc

/// A file that records are appended to.
struct JournalFile: ~Copyable {
    /// How much is allocated at a time.
    static let allocationBytes: UInt64 = 4 << 20

    private let file: OpenFile
    private let header: JournalHeader
    private var end = UInt64(JournalHeader.bytes)
    private var allocatedBytes: UInt64
    /// The number of the last record that is durable.
    private var durable: UInt64

    /// Makes a file durable under its name, out of one that was allocated before where there is one.
    static func begin(_ header: JournalHeader, in folder: JournalFolder) throws(StoreError) -> JournalFile {
        let file = try OpenFile(folder.next, flags: O_RDWR | O_CREAT)
        let allocated = UInt64(try file.status().st_size)
        // One that had another name has lost it for good before it gets another header.
        if allocated > 0 { try folder.syncFolder() }
        var new = JournalFile(file: file, header: header, allocatedBytes: allocated)
        // Whole pieces, also where the one before gave some back.
        try new.allocate(max(allocated, allocationBytes))
        try new.write(header.encoded(), at: 0)
        try new.file.sync()
        let path = folder.path(of: header.mark.serial)
        guard rename(folder.next, path) == 0 else { throw .system(errno, path: path, call: "rename") }
        try folder.syncFolder()
        return new
    }

    private init(file: consuming OpenFile, header: JournalHeader, allocatedBytes: UInt64) {
        self.file = file
        self.header = header
        self.allocatedBytes = allocatedBytes
        durable = header.firstNumber - 1
    }

    /// The file of a host that is gone, to be cut: `end` is behind its last record, which has the number `last`.
    private init(
        file: consuming OpenFile, header: JournalHeader, end: UInt64, last: UInt64, allocatedBytes: UInt64
    ) {
        self.init(file: file, header: header, allocatedBytes: allocatedBytes)
        self.end = end
        durable = last
    }

    /// Cuts a file that a host left, where none of its own did: `cut`. One that is damaged stays as it is. O(records).
    static func cut(_ path: String) throws(StoreError) {
        var reader = try JournalFileReader(path)
        guard reader.fileBytes.isMultiple(of: allocationBytes) else { return }
        do throws(StoreError) {
            while try reader.next() != nil {}
        } catch .damaged {
            return
        }
        var left = JournalFile(
            file: try OpenFile(path, flags: O_RDWR), header: reader.header, end: reader.offset,
            last: reader.nextNumber - 1, allocatedBytes: reader.fileBytes)
        try left.cut()
    }

    /// Appends bytes; they are durable after `sync`.
    mutating func append(_ bytes: [UInt8]) throws(StoreError) {
        try allocate(end + UInt64(bytes.count + JournalSeal.bytes))
        try write(bytes, at: end)
        end += UInt64(bytes.count)
    }

    /// Makes durable what was appended, `last` being the number of the last record; a seal behind it says so.
    mutating func sync(last: UInt64) throws(StoreError) {
        try syncData()
        durable = last
        try seal()
    }

    private func syncData() throws(StoreError) {
        guard fdatasync(file.descriptor) == 0 else { throw .system(errno, path: file.path, call: "fdatasync") }
    }

    private func seal() throws(StoreError) {
        try write(JournalSeal(durable: durable).encoded(nonce: header.mark.nonce), at: end)
    }

    /// Gives back what is allocated behind the last record and its seal; for a file that gets no more records. All were synced.
    mutating func cut() throws(StoreError) {
        try seal()
        try syncData()
        let bytes = end + UInt64(JournalSeal.bytes)
        guard ftruncate(file.descriptor, off_t(bytes)) == 0 else {
            throw .system(errno, path: file.path, call: "ftruncate")
        }
        allocatedBytes = bytes
    }

    /// Grows the file to whole pieces that hold so many bytes. What is written comes after: a file that was cut short otherwise can be told.
    private mutating func allocate(_ bytes: UInt64) throws(StoreError) {
        let piece = JournalFile.allocationBytes
        let wanted = (bytes + piece - 1) / piece * piece
        guard wanted > allocatedBytes else { return }
        let code = posix_fallocate(file.descriptor, off_t(allocatedBytes), off_t(wanted - allocatedBytes))
        guard code == 0 else { throw .system(code, path: file.path, call: "posix_fallocate") }
        allocatedBytes = wanted
    }

    private func write(_ bytes: [UInt8], at offset: UInt64) throws(StoreError) {
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes {
                pwrite(file.descriptor, $0.baseAddress, $0.count, off_t(offset) + off_t(written))
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw .system(count < 0 ? errno : ENOSPC, path: file.path, call: "pwrite") }
            written += count
        }
    }
}
