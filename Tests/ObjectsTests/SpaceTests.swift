// Strips, single pages and spaces: which page a place means, what a purchase takes, and that a refusal takes nothing.

import Kernel
import Objects
import Store
import Testing

@Suite struct SpaceTests {
    /// Pages of a space that lie in different corners: first strip, second strip, the last of a map page, the first of
    /// the next map page (512 MiB on), far out, the last page there can be.
    static let corners: [UInt64] = [0, 1, 255, 256, 511, 131_071, 131_072, 5_000_000, (128 << 30) / 4096 - 1]

    private func makeOwner(_ world: TestWorld) throws -> CellID {
        try world.objects.buyCell(.instance, bank: try world.rootBank)
    }

    @Test(arguments: [SpaceKind.memory, .imports, .table(0), .table(3), .table(23)])
    func aSpaceHoldsWhatWasWrittenInEachOfItsCorners(kind: SpaceKind) throws {
        let world = try TestWorld()
        let bank = try world.rootBank
        let space = Space(kind, of: try makeOwner(world))
        var ids: Set<PageID> = []
        for (number, corner) in Self.corners.enumerated() {
            #expect(try world.objects.page(corner, of: space) == nil)
            let page = try world.objects.buyPage(corner, of: space, bank: bank)
            #expect(ids.insert(page).inserted)
            #expect(page.number % 256 == corner % 256)
            try world.objects.write([UInt8(number + 1)], to: space, at: corner * 4096 + 17)
            try world.check()
        }
        try world.checkpoint()
        try world.killAndReopen()
        for (number, corner) in Self.corners.enumerated() {
            #expect(try world.objects.bytes(of: space, at: corner * 4096 + 16, count: 3) == [0, UInt8(number + 1), 0])
            let before = try world.kernel.figures(ofBank: bank).usedPages
            let again = try world.objects.buyPage(corner, of: space, bank: bank)
            #expect(ids.contains(again))
            #expect(try world.kernel.figures(ofBank: bank).usedPages == before, "a page is bought once")
        }
    }

