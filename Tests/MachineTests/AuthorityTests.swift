// Random worlds against the reference: no key appears that was not received, and nobody's reach grows but by a message.

import Kernel
import Machine
import Objects
import Testing

@Suite struct AuthorityTests {
    private static let processes = 50
    private static let invocations = 3_000

    /// A world, and what should be true of it.
    private struct Room {
        let bench: StoredBench
        let puppets: [Puppet]
        var model = AuthorityModel(processes: AuthorityTests.processes)
        var generator: SeededGenerator
        /// Things that ever were.
        var seen: Set<AuthorityModel.Thing> = []
        var log: [String] = []
        /// Invocations by the kind of what was invoked.
        var counts: [KeyKind: Int] = [:]

        init(seed: UInt64) throws {
            generator = SeededGenerator(seed: seed)
            bench = try StoredBench()
            puppets = try [bench].flatMap { bench in
                try (0..<AuthorityTests.processes).map { try Puppet(bench, "p\($0)") }
            }
            let bank = try bench.kernel.key(toBank: bench.kernel.createBank(at: "root/g", BankTerms()))
            for process in puppets.indices {
                try hold(process, 7, Key(.number, id: UInt64(process)))
                for register in 8..<11 {
                    try hold(process, register, .start(try id(below(puppets.count)), badge: UInt16(process)))
                }
                if process % 2 == 0 { try hold(process, 11, process % 4 == 0 ? bank : bank.without(.destroy)) }
            }
        }

        private func id(_ process: Int) throws -> UInt64 {
            try bench.objects.get(try puppets[process].process, ProcessRecord.id)
        }

        private mutating func below(_ count: Int) -> Int { Int.random(in: 0..<count, using: &generator) }
        private mutating func one<Item>(of items: [Item]) -> Item { items[below(items.count)] }

        private mutating func hold(_ process: Int, _ register: Int, _ key: Key) throws {
            try bench.kernel.setRegister(register, of: try puppets[process].process, to: key)
            model.registers[process][register] = key
        }

        /// A register that holds something mostly, and what is rarer than start keys and numbers rather than those.
        private mutating func register(_ process: Int) -> Int {
            let held = (6..<32).filter { model.register($0, of: process).kind != .void }
            let rare = held.filter { ![.start, .number].contains(model.register($0, of: process).kind) }
            if !rare.isEmpty, below(3) > 0 { return one(of: rare) }
            return held.isEmpty || below(8) == 0 ? 6 + below(26) : one(of: held)
        }

        private mutating func targets() -> [UInt8] {
            (0..<4).map { _ in (below(4) < 1) ? 255 : UInt8(12 + below(20)) }
        }

        /// An order that a key of this kind takes, mostly, with words for it.
        private mutating func order(_ key: Key) -> (UInt32, [UInt64]) {
            switch key.kind {
            case .node:
                // Some more of what passes keys than of what clears them, and few slots.
                let order: UInt32 = one(of: [1, 2, 2, 3, 3, 3, 4, 4, 5, 6, 7, 8, 8, 9])
                let slots: [UInt64] = [0, 1, 1, 2, 17, 17, 31, 32]
                return (order, [order == 1 ? one(of: [1, 2, 4, 6]) : one(of: slots), UInt64(below(1000))])
            case .bank:
                let order: UInt32 = (below(3) < 2) ? 4 : [5, 6, 1, 9, 9, 10, 11, 12][below(8)]
                let kinds = (0..<3).reduce(0) { $0 | UInt64([0, 2, 3, 3, 14][below(5)]) << UInt64(8 * $1) }
                // Who can buy stays in the game.
                return (order, [order == 1 ? 6 : kinds, 0])
            case .forwarder: return (UInt32(1 + below(6)), [UInt64(below(2)), 0])
            case .page: return (UInt32(below(2)), [UInt64(below(4)), 0])
            case .sealer, .unsealer: return (UInt32(1 + below(5) / 4), [0, 0])
            default: return (0, [0, 0])
            }
        }

