// Memory for pages that differ from the store: 4,096-byte frames, cut from mappings of 1 MiB and reused last in first
// out, so that the memory that was touched last is touched next. Frames are never given back to the system; the dirty
// budget bounds them.

import Glibc

package final class FramePool {
    package static let frameBytes = 4096
    private static let chunkBytes = 1 << 20

    private var free: [UnsafeMutableRawPointer] = []
    private var chunks: [UnsafeMutableRawPointer] = []
    /// Frames that are in use.
    package var usedCount: Int { used }
    private var used = 0

    package init() {}

    deinit {
        for chunk in chunks { munmap(chunk, Self.chunkBytes) }
    }

    /// A frame with arbitrary contents.
    package func take() -> UnsafeMutableRawPointer {
        if free.isEmpty { grow() }
        used += 1
        return free.removeLast()
    }

    /// Gives back a frame that `take` gave.
    package func giveBack(_ frame: UnsafeMutableRawPointer) {
        precondition(used > 0, "a frame is given back once")
        used -= 1
        free.append(frame)
    }

    private func grow() {
        let chunk = mmap(nil, Self.chunkBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let chunk, chunk != MAP_FAILED else { preconditionFailure("out of memory for page frames") }
        chunks.append(chunk)
        var offset = Self.chunkBytes
        while offset > 0 {
            offset -= Self.frameBytes
            free.append(chunk + offset)
        }
    }
}
