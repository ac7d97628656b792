// A stream that lies in a file, or comes through a pipe.

import Glibc

/// Reads a file descriptor, from where it stands; it is not closed.
package final class FileBytes: ByteSource {
    private let descriptor: Int32

    package init(descriptor: Int32) { self.descriptor = descriptor }

    package func read(into room: UnsafeMutableRawBufferPointer, byte: UInt64) throws(BackupError) -> Int {
        while true {
            let count = Glibc.read(descriptor, room.baseAddress, room.count)
            if count >= 0 { return count }
            guard errno == EINTR else { throw .unreadable(byte: byte, errno: errno) }
        }
    }
}
