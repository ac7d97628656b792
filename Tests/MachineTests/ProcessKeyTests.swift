// Processes through their keys: what they are, hold and remember; mended, stopped, ended, and paid for by others.

import Kernel
import Machine
import Objects
import Testing

@Suite struct ProcessKeyTests {
    private let bench: StoredBench
    private let user: Puppet
    private let other: Puppet
    /// To `other`.
    private let key: Key
    private let bank: Key

    init() throws {
        bench = try StoredBench()
        user = try Puppet(bench, "user")
        bank = try bench.kernel.key(toBank: bench.kernel.createBank(at: "root/g", BankTerms(limitPages: 40)))
        other = try Puppet(bench, "other", bank: CellID(rawValue: bank.id))
        key = .process(try bench.objects.get(other.process, ProcessRecord.id))
    }

    private func state(_ puppet: Puppet) throws -> RunState { try bench.kernel.state(of: try puppet.process) }

    private func refusal(_ order: ProcessOrder, _ words: [UInt64] = [], keys: [Key] = [], bytes: [UInt8] = []) throws
        -> ReplyCode?
    { try user.refusal(key, order, words, keys: keys, bytes: bytes) }

    // MARK: Looking

    @Test func itTellsWhatItIs() throws {
        try other.enter("peek", [0])
        let reply = try user.call(key, ProcessOrder.figures)
        let record = try bench.objects.cell(other.process)
        #expect(reply.words[0] == key.id)
        #expect(reply.words[1] & 0xFF == UInt64(RunState.waiting.rawValue))
        #expect(reply.words[1] >> 8 & 0xFF == UInt64(Waiting.call))
        #expect(reply.words[2] == record.load(ProcessRecord.gasUsed) && reply.words[2] > 0)
        #expect(reply.bytes[..<8] == bytes(record.load(ProcessRecord.pages))[...])
        #expect(reply.bytes[16..<24] == bytes(1)[...] && reply.bytes[24...] == bytes(bank.id)[...])
        #expect(try user.call(key, CommonOrder.kind).words[0] == UInt64(KeyKind.process.rawValue))
    }

    private func bytes(_ word: UInt64) -> [UInt8] { withUnsafeBytes(of: word.littleEndian) { Array($0) } }

    /// One that stands in an invocation stands in a function, on frames; the same after a restart.
    @Test func itTellsWhereItStands() throws {
        #expect(try refusal(.position) == .value, "it waits to be called")
        try other.begin(register: 255, 0, from: [], into: [], by: "return")
        for _ in 0..<2 {
            let position = try user.call(key, ProcessOrder.position)
            #expect(position.code == 0 && position.words[0] >= 6 && position.words[1] > 0 && position.words[2] == 0)
            let slots = try user.call(key, ProcessOrder.stack).words[0]
            #expect(slots >= 3)
            let whole = try user.call(key, ProcessOrder.stack, [0, slots])
            #expect(whole.bytes[..<8] == bytes(255)[...], "the register that it returned to is its argument")
            #expect(try user.call(key, ProcessOrder.stack, [slots - 1, 1]).bytes == whole.bytes.suffix(8))
            for words: [UInt64] in [[0, slots + 1], [slots + 1, 0], [.max, 1], [1, .max], [0, 513]] {
                #expect(try refusal(.stack, words) == .value, "\(words)")
            }
            try bench.writeOutAndReload()
        }
    }

    @Test func itsRegistersAreFetchedAndStored() throws {
        let number = Key(.number, id: 12)
        #expect(try refusal(.store, [20], keys: [number]) == nil)
        #expect(try bench.objects.register(20, of: other.process) == number)
        #expect(try user.call(key, ProcessOrder.fetch, [20]).keys[0] == number)
        #expect(try user.call(key, ProcessOrder.fetch, [21]).keys[0] == .void)
        for order in [ProcessOrder.fetch, .store] {
            #expect(try refusal(order, [32]) == .value && refusal(order, [.max]) == .value)
        }
    }

