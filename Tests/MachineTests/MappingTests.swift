// Pages of others in a process's memory: shared, read only, missing, moved, and supplied by a keeper when they are needed.

import Interpreter
import Kernel
import Machine
import Objects
import Testing

@Suite struct MappingTests {
    private let bench: StoredBench
    private let a: Puppet
    private let b: Puppet
    /// A bank of 60 pages, and a page of it that nobody wrote.
    private let bank: Key
    private let page: Key

    /// Where pages are mapped: a multiple of 4,096 that puppets do not use otherwise.
    private static let place: UInt64 = 0x8000

    init() throws {
        bench = try StoredBench()
        a = try Puppet(bench, "a")
        b = try Puppet(bench, "b")
        bank = try bench.kernel.key(toBank: bench.kernel.createBank(at: "root/g", BankTerms(limitPages: 60)))
        page = try a.call(bank, BankOrder.buy, [UInt64(KeyKind.page.rawValue)]).keys[0]
    }

    /// What an import of two arguments answers.
    private func code(_ puppet: Puppet, _ function: String, _ first: UInt64, _ second: UInt64) throws -> Int32 {
        try puppet.enter(function, [first, second])
        return try puppet.code()
    }

    /// Maps a page by its key, in register 24, where it stays.
    private func map(_ key: Key, _ puppet: Puppet, at place: UInt64 = place) throws {
        try bench.kernel.setRegister(24, of: puppet.process, to: key)
        #expect(try code(puppet, "map", 24, place) == 0)
    }

    private func process(_ puppet: Puppet) throws -> Key {
        .process(try bench.objects.get(puppet.process, ProcessRecord.id))
    }

    private func trap(_ puppet: Puppet) throws -> Trap? {
        guard try bench.kernel.state(of: puppet.process) == .faulted else { return nil }
        return Trap(rawValue: try bench.objects.get(puppet.process, ProcessRecord.trap))
    }

    private func isWaiting(_ puppet: Puppet) throws -> Bool {
        try bench.objects.get(puppet.process, ProcessRecord.waitsFor) == Waiting.call
    }

    // MARK: Sharing

    /// What one writes the other reads, from the first byte on, whoever touched the page first.
    @Test(arguments: [false, true]) func aPageIsShared(restarts: Bool) throws {
        try map(page, a)
        try map(page, b, at: Self.place + 0x1000)
        #expect(try b.peek(Self.place + 0x1000) == 0)
        for round: UInt64 in 1...3 {
            try a.poke(Self.place, round)
            if restarts { try bench.writeOutAndReload() }
            #expect(try b.peek(Self.place + 0x1000) == round)
            try b.poke(Self.place + 0x1008, 10 * round)
            if restarts { try bench.writeOutAndReload() }
            #expect(try a.peek(Self.place + 8) == 10 * round)
            #expect(try a.call(page, PageOrder.read, [8, 1]).bytes == [UInt8(10 * round)])
            try a.call(page, PageOrder.write, [16], bytes: [UInt8(round)])
            #expect(try a.peek(Self.place + 16) == round && b.peek(Self.place + 0x1010) == round)
            try bench.objects.checkRecords()
        }
    }

    /// One page at two places of one memory, which a store that lies in both writes as one that lies in two pages.
    @Test func aPageAtTwoPlacesIsOne() throws {
        try map(page, a)
        try map(page, a, at: Self.place + 0x1000)
        try a.poke(Self.place + 0xFFC, 0x8877_6655_4433_2211)
        #expect(try a.peek(Self.place + 0xFFC) == 0x8877_6655_4433_2211)
        #expect(try a.peek(Self.place) & 0xFFFF_FFFF == 0x8877_6655)
        #expect(try a.peek(Self.place + 0x1FF8) >> 32 == 0x4433_2211)
    }

    /// Behind what is mapped the memory's own page is kept.
    @Test func theOwnPageIsThereAgain() throws {
        try a.poke(Self.place, 5)
        try map(page, a)
        #expect(try a.peek(Self.place) == 0)
        try a.poke(Self.place, 6)
        #expect(try code(a, "unmap", 25, Self.place) == 0)
        #expect(try a.peek(Self.place) == 5 && bench.objects.register(25, of: a.process) == page)
        #expect(try a.call(page, PageOrder.read, [0, 1]).bytes == [6])
        #expect(try code(a, "unmap", 25, Self.place) == 0)
        #expect(try bench.objects.register(25, of: a.process) == .void, "nothing is mapped there")
        #expect(try code(a, "unmap", 25, Self.place + 0x1000) == 0 && code(a, "unmap", 255, Self.place) == 0)
    }

    // MARK: Not there

