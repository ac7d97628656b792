// Who may reach what, written down from the specification (`specs/keys/`) and nothing else: a reference for worlds in which programs pass
// each other keys, keep them in nodes, weaken them and take them back.

import Kernel
import Objects

struct AuthorityModel {
    /// What a key to a page, node or forwarder leads to; it is another when it was severed.
    struct Thing: Hashable {
        let kind: KeyKind
        let id: UInt64
        let generation: UInt32

        init(_ key: Key) {
            kind = key.kind
            id = key.id
            generation = key.generation
        }

        /// The node that brands a sealer or unsealer.
        init(brandOf key: Key) { self.init(Key(.node, generation: key.generation, id: key.id)) }
    }

    /// What an order answers.
    struct Reply {
        var code = ReplyCode.ok
        var keys: [Key] = [.void, .void, .void, .void]
        /// The kinds of keys that nobody had before, where they come.
        var new: [KeyKind] = [.void, .void, .void, .void]
        /// What has the contents that a new one has.
        var severed: Thing?
        /// Nothing comes back, not even void keys.
        var isUnheard = false

        static func refused(_ code: ReplyCode) -> Reply { Reply(code: code) }
        static func key(_ key: Key) -> Reply { Reply(keys: [key, .void, .void, .void]) }
    }

    var registers: [[Key]]
    /// Of nodes; a forwarder's target is its slot 0.
    var slots: [Thing: [Int: Key]] = [:]
    var blocked: Set<Thing> = []
    var pages: Set<Thing> = []
    /// Of the one bank.
    var keeper = Key.void

    init(processes: Int) { registers = Array(repeating: Array(repeating: .void, count: 32), count: processes) }

    static func isOfPair(_ kind: KeyKind) -> Bool { kind == .sealer || kind == .unsealer }

    static func isBought(_ kind: KeyKind) -> Bool { kind == .page || kind == .node || kind == .forwarder }

    private func live(_ key: Key) -> Key {
        if Self.isOfPair(key.kind) { return slots[Thing(brandOf: key)] != nil ? key : .void }
        guard Self.isBought(key.kind) else { return key }
        return slots[Thing(key)] != nil || pages.contains(Thing(key)) ? key : .void
    }

    func register(_ index: Int, of process: Int) -> Key { live(registers[process][index]) }
    func slot(_ index: Int, of thing: Thing) -> Key { live(slots[thing]?[index] ?? .void) }

    /// What an invocation of the key is one of.
    func resolve(_ key: Key) -> Key {
        var key = key
        for _ in 0...8 {
            guard key.kind == .forwarder, key.rights & 1 == 0 else { return key }
            if blocked.contains(Thing(key)) { return .void }
            key = slot(0, of: Thing(key))
        }
        return .void
    }

    static func weakened(_ key: Key) -> Key {
        switch key.kind {
        case .number, .discrim: key
        case .page, .node: Key(key.kind, rights: key.rights & 1, generation: key.generation, id: key.id)
        default: .void
        }
    }

    private func fetched(_ index: Int, by key: Key) -> Key {
        let held = slot(index, of: Thing(key))
        return key.rights & 4 != 0 ? held : Self.weakened(held)
    }

    private func without(_ rights: UInt64, _ key: Key) -> Key {
        Key(
            key.kind, rights: key.rights & ~UInt8(truncatingIfNeeded: rights), badge: key.badge,
            generation: key.generation, id: key.id)
    }

    // MARK: What is reached

    /// Every key that a process can come by without anybody else: what it holds, and what it can fetch.
    func reach(of process: Int) -> Set<Key> {
        var found: Set<Key> = []
        var next = (0..<32).map { register($0, of: process) }
        while true {
            follow(&next, into: &found)
            // What is in boxes whose unsealers are reached too.
            for unsealer in found where unsealer.kind == .unsealer {
                for box in found where box.kind == .node {
                    if case let content = content(of: box, by: unsealer), content.kind != .void { next.append(content) }
                }
            }
            if next.allSatisfy(found.contains) { return found }
        }
    }

    /// What a box holds that the sealer of the pair closed; void where it is none.
    private func content(of box: Key, by unsealer: Key) -> Key {
        guard box.kind == .node,
            slot(1, of: Thing(box)) == Key(.sealer, generation: unsealer.generation, id: unsealer.id)
        else { return .void }
        return slot(0, of: Thing(box))
    }

    private func follow(_ next: inout [Key], into found: inout Set<Key>) {
        while let key = next.popLast() {
            guard key.kind != .void, found.insert(key).inserted else { continue }
            let way = resolve(key)
            if way != key { next.append(way) }
            if key.kind == .forwarder, key.rights & 1 != 0 { next.append(slot(0, of: Thing(key))) }
            if way.kind == .node, way.rights == 7 {
                next += [KeyKind.sealer, .unsealer].map { Key($0, generation: way.generation, id: way.id) }
            }
            if way.kind == .bank, way.rights & 4 != 0 { next.append(keeper) }
            guard way.kind == .node, way.rights & 1 != 0, let held = slots[Thing(way)] else { continue }
            for index in held.keys { next.append(fetched(index, by: way)) }
        }
    }

    // MARK: Orders

