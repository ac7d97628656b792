// Owns the writer's copy of the `live` table, and which segments are dropped and collected (STORE-7, STORE-8).
//
// Loaded when the first publication needs it, then kept: only the writer changes it, and after a failed publication it
// is never used again (STORE-11).

/// How much of a segment is still current.
struct LiveCount: Sendable, Equatable {
    static let bytes = 4
    var live: UInt16
    let slots: UInt16

    var footprint: Int { Int(slots) + 1 }

    func encoded() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(littleEndian: live)
        bytes.append(littleEndian: slots)
        return bytes
    }

    init(live: Int, slots: Int) {
        self.live = UInt16(live)
        self.slots = UInt16(slots)
    }

    init(decoding value: UnsafeRawBufferPointer, of segment: SegmentNumber, path: String) throws(StoreError) {
        func damage(_ fact: Damage.Fact, _ expected: Int, _ found: Int) -> StoreError {
            .damaged(
                path: path, Damage(.live(segment), fact, expected: UInt64(expected), found: UInt64(found)))
        }
        guard value.count == LiveCount.bytes else { throw damage(.length, LiveCount.bytes, value.count) }
        live = value.integer(at: 0)
        slots = value.integer(at: 2)
        guard slots >= 1, slots <= Bounds.segmentSlots else { throw damage(.bound, Bounds.segmentSlots, Int(slots)) }
        guard live >= 1, live <= slots else { throw damage(.count, Int(slots), Int(live)) }
    }
}

struct LiveTable: Sendable {
    private(set) var counts: [SegmentNumber: LiveCount] = [:]
    private(set) var livePages = 0
    private(set) var slots = 0
    /// Segments whose count changed since the last publication.
    private(set) var touched: Set<SegmentNumber> = []
    /// Segments that cannot be collected, because a page in them is damaged.
    var damaged: Set<SegmentNumber> = []

    var footprint: Int { slots + counts.count }

    mutating func add(_ segment: SegmentNumber, _ count: LiveCount) {
        let previous = counts.updateValue(count, forKey: segment)
        precondition(previous == nil, "a segment number is used once")
        livePages += Int(count.live)
        slots += Int(count.slots)
        touched.insert(segment)
    }

    /// Takes a record of `live` in; they come by ascending number, none above the head's last.
    mutating func load(_ segment: SegmentNumber, _ count: LiveCount, head: HeadRecord, path: String)
        throws(StoreError)
    {
        guard segment.rawValue >= 1, segment <= head.lastPublished else {
            let expected = head.lastPublished.rawValue
            throw .damaged(path: path, Damage(.live(segment), .bound, expected: expected, found: segment.rawValue))
        }
        guard counts[segment] == nil else {
            throw .damaged(path: path, Damage(.live(segment), .order, expected: 1, found: 2))
        }
        add(segment, count)
    }

    /// Compares the sums with the head's, when all records are loaded (STORE-8).
    func checkSums(_ head: HeadRecord, path: String) throws(StoreError) {
        for (expected, found) in [
            (head.livePages, livePages), (head.slots, slots), (head.segments, counts.count),
        ] where expected != UInt64(found) {
            throw .damaged(path: path, Damage(.head, .count, expected: expected, found: UInt64(found)))
        }
    }

    /// One page of the segment is current no more.
    mutating func lose(_ segment: SegmentNumber, path: String) throws(StoreError) {
        guard var count = counts[segment], count.live > 0 else {
            throw .damaged(path: path, Damage(.live(segment), .count, expected: 1, found: 0))
        }
        count.live -= 1
        counts[segment] = count
        livePages -= 1
        touched.insert(segment)
    }

    mutating func remove(_ segment: SegmentNumber) {
        guard let count = counts.removeValue(forKey: segment) else { return }
        livePages -= Int(count.live)
        slots -= Int(count.slots)
        touched.insert(segment)
    }

    /// Forgets what changed; after loading and after a commit.
    mutating func settle() {
        touched = []
    }

    /// Segments that lost their last page since the last publication.
    var emptied: [SegmentNumber] {
        touched.filter { counts[$0]?.live == 0 }.sorted()
    }

    /// The segments to collect when `incoming` pages are about to be written: the emptiest first, until the footprint
    /// is what it may be, or the pages to move are as many as one publication moves. Linear in the segments, and only
    /// when there is something to do. Dropped ones are removed before.
    func victims(incoming: Int) -> [SegmentNumber] {
        let directories = (incoming + Bounds.segmentSlots - 1) / Bounds.segmentSlots
        var footprint = footprint + incoming + directories
        let allowed = (livePages + incoming) * Bounds.footprintPercent / 100 + Bounds.footprintSlackPages
        guard footprint > allowed else { return [] }
        var buckets = [[SegmentNumber]](repeating: [], count: 256)
        for (segment, count) in counts where !damaged.contains(segment) {
            buckets[Int(count.live) * 256 / count.footprint].append(segment)
        }
        var chosen: [SegmentNumber] = []
        var moved = 0
        for bucket in buckets {
            for segment in bucket.sorted() {
                guard footprint > allowed, moved < incoming + Bounds.collectedPagesBase else { return chosen }
                guard let count = counts[segment] else { continue }
                chosen.append(segment)
                moved += Int(count.live)
                footprint += Int(count.live) - count.footprint
            }
        }
        return chosen
    }
}
