// A revocable front: gives each client a key of its own to one target, and takes any of them back, or all.
// Orders and codes are in specs/programs/front.md. Every client's forwarder leads to one that is common to all, and that to the target; so
// blocking one key shuts all of them out at once. Invariants: a client has one forwarder, whose control key is in its place; a node
// is there exactly while a place of it is used; what is refused has changed nothing.

private enum Layout {
    /// What the program is given.
    static let target: Register = 6
    static let bank = Bank(7)
    /// What it holds: a node with the nodes of places, the common forwarder, and a key to that without control.
    static let directory = Node(8)
    static let common = Forwarder(9)
    static let entrance: Register = 10
    static let caller: Register = 11
    static let control: Register = 12
    static let given: Register = 13
    static let shelf: Register = 14
}

private enum Bounds {
    static let clients = Node.slots * Node.slots
    /// Clients in one answer to `list`.
    static let listed = 256
}

private enum Code {
    static let give: Int32 = 1
    static let revoke: Int32 = 2
    static let restore: Int32 = 3
    static let drop: Int32 = 4
    static let list: Int32 = 5
}

extension Refusal {
    /// There is a client of this number.
    fileprivate static let known = Refusal(code: 5001)
    /// There is none.
    fileprivate static let unknown = Refusal(code: 5002)
    /// There are as many as there may be.
    fileprivate static let crowded = Refusal(code: 5003)
}

private struct Front {
    struct Client {
        let number: UInt64
        let place: Int
        var isRevoked = false
    }

    private let manager: UInt16
    private var clients: [Client] = []
    private var areAllRevoked = false
    /// Which places are used, a bit for each, by shelves.
    private var used = [UInt32](repeating: 0, count: Node.slots)

    init(manager: UInt16) throws(Refusal) {
        self.manager = manager
        try Layout.bank.buy(
            [.node, .forwarder, .void, .void], into: [Layout.directory.register, Layout.common.register])
        try Layout.common.retarget(to: Layout.target)
        _ = try Layout.common.weaken(removing: .control, into: Layout.entrance)
    }

    mutating func answer(_ order: borrowing Order) throws(Refusal) -> Reply? {
        guard order.badge == manager else { throw .right }
        defer { Layout.control.clear() }
        let number = order.words[0]
        switch order.code {
        case Code.give:
            // Who does not wait would never have the key.
            return order.isAwaited ? try give(number) : nil
        case Code.revoke: try isOfAll(order) ? revokeAll() : revoke(number)
        case Code.restore: try isOfAll(order) ? restoreAll() : restore(number)
        case Code.drop: try isOfAll(order) ? dropAll() : drop(at: index(of: number))
        case Code.list: return list(from: number)
        default: throw .order
        }
        return Reply()
    }

    private func isOfAll(_ order: borrowing Order) throws(Refusal) -> Bool {
        guard order.words[1] <= 1 else { throw .value }
        return order.words[1] == 1
    }

    private func index(of number: UInt64) throws(Refusal) -> Int {
        guard let index = clients.firstIndex(where: { $0.number == number }) else { throw .unknown }
        return index
    }

    /// The node with a place.
    private func shelf(of place: Int) throws(Refusal) -> Node {
        try Layout.directory.fetch(place / Node.slots, into: Layout.shelf)
        return Node(Layout.shelf)
    }

    /// The control key of a client goes into its register.
    private func control(_ client: Client) throws(Refusal) -> Forwarder {
        try shelf(of: client.place).fetch(client.place % Node.slots, into: Layout.control)
        return Forwarder(Layout.control)
    }

    // MARK: Orders

    private mutating func give(_ number: UInt64) throws(Refusal) -> Reply {
        guard !clients.contains(where: { $0.number == number }) else { throw .known }
        guard let row = used.firstIndex(where: { $0 != .max }) else { throw .crowded }
        let slot = (~used[row]).trailingZeroBitCount
        if used[row] == 0 {
            try Layout.directory.store(try Layout.bank.buyNode(into: Layout.shelf), in: row)
        }
        do throws(Refusal) {
            let forwarder = try Layout.bank.buyForwarder(into: Layout.control)
            do throws(Refusal) {
                try forwarder.retarget(to: Layout.entrance)
                _ = try forwarder.weaken(removing: .control, into: Layout.given)
                try shelf(of: row * Node.slots).store(forwarder, in: slot)
            } catch {
                Layout.given.clear()
                try Layout.bank.sell(forwarder)
                throw error
            }
        } catch {
            if used[row] == 0 { try sellShelf(row) }
            throw error
        }
        used[row] |= 1 << UInt32(slot)
        clients.append(Client(number: number, place: row * Node.slots + slot))
        return Reply(giving: [Layout.given])
    }

    private mutating func revoke(_ number: UInt64) throws(Refusal) {
        let index = try index(of: number)
        try control(clients[index]).block()
        clients[index].isRevoked = true
    }

    private mutating func restore(_ number: UInt64) throws(Refusal) {
        let index = try index(of: number)
        try control(clients[index]).unblock()
        clients[index].isRevoked = false
    }

    private mutating func revokeAll() throws(Refusal) {
        try Layout.common.block()
        areAllRevoked = true
    }

    private mutating func restoreAll() throws(Refusal) {
        try Layout.common.unblock()
        areAllRevoked = false
    }

    /// Every key that the client has is void.
    private mutating func drop(at index: Int) throws(Refusal) {
        let place = clients[index].place
        try Layout.bank.sell(try control(clients[index]))
        clients.remove(at: index)
        used[place / Node.slots] &= ~(1 << UInt32(place % Node.slots))
        if used[place / Node.slots] == 0 {
            try sellShelf(place / Node.slots)
        } else {
            try shelf(of: place).drop(place % Node.slots)
        }
    }

    private mutating func dropAll() throws(Refusal) {
        while !clients.isEmpty { try drop(at: clients.count - 1) }
    }

    private func sellShelf(_ row: Int) throws(Refusal) {
        try Layout.bank.sell(try shelf(of: row * Node.slots))
        try Layout.directory.drop(row)
    }

    private func list(from start: UInt64) -> Reply {
        var bytes: [UInt8] = []
        let first = Int(min(start, UInt64(clients.count)))
        for client in clients[first..<min(clients.count, first + Bounds.listed)] {
            append(client.number, to: &bytes)
            append(client.isRevoked ? 1 : 0, to: &bytes)
        }
        return Reply(word(clients.count), areAllRevoked ? 1 : 0, bytes: bytes)
    }

    private func append(_ number: UInt64, to bytes: inout [UInt8]) {
        for shift in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: number >> UInt64(8 * shift))) }
    }
}

@main
struct Program {
    static func main() {
        let given = arguments().dropFirst().first
        guard let manager = given.map({ UInt16($0) }) ?? 0 else {
            print("front [BADGE]: whose key has this badge gives and takes back")
            exit(64)
        }
        do throws(Refusal) {
            var front = try Front(manager: manager)
            serve(answering: Layout.caller) { order throws(Refusal) in
                try front.answer(order)
            }
        } catch {
            print("register 7 is to hold a bank that sells nodes and forwarders: \(error)")
            exit(1)
        }
    }
}
