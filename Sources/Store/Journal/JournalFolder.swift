// Owns the folder `journal` of a world: which files are in it, and which of them a world goes on with (specs/journal.md, Opening).

import Glibc

/// Why a store and a journal cannot be of one time.
@usableFromInline package enum JournalRefusal: Sendable, Equatable {
    /// The file that the store names is not there.
    case missing
    /// It is another world's.
    case otherWorld
    /// Another file has its name.
    case otherFile
    /// It goes on from another head, or another file, than the one that lies there.
    case otherHistory
    /// It begins after a publication that the store has not: the store is older.
    case laterOnly(epoch: UInt64, storeEpoch: UInt64)
    /// Records are missing before it.
    case gap(expected: UInt64, found: UInt64)
}

package struct JournalFolder: Sendable {
    let path: String
    let directory: String

    /// The journal of the world in a folder, whether it is there or not.
    package init(directory: String) {
        self.directory = directory
        path = directory + "/journal"
    }

    /// Where a file lies, or would lie.
    package func path(of serial: UInt64) -> String { "\(path)/\(serial).log" }
    /// A file that was allocated and is not begun.
    var next: String { "\(path)/next" }

    /// The serial numbers of the files that are there, ascending. None where there is no folder.
    package func serials() throws(StoreError) -> [UInt64] {
        try namesInFolder(path).compactMap { name in
            UInt64(name.dropLast(4)).flatMap { "\($0).log" == name ? $0 : nil }
        }.sorted()
    }

    /// What came in after the state of a store, `next` being the number of the first record that did not; nil where there is no
    /// file of it. Throws `journalRefused` where store and journal are not of one time, `damaged`, and what the system says.
    package func replay(
        worldID: WorldID, epoch: Epoch, attributes: [UInt8], next: UInt64
    ) throws(StoreError) -> JournalReplay? {
        let files = try chain(worldID: worldID, epoch: epoch, attributes: attributes)
        guard !files.isEmpty else { return nil }
        return try JournalReplay(
            files: JournalFiles(in: self, serials: files), worldID: worldID, next: next)
    }

    /// The files that a store goes on with, in their order; none where its state is all that there is.
    private func chain(worldID: WorldID, epoch: Epoch, attributes: [UInt8]) throws(StoreError) -> [UInt64] {
        let serials = try serials()
        if let mark = JournalMark(attributes: attributes) {
            guard serials.contains(mark.serial) else {
                throw .journalRefused(path: path(of: mark.serial), .missing)
            }
            let header = try header(of: mark.serial)
            guard header.worldID == worldID else {
                throw .journalRefused(path: path(of: mark.serial), .otherWorld)
            }
            guard header.mark == mark else { throw .journalRefused(path: path(of: mark.serial), .otherFile) }
            return serials.filter { $0 >= mark.serial }
        }
        for serial in serials {
            let header = try header(of: serial)
            guard header.worldID == worldID else {
                throw .journalRefused(path: path(of: serial), .otherWorld)
            }
            // Of a halt that was cut short.
            if header.epoch < epoch { continue }
            guard header.epoch == epoch else {
                throw .journalRefused(
                    path: path(of: serial),
                    .laterOnly(epoch: header.epoch.rawValue, storeEpoch: epoch.rawValue))
            }
            guard header.behind.map({ $0 == JournalMark.origin(of: attributes) }) ?? true else {
                throw .journalRefused(path: path(of: serial), .otherHistory)
            }
            return serials.filter { $0 >= serial }
        }
        return []
    }

    /// The highest epoch that a file has; 0 where there is none.
    func highestEpoch() throws(StoreError) -> Epoch {
        var highest = Epoch(rawValue: 0)
        for serial in try serials() { highest = max(highest, try header(of: serial).epoch) }
        return highest
    }

    /// Which file it is.
    package func mark(of serial: UInt64) throws(StoreError) -> JournalMark { try header(of: serial).mark }

    /// Gives those files of lower serial numbers that are to stay to those that are kept, which are pruned then.
    package func keep(
        before serial: UInt64, in kept: inout KeptJournals, _ keeping: JournalKeeping
    ) throws(StoreError) {
        var isChanged = false
        for old in try serials() where old < serial {
            let header = try header(of: old)
            guard keeping.keeps(header.epoch) else { continue }
            try JournalFile.cut(path(of: old))
            try kept.keep(path(of: old), header, keeping)
            isChanged = true
        }
        if isChanged || keeping.asked == nil { try kept.pruneWhenDue(keeping) }
    }

    /// Removes what nobody needs: files of lower serial numbers, one of which is kept for the next file where `keepsOne`.
    func discard(before serial: UInt64, keepsOne: Bool) throws(StoreError) {
        for old in try serials() where old < serial {
            let path = path(of: old)
            let isKept = keepsOne && access(next, F_OK) != 0
            guard (isKept ? rename(path, next) : unlink(path)) == 0 else {
                throw .system(errno, path: path, call: isKept ? "rename" : "unlink")
            }
        }
    }

    /// Removes files of higher serial numbers, the last first, so that what is left is a beginning of what was.
    func drop(after serial: UInt64) throws(StoreError) {
        for each in try serials().reversed() where each > serial {
            guard unlink(path(of: each)) == 0 else { throw .system(errno, path: path(of: each), call: "unlink") }
        }
    }

    /// Removes the folder with all that is ours in it; what somebody else put there stays.
    package func remove() throws(StoreError) {
        try discard(before: .max, keepsOne: false)
        guard unlink(next) == 0 || errno == ENOENT else { throw .system(errno, path: next, call: "unlink") }
        guard rmdir(path) == 0 || errno == ENOENT || errno == ENOTEMPTY || errno == EEXIST else {
            throw .system(errno, path: path, call: "rmdir")
        }
    }

    /// Renames the folder, to a name that nothing in the world's folder has. Returns its path; nil where there is no journal.
    func setAside(in directory: String, as name: String) throws(StoreError) -> String? {
        var last: String?
        var free = "\(directory)/\(name)"
        var number = 1
        while access(free, F_OK) == 0 {
            last = free
            number += 1
            free = "\(directory)/\(name)-\(number)"
        }
        guard rename(path, free) == 0 else {
            // Whoever did it before may have been killed before it counted.
            if errno == ENOENT { return last }
            throw .system(errno, path: path, call: "rename")
        }
        try OpenFile(directory, flags: O_RDONLY | O_DIRECTORY).sync()
        return free
    }

    /// Makes durable what lies in the folder, and the folder.
    func sync(in directory: String) throws(StoreError) {
        let serials = try serials()
        guard !serials.isEmpty else { return }
        for serial in serials { try OpenFile(path(of: serial), flags: O_RDONLY).sync() }
        try syncFolder()
        try OpenFile(directory, flags: O_RDONLY | O_DIRECTORY).sync()
    }

    func syncFolder() throws(StoreError) { try OpenFile(path, flags: O_RDONLY | O_DIRECTORY).sync() }

    private func header(of serial: UInt64) throws(StoreError) -> JournalHeader {
        let path = path(of: serial)
        let file = try OpenFile(path, flags: O_RDONLY)
        let header = try JournalHeader(decoding: try file.read(at: 0, count: JournalHeader.bytes), path: path)
        guard header.mark.serial == serial else { throw .journalRefused(path: path, .otherFile) }
        return header
    }
}
