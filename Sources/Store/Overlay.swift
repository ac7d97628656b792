// Owns the sum of all delta records, by which a page is found before `idx` is asked (STORE-5).
//
// A value: the background side makes the next one of the last, and the kernel exchanges its own for it when it adopts
// the publication (STORE-13). A freed run hides what `idx` still has; an entry is newer than any run that holds its id.

struct Overlay: Sendable {
    private(set) var entries: [PageID: IndexEntry.Place] = [:]
    /// Ascending, disjoint and not touching.
    private(set) var freed: [PageRun] = []

    enum Answer {
        case at(IndexEntry.Place)
        case freed
        case unknown
    }

    @inline(__always)
    func answer(_ id: PageID) -> Answer {
        if let place = entries[id] { return .at(place) }
        if !freed.isEmpty && freed.holds(id) { return .freed }
        return .unknown
    }

    mutating func reserve(_ count: Int) {
        entries.reserveCapacity(count)
    }

    /// Lays a newer record over; linear in the record and in the runs that are there.
    mutating func apply(_ record: DeltaRecord) {
        for run in record.runs {
            for id in ids(in: run) { entries[id] = nil }
        }
        freed = Overlay.merged(freed, record.runs)
        for entry in record.entries { entries[entry.id] = entry.place }
    }

    /// The ids that have an entry here and lie in the run, in no order.
    func ids(in run: PageRun) -> [PageID] {
        if run.count <= UInt64(entries.count) {
            return (run.first.rawValue...run.last.rawValue).lazy.map { PageID(rawValue: $0) }
                .filter { entries[$0] != nil }
        }
        return entries.keys.filter { run.contains($0) }
    }

    /// All entries, by ascending id.
    func sortedEntries() -> [IndexEntry] {
        entries.map { IndexEntry(id: $0.key, place: $0.value) }.sorted { $0.id < $1.id }
    }

    /// The union of two ascending lists of runs, ascending, disjoint and not touching.
    static func merged(_ left: [PageRun], _ right: [PageRun]) -> [PageRun] {
        guard !right.isEmpty else { return left }
        var result: [PageRun] = []
        result.reserveCapacity(left.count + right.count)
        for run in (left + right).sorted(by: { $0.first < $1.first }) {
            guard let previous = result.last,
                previous.last.rawValue == UInt64.max || run.first.rawValue <= previous.last.rawValue + 1
            else {
                result.append(run)
                continue
            }
            if run.last > previous.last {
                let count = run.last.rawValue - previous.first.rawValue + 1
                result[result.count - 1] = PageRun(first: previous.first, count: count)
            }
        }
        return result
    }
}
