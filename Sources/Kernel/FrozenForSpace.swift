// Who is frozen for want of space, by the bank that they buy from, and what each of these banks waits for: a cache of the
// host's, so that a page that is sold costs what can go on because of it, and nothing for all others that stand still.
//
// FROZEN-2  The groups are the list of those frozen for space, each once, below its bank. A group that is not new to the
//           look has a bank that refuses a page, and goes on refusing while none of the banks that it waits for sells.

import Objects

struct FrozenForSpace {
    /// Processes by the bank that they buy from, with a number that grows in the order in which they froze.
    private var groups: [CellID: [CellID: UInt64]] = [:]
    private var bankOf: [CellID: CellID] = [:]
    private var nextNumber: UInt64 = 0
    /// The banks that each bank with a group waits for, and the other way around.
    private var awaited: [CellID: [CellID]] = [:]
    private var awaiting: [CellID: Set<CellID>] = [:]
    /// Banks with a group that nothing is known of yet.
    private var new: Set<CellID> = []

    mutating func add(_ process: CellID, bank: CellID) {
        groups[bank, default: [:]][process] = nextNumber
        bankOf[process] = bank
        nextNumber += 1
        new.insert(bank)
    }

    mutating func remove(_ process: CellID) {
        guard let bank = bankOf.removeValue(forKey: process) else { return }
        groups[bank]?[process] = nil
        guard groups[bank]?.isEmpty == true else { return }
        groups[bank] = nil
        new.remove(bank)
        awaitNothing(bank)
    }

    /// A process has another cell, or another bank: it keeps its place.
    mutating func replace(_ process: CellID, by moved: CellID, bank: CellID) {
        guard let old = bankOf[process], let number = groups[old]?[process] else { return }
        remove(process)
        groups[bank, default: [:]][moved] = number
        bankOf[moved] = bank
        new.insert(bank)
    }

    /// The banks that may sell to somebody now, once these have sold.
    mutating func banksToLookAt(sold: Set<CellID>) -> [CellID] {
        for bank in sold { new.formUnion(awaiting[bank] ?? []) }
        return Array(new)
    }

    /// A bank that was looked at refuses for as long as these do not sell; where there are none, it is looked at each time.
    mutating func note(_ bank: CellID, awaits banks: [CellID]) {
        awaitNothing(bank)
        if banks.isEmpty { return }
        new.remove(bank)
        awaited[bank] = banks
        for each in banks { awaiting[each, default: []].insert(bank) }
    }

    private mutating func awaitNothing(_ bank: CellID) {
        for each in awaited.removeValue(forKey: bank) ?? [] {
            awaiting[each]?.remove(bank)
            if awaiting[each]?.isEmpty == true { awaiting[each] = nil }
        }
    }

    /// The processes of a bank, with the numbers that tell which froze first.
    func group(of bank: CellID) -> [CellID: UInt64] { groups[bank] ?? [:] }
}
