// Owns the model that the store is compared with: which pages exist, and by which epoch each was written last. Content
// is a function of page and epoch, so the model of any epoch can be made again from the seed alone.

import Glibc
import Store

/// A small generator whose sequence is fixed by its seed (SplitMix64, Steele and others 2014).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}

/// Memory for the pages of one publication.
final class PageBuffer {
    private let memory: UnsafeMutableRawPointer
    private let capacity: Int
    private(set) var pages: [PublishedPage] = []

    init(capacity: Int) {
        self.capacity = capacity
        memory = .allocate(byteCount: max(1, capacity) * 4_096, alignment: 4_096)
    }

    deinit { memory.deallocate() }

    /// Adds a page whose content is that of the model.
    func add(_ id: PageID, epoch: UInt64) {
        precondition(pages.count < capacity)
        let content = memory + pages.count * 4_096
        fill(content, id: id, epoch: epoch)
        pages.append(PublishedPage(id: id, content: content))
    }

    /// The bytes of a page.
    func bytes(_ index: Int) -> [UInt8] {
        precondition(index < pages.count)
        return Array(UnsafeRawBufferPointer(start: memory + index * 4_096, count: 4_096))
    }

    /// Adds a page of zeros.
    func addZeros(_ id: PageID) {
        let content = memory + pages.count * 4_096
        content.initializeMemory(as: UInt8.self, repeating: 0, count: 4_096)
        pages.append(PublishedPage(id: id, content: content))
    }
}

/// The content that the model gives a page in an epoch.
func fill(_ content: UnsafeMutableRawPointer, id: PageID, epoch: UInt64) {
    var generator = SeededGenerator(seed: id.rawValue &* 31 &+ epoch)
    let words = content.bindMemory(to: UInt64.self, capacity: 512)
    for index in 0..<512 { words[index] = generator.next() }
}

/// Whether a page has the content of the model.
func matches(_ content: UnsafeRawPointer, id: PageID, epoch: UInt64) -> Bool {
    var generator = SeededGenerator(seed: id.rawValue &* 31 &+ epoch)
    let words = content.assumingMemoryBound(to: UInt64.self)
    for index in 0..<512 where words[index] != generator.next() { return false }
    return true
}

/// Pages and the epochs in which they were written last.
struct ModelWorld {
    private(set) var pages: [PageID: UInt64] = [:]
    private(set) var epoch: UInt64 = 0
    private var generator: SeededGenerator
    private var nextID: UInt64 = 1
    private let shape: Shape

    /// How much a step changes at most.
    struct Shape {
        var rewritten = 60
        var made = 40
        var freedRuns = 3
        var runLength: UInt64 = 12
    }

    init(seed: UInt64, shape: Shape = Shape()) {
        generator = SeededGenerator(seed: seed)
        self.shape = shape
    }

    /// One publication's worth of change: pages rewritten, made, freed; ids in several branches.
    mutating func step() -> (publication: Publication, buffer: PageBuffer) {
        epoch += 1
        let existing = pages.keys.sorted()
        var written: Set<PageID> = []
        if !existing.isEmpty {
            for _ in 0..<Int.random(in: 0...shape.rewritten, using: &generator) {
                if let id = existing.randomElement(using: &generator) { written.insert(id) }
            }
        }
        for _ in 0..<Int.random(in: 0...shape.made, using: &generator) {
            nextID += UInt64.random(in: 1...5, using: &generator)
            let branch = UInt64.random(in: 0...2, using: &generator)
            written.insert(PageID(rawValue: branch << 48 | nextID))
        }
        var runs: [PageRun] = []
        if shape.freedRuns > 0 {
            for _ in 0..<Int.random(in: 0...shape.freedRuns, using: &generator) {
                guard let first = existing.randomElement(using: &generator) else { break }
                runs.append(PageRun(first: first, count: .random(in: 1...shape.runLength, using: &generator)))
            }
        }
        // Ids are never used twice: what a run covers above the last id made is not freed.
        runs = runs.filter { $0.last.rawValue & 0xFFFF_FFFF_FFFF < nextID }
        let buffer = PageBuffer(capacity: written.count)
        for id in written.sorted().shuffled(using: &generator) { buffer.add(id, epoch: epoch) }
        for id in written { pages[id] = epoch }
        for run in runs {
            for id in pages.keys where run.contains(id) { pages[id] = nil }
        }
        return (publication(buffer, freed: runs), buffer)
    }

    private func publication(_ buffer: PageBuffer, freed: [PageRun]) -> Publication {
        Publication(
            epoch: Epoch(rawValue: epoch), pages: buffer.pages, freed: freed, attributes: attributes(epoch),
            checkpoint: note(epoch, dirty: buffer.pages.count))
    }
}

/// The attributes that the model's publications carry.
func attributes(_ epoch: UInt64) -> [UInt8] {
    Array("epoch \(epoch)".utf8)
}

/// The note that the model's publications carry.
func note(_ epoch: UInt64, dirty: Int, name: String? = nil) -> CheckpointNote {
    CheckpointNote(
        name: name, wallTimeNanoseconds: Int64(epoch) * 1_000, gasClock: epoch * 7, dirtyPages: UInt64(dirty),
        freezeMicroseconds: epoch)
}

let testWorldID = WorldID(low: 0x0123_4567_89AB_CDEF, high: 0xFEDC_BA98_7654_3210)

/// A directory for one test, removed at its end.
final class TemporaryDirectory {
    let path: String
    var world: String { path + "/world" }

    init(in parent: String = "/tmp") throws {
        var template = Array("\(parent)/store-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw StoreError.ioError(path: parent, call: "mkdtemp", errno: errno) }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { removeTree(path) }
}

/// Removes a directory and all in it.
func removeTree(_ path: String) {
    if let listing = opendir(path) {
        while let entry = readdir(listing) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { removeTree("\(path)/\(name)") }
        }
        closedir(listing)
        rmdir(path)
    } else {
        unlink(path)
    }
}

/// The store's error that the body throws; nil when it throws none.
func storeError(_ body: () throws -> Void) -> StoreError? {
    do {
        try body()
        return nil
    } catch {
        return error as? StoreError
    }
}

extension Store {
    /// Publishes pages whose memory lives until that is done, and adopts.
    @discardableResult
    func apply(_ publication: Publication, keeping buffer: PageBuffer) throws -> (PublicationStatistics, Adoption) {
        try withExtendedLifetime(buffer) {
            let published = try publish(publication)
            let statistics = published.statistics
            return (statistics, try adopt(published))
        }
    }

    /// Publishes what a step of the model changed, and adopts.
    @discardableResult
    func apply(_ step: (publication: Publication, buffer: PageBuffer)) throws -> (PublicationStatistics, Adoption) {
        try apply(step.publication, keeping: step.buffer)
    }

    /// Makes a world of pages whose memory lives until that is done.
    static func create(at path: String, first: Publication, keeping buffer: PageBuffer) throws {
        try withExtendedLifetime(buffer) { try create(at: path, worldID: testWorldID, first: first) }
    }

    /// Makes a world of the first step of a model.
    static func create(at path: String, first: (publication: Publication, buffer: PageBuffer)) throws {
        try create(at: path, first: first.publication, keeping: first.buffer)
    }
}
