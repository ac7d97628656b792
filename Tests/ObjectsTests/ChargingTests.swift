// Charging a tree of banks: refusals at any depth change nothing, counters equal a recount (BANK-1), limits hold
// (BANK-2), and lowering a limit below use stops buying and not freeing.

import Kernel
import Objects
import Store
import Testing

@Suite struct ChargingTests {
    /// A chain of banks below the root, each in the one before; the root is not part of it.
    private func makeChain(_ world: TestWorld, depth: Int) throws -> [CellID] {
        var chain: [CellID] = []
        for level in 0..<depth {
            chain.append(
                try world.kernel.makeBank(
                    below: try chain.last ?? world.rootBank, name: "b\(level)", limitPages: nil, flags: 0))
        }
        return chain
    }

    private func counters(_ world: TestWorld, _ banks: [CellID]) throws -> [[UInt64]] {
        try ([try world.rootBank] + banks)
            .map { bank in
                let record = try world.objects.cell(bank)
                return [
                    record.load(BankRecord.usedPages), record.load(BankRecord.ownPages),
                    record.load(BankRecord.usedCells), record.load(BankRecord.ownCells),
                ]
            }
    }

    @Test(arguments: 0..<6)
    func aRefusalAtAnyDepthMovesNoCounter(level: Int) throws {
        let world = try TestWorld()
        let chain = try makeChain(world, depth: 6)
        let space = Space(.memory, of: try world.objects.buyCell(.instance, bank: chain[5]))
        let full = chain[level]
        try world.objects.set(full, BankRecord.limitPages, try world.objects.get(full, BankRecord.usedPages))
        try world.objects.set(full, BankRecord.limitCells, try world.objects.get(full, BankRecord.usedCells))
        let before = try counters(world, chain)
        let strips = try world.objects.world(WorldPage.nextStrip)
        #expect(try world.objects.availablePages(chain[5]) == 0)
        for buy in [
            { _ = try world.objects.buyPage(0, of: space, bank: chain[5]) },
            { _ = try world.objects.buyDataPage(bank: chain[5]) },
            { _ = try world.objects.buyCell(.node, bank: chain[5]) },
            { _ = try world.objects.buyCell(.process, bank: chain[5]) },
            { try world.objects.buy(bytes: 100_000, of: space, at: 5_000_000, bank: chain[5]) },
        ] {
            do {
                try buy()
                Issue.record("a full bank sold something")
            } catch ObjectsError.bankExhausted(let refusal) {
                #expect(refusal.bank == full && refusal.limit == refusal.used && refusal.asked > 0)
            }
            #expect(try counters(world, chain) == before)
            #expect(try world.objects.world(WorldPage.nextStrip) == strips)
        }
        try world.check()
    }

    @Test func aLimitBelowUseStopsBuyingAndNotFreeing() throws {
        let world = try TestWorld()
        let bank = try makeChain(world, depth: 1)[0]
        var pages: [PageID] = []
        for _ in 0..<10 { pages.append(try world.objects.buyDataPage(bank: bank)) }
        try world.objects.set(bank, BankRecord.limitPages, 4)
        #expect(try world.objects.availablePages(bank) == 0)
        while pages.count > 4 {
            #expect(try isRefused { _ = try world.objects.buyDataPage(bank: bank) })
            try world.objects.sellPage(pages.removeLast())
        }
        #expect(try isRefused { _ = try world.objects.buyDataPage(bank: bank) })
        try world.objects.sellPage(pages.removeLast())
        #expect(try world.objects.availablePages(bank) == 1)
        _ = try world.objects.buyDataPage(bank: bank)
        try world.check()
    }

