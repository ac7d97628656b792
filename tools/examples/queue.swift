// A queue: what its clients put is taken in that order, with the badge of who put it; who takes where nothing is waits.
// Orders, badges and codes are in specs/programs/queue.md. Invariants: nobody waits while something is there; a place of a table
// holds a key exactly while an entry or a taker has it; what is refused has changed nothing.

private enum Layout {
    /// What the program is given.
    static let bank = Bank(6)
    static let discrim = Discrim(7)
    /// What it holds.
    static let directory: Register = 8
    static let caller: Register = 11
    static let offered: Register = 12
    static let taken: Register = 13
    static let shelf: Register = 14
    static let taker: Register = 15
}

private enum Bounds {
    static let entries = 256
    static let takers = 256
    static let bytes = 1_024
    /// Of one client, unless an argument says otherwise.
    static let each = 8
    /// Badges from here on take; those below put; 0 does both.
    static let takersBadges: UInt16 = 32_768
}

private enum Code {
    static let put: Int32 = 1
    static let take: Int32 = 2
    static let count: Int32 = 3
}

extension Refusal {
    /// So many of this client's wait that it has to wait itself.
    fileprivate static let full = Refusal(code: 4001)
    /// So many of all clients' do.
    fileprivate static let crowded = Refusal(code: 4002)
}

/// Places for keys, 32 in a node; the nodes are in slots of the directory.
private struct Places {
    let first: Int
    private var free: [Int]

    /// Buys nodes for so many places, into the directory's slots from `first` on. `space`.
    init(_ count: Int, inSlotsFrom first: Int, of directory: Node) throws(Refusal) {
        self.first = first
        free = Array((0..<count).reversed())
        for slot in 0..<count / Node.slots {
            try directory.store(try Layout.bank.buyNode(into: Layout.shelf), in: first + slot)
        }
    }

    var isFull: Bool { free.isEmpty }

    private func shelf(of place: Int) throws(Refusal) -> Node {
        try Node(Layout.directory).fetch(first + place / Node.slots, into: Layout.shelf)
        return Node(Layout.shelf)
    }

    /// Keeps a key, and says where. There has to be a place.
    mutating func keep(_ key: Register) throws(Refusal) -> Int {
        let place = free[free.count - 1]
        try shelf(of: place).store(key, in: place % Node.slots)
        free.removeLast()
        return place
    }

    func look(_ place: Int, into register: Register) throws(Refusal) {
        try shelf(of: place).fetch(place % Node.slots, into: register)
    }

    /// The key goes into a register, and the place is free.
    mutating func take(_ place: Int, into register: Register) throws(Refusal) {
        try shelf(of: place).take(place % Node.slots, into: register)
        free.append(place)
    }
}

private struct Queue {
    struct Entry {
        let badge: UInt16
        let word: UInt64
        let bytes: [UInt8]
        let place: Int
    }

    struct Taker {
        let badge: UInt16
        let place: Int
    }

    private let each: Int
    private var entries: [Entry] = []
    private var takers: [Taker] = []
    private var offers: Places
    private var callers: Places

    init(each: Int) throws(Refusal) {
        self.each = each
        let directory = try Layout.bank.buyNode(into: Layout.directory)
        offers = try Places(Bounds.entries, inSlotsFrom: 0, of: directory)
        callers = try Places(Bounds.takers, inSlotsFrom: Bounds.entries / Node.slots, of: directory)
    }

    mutating func answer(_ order: borrowing Order) throws(Refusal) -> Reply? {
        switch order.code {
        case Code.put:
            guard order.badge < Bounds.takersBadges else { throw .right }
            return try put(order)
        case Code.take:
            guard order.badge == 0 || order.badge >= Bounds.takersBadges else { throw .right }
            // Who does not wait would lose what is taken.
            return order.isAwaited ? try take(badge: order.badge) : nil
        case Code.count:
            return Reply(word(entries.count), word(takers.count), word(entriesPut(by: order.badge)))
        default: throw .order
        }
    }

    private func entriesPut(by badge: UInt16) -> Int { entries.reduce(0) { $1.badge == badge ? $0 + 1 : $0 } }
    private func takersWaiting(by badge: UInt16) -> Int { takers.reduce(0) { $1.badge == badge ? $0 + 1 : $0 } }

    private mutating func put(_ order: borrowing Order) throws(Refusal) -> Reply {
        guard order.count <= Bounds.bytes else { throw .value }
        while !takers.isEmpty {
            let taker = takers.removeFirst()
            try callers.take(taker.place, into: Layout.taker)
            let reply = Reply(order.words[0], UInt64(order.badge), keys: [Layout.offered], bytes: order.bytes)
            // One that has ended meanwhile is passed over.
            if Resume(Layout.taker).answer(reply) { return Reply() }
        }
        guard entriesPut(by: order.badge) < each else { throw .full }
        guard !offers.isFull else { throw .crowded }
        let place = try offers.keep(Layout.offered)
        entries.append(Entry(badge: order.badge, word: order.words[0], bytes: order.bytes, place: place))
        return Reply(word(entries.count))
    }

    private mutating func take(badge: UInt16) throws(Refusal) -> Reply? {
        if let entry = entries.first {
            try offers.take(entry.place, into: Layout.taken)
            entries.removeFirst()
            return Reply(entry.word, UInt64(entry.badge), giving: [Layout.taken], bytes: entry.bytes)
        }
        if takersWaiting(by: badge) >= each {
            try forgetEnded { $0.badge == badge }
            guard takersWaiting(by: badge) < each else { throw .full }
        }
        if callers.isFull {
            try forgetEnded { _ in true }
            guard !callers.isFull else { throw .crowded }
        }
        takers.append(Taker(badge: badge, place: try callers.keep(Layout.caller)))
        return nil
    }

    /// Frees the places of takers that nobody is any more.
    private mutating func forgetEnded(where isMeant: (Taker) -> Bool) throws(Refusal) {
        var index = 0
        while index < takers.count {
            let taker = takers[index]
            if isMeant(taker) {
                try callers.look(taker.place, into: Layout.taker)
                let kind = try Layout.discrim.classify(Layout.taker).kind
                Layout.taker.clear()
                if kind != .resume {
                    try callers.take(taker.place, into: Layout.taker)
                    takers.remove(at: index)
                    continue
                }
            }
            index += 1
        }
    }
}

@main
struct Program {
    static func main() {
        let given = arguments().dropFirst().first.map { Int($0) ?? 0 } ?? Bounds.each
        guard given >= 1 && given <= Bounds.entries else {
            print("queue [EACH]: of each client at most 1 to \(Bounds.entries) wait")
            exit(64)
        }
        do throws(Refusal) {
            var queue = try Queue(each: given)
            serve(receiving: [Layout.offered], answering: Layout.caller, bytes: Bounds.bytes) { order throws(Refusal) in
                try queue.answer(order)
            }
        } catch {
            print("register 6 is to hold a bank that sells 17 nodes: \(error)")
            exit(1)
        }
    }
}
