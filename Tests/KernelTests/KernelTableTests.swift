// The strip map and the process table are as large as what is in use, not as what ever was; what is gone from them is told from
// what was lost.

import Kernel
import Objects
import Store
import Testing

@Suite struct KernelTableTests {
    private func owner(_ world: TestWorld) throws -> CellID {
        try world.objects.buyCell(.process, bank: try world.rootBank)
    }

    private func rootUsed(_ world: TestWorld) throws -> UInt64 {
        try world.kernel.figures(ofBank: try world.rootBank).usedPages
    }

    /// Uses up strips until `next` is the next one.
    private func buyStrips(_ world: TestWorld, until next: UInt64) throws {
        let space = Space(.stack, of: try owner(world))
        var spaceMiB: UInt64 = 0
        while try world.objects.world(WorldPage.nextStrip) < next {
            _ = try world.objects.buyPage(spaceMiB * 256, of: space, bank: try world.rootBank)
            spaceMiB += 1
        }
        try world.objects.sell(space)
        try world.objects.sellCell(space.owner)
    }

    @Test(arguments: [false, true]) func theStripMapShrinksWithWhatIsInUse(isPublished: Bool) throws {
        let world = try TestWorld()
        let first = try rootUsed(world)
        let holder = try owner(world)
        let kept = Space(.log, of: holder)
        try buyStrips(world, until: 40)
        _ = try world.objects.buyPage(5, of: kept, bank: try world.rootBank)
        let space = Space(.stack, of: holder)
        for spaceMiB in 0..<UInt64(100) {
            _ = try world.objects.buyPage(spaceMiB * 256, of: space, bank: try world.rootBank)
        }
        let many = try world.objects.world(WorldPage.stripMapPages)
        #expect(many == 5, "142 strips were bought")
        if isPublished { try world.checkpoint() }
        try world.objects.sell(space)
        try world.check()
        // That of strip 0, that of the kept one, that of the next.
        #expect(try world.objects.pages(of: .stripMap) == [0, 1, 4])
        #expect(try rootUsed(world) == first + 2 + 2, "a pot, a page of a log, two of the strip map")
        try world.checkpoint()
        #expect(try !world.storedPages().contains(Region.stripMap + 2), "it is gone from the store too")
        try world.killAndReopen()
        try world.check()
        #expect(try !world.objects.isAllocated(PageID(number: 70 * 256)), "nothing is there, and that is no damage")
        #expect(try world.objects.page(5, of: kept) != nil)
    }

    /// A table that is empty begins anew, and a page of the directory is bought when its first is needed.
    @Test func theDirectoryGrowsWithTheLastOfItsBits() throws {
        let world = try TestWorld()
        let first = try rootUsed(world)
        let last = KernelTable.perDirectoryPage * StripRecord.perPage - 1
        try world.objects.setWorld(WorldPage.nextStrip, last)
        #expect(try world.objects.growth(of: .stripMap, entries: 1) == 1)
        #expect(try world.objects.growth(of: .stripMap, entries: 2) == 3)
        let space = Space(.stack, of: try owner(world))
        for limit in [0, 1, 2] as [UInt64] {
            _ = try world.objects.buyPage(0, of: space, bank: try world.rootBank)
            let used = try rootUsed(world)
            try world.objects.set(try world.rootBank, BankRecord.limitPages, used + limit)
            #expect(try isRefused { _ = try world.objects.buyPage(300, of: space, bank: try world.rootBank) })
            #expect(try rootUsed(world) == used)
            try world.check()
        }
        try world.objects.set(try world.rootBank, BankRecord.limitPages, .max)
        _ = try world.objects.buyPage(300, of: space, bank: try world.rootBank)
        try world.check()
        #expect(try world.objects.world(WorldPage.stripMapDirectoryPages) == 2)
        try world.objects.sell(space)
        try world.objects.sellCell(space.owner)
        try world.check()
        #expect(try rootUsed(world) == first + 2, "the page of the next strip, and that of its directory")
        try world.checkpoint()
        try world.killAndReopen()
        try world.check()
    }

    @Test func theProcessTableShrinksWithItsProcesses() throws {
        let world = try TestWorld()
        let kernel = world.kernel
        let first = try rootUsed(world)
        var made: [CellID] = []
        for number in 1...1_300 { made.append(try world.start("p\(number)", bank: try world.rootBank)) }
        #expect(try world.objects.pages(of: .processTable) == [0, 1, 2])
        try world.checkpoint()
        for (number, process) in made.enumerated() where number + 1 != 600 { try world.endAndRemove(process) }
        try world.check()
        #expect(try world.objects.pages(of: .processTable) == [1, 2])
        #expect(try kernel.processes(after: 0, atMost: 10) == [made[599]])
        #expect(try kernel.process(id: 5) == nil)
        #expect(try world.objects.isVoid(Key(.process, id: 5)))
        try world.endAndRemove(made[599])
        try world.check()
        #expect(try rootUsed(world) <= first + 3, "the pages of the next strip and process, and a directory")
        try world.checkpoint()
        try world.killAndReopen()
        #expect(try world.objects.pages(of: .processTable) == [2])
        let next = try world.start("next", bank: try world.rootBank)
        #expect(try world.kernel.process(id: 1_301) == next, "no id is used twice")
        try world.check()
    }

    /// Pages that the directory marks and the store lacks are damage, and are not taken for zeros.
    @Test func aLostPageIsToldFromOneThatIsGone() throws {
        let world = try TestWorld()
        try buyStrips(world, until: 200)
        _ = try world.objects.write(PageID(number: Region.stripMapDirectory)).setBit(2, of: ByteField(0, 4096), true)
        #expect(throws: ObjectsError.self) { try world.objects.isAllocated(PageID(number: 70 * 256)) }
        #expect(throws: ObjectsError.self) { try world.check() }
        // And none comes into being by being written.
        #expect(throws: ObjectsError.self) { try world.objects.write(PageID(number: Region.stripMap + 77)) }
        #expect(throws: ObjectsError.self) { try world.objects.write(PageID(number: Region.processTable + 1)) }
    }

    @Test func singlePagesAndPotsComeBackToTheLast() throws {
        let world = try TestWorld()
        let root = try world.rootBank
        let first = try rootUsed(world)
        let bank = try world.kernel.makeBank(below: root, name: "b", limitPages: nil, flags: 0)
        var keys: [Key] = []
        for round in 0..<3 {
            let cells = try (0..<2_000).map { _ in try world.objects.buyCell(.node, bank: bank) }
            for cell in cells {
                keys.append(
                    Key(.node, generation: try world.objects.get(cell, CellHeader.generation), id: cell.rawValue))
            }
            try world.check()
            if round == 1 { try world.checkpoint() }
            // Every second one first, so that no pot is empty before its last.
            for (index, cell) in cells.enumerated() where index % 2 == 0 { try world.objects.sellCell(cell) }
            try world.check()
            for (index, cell) in cells.enumerated() where index % 2 == 1 { try world.objects.sellCell(cell) }
            try world.check()
            #expect(try world.kernel.figures(ofBank: bank).usedPages == 0)
        }
        for key in keys { #expect(try world.objects.isVoid(key)) }
        #expect(try world.kernel.strips(ofBank: bank).count <= 1, "but for the one that the next page comes from")
        #expect(try rootUsed(world) <= first + 1)
        try world.kernel.destroy(bank: bank)
        try world.check()
        #expect(try rootUsed(world) <= first + 1)
    }
}
