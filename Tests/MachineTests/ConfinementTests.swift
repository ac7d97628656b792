// Two halves of a world that share no key, each with every kind of key in play: whatever their processes invoke, nothing of the one half
// is ever held in the other.

import Kernel
import Machine
import Objects
import Store
import Testing

@Suite struct ConfinementTests {
    private let bench: StoredBench

    init() throws { bench = try StoredBench() }

    /// The half that what a key leads to belongs to; nil: nobody's; -1: neither's.
    private func owner(_ key: Key) throws -> Int? {
        func named(_ path: String) -> Int { path.hasPrefix("root/h0") ? 0 : path.hasPrefix("root/h1") ? 1 : -1 }
        func ofBank(_ bank: CellID) throws -> Int { named(try bench.kernel.path(ofBank: bank)) }
        func ofProcess(_ id: UInt64) throws -> Int? {
            guard let process = try bench.kernel.process(id: id) else { return nil }
            return try ofBank(bench.objects.link(process, ProcessRecord.bank))
        }
        let cell = CellID(rawValue: key.id)
        switch key.kind {
        case .void, .number, .discrim, .checkpoint: return nil
        case .device: return try ofProcess(key.deviceProcess)
        case .process, .start, .resume: return try ofProcess(key.id)
        case .page:
            let strip = try bench.objects.record(of: StripID(holding: PageID(rawValue: key.id)))
            return try ofBank(CellID(rawValue: strip.load(StripRecord.bank)))
        case .bank: return try ofBank(cell)
        case .meter: return named(try bench.kernel.path(ofMeter: cell))
        case .node, .sealer, .unsealer, .forwarder: return try ofBank(bench.objects.payer(of: cell))
        }
    }

    /// All that is held, registers, slots, targets, mappings and keepers, leads to the holder's own half.
    private func check(_ what: String) throws {
        var next: [(cell: CellID, half: Int)] = []
        try bench.kernel.forEachProcess {
            if let half = try owner(.process(bench.objects.get($0, ProcessRecord.id))) { next.append(($0, half)) }
        }
        var seen = Set(next.map(\.cell))
        while let holder = next.popLast() {
            for held in try bench.kernel.heldKeys(of: holder.cell) {
                guard let half = try owner(held.key) else { continue }
                try #require(half == holder.half, "\(held) came across: \(what)")
                guard [.node, .forwarder, .bank, .meter].contains(held.key.kind) else { continue }
                let cell = CellID(rawValue: held.key.id)
                if seen.insert(cell).inserted { next.append((cell, half)) }
            }
        }
    }

    private func isFree(_ puppet: Puppet) throws -> Bool {
        guard try bench.kernel.isTaken(name: puppet.name) else { return false }
        let cell = try puppet.process
        return try bench.kernel.state(of: cell) == .waiting
            && bench.objects.get(cell, ProcessRecord.waitsFor) == Waiting.call
    }

    @Test(arguments: [1, 2, 3] as [UInt64]) func nothingCrossesBetweenHalves(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        func one<Item>(of items: [Item]) -> Item { items[Int.random(in: 0..<items.count, using: &generator)] }
        var puppets: [Puppet] = []
        var ids: [UInt64] = []
        for half in 0..<2 {
            let bank = try bench.kernel.createBank(at: "root/h\(half)", BankTerms(limitPages: 8_000))
            let meter = try bench.kernel.createMeter(at: "root/h\(half)", bank: bank, gas: nil, weight: 1)
            let mine = try (10..<35).map { try Puppet(bench, "p\(half)\($0)", bank: bank) }
            let own = try mine.map { try bench.objects.get($0.process, ProcessRecord.id) }
            for each in mine {
                try bench.kernel.move(each.process, toMeter: meter)
                let keys: [Key] = [
                    try bench.kernel.key(toBank: bank).without([.setLimits, .destroy]),
                    try bench.kernel.key(toMeter: meter).without(rights: 12), .process(one(of: own)),
                    .start(one(of: own)), Key(.discrim),
                ]
                for (index, key) in keys.enumerated() {
                    try bench.kernel.setRegister(12 + index, of: each.process, to: key)
                }
            }
            puppets += mine
            ids += own
        }
        var counts: [KeyKind: Int] = [:]
        for step in 0..<4_000 {
            let puppet = one(of: puppets)
            guard try isFree(puppet) else { continue }
            let cell = try puppet.process
            let held = try (12..<32).filter { try bench.objects.register($0, of: cell).kind != .void }
            func pick() -> UInt8 {
                UInt8(one(of: one(of: [true, true, true, false]) && !held.isEmpty ? held : Array(12..<32)))
            }
            let (register, from) = (pick(), (0..<4).map { _ in pick() })
            let into = (0..<4).map { _ in UInt8(one(of: Array(12..<32))) }
            let key = try bench.objects.register(Int(register), of: cell)
            if key.kind == .start {
                guard let index = ids.firstIndex(of: key.id), puppets[index].name != puppet.name,
                    try isFree(puppets[index])
                else { continue }
                try puppets[index].begin(register: 255, 0, from: [], into: into, by: "return")
            }
            counts[key.kind, default: 0] += 1
            let orders = Array(0..<(key.kind == .process ? 23 : 12))
            let order = key.kind == .bank && one(of: [true, false]) ? 4 : UInt32(one(of: orders))
            let sold: [UInt64] = [2, 3, 7, 14, 0x0E_0302]
            let words: [UInt64] = [
                one(of: key.kind == .bank ? sold : [0, 0, 1, 2, 17]), one(of: [1, 2, 9, 20]), one(of: [0, 0, 1]),
            ]
            let kind = key.kind == .resume || one(of: [true, false, false, false]) ? "send" : "call"
            try puppet.begin(register: Int(register), order, words, from: from, into: into, by: kind)
            try check("\(step): \(kind) \(order) \(words) of \(key) by \(puppet.name)")
            if step % 250 == 249 {
                try bench.writeOutAndReload()
                try bench.objects.checkRecords()
            }
        }
        #expect(counts.values.reduce(0, +) > 1_000, "\(counts)")
        for kind in [KeyKind.bank, .meter, .process, .start, .page, .node, .forwarder] {
            #expect(counts[kind, default: 0] > 5, "\(counts)")
        }
    }
}
