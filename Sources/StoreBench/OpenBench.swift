// Owns the measurement of opening: a small world and a large one, both with the delta as full as it gets, out of a page
// cache from which their files were dropped, to the tenth page read.

import Glibc
import Store

enum OpenBench {
    static let smallPages = 2_560
    static let largePages = 1_310_720
    static let opens = 9
    static let reads = 10

    static func run(in directory: String) throws {
        let small = try prepare("small", in: directory, pages: smallPages)
        let large = try prepare("large", in: directory, pages: largePages)
        var times: [String: [Double]] = [:]
        for round in 0..<opens {
            for (name, world, pages) in [("small", small, smallPages), ("large", large, largePages)] {
                try dropFromCache(world.directory)
                var generator = SeededGenerator(state: UInt64(round))
                let start = seconds()
                let store = try Store.open(at: world.directory, mode: .host)
                let opened = seconds()
                for id in distinct(reads, of: pages, using: &generator) {
                    guard try store.page(PageID(rawValue: id)) != nil else { fatalError("page \(id) exists") }
                }
                let end = seconds()
                times[name, default: []].append(end - start)
                times[name + " open", default: []].append(opened - start)
                try store.close()
            }
        }
        func median(_ name: String) -> Double { (times[name] ?? []).sorted()[opens / 2] * 1e3 }
        for (name, pages) in [("small", smallPages), ("large", largePages)] {
            print(
                "\(name), \((pages * 4_096) >> 20) MiB: open \(fixed(median(name + " open"), 2)) ms, to the tenth page \(fixed(median(name), 2)) ms (median of \(opens))"
            )
        }
        print("ratio \(fixed(median("large") / median("small"), 2))")
        remove(small.directory)
        remove(large.directory)
    }

    /// A closed world whose delta is within one checkpoint of its bound.
    private static func prepare(_ name: String, in directory: String, pages: Int) throws -> BenchWorld {
        let world = try BenchWorld(name, in: directory, pages: pages, batch: min(pages, 65_000))
        var generator = SeededGenerator(state: 4)
        let dirty = 1_000
        var full = try world.store.statistics().deltaEntries
        while true {
            _ = try world.publish(distinct(dirty, of: pages, using: &generator))
            let now = try world.store.statistics().deltaEntries
            if now >= UInt64(Bounds.deltaEntries - 3 * dirty) { break }
            full = now
        }
        print("\(name): delta holds \(try world.store.statistics().deltaEntries) entries (before the last \(full))")
        try world.close()
        return world
    }

    private static func dropFromCache(_ directory: String) throws {
        for name in ["store.mdb", "store.mdb-lock", "lock"] {
            let descriptor = open("\(directory)/\(name)", O_RDONLY)
            guard descriptor >= 0 else { throw StoreError.ioError(path: directory, call: "open", errno: errno) }
            fsync(descriptor)
            posix_fadvise(descriptor, 0, 0, Int32(POSIX_FADV_DONTNEED))
            close(descriptor)
        }
    }

    private static func remove(_ directory: String) {
        for name in ["store.mdb", "store.mdb-lock", "lock"] { unlink("\(directory)/\(name)") }
        rmdir(directory)
    }
}
