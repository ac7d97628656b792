// Processes that are given to another bank: they stay what they were, and another pays.

import Kernel
import Objects
import Store
import Testing

@Suite struct MovingTests {
    @Test func aMovedProcessIsWhatItWasAndAnotherPays() throws {
        let world = try TestWorld()
        let g = try world.kernel.createBank(at: "root/g", BankTerms())
        let h = try world.kernel.createBank(at: "root/h", BankTerms())
        let before = try (world.figures("root/g"), world.figures("root/h"))
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
            #expect(try !world.objects.isVoid(Key(.process, id: id)), "keys to it are good")
            #expect(try world.objects.isVoid(.start(id, badge: 3)) == (state == .exited))
            #expect(try world.objects.get(new, ProcessRecord.pages) == pages)
            let text = try world.kernel.readLog(new, since: 0, limitBytes: 99).map(\.bytes)
            #expect(text == [Array("hello".utf8)])
            if state != .exited { #expect(try world.kernel.peekInput(new, count: 99) == Array("some input".utf8)) }
            #expect(try world.figures("root/h").processes == 1)
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
        let after = try (world.figures("root/g"), world.figures("root/h"))
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
        let used = try world.figures("root/t").usedPages
        try world.kernel.set(a, BankTerms(limitPages: used + 4))
        _ = try world.kernel.move(process, toBank: h)
        #expect(try world.figures("root/t").usedPages <= used + 4)
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
            let before = try (world.ledger(), world.rootCounts(), world.figures("root/g").usedPages)
            #expect(throws: ObjectsError.self) { try world.kernel.move(process, toBank: h) }
            #expect(throws: ObjectsError.self) { try world.kernel.move(own, toBank: h) }
            #expect(try world.ledger() == before.0 && world.rootCounts() == before.1)
            #expect(try world.figures("root/g").usedPages == before.2)
            try world.check()
            try world.kernel.destroy(bank: h)
        }
        let h = try world.kernel.createBank(at: "root/h", BankTerms())
        _ = try world.kernel.createBank(at: "root/h/own", BankTerms())
        #expect(throws: KernelError.self) { try world.kernel.move(own, toBank: h) }
        try world.check()
    }

    /// What a refusal says is what is seen of the bank, and enough to make room by.
    @Test(arguments: [false, true]) func aRefusalSaysHowMuchRoomItTakes(hasOwnBank: Bool) throws {
        let world = try TestWorld()
        let g = try world.kernel.createBank(at: "root/g", BankTerms())
        let h = try world.kernel.createBank(at: "root/h", BankTerms(limitPages: 5))
        let process = try world.start("p", bank: g) { $0.limitPages = hasOwnBank ? 90 : nil }
        let refusal = #expect(throws: ObjectsError.self) { try world.kernel.move(process, toBank: h) }
        guard case .bankExhausted(let said) = refusal else {
            return #expect(Bool(false), "\(String(describing: refusal))")
        }
        let used = try world.figures("root/h").usedPages
        #expect(said.bank == h && said.limit == 5 && said.used == used && said.asked > 5 - used)
        try world.kernel.set(h, BankTerms(limitPages: said.used + said.asked - 1))
        #expect(throws: ObjectsError.self) { try world.kernel.move(process, toBank: h) }
        try world.kernel.set(h, BankTerms(limitPages: said.used + said.asked))
        _ = try world.kernel.move(process, toBank: h)
        #expect(try world.figures("root/h").usedPages == said.used + said.asked)
        try world.check()
    }

    /// A meter that was made for the process and that the bank which it leaves paid for does not go with that bank.
    @Test func aMeterOfItsOwnMovesAlong() throws {
        let world = try TestWorld()
        let g = try world.kernel.createBank(at: "root/g", BankTerms())
        let h = try world.kernel.createBank(at: "root/h", BankTerms())
        let beside = try world.kernel.createMeter(at: "root/a", bank: try world.rootBank, gas: nil, weight: 1)
        let process = try world.start("p", bank: g) { $0.gas = 1_234 }
        let after = try world.kernel.createMeter(at: "root/z", bank: try world.rootBank, gas: nil, weight: 1)
        let moved = try world.kernel.move(process, toBank: h)
        try world.kernel.destroy(bank: g)
        try world.finishDestructions()
        try world.check()
        let meter = try world.kernel.meter(of: moved)
        #expect(try world.kernel.path(ofMeter: meter) == "root/p" && world.objects.payer(of: meter) == h)
        #expect(try world.kernel.gas(of: meter, upTo: 5_000) == 1_234)
        #expect(try world.kernel.meter(at: "root/a") == beside && world.kernel.meter(at: "root/z") == after)
        try world.endAndRemove(moved)
        #expect(throws: KernelError.self) { try world.kernel.meter(at: "root/p") }
        #expect(try world.figures("root/h").usedPages == 0)
        try world.check()
    }

    @Test func aBankOfItsOwnIsMadeAnewWithTheSameLimit() throws {
        let world = try TestWorld()
        let g = try world.kernel.createBank(at: "root/g", BankTerms())
        let h = try world.kernel.createBank(at: "root/h", BankTerms())
        let process = try world.start("p", bank: g) { $0.limitPages = 90 }
        let new = try world.kernel.move(process, toBank: h)
        #expect(throws: KernelError.self) { try world.kernel.bank(at: "root/g/p") }
        #expect(try world.figures("root/h/p").limitPages == 90 && world.figures("root/h/p").processes == 1)
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
        let pages = try world.figures("root/g").usedPages
        let moved = try world.kernel.move(own, toBank: h)
        let copy = try world.objects.link(world.kernel.instances(of: moved)[0], InstanceRecord.module)
        #expect(try world.objects.link(copy, ModuleRecord.bank) == h)
        #expect(try world.objects.world(WorldPage.moduleCount) == 2, "the one in g is gone")
        #expect(try world.objects.get(copy, ModuleRecord.pages) == 4)
        #expect(try world.figures("root/g").usedPages < pages)
        let binary = try world.objects.bytes(of: Space(.binary, of: copy), at: 0, count: 2 * 4096 - 100)
        #expect(binary.allSatisfy { $0 == 2 })
        let image = try world.objects.bytes(of: Space(.memoryImage, of: copy), at: 3 * 4096, count: 4096)
        #expect(image.allSatisfy { $0 == 2 })
        try world.check()
        for each in [atH, moved] { try world.endAndRemove(each) }
        try world.check()
    }
}
