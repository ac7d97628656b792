// Destroying banks: what is below goes at once for everybody and by and by for the store, whatever it is doing; what the
// parent gets back it has at once.

import Kernel
import Objects
import Store
import Testing

@Suite struct DestructionTests {
    @Test(arguments: [false, true]) func everyPageAndCellComesBack(isRunning: Bool) throws {
        let world = try TestWorld()
        _ = try world.start("other", bank: try world.rootBank)
        let before = try world.rootCounts()
        _ = try world.kernel.createBank(at: "root/g", BankTerms(limitPages: 50_000, reservePages: 300))
        let processes = try world.populate(below: "root/g")
        try world.check()
        if isRunning { _ = try world.kernel.processToRun() }
        try world.kernel.destroy(bank: try world.kernel.bank(at: "root/g"))
        #expect(throws: KernelError.self) { try world.kernel.bank(at: "root/g") }
        try world.finishDestructions()
        try world.check()
        let after = try world.rootCounts()
        #expect(after == before)
        #expect(try world.objects.world(WorldPage.processCount) == 1)
        for name in processes.indices { #expect(try world.kernel.process(id: UInt64(name + 2)) == nil) }
        #expect(try world.objects.world(WorldPage.frozenSpaceFirst) == 0)
        #expect(try world.objects.world(WorldPage.timerFirst) == 0)
        #expect(try !world.kernel.isTimerArmed)
        let only = try world.kernel.process("other")
        if try world.objects.world(WorldPage.running) == 0 { #expect(try world.kernel.processToRun() == only) }
    }

    @Test func whatIsBelowIsGoneAtOnceForEverybody() throws {
        let world = try TestWorld()
        _ = try world.kernel.createBank(at: "root/g", BankTerms())
        let many = try world.kernel.createBank(at: "root/g/many", BankTerms())
        world.kernel.firstSteps = 4
        world.kernel.gasOfStep = .max
        for number in 0..<700 { _ = try world.start("p\(number)", bank: many) }
        let free = try world.start("free", bank: try world.rootBank)
        let ids = try (0..<700).map { try world.objects.get(world.kernel.process("p\($0)"), ProcessRecord.id) }
        let used = try world.figures("root").usedPages
        let own = try world.figures("root/g").usedPages
        try world.kernel.destroy(bank: try world.kernel.bank(at: "root/g"))
        #expect(try world.kernel.hasGoingBanks, "that many take more than the first steps")
        #expect(try world.figures("root").usedPages <= used - own)
        #expect(try world.kernel.countProcesses() == 1)
        #expect(throws: KernelError.self) { try world.kernel.process("p699") }
        #expect(throws: KernelError.self) { try world.kernel.process("p6") }
        #expect(try world.kernel.process(id: ids[650]) == nil)
        var listed: [CellID] = []
        try world.kernel.forEachProcess { listed.append($0) }
        #expect(listed == [free])
        #expect(try world.kernel.processes(after: 0, atMost: 10) == [free])
        // None of them has a turn, and each turn of another does a step.
        var turns = 0
        while try world.kernel.hasGoingBanks {
            // It may take a few calls to pass those that are gone.
            var next: CellID?
            for _ in 0..<700 where next == nil { next = try world.kernel.processToRun() }
            #expect(next == free)
            try world.kernel.endQuantum()
            try world.check()
            turns += 1
            if turns == 2 {
                // Their names are free.
                let again = try world.start("p699", bank: try world.rootBank)
                #expect(try world.kernel.process("p699") == again)
                try world.endAndRemove(again)
            }
        }
        #expect(turns > 3)
    }

    /// Interrupted anywhere by a kill, it goes on where the checkpoint stands, and comes to the same end.
    @Test(arguments: [1, 3, 7, 20]) func itGoesOnAfterAKill(every: Int) throws {
        let world = try TestWorld()
        let before = try world.rootCounts()
        _ = try world.kernel.createBank(at: "root/g", BankTerms())
        _ = try world.populate(below: "root/g")
        let bank = try world.kernel.createBank(at: "root/g/more", BankTerms())
        for number in 0..<300 { _ = try world.start("q\(number)", bank: bank) }
        try world.checkpoint()
        let g = try world.kernel.bank(at: "root/g")
        try world.kernel.destroy(bank: g)
        var kills = 0
        var steps = 0
        try world.checkpoint()
        while try world.kernel.hasGoingBanks {
            try world.kernel.takeGoingApart()
            steps += 1
            if steps % every == 0 {
                try world.checkpoint()
                if try world.kernel.hasGoingBanks { try world.kernel.takeGoingApart() }
                try world.killAndReopen()
                try world.check()
                kills += 1
            }
        }
        try world.checkpoint()
        try world.killAndReopen()
        #expect(try world.rootCounts() == before)
        let gone = try world.objects.world(WorldPage.processCount)
        #expect(gone == 0)
        try world.check()
    }

    @Test func itNeedsNeitherSpaceNorGas() throws {
        let world = try TestWorld(limitPages: 400)
        _ = try world.kernel.createBank(at: "root/g", BankTerms())
        let g = try world.kernel.bank(at: "root/g")
        for number in 0..<8 { _ = try world.start("p\(number)", bank: g) }
        while try !isRefused({ _ = try world.objects.buyDataPage(bank: g) }) {}
        try world.kernel.set(try world.rootBank, BankTerms(limitPages: 1))
        #expect(try world.figures("root").availablePages == 0)
        try world.kernel.destroy(bank: g)
        try world.finishDestructions()
        #expect(try world.figures("root").usedPages < 10)
        try world.check()
    }

    @Test func whoFrozeForSpaceGoesOnWhenABankGoes() throws {
        let world = try TestWorld(limitPages: 300)
        let g = try world.kernel.createBank(at: "root/g", BankTerms())
        let process = try world.start("p", bank: try world.rootBank)
        while try !isRefused({ _ = try world.objects.buyDataPage(bank: g) }) {}
        try world.kernel.setState(of: process, to: .frozenSpace)
        try world.kernel.destroy(bank: g)
        #expect(try world.kernel.state(of: process) == .ready)
        try world.finishDestructions()
        try world.check()
    }

    @Test func metersThatTheBankPaidForGoWithThoseBelowThem() throws {
        let world = try TestWorld()
        let g = try world.kernel.createBank(at: "root/g", BankTerms())
        let other = try world.kernel.createBank(at: "root/other", BankTerms())
        let meter = try world.kernel.createMeter(at: "root/m", bank: g, gas: 1_000, weight: 1)
        let below = try world.kernel.createMeter(at: "root/m/below", bank: other, gas: nil, weight: 1)
        let process = try world.start("p", bank: other) { $0.meter = below }
        #expect(try world.kernel.gas(of: below, upTo: 5_000) == 1_000)
        try world.kernel.destroy(bank: g)
        try world.finishDestructions()
        #expect(throws: KernelError.self) { try world.kernel.meter(at: "root/m") }
        #expect(try world.kernel.meter(of: process) == .none)
        #expect(try world.kernel.gas(of: world.kernel.meter(of: process), upTo: 1) == 0)
        try world.check()
        // The cell of the meter is used again, by a meter that is not the process's.
        let again = try world.kernel.createMeter(at: "root/again", bank: other, gas: 9, weight: 1)
        #expect(again == below && meter != below)
        #expect(try world.kernel.meter(of: process) == .none)
        try world.kernel.setState(of: process, to: .frozenGas)
        try world.kernel.move(process, toMeter: again)
        #expect(try world.kernel.state(of: process) == .ready)
        #expect(try world.kernel.meter(of: process) == again)
        #expect(try world.kernel.figures(ofMeter: again).processes == 1)
        try world.check()
    }

    /// The names of meters that go with their payer are free at once, and so is what was left on them.
    @Test func theNamesOfMetersThatGoAreFreeAtOnce() throws {
        let world = try TestWorld()
        let g = try world.kernel.createBank(at: "root/g", BankTerms())
        for number in 0..<300 { _ = try world.start("p\(number)", bank: g) }
        _ = try world.kernel.createMeter(at: "root/m", bank: g, gas: 1_000, weight: 1)
        _ = try world.kernel.createMeter(at: "root/m/below", bank: g, gas: 1_000, weight: 1)
        world.kernel.firstSteps = 1
        try world.kernel.destroy(bank: g)
        #expect(try world.kernel.hasGoingBanks)
        #expect(throws: KernelError.self) { try world.kernel.meter(at: "root/m/below") }
        let again = try world.kernel.createMeter(at: "root/m", bank: try world.rootBank, gas: 7, weight: 1)
        #expect(try world.kernel.meter(at: "root/m") == again && world.kernel.gas(of: again, upTo: 99) == 7)
        #expect(
            try world.kernel.meters(from: world.kernel.rootMeter, recursive: true).map(\.path) == ["root", "root/m"])
        try world.finishDestructions()
        #expect(try world.kernel.meter(at: "root/m") == again)
        try world.check()
    }

    /// A bank that was made for one process goes with the last that lives in it, and so does each above it.
    @Test func banksOfProcessesInEachOtherGoTogether() throws {
        let world = try TestWorld()
        let before = try world.rootCounts()
        let outer = try world.start("outer", bank: try world.rootBank) { $0.limitPages = 100 }
        let inner = try world.start("inner", bank: try world.kernel.bank(at: "root/outer")) { $0.limitPages = 50 }
        try world.endAndRemove(outer)
        #expect(try world.figures("root/outer/inner").processes == 1)
        try world.endAndRemove(inner)
        #expect(throws: KernelError.self) { try world.kernel.bank(at: "root/outer") }
        #expect(try world.rootCounts() == before)
        try world.check()
    }

    @Test func theRootStays() throws {
        let world = try TestWorld()
        let ledger = try world.ledger()
        #expect(throws: KernelError.self) { try world.kernel.destroy(bank: try world.rootBank) }
        #expect(throws: KernelError.self) { try world.kernel.returnToParent(bank: try world.rootBank) }
        #expect(throws: KernelError.self) { try world.kernel.destroy(meter: try world.kernel.rootMeter) }
        #expect(try world.ledger() == ledger)
    }
}
