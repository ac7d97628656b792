// Owns a file descriptor and the few system calls the store makes on files of its own, as typed errors.

import Glibc

/// A file that is closed when the value ends.
struct OpenFile: ~Copyable {
    let descriptor: Int32
    let path: String

    init(_ path: String, flags: Int32, mode: mode_t = 0o644) throws(StoreError) {
        let descriptor = Glibc.open(path, flags | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw .system(errno, path: path, call: "open") }
        self.descriptor = descriptor
        self.path = path
    }

    deinit { _ = Glibc.close(descriptor) }

    func status() throws(StoreError) -> stat {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .system(errno, path: path, call: "fstat") }
        return status
    }

    /// Reads up to `count` bytes at an offset; fewer only at the end of the file.
    func read(at offset: UInt64, count: Int) throws(StoreError) -> [UInt8] {
        var failure: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            while initialized < count, let start = buffer.baseAddress {
                let place = off_t(offset) + off_t(initialized)
                let got = pread(descriptor, start + initialized, count - initialized, place)
                if got < 0 && errno == EINTR { continue }
                if got < 0 { failure = errno }
                if got <= 0 { break }
                initialized += got
            }
        }
        guard failure == 0 else { throw .system(failure, path: path, call: "pread") }
        return bytes
    }

    /// Replaces the whole content, and syncs it.
    func replaceContent(with text: String) throws(StoreError) {
        let bytes = Array(text.utf8)
        guard ftruncate(descriptor, 0) == 0 else { throw .system(errno, path: path, call: "ftruncate") }
        if !bytes.isEmpty {
            let wrote = bytes.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
            guard wrote == bytes.count else {
                throw .system(wrote < 0 ? errno : ENOSPC, path: path, call: "pwrite")
            }
        }
        try sync()
    }

    func sync() throws(StoreError) {
        guard fsync(descriptor) == 0 else { throw .system(errno, path: path, call: "fsync") }
    }
}

/// Device and inode: the same file under whatever name.
struct FileIdentity: Hashable, Sendable {
    let device: UInt64
    let inode: UInt64

    init(_ status: stat) {
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
    }
}
