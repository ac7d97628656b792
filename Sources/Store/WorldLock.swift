// Owns who may have a world open: the lock file, what its content means, and this process's own register
// (specs/store.md, Locks; STORE-10).
//
// flock and not fcntl: a lock of fcntl is lost when any descriptor of the file is closed. The register exists because
// LMDB breaks when one process opens an environment twice, and a shared flock would allow that.

import Glibc
import Synchronization

/// How the store is opened.
package enum OpenMode: Sendable {
    /// The one host, which publishes.
    case host
    /// A reader of a world that no host has open.
    case reader
}

/// What a world's directory says of its state, from outside.
package enum WorldCondition: Sendable, Equatable {
    /// There is nothing at the path.
    case absent
    /// A host has it open, or readers have; the host's process id when it is known.
    case inUse(pid: Int32?)
    /// Closed as it should be.
    case halted
    /// The last host ended without closing it.
    case crashed
    /// Something else is there.
    case notAWorld(StoreError.NotAWorldReason)
}

/// A held lock; ends with `release`, or with the process.
final class WorldLock: Sendable {
    private static let attempts = 20
    private static let pauseMicroseconds: UInt32 = 10_000
    private static let opened = Mutex<Set<FileIdentity>>([])

    private let descriptor: Int32
    private let path: String
    private let mode: OpenMode
    private let identity: FileIdentity
    private let contentFound: String
    private let isHeld = Mutex(true)

    /// What the lock file says after the lock was given back.
    enum Ending {
        /// Nothing: the world was closed as it should be.
        case halted
        /// The host's process id: what it did not publish is lost.
        case crashed
        /// What it said before: the world could not be opened.
        case asFound
    }

    private init(descriptor: Int32, path: String, mode: OpenMode, identity: FileIdentity) throws(StoreError) {
        self.descriptor = descriptor
        self.path = path
        self.mode = mode
        self.identity = identity
        contentFound = try WorldLock.content(path)
        if mode == .host { try replaceContent(with: "\(getpid())\n") }
    }

    /// Takes the lock of a world; a probe that holds it for an instant is waited for, 200 ms at most.
    static func take(_ paths: WorldPaths, mode: OpenMode, identity: FileIdentity) throws(StoreError) -> WorldLock {
        guard opened.withLock({ $0.insert(identity).inserted }) else {
            throw .openedTwice(path: paths.directory)
        }
        do throws(StoreError) {
            let flags = (mode == .host ? O_RDWR | O_CREAT : O_RDONLY) | O_CLOEXEC
            let descriptor = Glibc.open(paths.lock, flags, 0o644)
            guard descriptor >= 0 else { throw .system(errno, path: paths.lock, call: "open") }
            do throws(StoreError) {
                try lock(descriptor, paths: paths, exclusively: mode == .host)
                return try WorldLock(descriptor: descriptor, path: paths.lock, mode: mode, identity: identity)
            } catch {
                _ = Glibc.close(descriptor)
                throw error
            }
        } catch {
            opened.withLock { _ = $0.remove(identity) }
            throw error
        }
    }

    private static func lock(_ descriptor: Int32, paths: WorldPaths, exclusively: Bool) throws(StoreError) {
        for attempt in 1...attempts {
            if flock(descriptor, (exclusively ? LOCK_EX : LOCK_SH) | LOCK_NB) == 0 { return }
            guard errno == EWOULDBLOCK || errno == EINTR else {
                throw .system(errno, path: paths.lock, call: "flock")
            }
            if attempt < attempts { usleep(pauseMicroseconds) }
        }
        throw .inUse(path: paths.directory, pid: livingHolder(paths))
    }

    private static func content(_ path: String) throws(StoreError) -> String {
        String(decoding: try OpenFile(path, flags: O_RDONLY).read(at: 0, count: 32), as: UTF8.self)
    }

    /// The process id in the lock file, if that process lives.
    private static func livingHolder(_ paths: WorldPaths) -> Int32? {
        guard let line = try? content(paths.lock).split(separator: "\n").first, let pid = Int32(line), pid > 0,
            kill(pid, 0) == 0 || errno == EPERM
        else { return nil }
        return pid
    }

    /// Gives the lock back; a host leaves in the file how it ended.
    func release(_ ending: Ending) throws(StoreError) {
        guard
            isHeld.withLock({ held in
                defer { held = false }; return held
            })
        else { return }
        defer {
            _ = Glibc.close(descriptor)
            WorldLock.opened.withLock { _ = $0.remove(identity) }
        }
        guard mode == .host else { return }
        switch ending {
        case .halted: try replaceContent(with: "")
        case .crashed: break
        case .asFound: try replaceContent(with: contentFound)
        }
    }

    private func replaceContent(with text: String) throws(StoreError) {
        let bytes = Array(text.utf8)
        guard ftruncate(descriptor, 0) == 0 else { throw .system(errno, path: path, call: "ftruncate") }
        let wrote = bytes.withUnsafeBytes { $0.isEmpty ? 0 : pwrite(descriptor, $0.baseAddress, $0.count, 0) }
        guard wrote == bytes.count else { throw .system(wrote < 0 ? errno : ENOSPC, path: path, call: "pwrite") }
        guard fsync(descriptor) == 0 else { throw .system(errno, path: path, call: "fsync") }
    }

    /// What the directory's state is; takes the lock for an instant when it can.
    static func condition(_ paths: WorldPaths) throws(StoreError) -> WorldCondition {
        do throws(StoreError) {
            _ = try paths.check()
        } catch {
            switch error {
            case .missing: return .absent
            case .notAWorld(_, let reason): return .notAWorld(reason)
            default: throw error
            }
        }
        let file: OpenFile
        do throws(StoreError) {
            file = try OpenFile(paths.lock, flags: O_RDONLY)
        } catch {
            if case .ioError(_, _, ENOENT) = error { return .halted }
            throw error
        }
        guard flock(file.descriptor, LOCK_SH | LOCK_NB) == 0 else {
            return .inUse(pid: livingHolder(paths))
        }
        return try file.status().st_size == 0 ? .halted : .crashed
    }
}

/// The names of the files of a world.
struct WorldPaths: Sendable {
    let directory: String
    var store: String { directory + "/store.mdb" }
    var lock: String { directory + "/lock" }

    init(directory: String) {
        self.directory = directory
    }

    /// Checks that the directory is there and has a store that is not empty.
    func check() throws(StoreError) -> stat {
        var status = stat()
        guard stat(directory, &status) == 0 else {
            guard errno == ENOENT || errno == ENOTDIR else {
                throw .system(errno, path: directory, call: "stat")
            }
            throw .missing(path: directory)
        }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw .notAWorld(path: directory, reason: .notADirectory)
        }
        guard stat(store, &status) == 0 else {
            guard errno == ENOENT else { throw .system(errno, path: store, call: "stat") }
            throw .notAWorld(path: directory, reason: .storeMissing)
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw .notAWorld(path: directory, reason: .storeMissing)
        }
        guard status.st_size > 0 else { throw .notAWorld(path: directory, reason: .storeEmpty) }
        return status
    }
}
