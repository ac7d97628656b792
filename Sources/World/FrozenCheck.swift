// What is looked at of a freeze before it becomes durable: that which its own pages show, without any other, so that the writer's
// thread can do it and the world does not wait (specs/invariants.md). A world that breaks one is not committed.
//
// CKPT-4  A publication breaks none of WORLD-3, POT-1, POT-2, POT-3, POT-5, BANK-1, PROC-2, STREAM-1 and STREAM-2 by its own pages, and
//         no counter of the world page goes back.

import Kernel
import Objects
import Store

/// A freeze that is not made durable, because an invariant does not hold in it.
package struct UncommittedWorld: Error {
    package let breach: Breach
}

/// Checks one freeze after the other; used by one thread at a time.
package final class FrozenCheck: @unchecked Sendable {
    private static let counters: [(name: String, field: Field<UInt64>)] = [
        ("gas clock", WorldPage.gasClock), ("turn", WorldPage.turn),
        ("number of the journal's records", WorldPage.journalNumber),
        ("next process id", WorldPage.nextProcess),
    ]
    private var last: [UInt64] = []

    package init() {}

    /// What is checked comes after this world page.
    package func begin(behind page: UnsafeRawPointer) { last = Self.counts(page) }

    private static func counts(_ page: UnsafeRawPointer) -> [UInt64] { counters.map { page.load($0.field) } }

    /// Throws the first that does not hold. O(cells in the pots that have changed).
    package func check(_ frozen: FrozenPages) throws(UncommittedWorld) {
        var first: Breach?
        func note(_ breach: Breach) { if first == nil { first = breach } }
        if let world = frozen.worldPage { checkWorld(world, note) }
        for pot in frozen.pots {
            PotCheck.forEachCell(of: pot.content, id: pot.id) { cell, kind, record in
                switch kind {
                case .bank: Self.checkBank(cell, record, note)
                case .process: Self.checkProcess(cell, record, note)
                case .meter, .module, .instance, .node, .forwarder: break
                }
            } breach: {
                note($0)
            }
        }
        if let first { throw UncommittedWorld(breach: first) }
    }

    private func checkWorld(_ page: UnsafeRawPointer, _ note: (Breach) -> Void) {
        if page.load(ByteField(0, 8)) != WorldPage.magic || page.load(WorldPage.format) != WorldPage.formatNumber {
            note(Breach("WORLD-3", "world page", "it is no world page of format \(WorldPage.formatNumber)"))
        }
        let counts = Self.counts(page)
        for (index, before) in last.enumerated() where counts[index] < before {
            note(
                Breach(
                    "CKPT-4", "world page",
                    "its \(Self.counters[index].name) goes back from \(before) to \(counts[index])"))
        }
        last = counts
    }

    private static func checkBank(_ bank: CellID, _ record: UnsafeRawPointer, _ note: (Breach) -> Void) {
        // One that was destroyed gives back what its own records still count.
        guard record.load(BankRecord.flags) == 0 else { return }
        for (name, own, used) in [
            ("pages", record.load(BankRecord.ownPages), record.load(BankRecord.usedPages)),
            ("cells", record.load(BankRecord.ownCells), record.load(BankRecord.usedCells)),
        ] where own > used {
            note(Breach("BANK-1", "bank \(bank)", "\(own) \(name) are its own and \(used) are used"))
        }
    }

    private static func checkProcess(_ process: CellID, _ record: UnsafeRawPointer, _ note: (Breach) -> Void) {
        let name = "process \(record.load(ProcessRecord.id))"
        let state = record.load(ProcessRecord.state)
        if RunState(rawValue: state) == nil { note(Breach("PROC-2", name, "its state is \(state)")) }
        if record.load(ProcessRecord.logOldest) > record.load(ProcessRecord.logNext)
            || record.load(ProcessRecord.logHead) > record.load(ProcessRecord.logTail)
        {
            note(Breach("STREAM-1", name, "its log ends before it begins"))
        }
        if record.load(ProcessRecord.inputRead) > record.load(ProcessRecord.inputWrite) {
            note(Breach("STREAM-2", name, "it has read more than there is"))
        }
    }
}
