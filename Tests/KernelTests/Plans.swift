// What the kernel's tests make worlds of: modules and processes by a few words each, and a ledger of all that a world
// holds, so that "as it was" is one comparison.

import Kernel
import Objects
import Store

/// A module whose binary is `pages` pages long and whose images have a page each.
func modulePlan(_ number: UInt8, pages: Int = 2) -> ModulePlan {
    ModulePlan(
        hash: [UInt8](repeating: number, count: 32), binary: [UInt8](repeating: number, count: pages * 4096 - 100),
        memoryImage: [(index: 3, bytes: [UInt8](repeating: number, count: 4096))],
        tableImage: [(index: 0, bytes: [UInt8](repeating: number, count: 4096))], footprint: 10_000)
}

extension TestWorld {
    /// A plan that can be changed before it is used: no limits, no arguments, streams of a page.
    func plan(_ name: String, module: CellID, bank: CellID? = nil, meter: CellID? = nil) throws -> ProcessPlan {
        ProcessPlan(
            name: name, instances: [InstancePlan(module: module)], bank: try bank ?? kernel.rootBank,
            meter: try meter ?? kernel.rootMeter,
            gas: nil, limitPages: nil, arguments: [], environment: [], streamBytes: 4096, input: [], inputEnds: false,
            entryFunction: 0)
    }

    /// The module of this number, installed for the bank where it is not yet.
    func module(_ number: UInt8 = 1, bank: CellID? = nil) throws -> CellID {
        let bank = try bank ?? kernel.rootBank
        let plan = modulePlan(number)
        return try kernel.module(hash: plan.hash, for: bank) ?? kernel.installModule(plan, bank: bank)
    }

    func makeProcess(_ name: String) throws -> CellID {
        try kernel.makeProcess(try plan(name, module: try module()))
    }

    /// As a host starts a program: the module, if it is not there, and the process, or neither.
    func start(_ name: String, bank: CellID, change: (inout ProcessPlan) -> Void = { _ in }) throws -> CellID {
        let module = try module(bank: bank)
        do {
            var plan = try plan(name, module: module, bank: bank)
            change(&plan)
            return try kernel.makeProcess(plan)
        } catch {
            try kernel.removeIfUnused(module)
            throw error
        }
    }

    /// Ends a process and removes it.
    func endAndRemove(_ process: CellID) throws {
        try kernel.end(process, as: .exited, exitCode: 0)
        try kernel.remove(process)
    }

    func ledger() throws -> Ledger { try Ledger(objects) }
}

/// All that a world holds, but the strip map and the process table.
struct Ledger: Equatable {
    /// Pages by number, and the bank that each belongs to.
    var pages: [UInt64: UInt64] = [:]
    /// Used cells and their kinds.
    var cells: [UInt64: UInt8] = [:]
    /// Lists and counts of the world page.
    var world: [UInt64] = []

    init(_ objects: Objects) throws {
        for strip in try objects.strips() {
            for page in 0..<256 where try objects.record(of: strip).bit(page, of: StripRecord.allocated) {
                let record = try objects.record(of: strip)
                let bank = record.load(StripRecord.bank)
                let isSingle = record.load(StripRecord.use) == StripUse.pots.rawValue
                let bytes = try objects.read(strip.page(page))
                if isSingle, let cellClass = CellClass(rawValue: bytes.load(Pot.cellClass)),
                    bytes.load(ByteField(0, 3)) == Pot.magic
                {
                    let used = bytes.load(Pot.used)
                    for slot in 0..<cellClass.perPot where used >> UInt64(slot) & 1 == 1 {
                        let cell = CellID(pot: strip.page(page), slot: slot)
                        cells[cell.rawValue] = try objects.get(cell, CellHeader.kind)
                    }
                }
                pages[strip.page(page).number] = bank
            }
        }
        for field in [
            WorldPage.nextProcess, WorldPage.processCount, WorldPage.processFirst, WorldPage.processLast,
            WorldPage.readyFirst, WorldPage.readyLast, WorldPage.moduleFirst, WorldPage.moduleCount,
            WorldPage.timerFirst, WorldPage.running, WorldPage.nextInput,
        ] { world.append(try objects.world(field)) }
    }

    /// The same but for the number of processes ever made.
    var withoutProcessIDs: Ledger {
        var copy = self
        copy.world[0] = 0
        return copy
    }
}
