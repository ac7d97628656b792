// Owns the folder `journal.kept` of a world: files of its journal that no restart needs any more (specs/journal.md, Kept journals).

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

package struct KeptJournals: Sendable {
    let path: String
    private let directory: String

    /// Those of the world in a folder, whether there are any or not.
    package init(directory: String) {
        path = directory + "/journal.kept"
        self.directory = directory
    }

    /// Whether something is kept, or was to be: then what a host leaves that is killed is kept as well.
    var isThere: Bool { access(path, F_OK) == 0 }

    /// Makes the folder, and looks whether files can go there from the world's own. Throws what the system says.
    package func begin() throws(StoreError) {
        guard mkdir(path, 0o755) == 0 || errno == EEXIST else { throw .system(errno, path: path, call: "mkdir") }
        guard access(path, R_OK | W_OK | X_OK) == 0 else { throw .system(errno, path: path, call: "access") }
        let folder = try OpenFile(path, flags: O_RDONLY | O_DIRECTORY).status()
        let world = try OpenFile(directory, flags: O_RDONLY | O_DIRECTORY).status()
        // Files are renamed, which has to be within a file system.
        guard folder.st_dev == world.st_dev else { throw .system(EXDEV, path: path, call: "rename") }
    }

    /// A file that is kept; later ones are greater.
    package struct File: Comparable, Sendable {
        package let epoch: UInt64
        package let serial: UInt64
        package let path: String

        package static func < (left: File, right: File) -> Bool {
            (left.epoch, left.serial) < (right.epoch, right.serial)
        }
    }

    /// The files that are there, the oldest first.
    package func files() throws(StoreError) -> [File] {
        guard let listing = opendir(path) else {
            guard errno == ENOENT else { throw .system(errno, path: path, call: "opendir") }
            return []
        }
        defer { closedir(listing) }
        var found: [File] = []
        while let entry = readdir(listing) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            let numbers = name.dropLast(4).split(separator: "-").compactMap { UInt64($0) }
            guard name.hasSuffix(".log"), numbers.count == 2, name == Self.name(numbers[0], numbers[1]) else {
                continue
            }
            found.append(File(epoch: numbers[0], serial: numbers[1], path: "\(path)/\(name)"))
        }
        return found.sorted()
    }

    private static func name(_ epoch: UInt64, _ serial: UInt64) -> String { "\(epoch)-\(serial).log" }

    /// Takes a file of the journal over.
    func keep(_ file: String, _ header: JournalHeader) throws(StoreError) {
        let kept = "\(path)/\(Self.name(header.epoch.rawValue, header.mark.serial))"
        guard rename(file, kept) == 0 else { throw .system(errno, path: kept, call: "rename") }
    }

    /// Removes the oldest, as far as they are beyond what is kept.
    package func prune(_ retention: JournalRetention) throws(StoreError) {
        var total: UInt64 = 0
        let now = time(nil)
        for file in try files().reversed() {
            let status = try OpenFile(file.path, flags: O_RDONLY).status()
            total += UInt64(status.st_size)
            let age = UInt64(max(0, now - status.st_mtim.tv_sec))
            guard total > retention.bytes || age > retention.seconds else { continue }
            guard unlink(file.path) == 0 else { throw .system(errno, path: file.path, call: "unlink") }
        }
    }
}
