// Destroying banks: what is below goes at once for everybody and by and by for the store, whatever it is doing; what the
// parent gets back it has at once.

import Kernel
import Objects
import Store
import Testing

@Suite struct DestructionTests {
    private func figures(_ world: TestWorld, _ path: String) throws -> BankFigures {
        try world.kernel.figures(ofBank: try world.kernel.bank(at: path))
    }

    /// What the root counts, but for the kernel's tables, whose last pages are for what comes next.
    private func rootCounts(_ world: TestWorld) throws -> [UInt64] {
        let root = try figures(world, "root")
        let tables = try world.objects.countKernelPages()
        #expect(tables <= 6, "the first and the last page of each, and a directory's each")
        return [root.usedPages - tables, root.ownPages - tables, root.cells, root.ownCells, root.processes]
    }

    private func finish(_ world: TestWorld) throws {
        var steps = 0
        while try world.kernel.hasGoingBanks {
            try world.kernel.takeGoingApart()
            steps += 1
            #expect(steps < 100_000, "it comes to an end")
        }
    }

    /// A bank with a tree below it: processes in every state, meters and modules, a space beyond its first MiB.
    private func populate(_ world: TestWorld, below path: String) throws -> [CellID] {
        let kernel = world.kernel
        var processes: [CellID] = []
        for (number, name) in ["", "/a", "/a/b", "/c"].enumerated() {
            let bank =
                try number == 0
                ? kernel.bank(at: path) : kernel.createBank(at: path + name, BankTerms(limitPages: 4_000))
            _ = try kernel.createMeter(at: "root/m\(number)", bank: bank, gas: 1_000, weight: 1)
            for state in [RunState.ready, .frozenGas, .frozenSpace, .stopped] {
                let process = try world.start("p\(number)-\(state.rawValue)", bank: bank) { plan in
                    plan.input = Array("hello".utf8)
                    if state == .stopped { plan.gas = 5 }
                    if state == .frozenGas { plan.limitPages = 500 }
                }
                try kernel.setState(of: process, to: state)
                processes.append(process)
            }
            let waiting = try world.start("p\(number)-waits", bank: bank)
            try kernel.wait(waiting, input: true, deadline: 77)
            let over = try world.start("p\(number)-over", bank: bank)
            try kernel.end(over, as: .exited, exitCode: 0)
            processes += [waiting, over]
            let instance = try kernel.instances(of: waiting)[0]
            try world.objects.buy(bytes: 20_000, of: Space(.memory, of: instance), at: 3 << 20, bank: bank)
            for _ in 0..<40 { _ = try world.objects.buyCell(.node, bank: bank) }
        }
        return processes
    }

    @Test(arguments: [false, true]) func everyPageAndCellComesBack(isRunning: Bool) throws {
        let world = try TestWorld()
        _ = try world.start("other", bank: try world.rootBank)
        let before = try rootCounts(world)
        _ = try world.kernel.createBank(at: "root/g", BankTerms(limitPages: 50_000, reservePages: 300))
        let processes = try populate(world, below: "root/g")
        try world.check()
        if isRunning { _ = try world.kernel.processToRun() }
        try world.kernel.destroy(bank: try world.kernel.bank(at: "root/g"))
        #expect(throws: KernelError.self) { try world.kernel.bank(at: "root/g") }
        try finish(world)
        try world.check()
        let after = try rootCounts(world)
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
        for number in 0..<700 { _ = try world.start("p\(number)", bank: many) }
        let free = try world.start("free", bank: try world.rootBank)
        let ids = try (0..<700).map { try world.objects.get(world.kernel.process("p\($0)"), ProcessRecord.id) }
        let used = try figures(world, "root").usedPages
        let own = try figures(world, "root/g").usedPages
        try world.kernel.destroy(bank: try world.kernel.bank(at: "root/g"))
        #expect(try world.kernel.hasGoingBanks, "that many take more than the first steps")
        #expect(try figures(world, "root").usedPages <= used - own)
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
        let before = try rootCounts(world)
        _ = try world.kernel.createBank(at: "root/g", BankTerms())
        _ = try populate(world, below: "root/g")
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
        #expect(try rootCounts(world) == before)
        let gone = try world.objects.world(WorldPage.processCount)
        #expect(gone == 0)
        try world.check()
    }

