// Spaces: paged arrays of bytes that belong to a process or a module. A MiB of a space is a strip, so a page's id
// follows from the strip's; which strip it is stands in the owner's record or, beyond the first MiB, in a map page.
// Pages are bought one by one, when they are first written; what was not bought reads as zeros.

import Store

/// A space: whose, and which.
package struct Space: Hashable, Sendable {
    package let owner: CellID
    package let kind: SpaceKind
    package init(_ kind: SpaceKind, of owner: CellID) {
        self.owner = owner
        self.kind = kind
    }
}

extension Objects {
    /// Pages in a MiB.
    private static let perStrip: UInt64 = 256
    /// Strips that a map page names.
    private static let perMapPage: UInt64 = 512

    /// The id of page `index` of the space, where it was bought.
    package func page(_ index: UInt64, of space: Space) throws(ObjectsError) -> PageID? {
        guard let strip = try strip(index / Self.perStrip, of: space) else { return nil }
        let bit = Int(index % Self.perStrip)
        return try record(of: strip).bit(bit, of: StripRecord.allocated) ? strip.page(bit) : nil
    }

    /// The id of page `index`, bought from `bank` now if it was not yet. Refused when the bank, or one above, is full.
    package func buyPage(_ index: UInt64, of space: Space, bank: CellID) throws(ObjectsError) -> PageID {
        let spaceMiB = index / Self.perStrip
        let bit = Int(index % Self.perStrip)
        if let strip = try strip(spaceMiB, of: space) {
            if try !record(of: strip).bit(bit, of: StripRecord.allocated) { try buy(bit, of: strip) }
            return strip.page(bit)
        }
        precondition(spaceMiB < Self.perStrip * Self.perMapPage, "a space has at most 128 GiB")
        try checkRoom(forPages: [index...index], of: space, bank: bank)
        let strip = try buyStrip(
            bank: bank, use: .space, owner: space.owner, space: space.kind.code, spaceMiB: UInt32(spaceMiB))
        try setStrip(spaceMiB, of: space, to: strip, bank: bank)
        try buy(bit, of: strip)
        return strip.page(bit)
    }

    /// Sells all that was bought of the space: contents, maps and strips.
    package func sell(_ space: Space) throws(ObjectsError) {
        for strip in try strips(of: space) { try sellStrip(strip) }
        if let map = StripID(stored: try get(space.owner, mapField(space))) { try sellStrip(map) }
        try set(space.owner, firstField(space), 0)
        try set(space.owner, mapField(space), 0)
    }

    /// The strips of the space's contents, in order of the MiB.
    package func strips(of space: Space) throws(ObjectsError) -> [StripID] {
        var found: [StripID] = []
        if let first = StripID(stored: try get(space.owner, firstField(space))) { found.append(first) }
        guard let map = StripID(stored: try get(space.owner, mapField(space))) else { return found }
        for mapPage in 0..<256 {
            guard try record(of: map).bit(mapPage, of: StripRecord.allocated) else { continue }
            let names = try read(map.page(mapPage))
            for entry in 0..<Int(Self.perMapPage) {
                if let strip = StripID(stored: names.load(Field<UInt64>(8 * entry))) { found.append(strip) }
            }
        }
        return found
    }

    /// Gives the space to another bank, and to another owner into whose record it was copied. Who is charged for the pages is
    /// the caller's affair.
    package func moveSpace(_ space: Space, to bank: CellID, owner: CellID) throws(ObjectsError) {
        for strip in try strips(of: space) { try moveStrip(strip, to: bank, owner: owner) }
        if let map = StripID(stored: try get(space.owner, mapField(space))) {
            try moveStrip(map, to: bank, owner: owner)
        }
    }

    /// Copies the pages of a space into one that has none. Throws `bankExhausted` where the bank has no room for them.
    package func copySpace(_ space: Space, to copy: Space, bank: CellID) throws(ObjectsError) {
        for strip in try strips(of: space) {
            let record = try record(of: strip)
            let first = UInt64(record.load(StripRecord.spaceMiB)) * Self.perStrip
            for index in record.setBits(of: StripRecord.allocated) {
                let bytes = [UInt8](UnsafeRawBufferPointer(start: try read(strip.page(index)), count: 4096))
                let target = try write(try buyPage(first + UInt64(index), of: copy, bank: bank))
                target.copyMemory(from: bytes, byteCount: 4096)
            }
        }
    }

    /// Strips that the space has, its map's included.
    package func countStrips(of space: Space) throws(ObjectsError) -> Int {
        try strips(of: space).count + (StripID(stored: try get(space.owner, mapField(space))) == nil ? 0 : 1)
    }

    /// How many pages of the space were bought, its maps included.
    package func countPages(of space: Space) throws(ObjectsError) -> UInt64 {
        var count = 0
        for strip in try strips(of: space) { count += try record(of: strip).countOfBits(of: StripRecord.allocated) }
        if let map = StripID(stored: try get(space.owner, mapField(space))) {
            count += try record(of: map).countOfBits(of: StripRecord.allocated)
        }
        return UInt64(count)
    }

