// Random trees of banks against a plain model: buying, selling, limits, reserves, destruction with and without reclaim, and
// kills, after which both are what they were at the last checkpoint. Counters equal the model and a recount, always.

import FoundationEssentials
import Glibc
import Kernel
import Objects
import Store
import Testing

/// A world and the model of it, moved together.
private final class ModelledWorld {
    let world: TestWorld
    var model = BankModel()
    private var saved = BankModel()
    var generator: SeededGenerator
    var refusals = 0
    var kills = 0
    var destructions = 0

    init(seed: UInt64, world: TestWorld) throws {
        generator = SeededGenerator(seed: seed)
        self.world = world
        slow()
    }

    convenience init(seed: UInt64) throws {
        try self.init(seed: seed, world: try TestWorld())
        var root = BankModel.Bank()
        // The world page, the pot of the root bank and the root meter.
        root.holdings.pages = [.world]
        root.holdings.pots = [.record: [try world.rootBank.pot: 2]]
        model.banks[0] = root
        try compare("at first")
        try world.checkpoint()
        saved = model
    }

    /// So little at a step that destruction takes many, and others come in between.
    private func slow() {
        world.kernel.stepBudget = 24
        world.kernel.firstSteps = 1
    }

    func path(_ bank: Int) -> String {
        guard let parent = model.banks[bank]?.parent else { return "root" }
        return "\(path(parent))/n\(bank)"
    }

    func cell(_ bank: Int) throws -> CellID { try world.kernel.bank(at: path(bank)) }

    func randomBank(butRoot: Bool = false) -> Int? {
        model.banks.keys.filter { !butRoot || $0 != 0 }.sorted().randomElement(using: &generator)
    }

    /// Does what the model foretells: sells where it has room, refuses where not.
    private func buying(_ bank: Int, pages: Int, cells: Int, _ buy: (CellID) throws -> Void) throws -> Bool {
        let foretold = model.hasRoom(bank, pages: pages, cells: cells)
        let refused = try isRefused { try buy(try cell(bank)) }
        #expect(refused != foretold, "bank \(path(bank)), \(pages) pages, \(cells) cells")
        if refused { refusals += 1 }
        return !refused
    }

    func buyPage(_ bank: Int) throws {
        var page = PageID.world
        if try buying(bank, pages: 1, cells: 0, { page = try world.objects.buyDataPage(bank: $0) }) {
            model.banks[bank]?.holdings.pages.append(page)
        }
    }

    /// The model gives pots with room to the parent at once.
    private func finishReturns() throws {
        while try world.kernel.goingBanks().contains(where: { try world.objects.name($0, BankRecord.name).isEmpty }) {
            try step()
        }
    }

    func buyCell(_ bank: Int, _ kind: CellKind) throws {
        try finishReturns()
        let pot = model.banks[bank]?.holdings.potPages(kind.cellClass) ?? 0
        var cell = CellID.none
        guard try buying(bank, pages: pot, cells: 1, { cell = try world.objects.buyCell(kind, bank: $0) }) else {
            return
        }
        model.banks[bank]?.holdings.addCell(cell, kind.cellClass)
        if kind == .node { model.banks[bank]?.holdings.cells.append(cell) }
        if kind == .instance { model.banks[bank]?.holdings.spaces[cell] = [] }
    }

    func buyOfSpace(_ bank: Int) throws {
        guard let owner = model.banks[bank]?.holdings.spaces.keys.min(by: { $0.rawValue < $1.rawValue }),
            let bought = model.banks[bank]?.holdings.spaces[owner]
        else { return }
        let page = UInt64.random(in: 0..<2_000, using: &generator)
        guard !bought.contains(page) else { return }
        let map = page >= 256 && !bought.contains { $0 >= 256 } ? 1 : 0
        let space = Space(.memory, of: owner)
        if try buying(bank, pages: 1 + map, cells: 0, { _ = try world.objects.buyPage(page, of: space, bank: $0) }) {
            model.banks[bank]?.holdings.spaces[owner]?.insert(page)
        }
    }

    func makeBank(below parent: Int) throws {
        try finishReturns()
        let name = model.nextName
        let pot = model.banks[parent]?.holdings.potPages(.record) ?? 0
        var cell = CellID.none
        let made = try buying(parent, pages: pot, cells: 1) {
            cell = try world.kernel.makeBank(below: $0, name: "n\(name)", limitPages: nil, flags: 0)
        }
        guard made else { return }
        model.nextName += 1
        model.banks[parent]?.holdings.addCell(cell, .record)
        model.banks[name] = BankModel.Bank(parent: parent, payer: parent)
    }

