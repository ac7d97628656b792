// What a world may answer to an order: 0, or the exit code of a refusal. There is one, but where it depends on pages, or on how far a
// program has come: then there are several, the likeliest first, and the world's answer is followed.

import World

extension Model {
    private static let noSuchThing: UInt8 = 3
    private static let exhausted: UInt8 = 5
    private static let failed: UInt8 = 1
    private static let usage: UInt8 = 64

    func outcomes(of order: Order) -> [UInt8] {
        switch order {
        case .run(let launch): outcomes(ofLaunch: launch)
        case .send(let process, let text, _): of(process) { outcomes(ofSending: text, to: $0) }
        case .kill(let process), .stop(let process):
            of(process) {
                switch $0.life {
                case .over: [Self.failed]
                case .stopped: [0]
                case .alive: mayBeOver($0) ? [0, Self.failed] : [0]
                }
            }
        case .resume(let process): of(process) { $0.life == .stopped ? [0] : [Self.failed] }
        case .remove(let process):
            of(process) {
                switch $0.life {
                case .over: [0]
                case .stopped: [Self.failed]
                case .alive: mayBeOver($0) ? [Self.failed, 0] : [Self.failed]
                }
            }
        case .createBank(let path, let terms): outcomes(ofCreating: path, terms)
        case .setBank(let path, let terms): outcomes(ofSetting: path, terms)
        case .moveProcess(let process, let path):
            of(process) { moved in bank(at: path).map { outcomes(ofMoving: moved, to: $0) } ?? [Self.noSuchThing] }
        case .destroyBank(let path, let disposition): [outcome(ofDestroying: path, disposition)]
        case .createMeter(let request): outcomes(ofCreating: request)
        case .refillMeter(let path, let gas): [outcome(ofRefilling: path, gas)]
        case .setMeter(let path, let terms):
            if meter(at: path) == nil {
                [Self.noSuchThing]
            } else {
                [isWeight(terms.weight) && terms.gas != .limited(.max) ? 0 : Self.usage]
            }
        case .moveToMeter(let process, let path):
            of(process) { _ in [meter(at: path) == nil ? Self.noSuchThing : 0] }
        case .destroyMeter(let path):
            switch meter(at: path) {
            case nil: [Self.noSuchThing]
            case Self.rootMeter: [Self.usage]
            default: [0]
            }
        }
    }

    private func of(_ process: String, _ outcomes: (Process) -> [UInt8]) -> [UInt8] {
        switch self.process(process) {
        case .one(let index): outcomes(processes[index])
        case .refused(let code): [code]
        }
    }

    /// Whether a process that lives, for all that is known, may have come to its end by itself.
    func mayBeOver(_ process: Process) -> Bool {
        if isQuiet || process.life != .alive { return false }
        // One that waits for input goes on waiting, unless it had no room for what it read.
        if process.program == .echo { return process.inputEnded || process.mayHaveLacked }
        return true
    }

    private func isWeight(_ weight: UInt32?) -> Bool { weight.map { (1...1000).contains($0) } ?? true }

    private func outcomes(ofLaunch launch: Launch) -> [UInt8] {
        guard let bank = bank(at: launch.bank), let meter = meter(at: launch.meter) else { return [Self.noSuchThing] }
        if let name = launch.name, !Self.isName(name) || processes.contains(where: { $0.name == name }) {
            return [Self.usage]
        }
        let missing: UInt64 = module(launch.program.file, for: bank) == nil ? 1 : 0
        let room = cellsLeft(bank)
        if room < 2 + missing { return [Self.exhausted] }
        // Refused for want of pages before the name of its own bank or meter is looked at, or not.
        let early = isLimited(bank) ? [Self.exhausted] : []
        let name = name(of: launch, bank: bank, meter: meter)
        if launch.limitBytes != nil, hasBank(name, below: bank) { return [Self.usage] + early }
        if launch.gas != nil, hasMeter(name, below: meter) { return [Self.usage] + early }
        let own: UInt64 = (launch.limitBytes == nil ? 0 : 1) + (launch.gas == nil ? 0 : 1)
        if room < 2 + missing + own { return [Self.exhausted] }
        return [0] + (launch.limitBytes == nil ? early : [Self.exhausted])
    }

    func name(of launch: Launch, bank: Int, meter: Int) -> String {
        launch.name
            ?? freeName(
                for: launch.program.file, bank: launch.limitBytes == nil ? nil : bank,
                meter: launch.gas == nil ? nil : meter)
    }

    private func outcomes(ofSending text: String, to process: Process) -> [UInt8] {
        if case .over = process.life { return [Self.failed] }
        if process.inputEnded { return [Self.failed] }
        return [0] + (mayBeOver(process) ? [Self.failed] : [])
            + (isLimited(process.bank) && !text.isEmpty ? [Self.exhausted] : [])
    }

