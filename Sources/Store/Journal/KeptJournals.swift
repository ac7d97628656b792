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
    /// Files between two looks at their sizes, by those who keep one and are gone, and bytes after which it is time at once.
    private static let pruning = (files: 64, bytes: 64 << 10 as UInt64)

    let path: String
    private let directory: String
    /// What is there, in no order; nil: nobody has looked.
    private var known: [Entry]?
    /// Whether the size of each is known.
    private var isMeasured = false
    private var keptSinceMeasured: (files: Int, bytes: UInt64) = (0, 0)

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
        for entry in try entries() { found.append(try file(entry)) }
        return found.sorted()
    }

    /// The highest serial number that a file has; 0 where there is none, or where the folder cannot be looked at: then nothing is
    /// kept either.
    var highestSerial: UInt64 {
        mutating get {
            guard case .success(let entries) = Result(catching: { () throws(StoreError) in try look() }) else {
                return 0
            }
            return entries.reduce(0) { max($0, $1.serial) }
        }
    }

    /// What is there by its names, in no order.
    func entries() throws(StoreError) -> [Entry] {
        var found: [Entry] = []
        try forEachName(in: path) { name in if let entry = Entry(name) { found.append(entry) } }
        return found
    }

    /// The same, looked for once.
    private mutating func look() throws(StoreError) -> [Entry] {
        if let known { return known }
        let found = try entries()
        known = found
        return found
    }

    func path(_ entry: Entry) -> String { "\(path)/\(entry.epoch)-\(entry.serial).log" }

    private func file(_ entry: Entry) throws(StoreError) -> File {
        let path = path(entry)
        let status = try OpenFile(path, flags: O_RDONLY).status()
        return File(
            epoch: entry.epoch, serial: entry.serial, path: path, bytes: UInt64(status.st_size),
            lastWritten: status.st_mtim.tv_sec)
    }

    /// Takes a file of the journal over. Throws what the system says; the file stays where it is then.
    mutating func keep(_ file: String, _ header: JournalHeader, _ keeping: JournalKeeping) throws(StoreError) {
        try makeFolder()
        // Without them it would be a folder for checkpoints alone; somebody may have taken it away.
        if let asked = keeping.asked, access(boundsPath, F_OK) != 0 { try write(asked) }
        var entry = Entry(epoch: header.epoch.rawValue, serial: header.mark.serial)
        let kept = path(entry)
        guard access(kept, F_OK) != 0 else { throw .system(EEXIST, path: kept, call: "rename") }
        guard rename(file, kept) == 0 else { throw .system(errno, path: kept, call: "rename") }
        let new = try self.file(entry)
        entry.file = new
        known?.append(entry)
        keptSinceMeasured.files += 1
        keptSinceMeasured.bytes += new.bytes
    }

    /// Removes the oldest, as far as they are beyond what is kept: what a user asked for, here or when the folder was made, or what
    /// kept checkpoints go on with.
    package mutating func prune(_ keeping: JournalKeeping) throws(StoreError) { try prune(keeping, measures: true) }

    /// The same, but that whoever looks for the first time looks at sizes and ages once in a while: those who keep one file each and are
    /// gone would look at all of them each time.
    mutating func pruneWhenDue(_ keeping: JournalKeeping) throws(StoreError) {
        // A multiple was reached, or passed.
        let isDue =
            try look().count % Self.pruning.files < max(1, keptSinceMeasured.files)
            || keptSinceMeasured.bytes >= Self.pruning.bytes
        try prune(keeping, measures: isMeasured || isDue)
    }

    private mutating func prune(_ keeping: JournalKeeping, measures: Bool) throws(StoreError) {
        guard isThere else { return }
        var left = try look()
        let asked = keeping.asked ?? bounds
        do throws(StoreError) {
            if asked == nil { try left.removeAll(in: self) { !keeping.keeps(Epoch(rawValue: $0.epoch)) } }
            if measures {
                left = try measured(left)
                left.sort { ($0.epoch, $0.serial) > ($1.epoch, $1.serial) }
                let retention = asked ?? JournalKeeping.bounds
                let now = time(nil)
                var total: UInt64 = 0
                try left.removeAll(in: self) { entry in
                    guard let file = entry.file else { return false }
                    total += file.bytes
                    return total > retention.bytes || UInt64(max(0, now - file.lastWritten)) > retention.seconds
                }
                (isMeasured, keptSinceMeasured) = (true, (0, 0))
            }
        } catch {
            (known, isMeasured) = (nil, false)
            throw error
        }
        known = left
        // It was made for what is needed no more.
        if asked == nil, left.isEmpty { _ = rmdir(path) }
    }

    /// The same with their sizes and ages, without those that somebody took away.
    private func measured(_ entries: [Entry]) throws(StoreError) -> [Entry] {
        var found: [Entry] = []
        for var entry in entries {
            do throws(StoreError) {
                if entry.file == nil { entry.file = try file(entry) }
                found.append(entry)
            } catch {
                guard case .ioError(_, _, ENOENT) = error else { throw error }
            }
        }
        return found
    }
}

extension [KeptJournals.Entry] {
    /// Removes the files that are to go, in the order of the entries, and their entries.
    fileprivate mutating func removeAll(
        in folder: KeptJournals, _ isToGo: (KeptJournals.Entry) -> Bool
    ) throws(StoreError) {
        var left: [KeptJournals.Entry] = []
        for entry in self {
            guard isToGo(entry) else {
                left.append(entry)
                continue
            }
            let path = folder.path(entry)
            guard unlink(path) == 0 || errno == ENOENT else { throw .system(errno, path: path, call: "unlink") }
        }
        self = left
    }
}
