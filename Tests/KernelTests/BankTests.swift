// Banks as an administrator has them: paths, limits, reserves, and who goes on when there is space again.

import Kernel
import Objects
import Store
import Testing

@Suite struct BankTests {
    private func figures(_ world: TestWorld, _ path: String) throws -> BankFigures {
        try world.kernel.figures(ofBank: try world.kernel.bank(at: path))
    }

    private func buy(_ world: TestWorld, _ pages: Int, of path: String) throws -> [PageID] {
        let bank = try world.kernel.bank(at: path)
        return try (0..<pages).map { _ in try world.objects.buyDataPage(bank: bank) }
    }

    @Test func whatIsReservedIsChargedAtOnceAndPurchasesWithinItGoNoFurther() throws {
        let world = try TestWorld(limitPages: 1000)
        _ = try world.kernel.createBank(at: "root/a", BankTerms())
        _ = try world.kernel.createBank(at: "root/a/b", BankTerms(limitPages: 50, reservePages: 30))
        let before = try figures(world, "root/a")
        // A pot for its record, and the reserve.
        #expect(before.usedPages == 31 && before.ownPages == 1)
        #expect(try figures(world, "root/a/b").usedPages == 0)
        let pages = try buy(world, 30, of: "root/a/b")
        #expect(try figures(world, "root/a").usedPages == 31)
        #expect(try figures(world, "root/a/b").usedPages == 30)
        let more = try buy(world, 5, of: "root/a/b")
        #expect(try figures(world, "root/a").usedPages == 36)
        for page in more + pages { try world.objects.sellPage(page) }
        #expect(try figures(world, "root/a").usedPages == 31, "what is reserved stays")
        try world.check()
    }

    @Test func aReserveIsThereWhateverOthersHaveBought() throws {
        let world = try TestWorld()
        _ = try world.kernel.createBank(at: "root/a", BankTerms(limitPages: 100))
        _ = try world.kernel.createBank(at: "root/a/kept", BankTerms(reservePages: 20))
        _ = try world.kernel.createBank(at: "root/a/greedy", BankTerms())
        #expect(try figures(world, "root/a/greedy").availablePages == 79)
        #expect(try figures(world, "root/a/kept").availablePages == 99)
        _ = try buy(world, 79, of: "root/a/greedy")
        #expect(throws: ObjectsError.self) { try buy(world, 1, of: "root/a/greedy") }
        // Not even a limit far below what is used takes it away.
        try world.kernel.set(try world.kernel.bank(at: "root/a"), BankTerms(limitPages: 1))
        #expect(try figures(world, "root/a/kept").availablePages == 20)
        _ = try buy(world, 20, of: "root/a/kept")
        #expect(throws: ObjectsError.self) { try buy(world, 1, of: "root/a/kept") }
        try world.check()
    }

