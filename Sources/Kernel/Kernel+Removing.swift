// What would go with a process that is removed: told before it is done, by what `remove` would find.

import Objects
import Store

extension Kernel {
    /// The process, modules that nobody else uses, and the banks and meters that were made for one process and are left with it.
    /// Throws `processRuns` where it cannot be removed.
    package func contents(ofRemoval process: CellID) throws -> [BankHolding] {
        let state = try state(of: process)
        guard state == .exited || state == .faulted else {
            throw KernelError.processRuns(try objects.name(process, ProcessRecord.name))
        }
        let bank = try objects.link(process, ProcessRecord.bank)
        var going = Going()
        going.cells[bank, default: 0] += 1
        going.found.append(try holding(process: process, bank: try path(ofBank: bank)))
        try addModules(of: process, bank: bank, to: &going)
        let payers = try addMeters(of: process, to: &going)
        for payer in payers + [bank] { try addBanks(from: payer, to: &going) }
        return going.found
    }

    /// What goes, as far as it is known, and how many cells of each bank are among it.
    private struct Going {
        var found: [BankHolding] = []
        var cells: [CellID: UInt64] = [:]
        var banks: Set<CellID> = []
    }

    private func addModules(of process: CellID, bank: CellID, to going: inout Going) throws {
        var instances: [CellID: UInt64] = [:]
        for instance in try self.instances(of: process) {
            going.cells[bank, default: 0] += 1
            instances[try objects.link(instance, InstanceRecord.module), default: 0] += 1
        }
        var holdings: [BankHolding] = []
        for (module, count) in instances where try objects.get(module, ModuleRecord.instances) == count {
            let payer = try objects.link(module, ModuleRecord.bank)
            going.cells[payer, default: 0] += 1
            holdings.append(try holding(module: module, bank: try path(ofBank: payer)))
        }
        going.found += holdings.sorted { $0.name < $1.name }
    }

    /// Returns the banks that paid for those that go.
    private func addMeters(of process: CellID, to going: inout Going) throws -> [CellID] {
        var payers: [CellID] = []
        var gone = CellID.none
        var meter = try meter(of: process)
        while !meter.isNone {
            let record = try objects.cell(meter)
            let below = CellID(rawValue: record.load(MeterRecord.firstChild))
            let isLeft = try below == gone && (gone.isNone || objects.link(gone, MeterRecord.nextSibling).isNone)
            guard record.load(MeterRecord.flags) & BankRecord.madeForOneProcess != 0, isLeft,
                record.load(MeterRecord.processes) == (gone.isNone ? 1 : 0)
            else { break }
            let payer = try objects.payer(of: meter)
            going.cells[payer, default: 0] += 1
            payers.append(payer)
            going.found.append(
                BankHolding(
                    kind: .meter, name: try path(ofMeter: meter), bank: try path(ofBank: payer), pages: 0, users: 1))
            gone = meter
            meter = try objects.link(meter, MeterRecord.parent)
        }
        return payers
    }

    /// A bank of which nothing is left, and those above it.
    private func addBanks(from bank: CellID, to going: inout Going) throws {
        var each = bank
        while !each.isNone && !going.banks.contains(each) {
            let record = try objects.cell(each)
            guard record.load(BankRecord.flags) & BankRecord.madeForOneProcess != 0,
                record.load(BankRecord.ownCells) - UInt64(record.load(BankRecord.boughtCells))
                    == going.cells[each, default: 0],
                try children(of: each, in: .banks).allSatisfy(going.banks.contains)
            else { return }
            let path = try path(ofBank: each)
            going.found.append(try holding(recordsOf: each, path: path, held: going.found.filter { $0.bank == path }))
            going.banks.insert(each)
            let payer = try objects.payer(of: each)
            going.cells[payer, default: 0] += 1
            each = try objects.link(each, BankRecord.parent)
        }
    }
}
