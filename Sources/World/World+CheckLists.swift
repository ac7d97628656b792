// The part of the consistency check that is about what stands on lists: pots with room, the trees of banks and meters,
// modules, and who counts whom.

import Kernel
import Objects
import Store

/// Names one of a bank's lists of pots.
struct PotList: Hashable {
    let bank: CellID
    let cellClass: CellClass
}

extension Checker {
    /// POT-1: a bank's lists hold its pots that have room, and no others.
    mutating func checkPotLists() throws {
        for bank in banks where try !world.kernel.isGoing(bank: bank) {
            let name = "bank \(try objects.name(bank, BankRecord.name))"
            for cellClass in [CellClass.node, .process, .record] {
                let withRoom = potsWithRoom[PotList(bank: bank, cellClass: cellClass), default: []]
                var listed: Set<PageID> = []
                var previous: UInt64 = 0
                var next = try objects.get(bank, BankRecord.pot(cellClass))
                while next != 0 {
                    let pot = PageID(rawValue: next)
                    guard withRoom.contains(pot), listed.insert(pot).inserted else {
                        report("POT-1", name, "its list of pots leads to what is none with room, or in a circle")
                        break
                    }
                    if try objects.read(pot).load(Pot.previous) != previous {
                        report("POT-1", name, "its list of pots does not lead back")
                    }
                    if try objects.read(pot).load(Pot.used) == 0 { report("POT-6", name, "a pot of its has no cell") }
                    previous = next
                    next = try objects.read(pot).load(Pot.next)
                }
                if listed != withRoom {
                    report("POT-1", name, "\(listed.count) pots are on its list and \(withRoom.count) have room")
                }
            }
        }
    }

    /// BANK-3, METER-3: each but the root is once on the list of the one above it.
    mutating func checkTrees() throws {
        try checkTree(of: banks, .bank, root: try world.kernel.rootBank, "BANK-3", .banks)
        try checkTree(of: meters, .meter, root: try world.kernel.rootMeter, "METER-3", .meters)
    }

    private mutating func checkTree(
        of cells: [CellID], _ kind: CellKind, root: CellID, _ invariant: String, _ tree: CellTree
    ) throws {
        var found: Set<CellID> = []
        for parent in cells {
            var previous = CellID.none
            var each = try objects.link(parent, tree.firstChild)
            while !each.isNone {
                guard kinds[each] == kind, found.insert(each).inserted else {
                    report(invariant, "\(each)", "the list below \(parent) leads to what is none, or twice to it")
                    break
                }
                if try objects.link(each, tree.parent) != parent || objects.link(each, tree.previous) != previous {
                    report(
                        invariant, try objects.name(each, tree.name), "it stands on a list and does not lead back")
                }
                previous = each
                each = try objects.link(each, tree.next)
            }
        }
        for cell in cells where (cell == root) == found.contains(cell) {
            if cell != root, kind == .bank, isCutOff(try objects.cell(cell)) { continue }
            report(
                invariant, try objects.name(cell, tree.name),
                cell == root ? "the root is below another" : "it is on nobody's list")
        }
    }

    /// MODULE-1, PROC-3, INST-3: modules are listed; banks, meters and modules count who names them.
    mutating func checkModules() throws {
        var users: [CellID: UInt64] = [:]
        for process in processes {
            let bank = try objects.link(process, ProcessRecord.bank)
            users[bank, default: 0] += 1
            if kinds[bank] != .bank {
                report("PROC-3", "process \(try objects.name(process, ProcessRecord.name))", "it has no bank")
            }
            // One whose meter was destroyed has none.
            let meter = try world.kernel.meter(of: process)
            guard !meter.isNone else { continue }
            users[meter, default: 0] += 1
            if kinds[meter] != .meter {
                report("PROC-3", "process \(try objects.name(process, ProcessRecord.name))", "it has no meter")
            }
        }
        for instance in instances {
            let module = try objects.link(instance, InstanceRecord.module)
            users[module, default: 0] += 1
            if kinds[module] != .module { report("INST-3", "\(instance)", "it has no module") }
        }
        let counters =
            banks.map { ($0, BankRecord.processes, "PROC-3") } + meters.map { ($0, MeterRecord.processes, "PROC-3") }
            + modules.map { ($0, ModuleRecord.instances, "MODULE-1") }
        for (cell, field, invariant) in counters {
            let count = try objects.get(cell, field)
            if count != users[cell, default: 0] {
                report(invariant, "\(cell)", "it counts \(count) users and \(users[cell, default: 0]) name it")
            }
        }
        try checkModuleList()
    }

    private mutating func checkModuleList() throws {
        var listed: Set<CellID> = []
        var previous = CellID.none
        var each = CellID(rawValue: try objects.world(WorldPage.moduleFirst))
        while !each.isNone {
            guard kinds[each] == .module, listed.insert(each).inserted else {
                report("MODULE-1", "\(each)", "the list of modules leads to what is none, or in a circle")
                break
            }
            let spaces = [Space(.binary, of: each), Space(.memoryImage, of: each), Space(.tableImage, of: each)]
            let pages = try spaces.reduce(0) { try $0 + objects.countPages(of: $1) }
            if try objects.get(each, ModuleRecord.pages) != pages {
                report(
                    "COUNT-1", "\(each)",
                    "it counts \(try objects.get(each, ModuleRecord.pages)) pages and has \(pages)")
            }
            if try objects.link(each, ModuleRecord.previous) != previous {
                report("MODULE-1", "\(each)", "the list of modules does not lead back")
            }
            previous = each
            each = try objects.link(each, ModuleRecord.next)
        }
        if listed.count != modules.count {
            report("MODULE-1", "world page", "\(listed.count) modules are listed and \(modules.count) are there")
        }
        if try objects.world(WorldPage.moduleCount) != UInt64(modules.count) {
            report("MODULE-1", "world page", "it counts \(try objects.world(WorldPage.moduleCount)) modules")
        }
    }
}