    /// What an order to a key of the kernel's does.
    mutating func order(_ key: Key, _ order: UInt32, _ words: [UInt64], _ keys: [Key]) -> Reply {
        if key.kind == .void { return Reply(code: .void, isUnheard: true) }
        if order == 0 { return Reply() }
        switch key.kind {
        case .node: return node(key, order, words, keys)
        case .forwarder: return forwarder(key, order, words, keys)
        case .bank: return bank(key, order, words, keys)
        case .sealer where order == 1:
            guard keys[1].kind == .node, keys[1].rights == 7 else { return .refused(.key) }
            slots[Thing(keys[1])] = [0: keys[0], 1: key]
            return .key(without(7, keys[1]))
        case .unsealer where order == 1:
            guard keys[0].kind == .node,
                slot(1, of: Thing(keys[0])) == Key(.sealer, generation: key.generation, id: key.id)
            else { return .refused(.key) }
            return .key(slot(0, of: Thing(keys[0])))
        case .page where order == 1: return .key(without(words[0], key))
        default: return .refused(.order)
        }
    }

    private mutating func node(_ key: Key, _ order: UInt32, _ words: [UInt64], _ keys: [Key]) -> Reply {
        let needs: [UInt32: UInt8] = [1: 0, 2: 1, 3: 2, 4: 3, 5: 2, 6: 2, 7: 2, 8: 7]
        guard let right = needs[order] else { return .refused(.order) }
        guard key.rights & right == right else { return .refused(.right) }
        if (2...5).contains(order), words[0] > 31 { return .refused(.value) }
        let (thing, index) = (Thing(key), Int(truncatingIfNeeded: words[0]))
        switch order {
        case 1: return .key(without(words[0], key))
        case 2: return .key(fetched(index, by: key))
        case 4:
            let old = fetched(index, by: key)
            slots[thing]?[index] = keys[0]
            return .key(old)
        case 3: slots[thing]?[index] = keys[0]
        case 5: slots[thing]?[index] = Key(.number, id: words[1])
        case 6: slots[thing] = [:]
        case 8:
            return Reply(keys: [
                Key(.sealer, generation: key.generation, id: key.id),
                Key(.unsealer, generation: key.generation, id: key.id), .void, .void,
            ])
        default:
            guard keys[0].kind == .node else { return .refused(.key) }
            guard keys[0].rights & 1 != 0 else { return .refused(.right) }
            var copy: [Int: Key] = [:]
            for index in (slots[Thing(keys[0])] ?? [:]).keys { copy[index] = fetched(index, by: keys[0]) }
            slots[thing] = copy
        }
        return Reply()
    }

    private mutating func forwarder(_ key: Key, _ order: UInt32, _ words: [UInt64], _ keys: [Key]) -> Reply {
        switch order {
        case 1: return .key(without(words[0], key))
        case 2: slots[Thing(key)] = [0: keys[0]]
        case 3: blocked.insert(Thing(key))
        case 4: blocked.remove(Thing(key))
        case 5: return .key(slot(0, of: Thing(key)))
        default: return .refused(.order)
        }
        return Reply()
    }

    private func isFull(_ key: Key) -> Bool {
        switch key.kind {
        case .page: key.rights == 3
        case .node: key.rights == 7
        case .forwarder: key.rights == 1
        default: false
        }
    }

    private mutating func bank(_ key: Key, _ order: UInt32, _ words: [UInt64], _ keys: [Key]) -> Reply {
        if order == 1 { return .key(without(words[0], key)) }
        if order == 9 {
            guard key.rights & 4 != 0 else { return .refused(.right) }
            guard keys[0].kind == .start || keys[0].kind == .void else { return .refused(.key) }
            let old = keeper
            keeper = keys[0]
            return .key(old)
        }
        guard [4, 5, 6, 10, 11].contains(order) else { return .refused(.order) }
        guard key.rights & 1 != 0 else { return .refused(.right) }
        switch order {
        // Nobody has a meter to make a process with.
        case 11: return .refused(.key)
        case 10 where keys[0].kind != .page: return .refused(.key)
        case 4:
            var reply = Reply()
            for index in 0..<4 {
                reply.new[index] = KeyKind(rawValue: UInt8(truncatingIfNeeded: words[0] >> UInt64(8 * index))) ?? .void
            }
            return reply
        case 5:
            let sold = keys[..<3].filter { $0.kind != .void }
            guard sold.allSatisfy(isFull), Set(sold).count == sold.count else { return .refused(.key) }
            for key in sold { forget(Thing(key)) }
            return Reply()
        default:
            guard isFull(keys[0]) else { return .refused(.key) }
            return Reply(new: [keys[0].kind, .void, .void, .void], severed: Thing(keys[0]))
        }
    }

    private mutating func forget(_ thing: Thing) {
        slots[thing] = nil
        blocked.remove(thing)
        pages.remove(thing)
    }

    /// A key that nobody had before, to something empty or to the contents of what was severed.
    mutating func add(_ key: Key, contentsOf old: Thing?) {
        let thing = Thing(key)
        if key.kind == .page { pages.insert(thing) } else { slots[thing] = old.flatMap { slots[$0] } ?? [:] }
        if let old, blocked.contains(old) { blocked.insert(thing) }
    }

    mutating func endSevering(_ old: Thing) { forget(old) }
}
