// Who goes on when a page is sold: what the kernel remembers of those that are frozen tells the same as a look at all.

import Kernel
import Objects
import Store
import Testing

/// A world of few pages in which processes freeze, and what was bought in it.
private final class CrowdedWorld {
    let world: TestWorld
    var generator: SeededGenerator
    var processes: [CellID] = []
    var pages: [PageID] = []
    var banks = ["root"]
    var thawed: [CellID] = []
    var number = 0

    init(seed: UInt64) throws {
        world = try TestWorld(limitPages: 400)
        // Banks that go do it over many turns.
        world.kernel.stepBudget = 24
        world.kernel.firstSteps = 1
        generator = SeededGenerator(seed: seed)
    }

    var kernel: Kernel { world.kernel }
    var objects: Objects { world.objects }

    /// Those whose bank has a page, the one that froze first before the others.
    func whoCouldGoOn() throws -> [CellID] {
        try kernel.listed(on: WorldPage.frozenSpaceFirst).filter { process in
            let bank = try objects.link(process, ProcessRecord.bank)
            return try !kernel.isGoing(bank: bank) && objects.availablePages(bank) != 0
        }
    }

    /// Does something by lot. True where it wakes those who can go on by itself.
    func change() throws -> Bool {
        number += 1
        let path = banks.randomElement(using: &generator) ?? "root"
        let bank = try kernel.bank(at: path)
        let process = processes.randomElement(using: &generator)
        switch Int.random(in: 0..<24, using: &generator) {
        case 0..<4:
            let isOwn = generator.oneIn(2)
            _ = try isRefused {
                let made = try world.start("p\(number)", bank: bank) { if isOwn { $0.limitPages = 6 } }
                processes.append(made)
            }
        case 4..<10:
            if let process, try kernel.state(of: process) != .exited {
                try kernel.setState(of: process, to: .frozenSpace)
            }
        case 10..<14: _ = try isRefused { pages.append(try objects.buyDataPage(bank: bank)) }
        case 14..<17:
            if let page = pages.randomElement(using: &generator) {
                try objects.sellPage(page)
                pages.removeAll { $0 == page }
            }
        case 17:
            return try !isRefused {
                _ = try kernel.createBank(at: "\(path)/b\(number)", BankTerms(limitPages: 20))
                banks.append("\(path)/b\(number)")
            }
        case 18, 19:
            guard path != "root" else { return false }
            let used = try objects.get(bank, BankRecord.usedPages)
            let limit = generator.oneIn(4) ? nil : used &+ .random(in: 0...3, using: &generator)
            let reserve = generator.oneIn(3) ? min(limit ?? 9, .random(in: 0...9, using: &generator)) : 0
            return try !isRefused {
                try kernel.set(bank, BankTerms(limitPages: .some(limit), reservePages: reserve))
            }
        case 20:
            guard let process, try kernel.state(of: process) != .exited else { return false }
            try kernel.end(process, as: .exited, exitCode: 0)
            return true
        case 21:
            guard let process, try objects.link(process, ProcessRecord.bank) != bank else { return false }
            var moved = process
            _ = try isRefused { moved = try kernel.move(process, toBank: bank) }
            processes = processes.map { $0 == process ? moved : $0 }
            return moved != process
        case 22: if try kernel.hasGoingBanks { try kernel.takeGoingApart() }
        default:
            guard path != "root", generator.oneIn(3) else { return false }
            banks.removeAll { $0 == path || $0.hasPrefix(path + "/") }
            if generator.oneIn(2) {
                try kernel.destroy(bank: bank)
            } else {
                try kernel.returnToParent(bank: bank)
                banks = try kernel.banks(from: kernel.rootBank, recursive: true).map(\.path).filter {
                    !$0.contains("/p")
                }
            }
            // Pages and processes that went are nobody's to draw any more.
            processes = []
            try kernel.forEachProcess { processes.append($0) }
            pages = []
            return true
        }
        return false
    }
}

@Suite struct FrozenForSpaceTests {
    @Test(arguments: [1, 2, 3, 4, 5, 6] as [UInt64])
    func whoeverHasAPageNowGoesOnAndNobodyElse(seed: UInt64) throws {
        let crowd = try CrowdedWorld(seed: seed)
        let kernel = crowd.kernel
        kernel.observer = { if case .processThawed(let process) = $0 { crowd.thawed.append(process) } }
        var woken = 0
        var left = 0
        for step in 0..<2_000 {
            crowd.thawed = []
            if try crowd.change() {
                // It woke them itself; nobody is left who could go on.
                #expect(try crowd.whoCouldGoOn() == [], "seed \(seed), step \(step)")
            } else if crowd.generator.oneIn(2) {
                let expected = try crowd.whoCouldGoOn()
                crowd.thawed = []
                try kernel.wakeFrozenForSpace()
                #expect(crowd.thawed == expected, "seed \(seed), step \(step)")
                woken += expected.count
            }
            left += try kernel.listed(on: WorldPage.frozenSpaceFirst).count
        }
        #expect(woken > 100 && left > 1_000, "seed \(seed): \(woken) woken, \(left) left standing")
        try crowd.world.check()
    }

    @Test func whoseBankWasGivenToItsParentWhileItStoodStillGoesOn() throws {
        let world = try TestWorld()
        let kernel = world.kernel
        kernel.firstSteps = 0
        let bank = try kernel.createBank(at: "root/b", BankTerms())
        let process = try world.start("p", bank: bank)
        let page = try world.objects.buyDataPage(bank: world.rootBank)
        try kernel.set(world.rootBank, BankTerms(limitPages: .some(0)))
        try kernel.setState(of: process, to: .frozenSpace)
        // When this returns it is known what the process waits for.
        try kernel.returnToParent(bank: bank)
        #expect(try kernel.state(of: process) == .frozenSpace)
        while try kernel.hasGoingBanks { try kernel.takeGoingApart() }
        #expect(try world.objects.link(process, ProcessRecord.bank) == world.rootBank)
        try kernel.wakeFrozenForSpace()
        #expect(try kernel.state(of: process) == .frozenSpace)
        let used = try world.objects.get(world.rootBank, BankRecord.usedPages)
        try world.objects.set(world.rootBank, BankRecord.limitPages, used)
        try world.objects.sellPage(page)
        try kernel.wakeFrozenForSpace()
        #expect(try kernel.state(of: process) == .ready)
        try world.check()
    }
}
