// The checkpoints of a world that can be read, as the kernel's thread knows them, and which of them the retention lets go
// (specs/checkpoints.md). A value: it changes when a publication that changed it is durable.
//
// PAST-1  They are those of the store, with their names and holds, and no two have the same name.

import Store

/// How many regular checkpoints stay: the last `count`, and those of the last `seconds`.
struct Retention: Sendable, Hashable {
    var count: UInt64 = 0
    var seconds: UInt64 = 0

    /// Whether a checkpoint that is made now is kept by it.
    var keepsAny: Bool { count > 0 || seconds > 0 }
}

struct KeptCheckpoints: Sendable {
    struct Item: Sendable, Hashable {
        var epoch: Epoch
        /// nil: a regular one
        var name: String?
        /// Nanoseconds since 1970.
        var time: Int64
        var isHeld: Bool

        init(_ record: CheckpointRecord) {
            (epoch, name, time) = (record.epoch, record.note.name, record.note.wallTimeNanoseconds)
            isHeld = record.held
        }

        /// What the user calls it.
        var title: String { name.map { "@\($0)" } ?? "\(epoch.rawValue)" }
    }

    /// By ascending epoch.
    private(set) var items: [Item] = []

    init() {}

    /// Those of the store's records, ascending, that are kept.
    init(_ records: [CheckpointRecord]) {
        items = records.filter(\.isKept).map(Item.init)
    }

    /// The one that is meant by `@` and a name, or by a number; nil: none is.
    func find(_ reference: String) -> Item? {
        if reference.hasPrefix("@") { return items.first { $0.name == String(reference.dropFirst()) } }
        return UInt64(reference).flatMap { number in items.first { $0.epoch.rawValue == number } }
    }

    /// The regular ones that `retention` does not cover at `time`, when `more` regular ones that it does come after them. Held ones
    /// are covered by nothing else, and are not among them.
    func beyond(_ retention: Retention, at time: Int64, more: Int) -> [Epoch] {
        let regular = items.filter { $0.name == nil }
        let newest = min(UInt64(regular.count), retention.count - min(retention.count, UInt64(more)))
        let oldestNanoseconds = retention.seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let age = oldestNanoseconds.overflow ? Int64.max : Int64(clamping: oldestNanoseconds.partialValue)
        return regular.dropLast(Int(newest))
            .filter { !$0.isHeld && (age == 0 || time.subtractingReportingOverflow($0.time).partialValue > age) }
            .map(\.epoch)
    }

    /// A publication is durable that did this; `made` is what it made, where that is kept.
    mutating func apply(_ keeping: Publication.Keeping, made: Item?) {
        let released = Set(keeping.released)
        items.removeAll { released.contains($0.epoch) }
        for index in items.indices { items[index].isHeld = keeping.held[items[index].epoch] ?? items[index].isHeld }
        if let made { items.append(made) }
    }
}
