// Missing pages: which page of which object an address means, and what it holds before it was ever written. A page of
// memory that the process never wrote is the module's page of that place, shared, or zeros; it is bought when it is
// written.

import Glibc
import Interpreter
import Kernel
import Objects
import Store

extension Machine {
    /// The bytes of page `page` of the memory, for reading.
    func readablePage(_ active: ActiveProcess, _ page: UInt32) throws -> UnsafeRawPointer {
        if let there = active.memory.reads[page] { return UnsafeRawPointer(there) }
        try mapForReading(active, page)
        guard let there = active.memory.reads[page] else { preconditionFailure("OBJ-2: a mapped page has its entry") }
        return UnsafeRawPointer(there)
    }

    func mapForReading(_ active: ActiveProcess, _ page: UInt32) throws {
        try mapForReading(active, active.memory, page, .memory, image: .memoryImage)
    }

    func mapForWriting(_ active: ActiveProcess, _ page: UInt32) throws {
        try mapForWriting(active, active.memory, page, .memory, image: .memoryImage)
    }

    func mapTable(_ active: ActiveProcess, _ table: Int, _ page: UInt32, write: Bool) throws {
        let image: SpaceKind? = table == 0 ? .tableImage : nil
        if write {
            try mapForWriting(active, active.activation.tables[table], page, .table(table), image: image)
        } else {
            try mapForReading(active, active.activation.tables[table], page, .table(table), image: image)
        }
    }

    private func mapForReading(
        _ active: ActiveProcess, _ space: PagedSpace, _ page: UInt32, _ kind: SpaceKind, image: SpaceKind?
    ) throws {
        let entry = space.reads.entry(page)
        var id = try objects.page(UInt64(page), of: Space(kind, of: active.cell))
        if id == nil { id = try imagePage(active, page, image) }
        if let id, try objects.mapForReading(id, at: entry) {
            active.mapped[entry] = id
        } else {
            space.set(read: objects.zeros, page: page)
        }
    }

    private func mapForWriting(
        _ active: ActiveProcess, _ space: PagedSpace, _ page: UInt32, _ kind: SpaceKind, image: SpaceKind?
    ) throws {
        let own = Space(kind, of: active.cell)
        let read = space.reads.entry(page)
        let write = space.writes.entry(page)
        let id: PageID
        if let there = try objects.page(UInt64(page), of: own) {
            id = there
        } else {
            let image = try imagePage(active, page, image)
            id = try objects.buyPage(
                UInt64(page), of: own, bank: try objects.link(active.cell, ProcessRecord.bank))
            if let image {
                let frame = try objects.write(id)
                memcpy(frame, try objects.read(image), 4096)
            }
        }
        if let old = active.mapped[read], old != id { objects.unmap(old, at: read) }
        try objects.mapForWriting(id, read: read, write: write)
        active.mapped[read] = id
    }

    private func imagePage(_ active: ActiveProcess, _ page: UInt32, _ image: SpaceKind?) throws -> PageID? {
        guard let image else { return nil }
        let module = try objects.link(active.cell, ProcessRecord.module)
        return try objects.page(UInt64(page), of: Space(image, of: module))
    }

    /// Elements `from` to `to` of a table become `value`, which is not null: bought and written.
    func fillTable(_ active: ActiveProcess, _ table: Int, from: Int, to: Int, value: UInt64) throws {
        let space = active.activation.tables[table]
        let perPage = PagedSpace.elementsPerPage
        guard from < to else { return }
        for page in UInt32(from / perPage)...UInt32((to - 1) / perPage) where space.writes[page] == nil {
            try mapTable(active, table, page, write: true)
        }
        for element in from..<to {
            guard let page = space.writes[UInt32(element / perPage)] else {
                preconditionFailure("table pages are bought before they are written")
            }
            page.storeBytes(of: value, toByteOffset: 8 * (element % perPage), as: UInt64.self)
        }
    }
}
