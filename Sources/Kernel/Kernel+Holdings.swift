// What a bank and those below it hold: for who looks at a destruction before it is done, and for who asks who has it all.

import Objects
import Store

/// Something that a bank pays for.
package struct BankHolding: Sendable, Hashable {
    /// A bank stands for its own pots, among them those of its records, its meters' and its processes'; a reserve for what a bank
    /// has not used of it.
    package enum Kind: Int, Sendable { case bank, process, module, meter, reserve }
    package var kind: Kind
    /// A path, a process's name, or a module's SHA-256.
    package var name: String
    /// Path of the bank that pays.
    package var bank: String
    package var pages: UInt64
    /// Instances of a module; else 1.
    package var users: UInt64
    /// A process's.
    package var id: UInt64?
    /// The oldest process that has a module.
    package var process: String?
    /// A bank elsewhere pays for it, and has its pages back.
    package var isElsewhere = false
}

extension Kernel {
    /// All that a bank and those below it hold, each bank before its own: processes by name, modules by hash, meters by path;
    /// meters below theirs too, whoever pays for those, and modules of banks above that nobody else uses. `stranded`: how many
    /// processes of other banks run on these meters. O(strips and cells of the banks).
    package func contents(ofBank top: CellID) throws -> (holdings: [BankHolding], stranded: UInt64) {
        var found: [BankHolding] = []
        var listedMeters: Set<CellID> = []
        var metersOfOwn: [CellID] = []
        var instances: [CellID: UInt64] = [:]
        let banks = try subtree(ofBank: top)
        let payers = Set(banks.map(\.cell))
        for (bank, path) in banks {
            var own: [BankHolding] = []
            for cell in try cells(ofBank: bank) {
                switch CellKind(rawValue: try objects.get(cell, CellHeader.kind)) {
                case .process:
                    own.append(try holding(process: cell, bank: path))
                    metersOfOwn.append(try meter(of: cell))
                case .module: own.append(try holding(module: cell, bank: path))
                case .meter:
                    for (meter, meterPath) in try subtree(ofMeter: cell) where listedMeters.insert(meter).inserted {
                        let payer = try objects.payer(of: meter)
                        own.append(
                            BankHolding(
                                kind: .meter, name: meterPath, bank: path, pages: 0, users: 1,
                                isElsewhere: !payers.contains(payer)))
                    }
                case .instance: instances[try objects.link(cell, InstanceRecord.module), default: 0] += 1
                case .node, .forwarder, .bank, nil: break
                }
            }
            found.append(try holding(recordsOf: bank, path: path, held: own))
            found += try unusedReserve(of: bank, path: path)
            found += own.sorted { ($0.kind.rawValue, $0.name) < ($1.kind.rawValue, $1.name) }
        }
        let users = try listedMeters.reduce(0) { try $0 + objects.get($1, MeterRecord.processes) }
        let stranded = users - UInt64(metersOfOwn.count(where: listedMeters.contains))
        return (try found + modulesElsewhere(usedOnlyBy: instances, payers: payers), stranded)
    }

    /// Modules of other banks whose instances are all among these.
    private func modulesElsewhere(
        usedOnlyBy instances: [CellID: UInt64], payers: Set<CellID>
    ) throws -> [BankHolding] {
        var found: [BankHolding] = []
        for (module, count) in instances where try objects.get(module, ModuleRecord.instances) == count {
            let bank = try objects.link(module, ModuleRecord.bank)
            guard !payers.contains(bank) else { continue }
            var holding = try holding(module: module, bank: try path(ofBank: bank))
            holding.isElsewhere = true
            found.append(holding)
        }
        return found.sorted { $0.name < $1.name }
    }

    /// Processes, modules, banks' own pots, and what is reserved and not used, of a bank and those below it; the one with the most
    /// pages first. O(processes and modules of the world, and banks below).
    package func consumers(ofBank top: CellID) throws -> [BankHolding] {
        let banks = try subtree(ofBank: top)
        var paths: [CellID: String] = [:]
        for (bank, path) in banks { paths[bank] = path }
        var held: [CellID: [BankHolding]] = [:]
        var users: [CellID: String] = [:]
        try forEachProcess { process in
            for instance in try instances(of: process) {
                let module = try objects.link(instance, InstanceRecord.module)
                if users[module] == nil { users[module] = try objects.name(process, ProcessRecord.name) }
            }
            let bank = try objects.link(process, ProcessRecord.bank)
            if let path = paths[bank] { held[bank, default: []].append(try holding(process: process, bank: path)) }
        }
        var module = CellID(rawValue: try objects.world(WorldPage.moduleFirst))
        while !module.isNone {
            let bank = try objects.link(module, ModuleRecord.bank)
            if let path = paths[bank] {
                var holding = try holding(module: module, bank: path)
                holding.process = users[module]
                held[bank, default: []].append(holding)
            }
            module = try objects.link(module, ModuleRecord.next)
        }
        var found: [BankHolding] = []
        for (bank, path) in banks {
            let own = held[bank, default: []]
            found += own + [try holding(recordsOf: bank, path: path, held: own)]
            if bank != top { found += try unusedReserve(of: bank, path: path) }
        }
        return found.filter { $0.pages > 0 }.sorted {
            ($1.pages, $0.kind.rawValue, $0.name) < ($0.pages, $1.kind.rawValue, $1.name)
        }
    }

    /// What is reserved for a bank and not used; nothing where all is.
    private func unusedReserve(of bank: CellID, path: String) throws -> [BankHolding] {
        let unused = try objects.unusedReserve(bank)
        return unused == 0 ? [] : [BankHolding(kind: .reserve, name: path, bank: path, pages: unused, users: 1)]
    }

    func holding(process: CellID, bank: String) throws -> BankHolding {
        BankHolding(
            kind: .process, name: try objects.name(process, ProcessRecord.name), bank: bank,
            pages: try objects.get(process, ProcessRecord.pages), users: 1,
            id: try objects.get(process, ProcessRecord.id))
    }

    func holding(module: CellID, bank: String) throws -> BankHolding {
        let record = try objects.cell(module)
        return BankHolding(
            kind: .module, name: hexadecimal(record.load(ModuleRecord.hash)), bank: bank,
            pages: record.load(ModuleRecord.pages), users: record.load(ModuleRecord.instances))
    }

    /// What is a bank's own and none of its processes' and modules'.
    func holding(recordsOf bank: CellID, path: String, held: [BankHolding]) throws -> BankHolding {
        let pages = try objects.get(bank, BankRecord.ownPages)
        return BankHolding(
            kind: .bank, name: path, bank: path, pages: pages &- held.reduce(0) { $0 &+ $1.pages }, users: 1)
    }

    private func subtree(ofBank bank: CellID) throws -> [(cell: CellID, path: String)] {
        try cells(from: bank, path: try path(ofBank: bank), recursive: true, in: .banks)
    }

    private func subtree(ofMeter meter: CellID) throws -> [(cell: CellID, path: String)] {
        try cells(from: meter, path: try path(ofMeter: meter), recursive: true, in: .meters)
    }

    /// The cells in a bank's pots.
    private func cells(ofBank bank: CellID) throws -> [CellID] {
        var found: [CellID] = []
        for strip in try strips(ofBank: bank) {
            let record = try objects.record(of: strip)
            guard record.load(StripRecord.use) == StripUse.pots.rawValue else { continue }
            for index in record.setBits(of: StripRecord.allocated) {
                found += try objects.cells(inPot: strip.page(index))
            }
        }
        return found
    }
}

/// Bytes in hexadecimal digits.
package func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef")
    return String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
}
