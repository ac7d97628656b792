// Banks and meters as an administrator asks for them and changes them.

import Kernel
import Objects

extension World {
    // MARK: Banks

    /// A bank by its path, for an order that needs a right. The administrator's key to it has them all.
    func bank(at path: String, for right: BankRights) throws -> CellID {
        try kernel.bank(by: try kernel.key(toBank: try kernel.bank(at: path)), for: right)
    }

    func banks(_ path: String, recursive: Bool) throws -> BanksAnswer {
        BanksAnswer(
            items: try kernel.banks(from: try bank(at: path, for: .query), recursive: recursive).map(BankAnswer.init))
    }

    func bank(_ path: String) throws -> BankAnswer {
        BankAnswer(try kernel.figures(ofBank: try bank(at: path, for: .query)))
    }

    func createBank(_ path: String, _ terms: BankTermsRequest) throws -> BankAnswer {
        BankAnswer(try kernel.figures(ofBank: try kernel.createBank(at: path, BankTerms(terms))))
    }

    func setBank(_ path: String, _ terms: BankTermsRequest) throws -> BankAnswer {
        let bank = try bank(at: path, for: .setLimits)
        try kernel.set(bank, BankTerms(terms))
        return BankAnswer(try kernel.figures(ofBank: bank))
    }

    /// A refusal by a bank gets the bank's path, while there still is one.
    func naming<T>(_ body: () throws -> T) throws -> T {
        do {
            return try body()
        } catch ObjectsError.bankExhausted(let refusal) {
            let isThere = try objects.kind(of: refusal.bank) == .bank
            throw KernelError.bankExhausted(path: isThere ? try kernel.path(ofBank: refusal.bank) : nil, refusal)
        }
    }

    // MARK: Meters

    func meters(_ path: String, recursive: Bool) throws -> MetersAnswer {
        MetersAnswer(
            items: try kernel.meters(from: try kernel.meter(at: path), recursive: recursive).map(MeterAnswer.init))
    }

    func meter(_ path: String) throws -> MeterAnswer {
        MeterAnswer(try kernel.figures(ofMeter: try kernel.meter(at: path)))
    }

    func createMeter(_ request: CreateMeterRequest) throws -> MeterAnswer {
        let bank = try bank(at: request.bank, for: .allocate)
        try check(weight: request.weight)
        let meter = try kernel.createMeter(at: request.path, bank: bank, gas: request.gas, weight: request.weight)
        return MeterAnswer(try kernel.figures(ofMeter: meter))
    }

    func refillMeter(_ path: String, gas: UInt64) throws -> MeterAnswer {
        let meter = try kernel.meter(at: path)
        try kernel.refill(meter, gas: gas)
        return MeterAnswer(try kernel.figures(ofMeter: meter))
    }

    func setMeter(_ path: String, _ terms: MeterTermsRequest) throws -> MeterAnswer {
        let meter = try kernel.meter(at: path)
        if let weight = terms.weight { try check(weight: weight) }
        if let gas = terms.gas { try kernel.setGas(of: meter, to: gas.value) }
        if let weight = terms.weight { try kernel.setWeight(of: meter, to: weight) }
        return MeterAnswer(try kernel.figures(ofMeter: meter))
    }

    private func check(weight: UInt32) throws {
        guard (1...Kernel.weightBound).contains(weight) else {
            throw WorldError(
                .usage, what: "\(weight) cannot be a weight", why: "a weight is 1 to \(Kernel.weightBound)",
                try: "keyvm meter set -w \(quotedForShell(directory)) root/batch weight=2")
        }
    }

    // MARK: Standing still

    func stop(_ process: CellID) throws -> Answer {
        switch try kernel.state(of: process) {
        case .exited, .faulted: throw KernelError.processOver(try objects.name(process, ProcessRecord.name))
        case .stopped: break
        case .ready, .waiting, .frozenGas, .frozenSpace:
            try kernel.setState(of: process, to: .stopped)
            if try kernel.isRunning(process) { try kernel.endQuantum() }
        }
        return .done
    }

    /// The process is ready; what it waited for it waits for again, and what it lacked it may lack again.
    func resume(_ process: CellID) throws -> Answer {
        let state = try kernel.state(of: process)
        guard state == .stopped else {
            throw KernelError.notStopped(process: try objects.name(process, ProcessRecord.name), state: state)
        }
        try kernel.setState(of: process, to: .ready)
        return .done
    }
}

extension BankTerms {
    init(_ request: BankTermsRequest) {
        self.init(
            limitPages: request.limitBytes.map { $0.value.map { $0 / 4096 } },
            limitCells: request.limitCells.map(\.value),
            reservePages: request.reserveBytes.map { $0 / 4096 + ($0 % 4096 == 0 ? 0 : 1) })
    }
}

extension BankAnswer {
    init(_ figures: BankFigures) {
        self.init(
            path: figures.path, limitBytes: figures.limitPages.map(Self.bytes),
            usedBytes: Self.bytes(figures.usedPages),
            availableBytes: figures.availablePages.map(Self.bytes), ownBytes: Self.bytes(figures.ownPages),
            reserveBytes: Self.bytes(figures.reservePages), pages: figures.usedPages, cells: figures.cells,
            ownCells: figures.ownCells, limitCells: figures.limitCells, availableCells: figures.availableCells,
            processes: figures.processes)
    }

    /// Bytes of pages; as many as 64 bits hold where that is less.
    static func bytes(_ pages: UInt64) -> UInt64 {
        let (bytes, overflow) = pages.multipliedReportingOverflow(by: 4096)
        return overflow ? .max : bytes
    }
}

extension MeterAnswer {
    init(_ figures: MeterFigures) {
        self.init(
            path: figures.path, gasLeft: figures.gasLeft, gasUsed: figures.gasUsed, gasAvailable: figures.gasAvailable,
            weight: figures.weight, processes: figures.processes)
    }
}
