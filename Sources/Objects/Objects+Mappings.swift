// What is mapped into the memory that an instance defines: for each page its own, a page of somebody else's by its key, or none. The
// instance's space of mappings has 16 bytes for each (`specs/objects.md`, "Mappings").

import Store

/// What lies at a page of a memory.
package enum Mapping: Sendable, Equatable {
    /// The memory's own page.
    case own
    /// The page that the key leads to, within its rights.
    case page(Key)
    /// Nothing: whoever reads or writes it faults.
    case hole
}

extension Objects {
    private static let mappingsPerPage: UInt64 = 256
    /// In an entry of a kind that leads nowhere: it is a hole.
    private static let holeMark: UInt8 = 1

    /// Whether something was ever mapped into the memory that an instance defines.
    package func hasMappings(_ instance: CellID) throws(ObjectsError) -> Bool {
        let record = try cell(instance)
        let offset = InstanceRecord.mappingSpace
        return record.load(Field<UInt64>(offset)) != 0 || record.load(Field<UInt64>(offset + 8)) != 0
    }

    /// What lies at page `page` of the memory that an instance defines.
    package func mapping(of instance: CellID, page: UInt64) throws(ObjectsError) -> Mapping {
        guard try hasMappings(instance), let place = try readablePlace(ofMapping: page, of: instance) else {
            return .own
        }
        let key = place.loadKey(at: 0)
        if key.kind == .page { return .page(key) }
        return key.rights == Self.holeMark ? .hole : .own
    }

    /// Sets it. What it takes is bought from the bank. Throws `bankExhausted`, and then nothing has changed.
    package func setMapping(
        of instance: CellID, page: UInt64, to mapping: Mapping, bank: CellID
    ) throws(ObjectsError) {
        let key: Key
        switch mapping {
        case .own:
            guard try hasMappings(instance), try readablePlace(ofMapping: page, of: instance) != nil else { return }
            key = .void
        case .page(let mapped): key = mapped
        case .hole: key = Key(.void, rights: Self.holeMark)
        }
        let index = page / Self.mappingsPerPage
        let id = try buyPage(index, of: Space(.mappings, of: instance), bank: bank)
        try write(id).store(key, at: Self.offset(page))
    }

    /// Calls `body` with every page of the memory which an instance defines at which another is mapped, and that one's key. O(pages of
    /// mappings).
    package func forEachMapped(of instance: CellID, _ body: (UInt64, Key) throws -> Void) throws {
        guard try hasMappings(instance) else { return }
        for strip in try strips(of: Space(.mappings, of: instance)) {
            for index in try record(of: strip).setBits(of: StripRecord.allocated) {
                for entry in 0..<Int(Self.mappingsPerPage) {
                    let key = try read(strip.page(index)).loadKey(at: Key.bytes * entry)
                    guard key.kind == .page else { continue }
                    let base = try UInt64(record(of: strip).load(StripRecord.spaceMiB)) * 256
                    try body((base + UInt64(index)) * Self.mappingsPerPage + UInt64(entry), key)
                }
            }
        }
    }

    private func readablePlace(ofMapping page: UInt64, of instance: CellID) throws(ObjectsError) -> UnsafeRawPointer? {
        guard let id = try self.page(page / Self.mappingsPerPage, of: Space(.mappings, of: instance)) else {
            return nil
        }
        return try read(id) + Self.offset(page)
    }

    private static func offset(_ page: UInt64) -> Int { Key.bytes * Int(page % mappingsPerPage) }
}
