// Owns the words of the store's errors: what happened, why, and what to try, a line each.

import Glibc

extension StoreError: CustomStringConvertible {
    /// What and why, in one line.
    @usableFromInline package var description: String { "\(what): \(why)" }

    /// The directory or file that the error is about.
    package var path: String {
        switch self {
        case .missing(let path), .notAWorld(let path, _), .exists(let path), .formatTooNew(let path, _, _),
            .notKept(let path, _), .truncated(let path, _, _), .damaged(let path, _), .inUse(let path, _),
            .openedTwice(let path),
            .diskFull(let path, _, _), .permission(let path, _), .pageSize(let path, _, _), .mapFull(let path, _),
            .publicationsStopped(let path), .sourceFailed(let path, _), .journalRefused(let path, _),
            .ioError(let path, _, _):
            path
        }
    }

    /// What happened, in one line.
    package var what: String {
        switch self {
        case .missing: "no such world"
        case .notAWorld: "not a world"
        case .exists: "cannot make a world there"
        case .formatTooNew: "world of a newer format"
        case .notKept(_, let epoch): "checkpoint \(epoch.rawValue) is not kept"
        case .truncated: "store is cut short"
        case .damaged(let path, _): path.hasSuffix(".log") ? "journal is damaged" : "store is damaged"
        case .inUse: "world is in use"
        case .openedTwice: "world is open already"
        case .diskFull: "disk full"
        case .permission: "permission denied"
        case .pageSize: "page size does not fit"
        case .mapFull: "store is full"
        case .publicationsStopped: "nothing is saved any more"
        case .sourceFailed: "not all of the pages came"
        case .journalRefused: "store and journal do not go together"
        case .ioError(_, let call, _): "\(call) failed"
        }
    }

    /// Why: the object, the limit, what was found; in one line.
    package var why: String {
        switch self {
        case .missing(let path): "\(path) does not exist"
        case .notAWorld(let path, let reason): "\(path) \(reason)"
        case .exists(let path): "\(path) exists and is not an empty directory"
        case .formatTooNew(let path, let found, let known): "\(path) has format \(found), this program knows \(known)"
        case .notKept(let path, _): "\(path) has its state no more, or never had it"
        case .truncated(let path, let expected, let actual):
            "\(path) should have at least \(expected) bytes and has \(actual)"
        case .damaged(let path, let damage): "\(path): \(damage)"
        case .inUse(let path, let pid):
            pid.map { "process \($0) has \(path) open" } ?? "another process has \(path) open"
        case .openedTwice(let path): "this process has \(path) open"
        case .diskFull(let path, let needed, let free): "\(path) needs \(needed) bytes and \(free) are free"
        case .permission(let path, let call): "the operating system refused \(call) of \(path)"
        case .pageSize(let path, let found, let expected): "\(path): pages of \(found) bytes, needed are \(expected)"
        case .mapFull(let path, let bytes): "\(path) has used the \(bytes) bytes that a store can have"
        case .publicationsStopped(let path): "an earlier write to \(path) failed"
        case .sourceFailed(let path, let page):
            "page \(hexadecimal(page.rawValue)) and those behind it are missing; \(path) is as it was"
        case .journalRefused(let path, let refusal):
            "\(path) \(refusal); without it the world is its last checkpoint"
        case .ioError(let path, _, let number): "\(path): \(String(cString: strerror(number)))"
        }
    }

    /// The world's folder, where the error is about a file in it.
    private var directory: String {
        if path.hasSuffix("/store.mdb") { return String(path.dropLast("/store.mdb".utf8.count)) }
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard path.hasSuffix(".log"), parts.count > 2,
            ["journal", "journal.kept"].contains(parts[parts.count - 2])
        else { return path }
        return parts.dropLast(2).joined(separator: "/")
    }

    /// What to try next: a command.
    package var suggestion: String {
        let (path, directory) = (shellWord(path), shellWord(directory))
        return switch self {
        case .missing: "keyvm init \(path)"
        case .notAWorld, .exists, .permission: "ls -la \(path)"
        case .formatTooNew: "keyvm --version"
        case .notKept: "keyvm checkpoint ls -w \(directory)"
        case .damaged(let path, _) where path.hasSuffix(".log"): "keyvm boot -w \(directory) --without-journal"
        case .truncated, .damaged: "keyvm fsck -w \(directory)"
        case .inUse, .openedTwice: "keyvm status -w \(directory)"
        case .diskFull: "df -h \(path)"
        case .pageSize: "getconf PAGE_SIZE"
        case .mapFull: "keyvm bank top -w \(directory)"
        case .publicationsStopped: "keyvm halt -w \(directory)"
        case .sourceFailed: "ls -la \(path)"
        case .journalRefused: "keyvm boot -w \(directory) --without-journal"
        case .ioError(_, _, EXDEV): "df \(path)"
        case .ioError(_, _, ENOENT), .ioError(_, _, ENOTDIR), .ioError(_, _, EEXIST): "ls -la \(path)"
        case .ioError: "dmesg | tail"
        }
    }
}

extension JournalRefusal: CustomStringConvertible {
    /// What is wrong with the file, as the rest of a sentence.
    @usableFromInline package var description: String {
        switch self {
        case .missing: "is missing, and has what came in after the store's last checkpoint"
        case .otherWorld: "is another world's"
        case .otherHistory: "goes on from another state of the world than the one before it"
        case .otherFile: "is not the file of that name that the store goes on with"
        case .laterOnly(let epoch, let storeEpoch):
            "goes on from checkpoint \(epoch), and the store has \(storeEpoch) at most: it is older"
        case .gap(let expected, let found): "begins or ends at record \(found), and \(expected) comes next"
        }
    }
}

extension StoreError.NotAWorldReason: CustomStringConvertible {
    /// What stands there, as the rest of a sentence.
    @usableFromInline package var description: String {
        switch self {
        case .notADirectory: "is not a directory"
        case .storeMissing: "has no store.mdb"
        case .storeEmpty: "has an empty store.mdb"
        case .headMissing: "has a store.mdb without a head record"
        }
    }
}

extension StoreError {
    /// The error of a system call that failed with `number`.
    static func system(_ number: Int32, path: String, call: String) -> StoreError {
        switch number {
        case EACCES, EPERM, EROFS: .permission(path: path, call: call)
        case ENOSPC, EDQUOT, EFBIG: .diskFull(path: path, neededBytes: 0, freeBytes: freeBytes(at: path) ?? 0)
        default: .ioError(path: path, call: call, errno: number)
        }
    }

    /// What the file system has left for us at `path`, in bytes; nil when it cannot say.
    static func freeBytes(at path: String) -> UInt64? {
        var information = statvfs()
        guard statvfs(path, &information) == 0 else { return nil }
        return UInt64(information.f_bavail) * UInt64(information.f_frsize)
    }
}
