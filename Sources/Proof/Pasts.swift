// Cuts what is said of checkpoints anywhere: at every change of a file in a life of orders, what a crash may leave is the world before
// the order or behind it, and every kept checkpoint in it is the state that it was (specs/proof.md, Orders cut short).

import Glibc
import World

/// What orders change of a world: its state, and the states that can be read.
struct Standing: Equatable {
    var hash: String
    /// By what each is called: `@` and its name, or its number.
    /// A hash, and whether it is held.
    var kept: [String: String]
    var keeps: UInt64 = 0
    /// Worlds and backups that were made beside it, by their names: a world's hash, a file's digest.
    var made: [String: String] = [:]

    /// Whether what lies beside a world was made of it.
    static func isMade(_ name: String) -> Bool {
        ["fork-", "backup-", "restored-"].contains { name.hasPrefix($0) } && !name.contains(".new-")
    }

    /// `folder`: in which lies what was made.
    init(of world: World, in folder: String) throws {
        try self.init(of: world)
        for name in names(in: folder) ?? [] where Self.isMade(name) {
            let path = folder + "/" + name
            if name.hasPrefix("backup-") {
                made[name] = Self.digest(try contents(of: path))
                continue
            }
            let copy = try World.open(at: path, as: .reader)
            var text = try Self.hash(copy.perform(.hash))
            if case .fsck(let check) = try copy.perform(.fsck), !check.problems.isEmpty { text += "-with-problems" }
            try copy.close()
            made[name] = text
        }
    }

    /// FNV-1a, which is the same in every process.
    private static func digest(_ bytes: [UInt8]) -> String {
        let value = bytes.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        return String(value, radix: 16)
    }

    init(of world: World) throws {
        hash = try Self.hash(world.perform(.hash))
        kept = [:]
        guard case .checkpoints(let found) = try world.perform(.checkpoints()) else { return }
        for checkpoint in found.items where checkpoint.kept {
            let title = checkpoint.name.map { "@\($0)" } ?? "\(checkpoint.id)"
            let hash = try Self.hash(world.perform(.past(checkpoint: title, request: .hash)))
            kept[title] = hash + (checkpoint.held ? "-held" : "")
        }
        if case .retention(let retention) = try world.perform(.retention) { keeps = retention.keep }
    }

    private static func hash(_ answer: Answer) -> String { if case .hash(let hash) = answer { hash.hash } else { "" } }

    /// `stands HASH TITLE=HASH …`, as it is told.
    var line: String {
        (["stands", hash, "\(keeps)"]
            + [kept, made].flatMap { $0.sorted { $0.key < $1.key } }.map { "\($0.key)=\($0.value)" })
            .joined(separator: " ")
    }

    init?(_ line: Substring) {
        let words = line.split(separator: " ")
        guard words.count >= 3, words[0] == "stands", let keeps = UInt64(words[2]) else { return nil }
        hash = String(words[1])
        self.keeps = keeps
        let pairs = words.dropFirst(3).map { $0.split(separator: "=").map(String.init) }
        guard pairs.allSatisfy({ $0.count == 2 }) else { return nil }
        let all = Dictionary(pairs.map { ($0[0], $0[1]) }) { first, _ in first }
        kept = all.filter { !Self.isMade($0.key) }
        made = all.filter { Self.isMade($0.key) }
    }

    /// What is wrong with `found` as what is left of a step from here to `next`; nil: no step is under way. `isJournaled`: the state is
    /// the next one as soon as the journal is durable, and what is kept when that is published.
    func faults(of found: Standing, on next: Standing?, isJournaled: Bool) -> [String] {
        let next = next ?? self
        var faults: [String] = []
        if found.hash != hash && found.hash != next.hash { faults.append("the world has the hash \(found.hash)") }
        for (title, state) in found.kept {
            let known = [kept[title], next.kept[title]].compactMap(\.self)
            // A boot makes regular ones on its way, of the state at its beginning or its end.
            let expected = known.isEmpty && !title.hasPrefix("@") ? [hash, next.hash] : known
            if !expected.contains(state) { faults.append("\(title) has the hash \(state)") }
        }
        if found.keeps != keeps && found.keeps != next.keeps { faults.append("it keeps \(found.keeps) regular ones") }
        for title in kept.keys where next.kept[title] != nil && found.kept[title] == nil {
            faults.append("\(title) is gone")
        }
        for (name, state) in found.made where state != made[name] && state != next.made[name] {
            faults.append("\(name) is \(state)")
        }
        for name in made.keys where next.made[name] != nil && found.made[name] == nil {
            faults.append("\(name) is gone")
        }
        if found.hash != hash, found.kept != next.kept, !isJournaled || found.kept != kept {
            faults.append("the state is the next one, and what is kept is not")
        }
        return faults
    }
}

