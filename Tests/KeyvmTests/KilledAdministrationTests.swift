// Administrators at work while hosts are killed with -9: what a world holds after each kill is what a plain model holds of the
// orders that were obeyed, to the page, and the recount of `fsck` agrees.

import Glibc
import Testing

/// What a person who gives the orders believes the world to hold.
private struct Belief: Equatable {
    struct Bank: Equatable {
        var limit: Double?
        var reserve: Double
    }

    var banks: [String: Bank] = ["root": Bank(limit: 67_108_864, reserve: 0)]
    /// The bank of each process, by name.
    var processes: [String: String] = [:]

    /// Banks that the administrator made: those of one process have its name.
    var administered: [String] { banks.keys.filter { !$0.contains("/p") }.sorted() }

    /// What it holds once the order was obeyed; itself where that cannot be.
    func after(_ order: Order) -> Belief {
        var next = self
        switch order {
        case .create(let path, let bank):
            guard banks[Self.parent(path)] != nil, banks[path] == nil else { return self }
            next.banks[path] = bank
        case .set(let path, let bank):
            guard banks[path] != nil else { return self }
            next.banks[path] = bank
        case .run(let name, let bank, let limit):
            guard banks[bank] != nil, processes[name] == nil else { return self }
            next.processes[name] = limit == nil ? bank : "\(bank)/\(name)"
            if let limit { next.banks["\(bank)/\(name)"] = Bank(limit: limit, reserve: 0) }
        case .move(let name, let bank):
            guard let old = processes[name], banks[bank] != nil else { return self }
            if old.hasSuffix("/\(name)"), let own = banks[old] {
                guard Self.parent(old) != bank else { return self }
                next.banks[old] = nil
                next.banks["\(bank)/\(name)"] = Bank(limit: own.limit, reserve: 0)
                next.processes[name] = "\(bank)/\(name)"
            } else {
                next.processes[name] = bank
            }
        case .destroy(let path, let isReclaimed):
            guard banks[path] != nil else { return self }
            if isReclaimed {
                next.banks = banks.filter { $0.key != path && !$0.key.hasPrefix("\(path)/") }
                next.processes = processes.filter { $0.value != path && !$0.value.hasPrefix("\(path)/") }
            } else {
                func moved(_ each: String) -> String {
                    if each == path { return Self.parent(path) }
                    return each.hasPrefix("\(path)/") ? Self.parent(path) + each.dropFirst(path.count) : each
                }
                next.banks[path] = nil
                next.banks = Dictionary(uniqueKeysWithValues: next.banks.map { (moved($0.key), $0.value) })
                next.processes = processes.mapValues(moved)
            }
        }
        return next
    }

    private static func parent(_ path: String) -> String {
        path.split(separator: "/").dropLast().joined(separator: "/")
    }
}

/// An order to a world, and the words of its command.
private enum Order {
    case create(String, Belief.Bank)
    case set(String, Belief.Bank)
    case run(String, bank: String, limit: Double?)
    case move(String, bank: String)
    case destroy(String, isReclaimed: Bool)

    var words: [String] {
        func text(_ limit: Double?) -> String { limit.map { "\(Int($0))" } ?? "none" }
        switch self {
        case .create(let path, let bank):
            let limit = bank.limit.map { ["--limit", "\(Int($0))"] } ?? []
            return ["bank", "create", "-w", "w", path, "--reserve", text(bank.reserve)] + limit
        case .set(let path, let bank):
            return ["bank", "set", "-w", "w", path, "limit=\(text(bank.limit))", "reserve=\(text(bank.reserve))"]
        case .run(let name, let bank, let limit):
            let own = limit.map { ["--limit", "\(Int($0))"] } ?? []
            return ["run", "-w", "w", "--name", name, "--bank", bank] + own + ["cat.wasm"]
        case .move(let name, let bank): return ["bank", "move", "-w", "w", name, bank]
        case .destroy(let path, let isReclaimed):
            return ["bank", "destroy", "-w", "w", "-y", path, isReclaimed ? "--reclaim" : "--return"]
        }
    }
}

@Suite struct KilledAdministrationTests {
    private static let pageBytes = 4_096.0

    /// An order by lot that makes sense to who believes this. `number` has not been used.
    private func order(_ belief: Belief, _ number: Int, _ generator: inout SeededGenerator) -> Order {
        let paths = belief.administered
        let path = paths.randomElement(using: &generator) ?? "root"
        let below = paths.filter { $0 != "root" }.randomElement(using: &generator)
        let process = belief.processes.keys.sorted().randomElement(using: &generator)
        let limit = Bool.random(using: &generator) ? Double(Int.random(in: 512...2_048, using: &generator)) : nil
        let reserve = Double(Int.random(in: 0...64, using: &generator) * Int.random(in: 0...1, using: &generator))
        let bank = Belief.Bank(limit: limit.map { $0 * Self.pageBytes }, reserve: reserve * Self.pageBytes)
        switch Int.random(in: 0..<10, using: &generator) {
        case 0..<3: return .create("\(path)/b\(number)", bank)
        case 3: if let below { return .set(below, bank) }
        case 4, 5: if let process { return .move(process, bank: path) }
        case 6: if let below { return .destroy(below, isReclaimed: .random(using: &generator)) }
        default: break
        }
        return .run("p\(number)", bank: path, limit: Bool.random(using: &generator) ? 40 * Self.pageBytes : nil)
    }

