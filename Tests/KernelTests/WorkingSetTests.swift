// Who is loaded: what a process gives of its turns for it, who makes room, and a plain model of both under random turns.

import Kernel
import Objects
import Testing

@Suite struct WorkingSetTests {
    /// A process of modules with these footprints; modules are told apart by them.
    private func process(_ world: TestWorld, _ name: String, _ footprints: UInt64...) throws -> CellID {
        try process(world, name, footprints)
    }

    private func process(_ world: TestWorld, _ name: String, _ footprints: [UInt64]) throws -> CellID {
        var plan = try world.plan(name, module: .none)
        plan.instances = try footprints.map { footprint in
            var module = modulePlan(0, pages: 1)
            module.hash = (0..<32).map { $0 < 8 ? UInt8(truncatingIfNeeded: footprint >> (8 * $0)) : 0 }
            module.footprint = footprint
            let bank = try world.kernel.rootBank
            return InstancePlan(
                module: try world.kernel.module(hash: module.hash, for: bank)
                    ?? world.kernel.installModule(module, bank: bank))
        }
        return try world.kernel.makeProcess(plan)
    }

    /// Gives the next process its turn: who it was, and what it has left of its quantum for running; nil: not loaded yet.
    private func turn(_ world: TestWorld) throws -> (process: CellID, left: UInt64?) {
        let process = try #require(try world.kernel.processToRun())
        let canRun = try world.kernel.bringIn(process) != .paying
        let left = try world.objects.get(process, ProcessRecord.quantumLeft)
        if !canRun { #expect(left == 0) }
        try world.kernel.endQuantum()
        return (process, canRun ? left : nil)
    }

    /// The loaded processes, the one that ran last first, with the links back checked.
    private func loaded(_ world: TestWorld) throws -> [CellID] {
        var found: [CellID] = []
        var each = CellID(rawValue: try world.objects.world(WorldPage.loadedFirst))
        while !each.isNone && found.count < 10_000 {
            #expect(try world.objects.link(each, ProcessRecord.loadedPrevious) == found.last ?? .none)
            #expect(try world.kernel.isLoaded(each))
            found.append(each)
            each = try world.objects.link(each, ProcessRecord.loadedNext)
        }
        #expect(try world.objects.world(WorldPage.loadedLast) == found.last?.rawValue ?? 0)
        #expect(try world.objects.world(WorldPage.loadedProcesses) == UInt64(found.count))
        return found
    }

    /// Where a world is made one for less memory, those that ran longest ago leave until the rest fits.
    @Test func withLessMemoryThoseThatRanLongestAgoLeave() throws {
        let world = try TestWorld()
        try world.kernel.setMemory(bytes: 3 << 30)
        let made = try (1...4).map { try process(world, "p\($0)", UInt64($0) << 24) }
        for _ in 0..<20_000 where try loaded(world).count < 4 { _ = try turn(world) }
        let last = try loaded(world)
        #expect(Set(last) == Set(made))
        // 100 MiB for footprints of 16, 32, 48 and 64.
        try world.kernel.setMemory(bytes: 300 << 20)
        let left = try loaded(world)
        #expect(left == Array(last.prefix(left.count)) && left.count < 4 && !left.isEmpty)
        let footprint = try world.objects.world(WorldPage.loadedFootprint)
        #expect(footprint <= 100 << 20)
        let next = UInt64((made.firstIndex(of: last[left.count]) ?? 0) + 1) << 24
        #expect(footprint + next > 100 << 20, "no more left than had to")
        try world.check()
    }

    @Test func aSmallProgramGivesAPartOfItsFirstQuantum() throws {
        let world = try TestWorld()
        let process = try process(world, "a", 10_000)
        #expect(try turn(world).left == 100_000 - 8_192 - 20_000)
        #expect(try turn(world).left == 100_000, "it is loaded")
        #expect(try loaded(world) == [process])
        #expect(try world.objects.get(process, ProcessRecord.gasUsed) == 0, "loading costs turns, not gas")
    }

    @Test func aLargeProgramGivesTurnsWhileOthersHaveTheirs() throws {
        let world = try TestWorld()
        let large = try process(world, "large", 500_000)
        let small = try process(world, "small", 10)
        for _ in 0..<10 {
            #expect(try turn(world) == (large, nil))
            let others = try turn(world)
            #expect(others.process == small && others.left != nil)
        }
        #expect(try turn(world) == (large, 1_100_000 - 1_000_000 - 8_192))
        #expect(try loaded(world) == [large, small])
    }

    @Test func whatIsGivenOutlivesARestart() throws {
        let world = try TestWorld()
        _ = try process(world, "a", 500_000)
        for _ in 0..<10 { #expect(try turn(world).left == nil) }
        try world.checkpoint()
        try world.killAndReopen()
        #expect(try turn(world).left == 100_000 - 8_192)
    }

    @Test func modulesThatAreThereCostNothingAgain() throws {
        let world = try TestWorld()
        let first = try process(world, "first", 10_000, 20_000)
        let second = try process(world, "second", 20_000, 20_000, 10_000)
        #expect(try turn(world) == (first, 100_000 - 2 * 8_192 - 60_000))
        #expect(try turn(world) == (second, 100_000 - 3 * 8_192))
        #expect(try world.objects.world(WorldPage.loadedInstances) == 5)
        #expect(try world.objects.world(WorldPage.loadedFootprint) == 30_000)
        try world.endAndRemove(first)
        #expect(try world.objects.world(WorldPage.loadedFootprint) == 30_000, "the second has them still")
        try world.endAndRemove(second)
        #expect(try world.objects.world(WorldPage.loadedFootprint) == 0)
        #expect(try world.objects.world(WorldPage.loadedInstances) == 0)
        #expect(try loaded(world) == [])
    }

    /// As many turns as it takes until the process is loaded.
    private func bringIn(_ world: TestWorld, _ process: CellID) throws {
        while try !world.kernel.isLoaded(process) { _ = try turn(world) }
    }

    @Test func theOneThatRanLongestAgoMakesRoom() throws {
        let world = try TestWorld()
        let footprint = WorkingSetBounds().footprint / 5 * 2
        let first = try process(world, "first", footprint)
        try bringIn(world, first)
        let second = try process(world, "second", footprint + 1)
        try bringIn(world, second)
        #expect(try loaded(world) == [second, first])
        while try turn(world).process != first {}
        try world.kernel.setState(of: second, to: .stopped)
        let third = try process(world, "third", footprint + 2)
        try bringIn(world, third)
        #expect(try loaded(world) == [third, first])
        #expect(try world.objects.world(WorldPage.loadedFootprint) == 2 * footprint + 2)
        #expect(try world.kernel.loadPrice(of: second) == 8_192 + 2 * (footprint + 1))
    }

    @Test func manyProcessesOfOneModuleAreBoundedToo() throws {
        let world = try TestWorld()
        let processes = try (0..<1_030).map { try process(world, "p\($0)", 1_000) }
        for process in processes { #expect(try turn(world).process == process) }
        // The first one paid for the module, so that it is the dearest.
        #expect(try loaded(world) == processes.suffix(1_023).reversed() + [processes[0]])
    }

    @Test func whoIsMuchSmallerIsPaidForLeaving() throws {
        let world = try TestWorld()
        let bound = WorkingSetBounds().footprint
        let small = try process(world, "small", bound / 10)
        try bringIn(world, small)
        let large = try process(world, "large", bound)
        var turns = 0
        while try !world.kernel.isLoaded(large) { if try turn(world).process == small { turns += 1 } }
        let prices = [UInt64(8_192) + 2 * (bound / 10), 8_192 + 2 * bound]
        let due = prices[1] + 12 * prices[0] * (prices[1] - prices[0]) / prices[1]
        #expect(turns == Int(due / 100_000) || turns == Int(due / 100_000) + 1, "\(turns)")
        #expect(try loaded(world) == [large])
        // The small one gives what it takes itself, and comes back.
        turns = 0
        while try !world.kernel.isLoaded(small) { if try turn(world).process == large { turns += 1 } }
        #expect(turns == Int(prices[0] / 100_000) || turns == Int(prices[0] / 100_000) + 1, "\(turns)")
    }

    @Test func theCheapestLeaveAndThoseThatCannotRunBeforeThem() throws {
        let world = try TestWorld()
        let bound = WorkingSetBounds().footprint
        let large = try process(world, "large", bound / 2)
        try bringIn(world, large)
        let small = try (1...4).map { try process(world, "small-\($0)", bound / 10 + UInt64($0)) }
        for each in small { try bringIn(world, each) }
        let first = try process(world, "first", bound / 10 + 5)
        try bringIn(world, first)
        #expect(try loaded(world).contains(large) && !loaded(world).contains(small[0]))
        try world.kernel.setState(of: large, to: .stopped)
        let second = try process(world, "second", bound / 10 + 6)
        try bringIn(world, second)
        #expect(try !loaded(world).contains(large))
    }

    @Test func whoeverWouldGainNothingByLeavingStays() throws {
        let world = try TestWorld()
        let bound = WorkingSetBounds().footprint
        let shared = try process(world, "shared", bound / 2)
        try bringIn(world, shared)
        let other = try process(world, "other", bound / 3)
        try bringIn(world, other)
        // It needs the module of the first, and room for another of its own.
        let both = try process(world, "both", bound / 2, bound / 4)
        try bringIn(world, both)
        #expect(Set(try loaded(world)) == [shared, both])
    }

    @Test func thoseThatShareAModuleThatOneHasPaidForGiveNoMore() throws {
        let world = try TestWorld()
        let bound = WorkingSetBounds().footprint
        let both = try ["a", "b"].map { try process(world, $0, bound) }
        try bringIn(world, both[0])
        for _ in 0..<200 where try !world.kernel.isLoaded(both[1]) { _ = try turn(world) }
        #expect(try world.kernel.isLoaded(both[1]), "what it is to give is reckoned anew")
    }

    @Test func anInstanceThatIsAddedIsLoadedWithTheRest() throws {
        let world = try TestWorld()
        let process = try process(world, "a", 1_000)
        try bringIn(world, process)
        let module = try world.objects.link(try world.kernel.instances(of: process)[0], InstanceRecord.module)
        try world.kernel.addInstance(InstancePlan(module: module), to: process)
        #expect(try !world.kernel.isLoaded(process))
        try bringIn(world, process)
        #expect(try world.objects.get(module, ModuleRecord.loadedInstances) == 2)
    }

    @Test func theMemoryOfAWorldSetsItsBounds() throws {
        #expect(WorkingSetBounds() == WorkingSetBounds(memoryBytes: 300 << 20))
        #expect(WorkingSetBounds(memoryBytes: 1) == WorkingSetBounds())
        let objects = Objects(store: nil, budgetPages: 64, residentBound: 64)
        let kernel = Kernel(objects: objects)
        try kernel.makeGenesis(
            limitPages: nil, entropyKey: [UInt8](repeating: 7, count: 32), isSeeded: true, memoryBytes: 3 << 30)
        #expect(try kernel.workingSetBounds.footprint == 1 << 30)
        #expect(try kernel.workingSetBounds.instances == 49_152)
    }

    /// A list of loaded processes and what each has given, changed by the same turns.
    private struct Model {
        var loaded: [CellID] = []
        var given: [CellID: UInt64] = [:]
        var prices: [CellID: UInt64] = [:]
        /// What loading took those that are loaded.
        var cost: [CellID: UInt64] = [:]
        var modules: [CellID: [UInt64]] = [:]

        var footprints: Set<UInt64> { Set(loaded.flatMap { modules[$0] ?? [] }) }

        mutating func turn(_ process: CellID) -> UInt64? {
            if let place = loaded.firstIndex(of: process) {
                loaded.insert(loaded.remove(at: place), at: 0)
                return 100_000
            }
            let own = modules[process] ?? []
            var price = prices[process] ?? 0
            var compensation: UInt64 = 0
            var leaving: [CellID] = []
            let paid = given[process, default: 0]
            if price < paid + 100_000 || paid / 6_400_000 != (paid + 100_000) / 6_400_000 {
                price = UInt64(own.count) * 8_192 + 2 * Set(own).subtracting(footprints).reduce(0, +)
                leaving = self.leaving(for: process)
                for paid in leaving.compactMap({ cost[$0] }) where paid < price {
                    compensation += UInt64(Double(12 * paid) * Double(price - paid) / Double(price))
                }
                price += compensation
            }
            let missing = price - min(price, paid)
            guard missing < 100_000 else {
                given[process, default: 0] += 100_000
                prices[process] = price
                return nil
            }
            given[process] = 0
            prices[process] = nil
            loaded.removeAll { leaving.contains($0) }
            for each in leaving { cost[each] = nil }
            loaded.insert(process, at: 0)
            cost[process] = price - compensation
            return 100_000 - missing
        }

        /// Who leaves: the cheapest, the one that ran longest ago first, as long as that gains anything.
        func leaving(for process: CellID) -> [CellID] {
            func bytes(_ processes: [CellID]) -> UInt64 {
                Set((processes + [process]).flatMap { modules[$0] ?? [] }).reduce(0, +)
            }
            var stay = loaded
            var candidates = Array(loaded.reversed())
            var useless: [CellID] = []
            var hasGained = false
            while bytes(stay) > WorkingSetBounds().footprint {
                if candidates.isEmpty {
                    guard hasGained, !useless.isEmpty else { break }
                    swap(&candidates, &useless)
                    hasGained = false
                }
                let prices = candidates.map { cost[$0] ?? 0 }
                guard let cheapest = prices.indices.min(by: { prices[$0] < prices[$1] }) else { break }
                let candidate = candidates.remove(at: cheapest)
                let rest = stay.filter { $0 != candidate }
                if bytes(rest) == bytes(stay) {
                    useless.append(candidate)
                } else {
                    stay = rest
                    hasGained = true
                }
            }
            return loaded.filter { !stay.contains($0) }
        }
    }

    @Test(arguments: 1...3) func randomTurnsAreThoseOfAPlainModel(seed: UInt64) throws {
        var choices = SeededGenerator(seed: seed)
        let world = try TestWorld()
        var model = Model()
        var names = 0
        // Large enough for two or three of them to fill the working set.
        let footprints = (0..<6).map { UInt64(10_000_000 + 9_000_000 * $0) }
        var loads = 0
        for step in 0..<60_000 {
            if model.modules.count < 3 || choices.oneIn(4_000) {
                let own = (0...Int.random(in: 0...2, using: &choices)).map { _ in
                    footprints.randomElement(using: &choices)!
                }
                names += 1
                model.modules[try process(world, "p\(names)", own)] = own
            }
            if model.modules.count > 3, choices.oneIn(4_000) {
                let victim = try #require(model.modules.keys.min { $0.rawValue < $1.rawValue })
                try world.endAndRemove(victim)
                model.modules[victim] = nil
                model.given[victim] = nil
                model.prices[victim] = nil
                model.cost[victim] = nil
                model.loaded.removeAll { $0 == victim }
            }
            let (process, left) = try turn(world)
            try #require(left == model.turn(process), "step \(step)")
            if let left, left < 100_000 { loads += 1 }
            if step % 500 == 0 {
                #expect(try loaded(world) == model.loaded, "step \(step)")
                #expect(try world.objects.world(WorldPage.loadedFootprint) == model.footprints.reduce(0, +))
            }
        }
        #expect(loads > 5, "processes came and went")
        try world.objects.checkInvariants()
    }
}