/// A life of orders, told step by step.
struct OrderedLife {
    let directory: String
    let notes: Notes
    let modules: ProofModules
    let seed: UInt64
    let steps: Int

    func live() throws {
        var generator = SplitMix64(seed)
        try World.create(at: directory, limitBytes: nil, seed: seed)
        var world = try World.open(at: directory, as: .host)
        notes.tell(try Standing(of: world, in: folder).line)
        for number in 0..<steps {
            let kept = try Standing(of: world).kept.keys.sorted()
            let one = kept.randomElement(using: &generator) ?? "@none"
            switch Int.random(in: 0..<22, using: &generator) {
            case 0..<3: try order(.checkpoint(name: "n\(number)"), world)
            case 3: try order(.checkpoint(name: nil), world)
            case 4, 5: try order(.removeCheckpoint(checkpoint: one), world)
            case 6: try order(.holdCheckpoint(checkpoint: one), world)
            case 7: try order(.releaseCheckpoint(checkpoint: one), world)
            case 8:
                try order(
                    .retainCheckpoints(keep: UInt64.random(in: 0...3, using: &generator), keepForSeconds: nil), world)
            case 9..<12: try order(.rollback(checkpoint: one, overHeld: true), world)
            case 12:
                notes.tell("order run")
                let program = RunRequest(
                    module: modules.count, name: "c\(number)", defaultName: "c",
                    arguments: ["count", "\(Workload.countLast)", "\(Workload.countWork)"])
                _ = try world.perform(.run(program))
                _ = try world.perform(.checkpoint(name: "run\(number)"))
            case 13: try order(.fork(checkpoint: one, directory: folder + "/fork-\(number)"), world)
            // Some replace an earlier one.
            case 14, 15: try backUp(world, since: nil, at: kept.isEmpty ? nil : one, to: "backup-\(number % 4)")
            case 16: try backUp(world, since: one, at: nil, to: "backup-\(number % 4)")
            case 17:
                let backups = (names(in: folder) ?? []).filter { $0.hasPrefix("backup-") }.sorted()
                if let backup = backups.randomElement(using: &generator) {
                    try restore(backup, to: "restored-\(number)")
                }
            case 18, 19:
                // A world that is restored, and brought on to what is so now.
                guard !kept.isEmpty else { continue }
                try backUp(world, since: nil, at: one, to: "backup-c")
                notes.tell(try Standing(of: world, in: folder).line)
                try restore("backup-c", to: "restored-\(number)")
                notes.tell(try Standing(of: world, in: folder).line)
                try backUp(world, since: one, at: nil, to: "backup-d")
                notes.tell(try Standing(of: world, in: folder).line)
                try restore("backup-d", to: "restored-\(number)")
            case 20:
                notes.tell("order boot")
                try world.boot(
                    World.Boot(every: .seconds(600), until: .steps(UInt64.random(in: 1...60_000, using: &generator))))
            default:
                notes.tell("order close")
                try world.close()
                world = try World.open(at: directory, as: .host)
            }
            notes.tell(try Standing(of: world, in: folder).line)
        }
        notes.tell("order close")
        try world.close()
        notes.tell(try Standing(of: try World.open(at: directory, as: .reader), in: folder).line)
    }

    private var folder: String { String(directory[..<(directory.lastIndex(of: "/") ?? directory.startIndex)]) }

    private func backUp(_ world: World, since: String?, at: String?, to name: String) throws {
        notes.tell("order backup \(name)")
        do {
            _ = try BackupFile(folder + "/" + name).write { file in
                try world.backup(BackupRequest(since: since, at: at, level: 1), to: file)
            }
        } catch let error as WorldError where error.code == .noSuchThing || error.code == .usage {
            return
        }
    }

    private func restore(_ backup: String, to name: String) throws {
        guard names(in: folder)?.contains(backup) == true else { return }
        notes.tell("order restore \(backup) \(name)")
        let descriptor = open(folder + "/" + backup, O_RDONLY)
        defer { close(descriptor) }
        do throws(WorldError) {
            _ = try World.restore(backup, from: descriptor, to: folder + "/" + name)
        } catch {
            guard error.code == .noSuchThing || error.code == .failed else { throw error }
        }
    }

    /// What is refused changes nothing.
    private func order(_ request: Request, _ world: World) throws {
        notes.tell("order \(request)")
        do throws(WorldError) {
            _ = try world.perform(request)
        } catch {
            guard error.code == .noAuthority || error.code == .noSuchThing else { throw error }
        }
    }
}

/// Tries what a crash may leave of such a life.
struct Pasts {
    /// This program, and what is preloaded into it.
    let program, recorder: String
    let scratch, modules: String
    let seed: UInt64
    let steps: Int
    /// A disk that does not sync, which has to be found out.
    let isControl: Bool

