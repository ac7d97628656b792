// Owns the measurement of checkpoints: random dirty pages in a store that has reached its steady state, against overwriting the
// same bytes at their places in one file and against writing them to a fresh file, each with a sync, in the same run by turns.

import Glibc
import Store

struct CheckpointBench {
    let pages: Int
    let dirty: Int
    let warmUp: Int
    let measured: Int

    static let small = CheckpointBench(pages: 200_000, dirty: 10_000, warmUp: 30, measured: 20)
    static let large = CheckpointBench(pages: 400_000, dirty: 100_000, warmUp: 8, measured: 9)

    func run(in directory: String) throws {
        let world = try BenchWorld("checkpoint", in: directory, pages: pages, batch: dirty)
        let plain = try PlainFile("\(directory)/store-bench-plain-\(getpid())", pages: pages)
        var generator = SeededGenerator(state: 1)
        for _ in 0..<warmUp { _ = try world.publish(distinct(dirty, of: pages, using: &generator)) }
        var store = (seconds: 0.0, bytes: UInt64(0), wchar: UInt64(0), writeBytes: UInt64(0))
        var file = (seconds: 0.0, worst: 0.0)
        var fresh = 0.0
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
            fresh += try PlainFile.writeFresh(
                "\(directory)/store-bench-fresh-\(getpid())", ids.indices.map { UnsafeRawPointer(world.content($0)) })
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
        print("fresh file mean      \(fixed(fresh / Double(measured) * 1e3, 2)) ms")
        print("store / file         \(fixed(store.seconds / file.seconds, 2))")
        print("store / fresh file   \(fixed(store.seconds / fresh, 2))")
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

    /// Writes pages one behind the other to a file that was not there, and syncs; seconds that it took.
    static func writeFresh(_ path: String, _ pages: [UnsafeRawPointer]) throws -> Double {
        let start = seconds()
        let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL, 0o644)
        guard descriptor >= 0 else { throw StoreError.ioError(path: path, call: "open", errno: errno) }
        for page in pages { precondition(write(descriptor, page, Bounds.pageBytes) == Bounds.pageBytes) }
        precondition(fdatasync(descriptor) == 0)
        let elapsed = seconds() - start
        close(descriptor)
        unlink(path)
        return elapsed
    }

    func remove() {
        close(descriptor)
        unlink(path)
    }
}
