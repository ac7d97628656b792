// Owns making a world: aside, complete and synced, then renamed into place. A half-made world never has its name.

import Glibc

extension Store {
    /// Makes a world of its first publication in a directory that does not exist or is empty, and closes it. `check` is given the
    /// directory in which it lies before it has its name; what it throws makes nothing.
    ///
    /// Throws `exists` when something else is there, `permission`, `diskFull`, `missing` when the parent is not there.
    package static func create(
        at directory: String, worldID: WorldID, first: Publication,
        check: (String) throws(StoreError) -> Void = { _ throws(StoreError) in }
    ) throws(StoreError) {
        let target = trimmed(directory)
        try refuseExisting(target)
        let aside = aside(target)
        try removeWorld(aside)
        guard mkdir(aside, 0o755) == 0 else {
            guard errno != ENOENT else { throw .missing(path: parent(of: target)) }
            throw .system(errno, path: aside, call: "mkdir")
        }
        do throws(StoreError) {
            try fill(aside, worldID: worldID, first: first)
            try check(aside)
            guard rename(aside, target) == 0 else {
                let number = errno
                if number == ENOTEMPTY || number == EEXIST || number == ENOTDIR { throw .exists(path: target) }
                throw .system(number, path: target, call: "rename")
            }
        } catch {
            _ = Result { () throws(StoreError) in try removeWorld(aside) }
            throw error
        }
        try syncDirectory(parent(of: target))
    }

    /// Where a world lies that this process makes at `target` and has not finished.
    private static func aside(_ target: String) -> String { "\(target).new-\(getpid())" }

    /// Removes what this process has made so far of a world at `directory`: when it is ended on the way.
    package static func removeUnfinished(at directory: String) {
        _ = Result { () throws(StoreError) in try removeWorld(aside(trimmed(directory))) }
    }

    private static func fill(_ directory: String, worldID: WorldID, first: Publication) throws(StoreError) {
        let paths = WorldPaths(directory: directory)
        do {
            let lock = try OpenFile(paths.lock, flags: O_RDWR | O_CREAT | O_EXCL)
            try lock.sync()
        }
        let environment = try Environment(path: paths.store, mode: .host, create: true)
        do throws(StoreError) {
            let transaction = try WriteTransaction(environment)
            let head = HeadRecord(worldID: worldID)
            try transaction.put(HeadRecord.key, head.encoded(), in: environment.databases.meta)
            try transaction.commit(writing: UInt64(16 * Bounds.pageBytes))
        } catch {
            environment.close()
            throw error
        }
        environment.close()
        let store = try Store.open(at: directory, mode: .host)
        do throws(StoreError) {
            _ = try store.adopt(try store.publish(first))
        } catch {
            _ = Result { () throws(StoreError) in try store.close() }
            throw error
        }
        try store.close()
        try syncDirectory(directory)
    }

    private static func refuseExisting(_ target: String) throws(StoreError) {
        var status = stat()
        guard lstat(target, &status) == 0 else {
            if errno == ENOENT { return }
            throw .system(errno, path: target, call: "lstat")
        }
        guard status.st_mode & S_IFMT == S_IFDIR else { throw .exists(path: target) }
        guard let listing = opendir(target) else { throw .system(errno, path: target, call: "opendir") }
        defer { closedir(listing) }
        var names = 0
        while readdir(listing) != nil { names += 1 }
        guard names <= 2 else { throw .exists(path: target) }
    }

    /// Removes what a world that was begun and not finished left, by the names that we give.
    private static func removeWorld(_ directory: String) throws(StoreError) {
        for name in ["store.mdb", "store.mdb-lock", "lock"] where unlink("\(directory)/\(name)") != 0 {
            guard errno == ENOENT || errno == ENOTDIR else {
                throw .system(errno, path: directory, call: "unlink")
            }
        }
        guard rmdir(directory) == 0 || errno == ENOENT else {
            throw .system(errno, path: directory, call: "rmdir")
        }
    }

    private static func syncDirectory(_ directory: String) throws(StoreError) {
        try OpenFile(directory, flags: O_RDONLY | O_DIRECTORY).sync()
    }

    private static func trimmed(_ directory: String) -> String {
        var path = Substring(directory)
        while path.count > 1 && path.hasSuffix("/") { path = path.dropLast() }
        return String(path)
    }

    private static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
