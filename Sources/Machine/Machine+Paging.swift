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
        try mapMemory(active, instance: active.callee, page, write: false)
    }

    func mapForWriting(_ active: ActiveProcess, _ page: UInt32) throws {
        try mapMemory(active, instance: active.callee, page, write: true)
    }

    /// Maps a page of the memory that an instance uses, its own or another's.
    func mapMemory(_ active: ActiveProcess, instance: Int, _ page: UInt32, write: Bool) throws {
        guard let number = active.instances[instance].memoryOwner, let memory = active.instances[number].memory else {
            preconditionFailure("an instance with a memory")
        }
        let owner = active.instances[number]
        if try objects.hasMappings(owner.cell) {
            switch try kernel.source(ofPage: UInt64(page), of: owner.cell) {
            case .own: break
            case .page(let id, let canWrite):
                if write && !canWrite { throw MissingPage(trap: .readOnlyPage, page: page, instance: number) }
                return try mapPageOfOthers(active, memory, page, id, write: write)
            case .missing: throw MissingPage(trap: .missingPage, page: page, instance: number)
            }
        }
        let source = Source(
            space: Space(.memory, of: owner.cell), image: owner.parts.hasDataImage ? .memoryImage : nil)
        try map(active, memory, page, source, write: write)
    }

    /// Maps a page of a table that an instance uses, its own or another's.
    func mapTable(_ active: ActiveProcess, instance: Int, _ table: Int, _ page: UInt32, write: Bool) throws {
        let user = active.instances[instance]
        let (number, own) = user.tableOwners[table]
        let owner = active.instances[number]
        let source = Source(
            space: Space(.table(own), of: owner.cell),
            image: own == 0 && owner.parts.hasElementImage ? .tableImage : nil)
        try map(active, user.parts.tables[table], page, source, write: write)
    }

    /// Where the pages of a memory or table lie: the owner's space and, for what was never written, an image of its module.
    private struct Source {
        let space: Space
        let image: SpaceKind?
    }

    private func map(
        _ active: ActiveProcess, _ space: PagedSpace, _ page: UInt32, _ source: Source, write: Bool
    ) throws {
        if write {
            try mapForWriting(active, space, page, source)
        } else {
            try mapForReading(active, space, page, source)
        }
    }

    private func mapForReading(
        _ active: ActiveProcess, _ space: PagedSpace, _ page: UInt32, _ source: Source
    ) throws {
        let entry = space.reads.entry(page)
        var id = try objects.page(UInt64(page), of: source.space)
        if id == nil { id = try imagePage(page, source) }
        if let id, try objects.mapForReading(id, at: entry) {
            active.mapped[entry] = id
        } else {
            space.set(read: objects.zeros, page: page)
        }
    }

    private func mapForWriting(
        _ active: ActiveProcess, _ space: PagedSpace, _ page: UInt32, _ source: Source
    ) throws {
        let read = space.reads.entry(page)
        let write = space.writes.entry(page)
        let id: PageID
        if let there = try objects.page(UInt64(page), of: source.space) {
            id = there
        } else {
            let image = try imagePage(page, source)
            id = try objects.buyPage(
                UInt64(page), of: source.space, bank: try objects.link(active.cell, ProcessRecord.bank))
            if let image {
                let frame = try objects.write(id)
                memcpy(frame, try objects.read(image), 4096)
            }
        }
        if let old = active.mapped[read], old != id { objects.unmap(old, at: read) }
        try objects.mapForWriting(id, read: read, write: write)
        active.mapped[read] = id
    }

    private func imagePage(_ page: UInt32, _ source: Source) throws -> PageID? {
        guard let image = source.image else { return nil }
        let module = try objects.link(source.space.owner, InstanceRecord.module)
        return try objects.page(UInt64(page), of: Space(image, of: module))
    }

    /// Elements `from` to `to` of a table become `value`, which is not null: bought and written.
    func fillTable(
        _ active: ActiveProcess, instance: Int, _ table: Int, from: Int, to: Int, value: UInt64
    ) throws {
        let space = active.instances[instance].parts.tables[table]
        let perPage = PagedSpace.elementsPerPage
        guard from < to else { return }
        for page in UInt32(from / perPage)...UInt32((to - 1) / perPage) where space.writes[page] == nil {
            try mapTable(active, instance: instance, table, page, write: true)
        }
        for element in from..<to {
            guard let page = space.writes[UInt32(element / perPage)] else {
                preconditionFailure("table pages are bought before they are written")
            }
            page.storeBytes(of: value, toByteOffset: 8 * (element % perPage), as: UInt64.self)
        }
    }
}
