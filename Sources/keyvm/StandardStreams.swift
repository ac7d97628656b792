// The standard descriptors: writing all of it, noticing that nobody reads, and never writing by mistake into a file
// that was opened under a number that the caller had closed.

import Glibc

/// Standard output takes no more. `errno` is `EPIPE` where its reader went away.
struct OutputLost: Error {
    var errno: Int32
}

enum StandardStreams {
    /// Puts `/dev/null` where a standard descriptor is closed, opened the wrong way round, so that using it fails as
    /// before, but nothing else is opened under its number. Before anything else is opened.
    static func occupy() {
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) == -1 {
            let mode = descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY
            let opened = open("/dev/null", mode)
            if opened >= 0 && opened != descriptor {
                dup2(opened, descriptor)
                close(opened)
            }
        }
    }

    /// Writes text to standard output, all of it. Throws `OutputLost`.
    static func print(_ text: String) throws(OutputLost) { try write(Array(text.utf8), to: STDOUT_FILENO) }

    /// Writes bytes, all of them, waiting where the other side is slow. Throws `OutputLost`.
    static func write(_ bytes: [UInt8], to descriptor: Int32) throws(OutputLost) {
        var failure: Int32 = 0
        bytes.withUnsafeBytes { buffer in
            var rest = buffer[...]
            while !rest.isEmpty {
                let written = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if written >= 0 {
                    rest = rest.dropFirst(written)
                } else if errno == EAGAIN {
                    var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                    poll(&waiting, 1, -1)
                } else if errno != EINTR {
                    failure = errno
                    return
                }
            }
        }
        if failure != 0 { throw OutputLost(errno: failure) }
    }

    /// Says something to the person at the terminal. Where standard error is gone there is nobody to tell.
    static func say(_ text: String) {
        do { try write(Array((text + "\n").utf8), to: STDERR_FILENO) } catch { return }
    }
}