    /// What is written is there for the program; what it never wrote is bought, all of it or nothing.
    @Test func itsMemoryIsReadAndWritten() throws {
        try other.enter("poke", [9000, 0x1122_3344])
        #expect(try user.call(key, ProcessOrder.read, [0, 9000, 4]).bytes == [0x44, 0x33, 0x22, 0x11])
        let text = Array("across two pages of it".utf8)
        #expect(try refusal(.write, [0, 0xDFF8], bytes: text) == nil)
        try other.enter("peek", [0xDFF8])
        #expect(
            try bench.machine.results(of: other.process)[0] == text[..<8].reversed().reduce(0) { $0 << 8 | UInt64($1) })
        try bench.writeOutAndReload()
        #expect(try user.call(key, ProcessOrder.read, [0, 0xDFF8, UInt64(text.count)]).bytes == text)
        #expect(try user.call(key, ProcessOrder.read, [0, 0x20000, 0]).code == 0)
        for words: [UInt64] in [[0, 0x20000, 1], [0, 0x1FFFF, 2], [0, .max, 1], [0, 1 << 32, 0]] {
            #expect(try refusal(.read, words) == .address, "\(words)")
            #expect(try refusal(.write, words, bytes: [1, 2]) == .address)
        }
        for words: [UInt64] in [[1, 0, 1], [.max, 0, 1], [0, 0, 4097]] {
            #expect(try refusal(.read, words) == .value, "\(words)")
        }
        #expect(try refusal(.write, [1, 0], bytes: [1]) == .value)
        let used = try bench.kernel.figures(ofBank: CellID(rawValue: bank.id)).usedPages
        try bench.kernel.set(CellID(rawValue: bank.id), BankTerms(limitPages: used + 1))
        #expect(try refusal(.write, [0, 0x10FF8], bytes: text) == .space)
        #expect(try bench.kernel.figures(ofBank: CellID(rawValue: bank.id)).usedPages == used)
        #expect(try refusal(.write, [0, 0x11000], bytes: text) == nil)
        try bench.objects.checkRecords()
    }

    /// Code and memory as pages: what the program writes is what the key reads, and the other way round.
    @Test func itsPagesAreListed() throws {
        let code = try user.call(key, ProcessOrder.list, [1, 0, 0]).keys[0]
        #expect(code.pageRights == .read)
        #expect(try user.call(code, PageOrder.read, [0, 4]).bytes == [0, 0x61, 0x73, 0x6D])
        #expect(try user.call(key, ProcessOrder.list, [2, 0, 20]).keys[0] == .void, "it was never written")
        try other.enter("poke", [20 * 4096, 77])
        let page = try user.call(key, ProcessOrder.list, [2, 0, 20]).keys[0]
        #expect(page.pageRights == .all)
        #expect(try user.call(page, PageOrder.read, [0, 2]).bytes == [77, 0])
        #expect(try user.refusal(page, PageOrder.write, [0], bytes: [78]) == nil)
        try other.enter("peek", [20 * 4096])
        #expect(try bench.machine.results(of: other.process)[0] == 78)
        let looks = key.without(rights: ~ProcessRights.look.rawValue)
        #expect(try user.call(looks, ProcessOrder.list, [2, 0, 20]).keys[0].pageRights == .read)
        for order in [BankOrder.sell, .sever] {
            #expect(try user.refusal(bank, order, keys: [page]) == .key, "it is nobody's to sell")
        }
        for words: [UInt64] in [[0, 0, 0], [3, 0, 0], [2, 1, 0], [2, 0, 32], [1, 0, 9], [2, .max, .max]] {
            #expect(try refusal(.list, words) == .value, "\(words)")
        }
        try bench.writeOutAndReload()
        #expect(try user.call(page, PageOrder.read, [0, 1]).bytes == [78])
        #expect(try refusal(.end) == nil)
        #expect(try user.call(page, PageOrder.read, [0, 1]).code == ReplyCode.void.rawValue)
        #expect(try user.call(code, PageOrder.read, [0, 1]).code == 0, "code is kept until it is removed")
        #expect(try refusal(.remove) == nil)
        #expect(try bench.objects.isVoid(page) && bench.objects.isVoid(key))
    }

    // MARK: Running

    @Test func itIsStoppedAndGoesOn() throws {
        try other.begin(register: 255, 0, from: [], into: [8, 9, 10, 11], by: "return")
        #expect(try refusal(.start) == .value)
        #expect(try refusal(.stop) == nil && refusal(.stop) == nil && state(other) == .stopped)
        let start = try user.call(key, ProcessOrder.invite, [9]).keys[0]
        #expect(start == .start(key.id, badge: 9))
        #expect(try refusal(.invite, [65_536]) == .value)
        try user.begin(start, 5, [6])
        #expect(try state(other) == .stopped && state(user) == .waiting, "it has the message, and does nothing with it")
        #expect(try bench.objects.get(other.process, ProcessRecord.invocationPhase) == InvocationPhase.done.rawValue)
        let third = try Puppet(bench, "third")
        #expect(try third.refusal(key, ProcessOrder.start) == nil)
        #expect(try other.finish().words[0] == 6)
        #expect(try third.refusal(key, ProcessOrder.end) == nil)
        #expect(try user.code() == ReplyCode.void.rawValue, "nobody can answer any more")
        #expect(try third.refusal(start, CommonOrder.kind) == .void)
        for order in [ProcessOrder.end, .start, .stop] { #expect(try third.refusal(key, order) == .value) }
        #expect(try third.refusal(key, ProcessOrder.store, [1], keys: [bank]) == .value)
        #expect(try third.refusal(key, ProcessOrder.write, [0, 0], bytes: [1]) == .value)
        #expect(try third.call(key, ProcessOrder.figures).bytes[8..<16] == bytes(137)[...])
        #expect(try third.refusal(key, ProcessOrder.remove) == nil)
        #expect(try third.refusal(key, ProcessOrder.figures) == .void)
        try bench.objects.checkRecords()
    }

    /// One that waits for its embedder waits for it again.
    @Test func whoWaitsToBeCalledGoesOnWaiting() throws {
        #expect(try refusal(.stop) == nil && refusal(.start) == nil && state(other) == .waiting)
        try bench.writeOutAndReload()
        #expect(try other.call(Key(.discrim), 0).code == 0)
    }

    /// An answer that only a process had the key to which has faulted, and is removed.
    @Test func whatAFaultedProcessHeldIsGivenUp() throws {
        let fault = try bench.makeCalled(
            try Assembler.module("(module (memory 1) (func (export \"f\") unreachable))"), name: "fault", bank: nil)
        try user.run()
        try bench.machine.call(fault, instance: 0, function: 0, arguments: [])
        try user.run()
        #expect(try bench.kernel.state(of: fault) == .faulted)
        let faulted = Key.process(try bench.objects.get(fault, ProcessRecord.id))
        try other.begin(register: 255, 0, from: [], into: [8, 9, 10, 11], by: "return")
        let third = try Puppet(bench, "third")
        try third.begin(.start(key.id), 1)
        let resume = try bench.objects.register(11, of: other.process)
        #expect(resume.kind == .resume)
        #expect(try other.refusal(faulted, ProcessOrder.store, [20], keys: [resume]) == nil)
        try bench.kernel.setRegister(16, of: other.process, to: .void)
        #expect(try bench.kernel.state(of: third.process) == .waiting)
        #expect(try other.refusal(faulted, ProcessOrder.remove) == nil)
        try other.run()
        #expect(try third.code() == ReplyCode.void.rawValue)
        try bench.objects.checkRecords()
    }

    /// Who may look and not change has no more of what it holds than a sense key would give.
    @Test func whoOnlyLooksHasNoPowerOfIt() throws {
        let looks = key.without(rights: ProcessRights.change.rawValue)
        for (held, expected) in [(bank, Key.void), (Key(.number, id: 4), Key(.number, id: 4)), (key, .void)] {
            try bench.kernel.setRegister(20, of: other.process, to: held)
            #expect(try user.call(key, ProcessOrder.fetch, [20]).keys[0] == held)
            #expect(try user.call(looks, ProcessOrder.fetch, [20]).keys[0] == expected)
        }
    }

    @Test func whatLivesIsNotRemoved() throws {
        #expect(try refusal(.remove) == .value)
        #expect(try other.call(Key(.discrim), 0).code == 0)
    }

    /// All that takes a process out of its own hands.
    @Test func ofItselfItAsksTheRest() throws {
        let own = Key.process(try bench.objects.get(user.process, ProcessRecord.id))
        for order in ProcessOrder.allCases where order.isOfOthers {
            #expect(try user.refusal(own, order, [0, 0], keys: [bank], bytes: [1]) == .itself, "\(order)")
        }
        #expect(try user.call(own, ProcessOrder.figures).words[1] & 0xFF == UInt64(RunState.ready.rawValue))
        #expect(try user.refusal(own, ProcessOrder.store, [22], keys: [bank]) == nil)
        #expect(try user.call(own, ProcessOrder.fetch, [22]).keys[0] == bank)
        #expect(try user.call(own, ProcessOrder.read, [0, 0, 4]).bytes == [7, 0, 0, 0], "the order that it gives")
        #expect(try user.refusal(own, ProcessOrder.remove) == .value)
    }

    // MARK: Rights and banks

    @Test func eachRightIsTakenAwayForEver() throws {
        let orders = ProcessOrder.allCases.filter { $0 != .weaken }
        for right in Key.rights(of: .process) {
            let weak = try user.call(key, ProcessOrder.weaken, [UInt64(right.bit)]).keys[0]
            let one = try user.call(key, ProcessOrder.weaken, [UInt64(~right.bit)]).keys[0]
            #expect(weak.rights | one.rights == ProcessRights.all.rawValue && weak.rights & one.rights == 0)
            #expect(try user.call(weak, ProcessOrder.weaken, [0]).keys[0] == weak)
            for order in orders where order != .end && order != .remove {
                let isNeeded = order.right.rawValue == right.bit
                #expect(
                    try (user.refusal(weak, order, keys: [bank]) == .right) == (isNeeded && !order.isOfMemory),
                    "\(order) without \(right.name)")
                let isEnough = isNeeded || order.isOfMemory && right.bit == ProcessRights.memory.rawValue
                #expect(
                    try (user.refusal(one, order, keys: [bank]) == .right) != isEnough, "\(order) with \(right.name)")
                _ = try user.refusal(key, ProcessOrder.start)
            }
        }
        #expect(key.weakened == .void)
    }

    @Test func anotherBankPaysForIt() throws {
        let target = try bench.kernel.key(toBank: bench.kernel.createBank(at: "root/h", BankTerms(limitPages: 1)))
        #expect(try refusal(.bank, keys: [target.without(.allocate)]) == .key)
        #expect(try refusal(.bank, keys: [Key(.number, id: 1)]) == .key)
        #expect(try refusal(.bank, keys: [target]) == .space)
        let pages = try bench.objects.get(other.process, ProcessRecord.pages)
        try bench.kernel.set(CellID(rawValue: target.id), BankTerms(limitPages: 60))
        #expect(try refusal(.bank, keys: [target]) == nil)
        #expect(try bench.objects.link(other.process, ProcessRecord.bank).rawValue == target.id)
        #expect(try bench.objects.get(other.process, ProcessRecord.pages) == pages)
        #expect(try user.call(key, ProcessOrder.figures).bytes[24...] == bytes(target.id)[...])
        #expect(try other.call(Key(.discrim), 0).code == 0)
        try bench.objects.checkRecords()
    }

    /// What takes time with the pages of a process costs gas with them.
    @Test func endingCostsWhatThereIs() throws {
        for page in 0..<16 as Range<UInt64> { try other.enter("poke", [page * 4096, 1]) }
        func gas(_ body: () throws -> Void) throws -> UInt64 {
            let before = try bench.objects.get(user.process, ProcessRecord.gasUsed)
            try body()
            return try bench.objects.get(user.process, ProcessRecord.gasUsed) - before
        }
        let pages = try bench.kernel.countPages(of: other.process)
        let little = try gas { _ = try refusal(.start) }
        let much = try gas { _ = try refusal(.end) }
        #expect(much - little == 64 * pages + 512 && pages >= 16)
    }

    @Test(arguments: [false, true]) func whoWaitsForWhatIsEndedIsTold(restarts: Bool) throws {
        let others = try (0..<4).map { try Puppet(bench, "w\($0)") }
        let kept = Key.process(try bench.objects.get(others[3].process, ProcessRecord.id))
        #expect(try user.refusal(kept, ProcessOrder.keeper, keys: [.start(key.id)]) == nil)
        try other.begin(register: 255, 0, from: [], into: [8, 9, 10, 11], by: "return")
        for (each, kind) in zip(others, ["call", "call", "send"]) { try each.begin(.start(key.id), 1, by: kind) }
        try others[3].enter("divide", [0])
        let waits = try others.map { try bench.objects.get($0.process, ProcessRecord.waitsFor) }
        #expect(waits == [Waiting.reply, Waiting.turn, Waiting.turn, Waiting.turn])
        if restarts { try bench.writeOutAndReload() }
        #expect(try refusal(.end) == nil)
        for each in others[..<3] { #expect(try each.code() == ReplyCode.void.rawValue) }
        #expect(try state(others[3]) == .faulted && refusal(.remove) == nil)
        try bench.objects.checkRecords()
    }
}
