// The bank where somebody means ill or lives in it: look-alikes, rights, limits below use, and destruction under who runs.

import Kernel
import Machine
import Objects
import Testing

extension BankOrderTests {
    /// Whoever answers like a bank is none, nor is a way to one: not told genuine, not paid with, not moved to; nothing has changed.
    @Test func aLookAlikeIsNoBankAnywhere() throws {
        let below = try buy(Self.subbank, of: bank)[0]
        let control = try buy(14, of: bank)[0]
        #expect(try user.refusal(control, ForwarderOrder.retarget, keys: [below]) == nil)
        let actor = try Puppet(bench, "actor")
        let id = try bench.objects.get(try actor.process, ProcessRecord.id)
        try actor.begin(register: 255, 0, from: [], into: [8, 9, 10, 11], by: "return")
        try user.begin(.start(id, badge: 7), CommonOrder.kind.rawValue)
        try actor.begin(register: 11, 0, [7], from: [], into: [8, 9, 10, 11], by: "return")
        #expect(try user.finish().words[0] == 7, "it says that it is a bank")
        let meter = try bench.kernel.key(toMeter: bench.kernel.rootMeter)
        let before = try figures(bank)
        for fake in [Key.start(id, badge: 7), control.without(rights: 1)] {
            #expect(try user.call(bank, BankOrder.verify, keys: [fake]).words == [0, 0, 0])
            #expect(try user.refusal(meter, MeterOrder.make, [5], keys: [fake]) == .key)
            #expect(try user.refusal(.process(id), ProcessOrder.bank, keys: [fake]) == .key)
            #expect(try user.refusal(bank, BankOrder.sell, keys: [fake]) == .key)
        }
        #expect(try figures(bank) == before)
        #expect(
            try bench.objects.get(try actor.process, ProcessRecord.waitsFor) == Waiting.message, "it was not asked")
        try bench.objects.checkRecords()
    }

    /// The key is the same in whatever order rights went, also from a node and after a restart; what it lacks is refused, changing
    /// nothing.
    @Test func everySubsetOfRightsIsTheSameInAnyOrder() throws {
        let keys = try buy(Self.page | Self.node << 8, of: bank)
        let needs: [(order: BankOrder, right: BankRights)] = [
            (.figures, .query), (.buy, .allocate), (.sell, .allocate), (.sever, .allocate), (.set, .setLimits),
            (.destroy, .destroy), (.keeper, .setLimits), (.adopt, .allocate), (.process, .allocate),
        ]
        for taken in 0..<16 as Range<UInt64> {
            let bits = [1, 2, 4, 8].filter { taken & $0 != 0 } as [UInt64]
            let expected = bank.without(rights: UInt8(taken))
            for sequence in [bits, Array(bits.reversed()), bits + bits, [taken]] {
                var key = bank
                for bit in sequence { key = try user.call(key, BankOrder.weaken, [bit]).keys[0] }
                #expect(key == expected)
            }
            try user.call(keys[1], NodeOrder.store, [0], keys: [expected])
            try bench.writeOutAndReload()
            #expect(try user.call(keys[1], NodeOrder.fetch, [0]).keys[0] == expected)
            let before = try figures(bank)
            for (order, right) in needs where !expected.bankRights.contains(right) {
                let refusal = try user.refusal(expected, order, [0], keys: [keys[0]])
                #expect(refusal == .right, "\(order) without \(taken)")
            }
            #expect(try figures(bank) == before)
        }
        #expect(try user.call(bank, BankOrder.keeper).keys[0] == .void && !bench.objects.isVoid(keys[0]))
    }

    /// Whoever lives in a bank whose limits fall below its use goes on with what it has, and stands still at what it would buy.
    @Test(arguments: [false, true]) func whoLivesBelowALoweredLimitKeepsWhatItHas(restarts: Bool) throws {
        let home = try buy(Self.subbank, of: bank)[0]
        let tenant = try Puppet(bench, "tenant", bank: CellID(rawValue: home.id))
        try tenant.poke(0x3000, 5)
        let used = try figures(home)[2]
        #expect(try limit(home, pages: used - 3, cells: 1) == nil)
        if restarts { try bench.writeOutAndReload() }
        let before = try figures(home)
        #expect(before.prefix(3) == [0, 0, used])
        for kind in [Self.page, Self.node, Self.subbank, 14] {
            #expect(try user.refusal(home, BankOrder.buy, [kind]) == .space)
        }
        try tenant.poke(0x3008, 6)
        #expect(try tenant.peek(0x3000) == 5 && figures(home) == before)
        try tenant.enter("poke", [0x4000, 7])
        #expect(try bench.kernel.state(of: try tenant.process) == .frozenSpace && figures(home) == before)
        #expect(try limit(home, pages: used) == nil && bench.kernel.state(of: try tenant.process) == .frozenSpace)
        #expect(try limit(home, pages: used + 1) == nil)
        try tenant.run()
        #expect(try tenant.peek(0x4000) == 7 && figures(home)[2] == used + 1)
        try bench.objects.checkRecords()
    }

    /// Whoever lives in a bank that another destroys is gone in the midst of what it does, with all keys to it and to what it bought.
    @Test(arguments: ["spin", "fill", "freezes", "holds"]) func whoLivesInADestroyedBankIsGone(doing: String) throws {
        let home = try buy(Self.subbank, of: bank, name: "home")[0]
        let used = try figures(bank)[4]
        let tenant = try Puppet(bench, "tenant", bank: CellID(rawValue: home.id))
        let cell = try tenant.process
        let id = try bench.objects.get(cell, ProcessRecord.id)
        let bought = try tenant.call(home, BankOrder.buy, [Self.page]).keys[0]
        // The order lies ready before the other does anything.
        try user.begin(home, CommonOrder.kind.rawValue)
        try user.poke(0, UInt64(BankOrder.destroy.rawValue) | 0x1312_1110 << 32)
        switch doing {
        case "freezes":
            try bench.kernel.set(CellID(rawValue: home.id), BankTerms(limitPages: 0))
            try tenant.enter("poke", [0x9000, 1])
            #expect(try bench.kernel.state(of: cell) == .frozenSpace)
        case "holds": try bench.kernel.setRegister(20, of: cell, to: home)
        default:
            let function = try bench.machine.function(doing, of: 0, in: cell).index
            try bench.machine.call(
                cell, instance: 0, function: function, arguments: doing == "spin" ? [1_000_000] : [0x2000, 0x1_0000])
            #expect(try bench.kernel.processToRun() == cell)
            _ = try bench.machine.run(cell, gasBound: 300)
        }
        let call = try bench.machine.function("call", of: 0, in: try user.process).index
        try bench.machine.call(try user.process, instance: 0, function: call, arguments: [6])
        if try bench.kernel.isRunning(cell) { try bench.kernel.endQuantum() }
        try user.run()
        #expect(try user.code() == 0 && bench.kernel.process(id: id) == nil && bench.kernel.countProcesses() == 1)
        for key in [home, bought, Key.process(id), Key.start(id)] { #expect(try bench.objects.isVoid(key)) }
        try bench.writeOutAndReload()
        while try bench.kernel.hasGoingBanks { try bench.kernel.takeGoingApart() }
        #expect(try figures(bank)[4] == used - 1, "the page with its record too")
        try bench.objects.checkRecords()
    }

    /// Whatever was bought, whoever holds it and where, is void with its bank, also after a restart and when others are in its place.
    @Test(arguments: [false, true]) func everyKindIsVoidToEveryHolder(restarts: Bool) throws {
        let kinds = Self.page | Self.node << 8 | 14 << 16 | Self.subbank << 24
        let below = try buy(Self.subbank, of: bank)[0]
        var doomed = try buy(kinds, of: below)
        let (page, node) = (doomed[0], doomed[1])
        doomed += try user.call(try buy(Self.node, of: below)[0], NodeOrder.pair).keys[..<2]
        let root = try bench.kernel.key(toMeter: bench.kernel.rootMeter)
        let own = Key.process(try bench.objects.get(try user.process, ProcessRecord.id))
        let made = try user.call(below, BankOrder.process, keys: [root, own]).keys[0]
        let meter = try user.call(root, MeterOrder.make, [5], keys: [below]).keys[0]
        doomed += [below, meter, made, Key.start(made.id), Key.device(.consoleOutput, of: made.id)]
        let other = try Puppet(bench, "other")
        let shelf = try buy(Self.node | 14 << 8, of: bank)
        for (slot, key) in doomed.enumerated() {
            #expect(try !bench.objects.isVoid(key))
            try user.call(shelf[0], NodeOrder.store, [UInt64(slot)], keys: [key])
            try bench.kernel.setRegister(20 + slot, of: try other.process, to: key)
        }
        try user.call(shelf[1], ForwarderOrder.retarget, keys: [node])
        try bench.kernel.setRegister(12, of: try other.process, to: page)
        try other.enter("map", [12, 0x8000])
        #expect(try other.code() == 0 && other.peek(0x8000) == 0)
        func expectNothing() throws {
            for (slot, key) in doomed.enumerated() {
                #expect(try user.call(shelf[0], NodeOrder.fetch, [UInt64(slot)]).keys[0] == .void, "\(key.kind)")
                #expect(try bench.objects.register(20 + slot, of: try other.process) == .void)
                #expect(try user.call(key, CommonOrder.kind).code == ReplyCode.void.rawValue)
            }
            #expect(try user.call(shelf[1], ForwarderOrder.target).keys[0] == .void)
        }
        #expect(try user.refusal(below, BankOrder.destroy) == nil)
        try expectNothing()
        if restarts { try bench.writeOutAndReload() }
        while try bench.kernel.hasGoingBanks { try bench.kernel.takeGoingApart() }
        for _ in 0..<3 { _ = try buy(kinds, of: bank) }
        try expectNothing()
        try other.enter("peek", [0x8000])
        #expect(try bench.kernel.state(of: try other.process) == .faulted, "the page is missing")
        try bench.objects.checkRecords()
    }
}
