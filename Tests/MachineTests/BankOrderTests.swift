// The bank as programs see it: what they buy, sell and govern by its key, and that what is refused changes nothing.

import Kernel
import Machine
import Objects
import Testing

@Suite struct BankOrderTests {
    let bench: StoredBench
    let user: Puppet
    let bank: Key
    static let (page, node, subbank): (UInt64, UInt64, UInt64) = (2, 3, 7)
    static let stays = UInt64.max - 1

    init() throws {
        bench = try StoredBench()
        user = try Puppet(bench, "user")
        bank = try bench.kernel.key(toBank: bench.kernel.createBank(at: "root/g", BankTerms()))
    }

    func figures(_ key: Key) throws -> [UInt64] {
        let reply = try user.call(key, BankOrder.figures)
        #expect(reply.code == 0 && reply.bytes.count == 64)
        return reply.words
            + (0..<8).map { index in
                reply.bytes[8 * index..<8 * index + 8].reversed().reduce(0) { $0 << 8 | UInt64($1) }
            }
    }

    func buy(_ kinds: UInt64, of key: Key, name: String = "") throws -> [Key] {
        let reply = try user.call(key, BankOrder.buy, [kinds], bytes: Array(name.utf8))
        #expect(reply.code == 0)
        return reply.keys
    }

    func limit(_ key: Key, pages: UInt64 = stays, cells: UInt64 = stays, reserve: UInt64 = stays) throws
        -> ReplyCode?
    { try user.refusal(key, BankOrder.set, [pages, cells, reserve]) }

    // MARK: Buying and selling