    @Test func whatMayOnlyBeReadIsNotWritten() throws {
        try a.call(page, PageOrder.write, [0], bytes: [77])
        try map(page.without(rights: PageRights.write.rawValue), a)
        #expect(try a.peek(Self.place) == 77)
        try a.enter("poke", [Self.place, 78])
        #expect(try trap(a) == .readOnlyPage)
        #expect(try b.call(page, PageOrder.read, [0, 1]).bytes == [77])
    }

    @Test(arguments: ["sold", "severed", "destroyed", "its process ended", "hole"])
    func whatIsGoneIsMissing(how: String) throws {
        let third = try Puppet(bench, "third")
        if how == "its process ended" {
            try third.poke(0x3000, 9)
            let own = try b.call(process(third), ProcessOrder.list, [2, 0, 3]).keys[0]
            try map(own, a)
        } else {
            try a.call(page, PageOrder.write, [0], bytes: [9])
            try map(page, a)
        }
        #expect(try a.peek(Self.place) == 9)
        switch how {
        case "sold": #expect(try b.refusal(bank, BankOrder.sell, keys: [page]) == nil)
        case "severed": #expect(try b.refusal(bank, BankOrder.sever, keys: [page]) == nil)
        case "destroyed": #expect(try b.refusal(bank, BankOrder.destroy) == nil)
        case "hole": #expect(try code(a, "map", 255, Self.place) == 0)
        default: #expect(try b.refusal(process(third), ProcessOrder.end) == nil)
        }
        try a.enter("peek", [Self.place])
        #expect(try trap(a) == .missingPage)
    }

    /// Nothing of an invocation is done whose message lies in a page that is missing: it is made when that is there.
    @Test func aMessageInAHoleIsSentWhenItIsThere() throws {
        let keeper = try waitingKeeper(of: b)
        try a.begin(register: 255, 0, from: [], into: [8, 9, 10, 11], by: "return")
        let start = Key.start(try bench.objects.get(a.process, ProcessRecord.id))
        // The bytes of a puppet's messages lie at 0x4000.
        try b.poke(0x4000, 0x31)
        #expect(try code(b, "map", 255, 0x4000) == 0)
        try bench.kernel.setRegister(6, of: b.process, to: start)
        try b.poke(0, UInt64(44) | 0xFFFF_FFFF << 32)
        try b.poke(32, 0x4000 | 1 << 32)
        try b.enter("send", [6])
        #expect(try bench.objects.get(b.process, ProcessRecord.waitsFor) == Waiting.keeper && !isWaiting(a))
        let told = try keeper.finish()
        #expect(told.words == [0x4000, 0, UInt64(Trap.missingPage.rawValue)])
        try bench.kernel.setRegister(20, of: keeper.process, to: told.keys[3])
        #expect(try keeper.call(told.keys[0], ProcessOrder.unmap, [0, 4]).code == 0)
        try keeper.begin(register: 20, 0, from: [], into: [8, 9, 10, 11], by: "return")
        #expect(try isWaiting(b) && b.code() == 0)
        #expect(try a.finish().bytes == [0x31] && a.peek(64) & 0xFFFF_FFFF == 44)
    }

    /// A message whose head lies where its bytes are delivered is what it was, whichever way it goes.
    @Test(arguments: [false, true]) func aMessageIsWhatItWasBeforeItsBytesAreWritten(isDirect: Bool) throws {
        // Where a puppet's messages begin, and where what it receives goes.
        try map(page, a, at: 0)
        try map(page, b, at: 0x10000)
        try b.poke(0x10000, 0)
        try b.begin(register: 255, 0, from: [], into: [8, 9, 10, 11], by: "return")
        let start = Key.start(try bench.objects.get(b.process, ProcessRecord.id))
        if !isDirect { try bench.writeOutAndReload() }
        let before = bench.machine.directDeliveries
        let bytes = [UInt8](repeating: 0xEE, count: 40)
        try a.begin(start, 7, [1, 2, 3], bytes: bytes)
        let received = try b.finish()
        #expect(received.words == [1, 2, 3] && received.bytes == bytes)
        #expect((bench.machine.directDeliveries > before) == isDirect)
    }

    // MARK: Keepers

    /// One that keeps a puppet's memory, waiting.
    private func waitingKeeper(of puppet: Puppet) throws -> Puppet {
        let keeper = try Puppet(bench, "keeper")
        let start = Key.start(try bench.objects.get(keeper.process, ProcessRecord.id))
        #expect(try keeper.refusal(process(puppet), ProcessOrder.keeper, [1], keys: [start]) == nil)
        try keeper.begin(register: 255, 0, from: [], into: [8, 9, 10, 11], by: "return")
        return keeper
    }

