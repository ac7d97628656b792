// The whole-world consistency check behind `keyvm fsck`: everything that a counter, a list or a bitmap says is counted
// again from what it stands for. Each problem names its invariant (`specs/invariants.md`) and its object.

import Kernel
import Objects
import Store

extension World {
    func check() throws -> FsckAnswer {
        if access == .host {
            // What a publication under way takes away is in the store until it is over.
            try settleWhenOver()
            try machine.saveAll()
        }
        defer { Self.progress.end() }
        var checker = Checker(world: self)
        try checker.run()
        return FsckAnswer(
            problems: checker.problems, pending: checker.pending, unreachable: checker.unreachable,
            unreachableCount: checker.unreachableCount, pages: checker.pages, cells: checker.cells, keys: checker.keys,
            banks: UInt64(checker.banks.count))
    }
}

/// One pass over a world. Bounded lists are followed no further than there are cells, so that a loop is found.
struct Checker {
    typealias Problem = FsckAnswer.Problem
    /// More problems than this are not listed one by one.
    private static let problemBound = 1000

    let world: World
    var objects: Objects { world.objects }
    var problems: [Problem] = []
    /// What is left of banks that were destroyed.
    var pending: [FsckAnswer.Pending] = []
    /// What nobody can reach.
    var unreachable: [FsckAnswer.Unreachable] = []
    var unreachableCount: UInt64 = 0
    /// The banks on the queue of those that are going.
    var goingBanks: Set<CellID> = []
    var pages: UInt64 = 0
    var cells: UInt64 = 0
    var keys: UInt64 = 0
    /// What belongs to each bank, counted.
    var ownPages: [CellID: UInt64] = [:]
    var ownCells: [CellID: UInt64] = [:]
    var boughtCells: [CellID: UInt32] = [:]
    /// Pages that programs bought.
    var dataPages: [PageID] = []
    var strips: [CellID: Set<UInt64>] = [:]
    /// Pages of the spaces of each process, instance and module, and the bank of one of them.
    var spacePages: [CellID: (pages: UInt64, bank: CellID)] = [:]
    var banks: [CellID] = []
    var meters: [CellID] = []
    var processes: [CellID] = []
    /// Those on the list of all.
    var listedProcesses: Set<CellID> = []
    var modules: [CellID] = []
    var instances: [CellID] = []
    /// Those that stand on a process's list.
    var listedInstances: Set<CellID> = []
    /// What every cell in use is. Links are followed to what is in here only: the rest may be no cell at all.
    var kinds: [CellID: CellKind] = [:]
    /// The pots that have an unused slot.
    var potsWithRoom: [PotList: Set<PageID>] = [:]

    init(world: World) { self.world = world }

    mutating func run() throws {
        try part { try $0.checkStore() }
        try part { try $0.checkStrips() }
        try part { try $0.checkGoing() }
        try part { try $0.checkBanks() }
        try part { try $0.checkPotLists() }
        try part { try $0.checkMeters() }
        try part { try $0.checkTrees() }
        try part { try $0.checkProcesses() }
        try part { try $0.checkQueues() }
        try part { try $0.checkInvocations() }
        try part { try $0.checkKeepers() }
        try part { try $0.checkModules() }
        try part { try $0.checkWorkingSet() }
        try part { try $0.checkReach() }
    }

    /// One part of the check. Damage that it cannot go on from is a problem like others, and the next part begins.
    private mutating func part(_ body: (inout Checker) throws -> Void) throws {
        try world.checkIsWaitedFor()
        do {
            try body(&self)
        } catch ObjectsError.damaged(let invariant, let object, let text) {
            report(invariant, object, text)
        }
    }

    mutating func report(_ invariant: String, _ object: String, _ text: String) {
        guard problems.count < Self.problemBound else { return }
        problems.append(Problem(invariant: invariant, object: object, text: text))
    }

    /// The store's own invariants: every index entry, directory and checksum.
    private mutating func checkStore() throws {
        for problem in try world.store.verify(progress: { World.progress.set($0, of: $1, in: 0...0.5) }) {
            report("STORE-4", problem.damage.place.description, problem.description)
        }
    }

    // MARK: Strips, pages, cells

    private mutating func checkStrips() throws {
        try checkTable(.processTable, "process table")
        let mapPages = try checkTable(.stripMap, "strip map")
        for (done, page) in mapPages.enumerated() {
            World.progress.set(UInt64(done), of: UInt64(mapPages.count), in: 0.5...0.9)
            try world.checkIsWaitedFor()
            for strip in Objects.strips(ofPage: page) { try checkStrip(strip) }
        }
        try checkStoredPages()
    }

