// Pages of others in a process's memory: put there by a key, and taken out again (`specs/imports.md`, "Mapping"). What is mapped is looked
// at by its key whenever it is brought in, so that a page which is gone is missing at once, wherever it was mapped.

import Objects
import Store

/// Where the bytes of a page of a memory are.
package enum PageSource: Sendable, Equatable {
    /// In its own page, or that of its module.
    case own
    /// In this page.
    case page(PageID, canWrite: Bool)
    /// Nowhere.
    case missing
}

extension Kernel {
    /// Where page `page` of the memory is that an instance defines.
    package func source(ofPage page: UInt64, of instance: CellID) throws -> PageSource {
        switch try objects.mapping(of: instance, page: page) {
        case .own: return .own
        case .hole: return .missing
        case .page(let key):
            guard key.pageRights.contains(.read), try !objects.isVoid(key) else { return .missing }
            return .page(PageID(rawValue: key.id), canWrite: key.pageRights.contains(.write))
        }
    }

    /// Maps a page at an address of the memory that instance `number` of a process defines, by a key that can read it; nil: a hole.
    /// Throws `bankExhausted`, and then nothing has changed.
    package func map(_ key: Key?, at address: UInt64, of process: CellID, instance number: UInt16) throws -> ReplyCode {
        guard let memory = try mappable(process, number, address) else { return .address }
        if let key {
            guard key.pageRights.contains(.read), try !objects.isVoid(key) else { return .key }
        }
        try set(key.map { .page($0) } ?? .hole, at: address, of: memory, process, number)
        return .ok
    }

    /// Lets the memory's own page be there again. Returns the key to what was mapped, void where nothing was; nil: no such address.
    package func unmap(_ address: UInt64, of process: CellID, instance number: UInt16) throws -> Key? {
        guard let memory = try mappable(process, number, address) else { return nil }
        let old = try objects.mapping(of: memory.instance, page: address >> 12)
        if old == .own { return .void }
        try set(.own, at: address, of: memory, process, number)
        guard case .page(let key) = old else { return .void }
        return try objects.isVoid(key) ? .void : key
    }

    /// The memory where a page can be mapped at an address; nil: there is none, or the address is no page's, or beyond it.
    private func mappable(_ process: CellID, _ number: UInt16, _ address: UInt64) throws -> ProcessMemory? {
        guard address & 4095 == 0, let memory = try memory(of: process, instance: number), address < memory.bytes else {
            return nil
        }
        return memory
    }

    private func set(
        _ mapping: Mapping, at address: UInt64, of memory: ProcessMemory, _ process: CellID, _ number: UInt16
    ) throws {
        let bank = try objects.link(process, ProcessRecord.bank)
        try objects.setMapping(of: memory.instance, page: address >> 12, to: mapping, bank: bank)
        didRemap(process, number, address >> 12)
    }
}