    @Test func itNeedsNeitherSpaceNorGas() throws {
        let world = try TestWorld(limitPages: 400)
        _ = try world.kernel.createBank(at: "root/g", BankTerms())
        let g = try world.kernel.bank(at: "root/g")
        for number in 0..<8 { _ = try world.start("p\(number)", bank: g) }
        while try !isRefused({ _ = try world.objects.buySinglePage(bank: g) }) {}
        try world.kernel.set(try world.rootBank, BankTerms(limitPages: 1))
        #expect(try figures(world, "root").availablePages == 0)
        try world.kernel.destroy(bank: g)
        try finish(world)
        #expect(try figures(world, "root").usedPages < 10)
        try world.check()
    }

    @Test func whoFrozeForSpaceGoesOnWhenABankGoes() throws {
        let world = try TestWorld(limitPages: 300)
        let g = try world.kernel.createBank(at: "root/g", BankTerms())
        let process = try world.start("p", bank: try world.rootBank)
        while try !isRefused({ _ = try world.objects.buySinglePage(bank: g) }) {}
        try world.kernel.setState(of: process, to: .frozenSpace)
        try world.kernel.destroy(bank: g)
        #expect(try world.kernel.state(of: process) == .ready)
        try finish(world)
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
        try finish(world)
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

    @Test func theRootStays() throws {
        let world = try TestWorld()
        let ledger = try world.ledger()
        #expect(throws: KernelError.self) { try world.kernel.destroy(bank: try world.rootBank) }
        #expect(throws: KernelError.self) { try world.kernel.returnToParent(bank: try world.rootBank) }
        #expect(throws: KernelError.self) { try world.kernel.destroy(meter: try world.kernel.rootMeter) }
        #expect(try world.ledger() == ledger)
    }

    // MARK: Returning

    @Test func whatABankHadIsItsParentsAndGoesOn() throws {
        let world = try TestWorld()
        _ = try world.kernel.createBank(at: "root/g", BankTerms(limitPages: 9_000))
        _ = try world.kernel.createBank(at: "root/g/h", BankTerms(limitPages: 50_000, reservePages: 300))
        let processes = try populate(world, below: "root/g/h")
        let before = try figures(world, "root/g")
        let own = try figures(world, "root/g/h")
        let states = try processes.map(world.kernel.state)
        try world.kernel.returnToParent(bank: try world.kernel.bank(at: "root/g/h"))
        try world.check()
        try finish(world)
        try world.check()
        #expect(throws: KernelError.self) { try world.kernel.bank(at: "root/g/h") }
        #expect(try figures(world, "root/g/a/b").limitPages == 4_000)
        let after = try figures(world, "root/g")
        let unused = 300 > own.usedPages ? 300 - own.usedPages : 0
        #expect(after.usedPages == before.usedPages - unused - 1, "the bank's record was alone in its pot")
        #expect(after.cells == before.cells - 1)
        #expect(after.processes == 6 - 1, "one has a bank of its own")
        #expect(try processes.map(world.kernel.state) == states)
        #expect(try world.kernel.path(ofBank: world.objects.link(processes[0], ProcessRecord.bank)) == "root/g")
        #expect(try world.kernel.path(ofBank: world.objects.link(processes[1], ProcessRecord.bank)) == "root/g/p0-3")
        let again = try world.start("again", bank: try world.kernel.bank(at: "root/g"))
        try world.endAndRemove(again)
        try world.kernel.destroy(bank: try world.kernel.bank(at: "root/g"))
        try finish(world)
        try world.check()
        #expect(try world.objects.world(WorldPage.processCount) == 0)
    }

    @Test func aNameThatTheParentHasIsRefused() throws {
        let world = try TestWorld()
        for path in ["root/a", "root/g", "root/g/a", "root/g/b"] {
            _ = try world.kernel.createBank(at: path, BankTerms())
        }
        let ledger = try world.ledger()
        #expect(throws: KernelError.self) {
            try world.kernel.returnToParent(bank: try world.kernel.bank(at: "root/g"))
        }
        #expect(try world.ledger() == ledger)
        try world.kernel.returnToParent(bank: try world.kernel.bank(at: "root/a"))
        try world.kernel.returnToParent(bank: try world.kernel.bank(at: "root/g"))
        let root = try world.rootBank
        #expect(try world.kernel.banks(from: root, recursive: true).map(\.path) == ["root", "root/a", "root/b"])
        try world.check()
    }

