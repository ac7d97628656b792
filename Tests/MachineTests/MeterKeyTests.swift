// Meters through their keys: budgets below budgets, what is left of them, and who runs on which.

import Kernel
import Machine
import Objects
import Testing

@Suite struct MeterKeyTests {
    private let bench: StoredBench
    private let user: Puppet
    private let bank: Key
    /// Below the root's, limited.
    private let meter: Key
    private static let gas: UInt64 = 1_000_000

    init() throws {
        bench = try StoredBench()
        user = try Puppet(bench, "user")
        let cell = try bench.kernel.createBank(at: "root/g", BankTerms())
        bank = try bench.kernel.key(toBank: cell)
        meter = try bench.kernel.key(
            toMeter: bench.kernel.createMeter(at: "root/m", bank: cell, gas: Self.gas, weight: 1))
    }

    private func make(_ gas: UInt64, below parent: Key, name: String = "") throws -> Key {
        try user.call(parent, MeterOrder.make, [gas], keys: [bank], bytes: Array(name.utf8)).keys[0]
    }

    private func left(_ meter: Key) throws -> [UInt64] { try user.call(meter, MeterOrder.figures).words }

    /// Whoever runs three deep is debited all the way up, to the unit, and what is left is the least of the chain.
    @Test func threeMetersAreAllDebited() throws {
        let second = try make(500_000, below: meter, name: "second")
        let third = try make(.max, below: second)
        #expect(try bench.kernel.path(ofMeter: CellID(rawValue: second.id)) == "root/m/second")
        #expect(try bench.kernel.path(ofMeter: CellID(rawValue: third.id)).hasPrefix("root/m/second/m"))
        #expect(try left(third) == [500_000, .max, 0])
        let other = try Puppet(bench, "other")
        let process = Key.process(try bench.objects.get(other.process, ProcessRecord.id))
        let before = try user.call(process, ProcessOrder.figures).words[2]
        #expect(try user.refusal(process, ProcessOrder.meter, keys: [third]) == nil)
        try other.enter("peek", [0])
        try other.enter("clear", [9])
        let used = try user.call(process, ProcessOrder.figures).words[2] - before
        #expect(used > 256)
        for (meter, gas) in [(meter, Self.gas), (second, 500_000)] {
            #expect(try left(meter)[1...] == [gas - used, used], "to the unit")
        }
        #expect(try left(third) == [500_000 - used, .max, used])
        #expect(try user.call(third, MeterOrder.figures).bytes == [1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0])
        try bench.objects.checkRecords()
    }

