// A plain model of a tree of banks: what each holds is a list, what it counts is a sum over lists. Knows nothing of pages'
// ids, strips or queues; only that cells lie in pots, which go with their last cell. A value, so that a kill is an assignment.

import Kernel
import Objects
import Store

struct BankModel: Codable {
    struct Holdings: Codable {
        var pages: [PageID] = []
        var cells: [CellID] = []
        /// Spaces by owner, and which of their pages were bought.
        var spaces: [CellID: Set<UInt64>] = [:]
        /// The pots of each class (nodes, processes, records), and how many cells are in each.
        var pots: [CellClass: [PageID: Int]] = [:]

        var ownPages: Int {
            pages.count + pots.values.reduce(0) { $0 + $1.count }
                + spaces.values.reduce(0) { $0 + $1.count + ($1.contains { $0 >= 256 } ? 1 : 0) }
        }
        var ownCells: Int { pots.values.reduce(0) { $0 + $1.values.reduce(0, +) } }

        /// Pages that one more cell takes.
        func potPages(_ cellClass: CellClass) -> Int {
            pots[cellClass, default: [:]].values.allSatisfy { $0 == cellClass.perPot } ? 1 : 0
        }

        mutating func addCell(_ cell: CellID, _ cellClass: CellClass) {
            pots[cellClass, default: [:]][cell.pot, default: 0] += 1
        }

        mutating func dropCell(_ cell: CellID, _ cellClass: CellClass) {
            let left = (pots[cellClass]?[cell.pot] ?? 0) - 1
            pots[cellClass]?[cell.pot] = left == 0 ? nil : left
        }

        mutating func take(_ other: Holdings) {
            pages += other.pages
            cells += other.cells
            spaces.merge(other.spaces) { $0.union($1) }
            pots.merge(other.pots) { $0.merging($1, uniquingKeysWith: +) }
        }
    }

    struct Bank: Codable {
        var parent: Int?
        var holdings = Holdings()
        var limitPages: Int?
        var limitCells: Int?
        var reserve = 0
        /// The bank whose own its record is.
        var payer: Int?
    }

    var banks: [Int: Bank] = [:]
    /// Destroyed banks whose records are still there, and who pays for them.
    var pending: [CellID: Int] = [:]
    var nextName = 1
    /// What was done to the world so far.
    var steps = 0
    /// The kernel's pages, which are the root's.
    var kernelPages = 0

    func children(of bank: Int) -> [Int] { banks.filter { $0.value.parent == bank }.map(\.key) }

    func ownPages(_ bank: Int) -> Int { (banks[bank]?.holdings.ownPages ?? 0) + (bank == 0 ? kernelPages : 0) }

    /// Pages that each bank uses: its own, and of each below it the greater of use and reserve.
    func usedPages() -> [Int: Int] {
        sums {
            ownPages($0)
        } floor: {
            banks[$0]?.reserve ?? 0
        }
    }

    func usedCells() -> [Int: Int] {
        sums {
            banks[$0]?.holdings.ownCells ?? 0
        } floor: { _ in
            0
        }
    }

    private func sums(own: (Int) -> Int, floor: (Int) -> Int) -> [Int: Int] {
        var sums: [Int: Int] = [:]
        var below: [Int: [Int]] = [:]
        for (bank, each) in banks { if let parent = each.parent { below[parent, default: []].append(bank) } }
        func sum(_ bank: Int) -> Int {
            let total = own(bank) + below[bank, default: []].reduce(0) { $0 + max(sum($1), floor($1)) }
            sums[bank] = total
            return total
        }
        _ = sum(0)
        return sums
    }

    /// Whether the bank and all above it would sell so much.
    func hasRoom(_ bank: Int, pages: Int, cells: Int) -> Bool {
        let usedPages = usedPages()
        let usedCells = usedCells()
        var asked = pages
        var each: Int? = bank
        while let here = each, let record = banks[here] {
            let used = usedPages[here] ?? 0
            if asked > 0, let limit = record.limitPages, used + asked > limit { return false }
            if cells > 0, let limit = record.limitCells, (usedCells[here] ?? 0) + cells > limit { return false }
            asked -= min(asked, max(0, record.reserve - used))
            each = record.parent
        }
        return true
    }

    /// A bank and all below it.
    func subtree(_ bank: Int) -> [Int] { [bank] + children(of: bank).flatMap(subtree) }

    /// The record of a bank is gone, whose cell it was has it no more.
    mutating func dropRecord(_ record: CellID, of payer: Int) {
        banks[payer]?.holdings.dropCell(record, .record)
    }

    mutating func destroy(_ bank: Int, cell: CellID) {
        let gone = subtree(bank)
        if let payer = banks[bank]?.payer { pending[cell] = payer }
        for each in gone { banks[each] = nil }
        // Records of banks that were destroyed before may lie in what goes now: those are done before it.
        pending = pending.filter { !gone.contains($0.value) }
    }

    mutating func giveToParent(_ bank: Int, cell: CellID) {
        guard let record = banks[bank], let parent = record.parent else { return }
        banks[parent]?.holdings.take(record.holdings)
        for child in children(of: bank) { banks[child]?.parent = parent }
        for each in banks.keys where banks[each]?.payer == bank { banks[each]?.payer = parent }
        pending = pending.mapValues { $0 == bank ? parent : $0 }
        if let payer = record.payer { pending[cell] = payer }
        banks[bank] = nil
    }
}

extension PageID: Codable {
    public init(from decoder: any Decoder) throws { self.init(rawValue: try UInt64(from: decoder)) }
    public func encode(to encoder: any Encoder) throws { try rawValue.encode(to: encoder) }
}

extension CellID: Codable {
    public init(from decoder: any Decoder) throws { self.init(rawValue: try UInt64(from: decoder)) }
    public func encode(to encoder: any Encoder) throws { try rawValue.encode(to: encoder) }
}

extension CellClass: Codable {}
