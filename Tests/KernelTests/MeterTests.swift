// Meters: a process runs on the least of its chain, and what it used is counted in all of it.

import Kernel
import Objects
import Testing

@Suite struct MeterTests {
    @Test func theLeastOfTheChainIsWhatAProcessHas() throws {
        let world = try TestWorld()
        let kernel = world.kernel
        let bank = try world.rootBank
        #expect(try kernel.availableGas(try kernel.rootMeter) == .max)
        let upper = try kernel.makeMeter(below: try kernel.rootMeter, bank: bank, name: "u", gas: 50, flags: 0)
        let lower = try kernel.makeMeter(below: upper, bank: bank, name: "l", gas: 80, flags: 0)
        let beside = try kernel.makeMeter(below: upper, bank: bank, name: "s", gas: .max, flags: 0)
        #expect(try kernel.availableGas(lower) == 50)
        kernel.use(45, of: beside)
        #expect(try kernel.availableGas(lower) == 5, "a sibling used what is above both")
        kernel.use(5, of: lower)
        #expect(try kernel.availableGas(lower) == 0)
        #expect(try kernel.figures(ofMeter: lower).gasLeft == 75)
        #expect(try kernel.figures(ofMeter: upper).gasLeft == 0)
        #expect(try kernel.figures(ofMeter: try kernel.rootMeter).gasUsed == 50)
        #expect(try kernel.figures(ofMeter: try kernel.rootMeter).gasLeft == nil)
        // A budget of all that a number can say is a budget still.
        #expect(try kernel.figures(ofMeter: beside).gasLeft == .max - 1 - 45)
    }

    /// METER-1 over a random tree: each has used what was settled at it and below, and has left what it was given less
    /// that.
    @Test(arguments: [41, 42, 43] as [UInt64]) func aTreeOfMetersCountsWhatWasUsed(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let world = try TestWorld()
        let kernel = world.kernel
        var meters = [try kernel.rootMeter]
        var parents: [CellID: CellID] = [:]
        var left: [CellID: UInt64] = [:]
        var used: [CellID: UInt64] = [:]
        for number in 0..<40 {
            let parent = try #require(meters.randomElement(using: &generator))
            let gas = UInt64.random(in: 0...100_000, using: &generator)
            let meter = try kernel.makeMeter(
                below: parent, bank: try world.rootBank, name: "m\(number)", gas: gas, flags: 0)
            meters.append(meter)
            parents[meter] = parent
            left[meter] = gas
        }
        for _ in 0..<2000 {
            let meter = try #require(meters.randomElement(using: &generator))
            var chain = [meter]
            while let parent = chain.last.flatMap({ parents[$0] }) { chain.append(parent) }
            let available = chain.compactMap { left[$0] }.min() ?? .max
            #expect(try kernel.availableGas(meter) == available)
            let gas = UInt64.random(in: 0...min(available, 500), using: &generator)
            kernel.use(gas, of: meter)
            for each in chain {
                used[each, default: 0] += gas
                left[each]? -= gas
            }
        }
        for meter in meters {
            let figures = try kernel.figures(ofMeter: meter)
            #expect(figures.gasUsed == used[meter] ?? 0)
            #expect(figures.gasLeft == left[meter])
        }
        try world.check()
    }

