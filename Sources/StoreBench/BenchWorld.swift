// Owns what the measurements share: a scratch world, dirty pages with contents that differ, clocks and counters.

import Glibc
import Store

/// A store in a scratch directory, with room for one checkpoint's pages.
final class BenchWorld {
    let directory: String
    private(set) var store: Store
    private(set) var epoch: UInt64 = 1
    private let pages: UnsafeMutableRawPointer
    private let capacity: Int

    /// Makes a world of `count` pages, ids 1 to `count`, published in parts.
    init(_ name: String, in parent: String, pages count: Int, batch capacity: Int) throws {
        directory = "\(parent)/store-bench-\(name)-\(getpid())"
        self.capacity = capacity
        pages = .allocate(byteCount: capacity * Bounds.pageBytes, alignment: Bounds.pageBytes)
        pages.initializeMemory(as: UInt8.self, repeating: 0, count: capacity * Bounds.pageBytes)
        let first = Publication(
            epoch: Epoch(rawValue: 1), pages: [], freed: [], attributes: [], checkpoint: BenchWorld.note(0))
        try Store.create(at: directory, worldID: WorldID(low: 1, high: 2), first: first)
        store = try Store.open(at: directory, mode: .host)
        var next = 1
        while next <= count {
            let batch = min(capacity, count - next + 1)
            _ = try publish((next..<next + batch).map { UInt64($0) })
            next += batch
        }
    }

    deinit { pages.deallocate() }

    /// Publishes these pages with new contents, and adopts; the time is that of both.
    func publish(_ ids: [UInt64], keeping: Publication.Keeping = Publication.Keeping()) throws
        -> (seconds: Double, statistics: PublicationStatistics)
    {
        epoch += 1
        let publication = makePublication(ids, keeping)
        let start = seconds()
        let published = try store.publish(publication)
        let statistics = published.statistics
        _ = try store.adopt(published)
        return (seconds() - start, statistics)
    }

    /// The memory of the pages that were published last, in the order of their ids as given.
    func content(_ index: Int) -> UnsafeMutableRawPointer {
        pages + index * Bounds.pageBytes
    }

    private func makePublication(_ ids: [UInt64], _ keeping: Publication.Keeping) -> Publication {
        precondition(ids.count <= capacity)
        for (index, id) in ids.enumerated() {
            let words = content(index).bindMemory(to: UInt64.self, capacity: 512)
            for word in stride(from: 0, to: 512, by: 8) { words[word] = id &* 0x9E37_79B9 &+ epoch &+ UInt64(word) }
        }
        let pages = ids.enumerated().map { PublishedPage(id: PageID(rawValue: $1), content: content($0)) }
        return Publication(
            epoch: Epoch(rawValue: epoch), pages: pages, freed: [], attributes: [],
            checkpoint: BenchWorld.note(ids.count), keeping: keeping)
    }

    func reopen() throws {
        try store.close()
        store = try Store.open(at: directory, mode: .host)
    }

    func close() throws { try store.close() }

    func remove() throws {
        try store.close()
        for name in ["store.mdb", "store.mdb-lock", "lock"] { unlink("\(directory)/\(name)") }
        rmdir(directory)
    }

    private static func note(_ dirty: Int) -> CheckpointNote {
        CheckpointNote(wallTimeNanoseconds: 0, gasClock: 0, dirtyPages: UInt64(dirty), freezeMicroseconds: 0)
    }
}

/// Seconds of the monotonic clock.
func seconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// A field of /proc/self/io, in bytes; nil where the system does not count.
func processCounter(_ name: String) -> UInt64? {
    guard let file = fopen("/proc/self/io", "r") else { return nil }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    while fgets(&line, 256, file) != nil {
        let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        if text.hasPrefix("\(name): ") { return UInt64(text.dropFirst(name.count + 2).prefix { $0.isNumber }) }
    }
    return nil
}

/// Bytes that all processes wrote to the disk of a directory; nil where the system does not say.
func deviceBytesWritten(_ directory: String) -> UInt64? {
    var status = stat()
    guard stat(directory, &status) == 0 else { return nil }
    let device = UInt64(status.st_dev)
    let major = (device >> 8 & 0xFFF) | (device >> 32 & ~0xFFF)
    let minor = (device & 0xFF) | (device >> 12 & ~0xFF)
    guard let file = fopen("/sys/dev/block/\(major):\(minor)/stat", "r") else { return nil }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 512)
    guard fgets(&line, 512, file) != nil else { return nil }
    let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let fields = text.split(separator: " ")
    return fields.count > 6 ? UInt64(fields[6]).map { $0 * 512 } : nil
}

/// Different ids of 1 to `count`, in random order; the sequence is fixed by the generator.
func distinct(_ wanted: Int, of count: Int, using generator: inout some RandomNumberGenerator) -> [UInt64] {
    var chosen: Set<UInt64> = []
    var ids: [UInt64] = []
    while ids.count < wanted {
        let id = UInt64.random(in: 1...UInt64(count), using: &generator)
        if chosen.insert(id).inserted { ids.append(id) }
    }
    return ids
}

/// A generator whose sequence is fixed by its seed (SplitMix64, Steele and others 2014).
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}

/// A number with so many digits after the point.
func fixed(_ value: Double, _ digits: Int) -> String {
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    let scaled = (value * scale).rounded()
    guard digits > 0 else { return String(Int(scaled)) }
    let whole = String(Int(scaled.magnitude))
    let padded = String(repeating: "0", count: max(0, digits + 1 - whole.count)) + whole
    return (scaled < 0 ? "-" : "") + padded.dropLast(digits) + "." + padded.suffix(digits)
}