    func sellSomething(_ bank: Int) throws {
        guard var holdings = model.banks[bank]?.holdings else { return }
        switch Int.random(in: 0..<3, using: &generator) {
        case 0:
            guard let page = holdings.pages.last, page != .world else { return }
            try world.objects.sellPage(page)
            holdings.pages.removeLast()
        case 1:
            guard let cell = holdings.cells.popLast() else { return }
            try world.objects.sellCell(cell)
            holdings.dropCell(cell, .node)
        default:
            guard let owner = holdings.spaces.keys.max(by: { $0.rawValue < $1.rawValue }) else { return }
            try world.objects.sell(Space(.memory, of: owner))
            try world.objects.sellCell(owner)
            holdings.spaces[owner] = nil
            holdings.dropCell(owner, .process)
        }
        model.banks[bank]?.holdings = holdings
    }

    func setTerms(_ bank: Int) throws {
        guard bank != 0, var record = model.banks[bank] else { return }
        let used = model.usedPages()[bank] ?? 0
        let limit = generator.oneIn(2) ? nil : max(0, used + .random(in: -3...6, using: &generator))
        let cells = generator.oneIn(2) ? nil : (model.usedCells()[bank] ?? 0) + .random(in: 0...4, using: &generator)
        let reserve = generator.oneIn(2) ? 0 : min(limit ?? 40, .random(in: 0...40, using: &generator))
        let terms = BankTerms(
            limitPages: .some(limit.map(UInt64.init)), limitCells: .some(cells.map(UInt64.init)),
            reservePages: UInt64(reserve))
        let isRefused = try isRefused { try world.kernel.set(try cell(bank), terms) }
        if isRefused {
            refusals += 1
            return
        }
        record.limitPages = limit
        record.limitCells = cells
        record.reserve = reserve
        model.banks[bank] = record
    }

    func destroy(_ bank: Int, reclaim: Bool) throws {
        let cell = try cell(bank)
        destructions += 1
        if reclaim {
            try world.kernel.destroy(bank: cell)
            model.destroy(bank, cell: cell)
        } else {
            try world.kernel.returnToParent(bank: cell)
            model.giveToParent(bank, cell: cell)
        }
        try noticeFinished()
    }

    /// Records of destroyed banks that are gone by now are nobody's.
    func noticeFinished() throws {
        let going = Set(try world.kernel.goingBanks())
        for (cell, payer) in model.pending where !going.contains(cell) {
            model.dropRecord(cell, of: payer)
            model.pending[cell] = nil
        }
    }

    func step() throws {
        if try world.kernel.hasGoingBanks { try world.kernel.takeGoingApart() }
        try noticeFinished()
    }

    func checkpoint() throws {
        if let folder { try JSONEncoder().encode(model).write(to: URL(filePath: Self.file(folder, world.epoch + 1))) }
        try world.checkpoint()
        saved = model
    }

    /// One operation, by lot; perhaps a piece of work at what is going.
    func act() throws {
        model.steps += 1
        guard let bank = randomBank() else { return }
        switch Int.random(in: 0..<40, using: &generator) {
        case 0..<8: try buyPage(bank)
        case 8..<14: try buyCell(bank, .node)
        case 14..<17: try buyCell(bank, .instance)
        case 17..<22: try buyOfSpace(bank)
        case 22..<28: if model.banks.count < 200 { try makeBank(below: bank) }
        case 28..<32: try sellSomething(bank)
        case 32..<36: try setTerms(bank)
        case 36:
            // Seldom a large one, so that the tree grows to its size.
            guard let bank = randomBank(butRoot: true) else { break }
            let isReclaimed = generator.oneIn(2)
            if !isReclaimed || model.subtree(bank).count < 30 || generator.oneIn(8) {
                try destroy(bank, reclaim: isReclaimed)
            }
        case 37: try step()
        case 38: if generator.oneIn(4) { try checkpoint() }
        default: if folder == nil, generator.oneIn(12) { try kill() }
        }
        if generator.oneIn(3) { try step() }
    }

    func finish() throws {
        while try world.kernel.hasGoingBanks { try step() }
        try compare("in the end")
        try world.check()
    }

    // MARK: With a model that outlives the process

    /// Where models are kept, one for each epoch; nil: in memory.
    private var folder: String?

    private static func file(_ folder: String, _ epoch: UInt64) -> String { "\(folder)/model-\(epoch)" }

    /// The world in a folder, and the model of what it was at its last checkpoint.
    convenience init(at folder: String, seed: UInt64) throws {
        try self.init(seed: seed, world: try TestWorld(at: folder))
        let bytes = try Data(contentsOf: URL(filePath: Self.file(folder, world.epoch)))
        model = try JSONDecoder().decode(BankModel.self, from: bytes)
        self.folder = folder
    }

