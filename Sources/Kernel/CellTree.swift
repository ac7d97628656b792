// Banks and meters stand in trees, each by the same fields of its record: which those are, as data.

import Objects

/// The fields that make records a tree: each but the root is once on the list of what is directly below its parent.
package struct CellTree: Sendable {
    package let kind: KeyKind
    package let parent: Field<UInt64>
    package let firstChild: Field<UInt64>
    package let next: Field<UInt64>
    package let previous: Field<UInt64>
    package let depth: Field<UInt32>
    package let flags: Field<UInt32>
    package let name: NameField

    package static let banks = CellTree(
        kind: .bank, parent: BankRecord.parent, firstChild: BankRecord.firstChild, next: BankRecord.nextSibling,
        previous: BankRecord.previousSibling, depth: BankRecord.depth, flags: BankRecord.flags, name: BankRecord.name)
    package static let meters = CellTree(
        kind: .meter, parent: MeterRecord.parent, firstChild: MeterRecord.firstChild, next: MeterRecord.nextSibling,
        previous: MeterRecord.previousSibling, depth: MeterRecord.depth, flags: MeterRecord.flags,
        name: MeterRecord.name)
}