    // MARK: Moving

    @Test func aMovedProcessIsWhatItWasAndAnotherPays() throws {
        let world = try TestWorld()
        let g = try world.kernel.createBank(at: "root/g", BankTerms())
        let h = try world.kernel.createBank(at: "root/h", BankTerms())
        let before = try (figures(world, "root/g"), figures(world, "root/h"))
        for state in [RunState.ready, .frozenGas, .frozenSpace, .stopped, .waiting, .exited] {
            let old = try world.start("p", bank: g) { $0.input = Array("some input".utf8) }
            let beside = try (0..<2).map { try world.start("q\($0)", bank: g) }
            try world.kernel.prepareLog(old, count: 5)
            try world.kernel.appendLog(old, .output, Array("hello".utf8))
            let instance = try world.kernel.instances(of: old)[0]
            try world.objects.buy(bytes: 9_000, of: Space(.memory, of: instance), at: 5 << 20, bank: g)
            switch state {
            case .waiting: try world.kernel.wait(old, input: true, deadline: 900)
            case .exited: try world.kernel.end(old, as: .exited, exitCode: 3)
            default: try world.kernel.setState(of: old, to: state)
            }
            let id = try world.objects.get(old, ProcessRecord.id)
            let pages = try world.objects.get(old, ProcessRecord.pages)
            let new = try world.kernel.move(old, toBank: h)
            try world.check()
            #expect(new != old)
            #expect(try world.kernel.process("p") == new && world.kernel.process(id: id) == new)
            // Where there is space it goes on.
            #expect(try world.kernel.state(of: new) == (state == .frozenSpace ? .ready : state))
            #expect(try !world.objects.isVoid(Key(.start, badge: 3, id: id)), "keys to it are good")
            #expect(try world.objects.get(new, ProcessRecord.pages) == pages)
            let text = try world.kernel.readLog(new, since: 0, limitBytes: 99).map(\.bytes)
            #expect(text == [Array("hello".utf8)])
            if state != .exited { #expect(try world.kernel.peekInput(new, count: 99) == Array("some input".utf8)) }
            #expect(try figures(world, "root/h").processes == 1)
            #expect(try world.kernel.earliestDeadline() == (state == .waiting ? 900 : nil))
            // Links lead through it as they led before.
            var all: [CellID] = []
            try world.kernel.forEachProcess { all.append($0) }
            #expect(all == [new] + beside)
            if state == .ready || state == .frozenSpace {
                if state == .frozenSpace {
                    for _ in beside {
                        _ = try world.kernel.processToRun()
                        try world.kernel.endQuantum()
                    }
                }
                #expect(try world.kernel.processToRun() == new)
                try world.kernel.endQuantum()
            }
            for process in [new] + beside {
                if try world.kernel.state(of: process) != .exited {
                    try world.kernel.end(process, as: .exited, exitCode: 0)
                }
                try world.kernel.remove(process)
            }
            #expect(try world.objects.isVoid(Key(.start, badge: 3, id: id)))
            try world.check()
        }
        let after = try (figures(world, "root/g"), figures(world, "root/h"))
        #expect(after.0.cells == before.0.cells && after.1.cells == before.1.cells)
    }

    @Test func theBanksAboveBothNeedNoRoom() throws {
        let world = try TestWorld()
        let a = try world.kernel.createBank(at: "root/t", BankTerms())
        _ = try world.kernel.createBank(at: "root/t/g", BankTerms())
        let h = try world.kernel.createBank(at: "root/t/h", BankTerms())
        let process = try world.start("p", bank: try world.kernel.bank(at: "root/t/g"))
        let stays = try world.start("stays", bank: h)
        let instance = try world.kernel.instances(of: process)[0]
        try world.objects.buy(
            bytes: 400_000, of: Space(.memory, of: instance), at: 0, bank: try world.kernel.bank(at: "root/t/g"))
        let used = try figures(world, "root/t").usedPages
        try world.kernel.set(a, BankTerms(limitPages: used + 4))
        _ = try world.kernel.move(process, toBank: h)
        #expect(try figures(world, "root/t").usedPages <= used + 4)
        try world.check()
        _ = stays
    }

    @Test func aMoveThatThereIsNoRoomForChangesNothing() throws {
        let world = try TestWorld()
        let g = try world.kernel.createBank(at: "root/g", BankTerms())
        let process = try world.start("p", bank: g)
        let own = try world.start("own", bank: g) { $0.limitPages = 90 }
        for terms in [BankTerms(limitPages: 5), BankTerms(limitCells: 1)] {
            let h = try world.kernel.createBank(at: "root/h", terms)
            let before = try (world.ledger(), rootCounts(world), figures(world, "root/g").usedPages)
            #expect(throws: ObjectsError.self) { try world.kernel.move(process, toBank: h) }
            #expect(throws: ObjectsError.self) { try world.kernel.move(own, toBank: h) }
            #expect(try world.ledger() == before.0 && rootCounts(world) == before.1)
            #expect(try figures(world, "root/g").usedPages == before.2)
            try world.check()
            try world.kernel.destroy(bank: h)
        }
        let h = try world.kernel.createBank(at: "root/h", BankTerms())
        _ = try world.kernel.createBank(at: "root/h/own", BankTerms())
        #expect(throws: KernelError.self) { try world.kernel.move(own, toBank: h) }
        try world.check()
    }

    @Test func aBankOfItsOwnIsMadeAnewWithTheSameLimit() throws {
        let world = try TestWorld()
        let g = try world.kernel.createBank(at: "root/g", BankTerms())
        let h = try world.kernel.createBank(at: "root/h", BankTerms())
        let process = try world.start("p", bank: g) { $0.limitPages = 90 }
        let new = try world.kernel.move(process, toBank: h)
        #expect(throws: KernelError.self) { try world.kernel.bank(at: "root/g/p") }
        #expect(try figures(world, "root/h/p").limitPages == 90 && figures(world, "root/h/p").processes == 1)
        #expect(try world.kernel.move(new, toBank: h) == new, "it is there")
        try world.check()
        try world.endAndRemove(new)
        #expect(throws: KernelError.self) { try world.kernel.bank(at: "root/h/p") }
        #expect(try world.objects.world(WorldPage.moduleCount) == 0)
        try world.check()
    }

    /// A module is shared by those that can use it where it is, copied for others, and gone with the last.
    @Test func modulesFollowTheProcess() throws {
        let world = try TestWorld()
        let root = try world.rootBank
        let g = try world.kernel.createBank(at: "root/g", BankTerms())
        let h = try world.kernel.createBank(at: "root/h", BankTerms())
        let shared = try world.module(1, bank: root)
        let process = try world.start("p", bank: g)
        #expect(try world.objects.get(shared, ModuleRecord.instances) == 1)
        let atH = try world.kernel.move(process, toBank: h)
        #expect(try world.objects.get(shared, ModuleRecord.instances) == 1, "the root's is h's too")
        let own = try world.kernel.makeProcess(
            try world.plan("own", module: try world.module(2, bank: g), bank: g))
        let pages = try figures(world, "root/g").usedPages
        let moved = try world.kernel.move(own, toBank: h)
        let copy = try world.objects.link(world.kernel.instances(of: moved)[0], InstanceRecord.module)
        #expect(try world.objects.link(copy, ModuleRecord.bank) == h)
        #expect(try world.objects.world(WorldPage.moduleCount) == 2, "the one in g is gone")
        #expect(try world.objects.get(copy, ModuleRecord.pages) == 4)
        #expect(try figures(world, "root/g").usedPages < pages)
        let binary = try world.objects.bytes(of: Space(.binary, of: copy), at: 0, count: 2 * 4096 - 100)
        #expect(binary.allSatisfy { $0 == 2 })
        let image = try world.objects.bytes(of: Space(.memoryImage, of: copy), at: 3 * 4096, count: 4096)
        #expect(image.allSatisfy { $0 == 2 })
        try world.check()
        for each in [atH, moved] { try world.endAndRemove(each) }
        try world.check()
    }
}
