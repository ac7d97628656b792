// Giving a process to another bank: its cells, its instances' and all their pages, all or nothing (`specs/banks.md`,
// "Moving"). A pot belongs to one bank, so that the cells are new ones; everything that leads to the old ones is mended here.
// Keys hold the process's id and stay good (decision 0006).

import Glibc
import Objects
import Store

/// What a move takes, checked before anything changes.
private struct MovePlan {
    let process: CellID
    let name: String
    let source: CellID
    let target: CellID
    let pages: UInt64
    let instances: [CellID]
    /// Of the instances, each once, in their order.
    let modules: [CellID]
    /// Those that the target cannot use where they are.
    let missing: [CellID]
    /// Whether the bank was made for the process, and one like it is made below the target.
    let hasOwnBank: Bool

    var cells: UInt64 { UInt64(instances.count + 1) }
}

extension Kernel {
    /// Gives a process that the machine does not have in hand to another bank. Returns its new cell. Throws `bankExhausted` where
    /// the bank has no room for it, and `bankExists` where its own bank's name is taken there; then nothing has changed.
    package func move(_ process: CellID, toBank target: CellID) throws -> CellID {
        let plan = try movePlan(process, to: target)
        let owner = try objects.link(plan.source, BankRecord.parent)
        if plan.source == target || plan.hasOwnBank && owner == target { return process }
        if plan.hasOwnBank {
            for child in try children(of: target) where try objects.name(child, BankRecord.name) == plan.name {
                throw KernelError.bankExists(path: try path(ofBank: child))
            }
            guard try objects.get(target, BankRecord.depth) + 1 < treeDepthBound else {
                throw KernelError.treeTooDeep(bound: treeDepthBound)
            }
        }
        // The banks above both are charged for it all along.
        try objects.shiftOwn(plan.source, pages: 0 &- plan.pages, cells: 0 &- plan.cells)
        do {
            try checkRoom(for: plan)
        } catch {
            try objects.shiftOwn(plan.source, pages: plan.pages, cells: plan.cells)
            throw error
        }
        return try perform(plan)
    }

    private func movePlan(_ process: CellID, to target: CellID) throws -> MovePlan {
        let source = try objects.link(process, ProcessRecord.bank)
        let instances = try instances(of: process)
        var modules: [CellID] = []
        for instance in instances {
            let module = try objects.link(instance, InstanceRecord.module)
            if !modules.contains(module) { modules.append(module) }
        }
        let missing = try modules.filter { module in
            try self.module(hash: objects.cell(module).load(ModuleRecord.hash), for: target) == nil
        }
        return MovePlan(
            process: process, name: try objects.name(process, ProcessRecord.name), source: source, target: target,
            pages: try objects.get(process, ProcessRecord.pages), instances: instances, modules: modules,
            missing: missing, hasOwnBank: try objects.get(source, BankRecord.flags) & madeForOneProcess != 0)
    }

    /// Throws `bankExhausted` where the target, or the bank that is made for the process below it, has no room.
    private func checkRoom(for plan: MovePlan) throws {
        let target = plan.target
        var pages = plan.pages
        var strips: UInt64 = 2
        for module in plan.missing {
            pages += try objects.get(module, ModuleRecord.pages)
            for kind in moduleSpaces { strips += UInt64(try objects.countStrips(of: Space(kind, of: module))) }
        }
        let records = plan.missing.count + (plan.hasOwnBank ? 1 : 0)
        pages += try objects.potPages(forCells: records, .record, bank: target)
        let perPot = UInt64(CellClass.process.perPot)
        let pots =
            plan.hasOwnBank
            ? (plan.cells + perPot - 1) / perPot
            : try objects.potPages(forCells: Int(plan.cells), .process, bank: target)
        pages += pots
        if plan.hasOwnBank {
            let record = try objects.cell(plan.source)
            let own: [(BankRefusal.Unit, Field<UInt64>, UInt64)] = [
                (.pages, BankRecord.limitPages, plan.pages + pots), (.cells, BankRecord.limitCells, plan.cells),
            ]
            for (unit, field, asked) in own where record.load(field) < asked {
                throw ObjectsError.bankExhausted(
                    BankRefusal(bank: plan.source, unit: unit, limit: record.load(field), used: 0, asked: asked))
            }
        }
        try objects.checkRoom(
            target, pages: pages, cells: plan.cells + UInt64(records),
            kernelPages: try objects.stripMapGrowth(strips: strips))
    }