    @Test func sellingASpaceGivesAllOfItBack() throws {
        let world = try TestWorld()
        let bank = try world.rootBank
        let owner = try makeOwner(world)
        let before = try world.kernel.figures(ofBank: bank).usedPages
        let space = Space(.table(2), of: owner)
        let neighbour = Space(.table(1), of: owner)
        let kept = try world.objects.buyPage(3, of: neighbour, bank: bank)
        var ids: [PageID] = []
        for corner in Self.corners {
            ids.append(try world.objects.buyPage(corner, of: space, bank: bank))
            try world.objects.write([1], to: space, at: corner * 4096)
        }
        // MiB 1 and 511 share a map page; MiB 512, 19,531 and the last have one each.
        #expect(try world.objects.countPages(of: space) == 9 + 4)
        try world.checkpoint()
        try world.objects.sell(space)
        try world.check()
        #expect(try world.objects.countPages(of: space) == 0)
        #expect(try world.kernel.figures(ofBank: bank).usedPages == before + 1)
        for id in ids { #expect(try !world.objects.isAllocated(id)) }
        #expect(try world.objects.isAllocated(kept))
        try world.checkpoint()
        let stored = try world.storedPages()
        for id in ids { #expect(!stored.contains(id.number), "what was sold is gone from the store") }
        let again = try world.objects.buyPage(0, of: space, bank: bank)
        #expect(!ids.contains(again), "an id is never used twice")
        #expect(try world.objects.bytes(of: space, at: 0, count: 4096).allSatisfy { $0 == 0 })
    }

    @Test func bytesCrossPagesAndMiBs() throws {
        let world = try TestWorld()
        let bank = try world.rootBank
        let space = Space(.memory, of: try makeOwner(world))
        let bytes = (0..<20_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
        let position: UInt64 = (1 << 20) - 7_001
        try world.objects.buy(bytes: bytes.count, of: space, at: position, bank: bank)
        try world.objects.write(bytes, to: space, at: position)
        #expect(try world.objects.bytes(of: space, at: position, count: bytes.count) == bytes)
        let around = try world.objects.bytes(of: space, at: position - 10_000, count: 40_000)
        #expect(Array(around[10_000..<30_000]) == bytes)
        #expect(around[..<10_000].allSatisfy { $0 == 0 } && around[30_000...].allSatisfy { $0 == 0 })
        try world.check()
    }

    /// What a bank needs at least for a purchase in a fresh space: pages, and MiB that it reaches into.
    struct Purchase: Sendable, CustomTestStringConvertible {
        var position: UInt64
        var count: Int
        var pages: UInt64
        var testDescription: String { "\(count) bytes at \(position)" }
    }

    static let purchases = [
        Purchase(position: 0, count: 0, pages: 0),
        Purchase(position: 0, count: 1, pages: 1),
        Purchase(position: 4095, count: 2, pages: 2),
        Purchase(position: 0, count: 10 * 4096, pages: 10),
        // Both sides of the first MiB: two pages and one of the map.
        Purchase(position: (1 << 20) - 1, count: 2, pages: 3),
        // Both sides of 512 MiB: two pages and two of the map.
        Purchase(position: (512 << 20) - 1, count: 2, pages: 4),
    ]

    @Test(arguments: purchases)
    func aPurchaseIsRefusedWholeOneBelowWhatItTakes(purchase: Purchase) throws {
        let world = try TestWorld()
        let root = try world.rootBank
        let owner = try makeOwner(world)
        let space = Space(.memory, of: owner)
        let bank = try world.kernel.makeBank(below: root, name: "b", limitPages: 0, flags: 0)
        for limit in 0...purchase.pages {
            try world.objects.set(bank, BankRecord.limitPages, limit)
            let strips = try world.objects.world(WorldPage.nextStrip)
            let figures = try world.kernel.figures(ofBank: root).usedPages
            let refused = try isRefused {
                try world.objects.buy(bytes: purchase.count, of: space, at: purchase.position, bank: bank)
            }
            #expect(refused == (limit < purchase.pages))
            try world.check()
            guard refused else { continue }
            #expect(try world.objects.world(WorldPage.nextStrip) == strips)
            #expect(try world.kernel.figures(ofBank: root).usedPages == figures)
            #expect(try world.kernel.figures(ofBank: bank).usedPages == 0)
            #expect(try world.objects.countPages(of: space) == 0)
        }
        #expect(try world.kernel.figures(ofBank: bank).usedPages == purchase.pages)
    }

    /// The page of the strip map that a purchase brings with it is the root's affair. It was asked of the buyer's bank
    /// too, which then was refused with room for all that it bought, and went on to be refused for ever.
    @Test func aPageOfTheStripMapIsNotAskedOfTheBankThatBuys() throws {
        let world = try TestWorld()
        let root = try world.rootBank
        let owner = try makeOwner(world)
        let bank = try world.kernel.makeBank(below: root, name: "b", limitPages: 1, flags: 0)
        try fillStripMap(world)
        _ = try world.objects.buyPage(0, of: Space(.memory, of: owner), bank: bank)
        #expect(try world.objects.world(WorldPage.stripMapPages) == 2)
        try world.check()
    }

    /// A single page at the strip map's end takes two of the root. With one left it was refused after a strip had been
    /// bought and the page of the strip map charged.
    @Test func aSinglePageIsRefusedWholeWhereTheStripMapMustGrow() throws {
        let world = try TestWorld()
        let root = try world.rootBank
        let bank = try world.kernel.makeBank(below: root, name: "b", limitPages: nil, flags: 0)
        try fillStripMap(world)
        let used = try world.kernel.figures(ofBank: root).usedPages
        let strips = try world.objects.world(WorldPage.nextStrip)
        for limit in [used, used + 1] {
            try world.objects.set(root, BankRecord.limitPages, limit)
            #expect(try isRefused { _ = try world.objects.buyDataPage(bank: bank) })
            #expect(try isRefused { _ = try world.objects.buyCell(.node, bank: bank) })
            #expect(try world.kernel.figures(ofBank: root).usedPages == used)
            #expect(try world.objects.world(WorldPage.nextStrip) == strips)
            #expect(try world.objects.world(WorldPage.stripMapPages) == 1)
            try world.check()
        }
        try world.objects.set(root, BankRecord.limitPages, used + 2)
        _ = try world.objects.buyDataPage(bank: bank)
        #expect(try world.kernel.figures(ofBank: root).usedPages == used + 2)
        try world.check()
    }

    /// Buys strips until the next one needs a new page of the strip map.
    private func fillStripMap(_ world: TestWorld) throws {
        let space = Space(.stack, of: try makeOwner(world))
        var spaceMiB: UInt64 = 0
        while try world.objects.world(WorldPage.nextStrip) % StripRecord.perPage != 0 {
            _ = try world.objects.buyPage(spaceMiB * 256, of: space, bank: try world.rootBank)
            spaceMiB += 1
        }
    }

    @Test func singlePagesHaveNewIdsForEver() throws {
        let world = try TestWorld()
        let bank = try world.rootBank
        var seen: Set<PageID> = []
        for round in 0..<3 {
            var held: [PageID] = []
            for _ in 0..<300 {
                let page = try world.objects.buyDataPage(bank: bank)
                #expect(seen.insert(page).inserted)
                #expect(try world.objects.isAllocated(page))
                if round == 1 { try world.objects.write(page).storeBytes(of: 1, as: UInt64.self) }
                held.append(page)
            }
            for page in held {
                try world.objects.sellPage(page)
                #expect(try !world.objects.isAllocated(page))
                #expect(try world.objects.isVoid(Key(.page, id: page.rawValue)))
            }
            try world.check()
            try world.checkpoint()
            try world.killAndReopen()
        }
    }
}
