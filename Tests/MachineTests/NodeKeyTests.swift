// Nodes: keys in slots, and that what is weak stays weak however it is fetched.

import Kernel
import Machine
import Objects
import Testing

@Suite struct NodeKeyTests {
    private let bench: StoredBench
    private let user: Puppet
    private let bank: Key

    init() throws {
        bench = try StoredBench()
        user = try Puppet(bench, "user")
        bank = try bench.kernel.key(toBank: bench.kernel.createBank(at: "root/g", BankTerms()))
    }

    private func buyNode() throws -> Key {
        let node = try user.call(bank, BankOrder.buy, [3]).keys[0]
        #expect(node.kind == .node && node.nodeRights == .all)
        return node
    }

    private func fetch(_ slot: UInt64, _ node: Key) throws -> Key {
        let reply = try user.call(node, NodeOrder.fetch, [slot])
        #expect(reply.code == 0)
        return reply.keys[0]
    }

    @Test func slotsHoldKeysAlsoAfterARestart() throws {
        let node = try buyNode()
        for slot: UInt64 in 0..<32 { #expect(try fetch(slot, node) == .void) }
        #expect(try user.refusal(node, NodeOrder.store, [31], keys: [bank]) == nil)
        #expect(try user.refusal(node, NodeOrder.number, [0, .max]) == nil)
        try bench.writeOutAndReload()
        #expect(try fetch(31, node) == bank)
        #expect(try fetch(0, node) == Key(.number, id: .max))
        #expect(try user.call(node, NodeOrder.swap, [31], keys: [node]).keys[0] == bank)
        #expect(try fetch(31, node) == node)
        let copy = try buyNode()
        #expect(try user.refusal(copy, NodeOrder.store, [7], keys: [bank]) == nil)
        #expect(try user.refusal(copy, NodeOrder.copy, keys: [node]) == nil)
        #expect(try fetch(31, copy) == node && fetch(7, copy) == .void && fetch(0, copy).id == .max)
        #expect(try user.refusal(node, NodeOrder.clear) == nil)
        #expect(try fetch(31, node) == .void && fetch(0, node) == .void && fetch(31, copy) == node)
        try bench.objects.checkRecords()
    }

    @Test func whatIsNotThereIsRefused() throws {
        let node = try buyNode()
        for order in [NodeOrder.fetch, .store, .swap, .number] {
            for slot: UInt64 in [32, 1 << 32, .max] {
                #expect(try user.refusal(node, order, [slot], keys: [bank]) == .value)
            }
        }
        #expect(try user.refusal(node, NodeOrder.copy, keys: [bank]) == .key)
        #expect(try user.refusal(node, NodeOrder.copy) == .key)
        #expect(try user.call(node, 9).code == ReplyCode.order.rawValue)
        for slot: UInt64 in 0..<32 { #expect(try fetch(slot, node) == .void) }
    }

    @Test(arguments: [NodeRights.fetch, .store, .strong]) func eachRightIsTakenAwayForEver(right: NodeRights) throws {
        let node = try buyNode()
        try user.call(node, NodeOrder.store, [1], keys: [bank])
        let weak = try user.call(node, NodeOrder.weaken, [UInt64(right.rawValue)]).keys[0]
        #expect(weak.nodeRights == NodeRights.all.subtracting(right))
        #expect(try user.call(weak, NodeOrder.weaken, [0]).keys[0] == weak)
        for order in [NodeOrder.fetch, .store, .swap, .number, .clear, .copy] {
            let needs: NodeRights =
                switch order {
                case .fetch: .fetch
                case .swap: [.fetch, .store]
                default: .store
                }
            let refusal = try user.refusal(weak, order, [2, 5], keys: [node])
            #expect(refusal == (needs.contains(right) ? .right : nil), "\(order)")
        }
        let unreadable = try user.call(node, NodeOrder.weaken, [1]).keys[0]
        #expect(try user.refusal(node, NodeOrder.copy, keys: [unreadable]) == .right)
    }

    /// Three sense keys deep, by every order that returns a key: a page is read only, a node a sense key, and what lets anybody change
    /// anything does not come at all.
    @Test(arguments: [NodeOrder.fetch, .swap, .copy]) func whatIsFetchedThroughSenseKeysIsWeak(order: NodeOrder) throws
    {
        let nodes = try (0..<3).map { _ in try buyNode() }
        let page = try user.call(bank, BankOrder.buy, [2]).keys[0]
        let reader = try user.call(page, PageOrder.weaken, [2]).keys[0]
        let start = Key.start(try bench.objects.get(try user.process, ProcessRecord.id))
        let held = [page, reader, bank, start, Key(.number, id: 5), Key(.discrim), .device(.clock)]
        let expected = [reader, reader, .void, .void, Key(.number, id: 5), Key(.discrim), .void]
        func fill() throws {
            try user.call(nodes[0], NodeOrder.store, [0], keys: [nodes[1]])
            try user.call(nodes[1], NodeOrder.store, [0], keys: [nodes[2]])
            for (slot, key) in held.enumerated() {
                try user.call(nodes[2], NodeOrder.store, [UInt64(slot)], keys: [key])
            }
        }
        try fill()
        /// What the order gives of a slot by a key without strong, and with store where it needs it.
        func get(_ slot: UInt64, _ sense: Key) throws -> Key {
            switch order {
            case .swap:
                let weak = Key(
                    .node, rights: NodeRights([.fetch, .store]).rawValue, generation: sense.generation, id: sense.id)
                defer { _ = Result { try fill() } }
                return try user.call(weak, NodeOrder.swap, [slot]).keys[0]
            case .copy:
                let target = try buyNode()
                #expect(try user.refusal(target, NodeOrder.copy, keys: [sense]) == nil)
                return try fetch(slot, target)
            default: return try fetch(slot, sense)
            }
        }
        let sense = nodes.map { $0.without(rights: 6) }
        #expect(try get(0, sense[0]) == sense[1])
        #expect(try get(0, sense[1]) == sense[2])
        for (slot, key) in expected.enumerated() {
            #expect(try get(UInt64(slot), sense[2]) == key, "\(held[slot].kind)")
        }
        for order in [NodeOrder.store, .swap, .number, .clear, .copy] {
            #expect(try user.refusal(sense[2], order, [0], keys: [nodes[0]]) == .right)
        }
    }

    /// A resume key in a node answers as any other copy; when the last is gone, from a node too, the caller is told.
    @Test func aResumeKeyWaitsInANode() throws {
        let server = try Puppet(bench, "server")
        let client = try Puppet(bench, "client")
        func serve() throws -> Key {
            try server.begin(.void, 0, by: "return")
            try client.begin(.start(try bench.objects.get(try server.process, ProcessRecord.id)), 9)
            return try bench.objects.register(11, of: try server.process)
        }
        func copies() throws -> UInt32 { try bench.objects.get(try client.process, ProcessRecord.resumeCopies) }
        let node = try buyNode()
        var resume = try serve()
        #expect(resume.kind == .resume)
        try user.call(node, NodeOrder.store, [3], keys: [resume])
        try user.call(node, NodeOrder.store, [4], keys: [resume])
        try bench.kernel.setRegister(16, of: try user.process, to: .void)
        try bench.kernel.setRegister(11, of: try server.process, to: .void)
        #expect(try copies() == 2)
        try bench.writeOutAndReload()
        try user.call(node, NodeOrder.number, [4, 0])
        #expect(try copies() == 1)
        let kept = try fetch(3, node)
        #expect(kept == resume)
        try user.begin(kept, 55, [66], by: "send")
        #expect(try client.finish().words[0] == 66)
        #expect(try fetch(3, node) == .void, "it is used up wherever it lies")

        resume = try serve()
        try user.call(node, NodeOrder.store, [3], keys: [resume])
        try bench.kernel.setRegister(11, of: try server.process, to: .void)
        try bench.kernel.setRegister(16, of: try user.process, to: .void)
        #expect(try user.refusal(bank, BankOrder.sell, keys: [node]) == nil)
        try client.run()
        #expect(try client.finish().code == ReplyCode.void.rawValue, "the node took the last copy along")
        try bench.objects.checkRecords()
    }

    /// Three nodes behind each other: no order of any way there gives a key that changes anything, whatever its kind.
    @Test func noKindIsStrongBehindSenseKeys() throws {
        let nodes = try (0..<3).map { _ in try buyNode() }
        let bought = try user.call(bank, BankOrder.buy, [0x0E_0302]).keys
        let pair = try user.call(try buyNode(), NodeOrder.pair).keys
        let (server, client) = (try Puppet(bench, "server"), try Puppet(bench, "client"))
        let id = try bench.objects.get(try server.process, ProcessRecord.id)
        try server.begin(.void, 0, by: "return")
        try client.begin(.start(id), 9)
        let resume = try bench.objects.register(11, of: try server.process)
        let meter = try bench.kernel.key(toMeter: bench.kernel.rootMeter)
        let held: [Key] = [
            bought[0], bought[1], bought[2], bought[2].without(rights: 1), pair[0], pair[1], bank, meter, .process(id),
            .start(id), resume, .device(.clock), .device(.consoleOutput, of: id), .checkpoint(), Key(.discrim),
            Key(.number, id: 5),
        ]
        let weak = [bought[0].without(rights: 2), bought[1].without(rights: 6)]
        let expected = weak + Array(repeating: Key.void, count: 12) + held[14...]
        for index in 0..<2 { try user.call(nodes[index], NodeOrder.store, [0], keys: [nodes[index + 1]]) }
        for (slot, key) in held.enumerated() {
            try user.call(nodes[2], NodeOrder.store, [UInt64(slot)], keys: [key])
        }
        try bench.writeOutAndReload()
        let deep = try fetch(0, try fetch(0, nodes[0].without(rights: 6)))
        #expect(deep == nodes[2].without(rights: 6))
        let copy = try buyNode()
        #expect(try user.refusal(copy, NodeOrder.copy, keys: [deep]) == nil)
        try user.call(bought[2], ForwarderOrder.retarget, keys: [deep])
        for (slot, key) in expected.enumerated() {
            for way in [deep, copy, bought[2].without(rights: 1)] {
                #expect(try fetch(UInt64(slot), way) == key, "\(held[slot].kind)")
            }
        }
        try bench.kernel.setRegister(20, of: try server.process, to: nodes[0])
        let look = Key.process(id, rights: .look)
        #expect(try user.call(look, ProcessOrder.fetch, [20]).keys[0] == nodes[0].without(rights: 6))
        for order in [NodeOrder.store, .swap, .number, .clear, .copy, .pair] {
            #expect(try user.refusal(deep, order, [0], keys: [nodes[0]]) == .right)
        }
        for (slot, key) in held.enumerated() {
            #expect(try bench.objects.slot(slot, of: CellID(rawValue: nodes[2].id)) == key)
        }
        try bench.objects.checkRecords()
    }
}