    /// TABLE-1. Returns the pages that can be read.
    @discardableResult
    private mutating func checkTable(_ table: KernelTable, _ name: String) throws -> [UInt64] {
        let next = try objects.world(table.next)
        let last = next / table.perPage
        var there: [UInt64] = []
        var directoryPages: UInt64 = 0
        while try directoryPages < objects.world(table.directoryPages),
            try isReadable(PageID(number: table.firstOfDirectory + directoryPages))
        {
            there += try objects.pages(of: table, inDirectoryPage: directoryPages)
            directoryPages += 1
        }
        let count = UInt64(there.count) + directoryPages
        ownPages[try world.kernel.rootBank, default: 0] += count
        pages += count
        let counted = try objects.world(table.pages)
        if counted != there.count {
            report("TABLE-1", name, "\(there.count) pages of it are there, and \(counted) are counted")
        }
        if directoryPages > last / KernelTable.perDirectoryPage + 1 {
            report("TABLE-1", name, "its directory has \(directoryPages) pages, and \(next) entries were used")
        }
        there = try there.filter { try isReadable(PageID(number: table.first + $0)) }
        for page in there {
            let id = PageID(number: table.first + page)
            let entries = UnsafeRawBufferPointer(start: try objects.read(id), count: 4096)
            let bytes = 4096 / Int(table.perPage)
            let unused = page < last ? 4096 : page > last ? 0 : Int(next % table.perPage) * bytes
            if entries[unused...].contains(where: { $0 != 0 }) {
                report("TABLE-1", name, "an entry of page \(page) is in use, and the next one is \(next)")
            }
            if page < last && !entries.contains(where: { $0 != 0 }) {
                report("TABLE-1", name, "page \(page) is there, and nothing of it is in use")
            }
        }
        return there
    }

    private mutating func checkStrip(_ strip: StripID) throws {
        let record = try objects.record(of: strip)
        let bank = CellID(rawValue: record.load(StripRecord.bank))
        let allocated = record.load(StripRecord.allocated)
        let written = record.load(StripRecord.written)
        if zip(allocated, written).contains(where: { $1 & ~$0 != 0 }) {
            report("STRIP-2", "strip \(strip.index)", "a page is written that is not allocated")
        }
        guard !bank.isNone else {
            if allocated.contains(where: { $0 != 0 }) {
                report("STRIP-1", "strip \(strip.index)", "it has pages and no bank")
            }
            return
        }
        strips[bank, default: []].insert(strip.rawValue)
        let use = StripUse(rawValue: record.load(StripRecord.use))
        let owner = CellID(rawValue: record.load(StripRecord.owner))
        for page in 0..<256 where allocated[page / 8] >> UInt8(page % 8) & 1 == 1 {
            pages += 1
            ownPages[bank, default: 0] += 1
            if use == .data { dataPages.append(strip.page(page)) }
            if use == .space || use == .spaceMap { spacePages[owner, default: (0, bank)].pages += 1 }
            if written[page / 8] >> UInt8(page % 8) & 1 == 1 {
                // Reading verifies presence and checksum.
                guard try isReadable(strip.page(page)) else { continue }
                if use == .pots, strip.page(page) != .world { try checkPot(strip.page(page), bank: bank) }
            }
        }
    }

    /// Whether a written page is there; the store verifies its checksum, and its own check has named a bad one already.
    private mutating func isReadable(_ page: PageID) throws -> Bool {
        let failure: ObjectsError?
        do throws(ObjectsError) {
            _ = try objects.read(page)
            failure = nil
        } catch {
            failure = error
        }
        guard let failure else { return true }
        if case .damaged(let invariant, let object, let text) = failure { report(invariant, object, text) }
        return false
    }

    private mutating func checkPot(_ page: PageID, bank: CellID) throws {
        let pot = try objects.read(page)
        let name = "pot \(page.number)"
        var found: [(CellID, CellKind)] = []
        var breaches: [Breach] = []
        PotCheck.forEachCell(of: pot, id: page) { cell, kind, _ in
            found.append((cell, kind))
        } breach: {
            breaches.append($0)
        }
        for breach in breaches { report(breach.invariant, breach.object, breach.text) }
        guard let cellClass = PotCheck.cellClass(of: pot) else { return }
        if pot.load(Pot.bank) != bank.rawValue { report("POT-4", name, "its bank is not its strip's") }
        if pot.load(Pot.used).nonzeroBitCount < cellClass.perPot {
            potsWithRoom[PotList(bank: bank, cellClass: cellClass), default: []].insert(page)
        }
        for (cell, kind) in found {
            cells += 1
            ownCells[bank, default: 0] += 1
            kinds[cell] = kind
            switch kind {
            case .bank: banks.append(cell)
            case .meter: meters.append(cell)
            case .process: processes.append(cell)
            case .module: modules.append(cell)
            case .instance: instances.append(cell)
            case .node, .forwarder: boughtCells[bank, default: 0] += 1
            }
        }
    }

    /// Every page that the store has is one that somebody wrote.
    private mutating func checkStoredPages() throws {
        var orphans: [PageID] = []
        let objects = objects
        let sold = objects.soldPages
        try world.store.forEachPage(in: PageID(rawValue: 0)...PageID(rawValue: .max)) { id in
            // What cannot be told has been named already.
            if (try? objects.wasWritten(id)) ?? true || sold.contains(id) { return true }
            orphans.append(id)
            return orphans.count < 100
        }
        for id in orphans {
            report("OBJ-4", "page \(id.number)", "the store has it and nobody wrote it")
        }
    }

