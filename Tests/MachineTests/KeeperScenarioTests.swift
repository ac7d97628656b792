// Keepers that keep nothing, from every place where one is named, and accesses half outside.

import Kernel
import Machine
import Objects
import Testing

extension KeeperTests {
    @Test(arguments: [false, true]) func aStoreAcrossTheEndIsWholeOrNothing(isMended: Bool) throws {
        try name(1)
        try victim.enter("poke", [Self.size - 4, 0x1122_3344_5566_7788])
        let told = try hear()
        #expect(told.words[0] == Self.size)
        if isMended { try keeper.call(told.keys[0], ProcessOrder.grow, [0, 1]) }
        try answer(isMended ? 0 : 1)
        #expect(try state(victim) == (isMended ? .waiting(Waiting.call) : .other(.faulted)))
        let end = try admin.call(key, ProcessOrder.read, [0, Self.size - 4, 4]).bytes
        #expect(end == (isMended ? [0x88, 0x77, 0x66, 0x55] : [0, 0, 0, 0]))
    }

    @Test(arguments: KeeperSlot.allCases, [false, true])
    func whoKeepsItselfHaltsAlone(slot: KeeperSlot, isVoid: Bool) throws {
        let home = try bench.kernel.createBank(at: "root/h", BankTerms())
        let poor = try Puppet(bench, "poor", bank: home)
        try poor.poke(0, 1)
        let own = Key.process(try bench.objects.get(poor.process, ProcessRecord.id))
        let named = isVoid ? Key.void : .start(own.id)
        let meter = try bench.kernel.createMeter(
            at: "root/m", bank: bench.kernel.rootBank, gas: slot == .meter ? 0 : nil, weight: 1)
        try bench.kernel.move(poor.process, toMeter: meter)
        var (function, arguments, halted) = ("divide", [0] as [UInt64], RunState.faulted)
        switch slot {
        case .memory:
            try name(1, by: own, as: named)
            (function, arguments) = ("peek", [Self.size])
        case .process: try name(0, by: own, as: named)
        case .bank:
            #expect(try admin.refusal(bench.kernel.key(toBank: home), BankOrder.keeper, keys: [named]) == nil)
            let used = try bench.kernel.figures(ofBank: home).usedPages
            try bench.kernel.set(home, BankTerms(limitPages: used))
            (function, arguments, halted) = ("poke", [0x9000, 1], .frozenSpace)
        case .meter:
            #expect(try admin.refusal(bench.kernel.key(toMeter: meter), MeterOrder.keeper, keys: [named]) == nil)
            halted = .frozenGas
        }
        try poor.enter(function, arguments)
        for _ in 0..<2 {
            #expect(try state(poor) == .other(halted))
            let seen = try admin.call(own, ProcessOrder.figures).words[1] & 0xFF
            #expect(seen == UInt64(halted.rawValue), "it is seen")
            #expect(try victim.peek(0) & 0xFF == 0 && isTold() == false, "nobody else halts")
            try bench.writeOutAndReload()
        }
        #expect(try admin.refusal(own, ProcessOrder.end) == nil && admin.refusal(own, ProcessOrder.remove) == nil)
        #expect(try bench.kernel.process(id: own.id) == nil)
        try bench.objects.checkRecords()
    }

    /// 64 who wait for each other are taken for a circle by who comes next, 63 are not; they themselves wait on, also after a restart.
    @Test(arguments: [63, 64]) func aLongChainIsTakenForACircle(length: Int) throws {
        let chain = try (0...length).map { try Puppet(bench, "k\($0)") }
        let ids = try chain.map { try bench.objects.get($0.process, ProcessRecord.id) }
        for index in 0..<length {
            try name(0, by: .process(ids[index]), as: .start(ids[index + 1]))
            try wait(chain[index + 1])
            try chain[index].enter("divide", [0])
        }
        try bench.writeOutAndReload()
        try name(0, as: .start(ids[0]))
        try victim.enter("divide", [0])
        #expect(try state(victim) == (length == 63 ? .waiting(Waiting.turn) : .other(.faulted)))
        for each in chain.dropLast() { #expect(try state(each) == .waiting(Waiting.keeper)) }
        #expect(try state(admin) == .waiting(Waiting.call))
    }
}
