// What an order does to the model, with the outcome that it had.

import World

extension Model {
    /// Takes an order in that ended with `outcome`; false where it cannot have.
    mutating func take(_ order: Order, outcome: UInt8) -> Bool {
        guard outcomes(of: order).contains(outcome) else { return false }
        if outcome == 0 { perform(order) } else { noteRefusal(of: order, outcome) }
        return true
    }

    /// A process that is refused because it is over is: it came to its end by itself.
    private mutating func noteRefusal(of order: Order, _ outcome: UInt8) {
        guard outcome == 1 else { return }
        switch order {
        case .kill(let process), .stop(let process), .send(let process, _, _):
            change(process) { process, model in
                // A refused `send` may mean its input.
                let isAboutInput = if case .send = order { process.inputEnded } else { false }
                if model.mayBeOver(process) && !isAboutInput { process.life = .over(nil) }
            }
        default: break
        }
    }

    private mutating func change(_ text: String, _ body: (inout Process, Model) -> Void) {
        guard case .one(let index) = process(text) else { return }
        let before = self
        body(&processes[index], before)
    }

    private mutating func perform(_ order: Order) {
        switch order {
        case .run(let launch): run(launch)
        case .send(let process, let text, let ends):
            change(process) { process, _ in
                process.input += text
                process.inputEnded = ends
            }
        case .kill(let process):
            change(process) { process, model in
                process.life = .over(137)
                if model.isQuiet { process.isFixed = true }
            }
        case .stop(let process):
            change(process) { process, model in
                process.life = .stopped
                if model.isQuiet { process.isFixed = true }
            }
        case .resume(let process):
            change(process) { process, _ in
                process.life = .alive
                process.isFixed = false
            }
        case .remove(let process):
            if case .one(let index) = self.process(process) { processes.remove(at: index) }
        case .createBank(let path, let terms):
            guard let (parent, name) = Self.split(path) else { break }
            let number = newNumber()
            banks[number] = Bank(name: name, parent: bank(at: parent))
            set(number, terms)
            banks[number]?.wasSet = false
        case .setBank(let path, let terms): if let number = bank(at: path) { set(number, terms) }
        case .moveProcess(let process, let path):
            if let bank = bank(at: path) { move(process, to: bank) }
        case .destroyBank(let path, let disposition): destroyBank(path, disposition)
        case .createMeter(let request):
            guard let (parent, name) = Self.split(request.path), let payer = bank(at: request.bank) else { break }
            meters[newNumber()] = Meter(
                name: name, parent: meter(at: parent), payer: payer,
                budget: request.gas.map { .sum($0) } ?? .unlimited, weight: request.weight)
        case .refillMeter(let path, let gas):
            if let number = meter(at: path), case .sum(let sum)? = meters[number]?.budget {
                meters[number]?.budget = .sum(sum + gas)
            }
        case .setMeter(let path, let terms):
            guard let number = meter(at: path) else { break }
            if let gas = terms.gas { meters[number]?.budget = gas.value == nil ? .unlimited : .unknown }
            if let weight = terms.weight { meters[number]?.weight = weight }
        case .moveToMeter(let process, let path):
            let meter = meter(at: path)
            change(process) { process, _ in process.meter = meter }
        case .destroyMeter(let path): if let number = meter(at: path) { removeMeters(from: [number]) }
        }
        isQuiet = false
        tidy()
    }

    private mutating func run(_ launch: Launch) {
        guard var bank = bank(at: launch.bank), var meter = meter(at: launch.meter) else { return }
        let name = name(of: launch, bank: bank, meter: meter)
        let module = installed(launch.program.file, for: bank)
        if let limit = launch.limitBytes {
            let own = newNumber()
            banks[own] = Bank(name: name, parent: bank, limitPages: limit / 4096, isOwn: true)
            bank = own
        }
        if let gas = launch.gas {
            let own = newNumber()
            meters[own] = Meter(name: name, parent: meter, payer: bank, budget: .sum(gas), isOwn: true)
            meter = own
        }
        processes.append(
            Process(id: nextProcess, name: name, program: launch.program, bank: bank, meter: meter, module: module))
        nextProcess += 1
    }

    /// The module of a file that a bank can use, where it is or as a new one.
    private mutating func installed(_ file: String, for bank: Int) -> Int {
        if let found = module(file, for: bank) { return found }
        let number = newNumber()
        modules[number] = Module(file: file, bank: bank)
        return number
    }

    private mutating func set(_ bank: Int, _ terms: BankTermsRequest) {
        if let limit = terms.limitBytes {
            banks[bank]?.limitPages = limit.value.map { $0 / 4096 }
            banks[bank]?.wasSet = true
        }
        if let cells = terms.limitCells { banks[bank]?.limitCells = cells.value }
        if let reserve = terms.reservePages { banks[bank]?.reservePages = reserve }
    }

    private mutating func move(_ text: String, to target: Int) {
        guard case .one(let index) = process(text) else { return }
        let process = processes[index]
        let own = ownBank(of: process)
        if process.bank == target || own != nil && own?.parent == target { return }
        let meter = ownMeter(of: process)
        processes[index].module = installed(process.program.file, for: target)
        var bank = target
        if var copy = own {
            bank = newNumber()
            copy.parent = target
            copy.reservePages = 0
            banks[bank] = copy
        }
        processes[index].bank = bank
        if let meter { meters[meter]?.payer = bank }
    }

    private mutating func destroyBank(_ path: String, _ disposition: Disposition) {
        guard let number = bank(at: path), let parent = banks[number]?.parent else { return }
        switch disposition {
        case .reclaim:
            let going = Set(banks.keys.filter { chain(ofBank: $0).contains(number) })
            processes.removeAll { going.contains($0.bank) }
            modules = modules.filter { !going.contains($0.value.bank) }
            removeMeters(from: meters.filter { going.contains($0.value.payer) }.map(\.key))
            banks = banks.filter { !going.contains($0.key) }
        case .returnToParent:
            for each in banks.keys where banks[each]?.parent == number { banks[each]?.parent = parent }
            for each in modules.keys where modules[each]?.bank == number { modules[each]?.bank = parent }
            for each in meters.keys where meters[each]?.payer == number { meters[each]?.payer = parent }
            for index in processes.indices where processes[index].bank == number { processes[index].bank = parent }
            banks[number] = nil
        }
    }

    /// Meters go, and those below them; who ran on them has none.
    private mutating func removeMeters(from tops: [Int]) {
        let going = Set(meters.keys.filter { meter in chain(ofMeter: meter).contains(where: tops.contains) })
        meters = meters.filter { !going.contains($0.key) }
        for index in processes.indices where processes[index].meter.map(going.contains) == true {
            processes[index].meter = nil
        }
    }

    /// Modules without a user go, and banks and meters that were made for one process and have nothing left.
    private mutating func tidy() {
        while true {
            let before = (banks.count, meters.count, modules.count)
            let used = Set(processes.map(\.module))
            modules = modules.filter { used.contains($0.key) }
            let ran = Set(processes.compactMap(\.meter)).union(meters.values.compactMap(\.parent))
            meters = meters.filter { !$0.value.isOwn || ran.contains($0.key) }
            banks = banks.filter { !$0.value.isOwn || ownCells($0.key) > 0 }
            if before == (banks.count, meters.count, modules.count) { break }
        }
        for index in processes.indices where isLimited(processes[index].bank) { processes[index].mayHaveLacked = true }
    }
}