    /// What is written for the first time is copied then, and the original stays what it is: to others who share it too.
    @Test(arguments: [false, true]) func aPageIsCopiedWhenItIsWritten(restarts: Bool) throws {
        let keeper = try waitingKeeper(of: a)
        try b.call(page, PageOrder.write, [0], bytes: Array("original".utf8))
        let weak = page.without(rights: PageRights.write.rawValue)
        try map(weak, a)
        try map(weak, b)
        #expect(try a.peek(Self.place) & 0xFF == UInt64(UInt8(ascii: "o")))
        try a.enter("poke", [Self.place + 1, 0x4141])
        if restarts { try bench.writeOutAndReload() }
        let told = try keeper.finish()
        #expect(told.words == [Self.place, 0, UInt64(Trap.readOnlyPage.rawValue)])
        try bench.kernel.setRegister(20, of: keeper.process, to: told.keys[3])
        let copy = try keeper.call(bank, BankOrder.buy, [UInt64(KeyKind.page.rawValue)]).keys[0]
        let contents = try keeper.call(page, PageOrder.read, [0, 4096]).bytes
        #expect(contents.count == 4096)
        try keeper.call(copy, PageOrder.write, [0], bytes: contents)
        #expect(try keeper.refusal(told.keys[0], ProcessOrder.map, [0, Self.place >> 12], keys: [copy]) == nil)
        if restarts { try bench.writeOutAndReload() }
        try keeper.begin(register: 20, 0, from: [], into: [8, 9, 10, 11], by: "return")
        #expect(try isWaiting(a))
        #expect(try a.peek(Self.place) == 0x0000_0000_0041_416F)
        #expect(try b.peek(Self.place) == Array("original".utf8).reversed().reduce(0) { $0 << 8 | UInt64($1) })
        try bench.objects.checkRecords()
    }

    // MARK: By other ways

    /// A process's key reads, writes and lists what lies in the memory, mapped or not.
    @Test func aProcessKeySeesWhatIsMapped() throws {
        try a.poke(Self.place - 8, 1)
        try map(page, a)
        let key = try process(a)
        let bytes = (0..<16).map { UInt8($0) }
        #expect(try b.refusal(key, ProcessOrder.write, [0, Self.place - 8], bytes: bytes) == nil)
        #expect(try b.call(page, PageOrder.read, [0, 8]).bytes == Array(bytes[8...]))
        #expect(try b.call(key, ProcessOrder.read, [0, Self.place - 8, 16]).bytes == bytes)
        #expect(try a.peek(Self.place) == 0x0F0E_0D0C_0B0A_0908)
        #expect(try b.call(key, ProcessOrder.list, [2, 0, 8]).keys[0] == page)
        let looks = key.without(rights: ~ProcessRights.look.rawValue)
        #expect(try b.call(looks, ProcessOrder.list, [2, 0, 8]).keys[0].pageRights == .read)
        try map(page.without(rights: PageRights.write.rawValue), a)
        #expect(try b.refusal(key, ProcessOrder.write, [0, Self.place - 8], bytes: bytes.reversed()) != nil)
        #expect(try b.call(key, ProcessOrder.read, [0, Self.place - 8, 16]).bytes == bytes, "all of it or nothing")
        #expect(try b.refusal(key, ProcessOrder.map, [0, 8, 1]) == nil)
        #expect(try b.refusal(key, ProcessOrder.read, [0, Self.place - 8, 16]) == .address)
        #expect(try b.call(key, ProcessOrder.unmap, [0, 8]).keys[0] == .void)
        #expect(try b.call(key, ProcessOrder.read, [0, Self.place, 1]).bytes == [0])
        for (order, words): (ProcessOrder, [UInt64]) in [
            (.map, [1, 0, 1]), (.map, [.max, 0, 1]), (.map, [0, 0, 2]), (.unmap, [1, 0]),
        ] { #expect(try b.refusal(key, order, words) == .value, "\(order) \(words)") }
        for words: [UInt64] in [[0, 32, 1], [0, 1 << 20, 1], [0, .max, 1]] {
            #expect(
                try b.refusal(key, ProcessOrder.map, words) == .address
                    && b.refusal(key, ProcessOrder.unmap, words) == .address)
        }
        for wrong in [Key.void, bank, page.without(rights: PageRights.read.rawValue)] {
            #expect(try b.refusal(key, ProcessOrder.map, [0, 8], keys: [wrong]) == .key)
        }
    }

