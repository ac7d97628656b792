// Owns the measurement of kept checkpoints: two stores of the same pages take the same publications by turns, one of them keeping each.
// What keeping costs is the bytes that it writes more, and the space that it takes beyond the pages which only kept states have.

import Glibc
import Store

enum KeepingBench {
    private static let pages = 100_000
    private static let dirty = 1_000
    private static let checkpoints = 100

    static func run(in directory: String) throws {
        let plain = try BenchWorld("plain", in: directory, pages: pages, batch: 10_000)
        let keeping = try BenchWorld("keeping", in: directory, pages: pages, batch: 10_000)
        var generator = SeededGenerator(state: 3)
        var written: (plain: UInt64, keeping: UInt64) = (0, 0)
        var elapsed: (plain: Double, keeping: Double) = (0, 0)
        // The first one that is kept is the state before the others.
        _ = try keeping.publish([], keeping: .init(keepsThis: true))
        _ = try plain.publish([])
        let before = try keeping.store.statistics().fileBytes
        for _ in 0..<checkpoints {
            let ids = distinct(dirty, of: pages, using: &generator)
            let without = try plain.publish(ids)
            let with = try keeping.publish(ids, keeping: .init(keepsThis: true))
            written.plain += without.statistics.bytesWritten
            written.keeping += with.statistics.bytesWritten
            elapsed.plain += without.seconds
            elapsed.keeping += with.seconds
        }
        let alone = try keeping.store.statistics()
        let growth = alone.fileBytes - before
        let held = alone.oldPages * UInt64(Bounds.pageBytes)
        print("checkpoints          \(checkpoints) of \(dirty) dirty pages of \(pages)")
        print("bytes written        \(written.plain >> 10) KiB, keeping \(written.keeping >> 10) KiB")
        print("keeping / not        \(fixed(Double(written.keeping) / Double(written.plain), 4))")
        print("time                 \(fixed(elapsed.plain, 2)) s, keeping \(fixed(elapsed.keeping, 2)) s")
        print("old pages            \(alone.oldPages), in \(held >> 10) KiB")
        print("file grew by         \(growth >> 10) KiB")
        print("growth / old pages   \(fixed(Double(growth) / Double(held), 4))")
        let start = seconds()
        let kept = try keeping.store.checkpoints().filter(\.isKept).map(\.epoch)
        _ = try keeping.publish([], keeping: .init(released: kept))
        let after = try keeping.store.statistics()
        print("all released         \(fixed(seconds() - start, 3)) s; \(after.oldPages) old pages")
        try plain.remove()
        try keeping.remove()
    }
}
