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
    /// The meter that was made for the process, where the source pays for its record; else none. It moves too.
    let meter: CellID

    var cells: UInt64 { UInt64(instances.count + 1) }
    var meterCells: Int { meter.isNone ? 0 : 1 }
}

extension Kernel {
    /// Gives a process that the machine does not have in hand to another bank. Returns its new cell. Throws `bankExhausted` where
    /// the bank has no room for it, and `bankExists` where its own bank's name is taken there; then nothing has changed.
    package func move(_ process: CellID, toBank target: CellID) throws -> CellID {
        let plan = try movePlan(process, to: target)
        let owner = try objects.link(plan.source, BankRecord.parent)
        if plan.source == target || plan.hasOwnBank && owner == target { return process }
        if plan.hasOwnBank {
            _ = try depth(ofNew: plan.name, below: target, in: .banks)
        }
        // The banks above both are charged for it all along.
        try objects.shiftOwn(plan.source, pages: 0 &- plan.pages, cells: 0 &- plan.cells)
        do {
            try checkRoom(for: plan)
        } catch ObjectsError.bankExhausted(var refusal) {
            try objects.shiftOwn(plan.source, pages: plan.pages, cells: plan.cells)
            // As it is seen from outside: what moves within a bank is neither given back nor asked for.
            let used = try objects.get(
                refusal.bank, refusal.unit == .pages ? BankRecord.usedPages : BankRecord.usedCells)
            let within = used &- refusal.used
            if refusal.bank != plan.source, within <= refusal.asked {
                refusal.used = used
                refusal.asked -= within
            }
            throw ObjectsError.bankExhausted(refusal)
        }
        try letGo(process)
        return try perform(plan)
    }

    /// Pages that are copied when a process is given to another bank: of modules that it cannot use where they are.
    func pagesToCopy(moving process: CellID, to target: CellID) throws -> UInt64 {
        try movePlan(process, to: target).missing.reduce(0) { try $0 &+ objects.get($1, ModuleRecord.pages) }
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
            missing: missing, hasOwnBank: try isOwnBank(source, of: process),
            meter: try ownMeter(of: process, paidBy: source))
    }

    /// Whether a bank was made for this process, and not for another that it lives beside.
    private func isOwnBank(_ bank: CellID, of process: CellID) throws -> Bool {
        guard try objects.get(bank, BankRecord.flags) & BankRecord.madeForOneProcess != 0 else { return false }
        return try objects.name(bank, BankRecord.name) == objects.name(process, ProcessRecord.name)
    }

    /// The meter that was made for a process and that nobody else uses, where the bank pays for it.
    private func ownMeter(of process: CellID, paidBy bank: CellID) throws -> CellID {
        let meter = try meter(of: process)
        guard !meter.isNone, try objects.payer(of: meter) == bank else { return .none }
        let record = try objects.cell(meter)
        guard record.load(MeterRecord.flags) & BankRecord.madeForOneProcess != 0,
            record.load(MeterRecord.processes) == 1,
            record.load(MeterRecord.firstChild) == 0
        else { return .none }
        return meter
    }

    /// Throws `bankExhausted` where the target, or the bank that is made for the process below it, has no room.
    private func checkRoom(for plan: MovePlan) throws {
        let target = plan.target
        let records = plan.missing.count + (plan.hasOwnBank ? 1 : plan.meterCells)
        let (copied, strips) = try size(of: plan.missing)
        var pages = try plan.pages + copied + objects.potPages(forCells: records, .record, bank: target)
        // A bank that is made new has no pot yet.
        let ownRecordPots = plan.hasOwnBank ? UInt64(plan.meterCells) : 0
        pages += ownRecordPots
        let perPot = UInt64(CellClass.process.perPot)
        let pots =
            plan.hasOwnBank
            ? (plan.cells + perPot - 1) / perPot
            : try objects.potPages(forCells: Int(plan.cells), .process, bank: target)
        pages += pots
        if plan.hasOwnBank {
            let record = try objects.cell(plan.source)
            let own: [(BankRefusal.Unit, Field<UInt64>, UInt64)] = [
                (.pages, BankRecord.limitPages, plan.pages + pots + ownRecordPots),
                (.cells, BankRecord.limitCells, plan.cells + UInt64(plan.meterCells)),
            ]
            for (unit, field, asked) in own where record.load(field) < asked {
                throw ObjectsError.bankExhausted(
                    BankRefusal(bank: plan.source, unit: unit, limit: record.load(field), used: 0, asked: asked))
            }
        }
        try objects.checkRoom(
            target, pages: pages, cells: plan.cells + UInt64(records) + ownRecordPots,
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
                below: plan.target, name: plan.name, limitPages: limit == .max ? nil : limit,
                flags: BankRecord.madeForOneProcess)
            try objects.set(bank, BankRecord.limitCells, try objects.get(plan.source, BankRecord.limitCells))
            let old = try objects.cell(plan.source)
            let record = try objects.mutableCell(bank)
            record.store(old.load(BankRecord.keeperRights), BankRecord.keeperRights)
            record.store(old.load(BankRecord.keeperBadge), BankRecord.keeperBadge)
            record.store(old.load(BankRecord.keeperProcess), BankRecord.keeperProcess)
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
        if !plan.meter.isNone { try takeAlong(plan.meter, with: moved, to: bank) }
        try objects.set(plan.source, BankRecord.processes, try objects.get(plan.source, BankRecord.processes) - 1)
        try objects.set(bank, BankRecord.processes, try objects.get(bank, BankRecord.processes) + 1)
        for cell in plan.instances + [process] { try objects.freeCell(cell) }
        for module in plan.modules where home[module] != module { try removeIfUnused(module) }
        try removeIfLeft(bank: plan.source, keepsBought: true)
        try tell(.processMoved(moved))
        forgetFrozenForSpace()
        try wakeFrozenForSpace()
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

    /// Gives the record of the process's own meter to the bank, where it stands in the tree of meters.
    private func takeAlong(_ meter: CellID, with process: CellID, to bank: CellID) throws {
        try settleAll()
        settling.forgetMeters()
        let copy = try copyCell(meter, .meter, to: bank)
        try replace(meter, by: copy, in: .meters)
        let record = try objects.mutableCell(process)
        record.store(copy.rawValue, ProcessRecord.meter)
        record.store(try objects.get(copy, CellHeader.generation), ProcessRecord.meterGeneration)
        try objects.sellCell(meter)
    }

    /// Everything that leads to the old cell leads to the new one.
    private func mendLinks(from old: CellID, to new: CellID) throws {
        let record = try objects.cell(new)
        let id = record.load(ProcessRecord.id)
        let name = record.load(ProcessRecord.name)
        let waits = record.load(ProcessRecord.waitsFor)
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
        if state == .waiting && waits & Waiting.timer != 0 {
            try mendQueue(new, first: WorldPage.timerFirst, last: nil)
        }
        if waits == Waiting.durable { try mendQueue(new, first: WorldPage.durableFirst, last: nil) }
        if let list = list(of: state) { try mendQueue(new, first: list, last: nil) }
        try mendQueues(from: old, to: new)
        try objects.enterProcess(id, new, bank: .none)
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