    @Test func whatCannotBeMappedIsRefused() throws {
        try bench.kernel.setRegister(24, of: a.process, to: page)
        for place: UInt64 in [1, Self.place + 8, 0x20000, 0xFFFF_F000] {
            #expect(try code(a, "map", 24, place) == ReplyCode.address.rawValue, "\(place)")
            #expect(try code(a, "unmap", 24, place) == ReplyCode.address.rawValue)
        }
        for register: UInt64 in [32, 254, 256, 0xFFFF_FFFF] {
            #expect(try code(a, "map", register, Self.place) == ReplyCode.register.rawValue)
            #expect(try code(a, "unmap", register, Self.place) == ReplyCode.register.rawValue)
        }
        for wrong in [Key.void, bank, page.without(rights: PageRights.read.rawValue)] {
            try bench.kernel.setRegister(24, of: a.process, to: wrong)
            #expect(try code(a, "map", 24, Self.place) == ReplyCode.key.rawValue)
        }
    }

    /// It goes with the process to another bank, and its table is counted and given back.
    @Test func itMovesWithTheProcess() throws {
        let poor = try bench.kernel.createBank(at: "root/h", BankTerms(limitPages: 40))
        let third = try Puppet(bench, "third")
        try map(page, third)
        try a.call(page, PageOrder.write, [0], bytes: [3])
        _ = try bench.kernel.move(third.process, toBank: poor)
        #expect(try third.peek(Self.place) == 3)
        try bench.writeOutAndReload()
        #expect(try third.peek(Self.place) == 3)
        let used = try bench.kernel.figures(ofBank: poor).usedPages
        #expect(try code(third, "map", 255, Self.place + 0x1000) == 0)
        #expect(try bench.kernel.figures(ofBank: poor).usedPages == used, "its table is there")
        #expect(try a.refusal(process(third), ProcessOrder.end) == nil)
        #expect(try bench.kernel.figures(ofBank: poor).usedPages < used)
        try bench.objects.checkRecords()
    }

    // MARK: Exchange

    /// A page that the receiver takes over is missing at the sender, and its bank pays; where that is full nothing has changed.
    @Test func aPageIsMovedByExchange() throws {
        let target = try bench.kernel.createBank(at: "root/h", BankTerms(limitPages: 2))
        let other = try bench.kernel.key(toBank: target)
        try a.call(page, PageOrder.write, [0], bytes: [66])
        try map(page, a)
        #expect(try a.peek(Self.place) == 66)
        try bench.kernel.set(target, BankTerms(limitPages: 0))
        let used = try bench.kernel.figures(ofBank: CellID(rawValue: bank.id)).usedPages
        #expect(try b.refusal(other, BankOrder.adopt, keys: [page]) == .space)
        #expect(
            try a.peek(Self.place) == 66 && bench.kernel.figures(ofBank: CellID(rawValue: bank.id)).usedPages == used)
        #expect(try bench.kernel.figures(ofBank: target).usedPages == 0 && !bench.objects.isVoid(page))
        try bench.objects.checkRecords()
        try bench.kernel.set(target, BankTerms(limitPages: 2))
        for wrong in [Key.void, bank, page.without(rights: PageRights.write.rawValue)] {
            #expect(try b.refusal(other, BankOrder.adopt, keys: [wrong]) == .key)
        }
        let moved = try b.call(other, BankOrder.adopt, keys: [page]).keys[0]
        #expect(moved.pageRights == .all && moved != page)
        try map(moved, b)
        #expect(try b.peek(Self.place) == 66)
        #expect(try bench.kernel.figures(ofBank: CellID(rawValue: bank.id)).usedPages == used - 1)
        #expect(try bench.kernel.figures(ofBank: target).usedPages == 1)
        try bench.writeOutAndReload()
        try a.enter("peek", [Self.place])
        #expect(try trap(a) == .missingPage)
        #expect(try b.refusal(bank, BankOrder.sell, keys: [moved]) == .key, "it is the other's")
        #expect(try b.refusal(other, BankOrder.adopt, keys: [moved]) == nil, "its own has a new identity")
        try bench.objects.checkRecords()
    }

    /// What the banks above both have is the same as before: a full one in common refuses nothing.
    @Test func whatIsMovedBelowAFullBankIsNoMore() throws {
        let (first, second) = (
            try bench.kernel.createBank(at: "root/g/a", BankTerms()),
            try bench.kernel.createBank(at: "root/g/b", BankTerms())
        )
        let from = try bench.kernel.key(toBank: first)
        let page = try a.call(from, BankOrder.buy, [UInt64(KeyKind.page.rawValue)]).keys[0]
        let used = try bench.kernel.figures(ofBank: CellID(rawValue: bank.id)).usedPages
        try bench.kernel.set(CellID(rawValue: bank.id), BankTerms(limitPages: used))
        #expect(try a.refusal(bench.kernel.key(toBank: second), BankOrder.adopt, keys: [page]) == nil)
        #expect(try bench.kernel.figures(ofBank: CellID(rawValue: bank.id)).usedPages == used)
    }
}
