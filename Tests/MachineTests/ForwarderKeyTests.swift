// Forwarders: a way that can be taken back. Whoever holds it reaches the target and not the forwarder.

import Kernel
import Machine
import Objects
import Testing

@Suite struct ForwarderKeyTests {
    private let bench: StoredBench
    private let user: Puppet
    private let server: Puppet
    private let bank: Key

    init() throws {
        bench = try StoredBench()
        user = try Puppet(bench, "user")
        server = try Puppet(bench, "server")
        bank = try bench.kernel.key(toBank: bench.kernel.createBank(at: "root/g", BankTerms()))
    }

    /// A forwarder's key with control, and one that is a way.
    private func buy() throws -> (control: Key, way: Key) {
        let control = try user.call(bank, BankOrder.buy, [14]).keys[0]
        #expect(control.kind == .forwarder && control.forwarderRights == .control)
        let way = try user.call(control, ForwarderOrder.weaken, [1]).keys[0]
        #expect(way.id == control.id && way.forwarderRights == [])
        return (control, way)
    }

    private func start(_ badge: UInt16) throws -> Key {
        .start(try bench.objects.get(try server.process, ProcessRecord.id), badge: badge)
    }

    @Test func itLeadsToItsTargetUntilItIsTakenBack() throws {
        let (control, way) = try buy()
        let node = try user.call(bank, BankOrder.buy, [3]).keys[0]
        #expect(try user.call(way, CommonOrder.kind).code == ReplyCode.void.rawValue, "it leads nowhere yet")
        #expect(try user.refusal(control, ForwarderOrder.retarget, keys: [node.without(rights: 2)]) == nil)
        #expect(try user.call(way, CommonOrder.kind).words[0] == 3, "what it leads to answers")
        #expect(try user.call(control, CommonOrder.kind).words[0] == 14)
        try user.call(node, NodeOrder.number, [1, 77])
        #expect(try user.call(way, NodeOrder.fetch, [1]).keys[0].id == 77)
        #expect(try user.refusal(way, NodeOrder.number, [1, 78]) == .right, "with the target's rights")
        #expect(try user.call(control, ForwarderOrder.target).keys[0] == node.without(rights: 2))

        #expect(try user.refusal(control, ForwarderOrder.block) == nil)
        try bench.writeOutAndReload()
        #expect(try user.refusal(way, NodeOrder.fetch, [1]) == .void)
        #expect(try user.refusal(way, ForwarderOrder.unblock) == .void, "who holds a way does not control it")
        #expect(try user.refusal(control, ForwarderOrder.unblock) == nil)
        #expect(try user.call(way, NodeOrder.fetch, [1]).keys[0].id == 77)
        #expect(try user.refusal(control, ForwarderOrder.retarget, keys: [Key(.number, id: 5)]) == nil)
        #expect(try user.call(way, NumberOrder.value).words[0] == 5)
        #expect(try user.call(control, 6).code == ReplyCode.order.rawValue)
        #expect(try user.refusal(bank, BankOrder.sell, keys: [way]) == .key)
        #expect(try user.refusal(bank, BankOrder.sell, keys: [control, node]) == nil)
        #expect(try user.refusal(way, NumberOrder.value) == .void)
        try bench.objects.checkRecords()
        #expect(try bench.objects.get(CellID(rawValue: bank.id), BankRecord.ownPages) == 0)
    }

    @Test func aCallThroughItIsACall() throws {
        let (control, way) = try buy()
        let (outer, far) = try buy()
        try user.call(control, ForwarderOrder.retarget, keys: [try start(9)])
        try user.call(outer, ForwarderOrder.retarget, keys: [way])
        try server.begin(.void, 0, by: "return")
        try user.begin(far, 41, [7])
        let asked = try server.finish()
        #expect(asked.code == 0 && asked.words[0] == 7)
        // Blocked between call and reply, it is answered all the same.
        try bench.kernel.setRegister(16, of: try server.process, to: .void)
        let other = try Puppet(bench, "other")
        try other.call(control, ForwarderOrder.block)
        try server.begin(asked.keys[3], 3, [8], by: "send")
        let answer = try user.finish()
        #expect(answer.code == 3 && answer.words[0] == 8)
        #expect(try user.refusal(far, NumberOrder.value) == .void)
    }

    /// Who stands before the target is not let in any more by a way that was taken back.
    @Test func whoStandsBeforeTheTargetIsLookedAtAnew() throws {
        let (control, way) = try buy()
        let other = try Puppet(bench, "other")
        try user.call(control, ForwarderOrder.retarget, keys: [try start(1)])
        try user.begin(way, 5)
        #expect(try bench.objects.get(try user.process, ProcessRecord.waitsFor) == Waiting.turn)
        try other.call(control, ForwarderOrder.block)
        try bench.writeOutAndReload()
        try server.begin(.void, 0, by: "return")
        #expect(try bench.objects.get(try server.process, ProcessRecord.waitsFor) == Waiting.message)
        #expect(try user.finish().code == ReplyCode.void.rawValue)
    }

    @Test func aCircleLeadsNowhere() throws {
        let ways = try (0..<10).map { _ in try buy() }
        for (index, each) in ways.enumerated() {
            try user.call(each.control, ForwarderOrder.retarget, keys: [ways[(index + 1) % 10].way])
        }
        #expect(try user.refusal(ways[0].way, NumberOrder.value) == .void)
        // Eight follow each other, nine do not.
        try user.call(ways[8].control, ForwarderOrder.retarget, keys: [Key(.number, id: 6)])
        #expect(try user.call(ways[1].way, NumberOrder.value).words[0] == 6)
        #expect(try user.refusal(ways[0].way, NumberOrder.value) == .void)
    }

    @Test func itIsSeveredAndGoesWithItsBank() throws {
        let (control, way) = try buy()
        let number = Key(.number, id: 6)
        try user.call(control, ForwarderOrder.retarget, keys: [number])
        #expect(try user.refusal(bank, BankOrder.sever, keys: [way]) == .key)
        let severed = try user.call(bank, BankOrder.sever, keys: [control]).keys[0]
        #expect(try user.refusal(way, NumberOrder.value) == .void)
        #expect(try user.refusal(control, ForwarderOrder.target) == .void)
        #expect(try user.call(severed, ForwarderOrder.target).keys[0] == number)
        try bench.objects.checkRecords()
        // A resume key in it goes too, and its caller is told.
        let client = try Puppet(bench, "client")
        try server.begin(.void, 0, by: "return")
        try client.begin(try start(0), 9)
        let resume = try bench.objects.register(11, of: try server.process)
        try user.call(severed, ForwarderOrder.retarget, keys: [resume])
        for process in [try server.process, try user.process] {
            for register in [11, 16] { try bench.kernel.setRegister(register, of: process, to: .void) }
        }
        #expect(try bench.objects.get(try client.process, ProcessRecord.resumeCopies) == 1)
        try user.call(bank, BankOrder.destroy)
        while try bench.kernel.hasGoingBanks { try bench.kernel.takeGoingApart() }
        try client.run()
        #expect(try client.finish().code == ReplyCode.void.rawValue)
        try bench.objects.checkRecords()
    }
}