    // MARK: Banks and meters

    private mutating func checkBanks() throws {
        let root = try world.kernel.rootBank
        var used: [CellID: (pages: UInt64, cells: UInt64)] = [:]
        var depths: [(bank: CellID, depth: Int)] = []
        for bank in banks {
            let record = try objects.cell(bank)
            let name = "bank \(record.load(BankRecord.name))"
            let own = ownPages[bank, default: 0]
            if record.load(BankRecord.ownPages) != own {
                report("BANK-1", name, "it counts \(record.load(BankRecord.ownPages)) own pages and has \(own)")
            }
            if record.load(BankRecord.ownCells) != ownCells[bank, default: 0] {
                report(
                    "BANK-1", name,
                    "it counts \(record.load(BankRecord.ownCells)) own cells and has \(ownCells[bank, default: 0])")
            }
            let bought = record.load(BankRecord.boughtCells)
            if bought != boughtCells[bank, default: 0] {
                report(
                    "BANK-1", name, "it counts \(bought) nodes and forwarders and has \(boughtCells[bank, default: 0])")
            }
            var each = bank
            var depth = 0
            while !each.isNone && depth <= banks.count {
                guard kinds[each] == .bank else {
                    report("BANK-3", name, "what is above it is no bank")
                    break
                }
                each = try objects.link(each, BankRecord.parent)
                depth += 1
            }
            if depth > banks.count { report("BANK-3", name, "its ancestors form a loop") }
            used[bank] = (own, ownCells[bank, default: 0])
            depths.append((bank, depth))
            if bank != root, !isCutOff(record), record.load(BankRecord.parent) == 0 {
                report("BANK-3", name, "it has no parent")
            }
            let isMarked = record.load(BankRecord.flags) & BankRecord.isGoing != 0
            if isMarked != goingBanks.contains(bank) {
                report("BANK-3", name, "it is \(isMarked ? "not " : "")in the queue of those that are going")
            }
            try checkStripList(bank, name)
        }
        // The deepest first, so that what is below a bank is counted before it.
        for (bank, _) in depths.sorted(by: { $0.depth > $1.depth }) {
            let parent = try objects.link(bank, BankRecord.parent)
            guard kinds[parent] == .bank, let (pages, cells) = used[bank] else { continue }
            let (sum, overflow) = used[parent, default: (0, 0)].pages
                .addingReportingOverflow(max(pages, try objects.get(bank, BankRecord.reservePages)))
            used[parent, default: (0, 0)].pages = overflow ? .max : sum
            used[parent, default: (0, 0)].cells &+= cells
        }
        for bank in banks {
            let record = try objects.cell(bank)
            let name = "bank \(record.load(BankRecord.name))"
            if record.load(BankRecord.usedPages) != used[bank]?.pages {
                report(
                    "BANK-1", name,
                    "it counts \(record.load(BankRecord.usedPages)) pages and \(used[bank]?.pages ?? 0) are there")
            }
            if record.load(BankRecord.usedCells) != used[bank]?.cells {
                report(
                    "BANK-1", name,
                    "it counts \(record.load(BankRecord.usedCells)) cells and \(used[bank]?.cells ?? 0) are there")
            }
        }
        for bank in ownPages.keys where kinds[bank] != .bank {
            report("STRIP-1", "\(bank)", "pages belong to a bank that is not there")
        }
    }

    private mutating func checkStripList(_ bank: CellID, _ name: String) throws {
        var listed: Set<UInt64> = []
        var next = StripID(stored: try objects.get(bank, BankRecord.firstStrip))
        while let strip = next, listed.insert(strip.rawValue).inserted {
            next = StripID(stored: try objects.record(of: strip).load(StripRecord.next))
        }
        if listed != strips[bank, default: []] {
            report(
                "STRIP-1", name,
                "\(listed.count) strips are on its list and \(strips[bank, default: []].count) are its own")
        }
        // Of one that is going nothing is bought any more.
        guard try objects.get(bank, BankRecord.flags) & BankRecord.isGoing == 0 else { return }
        for (use, field) in [(StripUse.pots, BankRecord.potStrip), (.data, BankRecord.dataStrip)] {
            guard let strip = StripID(stored: try objects.get(bank, field)) else { continue }
            let isOwn = listed.contains(strip.rawValue)
            guard try !isOwn || objects.record(of: strip).load(StripRecord.use) != use.rawValue else { continue }
            report("STRIP-3", name, "its next page comes from strip \(strip.index), which is not for that")
        }
    }

    private mutating func checkMeters() throws {
        var below: [CellID: UInt64] = [:]
        for meter in meters {
            let record = try objects.cell(meter)
            let parent = CellID(rawValue: record.load(MeterRecord.parent))
            if !parent.isNone { below[parent, default: 0] += record.load(MeterRecord.gasUsed) }
        }
        for meter in meters where try objects.get(meter, MeterRecord.gasUsed) < below[meter, default: 0] {
            report("METER-1", "meter \(try objects.name(meter, MeterRecord.name))", "its children used more than it")
        }
    }
}
