// Modules: validated binaries, objects of a bank, found by their hash by processes of that bank and of banks below it.
//
// MODULE-1  A module's record counts its instances; at none it is removed.

import Objects
import Store

/// A module to be installed: validated, with the pages that its active segments leave.
package struct ModulePlan: Sendable {
    /// SHA-256, 32 bytes.
    package var hash: [UInt8]
    package var binary: [UInt8]
    /// Pages of the memory's image that are not all zeros: index and 4,096 bytes.
    package var memoryImage: [(index: UInt64, bytes: [UInt8])]
    /// Likewise of table 0.
    package var tableImage: [(index: UInt64, bytes: [UInt8])]
    /// Bytes that it takes of a host's memory when it is loaded.
    package var footprint: UInt64

    package init(
        hash: [UInt8], binary: [UInt8], memoryImage: [(index: UInt64, bytes: [UInt8])],
        tableImage: [(index: UInt64, bytes: [UInt8])], footprint: UInt64
    ) {
        self.hash = hash
        self.binary = binary
        self.memoryImage = memoryImage
        self.tableImage = tableImage
        self.footprint = footprint
    }

    /// Pages that it takes.
    package var pageCount: UInt64 { UInt64((binary.count + 4095) / 4096 + memoryImage.count + tableImage.count) }
}

extension Kernel {
    /// The module of this hash that belongs to the bank or to one above it, or nil.
    package func module(hash: [UInt8], for bank: CellID) throws -> CellID? {
        guard let found = try moduleTable()[hash] else { return nil }
        var chain: Set<CellID> = []
        var each = bank
        while !each.isNone {
            chain.insert(each)
            each = try objects.link(each, BankRecord.parent)
        }
        // Of several the one that was listed last.
        return try found.last { chain.contains(try objects.link($0, ModuleRecord.bank)) }
    }

    /// O(modules), the first time.
    private func moduleTable() throws -> [[UInt8]: [CellID]] {
        if let modulesByHash { return modulesByHash }
        var listed: [CellID] = []
        var module = CellID(rawValue: try objects.world(WorldPage.moduleFirst))
        while !module.isNone {
            listed.append(module)
            module = try objects.link(module, ModuleRecord.next)
        }
        var table: [[UInt8]: [CellID]] = [:]
        for module in listed.reversed() {
            table[try objects.cell(module).load(ModuleRecord.hash), default: []].append(module)
        }
        modulesByHash = table
        return table
    }

    /// Installs a module at the bank's cost. A refusal leaves nothing behind.
    package func installModule(_ plan: ModulePlan, bank: CellID) throws -> CellID {
        let module = try objects.buyCell(.module, bank: bank)
        do {
            let record = try objects.mutableCell(module)
            record.store(plan.hash, ModuleRecord.hash)
            record.store(UInt64(plan.binary.count), ModuleRecord.byteCount)
            record.store(bank.rawValue, ModuleRecord.bank)
            record.store(plan.footprint, ModuleRecord.footprint)
            let binary = Space(.binary, of: module)
            try objects.buy(bytes: plan.binary.count, of: binary, at: 0, bank: bank)
            try objects.write(plan.binary, to: binary, at: 0)
            for (kind, pages) in [(SpaceKind.memoryImage, plan.memoryImage), (.tableImage, plan.tableImage)] {
                let space = Space(kind, of: module)
                for page in pages {
                    _ = try objects.buyPage(page.index, of: space, bank: bank)
                    try objects.write(page.bytes, to: space, at: page.index * 4096)
                }
            }
        } catch {
            try sellModule(module)
            throw error
        }
        try listModule(module)
        return module
    }

    /// The same module as an object of another bank, which has the room.
    func copyModule(_ module: CellID, to bank: CellID) throws -> CellID {
        let copy = try objects.buyCell(.module, bank: bank)
        let old = try objects.cell(module)
        let record = try objects.mutableCell(copy)
        record.store(old.load(ModuleRecord.hash), ModuleRecord.hash)
        record.store(old.load(ModuleRecord.byteCount), ModuleRecord.byteCount)
        record.store(old.load(ModuleRecord.footprint), ModuleRecord.footprint)
        record.store(bank.rawValue, ModuleRecord.bank)
        for kind in moduleSpaces {
            try objects.copySpace(Space(kind, of: module), to: Space(kind, of: copy), bank: bank)
        }
        try listModule(copy)
        return copy
    }

    private func listModule(_ module: CellID) throws {
        let first = CellID(rawValue: try objects.world(WorldPage.moduleFirst))
        if !first.isNone { try objects.setLink(first, ModuleRecord.previous, module) }
        try objects.setLink(module, ModuleRecord.next, first)
        try objects.setWorld(WorldPage.moduleFirst, module.rawValue)
        try objects.setWorld(WorldPage.moduleCount, try objects.world(WorldPage.moduleCount) + 1)
        if modulesByHash != nil {
            modulesByHash?[try objects.cell(module).load(ModuleRecord.hash), default: []].append(module)
        }
    }

    /// The kinds of space that a module has.
    var moduleSpaces: [SpaceKind] { [.binary, .memoryImage, .tableImage] }

    /// Removes a module that was installed for a process which then could not be made.
    package func removeIfUnused(_ module: CellID) throws {
        guard try objects.get(module, ModuleRecord.instances) == 0 else { return }
        try unlistModule(module)
        try sellModule(module)
    }

    /// Takes a module off the list of all: nobody uses it any more.
    func unlistModule(_ module: CellID) throws {
        didRemoveModule(module)
        if modulesByHash != nil {
            let hash = try objects.cell(module).load(ModuleRecord.hash)
            modulesByHash?[hash]?.removeAll { $0 == module }
            if modulesByHash?[hash]?.isEmpty == true { modulesByHash?[hash] = nil }
        }
        let next = try objects.link(module, ModuleRecord.next)
        let previous = try objects.link(module, ModuleRecord.previous)
        if !next.isNone { try objects.setLink(next, ModuleRecord.previous, previous) }
        if previous.isNone {
            try objects.setWorld(WorldPage.moduleFirst, next.rawValue)
        } else {
            try objects.setLink(previous, ModuleRecord.next, next)
        }
        try objects.setWorld(WorldPage.moduleCount, try objects.world(WorldPage.moduleCount) - 1)
    }

    private func sellModule(_ module: CellID) throws {
        for kind in moduleSpaces { try objects.sell(Space(kind, of: module)) }
        try objects.sellCell(module)
    }
}
