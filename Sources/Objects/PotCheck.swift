// What must hold of a pot by itself: the part of its invariants that its own bytes show. Used where everything is checked and where
// a checkpoint is, before it becomes durable.

import Store

/// What does not hold.
package struct Breach: Sendable, Equatable {
    package let invariant: String
    package let object: String
    package let text: String

    package init(_ invariant: String, _ object: String, _ text: String) {
        self.invariant = invariant
        self.object = object
        self.text = text
    }
}

package enum PotCheck {
    /// The class of a pot's cells; nil where the page is no pot.
    package static func cellClass(of pot: UnsafeRawPointer) -> CellClass? {
        guard pot.load(ByteField(0, Pot.magic.count)) == Pot.magic else { return nil }
        return CellClass(rawValue: pot.load(Pot.cellClass))
    }

    /// Goes through a pot's slots: what is used goes to `found`, what is wrong to `breach`.
    package static func forEachCell(
        of pot: UnsafeRawPointer, id: PageID, found: (CellID, CellKind, UnsafeRawPointer) -> Void,
        breach: (Breach) -> Void
    ) {
        guard let cellClass = cellClass(of: pot) else {
            return breach(Breach("POT-3", "pot \(id.number)", "a single page that is no pot"))
        }
        let used = pot.load(Pot.used)
        if used >> UInt64(cellClass.perPot) != 0 {
            breach(Breach("POT-1", "pot \(id.number)", "slots are used that there are not"))
        }
        for slot in 0..<cellClass.perPot {
            let cell = CellID(pot: id, slot: slot)
            let record = pot + Pot.headerBytes + slot * cellClass.bytes
            let kind = record.load(CellHeader.kind)
            if used >> UInt64(slot) & 1 == 0 {
                let rest = UnsafeRawBufferPointer(start: record + 4, count: cellClass.bytes - 4)
                if rest.contains(where: { $0 != 0 }) {
                    breach(Breach("POT-2", "\(cell)", "an unused slot is not zero"))
                }
                continue
            }
            // A slot whose generations are used up.
            if kind == 0 && record.load(CellHeader.generation) == .max { continue }
            guard let kind = CellKind(rawValue: kind), kind.cellClass == cellClass else {
                breach(Breach("POT-5", "\(cell)", "a used slot of kind \(kind)"))
                continue
            }
            found(cell, kind, record)
        }
    }
}