    /// Ways to lose what is uncertain, at each change.
    private static let rounds = 3

    func run() throws -> (images: Int, orders: Int, bad: [String]) {
        let life = scratch + "/life"
        removeAll(life)
        try makeFolder(life)
        try makeFolder(life + "/disk")
        let settings = [
            "LD_PRELOAD": recorder, "PROOF_ROOT": life + "/disk", "PROOF_NOTES": life + "/notes",
            "PROOF_TRACE": life + "/trace",
        ]
        let words = [program, "orders", life + "/disk/world", life + "/notes", modules, "\(seed)", "\(steps)"]
        let ending = Children.wait(try Children.spawn(words, environment: settings, output: life + "/said"))
        guard ending == .exit(0) else {
            throw TraceError(
                description: "the life: \(ending): \(String(decoding: try contents(of: life + "/said"), as: UTF8.self))"
            )
        }
        let trace = try Trace(file: life + "/trace")
        return try images(of: trace, root: life + "/disk")
    }

    private func images(of trace: Trace, root: String) throws -> (images: Int, orders: Int, bad: [String]) {
        let notes = trace.events.map { $0.kind == .note ? $0.text.split(separator: "\n").first : nil }
        let standings = notes.map { $0.flatMap { Standing($0) } }
        let outcome = Box((images: 0, orders: 0, bad: [String]()))
        var crew = try Crew(folder: scratch, count: 4) { folder, label, ending in
            outcome.value.images += 1
            guard ending != .exit(0) else { return }
            let said = (try? contents(of: folder + "/said")).map { String(decoding: $0, as: UTF8.self) } ?? ""
            outcome.value.bad.append("image \(label): \(ending)\n\(said)")
        }
        var disk = Disk(root: root, kind: isControl ? .withoutSyncs : .honest)
        var before: Standing?
        var order = "making"
        var seen: Set<Int> = []
        for (moment, event) in trace.events.enumerated() {
            try disk.apply(event)
            if let standing = standings[moment] {
                before = standing
                outcome.value.orders += 1
            }
            if let note = notes[moment], note.hasPrefix("order") { order = String(note) }
            guard let before, Images.isMoment(event), !(isControl && !outcome.value.bad.isEmpty) else { continue }
            let next = standings[(moment + 1)...].lazy.compactMap(\.self).first
            for round in 0..<Self.rounds where round == 0 || disk.uncertain > 0 {
                let survival = Survival.choice(round, of: disk.uncertain, seed: seed &+ UInt64(moment))
                let image = CrashImage(of: disk, survival)
                var hasher = Hasher()
                hasher.combine(image.fingerprint)
                hasher.combine(before.line)
                guard seen.insert(hasher.finalize()).inserted else { continue }
                try crew.work("event \(moment) of '\(order)', \(survival)") { folder in
                    try makeFolder(folder + "/disk")
                    try image.write(to: folder + "/disk")
                    return try Children.start(seconds: 60, output: folder + "/said") {
                        judge {
                            try faults(
                                of: folder + "/disk/world", before, next,
                                isJournaled: ["order boot", "order run"].contains(order))
                        }
                    }
                }
            }
        }
        try crew.finish()
        return outcome.value
    }

    /// The world opens, stands where it may, and goes on: a checkpoint can be made, and gone back to.
    private func faults(
        of directory: String, _ before: Standing, _ next: Standing?, isJournaled: Bool
    ) throws -> [String] {
        let world = try World.open(at: directory, as: .host)
        let folder = String(directory[..<(directory.lastIndex(of: "/") ?? directory.startIndex)])
        let found = try Standing(of: world, in: folder)
        var faults = before.faults(of: found, on: next, isJournaled: isJournaled)
        if case .fsck(let check) = try world.perform(.fsck) { faults += check.problems.map { "fsck: \($0)" } }
        for (title, state) in found.kept.sorted(by: { $0.key < $1.key }).prefix(2) {
            // The retention may have taken a regular one by now.
            guard try Standing(of: world).kept[title] != nil else { continue }
            _ = try world.perform(.rollback(checkpoint: title, overHeld: true))
            let there = try Standing(of: world)
            if !state.hasPrefix(there.hash) { faults.append("gone back to \(title) it has the hash \(there.hash)") }
            if found.kept.contains(where: { there.kept[$0.key] != $0.value && $0.key.hasPrefix("@") }) {
                faults.append("gone back to \(title) other checkpoints are changed")
            }
        }
        if case .fsck(let check) = try world.perform(.fsck) { faults += check.problems.map { "fsck behind it: \($0)" } }
        try world.close()
        return faults
    }
}
