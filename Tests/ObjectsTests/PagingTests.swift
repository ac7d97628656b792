// Resident pages against a plain dictionary, under random writes, freezes, evictions, moves and kills; and the single
// steps of that by themselves.

import Objects
import Store
import Testing

@Suite struct PagingTests {
    @Test(arguments: [1, 2, 3, 4, 5, 6] as [UInt64])
    func aWorldEqualsItsModelWhateverHappens(seed: UInt64) throws {
        let model = try PagingModel(seed: seed, residentBound: seed % 2 == 0 ? 64 : 4096, livePages: 300)
        for step in 0..<6000 {
            do { try model.step() } catch {
                Issue.record("seed \(seed), step \(step): \(error)")
                return
            }
        }
        try model.compareAll()
        try model.world.check()
        #expect(model.reopenings > 0)
        #expect(model.copiesWhileFrozen > 0)
        #expect(model.world.movedPages > 0, "no collection: the test does not see a page move")
        #expect(model.world.objects.pageIns > 0)
    }

    @Test func whatIsNotPublishedIsGoneAfterAKill() throws {
        let world = try TestWorld()
        let page = try world.objects.buyDataPage(bank: try world.rootBank)
        try world.objects.write(page).storeBytes(of: 1, as: UInt64.self)
        try world.checkpoint()
        try world.objects.write(page).storeBytes(of: 2, as: UInt64.self)
        _ = try world.freeze()
        try world.killAndReopen()
        #expect(try world.objects.read(page).load(as: UInt64.self) == 1)
        try world.objects.write(page).storeBytes(of: 3, as: UInt64.self)
        _ = try world.freeze()
        try world.publish()
        try world.killAndReopen()
        #expect(try world.objects.read(page).load(as: UInt64.self) == 3)
        try world.check()
    }

    @Test func aFirstWriteAfterAFreezeCopiesAndTheNextDoesNot() throws {
        let world = try TestWorld()
        let page = try world.objects.buyDataPage(bank: try world.rootBank)
        try world.objects.write(page).storeBytes(of: 1, as: UInt64.self)
        let frozen = try world.freeze()
        let frames = world.objects.frameCount
        let address = try #require(frozen.pages.first { $0.id == page }?.content)
        let copy = try world.objects.write(page)
        copy.storeBytes(of: 2, as: UInt64.self)
        #expect(UnsafeRawPointer(copy) != address)
        #expect(try world.objects.write(page) == copy)
        #expect(world.objects.frameCount == frames + 1)
        #expect(address.load(as: UInt64.self) == 1)
        try world.publish()
        try world.settle()
        try world.objects.checkInvariants()
        #expect(world.objects.frameCount == frames + 1)
        while try world.objects.turnClean(1) { try world.objects.checkInvariants() }
        #expect(world.objects.frameCount == 1, "the copy is left")
    }

    @Test func afterACheckpointNoFrameIsLeft() throws {
        let world = try TestWorld()
        for _ in 0..<100 { _ = try world.objects.write(try world.objects.buyDataPage(bank: try world.rootBank)) }
        #expect(world.objects.hasChanges && world.objects.dirtyCount > 100)
        try world.checkpoint()
        #expect(world.objects.frameCount == 0)
        #expect(!world.objects.hasChanges)
        #expect(!world.objects.isTurningClean)
    }

    @Test func theBudgetAsksForACheckpointAtHalfAndStopsAtTheWhole() throws {
        let world = try TestWorld(budgetPages: 64)
        while world.objects.frameCount < 31 {
            #expect(!world.objects.isCheckpointDue)
            _ = try world.objects.write(try world.objects.buyDataPage(bank: try world.rootBank))
        }
        while world.objects.frameCount < 64 {
            _ = try world.objects.write(try world.objects.buyDataPage(bank: try world.rootBank))
            #expect(world.objects.isCheckpointDue)
            #expect(world.objects.isOverBudget == (world.objects.frameCount >= 64))
        }
        try world.checkpoint()
        #expect(!world.objects.isCheckpointDue && !world.objects.isOverBudget)
    }

    /// Reading more pages than are tracked evicts clean ones and clears their entries, never a changed one.
    @Test func evictionKeepsTheBoundAndClearsEntries() throws {
        let world = try TestWorld(residentBound: 64)
        let bank = try world.rootBank
        var pages: [PageID] = []
        for index in 0..<400 {
            let page = try world.objects.buyDataPage(bank: bank)
            try world.objects.write(page).storeBytes(of: UInt64(index), as: UInt64.self)
            pages.append(page)
        }
        try world.checkpoint()
        try world.killAndReopen()
        let entries = PageEntry.allocate(capacity: 400)
        entries.initialize(repeating: nil, count: 400)
        defer { entries.deallocate() }
        let changed = try world.objects.write(pages[7])
        for (index, page) in pages.enumerated() {
            #expect(try world.objects.mapForReading(page, at: entries + index))
            #expect(try #require(entries[index]).load(as: UInt64.self) == UInt64(index))
            #expect(world.objects.residentCount <= 65)
            try world.objects.checkInvariants()
        }
        #expect((0..<400).filter { entries[$0] != nil }.count <= 64)
        #expect(try world.objects.write(pages[7]) == changed)
    }

    /// A page that several tables write to: all of their entries are good until it moves, and are cleared then; forgetting
    /// one table leaves nothing that a later move would write through.
    @Test(arguments: [1, 2, 3]) func tablesWriteToOnePage(forgotten: Int) throws {
        let world = try TestWorld()
        let page = try world.objects.buyDataPage(bank: try world.rootBank)
        let entries = PageEntry.allocate(capacity: 6)
        entries.initialize(repeating: nil, count: 6)
        defer { entries.deallocate() }
        func map(_ table: Int) throws {
            try world.objects.mapForWriting(page, read: entries + 2 * table, write: entries + 2 * table + 1)
        }
        for table in [0, 1, 2, 0, 1] { try map(table) }
        try world.objects.checkInvariants()
        let first = try #require(entries[0])
        #expect((1..<6).allSatisfy { entries[$0] == first })
        let gone = forgotten - 1
        world.objects.unmap(page, at: entries + 2 * gone)
        let mark = UnsafeMutableRawPointer(entries)
        entries[2 * gone] = mark
        entries[2 * gone + 1] = mark
        _ = try world.freeze()
        let moved = try world.objects.write(page)
        #expect(moved != first && entries[2 * gone] == mark && entries[2 * gone + 1] == mark)
        for table in 0..<3 where table != gone {
            #expect(entries[2 * table] == moved && entries[2 * table + 1] == nil)
        }
        try world.objects.checkInvariants(frozen: world.frozen)
        for table in 0..<3 where table != gone { try map(table) }
        try world.objects.checkInvariants(frozen: world.frozen)
    }

    @Test func aPageThatTheStoreLostIsDamage() throws {
        let world = try TestWorld()
        let page = try world.objects.buyDataPage(bank: try world.rootBank)
        let place = world.objects.place(of: StripID(holding: page))
        #expect(try world.objects.read(page).load(as: UInt64.self) == 0)
        try world.objects.write(place.page).advanced(by: place.offset)
            .setBit(Int(page.rawValue & 255), of: StripRecord.written, true)
        #expect(throws: ObjectsError.self) { try world.objects.read(page) }
    }
}