    @Test func itSellsSeveralAtOnce() throws {
        let keys = try buy(Self.page | Self.node << 8 | Self.subbank << 16 | Self.page << 24, of: bank)
        #expect(keys.map(\.kind) == [.page, .node, .bank, .page])
        #expect(keys[0] != keys[3] && keys[0].isFull && keys[1].isFull && keys[2].bankRights == .all)
        // Two pages, and a pot each for the node and the bank.
        #expect(try figures(bank).suffix(8) == [.max, 4, 4, 0, .max, 2, 2, 0])
        #expect(try buy(0, of: bank) == [.void, .void, .void, .void])
        #expect(try buy(Self.page << 8, of: bank).map(\.kind) == [.void, .page, .void, .void])
        try bench.writeOutAndReload()
        try bench.objects.checkRecords()
        #expect(try user.refusal(bank, BankOrder.sell, keys: [keys[0], keys[1], keys[3]]) == nil)
        for key in [keys[0], keys[1], keys[3]] { #expect(try bench.objects.isVoid(key)) }
        #expect(try figures(bank).suffix(8) == [.max, 2, 2, 0, .max, 1, 1, 0])
        try bench.objects.checkRecords()
    }

    @Test func allOrNothingIsBought() throws {
        let before = try figures(bank)
        for (pages, cells, kinds): (UInt64, UInt64, UInt64) in [
            (2, .max, 0x02_0202), (2, .max, 0x03_0202), (3, .max, 0x07_0302_02), (.max, 2, 0x03_0303),
            (.max, 1, 0x0703),
            (.max, 0, 0x0302), (0, .max, 0x03),
        ] {
            #expect(try limit(bank, pages: pages, cells: cells) == nil)
            let limited = try figures(bank)
            let pagesBefore = try bench.objects.world(WorldPage.nextStrip)
            #expect(try user.refusal(bank, BankOrder.buy, [kinds]) == .space, "\(kinds) of \(pages), \(cells)")
            #expect(try figures(bank) == limited)
            #expect(try bench.objects.world(WorldPage.nextStrip) == pagesBefore)
            try bench.objects.checkRecords()
        }
        // What is above it has a say too, and all of it fits exactly or not at all.
        #expect(try limit(bank, pages: .max, cells: .max) == nil)
        #expect(try figures(bank) == before)
        let below = try buy(Self.subbank, of: bank)[0]
        let used = try figures(bank)[4]
        #expect(try limit(bank, pages: used + 3) == nil)
        #expect(try figures(below)[0] == 3, "the effective limit is that of the bank above")
        #expect(try user.refusal(below, BankOrder.buy, [0x0202_0202]) == .space)
        #expect(try user.refusal(below, BankOrder.buy, [0x02_0202]) == nil)
        #expect(try figures(below)[0] == 0)
        #expect(try user.refusal(below, BankOrder.buy, [Self.page]) == .space)
        try bench.objects.checkRecords()
    }

    @Test func whatIsNoSaleIsRefused() throws {
        let bought = try buy(Self.page | Self.node << 8, of: bank)
        let other = try buy(Self.subbank, of: bank)[0]
        let elsewhere = try buy(Self.page, of: other)[0]
        let before = try figures(bank)
        let start = Key.start(try bench.objects.get(try user.process, ProcessRecord.id))
        for keys: [Key] in [
            [bought[0], elsewhere], [bought[0], bought[0]], [bought[0], bank], [start], [Key(.number)],
            [bought[1], bought[0].without(rights: 1)], [bought[0], bought[1].without(rights: 4)],
        ] {
            #expect(try user.refusal(bank, BankOrder.sell, keys: keys) == .key, "\(keys.map(\.kind))")
            #expect(try figures(bank) == before)
        }
        for key in bought[..<2] + [elsewhere] { #expect(try !bench.objects.isVoid(key)) }
        #expect(try user.refusal(bank, BankOrder.sell) == nil, "nothing is sold")
        for kinds: UInt64 in [1, 4, 0xFF, 1 << 32, 0x0200_0000_02, .max] {
            #expect(try user.refusal(bank, BankOrder.buy, [kinds]) == .value)
        }
        #expect(try user.call(bank, 12).code == ReplyCode.order.rawValue)
        #expect(try figures(bank) == before)
        try bench.objects.checkRecords()
    }

    @Test func banksHaveNames() throws {
        let named = try buy(Self.subbank, of: bank, name: "savings")[0]
        #expect(try bench.kernel.path(ofBank: CellID(rawValue: named.id)) == "root/g/savings")
        let before = try figures(bank)
        for (kinds, name): (UInt64, String) in [
            (7, "savings"), (7, "a/b"), (7, "-x"), (7, String(repeating: "x", count: 65)), (0x0707, "two"), (2, "page"),
            (0, "none"),
        ] {
            #expect(try user.refusal(bank, BankOrder.buy, [kinds], bytes: Array(name.utf8)) == .value, "\(name)")
        }
        #expect(try user.refusal(bank, BankOrder.buy, [7], bytes: [0xFF, 0xFE]) == .value)
        #expect(try figures(bank) == before)
        let unnamed = try buy(Self.subbank | Self.subbank << 8, of: bank)
        let paths = try unnamed[..<2].map { try bench.kernel.path(ofBank: CellID(rawValue: $0.id)) }
        #expect(Set(paths).count == 2)
        for (path, key) in zip(paths, unnamed) {
            #expect(path.hasPrefix("root/g/b"))
            #expect(try bench.kernel.bank(at: path) == CellID(rawValue: key.id))
        }
    }

    /// A name that is made up is one that nobody has, also where somebody foresaw it.
    @Test func aForeseenNameIsNotTakenTwice() throws {
        let first = CellID(rawValue: try buy(Self.subbank, of: bank)[0].id)
        #expect(try bench.kernel.path(ofBank: first) == "root/g/b\(first.pot.number).\(first.slot).0")
        let foreseen = "b\(first.pot.number).\(first.slot + 2).0"
        _ = try buy(Self.subbank, of: bank, name: foreseen)
        let third = CellID(rawValue: try buy(Self.subbank, of: bank)[0].id)
        #expect(third.slot == first.slot + 2)
        #expect(try bench.kernel.path(ofBank: third) == "root/g/\(foreseen)-2")
    }

    // MARK: Rights

    private static let orders: [(order: BankOrder, right: BankRights)] = [
        (.figures, .query), (.buy, .allocate), (.sell, .allocate), (.sever, .allocate), (.set, .setLimits),
        (.destroy, .destroy),
    ]

    /// Whichever is taken away first, and however often, it stays away, also in keys that are made of the key, and in those that others
    /// were sold.
    @Test(arguments: [[1, 2, 4, 8], [8, 4, 2, 1], [4, 4, 1, 1, 8, 2]] as [[UInt64]])
    func eachRightIsTakenAwayForEver(bits: [UInt64]) throws {
        let page = try buy(Self.page, of: bank)[0]
        var key = bank
        var left = BankRights.all
        for bit in bits {
            key = try user.call(key, BankOrder.weaken, [bit]).keys[0]
            left.subtract(BankRights(rawValue: UInt8(bit)))
            #expect(key.bankRights == left && key.id == bank.id)
            #expect(try user.call(key, BankOrder.weaken, [0]).keys[0] == key)
            #expect(try user.call(key, BankOrder.weaken, [bit]).keys[0] == key)
            for (order, right) in Self.orders where !left.contains(right) {
                #expect(try user.refusal(key, order, [0], keys: [page]) == .right, "\(order)")
            }
            if left.contains(.query) { _ = try figures(key) }
            if left.contains(.setLimits) { #expect(try limit(key, pages: .max) == nil) }
            if left.contains(.allocate) { #expect(try buy(0, of: key).count == 4) }
            #expect(try user.call(key, BankOrder.verify, keys: [bank]).words == [1, 15, 1])
        }
        #expect(try key.bankRights == [] && !bench.objects.isVoid(bank))
    }

    /// A bank says which keys are banks' that the kernel knows, and which of them are its own; whoever answers like one is none.
    @Test func itTellsAGenuineBankFromAnother() throws {
        let below = try buy(Self.subbank, of: bank)[0]
        let lookAlike = Key.start(
            try bench.objects.get(try Puppet(bench, "look-alike").process, ProcessRecord.id), badge: 7)
        let root = try bench.kernel.key(toBank: bench.kernel.rootBank)
        let weak = below.without(.destroy)
        for (key, words): (Key, [UInt64]) in [
            (below, [1, 15, 1]), (weak, [1, 7, 1]), (bank, [1, 15, 1]), (root, [1, 15, 0]), (lookAlike, [0, 0, 0]),
            (.void, [0, 0, 0]), (Key(.number, id: bank.id), [0, 0, 0]),
        ] {
            #expect(try user.call(bank, BankOrder.verify, keys: [key]).words == words, "\(key)")
        }
    }

    // MARK: Governing

    @Test func aLimitBelowUseSellsNothingAndTakesBack() throws {
        let pages = try buy(0x02_0202, of: bank)
        #expect(try limit(bank, pages: 1) == nil)
        #expect(try figures(bank).prefix(3) == [0, .max, 3])
        #expect(try user.refusal(bank, BankOrder.buy, [Self.page]) == .space)
        #expect(try user.refusal(pages[0], PageOrder.write, [0], bytes: [1]) == nil, "what is bought is")
        // A page keeps its place: it is no purchase.
        let moved = try user.call(bank, BankOrder.sever, keys: [pages[0]]).keys[0]
        #expect(try user.call(moved, PageOrder.read, [0, 1]).bytes == [1])
        #expect(try user.refusal(bank, BankOrder.sell, keys: [moved, pages[1], pages[2]]) == nil)
        #expect(try figures(bank).prefix(3) == [1, .max, 0])
        #expect(try user.refusal(bank, BankOrder.buy, [Self.page]) == nil)
        try bench.objects.checkRecords()
    }

    @Test func termsAreLookedAtAsAWhole() throws {
        #expect(try limit(bank, pages: 50, cells: 9, reserve: 20) == nil)
        #expect(try figures(bank).suffix(8) == [50, 0, 0, 20, 9, 0, 0, 0])
        #expect(try limit(bank, cells: 3) == nil)
        let before = try figures(bank)
        #expect(before.suffix(8) == [50, 0, 0, 20, 3, 0, 0, 0])
        #expect(try limit(bank, pages: 10) == .value, "less than is kept for it")
        #expect(try limit(bank, cells: 1, reserve: 51) == .value)
        #expect(try limit(bank, pages: .max, reserve: .max) == .value)
        try bench.kernel.set(try bench.kernel.rootBank, BankTerms(limitPages: 100))
        #expect(try limit(bank, pages: .max, cells: 1, reserve: 101) == .space)
        #expect(try figures(bank) == before)
        let root = try bench.kernel.key(toBank: bench.kernel.rootBank)
        #expect(try limit(root, reserve: 1) == .value)
    }

    @Test func severedContentsHaveOneKey() throws {
        let keys = try buy(Self.page | Self.node << 8, of: bank)
        let (page, node) = (keys[0], keys[1])
        try user.call(page, PageOrder.write, [5], bytes: [9])
        try user.call(node, NodeOrder.store, [5], keys: [page])
        try user.call(node, NodeOrder.number, [6, 42])
        let before = try figures(bank)
        for keys: [Key] in [[], [bank], [page.without(rights: 1)], [node.without(rights: 4)], [Key(.number)]] {
            #expect(try user.refusal(bank, BankOrder.sever, keys: keys) == .key)
        }
        let other = try buy(Self.subbank, of: bank)[0]
        #expect(try user.refusal(other, BankOrder.sever, keys: [page]) == .key)
        let newPage = try user.call(bank, BankOrder.sever, keys: [page]).keys[0]
        let newNode = try user.call(bank, BankOrder.sever, keys: [node]).keys[0]
        #expect(newPage.isFull && newNode.isFull && newPage != page && newNode != node)
        try bench.writeOutAndReload()
        #expect(try bench.objects.isVoid(page) && bench.objects.isVoid(node))
        #expect(try user.call(page, PageOrder.read, [5, 1]).code == ReplyCode.void.rawValue)
        #expect(try user.call(newPage, PageOrder.read, [5, 1]).bytes == [9])
        #expect(try user.call(newNode, NodeOrder.fetch, [5]).keys[0] == .void, "it led to the page by its old key")
        #expect(try user.call(newNode, NodeOrder.fetch, [6]).keys[0].id == 42)
        #expect(try figures(bank)[4] == before[4] + 1, "the other bank's record")
        try bench.objects.checkRecords()
    }

    // MARK: Destroying

    @Test func everythingBoughtIsVoidWhenItsBankIsDestroyed() throws {
        let below = try buy(Self.subbank, of: bank)[0]
        let keys = try buy(Self.page | Self.node << 8 | Self.subbank << 16, of: below)
        let deep = try buy(Self.page | Self.node << 8, of: keys[2])
        let keeper = try buy(Self.node, of: bank)[0]
        for (slot, key) in ([below] + keys[..<3] + deep[..<2]).enumerated() {
            try user.call(keeper, NodeOrder.store, [UInt64(slot)], keys: [key])
        }
        let before = try figures(bank)[4]
        let freed = try figures(below)[4]
        try user.begin(below, BankOrder.destroy.rawValue)
        #expect(try user.finish().code == 0)
        #expect(try figures(bank)[4] <= before - freed, "those above have it back at once")
        for slot: UInt64 in 0..<6 { #expect(try user.call(keeper, NodeOrder.fetch, [slot]).keys[0] == .void) }
        try bench.writeOutAndReload()
        for slot: UInt64 in 0..<6 { #expect(try user.call(keeper, NodeOrder.fetch, [slot]).keys[0] == .void) }
        for key in [below] + keys[..<3] + deep[..<2] {
            #expect(try user.call(key, CommonOrder.kind.rawValue).code == ReplyCode.void.rawValue)
        }
        while try bench.kernel.hasGoingBanks { try bench.kernel.takeGoingApart() }
        #expect(try figures(bank)[4] == before - freed - 1, "the page with its record too")
        try bench.objects.checkRecords()
    }

    @Test func aBankGivesWhatItHasToItsParent() throws {
        let below = try buy(Self.subbank, of: bank, name: "below")[0]
        let keys = try buy(Self.page | Self.node << 8 | Self.subbank << 16, of: below, name: "x")
        try user.call(keys[0], PageOrder.write, [0], bytes: [3])
        try user.call(keys[1], NodeOrder.store, [0], keys: [keys[0]])
        let clash = try buy(Self.subbank, of: bank, name: "x")[0]
        #expect(try user.refusal(below, BankOrder.destroy, [1]) == .value, "its parent has an x too")
        for word: UInt64 in [2, .max] { #expect(try user.refusal(below, BankOrder.destroy, [word]) == .value) }
        let root = try bench.kernel.key(toBank: bench.kernel.rootBank)
        for word: UInt64 in [0, 1] { #expect(try user.refusal(root, BankOrder.destroy, [word]) == .value) }
        #expect(try user.refusal(clash, BankOrder.destroy) == nil)
        let used = try figures(bank)[4]
        #expect(try user.refusal(below, BankOrder.destroy, [1]) == nil)
        #expect(try bench.objects.isVoid(below))
        while try bench.kernel.hasGoingBanks { try bench.kernel.takeGoingApart() }
        #expect(try figures(bank)[4] <= used)
        #expect(try bench.kernel.path(ofBank: CellID(rawValue: keys[2].id)) == "root/g/x")
        #expect(try user.refusal(bank, BankOrder.buy, [7], bytes: Array("x".utf8)) == .value, "it is there now")
        #expect(try user.refusal(bank, BankOrder.buy, [7], bytes: Array("below".utf8)) == nil, "and that one is not")
        #expect(try user.call(keys[1], NodeOrder.fetch, [0]).keys[0] == keys[0])
        #expect(try user.call(keys[0], PageOrder.read, [0, 1]).bytes == [3])
        #expect(try user.refusal(bank, BankOrder.sell, keys: [keys[0], keys[1]]) == nil)
        try bench.objects.checkRecords()
    }

    /// A process that destroys the bank that it lives in has no instruction any more, and whoever waits for an answer has it.
    @Test(arguments: ["call", "send", "return"]) func whoDestroysItsOwnBankIsGone(kind: String) throws {
        let below = try buy(Self.subbank, of: bank, name: "home")[0]
        let suicide = try Puppet(bench, "suicide", bank: CellID(rawValue: below.id))
        let id = try bench.objects.get(try suicide.process, ProcessRecord.id)
        try suicide.begin(.void, 0, by: "return")
        try user.begin(.start(id), 1)
        let resume = try bench.objects.register(11, of: try suicide.process)
        #expect(resume.kind == .resume)
        try suicide.begin(below, BankOrder.destroy.rawValue, keys: [.void, .void, .void, resume], by: kind)
        #expect(try bench.kernel.countProcesses() == 1)
        #expect(try bench.objects.isVoid(.start(id)))
        while try bench.kernel.hasGoingBanks { try bench.kernel.takeGoingApart() }
        try user.run()
        // Of a call nobody else is answered; its key went with it.
        #expect(try user.finish().code == (kind == "call" ? ReplyCode.void.rawValue : 0))
        try bench.objects.checkRecords()
    }
}
