// Owns every bound of the store: sizes that the format fixes, and limits that keep loops and tables finite.

/// Sizes and limits of the store.
package enum Bounds {
    /// Bytes of a page, and of a page of LMDB's.
    package static let pageBytes = 4_096
    /// Slots of a full segment.
    package static let segmentSlots = 255
    /// The highest segment number: 56 bits.
    static let highestSegment = UInt64(1) << 56 - 1
    /// Bytes of a segment's directory: 16 for each slot of a full one.
    static let directoryBytes = 4_080
    /// Entries and freed runs that the delta holds at most (STORE-6, STORE-12).
    package static let deltaEntries = 65_536
    /// Segments that one transaction writes at most; more are staged.
    package static let stagedSegments = 64
    /// Bytes of attributes at most.
    package static let attributeBytes = 3_072
    /// Bytes of a checkpoint's name at most.
    package static let nameBytes = 64
    /// Records of checkpoints that are neither kept nor named.
    package static let passingCheckpoints = 1_000
    /// Bytes of LMDB's map: 1 TiB, reserved once and never resized.
    static let mapBytes = 1 << 40
    /// Pages that collection moves at most, besides as many as are published.
    static let collectedPagesBase = 16 * segmentSlots
    /// Footprint in hundredths of the live pages above which collection begins.
    static let footprintPercent = 190
    /// Footprint in pages that is always allowed on top, so that small worlds are not collected over and over.
    static let footprintSlackPages = 256
    /// Segment addresses that the kernel side remembers before it forgets them all.
    static let cachedSegments = 1 << 16
    /// The newest format that this program reads and writes.
    static let format: UInt32 = 2
}
