// The part of the consistency check that is about banks which are going: their queue, and what is left of them.

import Kernel
import Objects
import Store

extension Checker {
    /// BANK-3: the queue leads from its first to its last and back, through banks that say that they are on it.
    mutating func checkGoing() throws {
        var previous = CellID.none
        var each = CellID(rawValue: try objects.world(WorldPage.goingFirst))
        while !each.isNone {
            guard kinds[each] == .bank, goingBanks.insert(each).inserted else {
                report("BANK-3", "\(each)", "the queue of banks that are going leads to what is none, or in a circle")
                return
            }
            let record = try objects.cell(each)
            if record.load(BankRecord.goingPrevious) != previous.rawValue {
                report("BANK-3", "\(each)", "the queue of banks that are going does not lead back from it")
            }
            let name = record.load(BankRecord.name)
            let pages = record.load(BankRecord.usedPages)
            let cells = record.load(BankRecord.usedCells)
            let parent = CellID(rawValue: record.load(BankRecord.parent))
            let next = CellID(rawValue: record.load(BankRecord.goingNext))
            // One that returns has no name any more; a destroyed one is below nobody.
            let text = try name.isEmpty ? "returning to \(world.kernel.path(ofBank: parent))" : name
            pending.append(FsckAnswer.Pending(bank: text, pages: pages, cells: cells))
            previous = each
            each = next
        }
        if try objects.world(WorldPage.goingLast) != previous.rawValue {
            report("BANK-3", "world page", "the queue's last bank is not the one that it names")
        }
    }

    /// Whether a bank was destroyed, so that it stands below no other.
    func isCutOff(_ bank: UnsafeRawPointer) -> Bool { bank.load(BankRecord.flags) & BankRecord.isDestroyed != 0 }

    /// Whether the bank that pays for a cell was destroyed, or one above it.
    func isOfGoingBank(_ cell: CellID) throws -> Bool {
        try world.kernel.isGoing(bank: objects.payer(of: cell))
    }
}
