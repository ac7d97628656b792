// Owns the store as the layers above see it: pages by id, published by epoch. Hides LMDB, segments, index, delta.
//
// Two sides. The kernel side (everything but `publish`) belongs to one thread at a time: it reads through one read
// transaction and its own overlay, both of the publication that was adopted last (STORE-13). The background side is
// `publish`. They meet in `adopt`, by a value that is handed over. A kept state is a store of its own that reads only, on a thread of
// its own, in the same environment.

import CLMDB
import Glibc
import Synchronization

/// The pages of a world, in its directory.
package final class Store: @unchecked Sendable {
    let paths: WorldPaths
    /// Nil for a kept state, which is another store's.
    private let lock: WorldLock?
    let mode: OpenMode
    let environment: Environment
    let view: Transaction
    private let publisher: Publisher?
    private let phase = Mutex(Phase.idle)
    private(set) var head: HeadRecord
    private(set) var overlay: Overlay
    private(set) var map: MapBounds
    private var segments: [SegmentNumber: Segment] = [:]
    /// All pages are going to be read: what lies beside one is read ahead with it.
    package var isReadWhole = false
    var lastCost: (epoch: Epoch, cost: CheckpointRecord.Cost)?

    /// Where the background side stands. A publication is begun when the one before is adopted (STORE-9); after a
    /// failure none is (STORE-11).
    private enum Phase {
        case idle
        case publishing
        case published
        case failed
        case closed
    }

    /// The epoch of the publication that was adopted last.
    package var epoch: Epoch { head.epoch }
    /// The attributes that it carried.
    package var attributes: [UInt8] { head.attributes }
    /// The world's id.
    package var worldID: WorldID { head.worldID }
    /// Whether this is a kept state, and not the world's current one.
    package var isPast: Bool { lock == nil }
    /// The path of the store's file, for messages.
    package var path: String { paths.store }

    /// Opens the store of a world, as its host or as a reader of a world without host. Reads the two meta pages, the
    /// head and the delta: its cost does not depend on the world's size (STORE-12).
    ///
    /// Throws each of `StoreError` but `exists`, `diskFull` and `publicationsStopped`.
    package static func open(at directory: String, mode: OpenMode) throws(StoreError) -> Store {
        try Store(WorldPaths(directory: directory), mode: mode)
    }

    private init(_ paths: WorldPaths, mode: OpenMode) throws(StoreError) {
        let status = try paths.check()
        let lock = try WorldLock.take(paths, mode: mode, identity: FileIdentity(status))
        do throws(StoreError) {
            _ = try EnvironmentFile.check(paths.store)
            let environment = try Environment(path: paths.store, mode: mode, create: false)
            do throws(StoreError) {
                let view = try environment.beginReading(.kernel)
                do throws(StoreError) {
                    let loaded = try Store.load(view, paths: paths)
                    self.view = view
                    head = loaded.head
                    overlay = loaded.overlay
                    map = loaded.map
                } catch {
                    view.abort()
                    throw error
                }
                self.environment = environment
            } catch {
                environment.close()
                throw error
            }
        } catch {
            // The first error is the one to tell; that the lock file could not be written would follow from it.
            _ = Result { () throws(StoreError) in try lock.release(.asFound) }
            throw error
        }
        environment.faults.pointee.mapStart = map.start
        environment.faults.pointee.mapBytes = UInt(Bounds.mapBytes)
        publisher = Publisher(environment: environment, head: head, overlay: overlay, map: map)
        self.paths = paths
        self.lock = lock
        self.mode = mode
    }

    /// Opens the state of a kept checkpoint beside the world's current one: a store that can be read. All that are open at a time
    /// belong to one thread, which may be another than this one's. It is closed before this one; while it is open no space of the
    /// file is used again.
    ///
    /// Linear in what changed since. Throws `notKept`, `damaged`, `ioError`.
    package func past(_ epoch: Epoch) throws(StoreError) -> Store { try Store(pastOf: self, epoch) }

    /// Opens the state of the publication that was committed last, likewise: it stays as it is while the world goes on.
    package func committed() throws(StoreError) -> Store { try Store(pastOf: self, nil) }

    private init(pastOf store: Store, _ epoch: Epoch?) throws(StoreError) {
        let environment = store.environment
        let view = try environment.beginReading(.past)
        do throws(StoreError) {
            var loaded = try Store.load(view, paths: store.paths)
            if let epoch {
                guard let value = try view.value(epoch.rawValue, in: environment.databases.checkpoints) else {
                    throw .notKept(path: store.paths.store, epoch)
                }
                let record = try CheckpointRecord(decoding: value, epoch: epoch, path: store.paths.store)
                guard record.isKept else { throw .notKept(path: store.paths.store, epoch) }
                loaded.overlay.apply(try UndoRecords.sum(above: epoch, head: loaded.head, in: view))
                loaded.head.epoch = epoch
                loaded.head.attributes = record.attributes
            }
            self.view = view
            head = loaded.head
            overlay = loaded.overlay
            map = loaded.map
        } catch {
            view.abort()
            throw error
        }
        self.environment = environment
        paths = store.paths
        mode = .reader
        lock = nil
        publisher = nil
        environment.openPasts.add(1, ordering: .relaxed)
    }

    deinit {
        // Else its reader would hold back all space for ever.
        if isPast { _ = Result { () throws(StoreError) in try close() } }
    }

    /// Reads head and delta.
    private static func load(_ view: Transaction, paths: WorldPaths) throws(StoreError)
        -> (head: HeadRecord, overlay: Overlay, map: MapBounds)
    {
        let environment = view.environment
        guard let value = try view.value(HeadRecord.key, in: environment.databases.meta) else {
            // What has records of ours had a head, whose key is damaged.
            let records =
                try view.statistics(of: environment.databases.meta).ms_entries
                + view.statistics(of: environment.databases.segments).ms_entries
            guard records == 0 else {
                throw .damaged(path: paths.store, Damage(.head, .presence, expected: 1, found: 0))
            }
            throw .notAWorld(path: paths.directory, reason: .headMissing)
        }
        let map = try MapBounds(holding: value, bytes: environment.usedBytes(), path: paths.store)
        // Nothing guards this first reading: a value that is said to be longer than it is must not be followed out of the file.
        guard map.offset(of: UInt(bitPattern: value.baseAddress), count: value.count) != nil else {
            throw .damaged(path: paths.store, Damage(.head, .bound, expected: map.bytes, found: UInt64(value.count)))
        }
        let head = try HeadRecord(decoding: value, path: paths.store)
        guard !head.hasPast || environment.past != nil else {
            throw .damaged(path: paths.store, Damage(.tree(call: "past"), .presence, expected: 1, found: 0))
        }
        var overlay = Overlay()
        overlay.reserve(Int(head.deltaEntries))
        var count: UInt64 = 0
        let delta = try Cursor(environment.databases.delta, in: view)
        var item = try delta.first()
        while let current = item {
            readAhead(current.value.baseAddress, count: current.value.count)
            item = try delta.next()
        }
        item = try delta.first()
        while let current = item {
            let epoch = Epoch(rawValue: current.key)
            guard epoch <= head.epoch else {
                let damage = Damage(.delta(epoch), .bound, expected: head.epoch.rawValue, found: epoch.rawValue)
                throw .damaged(path: paths.store, damage)
            }
            let record = try DeltaRecord(
                decoding: current.value, epoch: epoch, at: .delta(epoch), path: paths.store)
            overlay.apply(record)
            count += UInt64(record.count)
            item = try delta.next()
        }
        guard count == head.deltaEntries else {
            throw .damaged(path: paths.store, Damage(.head, .count, expected: head.deltaEntries, found: count))
        }
        return (head, overlay, map)
    }

    /// The current content of a page, in the map; nil when it was never written or is freed. Every call compares the
    /// content with its checksums (STORE-4).
    ///
    /// The 4,096 bytes are valid until the publication after that whose `adopt` says that the page moved begins, or until `close`.
    package func page(_ id: PageID) throws(StoreError) -> UnsafeRawPointer? {
        guard let place = try overlay.place(of: id, in: environment.databases.index, through: view) else { return nil }
        let segment = try segment(place.location.segment, for: id, slot: place.location.slot)
        if let damage = segment.difference(id, place, map: map) { throw .damaged(path: paths.store, damage) }
        return segment.content(place.location.slot)
    }

    /// Whether a page exists, by the index alone.
    package func contains(_ id: PageID) throws(StoreError) -> Bool {
        try overlay.place(of: id, in: environment.databases.index, through: view) != nil
    }

    /// A segment in the map, checked when it is first asked for (STORE-3, STORE-14).
    @inline(__always)
    func segment(_ number: SegmentNumber, for id: PageID?, slot: Int? = nil) throws(StoreError) -> Segment {
        if let segment = segments[number] { return segment }
        return try findSegment(number, for: id, slot: slot)
    }

    @inline(never)
    private func findSegment(_ number: SegmentNumber, for id: PageID?, slot: Int?) throws(StoreError) -> Segment {
        let place = Damage.Place.segment(number, slot: nil, offset: nil)
        guard number.rawValue >= 1, number <= head.lastPublished else {
            throw .damaged(
                path: paths.store,
                Damage(place, page: id, .bound, expected: head.lastPublished.rawValue, found: number.rawValue))
        }
        guard let value = try view.value(number.rawValue, in: environment.databases.segments) else {
            throw .damaged(path: paths.store, Damage(place, page: id, .presence, expected: 1, found: 0))
        }
        let segment = try Segment(number, value: value, map: map, path: paths.store, page: id)
        if segments.count >= Bounds.cachedSegments { segments.removeAll(keepingCapacity: true) }
        segments[number] = segment
        // The directory is read next and the page after it: on a cold disk they come together.
        if isReadWhole {
            readAhead(value.baseAddress, count: value.count)
        } else if let slot, slot < segment.slots {
            readAhead(segment.content(slot), count: Bounds.pageBytes)
        }
        return segment
    }

    /// Makes a publication durable, on the background side: from any thread, one at a time. The one before was adopted.
    ///
    /// What it releases and holds is kept. Throws `diskFull`, `mapFull`, `ioError`, `damaged`; after any of them the state on disk is that of the
    /// publication before, and every further call throws `publicationsStopped` until the store is opened again.
    package func publish(_ publication: Publication) throws(StoreError) -> Published {
        guard mode == .host, let publisher else { preconditionFailure("only a host publishes") }
        let before = phase.withLock { phase in
            let before = phase
            if before == .idle { phase = .publishing }
            return before
        }
        if before == .failed { throw .publicationsStopped(path: paths.store) }
        precondition(before == .idle, "one publication at a time, and the one before is adopted (STORE-9)")
        do throws(StoreError) {
            let published = try publisher.publish(publication)
            phase.withLock { $0 = .published }
            return published
        } catch {
            phase.withLock { $0 = .failed }
            throw error
        }
    }

    /// Makes a publication the kernel's view, at an instruction boundary. Constant in the size of the world.
    ///
    /// Pointers into pages that the answer lists must be asked for anew before the next publication begins.
    package func adopt(_ published: consuming Published) throws(StoreError) -> Adoption {
        phase.withLock { phase in
            precondition(phase == .published, "what is adopted was published last")
            phase = .idle
        }
        for segment in published.dropped { segments[segment] = nil }
        mdb_txn_reset(view.handle)
        let code = view.inside { mdb_txn_renew(view.handle) }
        guard code == 0 else {
            phase.withLock { $0 = .failed }
            throw environment.failure(code, call: "mdb_txn_renew", writing: 0)
        }
        if let past = published.madePast { environment.adopt(past: past) }
        head = published.head
        overlay = published.overlay
        map.bytes = environment.usedBytes()
        let statistics = published.statistics
        lastCost = (
            published.epoch,
            .init(bytesWritten: statistics.bytesWritten, commitMicroseconds: statistics.commitMicroseconds)
        )
        return Adoption(movedPages: published.moved, droppedSegments: published.dropped.count)
    }

    /// Closes the store; every pointer into it ends. A host's world is halted afterwards, unless a publication failed:
    /// then it counts as crashed. Everything is given back even when this throws.
    package func close() throws(StoreError) { try close(halted: true) }

    /// Closes the store as `close` does, but a host's world counts as crashed afterwards.
    package func abandon() { _ = Result { () throws(StoreError) in try close(halted: false) } }

    /// Closes the store; its world counts as it did before: nothing was published.
    package func closeAsFound() { _ = Result { () throws(StoreError) in try close(halted: false, ending: .asFound) } }

    private func close(halted: Bool, ending: WorldLock.Ending? = nil) throws(StoreError) {
        let before = phase.withLock { phase in
            let before = phase
            if before != .publishing { phase = .closed }
            return before
        }
        precondition(before != .publishing, "a publication is waited for before closing")
        guard before != .closed else { return }
        view.abort()
        guard let lock, let publisher else {
            environment.openPasts.subtract(1, ordering: .relaxed)
            return
        }
        precondition(environment.openPasts.load(ordering: .relaxed) == 0, "kept states are closed before their store")
        var failure: StoreError?
        if mode == .host && before != .failed && halted {
            do throws(StoreError) { try publisher.recordLastCost() } catch { failure = error }
        }
        environment.close()
        try lock.release(ending ?? (halted && before != .failed && failure == nil ? .halted : .crashed))
        if let failure { throw failure }
    }

    /// What a directory holds, and whether someone has it open; needs to read only.
    package static func condition(at directory: String) throws(StoreError) -> WorldCondition {
        try WorldLock.condition(WorldPaths(directory: directory))
    }
}
