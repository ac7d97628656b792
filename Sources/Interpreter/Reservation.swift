// Address space for what is large and mostly empty: page tables, slots, shadow stacks. A process that comes and goes takes what another gave
// back, so that making one is not dearer than what it touches.

import Glibc
import Synchronization

enum Reservation {
    /// Mappings of one size that are kept for others, all zero.
    private static let kept = 64
    /// More touched bytes than these are given back to the host rather than cleared.
    private static let clearedBytes = 64 << 10
    private static let pool = Mutex<[Int: [UInt]]>([:])

    /// Zeroed memory that is backed when it is touched. Traps when the host has no address space left.
    static func take(bytes: Int) -> UnsafeMutableRawPointer {
        let size = roundedToPages(bytes)
        let known = pool.withLock { $0[size]?.popLast() }
        if let known, let base = UnsafeMutableRawPointer(bitPattern: known) { return base }
        let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
        guard let base = mmap(nil, size, PROT_READ | PROT_WRITE, flags, -1, 0), base != MAP_FAILED else {
            preconditionFailure("no address space left to reserve \(bytes) bytes")
        }
        return base
    }

    /// Gives back what `take(bytes:)` returned, of which nothing outside of `touched` (in bytes) was ever written.
    static func giveBack(_ base: UnsafeMutableRawPointer, bytes: Int, touched: Range<Int>) {
        let size = roundedToPages(bytes)
        let touched = touched.clamped(to: 0..<size)
        if touched.count <= clearedBytes {
            memset(base + touched.lowerBound, 0, touched.count)
            let isKept = pool.withLock { pool in
                guard pool[size, default: []].count < kept else { return false }
                pool[size, default: []].append(UInt(bitPattern: base))
                return true
            }
            if isKept { return }
        }
        munmap(base, size)
    }
}