    private func perform(_ plan: MovePlan) throws -> CellID {
        let process = plan.process
        var home: [CellID: CellID] = [:]
        for module in plan.modules {
            home[module] =
                plan.missing.contains(module)
                ? try copyModule(module, to: plan.target)
                : try self.module(hash: objects.cell(module).load(ModuleRecord.hash), for: plan.target)
        }
        var bank = plan.target
        if plan.hasOwnBank {
            let limit = try objects.get(plan.source, BankRecord.limitPages)
            bank = try makeBank(
                below: plan.target, name: plan.name, limitPages: limit == .max ? nil : limit, flags: madeForOneProcess)
            try objects.set(bank, BankRecord.limitCells, try objects.get(plan.source, BankRecord.limitCells))
        }
        try unload(process)
        didRemoveProcess(process)
        let moved = try copyCell(process, .process, to: bank)
        try objects.setLink(moved, ProcessRecord.bank, bank)
        var previous = CellID.none
        for instance in plan.instances {
            let copy = try copyCell(instance, .instance, to: bank)
            let module = try objects.link(instance, InstanceRecord.module)
            let here = home[module] ?? module
            try objects.setLink(copy, InstanceRecord.process, moved)
            try objects.setLink(copy, InstanceRecord.module, here)
            try objects.set(here, ModuleRecord.instances, try objects.get(here, ModuleRecord.instances) + 1)
            try objects.set(module, ModuleRecord.instances, try objects.get(module, ModuleRecord.instances) - 1)
            if previous.isNone {
                try objects.setLink(moved, ProcessRecord.firstInstance, copy)
            } else {
                try objects.setLink(previous, InstanceRecord.next, copy)
            }
            previous = copy
            for space in spaces(ofInstance: instance) { try objects.moveSpace(space, to: bank, owner: copy) }
        }
        try objects.setLink(moved, ProcessRecord.lastInstance, previous)
        for space in spaces(of: process) { try objects.moveSpace(space, to: bank, owner: moved) }
        try objects.shiftOwn(bank, pages: plan.pages)
        try mendLinks(from: process, to: moved)
        try objects.set(plan.source, BankRecord.processes, try objects.get(plan.source, BankRecord.processes) - 1)
        try objects.set(bank, BankRecord.processes, try objects.get(bank, BankRecord.processes) + 1)
        for cell in plan.instances + [process] { try objects.freeCell(cell) }
        for module in plan.modules where home[module] != module { try removeIfUnused(module) }
        try removeIfLeft(bank: plan.source)
        try tell(.processMoved(moved))
        if try objects.world(WorldPage.frozenSpaceFirst) != 0 { try wakeFrozenForSpace() }
        return moved
    }

    /// A cell of another bank with the same contents; its generation is its own.
    private func copyCell(_ cell: CellID, _ kind: CellKind, to bank: CellID) throws -> CellID {
        let copy = try objects.buyCell(kind, bank: bank)
        let target = try objects.mutableCell(copy)
        let source = try objects.cell(cell)
        memcpy(
            target + CellHeader.bytes, source + CellHeader.bytes, kind.cellClass.bytes - CellHeader.bytes)
        return copy
    }

    /// Everything that leads to the old cell leads to the new one.
    private func mendLinks(from old: CellID, to new: CellID) throws {
        let record = try objects.cell(new)
        let id = record.load(ProcessRecord.id)
        let name = record.load(ProcessRecord.name)
        let isTimed = record.load(ProcessRecord.waitsFor) & Waiting.timer != 0
        let state = try state(of: new)
        try noteMove(of: old, to: new, id: id)
        try mend(
            new, next: ProcessRecord.next, previous: ProcessRecord.previous, first: WorldPage.processFirst,
            last: WorldPage.processLast)
        if try isRunning(old) {
            try objects.setWorld(WorldPage.running, new.rawValue)
        } else if state == .ready {
            try mendQueue(new, first: WorldPage.readyFirst, last: WorldPage.readyLast)
        }
        if state == .waiting && isTimed { try mendQueue(new, first: WorldPage.timerFirst, last: nil) }
        if let list = list(of: state) { try mendQueue(new, first: list, last: nil) }
        try objects.write(PageID(number: Region.processTable + id / 512))
            .store(new.rawValue, Field<UInt64>(8 * Int(id % 512)))
        if processesByName?[name] == old { processesByName?[name] = new }
        logPlaces[new] = logPlaces.removeValue(forKey: old)
    }

    private func mendQueue(_ new: CellID, first: Field<UInt64>, last: Field<UInt64>?) throws {
        try mend(
            new, next: ProcessRecord.queueNext, previous: ProcessRecord.queuePrevious, first: first, last: last)
    }

    /// The neighbours on a list, or its ends, lead to the new cell.
    private func mend(
        _ new: CellID, next: Field<UInt64>, previous: Field<UInt64>, first: Field<UInt64>, last: Field<UInt64>?
    ) throws {
        let after = try objects.link(new, next)
        let before = try objects.link(new, previous)
        if !after.isNone {
            try objects.setLink(after, previous, new)
        } else if let last {
            try objects.setWorld(last, new.rawValue)
        }
        if before.isNone {
            try objects.setWorld(first, new.rawValue)
        } else {
            try objects.setLink(before, next, new)
        }
    }
}