    @Test func aReserveThatThereIsNoRoomForIsRefusedAndChangesNothing() throws {
        let world = try TestWorld()
        _ = try world.kernel.createBank(at: "root/a", BankTerms(limitPages: 10))
        let ledger = try world.ledger()
        #expect(throws: ObjectsError.self) {
            try world.kernel.createBank(at: "root/a/b", BankTerms(reservePages: 10))
        }
        #expect(try world.ledger() == ledger)
        let bank = try world.kernel.createBank(at: "root/a/b", BankTerms(reservePages: 4))
        #expect(throws: ObjectsError.self) {
            try world.kernel.set(bank, BankTerms(limitPages: 90, limitCells: 3, reservePages: 10))
        }
        #expect(throws: KernelError.self) { try world.kernel.set(bank, BankTerms(limitPages: 3)) }
        let found = try figures(world, "root/a/b")
        #expect(found.reservePages == 4 && found.limitPages == nil && found.limitCells == nil)
        try world.kernel.set(bank, BankTerms(reservePages: 0))
        #expect(try figures(world, "root/a").usedPages == 1)
        #expect(throws: KernelError.self) {
            try world.kernel.set(try world.kernel.rootBank, BankTerms(reservePages: 1))
        }
        try world.check()
    }

    @Test func aBankOfAProcessesOwnGoesWithWhatWasReservedForIt() throws {
        let world = try TestWorld()
        let before = try figures(world, "root")
        let process = try world.start("p", bank: try world.kernel.rootBank) { $0.limitPages = 100 }
        try world.kernel.set(try world.kernel.bank(at: "root/p"), BankTerms(reservePages: 90))
        #expect(try figures(world, "root").usedPages > before.usedPages + 90)
        try world.endAndRemove(process)
        try world.check()
        #expect(try figures(world, "root").usedPages < before.usedPages + 10, "empty pots and the process table")
    }

    @Test func whatIsReservedIsThereThoughTheRootIsFull() throws {
        let world = try TestWorld()
        let bank = try world.kernel.createBank(at: "root/kept", BankTerms(reservePages: 2_000))
        try world.kernel.set(try world.kernel.rootBank, BankTerms(limitPages: 1))
        // A strip for each page: the strip map grows.
        for _ in 0..<100 {
            let owner = try world.objects.buyCell(.instance, bank: bank)
            _ = try world.objects.buyPage(0, of: Space(.memory, of: owner), bank: bank)
        }
        for number in 0..<3 { _ = try world.start("p\(number)", bank: bank) }
        #expect(throws: ObjectsError.self) { try world.start("q", bank: try world.kernel.rootBank) }
        try world.check()
    }

    @Test(arguments: ["", "root", "other/a", "root/", "root//a", "root/a b", "root/\u{1F600}", "root/ä", "/root/a"])
    func pathsThatCannotBeMadeAreRefused(_ path: String) throws {
        let world = try TestWorld()
        let ledger = try world.ledger()
        #expect(throws: KernelError.self) { try world.kernel.createBank(at: path, BankTerms()) }
        #expect(throws: KernelError.self) {
            try world.kernel.createMeter(at: path, bank: try world.rootBank, gas: nil, weight: 1)
        }
        #expect(try world.ledger() == ledger)
    }

    @Test func namesAreUniqueBelowABank() throws {
        let world = try TestWorld()
        _ = try world.kernel.createBank(at: "root/a", BankTerms())
        _ = try world.kernel.createBank(at: "root/a/a", BankTerms())
        #expect(throws: KernelError.self) { try world.kernel.createBank(at: "root/a", BankTerms()) }
        #expect(throws: KernelError.self) {
            try world.kernel.createBank(at: "root/" + String(repeating: "x", count: 65), BankTerms())
        }
        _ = try world.kernel.createBank(at: "root/" + String(repeating: "x", count: 64), BankTerms())
    }

    @Test func aTreeIsListedEachBeforeItsOwnInTheOrderOfNames() throws {
        let world = try TestWorld()
        for path in ["root/b", "root/a", "root/a/z", "root/a/y", "root/a/y/x", "root/c"] {
            _ = try world.kernel.createBank(at: path, BankTerms())
        }
        let root = try world.kernel.rootBank
        #expect(
            try world.kernel.banks(from: root, recursive: true).map(\.path)
                == ["root", "root/a", "root/a/y", "root/a/y/x", "root/a/z", "root/b", "root/c"])
        #expect(
            try world.kernel.banks(from: root, recursive: false).map(\.path) == ["root", "root/a", "root/b", "root/c"])
        let a = try world.kernel.bank(at: "root/a")
        #expect(
            try world.kernel.banks(from: a, recursive: false).map(\.path) == ["root/a", "root/a/y", "root/a/z"])
    }

    /// Processes frozen for want of space, in the order in which they froze.
    private func frozen(_ world: TestWorld, _ paths: [String]) throws -> [CellID] {
        try paths.enumerated().map { number, path in
            let process = try world.start("p\(number)", bank: try world.kernel.bank(at: path))
            try world.kernel.setState(of: process, to: .frozenSpace)
            return process
        }
    }

    @Test func thoseWhoseBankHasSpaceAgainAreReadyInTheOrderInWhichTheyFroze() throws {
        let world = try TestWorld()
        _ = try world.kernel.createBank(at: "root/a", BankTerms())
        _ = try world.kernel.createBank(at: "root/b", BankTerms())
        let processes = try frozen(world, ["root/a", "root/b", "root/a"])
        let a = try world.kernel.bank(at: "root/a")
        let b = try world.kernel.bank(at: "root/b")
        for bank in [a, b] { try world.objects.set(bank, BankRecord.limitPages, 0) }
        try world.kernel.set(a, BankTerms(limitPages: 1000))
        #expect(try processes.map(world.kernel.state) == [.ready, .frozenSpace, .ready])
        #expect(try world.kernel.processToRun() == processes[0])
        try world.kernel.endQuantum()
        #expect(try world.kernel.processToRun() == processes[2])
        try world.kernel.endQuantum()
        // What is sold back by somebody counts at the next turn.
        try world.objects.set(b, BankRecord.limitPages, 1000)
        let page = try world.objects.buyDataPage(bank: b)
        #expect(try world.kernel.state(of: processes[1]) == .frozenSpace)
        try world.objects.sellPage(page)
        _ = try world.kernel.processToRun()
        #expect(try world.kernel.state(of: processes[1]) == .ready)
    }

    /// Whether the body throws nothing.
    private static func succeeds(_ body: () throws -> Void) -> Bool {
        do {
            try body()
            return true
        } catch {
            return false
        }
    }

    /// Banks with reserves that change beside random purchases: what is reserved can always be bought, and all is
    /// recounted.
    @Test(arguments: [31, 32, 33] as [UInt64]) func whatIsReservedCanAlwaysBeBought(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let world = try TestWorld(limitPages: 400)
        var banks = [try world.rootBank]
        for number in 0..<10 {
            let parent = try #require(banks.randomElement(using: &generator))
            let path = try world.kernel.path(ofBank: parent)
            banks.append(try world.kernel.createBank(at: "\(path)/n\(number)", BankTerms()))
        }
        var pages: [PageID] = []
        var kept = 0
        var refusals = 0
        for step in 0..<3_000 {
            let bank = try #require(banks.dropFirst().randomElement(using: &generator))
            let record = try world.objects.cell(bank)
            let (used, reserve) = (record.load(BankRecord.usedPages), record.load(BankRecord.reservePages))
            let limit = record.load(BankRecord.limitPages)
            switch Int.random(in: 0..<8, using: &generator) {
            case 0...3:
                let isKept = used < min(reserve, limit)
                // A strip's record may be the kernel's own page, but then the root has room for it here.
                let isSold = Self.succeeds { pages.append(try world.objects.buyDataPage(bank: bank)) }
                #expect(isSold || !isKept, "seed \(seed), step \(step)")
                if isSold && isKept { kept += 1 }
                if !isSold { refusals += 1 }
            case 4...5:
                if !pages.isEmpty {
                    try world.objects.sellPage(pages.remove(at: .random(in: 0..<pages.count, using: &generator)))
                }
            case 6:
                let asked = UInt64.random(in: 0...40, using: &generator)
                if !Self.succeeds({ try world.kernel.set(bank, BankTerms(reservePages: asked)) }) { refusals += 1 }
            default:
                let asked = generator.oneIn(2) ? nil : UInt64.random(in: 0...200, using: &generator)
                if !Self.succeeds({ try world.kernel.set(bank, BankTerms(limitPages: .some(asked))) }) { refusals += 1 }
            }
            if step % 100 == 0 { try world.check() }
        }
        #expect(kept > 20 && refusals > 20, "\(kept) bought of what was kept, \(refusals) refused")
        try world.check()
    }
}
