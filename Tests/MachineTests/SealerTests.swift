// Sealers and unsealers: what is sealed comes out by its own unsealer, and by nothing else.

import Kernel
import Objects
import Testing

@Suite struct SealerTests {
    private let bench: StoredBench
    private let a: Puppet
    private let b: Puppet
    private let bank: Key
    private let brand: Key
    private let sealer: Key
    private let unsealer: Key

    init() throws {
        bench = try StoredBench()
        a = try Puppet(bench, "a")
        b = try Puppet(bench, "b")
        bank = try bench.kernel.key(toBank: bench.kernel.createBank(at: "root/g", BankTerms(limitPages: 60)))
        brand = try a.call(bank, BankOrder.buy, [UInt64(KeyKind.node.rawValue)]).keys[0]
        let pair = try a.call(brand, NodeOrder.pair)
        (sealer, unsealer) = (pair.keys[0], pair.keys[1])
    }

    private func node() throws -> Key { try a.call(bank, BankOrder.buy, [UInt64(KeyKind.node.rawValue)]).keys[0] }

    private func sealed(_ key: Key, in node: Key) throws -> Key {
        let reply = try a.call(sealer, SealerOrder.seal, keys: [key, node])
        #expect(reply.code == 0)
        return reply.keys[0]
    }

    @Test func whatIsSealedComesOutByItsUnsealer() throws {
        #expect(sealer.kind == .sealer && unsealer.kind == .unsealer && sealer.rights == 0)
        let node = try node()
        try a.call(node, NodeOrder.number, [5, 9])
        let box = try sealed(bank, in: node)
        #expect(box.kind == .node && box.rights == 0)
        try bench.writeOutAndReload()
        #expect(try b.call(unsealer, UnsealerOrder.unseal, keys: [box]).keys[0] == bank)
        #expect(try b.call(unsealer, UnsealerOrder.unseal, keys: [box]).keys[0] == bank, "again and again")
        #expect(try a.call(node, NodeOrder.fetch, [5]).keys[0] == .void, "what the node held is gone")
    }

    /// Whoever has the box has nothing of what is in it, by no order.
    @Test func aBoxTellsNothing() throws {
        let node = try node()
        let box = try sealed(bank, in: node)
        for order in NodeOrder.allCases where order != .weaken {
            #expect(try b.refusal(box, order, keys: [node]) == .right, "\(order)")
        }
        #expect(try a.refusal(node, NodeOrder.copy, keys: [box]) == .right)
        for order in [BankOrder.sell, .sever] { #expect(try b.refusal(bank, order, keys: [box]) == .key) }
        #expect(try b.call(sealer, SealerOrder.seal, keys: [bank, box]).code == ReplyCode.key.rawValue)
        #expect(try b.call(unsealer, UnsealerOrder.unseal, keys: [box]).keys[0] == bank)
    }

    @Test func whatIsNoBoxOfThePairIsRefused() throws {
        let other = try a.call(try node(), NodeOrder.pair)
        let plain = try node()
        let box = try sealed(bank, in: try node())
        #expect(try b.refusal(other.keys[1], UnsealerOrder.unseal, keys: [box]) == .key, "another pair's")
        for wrong in [Key.void, plain, brand, bank, sealer, unsealer] {
            #expect(try b.refusal(unsealer, UnsealerOrder.unseal, keys: [wrong]) == .key)
        }
        // One who has the unsealer only makes no box, with whatever he puts into a node.
        try a.call(plain, NodeOrder.store, [0], keys: [bank])
        try a.call(plain, NodeOrder.store, [1], keys: [unsealer])
        #expect(try b.refusal(unsealer, UnsealerOrder.unseal, keys: [plain]) == .key)
        for wrong in [Key.void, plain.without(rights: NodeRights.strong.rawValue), bank] {
            #expect(try a.refusal(sealer, SealerOrder.seal, keys: [bank, wrong]) == .key)
        }
        #expect(
            try b.call(unsealer, 2).code == ReplyCode.order.rawValue
                && b.call(sealer, 2).code == ReplyCode.order.rawValue)
        #expect(try a.refusal(brand.without(rights: NodeRights.strong.rawValue), NodeOrder.pair) == .right)
    }

    /// What a box holds is void when that is gone, and the pair when its node is.
    @Test(arguments: [BankOrder.sell, .sever]) func thePairGoesWithItsBrand(order: BankOrder) throws {
        let held = try node()
        let boxes = [try sealed(held, in: try node()), try sealed(bank, in: try node())]
        #expect(try a.refusal(bank, BankOrder.sell, keys: [held]) == nil)
        #expect(try b.call(unsealer, UnsealerOrder.unseal, keys: [boxes[0]]) == Puppet.Reply(code: 0))
        #expect(try a.refusal(bank, order, keys: [brand]) == nil)
        #expect(try b.refusal(unsealer, UnsealerOrder.unseal, keys: [boxes[1]]) == .void)
        #expect(try bench.objects.isVoid(sealer) && sealer.weakened == .void && unsealer.weakened == .void)
    }
}
