// Processes that programs make: with nothing but what they are given, of code that can run, at somebody's cost, and begun anew.

import Interpreter
import Kernel
import Machine
import Objects
import Testing

@Suite struct MadeProcessTests {
    private let bench: StoredBench
    private let maker: Puppet
    private let bank: Key
    private let meter: Key

    init() throws {
        bench = try StoredBench()
        maker = try Puppet(bench, "maker")
        bank = try bench.kernel.key(toBank: bench.kernel.createBank(at: "root/g", BankTerms(limitPages: 100)))
        meter = try bench.kernel.key(toMeter: bench.kernel.rootMeter)
    }

    private static let calls = """
        (import "keyvm" "call" (func $call (param i32 i32 i32) (result i32)))
        (import "keyvm" "return" (func $return (param i32 i32 i32) (result i32)))
        """

    /// A program that adds one to its counter and answers it, to whoever calls; order 9 makes it divide by zero.
    private static func counter() throws -> [UInt8] {
        try Assembler.module(
            """
            (module \(calls) (memory (export "memory") 1)
              (data (i32.const 4) "\\ff\\ff\\ff\\ff") (data (i32.const 68) "\\08\\09\\0a\\0b")
              (global $n (mut i64) (i64.const 40))
              (func (export "_start")
                (drop (call $return (i32.const 255) (i32.const 0) (i32.const 64)))
                (loop $l
                  (if (i32.eq (i32.load (i32.const 64)) (i32.const 9))
                    (then (drop (i32.div_u (i32.const 1) (i32.const 0)))))
                  (global.set $n (i64.add (global.get $n) (i64.const 1)))
                  (i64.store (i32.const 8) (global.get $n))
                  (drop (call $return (i32.const 11) (i32.const 0) (i32.const 64)))
                  (br $l))))
            """)
    }

    /// Puts bytes where the maker reads a module from, and makes a process of them.
    private func make(
        _ module: [UInt8], _ names: String = "", bank: Key? = nil, meter: Key? = nil, count: UInt64? = nil
    ) throws -> Puppet.Reply {
        let key = Key.process(try bench.objects.get(maker.process, ProcessRecord.id))
        let other = try Puppet(bench, bench.kernel.freeName(for: "writer"))
        for start in stride(from: 0, to: module.count, by: 4096) {
            let piece = Array(module[start..<min(start + 4096, module.count)])
            #expect(try other.refusal(key, ProcessOrder.write, [0, UInt64(0x18000 + start)], bytes: piece) == nil)
        }
        return try maker.call(
            bank ?? self.bank, BankOrder.process, [0x18000, count ?? UInt64(module.count)], keys: [meter ?? self.meter],
            bytes: Array(names.utf8))
    }

