// Destroying banks and meters, moving processes, and what an administrator is told of it.

import Kernel
import Objects
import Store

extension World {
    /// What would go with a bank. O(strips and cells of the banks that go).
    func destruction(_ path: String, _ disposition: Disposition) throws -> DestructionAnswer {
        let bank = try kernel.bank(at: path)
        guard try bank != kernel.rootBank else { throw KernelError.rootStays(kind: "bank") }
        let record = try objects.cell(bank)
        let (used, reserve) = (record.load(BankRecord.usedPages), record.load(BankRecord.reservePages))
        guard disposition == .reclaim else {
            try kernel.checkReturn(of: bank)
            let item = DestructionItem(kind: .bank, name: path, pages: 0)
            return DestructionAnswer(
                path: path, disposition: disposition, dryRun: true, items: [item],
                pages: reserve > used ? reserve - used : 0, cells: 1, pending: false)
        }
        let cells = record.load(BankRecord.usedCells) + 1
        let contents = try kernel.contents(ofBank: bank)
        let elsewhere = contents.filter(\.isElsewhere)
        return DestructionAnswer(
            path: path, disposition: disposition, dryRun: true, items: contents.map(DestructionItem.init),
            pages: max(used, reserve) + elsewhere.reduce(0) { $0 + $1.pages }, cells: cells + UInt64(elsewhere.count),
            pending: false)
    }

    /// Destroys it, and tells what `destruction` would have told just before.
    func destroyBank(_ path: String, _ disposition: Disposition) throws -> DestructionAnswer {
        var answer = try destruction(path, disposition)
        let bank = try kernel.bank(at: path)
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

    /// The meters that went.
    func destroyMeter(_ path: String) throws -> MetersAnswer {
        let meter = try kernel.meter(at: path)
        guard try meter != kernel.rootMeter else { throw KernelError.rootStays(kind: "meter") }
        let gone = try meters(path, recursive: true)
        try kernel.destroy(meter: meter)
        return gone
    }

    /// Who holds the most pages of a bank and those below it. O(processes and modules of the world, banks below).
    func consumers(_ path: String, limit: Int) throws -> ConsumersAnswer {
        let bank = try kernel.bank(at: path)
        let found = try kernel.consumers(ofBank: bank)
        return ConsumersAnswer(
            items: found.prefix(max(0, limit)).map(ConsumerAnswer.init),
            pages: try objects.get(bank, BankRecord.usedPages))
    }
}

extension DestructionItem {
    init(_ holding: BankHolding) {
        self.init(kind: Kind(holding.kind), name: holding.name, pages: holding.pages)
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
            }
        self.init(kind: kind, name: holding.name, bank: holding.bank, pages: holding.pages, users: holding.users)
    }
}
