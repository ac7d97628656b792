// What the kernel knows of all objects at once, counted in pieces while everything changes.

import Kernel
import Objects
import Testing

@Suite struct SurveyTests {
    private let states: [RunState] = [.ready, .waiting, .frozenGas, .frozenSpace, .stopped, .faulted, .exited]

    /// One change of a world, drawn by lot.
    private func change(
        _ world: TestWorld, _ processes: inout [CellID], _ number: Int, _ generator: inout SeededGenerator
    ) throws {
        let kernel = world.kernel
        switch UInt64.random(in: 0..<10, using: &generator) {
        case 0...2:
            let isOwn = generator.oneIn(2)
            processes.append(
                try world.start("p\(number)", bank: try world.rootBank) { plan in
                    if isOwn { (plan.limitPages, plan.gas) = (100, 1_000) }
                })
        case 3...5:
            guard let process = processes.randomElement(using: &generator) else { return }
            let state = states.filter { $0 != .exited && $0 != .faulted }.randomElement(using: &generator)
            guard let state, try kernel.state(of: process) != .faulted else { return }
            try kernel.setState(of: process, to: state)
        case 6, 7:
            guard let index = processes.indices.randomElement(using: &generator) else { return }
            let process = processes[index]
            if try kernel.state(of: process) != .faulted, generator.oneIn(2) {
                try kernel.end(process, as: .faulted, exitCode: 134)
            } else {
                if try kernel.state(of: process) != .faulted { try kernel.end(process, as: .exited, exitCode: 0) }
                try kernel.remove(process)
                processes.remove(at: index)
            }
        case 8:
            let parent = try kernel.banks(from: world.rootBank, recursive: true).randomElement(using: &generator)
            _ = try kernel.createBank(at: "\(parent?.path ?? "root")/b\(number)", BankTerms())
        default:
            let parent = try kernel.meters(from: kernel.rootMeter, recursive: true).randomElement(using: &generator)
            _ = try kernel.createMeter(
                at: "\(parent?.path ?? "root")/m\(number)", bank: try world.rootBank, gas: nil, weight: 1)
        }
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func aCountInPiecesIsRightWhateverChangesMeanwhile(seed: UInt64) throws {
        let world = try TestWorld()
        var generator = SeededGenerator(seed: seed)
        var processes: [CellID] = []
        for number in 0..<60 { try change(world, &processes, number, &generator) }
        var pieces = 0
        var number = 60
        while try !world.kernel.survey(atMost: 2) {
            pieces += 1
            #expect(try world.kernel.checkSurvey(), "seed \(seed), piece \(pieces)")
            try change(world, &processes, number, &generator)
            #expect(try world.kernel.checkSurvey(), "seed \(seed), change \(number)")
            number += 1
            try #require(pieces < 1_000, "it comes to an end")
        }
        #expect(pieces > 10)
        for number in number..<number + 100 {
            try change(world, &processes, number, &generator)
            #expect(try world.kernel.survey(atMost: 1), "what is counted stays counted")
            #expect(try world.kernel.checkSurvey(), "seed \(seed), change \(number)")
        }
        let total = states.reduce(0) { $0 + world.kernel.countProcesses($1) }
        #expect(total == UInt64(processes.count))
        try world.check()
    }

    @Test func banksOfSingleProcessesAreLeftOutAndTheRestIsBounded() throws {
        let world = try TestWorld()
        let kernel = world.kernel
        for number in 0..<20 { _ = try kernel.createBank(at: "root/b\(number)", BankTerms()) }
        var path = "root"
        for depth in 1...5 {
            path += "/d\(depth)"
            _ = try kernel.createBank(at: path, BankTerms())
        }
        for number in 0..<30 { _ = try world.start("p\(number)", bank: try world.rootBank) { $0.limitPages = 50 } }
        while try !kernel.survey(atMost: 7) {}
        let all = try kernel.administeredBanks(atMost: 100, depth: 100)
        #expect(all.omitted == 0 && all.figures.count == 26)
        #expect(all.figures.map(\.path) == all.figures.map(\.path).sorted())
        #expect(all.figures.first?.path == "root" && all.figures.allSatisfy { !$0.path.contains("/p") })
        let few = try kernel.administeredBanks(atMost: 10, depth: 100)
        #expect(few.figures.count == 10 && few.omitted == 16)
        let flat = try kernel.administeredBanks(atMost: 100, depth: 3)
        #expect(flat.figures.count == 24 && flat.omitted == 2)
        #expect(flat.figures.contains { $0.path == "root/d1/d2/d3" })
        let meters = try kernel.administeredMeters(atMost: 100, depth: 100)
        #expect(meters.figures.map(\.path) == ["root"] && meters.omitted == 0)
    }

    @Test func noObjectTellsWhetherThereIsACountOrAnObserver() throws {
        func live(_ world: TestWorld) throws -> (Ledger, Int) {
            var generator = SeededGenerator(seed: 9)
            var processes: [CellID] = []
            for number in 0..<150 {
                if world.kernel.observer != nil { _ = try world.kernel.survey(atMost: 3) }
                try change(world, &processes, number, &generator)
            }
            return (try world.ledger(), world.objects.dirtyCount)
        }
        let quiet = try TestWorld()
        let watched = try TestWorld()
        var heard = 0
        watched.kernel.observer = { _ in heard += 1 }
        #expect(try live(watched) == live(quiet))
        #expect(heard > 20)
    }
}