    /// Checks that all pages of the runs that are not bought yet can be: the pages themselves and those of the space's
    /// map by the bank, those of the strip map by the root.
    private func checkRoom(
        forPages runs: [ClosedRange<UInt64>], of space: Space, bank: CellID
    ) throws(ObjectsError) {
        let map = StripID(stored: try get(space.owner, mapField(space)))
        var pages: Set<UInt64> = []
        var strips: Set<UInt64> = []
        var mapPages: Set<UInt64> = []
        for run in runs {
            for index in run where try page(index, of: space) == nil {
                pages.insert(index)
                let spaceMiB = index / Self.perStrip
                guard try strip(spaceMiB, of: space) == nil, strips.insert(spaceMiB).inserted, spaceMiB > 0 else {
                    continue
                }
                let mapPage = spaceMiB / Self.perMapPage
                if let map, try record(of: map).bit(Int(mapPage), of: StripRecord.allocated) { continue }
                mapPages.insert(mapPage)
            }
        }
        guard !pages.isEmpty else { return }
        let mapStrips = map == nil && !mapPages.isEmpty ? 1 : 0
        try checkRoom(
            bank, pages: UInt64(pages.count + mapPages.count),
            kernelPages: try stripMapGrowth(strips: UInt64(strips.count + mapStrips)))
    }

    private func firstField(_ space: Space) -> Field<UInt64> { Field(space.kind.offset) }
    private func mapField(_ space: Space) -> Field<UInt64> { Field(space.kind.offset + 8) }

    private func strip(_ spaceMiB: UInt64, of space: Space) throws(ObjectsError) -> StripID? {
        if spaceMiB == 0 { return StripID(stored: try get(space.owner, firstField(space))) }
        guard let map = StripID(stored: try get(space.owner, mapField(space))) else { return nil }
        let mapPage = Int(spaceMiB / Self.perMapPage)
        guard try record(of: map).bit(mapPage, of: StripRecord.allocated) else { return nil }
        let entry = Field<UInt64>(8 * Int(spaceMiB % Self.perMapPage))
        return StripID(stored: try read(map.page(mapPage)).load(entry))
    }

    private func setStrip(
        _ spaceMiB: UInt64, of space: Space, to strip: StripID, bank: CellID
    ) throws(ObjectsError) {
        if spaceMiB == 0 { return try set(space.owner, firstField(space), strip.stored) }
        let map: StripID
        if let there = StripID(stored: try get(space.owner, mapField(space))) {
            map = there
        } else {
            map = try buyStrip(bank: bank, use: .spaceMap, owner: space.owner, space: space.kind.code)
            try set(space.owner, mapField(space), map.stored)
        }
        let mapPage = Int(spaceMiB / Self.perMapPage)
        if try !record(of: map).bit(mapPage, of: StripRecord.allocated) { try buy(mapPage, of: map) }
        try write(map.page(mapPage)).store(strip.stored, Field<UInt64>(8 * Int(spaceMiB % Self.perMapPage)))
    }

    // MARK: Bytes

    /// `count` bytes of the space from `position` on.
    package func bytes(of space: Space, at position: UInt64, count: Int) throws(ObjectsError) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(count)
        var place = position
        while result.count < count {
            let within = Int(place % 4096)
            let piece = min(4096 - within, count - result.count)
            let id = try page(place / 4096, of: space)
            let source = id == nil ? zeros : try read(id ?? .world)
            result.append(contentsOf: UnsafeRawBufferPointer(start: source + within, count: piece))
            place += UInt64(piece)
        }
        return result
    }

    /// Buys what is needed for `count` bytes from `position` on, all or nothing.
    package func buy(bytes count: Int, of space: Space, at position: UInt64, bank: CellID) throws(ObjectsError) {
        try buy(bytes: [(position, count)], of: space, bank: bank)
    }

    /// Buys what is needed for runs of bytes, each a position and a count, all or nothing. Refused when the bank, or
    /// one above, is full.
    package func buy(
        bytes runs: [(position: UInt64, count: Int)], of space: Space, bank: CellID
    ) throws(ObjectsError) {
        var pages: [ClosedRange<UInt64>] = []
        for run in runs where run.count > 0 {
            pages.append((run.position / 4096)...((run.position + UInt64(run.count) - 1) / 4096))
        }
        try checkRoom(forPages: pages, of: space, bank: bank)
        for run in pages {
            for index in run { _ = try buyPage(index, of: space, bank: bank) }
        }
    }

    /// Writes bytes whose pages were bought.
    package func write(_ bytes: [UInt8], to space: Space, at position: UInt64) throws(ObjectsError) {
        var done = 0
        while done < bytes.count {
            let place = position + UInt64(done)
            let within = Int(place % 4096)
            let piece = min(4096 - within, bytes.count - done)
            guard let id = try page(place / 4096, of: space) else {
                preconditionFailure("a space's page is bought before it is written")
            }
            let target = try write(id) + within
            bytes.withUnsafeBytes { source in
                guard let base = source.baseAddress else { return }
                target.copyMemory(from: base + done, byteCount: piece)
            }
            done += piece
        }
    }
}
