// Owns a descriptor of a world's folder and, through it, a way to the control socket that always fits a socket
// address: `/proc/self/fd/N/control.sock` is a few bytes long however long the folder's own path is.
//
// The descriptor is opened without any right to read (`O_PATH`), so looking costs no permission but to pass through.

import Glibc

/// The name of the control socket inside a world's folder.
package let controlSocketName = "control.sock"

/// An open descriptor of a world's folder; closed when the value ends.
package struct WorldFolder: ~Copyable, Sendable {
    /// The folder's path as the caller gave it, for messages.
    package let directory: String
    let descriptor: Int32

    /// Opens the folder. Throws `.noFolder` when it is absent or no folder, `.noAuthority` when the system refuses.
    package init(_ directory: String) throws(ControlFailure) {
        let descriptor = open(directory, pathOnly | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else {
            let reason = errno
            switch reason {
            case EACCES, EPERM:
                throw .noAuthority(path: directory, errno: reason)
            default:
                throw .noFolder(path: directory, errno: reason)
            }
        }
        self.directory = directory
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// The control socket's path as a person writes it.
    package var socketPath: String { "\(directory)/\(controlSocketName)" }

    /// A path to `name` inside the folder of at most 24 bytes and the name, good in this process while the value lives.
    func shortPath(to name: String) -> String { "/proc/self/fd/\(descriptor)/\(name)" }

    /// Which socket lies in the folder now: another host binds another one, so equal identities are the same host.
    /// nil when there is none.
    func socketIdentity() -> SocketIdentity? {
        var status = stat()
        guard fstatat(descriptor, controlSocketName, &status, AT_SYMLINK_NOFOLLOW) == 0 else { return nil }
        return SocketIdentity(
            device: UInt64(status.st_dev), inode: UInt64(status.st_ino),
            changedSeconds: Int64(status.st_ctim.tv_sec), changedNanoseconds: Int64(status.st_ctim.tv_nsec))
    }

    /// Connects to the control socket and lets go again: 0, or the errno that says why nobody can be reached.
    /// Waits at most `seconds` for a host whose queue of connections is full (then `EAGAIN`).
    func probe(seconds: Int) -> Int32 {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return errno }
        defer { close(descriptor) }
        var patience = timeval(tv_sec: seconds, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let path = shortPath(to: controlSocketName)
        let capacity = MemoryLayout.size(ofValue: address.sun_path)
        precondition(path.utf8.count < capacity, "a path through a descriptor fits a socket address")
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        return result == 0 ? 0 : errno
    }
}

/// Tells one bound socket from another at the same path.
struct SocketIdentity: Hashable, Sendable {
    var device: UInt64
    var inode: UInt64
    var changedSeconds: Int64
    var changedNanoseconds: Int64
}

/// `O_PATH` of open(2), which Swift's Glibc does not bring in: the same on every Linux but those of Alpha, PA-RISC and SPARC.
private let pathOnly: Int32 = 0o10_000_000