    /// A caller whose meter runs dry in the middle of its call waits, and goes on when there is gas again.
    @Test func aDryMeterInMidCallIsRefilled() throws {
        let dry = try make(1_000, below: meter)
        let server = try Puppet(bench, "server")
        let third = try Puppet(bench, "third")
        let process = Key.process(try bench.objects.get(server.process, ProcessRecord.id))
        try server.begin(register: 255, 0, from: [], into: [8, 9, 10, 11], by: "return")
        #expect(try third.refusal(process, ProcessOrder.meter, keys: [dry]) == nil)
        #expect(try third.refusal(dry, MeterOrder.set, [0, 0]) == nil)
        let start = try third.call(process, ProcessOrder.invite, [0]).keys[0]
        try user.begin(start, 3, [4])
        #expect(
            try bench.kernel.state(of: server.process) == .frozenGas && bench.kernel.state(of: user.process) == .waiting
        )
        try bench.writeOutAndReload()
        #expect(try third.refusal(dry, MeterOrder.refill, [900_000]) == nil)
        try third.run()
        #expect(try server.finish().words[0] == 4)
        let resume = try bench.objects.register(11, of: server.process)
        try server.begin(resume, 6, [5], by: "send")
        #expect(try user.code() == 6)
        #expect(try user.finish().words[0] == 5)
        try bench.objects.checkRecords()
    }

    /// Who takes away what it runs on itself stops behind the order, however it is sliced, and goes on with gas.
    @Test(arguments: [UInt64.max, 1, 97]) func whoSetsItsOwnMeterStopsThere(slice: UInt64) throws {
        let bench = try Bench()
        let cell = try bench.kernel.createMeter(
            at: "root/m", bank: bench.kernel.rootBank, gas: 50_000, weight: 1)
        let process = try bench.spawn(
            try InvocationTests.program(
                """
                (i32.store (i32.const 0) (i32.const 5)) (i64.store (i32.const 8) (i64.const 40))
                (i32.store (i32.const 256) (call $call (i32.const 6) (i32.const 0) (i32.const 64)))
                (local.set $i (i32.const 1000))
                (loop $l (br_if $l (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))
                (call $exit (i32.const 9))
                """))
        try bench.kernel.move(process, toMeter: cell)
        try bench.kernel.setRegister(6, of: process, to: bench.kernel.key(toMeter: cell))
        try bench.runAll(slice: slice)
        #expect(try bench.state(process) == .frozenGas)
        #expect(try bench.kernel.figures(ofMeter: cell).gasLeft == 0)
        let used = try bench.gasUsed(process)
        #expect(used == (512 + 40 + 3 * 3 + 1 + 3) || used > 550 && used < 580, "the order, and 40 behind it: \(used)")
        try bench.kernel.refill(cell, gas: 90_000)
        try bench.runAll(slice: slice)
        #expect(try bench.exitCode(process) == 9)
    }

    @Test func eachRightIsTakenAwayForEver() throws {
        for right in Key.rights(of: .meter) {
            let weak = try user.call(meter, MeterOrder.weaken, [UInt64(right.bit)]).keys[0]
            #expect(try user.call(weak, MeterOrder.weaken, [0]).keys[0] == weak)
            for order in MeterOrder.allCases where order != .weaken && order != .verify {
                let isRefused = try user.refusal(weak, order, [.max - 1], keys: [bank]) == .right
                #expect(isRefused == (order.right.rawValue == right.bit), "\(order) without \(right.name)")
                if order == .destroy, !isRefused { return }
            }
        }
        #expect(meter.weakened == .void)
    }

    @Test func whatCannotBeIsRefused() throws {
        #expect(try user.refusal(meter, MeterOrder.make, [5], keys: [bank.without(.allocate)]) == .key)
        #expect(try user.refusal(meter, MeterOrder.make, [5]) == .key)
        #expect(try user.refusal(meter, MeterOrder.make, [5], keys: [bank], bytes: Array("a/b".utf8)) == .value)
        let below = try make(7, below: meter, name: "n")
        #expect(try user.refusal(meter, MeterOrder.make, [5], keys: [bank], bytes: Array("n".utf8)) == .value)
        #expect(try user.refusal(meter, MeterOrder.destroy) == .value, "it has one below it")
        #expect(try user.refusal(below, MeterOrder.refill, [.max - 7]) == .value)
        #expect(try user.refusal(below, MeterOrder.set, [.max - 1, 1_001]) == .value)
        #expect(try left(below) == [7, 7, 0])
        #expect(try user.refusal(below, MeterOrder.set, [.max, 3]) == nil)
        #expect(try user.refusal(below, MeterOrder.refill, [1]) == .value, "it is not limited")
        #expect(try left(below) == [Self.gas, .max, 0])
        let root = try bench.kernel.key(toMeter: try bench.kernel.rootMeter)
        #expect(try user.refusal(root, MeterOrder.destroy) == .value)
        let full = try bench.kernel.key(toBank: bench.kernel.createBank(at: "root/f", BankTerms(limitPages: 0)))
        #expect(try user.refusal(meter, MeterOrder.make, [5], keys: [full]) == .space)
        #expect(try user.call(meter, MeterOrder.verify, keys: [below]).words == [1, 15, 1])
        #expect(try user.call(below, MeterOrder.verify, keys: [meter]).words == [1, 15, 0])
        #expect(try user.call(meter, MeterOrder.verify, keys: [bank]).words == [0, 0, 0])
        #expect(try user.refusal(below, MeterOrder.destroy) == nil)
        #expect(try user.refusal(below, MeterOrder.figures) == .void)
        #expect(try user.call(meter, 9).code == ReplyCode.order.rawValue)
        try bench.objects.checkRecords()
    }

    /// A chain has an end.
    @Test func chainsHaveAnEnd() throws {
        var deepest = meter
        var made = 0
        while true {
            let reply = try user.call(deepest, MeterOrder.make, [.max], keys: [bank])
            if reply.code != 0 {
                #expect(reply.code == ReplyCode.value.rawValue)
                break
            }
            deepest = reply.keys[0]
            made += 1
        }
        #expect(made == 4_094)
        #expect(try left(deepest)[0] == Self.gas)
    }

    @Test func nothingHangsBelowADeadMeter() throws {
        let payer = try bench.kernel.key(toBank: bench.kernel.createBank(at: "root/g/p", BankTerms()))
        let middle = try user.call(meter, MeterOrder.make, [500_000], keys: [payer]).keys[0]
        let low = try make(.max, below: middle)
        let other = try Puppet(bench, "other")
        let process = Key.process(try bench.objects.get(try other.process, ProcessRecord.id))
        #expect(try user.refusal(process, ProcessOrder.meter, keys: [low]) == nil)
        try bench.kernel.destroy(bank: CellID(rawValue: payer.id))
        // Before anything of it has gone.
        #expect(try bench.objects.isVoid(middle) && bench.objects.isVoid(low) && !bench.objects.isVoid(meter))
        while try bench.kernel.hasGoingBanks { try bench.kernel.takeGoingApart() }
        let bankCell = CellID(rawValue: bank.id)
        let (before, cells) = (try left(meter), try bench.kernel.figures(ofBank: bankCell).cells)
        for dead in [middle, low] {
            #expect(try user.refusal(dead, MeterOrder.make, [5], keys: [bank]) == .void)
            #expect(try user.refusal(dead, MeterOrder.refill, [5]) == .void)
            #expect(try user.refusal(process, ProcessOrder.meter, keys: [dead]) == .key)
        }
        #expect(try left(meter) == before && bench.kernel.figures(ofBank: bankCell).cells == cells)
        try other.enter("peek", [0])
        #expect(try bench.kernel.state(of: try other.process) == .frozenGas)
        #expect(try user.refusal(process, ProcessOrder.meter, keys: [meter]) == nil)
        try other.run()
        #expect(try bench.machine.results(of: try other.process) == [0])
        try bench.objects.checkRecords()
    }
}
