// Ids of what the store's pages hold: pages by number, strips by their first page, cells by pot and slot.
// `specs/objects.md`, "Page ids". Nothing here touches the store.

import Store

/// Where regions of page numbers begin.
package enum Region {
    /// Bits of a page number that are used.
    package static let numberBits: UInt64 = 42
    /// Strips that there can be.
    package static let strips: UInt64 = 1 << 33
    /// First page of the strip map.
    package static let stripMap: UInt64 = 1 << 41
    /// First page of the strip map's directory.
    package static let stripMapDirectory: UInt64 = (1 << 41) + (1 << 39)
    /// First page of the process table.
    package static let processTable: UInt64 = (1 << 41) + (1 << 40)
    /// First page of the process table's directory.
    package static let processTableDirectory: UInt64 = (1 << 41) + (1 << 40) + (1 << 39)
}

extension PageID {
    /// The page of this number in the first branch. `number` is below 2^42.
    @inlinable package init(number: UInt64) { self.init(rawValue: number) }

    /// The number within the branch.
    @inlinable package var number: UInt64 { rawValue & 0x0000_FFFF_FFFF_FFFF }

    /// The world page.
    @inlinable package static var world: PageID { PageID(number: 0) }
}

/// 256 consecutive pages, named by the first of them.
@usableFromInline package struct StripID: Hashable, Sendable {
    /// The raw id of the first page, a multiple of 256.
    @usableFromInline package let rawValue: UInt64

    @inlinable package init(rawValue: UInt64) { self.rawValue = rawValue }

    /// The strip that holds `page`.
    @inlinable package init(holding page: PageID) { rawValue = page.rawValue & ~0xFF }

    /// From a record's field: first page plus one, 0 for none.
    @inlinable package init?(stored: UInt64) {
        guard stored != 0 else { return nil }
        rawValue = stored - 1
    }

    /// As a record's field.
    @inlinable package var stored: UInt64 { rawValue + 1 }

    /// How many strips were bought before it.
    @inlinable package var index: UInt64 { (rawValue & 0x0000_FFFF_FFFF_FFFF) >> 8 }

    /// Page `index` (0 to 255) of it.
    @inlinable package func page(_ index: Int) -> PageID { PageID(rawValue: rawValue + UInt64(index)) }
}

/// A cell: a slot in a pot. 0 is no cell.
@usableFromInline package struct CellID: Hashable, Sendable, CustomStringConvertible {
    @usableFromInline package let rawValue: UInt64

    @inlinable package init(rawValue: UInt64) { self.rawValue = rawValue }

    /// `slot` is 0 to 63.
    @inlinable package init(pot: PageID, slot: Int) {
        rawValue = (pot.rawValue & 0xFFFF_0000_0000_0000) | (pot.number << 6) | UInt64(slot)
    }

    @inlinable package static var none: CellID { CellID(rawValue: 0) }

    @inlinable package var isNone: Bool { rawValue == 0 }

    /// The page that it lies in.
    @inlinable package var pot: PageID {
        PageID(rawValue: (rawValue & 0xFFFF_0000_0000_0000) | ((rawValue & 0x0000_FFFF_FFFF_FFFF) >> 6))
    }

    @inlinable package var slot: Int { Int(rawValue & 63) }

    @usableFromInline package var description: String { "cell \(pot.number)/\(slot)" }
}
