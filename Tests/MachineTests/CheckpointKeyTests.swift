// Checkpoint keys: who waits, for what, and who tells them.

import Kernel
import Objects
import Testing

@Suite struct CheckpointKeyTests {
    private let bench: StoredBench
    private let a: Puppet
    private let b: Puppet

    init() throws {
        bench = try StoredBench()
        a = try Puppet(bench, "a")
        b = try Puppet(bench, "b")
    }

    private func waits(_ puppet: Puppet) throws -> Bool {
        let isWaiting = try bench.objects.get(puppet.process, ProcessRecord.waitsFor) == Waiting.durable
        let isListed = try bench.kernel.listed(on: WorldPage.durableFirst).contains(puppet.process)
        #expect(isListed == isWaiting)
        return isWaiting
    }

    private func tell(_ last: UInt64, checkpoint: UInt64 = 0) throws -> Int {
        defer { _ = Result { try a.run() } }
        return try bench.kernel.tellDurable(through: last, checkpoint: checkpoint)
    }

    @Test func whoWaitsIsToldWhatCameBeforeThem() throws {
        try a.begin(.checkpoint(), CheckpointKeyOrder.wait.rawValue)
        try b.begin(.checkpoint(), CheckpointKeyOrder.make.rawValue)
        #expect(try waits(a) && waits(b))
        #expect(try bench.kernel.awaitedDurability() == DurabilityAwaited(byJournal: 1, byCheckpoint: 2))
        try bench.writeOutAndReload()
        #expect(try bench.kernel.awaitedDurability() == DurabilityAwaited(byJournal: 1, byCheckpoint: 2))
        #expect(try tell(0, checkpoint: 7) == 0 && waits(a) && waits(b))
        #expect(try tell(1, checkpoint: 7) == 1 && !waits(a) && waits(b), "what came before the first")
        #expect(try a.finish() == Puppet.Reply(code: 0))
        #expect(try tell(2) == 0 && waits(b), "the journal is no checkpoint")
        #expect(try tell(2, checkpoint: 9) == 1 && !waits(b))
        #expect(try b.finish() == Puppet.Reply(code: 0, words: [9, 0, 0]))
        #expect(try !bench.kernel.awaitedDurability().isAwaited)
        // Who comes later is told later.
        try a.begin(.checkpoint(), CheckpointKeyOrder.wait.rawValue)
        #expect(try tell(2, checkpoint: 9) == 0 && tell(3) == 1)
        #expect(try a.code() == 0)
    }

    @Test func rightsAndFormsAreLookedAt() throws {
        let weak = try a.call(.checkpoint(), CheckpointKeyOrder.weaken, [1]).keys[0]
        #expect(weak == .checkpoint([]))
        #expect(try a.refusal(weak, CheckpointKeyOrder.make) == .right)
        #expect(try a.call(weak, CheckpointKeyOrder.weaken, [0]).keys[0] == weak)
        #expect(try a.call(.checkpoint(), 4).code == ReplyCode.order.rawValue)
        try a.begin(weak, CheckpointKeyOrder.wait.rawValue)
        #expect(try waits(a))
        // Who does not wait for the answer does not wait.
        for order in [CheckpointKeyOrder.wait, .make] {
            try b.begin(.checkpoint(), order.rawValue, by: "send")
            #expect(try b.code() == 0 && !waits(b))
        }
        #expect(Key.checkpoint().weakened == .void)
    }

    @Test func whoIsStoppedAsksAnew() throws {
        try a.begin(.checkpoint(), CheckpointKeyOrder.wait.rawValue)
        try bench.kernel.setState(of: a.process, to: .stopped)
        #expect(try !waits(a) && tell(1) == 0)
        try bench.kernel.setState(of: a.process, to: .ready)
        try a.run()
        #expect(try waits(a) && bench.kernel.awaitedDurability().byJournal == 2)
        // Its key is gone, and what it asked with it is answered all the same.
        try bench.kernel.setRegister(6, of: a.process, to: .void)
        #expect(try tell(2) == 1)
        #expect(try a.code() == 0)
        try a.begin(.checkpoint(), CheckpointKeyOrder.wait.rawValue)
        try bench.kernel.setState(of: a.process, to: .stopped)
        try bench.kernel.setRegister(6, of: a.process, to: .void)
        try bench.kernel.setState(of: a.process, to: .ready)
        try a.run()
        #expect(try a.code() == ReplyCode.void.rawValue)
    }

    @Test func whoWaitsIsMovedEndedAndDestroyed() throws {
        let bank = try bench.kernel.createBank(at: "root/g", BankTerms())
        let others = try (0..<3).map { try Puppet(bench, "p\($0)", bank: bank) }
        for puppet in [a] + others + [b] { try puppet.begin(.checkpoint(), CheckpointKeyOrder.wait.rawValue) }
        _ = try bench.kernel.move(others[1].process, toBank: bench.kernel.rootBank)
        #expect(try bench.kernel.listed(on: WorldPage.durableFirst) == ([a] + others + [b]).map { try $0.process })
        try bench.kernel.end(others[0].process, as: .exited, exitCode: 0)
        #expect(try bench.kernel.listed(on: WorldPage.durableFirst).count == 4)
        try bench.kernel.destroy(bank: bank)
        try a.run()
        while try bench.kernel.hasGoingBanks { _ = try bench.kernel.processToRun() }
        #expect(try bench.kernel.listed(on: WorldPage.durableFirst) == [a, others[1], b].map { try $0.process })
        #expect(try tell(.max) == 3)
        for puppet in [a, others[1], b] { #expect(try puppet.code() == 0) }
        try bench.objects.checkRecords()
    }
}
