// Memory for pages that differ from the store: 4,096-byte frames, cut from mappings of 1 MiB and reused last in first
// out, so that the memory that was touched last is touched next. Frames are never given back to the system; the dirty
// budget bounds them.

import Glibc

package struct FramePool: ~Copyable {
    package static let frameBytes = 4096
    private static let chunkBytes = 1 << 20

    private var free: [UnsafeMutableRawPointer] = []
    private var chunks: [UnsafeMutableRawPointer] = []
    /// Frames that are in use.
    package private(set) var usedCount = 0

    package init() {}

    deinit {
        for chunk in chunks { munmap(chunk, Self.chunkBytes) }
    }

    /// A frame with arbitrary contents.
    package mutating func take() -> UnsafeMutableRawPointer {
        if free.isEmpty { grow() }
        usedCount += 1
        return free.removeLast()
    }

    /// Gives back a frame that `take` gave.
    package mutating func giveBack(_ frame: UnsafeMutableRawPointer) {
        precondition(usedCount > 0, "a frame is given back once")
        usedCount -= 1
        free.append(frame)
    }

    private mutating func grow() {
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
