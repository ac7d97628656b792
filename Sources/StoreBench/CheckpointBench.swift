// Owns the measurement of checkpoints: 10,000 random dirty pages of 200,000 in a store that has reached its steady
// state, against overwriting the same bytes at their places in one file and syncing it, in the same run by turns.

import Glibc
import Store

enum CheckpointBench {
    static let pages = 200_000
    static let dirty = 10_000
    static let warmUp = 30
    static let measured = 20

    static func run(in directory: String) throws {
        let world = try BenchWorld("checkpoint", in: directory, pages: pages, batch: dirty)
        let plain = try PlainFile("\(directory)/store-bench-plain-\(getpid())", pages: pages)
        var generator = SeededGenerator(state: 1)
        for _ in 0..<warmUp { _ = try world.publish(distinct(dirty, of: pages, using: &generator)) }
        var store = (seconds: 0.0, bytes: UInt64(0), wchar: UInt64(0), writeBytes: UInt64(0))
        var file = (seconds: 0.0, worst: 0.0)
        var disk: UInt64 = 0
        var (merges, moved, worst) = (0, 0, 0.0)
        for _ in 0..<measured {
            let ids = distinct(dirty, of: pages, using: &generator)
            sync()
            let before = (
                processCounter("wchar") ?? 0, processCounter("write_bytes") ?? 0,
                deviceBytesWritten(world.directory)
            )
            let result = try world.publish(ids)
            disk += deviceBytesWritten(world.directory).map { $0 - (before.2 ?? 0) } ?? 0
            store.wchar += (processCounter("wchar") ?? 0) - before.0
            store.writeBytes += (processCounter("write_bytes") ?? 0) - before.1
            store.seconds += result.seconds
            store.bytes += result.statistics.bytesWritten
            worst = max(worst, result.seconds)
            merges += result.statistics.merged ? 1 : 0
            moved += result.statistics.pagesMoved
            let order = ids.indices.sorted { ids[$0] < ids[$1] }
            let elapsed = plain.overwrite(order.map { (ids[$0], UnsafeRawPointer(world.content($0))) })
            file.seconds += elapsed
            file.worst = max(file.worst, elapsed)
        }
        let total = Double(measured * dirty * Bounds.pageBytes)
        let statistics = try world.store.statistics()
        print("checkpoints          \(measured) of \(dirty) dirty pages of \(pages), after \(warmUp)")
        print(
            "store mean           \(fixed(store.seconds / Double(measured) * 1e3, 2)) ms, worst \(fixed(worst * 1e3, 2))"
        )
        print(
            "file mean            \(fixed(file.seconds / Double(measured) * 1e3, 2)) ms, worst \(fixed(file.worst * 1e3, 2))"
        )
        print("ratio of times       \(fixed(store.seconds / file.seconds, 2))")
        print("merges               \(merges)")
        print("pages moved          \(moved) of \(measured * dirty) published")
        print("bytes per dirty page \(fixed(Double(store.bytes) / total, 3)) pages (own count)")
        print("                     \(fixed(Double(store.wchar) / total, 3)) pages (wchar)")
        print(
            "                     \(fixed(Double(store.writeBytes) / total, 3)) pages (write_bytes; counts large folios whole)"
        )
        print("                     \(fixed(Double(disk) / total, 3)) pages (the disk's sectors, all processes)")
        print(
            "file                 \(statistics.fileBytes >> 20) MiB, live \((statistics.livePages * 4_096) >> 20) MiB")
        plain.remove()
        try world.remove()
    }
}

/// One file with a page at the place of each id.
final class PlainFile {
    private let descriptor: Int32
    private let path: String

    init(_ path: String, pages: Int) throws {
        self.path = path
        descriptor = open(path, O_RDWR | O_CREAT | O_TRUNC, 0o644)
        guard descriptor >= 0 else { throw StoreError.ioError(path: path, call: "open", errno: errno) }
        let block = [UInt8](repeating: 0xA5, count: 1 << 20)
        var left = (pages + 1) * Bounds.pageBytes
        while left > 0 {
            let wrote = write(descriptor, block, min(left, block.count))
            guard wrote > 0 else { throw StoreError.ioError(path: path, call: "write", errno: errno) }
            left -= wrote
        }
        guard fsync(descriptor) == 0 else { throw StoreError.ioError(path: path, call: "fsync", errno: errno) }
    }

    /// Overwrites pages at their places and syncs; seconds that it took.
    func overwrite(_ pages: [(id: UInt64, content: UnsafeRawPointer)]) -> Double {
        let start = seconds()
        for page in pages {
            let place = off_t(page.id) * off_t(Bounds.pageBytes)
            precondition(pwrite(descriptor, page.content, Bounds.pageBytes, place) == Bounds.pageBytes)
        }
        precondition(fdatasync(descriptor) == 0)
        return seconds() - start
    }

    func remove() {
        close(descriptor)
        unlink(path)
    }
}
