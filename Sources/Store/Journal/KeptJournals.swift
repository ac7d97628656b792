// Owns the folder `journal.kept` of a world: files of its journal that no restart needs any more (specs/journal.md, Kept journals).
// What is there is listed once and then known, so that keeping one more costs the same however many there are.

import Glibc

/// How much of the past is kept.
package struct JournalRetention: Sendable, Hashable {
    /// Bytes of all files together.
    package var bytes: UInt64
    /// Seconds since something was written to a file.
    package var seconds: UInt64

    package init(bytes: UInt64, seconds: UInt64) {
        self.bytes = bytes
        self.seconds = seconds
    }
}

/// What decides whether a file stays.
package struct JournalKeeping: Sendable {
    /// What a user asked for; nil: nothing.
    package var asked: JournalRetention?
    /// Files of this epoch and later ones are what a kept checkpoint goes on with; nil: none is kept.
    package var needed: Epoch?

    /// Bounds of what is kept for checkpoints alone.
    package static let bounds = JournalRetention(bytes: 1 << 30, seconds: .max)

    package init(asked: JournalRetention? = nil, needed: Epoch? = nil) {
        self.asked = asked
        self.needed = needed
    }

    func keeps(_ epoch: Epoch) -> Bool { asked != nil || needed.map { epoch >= $0 } ?? false }
}

package struct KeptJournals: Sendable {
    let path: String
    private let directory: String
    private var known: [File]?

    /// Those of the world in a folder, whether there are any or not.
    package init(directory: String) {
        path = directory + "/journal.kept"
        self.directory = directory
    }

    /// A file that is kept; later ones are greater.
    package struct File: Comparable, Sendable {
        package let epoch: UInt64
        package let serial: UInt64
        package let path: String
        package let bytes: UInt64
        /// Seconds since 1970.
        package let lastWritten: Int

        package static func < (left: File, right: File) -> Bool {
            (left.epoch, left.serial) < (right.epoch, right.serial)
        }
    }

    // MARK: The folder

    /// Whether something is kept, or was to be: then what a host leaves that is killed is kept as well.
    var isThere: Bool { access(path, F_OK) == 0 }

    private func makeFolder() throws(StoreError) {
        guard mkdir(path, 0o755) == 0 || errno == EEXIST else { throw .system(errno, path: path, call: "mkdir") }
    }

    /// Makes the folder, tries whether a file can go there from the world's own, and writes down how much is kept. Throws what the
    /// system says.
    package func begin(_ retention: JournalRetention) throws(StoreError) {
        try makeFolder()
        _ = try OpenFile(path, flags: O_RDONLY | O_DIRECTORY)
        let (trial, there) = (directory + "/journal.trial", path + "/trial")
        _ = try OpenFile(trial, flags: O_RDWR | O_CREAT)
        defer {
            _ = unlink(trial)
            _ = unlink(there)
        }
        // What looks like one file system need not be one.
        guard rename(trial, there) == 0 else { throw .system(errno, path: path, call: "rename") }
        try write(retention)
    }

    private func write(_ bounds: JournalRetention) throws(StoreError) {
        let file = try OpenFile(boundsPath, flags: O_RDWR | O_CREAT)
        try file.replaceContent(with: "\(bounds.bytes) \(bounds.seconds)\n")
    }

    private var boundsPath: String { path + "/bounds" }

    /// What was last asked for; nil where nobody has, or where it cannot be read.
    var bounds: JournalRetention? {
        let content = Result { () throws(StoreError) in
            try OpenFile(boundsPath, flags: O_RDONLY).read(at: 0, count: 64)
        }
        guard case .success(let bytes) = content else { return nil }
        let words = String(decoding: bytes, as: UTF8.self).split { $0 == " " || $0 == "\n" }
        guard words.count == 2, let size = UInt64(words[0]), let seconds = UInt64(words[1]) else { return nil }
        return JournalRetention(bytes: size, seconds: seconds)
    }

    // MARK: The files

    /// The files that are there, the oldest first.
    package func files() throws(StoreError) -> [File] {
        var found: [File] = []
        for (epoch, serial) in try numbers() { found.append(try file(epoch: epoch, serial: serial)) }
        return found.sorted()
    }

    /// The highest serial number that a file has; 0 where there is none, or where the folder cannot be looked at: then nothing is
    /// kept either.
    var highestSerial: UInt64 {
        let found = Result { () throws(StoreError) in try numbers() }
        guard case .success(let numbers) = found else { return 0 }
        return numbers.map(\.serial).max() ?? 0
    }

    /// What the names tell: of which epoch and serial number the files are, in no order.
    private func numbers() throws(StoreError) -> [(epoch: UInt64, serial: UInt64)] {
        try namesInFolder(path).compactMap { name in
            let numbers = name.dropLast(4).split(separator: "-").compactMap { UInt64($0) }
            guard numbers.count == 2, name == Self.name(numbers[0], numbers[1]) else { return nil }
            return (numbers[0], numbers[1])
        }
    }

    private static func name(_ epoch: UInt64, _ serial: UInt64) -> String { "\(epoch)-\(serial).log" }

    private func file(epoch: UInt64, serial: UInt64) throws(StoreError) -> File {
        let path = "\(path)/\(Self.name(epoch, serial))"
        let status = try OpenFile(path, flags: O_RDONLY).status()
        return File(
            epoch: epoch, serial: serial, path: path, bytes: UInt64(status.st_size), lastWritten: status.st_mtim.tv_sec)
    }

    /// Takes a file of the journal over. Throws what the system says; the file stays where it is then.
    mutating func keep(_ file: String, _ header: JournalHeader, _ keeping: JournalKeeping) throws(StoreError) {
        try makeFolder()
        // Without them it would be a folder for checkpoints alone; somebody may have taken it away.
        if let asked = keeping.asked, access(boundsPath, F_OK) != 0 { try write(asked) }
        if known == nil { known = try files() }
        let kept = "\(path)/\(Self.name(header.epoch.rawValue, header.mark.serial))"
        guard access(kept, F_OK) != 0 else { throw .system(EEXIST, path: kept, call: "rename") }
        guard rename(file, kept) == 0 else { throw .system(errno, path: kept, call: "rename") }
        let new = try self.file(epoch: header.epoch.rawValue, serial: header.mark.serial)
        known?.append(new)
    }

    /// Removes the oldest, as far as they are beyond what is kept: what a user asked for, here or when the folder was made, or what
    /// kept checkpoints go on with.
    package mutating func prune(_ keeping: JournalKeeping) throws(StoreError) {
        guard isThere else { return }
        if known == nil { known = try files() }
        let asked = keeping.asked ?? bounds
        let retention = asked ?? JournalKeeping.bounds
        let files = (known ?? []).sorted()
        let now = time(nil)
        var total: UInt64 = 0
        known = []
        for file in files.reversed() {
            total += file.bytes
            let age = UInt64(max(0, now - file.lastWritten))
            let isNeeded = asked != nil || keeping.keeps(Epoch(rawValue: file.epoch))
            guard !isNeeded || total > retention.bytes || age > retention.seconds else {
                known?.append(file)
                continue
            }
            guard unlink(file.path) == 0 || errno == ENOENT else {
                known = nil
                throw .system(errno, path: file.path, call: "unlink")
            }
        }
        // It was made for what is needed no more.
        if asked == nil, known?.isEmpty == true { _ = rmdir(path) }
    }
}