    private func id(_ key: Key) throws -> CellID { try #require(try bench.kernel.process(id: key.id)) }

    private func start(_ key: Key) throws { #expect(try maker.refusal(key, ProcessOrder.start) == nil) }

    /// What its counter answers, or with which code it refuses.
    private func count(_ key: Key) throws -> UInt64 { try maker.call(.start(key.id), 1).words[0] }

    private func state(_ key: Key) throws -> RunState { try bench.kernel.state(of: id(key)) }

    // MARK: Making

    @Test(arguments: [false, true]) func aProcessIsMadeOfAModule(restarts: Bool) throws {
        let made = try make(try Self.counter(), "counting\0one\0two\0")
        let key = made.keys[0]
        #expect(made.code == 0 && key == .process(key.id))
        let cell = try id(key)
        #expect(try bench.objects.name(cell, ProcessRecord.name) == "counting" && state(key) == .stopped)
        #expect(try (0..<32).allSatisfy { try bench.objects.register($0, of: cell) == .void }, "it has no key at all")
        #expect(try bench.objects.get(cell, ProcessRecord.argumentCount) == 3)
        #expect(try bench.objects.link(cell, ProcessRecord.bank) == CellID(rawValue: bank.id))
        if restarts { try bench.writeOutAndReload() }
        try start(key)
        #expect(try count(key) == 41 && count(key) == 42)
        if restarts { try bench.writeOutAndReload() }
        #expect(try count(key) == 43)
        try bench.objects.checkRecords()
    }

    /// One like another has its code and nothing of what that one has or computed; the module is there once.
    @Test func oneIsMadeLikeAnother() throws {
        let first = try make(try Self.counter()).keys[0]
        try start(first)
        #expect(try count(first) == 41)
        let modules = try bench.objects.world(WorldPage.moduleCount)
        let looks = first.without(rights: ~ProcessRights.look.rawValue)
        let second = try maker.call(bank, BankOrder.process, keys: [meter, looks], bytes: Array("second".utf8)).keys[0]
        #expect(try bench.objects.world(WorldPage.moduleCount) == modules)
        try start(second)
        #expect(try count(second) == 41 && count(first) == 42)
        // Of a bank that cannot use the module where it is: a copy, which that bank pays.
        let other = try bench.kernel.key(toBank: bench.kernel.createBank(at: "root/h", BankTerms(limitPages: 20)))
        let third = try maker.call(other, BankOrder.process, keys: [meter, second]).keys[0]
        #expect(try bench.objects.world(WorldPage.moduleCount) == modules + 1)
        #expect(try bench.objects.name(id(third), ProcessRecord.name) == "p\(third.id)")
        try start(third)
        try bench.writeOutAndReload()
        #expect(try count(third) == 41 && count(third) == 42)
        #expect(try maker.refusal(bank, BankOrder.destroy) == nil)
        #expect(try count(third) == 43, "it needs nothing of the other's")
        try bench.objects.checkRecords()
    }

    /// What is refused has changed nothing, in no counter.
    @Test func whatCannotBeMadeIsRefused() throws {
        let module = try Self.counter()
        let first = try make(module, "taken").keys[0]
        let before = try bench.kernel.figures(ofBank: CellID(rawValue: bank.id)).usedPages
        let modules = try bench.objects.world(WorldPage.moduleCount)
        let refusals: [(ReplyCode, Puppet.Reply)] = [
            (.value, try make(module, "taken")), (.value, try make(module, "a b")), (.value, try make([1, 2, 3])),
            (.value, try make([])), (.address, try make(module, count: 0x20000)),
            (.value, try make(module, count: .max)),
            (.key, try make(module, meter: bank)), (.key, try make(module, meter: .void)),
            (.key, try make(module, meter: meter.without(rights: MeterRights.run.rawValue))),
            (.right, try make(module, bank: bank.without(rights: BankRights.allocate.rawValue))),
            (.key, try maker.call(bank, BankOrder.process, keys: [meter, meter])),
            (
                .key,
                try maker.call(
                    bank, BankOrder.process, keys: [meter, first.without(rights: ProcessRights.look.rawValue)])
            ),
        ]
        for (index, refusal) in refusals.enumerated() {
            #expect(refusal.1.code == refusal.0.rawValue && refusal.1.keys[0] == .void, "\(index)")
        }
        #expect(String(decoding: refusals[2].1.bytes, as: UTF8.self).hasPrefix("no module: "))
        let missing = try make(
            try Assembler.module("(module (import \"env\" \"f\" (func)) (func (export \"_start\")))"))
        #expect(missing.code == ReplyCode.value.rawValue)
        #expect(
            String(decoding: missing.bytes, as: UTF8.self) == "imports what is not there: env.f (no such module)"
                || String(decoding: missing.bytes, as: UTF8.self).hasPrefix("imports what is not there: env.f"))
        #expect(try bench.kernel.figures(ofBank: CellID(rawValue: bank.id)).usedPages == before)
        #expect(try bench.objects.world(WorldPage.moduleCount) == modules)
        // A bank that has room for a part of it.
        for pages in 0...12 {
            let poor = try bench.kernel.createBank(at: "root/poor\(pages)", BankTerms(limitPages: UInt64(pages)))
            let reply = try make(module, bank: try bench.kernel.key(toBank: poor))
            guard reply.code != 0 else { break }
            #expect(reply.code == ReplyCode.space.rawValue && pages < 12)
            #expect(try bench.kernel.figures(ofBank: poor).usedPages == 0)
            #expect(try bench.objects.world(WorldPage.moduleCount) == modules)
        }
        try bench.objects.checkRecords()
    }

    /// A bank's destruction takes what was made with it, and its maker keeps void keys.
    @Test func itGoesWithItsBank() throws {
        let key = try make(try Self.counter()).keys[0]
        try start(key)
        #expect(try maker.refusal(bank, BankOrder.destroy) == nil)
        #expect(try bench.objects.isVoid(key) && maker.refusal(key, ProcessOrder.figures) == .void)
    }

    // MARK: Beginning anew

    /// All that it computed is gone, what it was given stays; wherever it stood, also when it was over.
    @Test(arguments: ["waiting", "faulted", "exited", "stopped"]) func itBeginsAnew(where place: String) throws {
        let key = try make(try Self.counter()).keys[0]
        #expect(try maker.refusal(key, ProcessOrder.store, [20], keys: [bank]) == nil)
        try start(key)
        #expect(try count(key) == 41)
        let used = try bench.kernel.figures(ofBank: CellID(rawValue: bank.id)).usedPages
        switch place {
        case "faulted":
            #expect(try maker.call(.start(key.id), 9).code == ReplyCode.void.rawValue, "nobody answers any more")
            #expect(try state(key) == .faulted)
        case "exited": #expect(try maker.refusal(key, ProcessOrder.end) == nil)
        case "stopped": #expect(try maker.refusal(key, ProcessOrder.stop) == nil)
        default: break
        }
        try bench.writeOutAndReload()
        #expect(try maker.refusal(key, ProcessOrder.begin) == nil && state(key) == .stopped)
        #expect(try bench.objects.register(20, of: id(key)) == bank)
        #expect(try bench.kernel.figures(ofBank: CellID(rawValue: bank.id)).usedPages < used)
        #expect(try bench.objects.get(id(key), ProcessRecord.trap) == 0)
        try bench.writeOutAndReload()
        try start(key)
        #expect(try count(key) == 41 && count(key) == 42)
        #expect(try bench.kernel.figures(ofBank: CellID(rawValue: bank.id)).usedPages == used)
        try bench.objects.checkRecords()
    }

    /// A keeper that has it begin anew, and start, has answered: those who stand before it are served by what begins.
    @Test func aSupervisorBeginsItAnew() throws {
        let key = try make(try Self.counter()).keys[0]
        let supervisor = try Puppet(bench, "supervisor")
        let keeper = Key.start(try bench.objects.get(supervisor.process, ProcessRecord.id))
        #expect(try maker.refusal(key, ProcessOrder.keeper, keys: [keeper]) == nil)
        try supervisor.begin(register: 255, 0, from: [], into: [8, 9, 10, 11], by: "return")
        try start(key)
        let first = try Puppet(bench, "first")
        let second = try Puppet(bench, "second")
        try first.begin(.start(key.id), 9)
        #expect(try bench.objects.get(first.process, ProcessRecord.waitsFor) == Waiting.reply)
        try second.begin(.start(key.id), 1)
        #expect(try bench.objects.get(second.process, ProcessRecord.waitsFor) == Waiting.turn)
        let told = try supervisor.finish()
        #expect(told.words[0] == UInt64(Trap.integerDivideByZero.rawValue) && told.keys[0] == key)
        try bench.kernel.setRegister(20, of: supervisor.process, to: told.keys[3])
        #expect(try supervisor.refusal(key, ProcessOrder.begin) == nil)
        #expect(try bench.objects.isVoid(told.keys[3]))
        #expect(try first.code() == ReplyCode.void.rawValue, "what it was to answer is forgotten")
        #expect(try bench.objects.get(second.process, ProcessRecord.waitsFor) == Waiting.turn)
        #expect(try supervisor.refusal(key, ProcessOrder.start) == nil)
        #expect(try second.finish().words[0] == 41)
    }

    /// What stood over in its invocation is forgotten too: the first that it makes anew is made.
    @Test func itBeginsAnewWhileItIsKept() throws {
        let key = try make(
            try Assembler.module(
                """
                (module \(Self.calls) (memory (export "memory") 1)
                  (data (i32.const 4) "\\ff\\ff\\ff\\ff") (data (i32.const 68) "\\08\\09\\0a\\0b")
                  (func (export "_start") (loop $l
                    (drop (call $call (i32.const 6) (i32.const 0) (i32.const 64))) (br $l))))
                """)
        ).keys[0]
        let server = try Puppet(bench, "server")
        let keeper = try Puppet(bench, "keeper")
        let meter = try bench.kernel.createMeter(at: "root/m", bank: bench.kernel.rootBank, gas: 1_000_000, weight: 1)
        try bench.kernel.move(id(key), toMeter: meter)
        let keepers = Key.start(try bench.objects.get(keeper.process, ProcessRecord.id))
        #expect(try maker.refusal(bench.kernel.key(toMeter: meter), MeterOrder.keeper, keys: [keepers]) == nil)
        try bench.kernel.setRegister(
            6, of: id(key), to: .start(try bench.objects.get(server.process, ProcessRecord.id)))
        for each in [server, keeper] { try each.begin(register: 255, 0, from: [], into: [8, 9, 10, 11], by: "return") }
        try start(key)
        try bench.kernel.setGas(of: meter, to: 0)
        try server.begin(register: 11, 5, from: [], into: [8, 9, 10, 11], by: "return")
        #expect(try bench.objects.get(id(key), ProcessRecord.waitsFor) == Waiting.keeper)
        #expect(try maker.refusal(key, ProcessOrder.begin) == nil)
        try bench.kernel.setGas(of: meter, to: 1_000_000)
        try start(key)
        #expect(try bench.objects.get(id(key), ProcessRecord.waitsFor) == Waiting.reply)
        #expect(try bench.objects.register(11, of: server.process).kind == .resume, "the server has its call")
    }

    @Test func nobodyBeginsItself() throws {
        let own = Key.process(try bench.objects.get(maker.process, ProcessRecord.id))
        #expect(try maker.refusal(own, ProcessOrder.begin) == .itself)
    }
}
