// The script of a seed. The model is asked what there is, so that most orders are about something; what comes of them nobody needs
// to know for that.

import World

struct Generator {
    private var random: SplitMix64
    private var model: Model
    private var steps: [Step] = []
    private var number = 0
    /// Names and paths that were given out, whatever became of them.
    private var names: [String] = []
    private var paths: [String] = ["root/none"]

    private static let mostProcesses = 9

    static func script(seed: UInt64, steps: Int) -> Script {
        var random = SplitMix64(seed &* 0x9E37_79B9 &+ 17)
        let script = Script(
            seed: seed,
            limitBytes: random.chance(25) ? UInt64.random(in: 1...6, using: &random) << 20 : nil,
            quantumGas: [2_000, 10_000, 50_000].randomElement(using: &random) ?? 10_000,
            every: random.chance(15) ? 2 : 60_000,
            budgetPages: random.chance(25) ? [64, 256].randomElement(using: &random) ?? 64 : 4_096, steps: [])
        var generator = Generator(random: random, model: Model(script))
        while generator.steps.count < steps { generator.step() }
        var whole = script
        whole.steps = Array(generator.steps.prefix(steps))
        return whole
    }

    private init(random: SplitMix64, model: Model) {
        self.random = random
        self.model = model
    }

    private mutating func step() {
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<4: steps.append(.checkpoint(random.chance(50) ? .unawaited : .awaited))
        case 4..<12: steps.append(.turns(UInt64.random(in: 1...40, using: &random)))
        case 12..<16: look()
        case 16..<19:
            steps.append(.halt)
            beginLife()
        case 19..<22:
            steps.append(.crash(after: nil, torn: torn()))
            beginLife()
        case 22..<27:
            for _ in 0..<Int.random(in: 1...4, using: &random) { order(.unawaited) }
            steps.append(.crash(after: Int.random(in: 0...8, using: &random), torn: torn()))
            beginLife()
        default: order(random.chance(12) ? .unawaited : .awaited)
        }
    }

    private mutating func torn() -> UInt64? { random.chance(40) ? UInt64.random(in: 0..<1_000, using: &random) : nil }

    private mutating func look() {
        steps.append(.look)
        model.isQuiet = true
    }

    private mutating func beginLife() {
        while random.chance(20) { steps.append(.recover(Int.random(in: 1...80, using: &random))) }
        if random.chance(25) { for _ in 0..<Int.random(in: 1...3, using: &random) { order(.halted) } }
        if random.chance(85) { look() }
    }

    private mutating func order(_ manner: Step.Manner) {
        let order = randomOrder()
        steps.append(.order(order, manner))
        if let outcome = model.outcomes(of: order).first { _ = model.take(order, outcome: outcome) }
    }

    // MARK: Orders

    private mutating func randomOrder() -> Order {
        let isFull = model.processes.count >= Self.mostProcesses
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<18: return isFull ? .kill(process()) : .run(launch())
        case 18..<43: return .send(process: process(), text: text(), ends: random.chance(12))
        case 43..<47: return .kill(process())
        case 47..<51: return .stop(process())
        case 51..<56: return .resume(process { $0.life == .stopped })
        case 56..<62: return .remove(process { $0.life != .alive && $0.life != .stopped })
        case 62..<68: return .createBank(newPath(below: bank(), "b"), terms())
        case 68..<73: return .setBank(bank(), terms())
        case 73..<79: return .moveProcess(process(), bank: bank())
        case 79..<81: return .destroyBank(bank(), .reclaim)
        case 81..<83: return .destroyBank(bank(), .returnToParent)
        case 83..<88:
            return .createMeter(
                CreateMeterRequest(
                    path: newPath(below: meter(), "m"), gas: random.chance(50) ? gas() : nil, weight: weight(),
                    bank: bank()))
        case 88..<91: return .refillMeter(meter { $0.budget != .unlimited }, gas: gas())
        case 91..<94:
            let budget: Limit = random.chance(40) ? .unlimited : .limited(gas())
            return .setMeter(
                meter(),
                MeterTermsRequest(
                    gas: random.chance(60) ? budget : nil, weight: random.chance(50) ? weight() : nil))
        case 94..<98: return .moveToMeter(process(), meter: meter())
        default: return .destroyMeter(meter())
        }
    }

    private mutating func launch() -> Launch {
        number += 1
        let program: SimulatedProgram
        switch Int.random(in: 0..<10, using: &random) {
        case 0..<6: program = .echo
        case 6..<9:
            program = .count(
                last: Int.random(in: 1...12, using: &random), work: Int.random(in: 1...300, using: &random))
        default: program = .watch(last: Int.random(in: 1...3, using: &random))
        }
        // Now and then a name that is taken, or a bank's; and none.
        var name: String? = "\(program.file.prefix(1))\(number)"
        if random.chance(10) { name = nil }
        if random.chance(4) { name = process() }
        if let name { names.append(name) }
        return Launch(
            name: name, program: program, bank: bank(), meter: meter(),
            gas: random.chance(25) ? UInt64.random(in: 0...120_000, using: &random) : nil,
            limitBytes: random.chance(30) ? UInt64.random(in: 0...600_000, using: &random) : nil)
    }

    private mutating func text() -> String {
        var text = ""
        for _ in 0..<Int.random(in: 0...3, using: &random) {
            for _ in 0..<Int.random(in: 0...6, using: &random) {
                text.append(["a", "b", "c", "x", "y"].randomElement(using: &random) ?? "a")
            }
            if random.chance(85) { text.append("\n") }
        }
        return text
    }

    private mutating func terms() -> BankTermsRequest {
        var terms = BankTermsRequest()
        if random.chance(35) {
            terms.limitBytes = random.chance(30) ? .unlimited : .limited(.random(in: 0...2_000_000, using: &random))
        }
        if random.chance(25) {
            terms.limitCells = random.chance(30) ? .unlimited : .limited(.random(in: 0...20, using: &random))
        }
        if random.chance(30) { terms.reserveBytes = .random(in: 0...300_000, using: &random) }
        return terms
    }

    private mutating func gas() -> UInt64 { UInt64.random(in: 0...400_000, using: &random) }

    private mutating func weight() -> UInt32 {
        random.chance(4)
            ? [0, 1_000, 1_001].randomElement(using: &random) ?? 0 : UInt32.random(in: 1...5, using: &random)
    }

    // MARK: What there is

    /// The name of a process, of these if there is one; seldom of one that is gone, or a part of a name.
    private mutating func process(_ isWanted: (Model.Process) -> Bool = { $0.life == .alive }) -> String {
        if random.chance(4) { return names.randomElement(using: &random) ?? "nobody" }
        let wanted = random.chance(85) ? model.processes.filter(isWanted) : []
        let found = wanted.randomElement(using: &random) ?? model.processes.randomElement(using: &random)
        guard let name = found?.name else { return "nobody" }
        return random.chance(3) ? String(name.prefix(1)) : name
    }

    private mutating func bank() -> String {
        if random.chance(3) { return paths.randomElement(using: &random) ?? "root" }
        if random.chance(25) { return "root" }
        return model.banks.keys.sorted().randomElement(using: &random).map { model.path(ofBank: $0) } ?? "root"
    }

    private mutating func meter(_ isWanted: (Model.Meter) -> Bool = { _ in true }) -> String {
        if random.chance(3) { return paths.randomElement(using: &random) ?? "root" }
        if random.chance(25) { return "root" }
        let wanted = model.meters.filter { isWanted($0.value) }.keys.sorted()
        return wanted.randomElement(using: &random).map { model.path(ofMeter: $0) } ?? "root"
    }

    private mutating func newPath(below parent: String, _ letter: String) -> String {
        number += 1
        var name = "\(letter)\(number)"
        if random.chance(5) { name = process() }
        if random.chance(2) { name = "-\(number)" }
        let path = "\(parent)/\(name)"
        paths.append(path)
        return path
    }
}

extension SplitMix64 {
    /// True in so many of a hundred cases.
    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }
}