    @Test func metersNestToTheirBoundAndNoFurther() throws {
        let world = try TestWorld()
        let kernel = world.kernel
        let bank = try world.rootBank
        var deepest = try kernel.rootMeter
        for _ in 1..<treeDepthBound {
            deepest = try kernel.makeMeter(below: deepest, bank: bank, name: "m", gas: .max, flags: 0)
        }
        kernel.use(3, of: deepest)
        #expect(try kernel.figures(ofMeter: try kernel.rootMeter).gasUsed == 3)
        let before = try world.ledger()
        do {
            _ = try kernel.makeMeter(below: deepest, bank: bank, name: "m", gas: 1, flags: 0)
            Issue.record("a meter was made below the bound")
        } catch KernelError.treeTooDeep(let bound) { #expect(bound == treeDepthBound) }
        #expect(try world.ledger() == before)
    }

    @Test func banksNestToTheirBoundAndNoFurther() throws {
        let world = try TestWorld()
        let kernel = world.kernel
        var deepest = try world.rootBank
        for _ in 1..<treeDepthBound {
            deepest = try kernel.makeBank(below: deepest, name: "b", limitPages: nil, flags: 0)
        }
        let page = try world.objects.buyDataPage(bank: deepest)
        let used = try kernel.figures(ofBank: try world.rootBank).usedPages
        try world.objects.sellPage(page)
        #expect(try kernel.figures(ofBank: try world.rootBank).usedPages == used - 1)
        do {
            _ = try kernel.makeBank(below: deepest, name: "b", limitPages: nil, flags: 0)
            Issue.record("a bank was made below the bound")
        } catch KernelError.treeTooDeep(let bound) { #expect(bound == treeDepthBound) }
        try world.objects.checkInvariants()
    }

    @Test func whoFrozeForWantOfGasGoesOnWhenThereIsSome() throws {
        let world = try TestWorld()
        let kernel = world.kernel
        let bank = try world.rootBank
        let upper = try kernel.createMeter(at: "root/u", bank: bank, gas: 0, weight: 1)
        let lower = try kernel.createMeter(at: "root/u/l", bank: bank, gas: 0, weight: 1)
        let processes = try [upper, lower, upper].enumerated().map { number, meter in
            let process = try world.start("p\(number)", bank: bank) { $0.meter = meter }
            try kernel.setState(of: process, to: .frozenGas)
            return process
        }
        try kernel.refill(lower, gas: 5)
        #expect(try processes.map(kernel.state) == [.frozenGas, .frozenGas, .frozenGas], "what is above it is dry")
        try kernel.refill(upper, gas: 7)
        #expect(try processes.map(kernel.state) == [.ready, .ready, .ready])
        for process in processes {
            #expect(try kernel.processToRun() == process, "the one that froze first before the others")
            try kernel.endQuantum()
        }
        #expect(try kernel.availableGas(lower) == 5)
    }

    @Test func whatAMeterCannotHoldIsRefused() throws {
        let world = try TestWorld()
        let kernel = world.kernel
        let bank = try world.rootBank
        let meter = try kernel.createMeter(at: "root/m", bank: bank, gas: 10, weight: 1)
        #expect(throws: KernelError.self) { try kernel.refill(meter, gas: .max - 10) }
        #expect(throws: KernelError.self) { try kernel.refill(meter, gas: .max) }
        #expect(try kernel.availableGas(meter) == 10)
        try kernel.refill(meter, gas: .max - 11)
        #expect(try kernel.availableGas(meter) == .max - 1)
        #expect(throws: KernelError.self) { try kernel.refill(try kernel.rootMeter, gas: 1) }
        #expect(throws: KernelError.self) { try kernel.createMeter(at: "root/n", bank: bank, gas: .max, weight: 1) }
        #expect(throws: KernelError.self) { try kernel.createMeter(at: "root/m", bank: bank, gas: 1, weight: 1) }
        let unlimited = try kernel.createMeter(at: "root/m/free", bank: bank, gas: nil, weight: 1)
        #expect(try kernel.figures(ofMeter: unlimited).gasLeft == nil)
        #expect(try kernel.figures(ofMeter: unlimited).gasAvailable == .max - 1)
    }

    /// The names of those who have the next quanta, all of which are used up.
    private func quanta(_ world: TestWorld, _ count: Int, of processes: [CellID]) throws -> [Int] {
        try (0..<count).map { _ in
            let process = try #require(try world.kernel.processToRun())
            try world.objects.set(process, ProcessRecord.quantumLeft, 0)
            try world.kernel.endQuantum()
            return try #require(processes.firstIndex(of: process))
        }
    }

    @Test func theWeightIsTheNumberOfQuantaAtATime() throws {
        let world = try TestWorld()
        let kernel = world.kernel
        let bank = try world.rootBank
        let twice = try kernel.createMeter(at: "root/twice", bank: bank, gas: nil, weight: 2)
        let six = try kernel.createMeter(at: "root/twice/six", bank: bank, gas: nil, weight: 3)
        let processes = try [try kernel.rootMeter, twice, six].enumerated().map { number, meter in
            try world.start("p\(number)", bank: bank) { $0.meter = meter }
        }
        #expect(try quanta(world, 18, of: processes) == [0, 1, 1, 2, 2, 2, 2, 2, 2, 0, 1, 1, 2, 2, 2, 2, 2, 2])
        try kernel.setWeight(of: six, to: 1_000)
        #expect(try quanta(world, 1_003, of: processes).filter { $0 == 2 }.count == 1_000, "no more than that")
    }

    @Test func whoGivesItsTurnAwayBeginsToCountAnew() throws {
        let world = try TestWorld()
        let kernel = world.kernel
        let bank = try world.rootBank
        let twice = try kernel.createMeter(at: "root/twice", bank: bank, gas: nil, weight: 2)
        let other = try world.start("other", bank: bank)
        let process = try world.start("p", bank: bank) { $0.meter = twice }
        #expect(try quanta(world, 2, of: [other, process]) == [0, 1])
        // Its second quantum it gives away.
        #expect(try kernel.processToRun() == process)
        try kernel.endQuantum()
        #expect(try quanta(world, 5, of: [other, process]) == [0, 1, 1, 0, 1])
    }
}