        /// One invocation, done and predicted.
        mutating func step() throws {
            let process = below(puppets.count)
            if (below(10) < 1) { return try change(process) }
            let invoked = register(process)
            let key = model.resolve(model.register(invoked, of: process))
            let from = (0..<3).map { _ in UInt8(register(process)) } + [255]
            let keys = from.map { $0 == 255 ? Key.void : model.register(Int($0), of: process) }
            let into = targets()
            counts[key.kind, default: 0] += 1
            if key.kind == .start {
                log.append("\(process) sends to \(key.id) by \(invoked), keys of \(from)")
                return try send(process, invoked, key, from, keys, into)
            }
            let (order, words) = order(key)
            log.append("\(process) orders \(order) \(words) of \(key) by \(invoked), keys of \(from), into \(into)")
            let reply = model.order(key, order, words + [0], keys)
            try puppets[process].begin(register: invoked, order, words, from: from, into: into)
            let code = try puppets[process].code()
            #expect(code == reply.code.rawValue, "\(log.last ?? "")")
            guard !reply.isUnheard else { return }
            for index in 0..<4 where into[index] != 255 {
                model.registers[process][Int(into[index])] = reply.keys[index]
                guard reply.new[index] != .void, !into[(index + 1)...].contains(into[index]) else { continue }
                let new = try bench.objects.register(Int(into[index]), of: try puppets[process].process)
                #expect(new.kind == reply.new[index] && new.isFull, "\(log.last ?? "")")
                #expect(seen.insert(AuthorityModel.Thing(new)).inserted, "nobody ever had a key to it")
                model.add(new, contentsOf: reply.severed)
                model.registers[process][Int(into[index])] = new
            }
            if let severed = reply.severed { model.endSevering(severed) }
        }

        private mutating func send(
            _ process: Int, _ register: Int, _ key: Key, _ from: [UInt8], _ keys: [Key], _ into: [UInt8]
        ) throws {
            let target = try #require(try puppets.indices.first { try id($0) == key.id })
            if target != process { try puppets[target].begin(register: 255, 0, from: [], into: into, by: "return") }
            try puppets[process].begin(register: register, 1, from: from, into: [], by: "send")
            #expect(try puppets[process].code() == (target == process ? ReplyCode.itself : .ok).rawValue)
            guard target != process else { return }
            #expect(try puppets[target].code() == 0)
            for index in 0..<4 where into[index] != 255 { model.registers[target][Int(into[index])] = keys[index] }
        }

        private mutating func change(_ process: Int) throws {
            let (from, to) = (register(process), 12 + below(20))
            let name = one(of: ["copy", "move", "clear"])
            log.append("\(process) \(name) \(from) \(to)")
            try puppets[process].enter(name, name == "clear" ? [UInt64(from)] : [UInt64(from), UInt64(to)])
            let key = model.register(from, of: process)
            if name != "clear" { model.registers[process][to] = key }
            if name != "copy", name == "clear" || from != to { model.registers[process][from] = .void }
        }

        /// Whether every register, and where it is asked for every slot, holds what it should.
        func compare(withSlots: Bool) throws {
            for process in puppets.indices {
                let cell = try puppets[process].process
                for register in 6..<32 {
                    let (actual, expected) = (
                        try bench.objects.register(register, of: cell), model.register(register, of: process)
                    )
                    try #require(
                        actual == expected, "register \(register) of \(process) after \(log.count): \(log.last ?? "")")
                }
            }
            guard withSlots else { return }
            for (thing, _) in model.slots {
                let cell = CellID(rawValue: thing.id)
                for index in 0..<(thing.kind == .node ? 32 : 1) {
                    #expect(
                        try bench.objects.slot(index, of: cell) == model.slot(index, of: thing),
                        "slot \(index) of \(thing)")
                }
            }
            try bench.objects.checkRecords()
        }
    }

    @Test(arguments: [1, 2, 3] as [UInt64]) func nobodyReachesWhatNobodyGave(seed: UInt64) throws {
        var room = try Room(seed: seed)
        for number in 0..<Self.invocations {
            let looks = number % 10 == 0
            let before = looks ? (0..<Self.processes).map { room.model.reach(of: $0) } : []
            try room.step()
            try room.compare(withSlots: number % 100 == 99)
            if number % 250 == 249 { try room.bench.writeOutAndReload() }
            guard looks else { continue }
            // Whatever was done, all that anybody has now somebody had who took part, or it is new.
            let all = before.reduce(into: Set<Key>()) { $0.formUnion($1) }
            for (process, reached) in before.enumerated() {
                for key in room.model.reach(of: process).subtracting(reached) {
                    let isKnown = all.contains {
                        $0.kind == key.kind && $0.id == key.id && $0.rights & key.rights == key.rights
                    }
                    let isNew =
                        (AuthorityModel.isBought(key.kind) || AuthorityModel.isOfPair(key.kind))
                        && room.log.last?.contains(".bank") == true
                    #expect(isKnown || isNew || key.kind == .number, "\(key) came from nowhere: \(room.log.last ?? "")")
                }
            }
        }
        try room.compare(withSlots: true)
        for kind in [KeyKind.start, .node, .bank, .forwarder, .page, .void] {
            #expect(room.counts[kind, default: 0] > 10, "\(kind): \(room.counts)")
        }
    }
}