    /// Leaves the world to processes that will open it.
    func leave() throws -> String {
        folder = world.path
        try checkpoint()
        try world.leave()
        return world.path
    }

    func kill() throws {
        try world.killAndReopen()
        slow()
        model = saved
        kills += 1
    }

    // MARK: Comparing

    func compare(_ place: String) throws {
        model.kernelPages = Int(try world.objects.countKernelPages())
        let pages = model.usedPages()
        let cells = model.usedCells()
        var found: [[Int]] = []
        var foretold: [[Int]] = []
        for bank in model.banks.keys.sorted() {
            let cell = try cell(bank)
            let own = try own(cell)
            let record = try world.objects.cell(cell)
            found.append([
                bank, Int(record.load(BankRecord.usedPages)), own.pages, Int(record.load(BankRecord.usedCells)),
                own.cells,
            ])
            foretold.append([
                bank, pages[bank] ?? 0, model.ownPages(bank), cells[bank] ?? 0,
                model.banks[bank]?.holdings.ownCells ?? 0,
            ])
        }
        guard found != foretold else { return }
        let differing = zip(found, foretold).filter { $0 != $1 }.map { "\($0), model \($1)" }
        throw Difference(description: "\(place): \(differing.joined(separator: "; "))")
    }

    private struct Difference: Error, CustomStringConvertible { let description: String }

    /// A bank's own and that of banks which are on their way to it.
    private func own(_ bank: CellID) throws -> (pages: Int, cells: Int) {
        let record = try world.objects.cell(bank)
        var own = (pages: Int(record.load(BankRecord.ownPages)), cells: Int(record.load(BankRecord.ownCells)))
        var child = CellID(rawValue: record.load(BankRecord.firstChild))
        while !child.isNone {
            if try world.objects.name(child, BankRecord.name).isEmpty {
                let more = try self.own(child)
                own.pages += more.pages
                own.cells += more.cells
            }
            child = try world.objects.link(child, BankRecord.nextSibling)
        }
        return own
    }
}

@Suite struct BankModelTests {
    @Test(arguments: [51, 52] as [UInt64]) func aTreeOfTwoHundredBanksCountsWhatTheModelCounts(seed: UInt64) throws {
        let world = try ModelledWorld(seed: seed)
        for step in 0..<5_000 {
            let place = "seed \(seed), step \(step)"
            try world.act()
            try world.compare(place)
            if step % 100 == 0 {
                do { try world.world.check() } catch { Issue.record("\(place): \(error)") }
            }
        }
        #expect(world.refusals > 100 && world.kills > 3 && world.destructions > 25)
        try world.finish()
    }

    /// One world, 20,000 operations that lasted, and a `kill -9` at a moment of its choice to each of the processes that did
    /// them. What a process finds when it opens the world is what the model was at a checkpoint.
    @Test func killedAtRandomMomentsACountIsThatOfACheckpoint() async throws {
        let folder = try ModelledWorld(seed: 60).leave()
        defer { TestWorld.removeTree(folder) }
        var generator = SeededGenerator(seed: 61)
        var steps = 0
        var kills = 0
        while steps < 20_000 {
            let microseconds = UInt32.random(in: 20_000...600_000, using: &generator)
            await #expect(processExitsWith: .signal(SIGKILL), "life \(kills), see \(folder)/problem") {
                [folder = folder as String, life = UInt64(kills) as UInt64, microseconds = microseconds as UInt32] in
                do {
                    let world = try ModelledWorld(at: folder, seed: 1_000 + life)
                    try world.compare("life \(life), opened")
                    try world.world.check()
                    Task.detached {
                        usleep(microseconds)
                        kill(getpid(), SIGKILL)
                    }
                    while true {
                        for _ in 0..<8 { try world.act() }
                        try world.compare("life \(life), step \(world.model.steps)")
                    }
                } catch {
                    try Data("\(error)".utf8).write(to: URL(filePath: "\(folder)/problem"))
                    exit(1)
                }
            }
            let problem = try? String(decoding: Data(contentsOf: URL(filePath: "\(folder)/problem")), as: UTF8.self)
            try #require(problem == nil)
            kills += 1
            let world = try ModelledWorld(at: folder, seed: 0)
            steps = world.model.steps
            if steps >= 20_000 {
                #expect(world.model.banks.count > 50)
                try world.finish()
            }
            try world.world.leave()
            try #require(kills < 1_000, "\(steps) operations lasted")
        }
        #expect(kills > 10)
    }
}
