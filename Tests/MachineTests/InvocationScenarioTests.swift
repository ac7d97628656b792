// Invocations at their bounds: cut texts, keys that are lost meanwhile, gas that ends anywhere, and very long queues.

import Kernel
import Machine
import Objects
import Testing

extension InvocationTests {
    @Test(arguments: [false, true]) func threeWordsAndTextAreCutBothWays(isDirect: Bool) throws {
        let bench = try StoredBench()
        let (client, server) = (try Puppet(bench, "client"), try Puppet(bench, "server"))
        let text = (0..<4_200).map { UInt8($0 % 251) }
        // Just behind a puppet's buffer.
        for each in [client, server] { try each.poke(0x11000, 0x5A5A_5A5A_5A5A_5A5A) }
        try server.begin(register: 255, 0, from: [], into: [8, 9, 10, 11], by: "return")
        if !isDirect { try bench.writeOutAndReload() }
        let start = Key.start(try bench.objects.get(try server.process, ProcessRecord.id))
        try client.begin(start, 41, [1, .max, 1 << 63], bytes: text)
        let asked = try server.finish()
        #expect(asked.words == [1, .max, 1 << 63] && asked.bytes == Array(text[..<4096]))
        #expect(try server.peek(104) & 0xFFFF_FFFF == 4_200 && server.peek(0x11000) == 0x5A5A_5A5A_5A5A_5A5A)
        try server.begin(
            register: 11, 12, [4, 5, 6], from: [], into: [8, 9, 10, 11], bytes: text.reversed(), by: "return")
        let reply = try client.finish()
        #expect(reply.code == 12 && reply.words == [4, 5, 6] && reply.bytes == Array(text.reversed()[..<4096]))
        #expect(try client.peek(104) & 0xFFFF_FFFF == 4_200 && client.peek(0x11000) == 0x5A5A_5A5A_5A5A_5A5A)
    }

    @Test func whatWasTakenAwayMeanwhileArrivesAsVoid() throws {
        let bench = try StoredBench()
        let (sender, server) = (try Puppet(bench, "sender"), try Puppet(bench, "server"))
        let admin = try Puppet(bench, "admin")
        let bank = try bench.kernel.key(toBank: bench.kernel.createBank(at: "root/g", BankTerms()))
        let pages = try admin.call(bank, BankOrder.buy, [0x02_0202]).keys
        let start = Key.start(try bench.objects.get(try server.process, ProcessRecord.id))
        try sender.begin(start, 1, keys: [pages[0], pages[1], pages[2], Key(.number, id: 9)], by: "send")
        #expect(try bench.objects.get(try sender.process, ProcessRecord.waitsFor) == Waiting.turn)
        #expect(try admin.refusal(bank, BankOrder.sell, keys: [pages[0]]) == nil)
        try bench.kernel.setRegister(17, of: try sender.process, to: .void)
        try bench.writeOutAndReload()
        try server.begin(register: 255, 0, from: [], into: [8, 9, 10, 11], by: "return")
        #expect(try server.finish().keys == [.void, .void, pages[2], Key(.number, id: 9)])
    }

    /// A budget that ends at any unit of a call freezes whoever has it, and a refill lets the call be answered, once.
    @Test(arguments: [false, true]) func aCallFrozenAnywhereIsAnsweredOnce(isServerDry: Bool) throws {
        var freezes = 0
        for gas in stride(from: UInt64(1), through: 1_100, by: 3) {
            let room = try Room()
            let server = try room.spawn("server", Self.echo)
            let client = try room.client("client", of: server, Self.ask + Self.waitForEver)
            let meter = try room.kernel.createMeter(at: "root/m", bank: room.kernel.rootBank, gas: gas, weight: 1)
            try room.kernel.move(isServerDry ? server : client, toMeter: meter)
            try room.run()
            if try room.bench.state(isServerDry ? server : client) == .frozenGas { freezes += 1 }
            try room.kernel.refill(meter, gas: 1_000_000)
            try room.run()
            #expect(
                try room.word(client, at: 256) == 41 && room.number(client, at: 72) == 100
                    && room.word(server, at: 512) == 1, "\(gas)")
        }
        #expect(freezes > 200)
    }

    /// Who sends to a process that takes nothing stands there with its message: no page and no cell more, however many do, and all of it
    /// arrives with not a page to spare.
    @Test func aHundredThousandQueuedSendsTakeNoSpace() throws {
        let room = try Room()
        let count = "(i32.store (i32.const 512) (i32.add (i32.load (i32.const 512)) (i32.const 1)))"
        let server = try room.spawn("server", "(loop $l \(Self.waitForEver) \(count) (br $l))")
        let body = """
            (i32.store (i32.const 32) (i32.const 1024)) (i32.store (i32.const 36) (i32.const 4096))
            (local.set $i (i32.const 1000))
            (loop $l (drop (call $send (i32.const 6) (i32.const 0)))
              (br_if $l (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))
            """
        let program = try Self.program(body + Self.waitForEver)
        let senders = try (0..<100).map { try room.bench.spawn(program, name: "s\($0)", limitPages: 200) }
        for each in senders { try room.kernel.setRegister(6, of: each, to: .start(try room.id(server))) }
        try room.kernel.setState(of: server, to: .stopped)
        try room.run()
        let banks = try senders.map { try room.objects.link($0, ProcessRecord.bank) }
        let used = try banks.map { try room.kernel.figures(ofBank: $0).usedPages }
        #expect(try senders.allSatisfy { try room.waitsFor($0) == Waiting.turn })
        for (bank, pages) in zip(banks, used) { try room.kernel.set(bank, BankTerms(limitPages: pages)) }
        try room.kernel.setState(of: server, to: .ready)
        try room.run()
        #expect(try room.word(server, at: 512) == 100_000)
        #expect(try banks.map { try room.kernel.figures(ofBank: $0).usedPages } == used)
        #expect(try senders.allSatisfy { try room.waitsFor($0) == Waiting.message })
    }
}
