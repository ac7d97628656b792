// The file that a backup goes to: under its name it is whole. What is no regular file (a pipe, a device) is written to as it is.
//
// BACK-4  FILE is what it was, or the whole backup.

import Glibc
import Synchronization

/// A file to be written by `World.backup` or `World.submit`.
public final class BackupFile: BackupSink {
    private let path: String
    /// What is written to until it is whole; nil: `path` itself. Whoever ends the process on the way may remove it.
    public let aside: String?
    private let descriptor: Int32
    private let isOwned: Bool
    /// How far it has come, by what it is shown; nil: that is told elsewhere.
    private let progress: Mutex<BackupProgress>?

    /// Opens what a backup is written to. `tellsProgress`: it is made by another process, so that nobody else here tells how far it
    /// has come. Throws where it cannot be opened.
    public init(_ path: String, tellsProgress: Bool = false) throws(WorldError) {
        progress = tellsProgress ? Mutex(BackupProgress()) : nil
        isOwned = true
        var status = stat()
        let isThere = stat(path, &status) == 0
        // A link stays, and what it leads to is replaced.
        let found = isThere ? realpath(path, nil) : nil
        let target = found.map { String(cString: $0) } ?? path
        free(found)
        self.path = target
        if isThere, status.st_mode & S_IFMT == S_IFDIR {
            throw WorldError(
                .usage, what: "a backup is a file", why: "\(path) is a folder",
                try: "keyvm backup \(quotedForShell(path + "/world.kvb"))")
        }
        let isReplaced = !isThere || status.st_mode & S_IFMT == S_IFREG
        aside = isReplaced ? "\(target).new-\(getpid())" : nil
        if let aside {
            // What a process of this number left that was killed.
            if unlink(aside) != 0, errno != ENOENT, errno != ENOTDIR {
                descriptor = -1
            } else {
                descriptor = open(aside, O_WRONLY | O_CLOEXEC | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600)
            }
        } else {
            descriptor = open(target, O_WRONLY | O_CLOEXEC)
        }
        guard descriptor >= 0 else { throw failure(errno) }
        if isThere, isReplaced { fchmod(descriptor, status.st_mode & 0o777) }
    }

    /// One that is open, and is neither closed nor made durable here; `name` is for messages.
    public init(descriptor: Int32, name: String, tellsProgress: Bool = false) {
        (path, aside, isOwned) = (name, nil, false)
        self.descriptor = descriptor
        progress = tellsProgress ? Mutex(BackupProgress()) : nil
    }

    public func write(_ bytes: UnsafeRawBufferPointer, isStopped: () -> Bool) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
            if written >= 0 {
                rest = rest.dropFirst(written)
            } else if errno == EAGAIN {
                var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&waiting, 1, 100)
                if isStopped() { throw PastAbandoned() }
            } else if errno != EINTR {
                throw failure(errno)
            }
        }
        progress?.withLock { $0.take(bytes) }
    }

    /// Has `body` write to it, and makes it durable under its name; where that fails nothing of it stays.
    public func write(_ body: (BackupFile) throws -> BackupAnswer) throws -> BackupAnswer {
        defer {
            if isOwned { close(descriptor) }
            if progress != nil { World.progress.end() }
        }
        do {
            let answer = try body(self)
            try finish()
            return answer
        } catch {
            if let aside { unlink(aside) }
            throw error
        }
    }

    private func finish() throws(WorldError) {
        guard let aside else { return }
        guard fsync(descriptor) == 0, rename(aside, path) == 0 else { throw failure(errno) }
        let slash = path.lastIndex(of: "/")
        let folder = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let opened = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard opened >= 0 else { throw failure(errno) }
        defer { close(opened) }
        guard fsync(opened) == 0 else { throw failure(errno) }
    }

    private func failure(_ number: Int32) -> WorldError {
        let code: WorldError.Code =
            switch number {
            case EACCES, EPERM, EROFS: .noAuthority
            case ENOENT, ENOTDIR: .noSuchThing
            default: .failed
            }
        let why = "\(path): \(String(cString: strerror(number)))"
        return WorldError(
            code, what: number == ENOSPC ? "disk full" : "the backup cannot be written", why: why,
            try: number == ENOSPC
                ? "df -h \(quotedForShell(path))" : isOwned ? "ls -ld \(quotedForShell(path))" : "keyvm backup FILE")
    }
}