    /// What a world tells of its banks and processes. Each bank counts what it has, and what is below it.
    private func look(_ shell: Shell) throws -> (belief: Belief, all: [Anything]) {
        let banks = try shell.done("bank", "ls", "-r", "-w", "w", "--json").json()["items"]?.items ?? []
        let processes = try shell.done("ps", "-w", "w", "--json").json()["items"]?.items ?? []
        var belief = Belief(banks: [:])
        var used: [String: Double] = [:]
        for bank in banks {
            let path = try #require(bank["path"]?.text)
            belief.banks[path] = Belief.Bank(
                limit: bank["limitBytes"]?.number, reserve: bank["reserveBytes"]?.number ?? -1)
            used[path] = bank["usedBytes"]?.number
        }
        for process in processes {
            belief.processes[try #require(process["name"]?.text)] = try #require(process["bank"]?.text)
        }
        for bank in banks {
            let path = try #require(bank["path"]?.text)
            let below = used.filter { $0.key.split(separator: "/").dropLast().joined(separator: "/") == path }
            let sum = below.reduce(0) { $0 + max($1.value, belief.banks[$1.key]?.reserve ?? 0) }
            #expect(bank["usedBytes"]?.number == bank["ownBytes"]?.number.map { $0 + sum }, "\(path)")
            #expect(bank["processes"]?.number == Double(belief.processes.values.filter { $0 == path }.count), "\(path)")
        }
        return (belief, banks + processes)
    }

    @Test(arguments: [.random(in: 0...9_999)] as [UInt64])
    func aKillTakesNoOrderBackThatWasObeyed(seed: UInt64) throws {
        let shell = try Shell()
        try shell.done("init", "w", "--limit", "64MiB")
        var generator = SeededGenerator(seed: seed)
        var belief = Belief()
        var number = 0
        var refused = 0
        var orders: [String] = []
        for life in 0..<15 {
            // No checkpoints but those that are asked for.
            try shell.done("boot", "-w", "w", "--detach", "--every", "1h")
            for _ in 0..<Int.random(in: 2...10, using: &generator) {
                number += 1
                let order = order(belief, number, &generator)
                orders.append(order.words.joined(separator: " "))
                let ran = try shell.start(order.words).wait()
                #expect(ran.code == 0 || ran.code == 5 || ran.code == 64, "\(ran.errorText)")
                if ran.code == 0 { belief = belief.after(order) } else { refused += 1 }
                try shell.until("all stand still") {
                    let isGoing = try shell.done("status", "-w", "w", "--json").json()["pendingBanks"] != .number(0)
                    let states = try shell.done("ps", "-w", "w", "--json").json()["items"]?.items.map { $0["state"] }
                    return !isGoing && states?.contains(.text("ready")) == false
                }
                if Int.random(in: 0..<3, using: &generator) == 0 {
                    try shell.done("checkpoint", "create", "-w", "w")
                }
            }
            let before = try look(shell)
            #expect(before.belief == belief, "life \(life)\n\(orders.joined(separator: "\n"))")
            let host = try #require(try shell.hostProcess())
            // One more may be under way.
            number += 1
            let last = order(belief, number, &generator)
            let isLast = Bool.random(using: &generator)
            let running = isLast ? try shell.start(last.words) : nil
            usleep(.random(in: 0...30_000, using: &generator))
            kill(host, SIGKILL)
            let wasObeyed = try running?.wait().code == 0

            let check = try shell.keyvm("fsck", "-w", "w", "--json")
            #expect(try check.code == 0 && check.json()["problems"]?.items == [], "life \(life): \(check.text)")
            let found = try look(shell)
            let place = "life \(life)\n\(orders.joined(separator: "\n"))\nunder way: \(isLast ? last.words : [])"
            // Where the kill came first, nobody was told that it was obeyed.
            let after = isLast ? belief.after(last) : belief
            #expect(found.belief == after || found.belief == belief && !wasObeyed, "\(place)")
            // No checkpoint was made since, so that the journal knows.
            if found.belief == after && after != belief { #expect(wasObeyed || !isLast, "\(place)") }
            belief = found.belief
            // What ran after the last order runs again, to the same end.
            try shell.done("boot", "-w", "w", "--until-idle")
            if !isLast { #expect(try look(shell).all == before.all, "\(place)") }
        }
        #expect(refused < number / 4)
        for path in belief.administered where path.split(separator: "/").count == 2 {
            try shell.done("bank", "destroy", "-w", "w", "-y", path, "--reclaim")
        }
        for process in try look(shell).belief.processes.keys {
            try shell.done("kill", "-w", "w", process)
            try shell.done("rm", "-w", "w", process)
        }
        try shell.done("boot", "-w", "w", "--until-idle")
        let root = try shell.done("bank", "show", "-w", "w", "root", "--json").json()
        // The world page, the records of root bank and meter, the first and the last page of the strip map, the last of the
        // process table, and a directory for each of these two.
        #expect(root["cells"] == .number(2) && (root["pages"]?.number ?? 99) <= 7, "\(root)")
    }
}
