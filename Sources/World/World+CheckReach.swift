// The part of the consistency check that is about who can be reached at all. What nobody can reach is no damage: whoever dropped the
// last key to it keeps paying for it until its bank is destroyed. It is told with the bank that pays.

import Kernel
import Objects
import Store

extension Checker {
    /// More objects than this are not listed one by one.
    private static var unreachableBound: Int { 1000 }

    /// Marks what can be reached from the roots, which are the trees of banks and meters, the list of processes and the banks that are
    /// going; then lists every other cell, and the pages of cells that are gone.
    mutating func checkReach() throws {
        var reached: Set<CellID> = []
        var reachedPages: Set<UInt64> = []
        var next: [CellID] = try [world.kernel.rootBank, world.kernel.rootMeter] + listedProcesses + goingBanks
        while let cell = next.popLast() {
            guard kinds[cell] != nil, reached.insert(cell).inserted else { continue }
            next += try links(from: cell, &reachedPages)
        }
        for cell in kinds.keys.sorted(by: { $0.rawValue < $1.rawValue }) where !reached.contains(cell) {
            try noteUnreachable(
                name(cell), bank: objects.payer(of: cell), pages: spacePages[cell]?.pages ?? 0)
        }
        for page in dataPages where !reachedPages.contains(page.rawValue) {
            let bank = try objects.record(of: StripID(holding: page)).load(StripRecord.bank)
            try noteUnreachable("page \(page.number)", bank: CellID(rawValue: bank), pages: 1)
        }
        for (owner, space) in spacePages.sorted(by: { $0.key.rawValue < $1.key.rawValue }) where kinds[owner] == nil {
            try noteUnreachable("a space of \(owner), which is gone", bank: space.bank, pages: space.pages)
        }
    }

    private mutating func noteUnreachable(_ object: String, bank: CellID, pages: UInt64) throws {
        // What belongs to a bank that is going waits for its turn to go.
        guard kinds[bank] == .bank, try !world.kernel.isGoing(bank: bank) else { return }
        unreachableCount += 1
        guard unreachable.count < Self.unreachableBound else { return }
        unreachable.append(FsckAnswer.Unreachable(object: object, bank: try path(of: bank), pages: pages))
    }

    /// A bank's path, also where what is above it is damaged.
    private func path(of bank: CellID) throws -> String {
        var names: [String] = []
        var each = bank
        while kinds[each] == .bank, names.count < banks.count {
            names.append(try objects.name(each, BankRecord.name))
            each = try objects.link(each, BankRecord.parent)
        }
        return names.reversed().joined(separator: "/")
    }

    private func name(_ cell: CellID) throws -> String {
        switch kinds[cell] {
        case .process: "process \(try objects.name(cell, ProcessRecord.name))"
        case .bank: "bank \(try objects.name(cell, BankRecord.name))"
        case .meter: "meter \(try objects.name(cell, MeterRecord.name))"
        case .module: "module \(cell)"
        case .instance: "instance \(cell)"
        case .node: "node \(cell)"
        case .forwarder: "forwarder \(cell)"
        case nil: "\(cell)"
        }
    }

    /// The cells that somebody who has this one comes to; what pages, is noted.
    private func links(from cell: CellID, _ pages: inout Set<UInt64>) throws -> [CellID] {
        let record = try objects.cell(cell)
        switch kinds[cell] {
        case .bank: return try children(of: cell, .banks)
        case .meter: return try children(of: cell, .meters)
        case .process:
            var found = [record.load(ProcessRecord.bank), record.load(ProcessRecord.meter)].map(CellID.init)
            found += try target(of: record.loadKey(at: ProcessRecord.keeper)).map { [$0] } ?? []
            found += try keys(in: cell, at: ProcessRecord.registers, count: ProcessRecord.registerCount, &pages)
            var seen: Set<CellID> = []
            var each = CellID(rawValue: try objects.cell(cell).load(ProcessRecord.firstInstance))
            while kinds[each] == .instance, seen.insert(each).inserted {
                found.append(each)
                each = CellID(rawValue: try objects.cell(each).load(InstanceRecord.next))
            }
            return found
        case .instance:
            try objects.forEachMapped(of: cell) { if try !objects.isVoid($1) { pages.insert($1.id) } }
            let keeper = try target(of: record.loadKey(at: InstanceRecord.keeper))
            return [CellID(rawValue: record.load(InstanceRecord.module))] + (keeper.map { [$0] } ?? [])
        case .node, .forwarder:
            return try keys(in: cell, at: NodeRecord.keys, count: kinds[cell]?.heldKeys ?? 0, &pages)
        case .module, nil: return []
        }
    }

    private func children(of cell: CellID, _ tree: CellTree) throws -> [CellID] {
        var found: Set<CellID> = []
        var each = try objects.link(cell, tree.firstChild)
        while kinds[each] != nil, found.insert(each).inserted { each = try objects.link(each, tree.next) }
        return Array(found)
    }

    private func keys(
        in cell: CellID, at offset: Int, count: Int, _ pages: inout Set<UInt64>
    ) throws -> [CellID] {
        var found: [CellID] = []
        for index in 0..<count {
            let key = try objects.cell(cell).loadKey(at: offset + Key.bytes * index)
            if let target = try target(of: key) { found.append(target) }
            if key.kind == .page, try !objects.isVoid(key) { pages.insert(key.id) }
        }
        return found
    }

    /// The cell that a key leads to; nil where it is void or leads to none.
    private func target(of key: Key) throws -> CellID? {
        guard try !objects.isVoid(key) else { return nil }
        switch key.kind {
        case .process, .start, .resume: return try objects.processCell(id: key.id)
        case .node, .bank, .meter, .sealer, .unsealer, .forwarder: return CellID(rawValue: key.id)
        case .void, .number, .page, .device, .discrim, .checkpoint: return nil
        }
    }
}
