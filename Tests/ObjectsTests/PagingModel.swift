// The model that resident pages are compared with: a plain dictionary of what each page holds, its history by freeze,
// and a page table of the test's own whose entries must follow every move.

import Objects
import Store
import Testing

/// Random changes to single pages of a world, with a model beside it. A page holds 512 copies of one token; 0 is a page
/// that was bought and never written.
final class PagingModel {
    private static let tableSlots = 96

    let world: TestWorld
    private var generator: SeededGenerator
    private var pages: [PageID: UInt64] = [:]
    private var sold: Set<PageID> = []
    /// The model as it was at the freeze that is not settled, and at the last one that is durable.
    private var atFreeze: [PageID: UInt64]?
    private var durable: [PageID: UInt64] = [:]
    private var nextToken: UInt64 = 1
    private let livePages: Int

    private let reads = PageEntry.allocate(capacity: tableSlots)
    private let writes = PageEntry.allocate(capacity: tableSlots)
    private var mapped: [Int: PageID] = [:]

    private(set) var reopenings = 0
    private(set) var copiesWhileFrozen = 0

    init(seed: UInt64, residentBound: Int, livePages: Int) throws {
        world = try TestWorld(residentBound: residentBound)
        generator = SeededGenerator(seed: seed)
        self.livePages = livePages
        reads.initialize(repeating: nil, count: Self.tableSlots)
        writes.initialize(repeating: nil, count: Self.tableSlots)
    }

    deinit {
        reads.deallocate()
        writes.deallocate()
    }

    private var objects: Objects { world.objects }

    private func anyPage() -> PageID? { pages.keys.sorted().randomElement(using: &generator) }
    private func anySlot() -> Int { Int.random(in: 0..<Self.tableSlots, using: &generator) }

    /// One random act, then every check.
    func step() throws {
        switch Int.random(in: 0..<100, using: &generator) {
        case 0..<8: if pages.count < livePages { try buy() }
        case 8..<12: if pages.count > livePages / 2, let page = anyPage() { try sell(page) }
        case 12..<40: if let page = anyPage() { try fill(page, objects.write(page)) }
        case 40..<60: if let page = anyPage() { try compare(page) }
        case 60..<70: if let page = anyPage() { try mapForReading(page) }
        case 70..<80: if let page = anyPage() { try mapForWriting(page) }
        case 80..<86: try writeThroughTable()
        case 86..<89: unmap(anySlot())
        case 89..<96: try checkpointStep()
        case 96..<99: _ = try objects.turnClean(.random(in: 1...40, using: &generator))
        default: if generator.oneIn(6) { try kill() }
        }
        try objects.checkInvariants(frozen: world.frozen)
        try checkTable()
    }

    /// Compares every page.
    func compareAll() throws {
        for page in pages.keys.sorted() { try compare(page) }
        for page in sold { #expect(try !objects.isAllocated(page)) }
    }

    private func fill(_ page: PageID, _ address: UnsafeMutableRawPointer) {
        if let old = atFreeze?[page], old == pages[page] { copiesWhileFrozen += 1 }
        address.initializeMemory(as: UInt64.self, repeating: nextToken, count: 512)
        pages[page] = nextToken
        nextToken += 1
    }

    private func holds(_ address: UnsafeRawPointer, _ token: UInt64) -> Bool {
        (0..<512).allSatisfy { address.load(fromByteOffset: 8 * $0, as: UInt64.self) == token }
    }

    private func compare(_ page: PageID) throws {
        let address = try objects.read(page)
        #expect(holds(address, pages[page] ?? 0), "page \(page.number) should hold \(pages[page] ?? 0)")
    }

    private func buy() throws {
        let page = try objects.buyDataPage(bank: try world.rootBank)
        #expect(pages[page] == nil && !sold.contains(page), "an id is never used twice")
        pages[page] = 0
    }

    private func sell(_ page: PageID) throws {
        try objects.sellPage(page)
        pages[page] = nil
        sold.insert(page)
        for (slot, id) in mapped where id == page {
            #expect(reads[slot] == nil && writes[slot] == nil, "a page that goes clears its entries")
            mapped[slot] = nil
        }
    }

    // MARK: The page table

    private func unmap(_ slot: Int) {
        guard let page = mapped.removeValue(forKey: slot) else { return }
        objects.unmap(page, at: reads + slot)
        reads[slot] = nil
        writes[slot] = nil
    }

    private func mapForReading(_ page: PageID) throws {
        let slot = anySlot()
        unmap(slot)
        let isMapped = try objects.mapForReading(page, at: reads + slot)
        #expect(isMapped == (pages[page] != 0), "what was never written is not mapped")
        if isMapped { mapped[slot] = page }
    }

    private func mapForWriting(_ page: PageID) throws {
        let slot = anySlot()
        unmap(slot)
        try objects.mapForWriting(page, read: reads + slot, write: writes + slot)
        mapped[slot] = page
        fill(page, try #require(writes[slot]))
    }

    private func writeThroughTable() throws {
        let slots = mapped.keys.sorted().filter { writes[$0] != nil }
        guard let slot = slots.randomElement(using: &generator), let page = mapped[slot] else { return }
        fill(page, try #require(writes[slot]))
    }

    /// Each entry that is set shows what the model says; one that eviction cleared is forgotten.
    private func checkTable() throws {
        for (slot, page) in mapped {
            guard let address = reads[slot] else {
                #expect(writes[slot] == nil)
                mapped[slot] = nil
                continue
            }
            let first = address.load(as: UInt64.self)
            #expect(first == pages[page], "slot \(slot) shows another page or an old one")
            if let target = writes[slot] { #expect(target == address) }
        }
        for slot in 0..<Self.tableSlots where mapped[slot] == nil { #expect(writes[slot] == nil) }
    }

    // MARK: Checkpoints and kills

    private func checkpointStep() throws {
        guard let frozen = world.frozen else {
            let frozen = try world.freeze()
            atFreeze = pages
            for slot in 0..<Self.tableSlots { writes[slot] = nil }
            try checkFrozen(frozen)
            return
        }
        guard world.isPublished else {
            try checkFrozen(frozen)
            try world.publish()
            durable = try #require(atFreeze)
            return
        }
        try world.settle()
        atFreeze = nil
    }

    /// CKPT-2: the frozen bytes are those of the freeze, whatever was written since.
    private func checkFrozen(_ frozen: FrozenPages) throws {
        let model = try #require(atFreeze)
        for page in frozen.pages {
            if let token = model[page.id] {
                #expect(holds(page.content, token), "page \(page.id.number) changed while frozen")
            }
        }
    }

    private func kill() throws {
        for slot in 0..<Self.tableSlots {
            reads[slot] = nil
            writes[slot] = nil
        }
        mapped = [:]
        try world.killAndReopen()
        pages = durable
        sold = []
        atFreeze = nil
        reopenings += 1
        try compareAll()
        try checkStored()
    }

    /// Of the single pages the store has exactly those that were written.
    private func checkStored() throws {
        let written = Set(pages.filter { $0.value != 0 }.map(\.key.number))
        let kernels = [PageID.world.number, try world.rootBank.pot.number]
        let stored = try world.storedPages().filter { $0 < Region.stripMap }
        #expect(stored == written.union(kernels))
    }
}
