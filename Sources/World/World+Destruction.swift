// Destroying banks and meters, moving processes, and what an administrator is told of it.

import Kernel
import Objects
import Store

extension World {
    /// Objects of a bank up to which its destruction is answered with a list.
    private static let mostListed: UInt64 = 4_096

    /// What would go with a bank: a list where there are no more objects than `mostListed`. O(strips and cells of the banks that
    /// are listed).
    func destruction(
        _ path: String, _ disposition: Disposition, mostListed: UInt64 = .max
    ) throws -> DestructionAnswer {
        let bank = try bank(at: path, for: .query)
        guard try bank != kernel.rootBank else { throw KernelError.rootStays(kind: "bank") }
        guard disposition == .reclaim else {
            try kernel.checkReturn(of: bank)
            let item = DestructionItem(kind: .bank, name: path, pages: 0)
            return DestructionAnswer(
                path: path, disposition: disposition, dryRun: true, items: [item],
                pages: try objects.unusedReserve(bank), cells: 1, stranded: 0, pending: false)
        }
        let used = try objects.get(bank, BankRecord.usedPages)
        let unusedReserve = try objects.unusedReserve(bank)
        let cells = try objects.get(bank, BankRecord.usedCells) + 1
        guard cells <= mostListed else {
            // Nothing in a destruction takes longer for a large bank than for a small one.
            return DestructionAnswer(
                path: path, disposition: disposition, dryRun: true, items: nil, pages: used + unusedReserve,
                cells: cells,
                stranded: nil, pending: false)
        }
        let (contents, stranded) = try kernel.contents(ofBank: bank)
        let elsewhere = contents.filter(\.isElsewhere)
        return DestructionAnswer(
            path: path, disposition: disposition, dryRun: true, items: contents.map(DestructionItem.init),
            pages: used + unusedReserve + elsewhere.reduce(0) { $0 + $1.pages }, cells: cells + UInt64(elsewhere.count),
            stranded: stranded, pending: false)
    }

    /// Destroys it, and tells what `destruction` would have told just before; of a large bank the figures only.
    func destroyBank(_ path: String, _ disposition: Disposition) throws -> DestructionAnswer {
        var answer = try destruction(path, disposition, mostListed: Self.mostListed)
        let bank = try self.bank(at: path, for: .destroy)
        switch disposition {
        case .reclaim: try kernel.destroy(bank: bank)
        case .returnToParent: try kernel.returnToParent(bank: bank)
        }
        answer.dryRun = false
        answer.pending = try kernel.hasGoingBanks
        return answer
    }

    func move(_ process: CellID, toBank bank: CellID) throws -> Answer {
        try machine.deactivate(process)
        _ = try kernel.move(process, toBank: bank)
        return .done
    }

    func move(_ process: CellID, toMeter meter: CellID) throws -> Answer {
        try kernel.move(process, toMeter: meter)
        return .done
    }

    /// The meters that would go.
    func meterDestruction(_ path: String) throws -> MetersAnswer {
        guard try kernel.meter(at: path) != kernel.rootMeter else { throw KernelError.rootStays(kind: "meter") }
        return try meters(path, recursive: true)
    }

    /// The meters that went.
    func destroyMeter(_ path: String) throws -> MetersAnswer {
        let gone = try meterDestruction(path)
        try kernel.destroy(meter: try kernel.meter(at: path))
        return gone
    }

    // MARK: Processes

    /// What would go with a process's end: what it computes with.
    func ending(_ process: CellID) throws -> RemovalAnswer {
        try checkIsNotOver(process)
        let item = DestructionItem(
            kind: .process, name: try objects.name(process, ProcessRecord.name),
            pages: try kernel.countWorkingPages(of: process), id: try objects.get(process, ProcessRecord.id))
        return RemovalAnswer(items: [item])
    }

    /// What would go with a process that is removed.
    func removal(_ process: CellID) throws -> RemovalAnswer {
        RemovalAnswer(items: try kernel.contents(ofRemoval: process).map(DestructionItem.init))
    }

    /// Throws `processOver` where a process has exited.
    func checkIsNotOver(_ process: CellID) throws {
        guard try kernel.state(of: process) != .exited else {
            throw KernelError.processOver(try objects.name(process, ProcessRecord.name))
        }
    }

    /// Who holds the most pages of a bank and those below it. O(processes and modules of the world, banks below).
    func consumers(_ path: String, limit: Int) throws -> ConsumersAnswer {
        let bank = try bank(at: path, for: .query)
        let found = try kernel.consumers(ofBank: bank)
        let items = found.prefix(max(0, limit)).map(ConsumerAnswer.init)
        return ConsumersAnswer(
            items: items, pages: try objects.get(bank, BankRecord.usedPages), omitted: found.count - items.count)
    }
}

extension DestructionItem {
    init(_ holding: BankHolding) {
        self.init(kind: Kind(holding.kind), name: holding.name, pages: holding.pages, id: holding.id)
    }
}

extension DestructionItem.Kind {
    fileprivate init(_ kind: BankHolding.Kind) {
        self =
            switch kind {
            case .process: .process
            case .module: .module
            case .meter: .meter
            case .bank: .bank
            case .reserve: .reserve
            }
    }
}

extension ConsumerAnswer {
    init(_ holding: BankHolding) {
        let kind: Kind =
            switch holding.kind {
            case .process: .process
            case .module: .module
            case .bank, .meter: .records
            case .reserve: .reserve
            }
        self.init(
            kind: kind, name: holding.name, bank: holding.bank, pages: holding.pages, users: holding.users,
            process: holding.process)
    }
}
