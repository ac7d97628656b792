// The confused deputy: a program with authority of its own that does what clients ask, by names that they give.

import Kernel
import Machine
import Objects
import Testing

@Suite struct DeputyTests {
    /// A compiler bills by a key of its own and writes where its client says: who names the bill, by whatever number, names nothing.
    @Test(arguments: [false, true]) func whoNamesTheBillHarmsNothing(restarts: Bool) throws {
        let bench = try StoredBench()
        let (compiler, client) = (try Puppet(bench, "compiler"), try Puppet(bench, "client"))
        let admin = try Puppet(bench, "admin")
        let bank = try bench.kernel.key(toBank: bench.kernel.createBank(at: "root/g", BankTerms()))
        let pages = try admin.call(bank, BankOrder.buy, [0x02_0202]).keys
        let billing = pages[0]
        try bench.kernel.setRegister(20, of: try compiler.process, to: billing)
        let start = Key.start(try bench.objects.get(try compiler.process, ProcessRecord.id), badge: 9)
        let named: [(Key, ReplyCode)] = [
            (.void, .void), (Key(.number, id: billing.id), .order), (pages[2].without(rights: 2), .right),
            (pages[1], .ok),
        ]
        for (round, (key, code)) in named.enumerated() {
            try compiler.begin(register: 255, 0, from: [], into: [8, 9, 10, 11], by: "return")
            try client.begin(start, 1, [20, billing.id], keys: [key])
            if restarts { try bench.writeOutAndReload() }
            let badge = UInt8(truncatingIfNeeded: try compiler.peek(104) >> 32)
            let into: [UInt8] = [12, 13, 14, 15]
            try compiler.begin(
                register: 8, PageOrder.write.rawValue, [0], from: [], into: into, bytes: Array("output".utf8))
            #expect(try compiler.code() == code.rawValue)
            try compiler.begin(
                register: 20, PageOrder.write.rawValue, [UInt64(round)], from: [], into: into, bytes: [badge])
            #expect(try compiler.code() == 0)
            try compiler.begin(register: 11, 0, from: [], into: [], by: "send")
            #expect(try client.finish().keys == [.void, .void, .void, .void])
            let bills = try admin.call(billing, PageOrder.read, [0, 8]).bytes
            #expect(bills == (0..<8).map { $0 <= round ? 9 : 0 }, "one for each, and nothing else")
        }
        #expect(try admin.call(pages[1], PageOrder.read, [0, 6]).bytes == Array("output".utf8))
        #expect(try admin.call(pages[2], PageOrder.read, [0, 6]).bytes == [0, 0, 0, 0, 0, 0])
        let held = try bench.kernel.heldKeys(of: try client.process)
        #expect(held.allSatisfy { $0.key.kind != .page || $0.key.id != billing.id })
    }
}
