// Owns the store's identifiers: page ids, epochs, segment numbers, locations.
//
// One-field structs, so that no two of them are ever mixed up. Page ids are never used twice, and neither are
// segment numbers (STORE-2, STORE-5).

/// The name of a page for ever: 64 bits, the branch in the top 16; never used twice.
@usableFromInline package struct PageID: Hashable, Comparable, Sendable {
    /// The 64 bits; native integer order is the order of ids.
    @usableFromInline package let rawValue: UInt64

    /// Makes an id of its 64 bits.
    @inlinable package init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// Orders by the integer.
    @inlinable
    package static func < (left: PageID, right: PageID) -> Bool {
        left.rawValue < right.rawValue
    }
}

/// The number of a publication, at least 1, each greater than the one before.
@usableFromInline package struct Epoch: Hashable, Comparable, Sendable {
    /// The number.
    @usableFromInline package let rawValue: UInt64

    /// Makes an epoch of its number.
    @inlinable package init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// Orders by the integer.
    @inlinable
    package static func < (left: Epoch, right: Epoch) -> Bool {
        left.rawValue < right.rawValue
    }
}

/// A run of page ids: `first` and the `count - 1` that follow; at least one, and it does not pass the last id.
package struct PageRun: Hashable, Sendable {
    /// The lowest id of the run.
    package let first: PageID
    /// How many ids, at least 1.
    package let count: UInt64

    /// Makes a run; `count` is at least 1 and the last id is representable.
    package init(first: PageID, count: UInt64) {
        precondition(count >= 1, "a run holds at least one id")
        precondition(count - 1 <= UInt64.max - first.rawValue, "a run ends at or before the last id")
        self.first = first
        self.count = count
    }

    /// The highest id of the run.
    package var last: PageID { PageID(rawValue: first.rawValue + (count - 1)) }

    /// Whether the id lies in the run.
    package func contains(_ id: PageID) -> Bool {
        first <= id && id <= last
    }
}

/// The number of a segment: at least 1, 56 bits, never used twice (STORE-2).
package struct SegmentNumber: Hashable, Comparable, Sendable {
    /// The number.
    @usableFromInline package let rawValue: UInt64

    init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// Orders by the integer.
    package static func < (left: SegmentNumber, right: SegmentNumber) -> Bool {
        left.rawValue < right.rawValue
    }
}

/// Where a page lies: segment number in bits 8 to 63, slot in bits 0 to 7.
struct Location: Hashable, Sendable {
    let rawValue: UInt64

    init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    init(segment: SegmentNumber, slot: Int) {
        assert(slot >= 0 && slot < Bounds.segmentSlots)
        rawValue = segment.rawValue << 8 | UInt64(slot)
    }

    var segment: SegmentNumber { SegmentNumber(rawValue: rawValue >> 8) }
    var slot: Int { Int(rawValue & 0xFF) }
}

/// One current entry of the index: a page, where it lies, and the checksum of its content.
struct IndexEntry: Hashable, Sendable {
    let id: PageID
    let place: Place

    /// What the index says of a page.
    struct Place: Hashable, Sendable {
        let location: Location
        let checksum: UInt64
    }
}