    private func outcomes(ofCreating path: String, _ terms: BankTermsRequest) -> [UInt8] {
        guard let (parentPath, name) = Self.split(path) else { return [Self.usage] }
        guard let parent = bank(at: parentPath) else { return [Self.noSuchThing] }
        if hasBank(name, below: parent) { return [Self.usage] }
        if !isSound(terms, limit: nil, reserve: 0) { return [Self.usage] }
        if cellsLeft(parent) < 1 { return [Self.exhausted] }
        return isLimited(parent) ? [0, Self.exhausted] : [0]
    }

    private func outcomes(ofSetting path: String, _ terms: BankTermsRequest) -> [UInt8] {
        guard let number = bank(at: path), let bank = banks[number] else { return [Self.noSuchThing] }
        if bank.parent == nil, terms.reserveBytes ?? 0 > 0 { return [Self.usage] }
        if !isSound(terms, limit: bank.limitPages, reserve: bank.reservePages) { return [Self.usage] }
        guard let parent = bank.parent, (terms.reserveBytes ?? 0) > 0, isLimited(parent) else { return [0] }
        return [0, Self.exhausted]
    }

    /// Whether no more is reserved than may be sold.
    private func isSound(_ terms: BankTermsRequest, limit: UInt64?, reserve: UInt64) -> Bool {
        let limit = terms.limitBytes.map { $0.value.map { $0 / 4096 } } ?? limit
        let reserve = terms.reservePages ?? reserve
        return limit.map { reserve <= $0 } ?? true
    }

    private func outcomes(ofMoving process: Process, to target: Int) -> [UInt8] {
        let own = ownBank(of: process)
        if process.bank == target || own != nil && own?.parent == target { return [0] }
        if own != nil, hasBank(process.name, below: target) { return [Self.usage] }
        let meters: UInt64 = ownMeter(of: process) == nil ? 0 : 1
        let missing: UInt64 = module(process.program.file, for: target) == nil ? 1 : 0
        if let limit = own?.limitCells, limit < 2 + meters { return [Self.exhausted] }
        let need = 2 + missing + (own == nil ? 0 : 1) + meters
        if cellsLeft(target, without: process) < need { return [Self.exhausted] }
        return isLimited(target) || own?.limitPages != nil ? [0, Self.exhausted] : [0]
    }

    /// The bank that was made for a process, where it lives in it.
    func ownBank(of process: Process) -> Bank? {
        guard let bank = banks[process.bank], bank.isOwn, bank.name == process.name else { return nil }
        return bank
    }

    /// The meter that was made for a process, where its bank pays for it and nobody else uses it.
    func ownMeter(of process: Process) -> Int? {
        guard let number = process.meter, let meter = meters[number], meter.isOwn, meter.payer == process.bank,
            processes.count(where: { $0.meter == number }) == 1, !meters.values.contains(where: { $0.parent == number })
        else { return nil }
        return number
    }

    private func outcome(ofDestroying path: String, _ disposition: Disposition) -> UInt8 {
        guard let number = bank(at: path), let bank = banks[number] else { return Self.noSuchThing }
        guard let parent = bank.parent else { return Self.usage }
        guard disposition == .returnToParent else { return 0 }
        // What is below becomes the parent's, beside what that has already.
        let beside = Set(banks.filter { $0.value.parent == parent && $0.key != number }.values.map(\.name))
        return banks.values.contains { $0.parent == number && beside.contains($0.name) } ? Self.usage : 0
    }

    private func outcomes(ofCreating request: CreateMeterRequest) -> [UInt8] {
        guard let bank = bank(at: request.bank) else { return [Self.noSuchThing] }
        guard isWeight(request.weight), let (parentPath, name) = Self.split(request.path) else { return [Self.usage] }
        guard let parent = meter(at: parentPath) else { return [Self.noSuchThing] }
        if hasMeter(name, below: parent) || request.gas == .max { return [Self.usage] }
        if cellsLeft(bank) < 1 { return [Self.exhausted] }
        return isLimited(bank) ? [0, Self.exhausted] : [0]
    }

    private func outcome(ofRefilling path: String, _ gas: UInt64) -> UInt8 {
        guard let number = meter(at: path), let meter = meters[number] else { return Self.noSuchThing }
        // Sums are far below what a meter holds: the generator sees to that.
        return meter.budget == .unlimited ? Self.failed : 0
    }
}

extension BankTermsRequest {
    /// Pages to be reserved: rounded up.
    var reservePages: UInt64? { reserveBytes.map { ($0 + 4095) / 4096 } }
}
