// What the layers above decide about purchases besides the limits of banks.

/// A bank's counts, as a policy is told them. `limit…` nil: none.
package struct BankCounts: Sendable, Hashable {
    package let name: String
    package let limitPages: UInt64?
    package let limitCells: UInt64?
    package let usedPages: UInt64
    package let usedCells: UInt64
    package let ownPages: UInt64
    package let ownCells: UInt64
    package let reservePages: UInt64

    init(_ record: UnsafeRawPointer) {
        name = record.load(BankRecord.name)
        let (pages, cells) = (record.load(BankRecord.limitPages), record.load(BankRecord.limitCells))
        limitPages = pages == .max ? nil : pages
        limitCells = cells == .max ? nil : cells
        usedPages = record.load(BankRecord.usedPages)
        usedCells = record.load(BankRecord.usedCells)
        ownPages = record.load(BankRecord.ownPages)
        ownCells = record.load(BankRecord.ownCells)
        reservePages = record.load(BankRecord.reservePages)
    }
}

/// Pages and cells that the first of the banks may buy now, whatever the limits say; nil: as much as they do. The others are
/// those above it, up to the root.
package typealias BankPolicyRule = @Sendable ([BankCounts]) -> (pages: UInt64?, cells: UInt64?)

extension Objects {
    /// The bank and those above it, as a policy sees them. O(depth).
    func chain(from bank: CellID) throws(ObjectsError) -> [BankCounts] {
        var views: [BankCounts] = []
        var each = bank
        while !each.isNone {
            let record = try cell(each)
            views.append(BankCounts(record))
            each = CellID(rawValue: record.load(BankRecord.parent))
        }
        return views
    }

    /// Throws `bankExhausted` where the policy, if there is one, does not let the bank buy so much.
    func checkPolicy(_ bank: CellID, pages: UInt64, cells: UInt64) throws(ObjectsError) {
        guard let bankPolicy, pages > 0 || cells > 0 else { return }
        let room = bankPolicy(try chain(from: bank))
        let record = try cell(bank)
        if let most = room.pages, pages > most {
            throw .bankExhausted(
                BankRefusal(
                    bank: bank, unit: .pages, limit: record.load(BankRecord.limitPages),
                    used: record.load(BankRecord.usedPages), asked: pages, isByPolicy: true))
        }
        if let most = room.cells, cells > most {
            throw .bankExhausted(
                BankRefusal(
                    bank: bank, unit: .cells, limit: record.load(BankRecord.limitCells),
                    used: record.load(BankRecord.usedCells), asked: cells, isByPolicy: true))
        }
    }
}
