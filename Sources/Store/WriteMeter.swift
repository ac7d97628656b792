// Owns measuring a publication: the time that passes, and the bytes that this thread gives to write calls, as the
// system counts them (`wchar` of /proc/thread-self/io). LMDB does not tell how many tree pages it writes.

import Glibc

struct WriteMeter {
    private let startNanoseconds: UInt64
    private let startBytes: UInt64?

    init() {
        startNanoseconds = WriteMeter.nowNanoseconds()
        startBytes = WriteMeter.writtenByThread()
    }

    func elapsedMicroseconds() -> UInt64 {
        (WriteMeter.nowNanoseconds() - startNanoseconds) / 1_000
    }

    /// Bytes written since; nil where the system does not count them.
    func bytesWritten() -> UInt64? {
        guard let startBytes, let now = WriteMeter.writtenByThread() else { return nil }
        return now - startBytes
    }

    static func nowNanoseconds() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    private static func writtenByThread() -> UInt64? {
        guard let text = try? OpenFile("/proc/thread-self/io", flags: O_RDONLY).read(at: 0, count: 1_024) else {
            return nil
        }
        for line in text.split(separator: UInt8(ascii: "\n")) {
            let words = line.split(separator: UInt8(ascii: " "))
            if words.count == 2, String(decoding: words[0], as: UTF8.self) == "wchar:" {
                return UInt64(String(decoding: words[1], as: UTF8.self))
            }
        }
        return nil
    }
}
