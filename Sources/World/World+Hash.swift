// The hash of a world: SHA-256 over its logical objects by id, so that equal hashes are equal worlds wherever the pages
// lie, whatever was paged in and whenever it was checkpointed. `specs/hash.md` says what goes in.

import Digests
import Kernel
import Objects
import Store

extension World {
    func hash() throws -> HashAnswer {
        if access == .host { try machine.saveAll() }
        let hash = SHA256()
        hash.update(Array("KeyVM world \(WorldPage.formatNumber)".utf8))
        try hashWorldPage(hash)
        for page in try objects.pages(of: .processTable) {
            try hashPage(PageID(number: KernelTable.processTable.first + page), hash)
        }
        defer { Self.progress.end() }
        let strips = try objects.strips()
        for (done, strip) in strips.enumerated() {
            Self.progress.set(UInt64(done), of: UInt64(strips.count))
            try checkIsWaitedFor()
            try hashStrip(strip, hash)
        }
        return HashAnswer(hash: hexadecimal(hash.finalize()), gasClock: try objects.world(WorldPage.gasClock))
    }

    /// The world page without what only says when things happened.
    private func hashWorldPage(_ hash: SHA256) throws {
        var page = [UInt8](UnsafeRawBufferPointer(start: try objects.read(.world), count: 4096))
        for field in [WorldPage.clockRealtime, WorldPage.clockMonotonic, WorldPage.turn, WorldPage.journalNumber] {
            for index in field.offset..<field.offset + 8 { page[index] = 0 }
        }
        hash.update(page)
    }

    /// A strip's record, but for which pages the store has, and its pages, but for the text of outputs.
    private func hashStrip(_ strip: StripID, _ hash: SHA256) throws {
        let record = [UInt8](UnsafeRawBufferPointer(start: try objects.record(of: strip), count: StripRecord.bytes))
        let bank = record.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }
        guard bank != 0 else { return }
        update(hash, strip.rawValue)
        hash.update(record[..<StripRecord.written.offset])
        if record[StripRecord.space.offset] == SpaceKind.log.code,
            record[StripRecord.use.offset] == StripUse.space.rawValue
        {
            return
        }
        for index in 0..<256 where record[StripRecord.allocated.offset + index / 8] >> UInt8(index % 8) & 1 == 1 {
            let page = strip.page(index)
            if page == .world { continue }
            if record[StripRecord.use.offset] == StripUse.pots.rawValue {
                try hashPot(page, hash)
            } else {
                try hashPage(page, hash)
            }
        }
    }

    private func hashPage(_ id: PageID, _ hash: SHA256) throws {
        update(hash, id.rawValue)
        hash.update(UnsafeRawBufferPointer(start: try objects.read(id), count: 4096))
    }

    /// A pot without the moments that its processes wait for: they are of the clock.
    private func hashPot(_ id: PageID, _ hash: SHA256) throws {
        let pot = try objects.read(id)
        guard pot.load(Pot.cellClass) == CellClass.process.rawValue else { return try hashPage(id, hash) }
        var page = [UInt8](UnsafeRawBufferPointer(start: pot, count: 4096))
        for slot in 0..<CellClass.process.perPot {
            let cell = Pot.headerBytes + slot * CellClass.process.bytes
            guard page[cell + CellHeader.kind.offset] == CellKind.process.rawValue else { continue }
            // Of who waits for its keeper, whose id that is.
            let isTimed = page[cell + ProcessRecord.waitsFor.offset] & Waiting.timer != 0
            for field in isTimed ? [ProcessRecord.deadline, ProcessRecord.pollBegun] : [ProcessRecord.pollBegun] {
                page.replaceSubrange(cell + field.offset..<cell + field.offset + 8, with: repeatElement(0, count: 8))
            }
        }
        update(hash, id.rawValue)
        hash.update(page)
    }

    private func update(_ hash: SHA256, _ value: UInt64) {
        withUnsafeBytes(of: value.littleEndian) { hash.update($0) }
    }
}