    @Test func whatIsLeftIsTheLeastOfTheChain() throws {
        let world = try TestWorld()
        let chain = try makeChain(world, depth: 3)
        #expect(try world.objects.availablePages(chain[2]) == nil)
        try world.objects.set(chain[0], BankRecord.limitPages, 9)
        try world.objects.set(chain[2], BankRecord.limitPages, 7)
        // One page of each that its child's record lies in.
        #expect(try world.objects.availablePages(chain[2]) == 7)
        #expect(try world.objects.availablePages(chain[1]) == 7)
        _ = try world.objects.buyDataPage(bank: chain[1])
        #expect(try world.objects.availablePages(chain[2]) == 6)
    }

    @Test func aCellLimitIsOfCellsAlone() throws {
        let world = try TestWorld()
        let bank = try makeChain(world, depth: 1)[0]
        try world.objects.set(bank, BankRecord.limitCells, 3)
        for _ in 0..<3 { _ = try world.objects.buyCell(.node, bank: bank) }
        #expect(try isRefused { _ = try world.objects.buyCell(.node, bank: bank) })
        _ = try world.objects.buyDataPage(bank: bank)
        try world.check()
    }

    /// Random buying and selling by a tree of banks with limits that change, recounted all along.
    @Test(arguments: [21, 22, 23, 24] as [UInt64])
    func aTreeOfBanksCountsWhatIsThere(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let world = try TestWorld()
        var banks = [try world.rootBank]
        for number in 0..<12 {
            let parent = try #require(banks.randomElement(using: &generator))
            banks.append(try world.kernel.makeBank(below: parent, name: "n\(number)", limitPages: nil, flags: 0))
        }
        var pages: [PageID] = []
        var cells: [CellID] = []
        var spaces: [(space: Space, bank: CellID)] = []
        var refusals = 0
        for step in 0..<2500 {
            let bank = try #require(banks.randomElement(using: &generator))
            let before = try counters(world, banks)
            var refused = false
            switch Int.random(in: 0..<12, using: &generator) {
            case 0, 1: refused = try isRefused { pages.append(try world.objects.buyDataPage(bank: bank)) }
            case 2, 3: refused = try isRefused { cells.append(try world.objects.buyCell(.node, bank: bank)) }
            case 4:
                refused = try isRefused {
                    let owner = try world.objects.buyCell(.instance, bank: bank)
                    spaces.append((Space(.memory, of: owner), bank))
                }
            case 5, 6:
                guard let each = spaces.randomElement(using: &generator) else { continue }
                let position = UInt64.random(in: 0..<(3 << 20), using: &generator)
                refused = try isRefused {
                    try world.objects.buy(bytes: 9000, of: each.space, at: position, bank: each.bank)
                }
            case 7:
                if !pages.isEmpty {
                    try world.objects.sellPage(pages.remove(at: .random(in: 0..<pages.count, using: &generator)))
                }
            case 8:
                if !cells.isEmpty {
                    try world.objects.sellCell(cells.remove(at: .random(in: 0..<cells.count, using: &generator)))
                }
            case 9:
                if generator.oneIn(4), !spaces.isEmpty {
                    let each = spaces.remove(at: .random(in: 0..<spaces.count, using: &generator))
                    try world.objects.sell(each.space)
                    try world.objects.sellCell(each.space.owner)
                }
            default:
                let used = try world.objects.get(bank, BankRecord.usedPages)
                let limit = generator.oneIn(2) ? UInt64.max : used + .random(in: 0...6, using: &generator)
                try world.objects.set(bank, BankRecord.limitPages, limit)
            }
            if refused {
                refusals += 1
                #expect(try counters(world, banks) == before, "seed \(seed), step \(step): a refusal moved a counter")
            }
            if step % 50 == 0 {
                do { try world.check() } catch { Issue.record("seed \(seed), step \(step): \(error)") }
                for bank in banks {
                    let limit = try world.objects.get(bank, BankRecord.limitPages)
                    #expect(try world.objects.get(bank, BankRecord.usedPages) <= limit, "BANK-2")
                }
            }
            if generator.oneIn(200) { try world.checkpoint() }
        }
        #expect(refusals > 20)
        try world.check()
    }
}
