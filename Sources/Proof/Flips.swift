// Turns bits of a world's files, and cuts them short: each time it is found and named, or does no harm (specs/proof.md, Bit flips).

import FoundationEssentials
import Glibc
import World

struct Flips {
    enum Damage: CustomStringConvertible {
        case bit(file: String, byte: Int, bit: Int)
        case cut(file: String, bytes: Int)

        var description: String {
            switch self {
            case .bit(let file, let byte, let bit): "bit \(bit) of byte \(byte) of \(file) turned"
            case .cut(let file, let bytes): "\(file) cut to \(bytes) bytes"
            }
        }
    }

    struct Outcome {
        var tried = 0
        var harmless = 0
        var found = 0
        var inTrees = 0
        var bad: [String] = []
    }

    /// What a world is to whoever looks: its hash, which has not the text of outputs, and that text.
    struct Look: Equatable {
        var hash: String
        var texts: UInt64

        init(_ world: World) throws(WorldError) {
            hash = if case .hash(let answer) = try world.perform(.hash) { answer.hash } else { "" }
            var all: [UInt8] = []
            if case .processes(let found) = try world.perform(.processes()) {
                for process in found.items {
                    all += Array(process.name.utf8)
                    let logs = Request.logs(process: "id:\(process.id)", since: 0, limitBytes: 1 << 20)
                    if case .logs(let answer) = try world.perform(logs) {
                        all += answer.items.flatMap { Array($0.data) }
                    }
                }
            }
            texts = digest(all)
        }
    }

    private static let harmless: Int32 = 0
    private static let found: Int32 = 7
    /// What ends a process that meets a damaged tree page in the middle of LMDB.
    private static let ended: Int32 = 8
    private static let wrong: Int32 = 9
    private static let pageBytes = 4_096
    /// LMDB's calls that change something.
    private static let writes = ["mdb_put", "mdb_del", "mdb_cursor_put", "mdb_cursor_del", "mdb_txn_commit"].map {
        $0 + " failed"
    }

    /// A world that was killed, and where copies of it are damaged.
    let world, scratch: String
    let seed: UInt64

    /// The pages of the store that LMDB has for itself: its meta pages and the pages of its trees.
    private static func treePages(_ bytes: [UInt8]) -> [Int] {
        var pages: [Int] = []
        var page = 0
        while (page + 1) * pageBytes <= bytes.count {
            let flags = bytes[page * pageBytes + 10]
            if flags & 0x04 != 0 {
                let count = (0..<4).reduce(0) { $0 | Int(bytes[page * pageBytes + 12 + $1]) << (8 * $1) }
                page += max(1, min(count, 256))
            } else {
                if flags & 0x0B != 0 { pages.append(page) }
                page += 1
            }
        }
        return pages
    }

    func run(count: Int) throws -> Outcome {
        let files =
            ["store.mdb"] + (names(in: world + "/journal") ?? []).filter { $0 != "next" }.map { "journal/" + $0 }
        let whole = Dictionary(uniqueKeysWithValues: try files.map { ($0, try contents(of: world + "/" + $0)) })
        guard let store = whole["store.mdb"] else { throw TraceError(description: "\(world) has no store") }
        let journals = files.dropFirst().filter { (whole[$0]?.count ?? 0) > 0 }
        let trees = Self.treePages(store)
        let expected = try look(world)
        let outcome = Box(Outcome())
        var crew = try Crew(folder: scratch, count: 4) { folder, label, ending in
            outcome.value.tried += 1
            let said = String(decoding: (try? contents(of: folder + "/said")) ?? [], as: UTF8.self)
            let lines = said.split(separator: "\n")
            // Whatever is found is told in three lines, and the file is named.
            let isNamed =
                lines.count == 3 && (said.contains("store.mdb") || said.contains("journal") || said.contains("object"))
                && lines[2].hasPrefix("try: ")
            switch ending {
            case .exit(Self.harmless): outcome.value.harmless += 1
            case .exit(Self.found) where isNamed, .exit(Self.ended) where isNamed: outcome.value.found += 1
            default: outcome.value.bad.append("\(label): \(ending)\n\(said)")
            }
        }
        var generator = SplitMix64(seed)
        for trial in 0..<count {
            let damage: Damage
            switch trial % 20 {
            case 0..<10:
                guard let page = trees.randomElement(using: &generator) else { continue }
                let byte = page * Self.pageBytes + Int.random(in: 0..<Self.pageBytes, using: &generator)
                damage = .bit(file: "store.mdb", byte: byte, bit: Int.random(in: 0..<8, using: &generator))
                outcome.value.inTrees += 1
            case 10..<15:
                let byte = Int.random(in: 0..<store.count, using: &generator)
                damage = .bit(file: "store.mdb", byte: byte, bit: Int.random(in: 0..<8, using: &generator))
            case 15..<18:
                guard let file = journals.randomElement(using: &generator), let bytes = whole[file] else { continue }
                let used = (bytes.lastIndex { $0 != 0 } ?? 0) + 64
                let byte = Int.random(in: 0..<min(used, bytes.count), using: &generator)
                damage = .bit(file: file, byte: byte, bit: Int.random(in: 0..<8, using: &generator))
            default:
                guard let file = files.randomElement(using: &generator), let bytes = whole[file] else { continue }
                let used = (bytes.lastIndex { $0 != 0 } ?? 0) + 1
                damage = .cut(file: file, bytes: Int.random(in: 0..<max(1, used), using: &generator))
            }
            let isHost = trial % 4 == 3
            try crew.work("\(damage)\(isHost ? ", as host" : "")") { folder in
                try copy(to: folder + "/world", whole, damage)
                return try Children.start(seconds: 60, output: folder + "/said") {
                    verdict(folder + "/world", isHost, expected)
                }
            }
        }
        try crew.finish()
        return outcome.value
    }

    private func look(_ directory: String) throws -> Look {
        let world = try World.open(at: directory, as: .reader)
        let look = try Look(world)
        try world.close()
        return look
    }

    private func copy(to folder: String, _ files: [String: [UInt8]], _ damage: Damage) throws {
        try makeFolder(folder)
        try makeFolder(folder + "/journal")
        try writeFile(folder + "/lock", try contents(of: world + "/lock"))
        for (name, bytes) in files {
            var changed = bytes
            switch damage {
            case .bit(name, let byte, let bit): changed[byte] ^= 1 << UInt8(bit)
            case .cut(name, let count): changed.removeLast(bytes.count - count)
            default: break
            }
            let used = (changed.lastIndex { $0 != 0 } ?? -1) + 1
            try writeFile("\(folder)/\(name)", Array(changed.prefix(used)), size: changed.count)
        }
    }

    private func verdict(_ directory: String, _ isHost: Bool, _ expected: Look) -> Int32 {
        do throws(WorldError) {
            let world = try World.open(at: directory, as: isHost ? .host : .reader)
            let found = try Look(world)
            guard case .fsck(let check) = try world.perform(.fsck) else { return Self.wrong }
            if let problem = check.problems.first {
                say("\(problem.invariant): \(check.problems.count) problems")
                say("object \(problem.object): \(problem.text)")
                say("try: keyvm fsck")
                return Self.found
            }
            guard found == expected else {
                say("it opens, fsck finds nothing, and it is another world, at \(try world.position)")
                return Self.wrong
            }
            if isHost { try world.boot(World.Boot(every: .seconds(60), until: .idle)) }
            try world.close()
            return Self.harmless
        } catch {
            say("\(error.what)\n\(error.why)\ntry: \(error.remedy)")
            // LMDB refuses to write to what it finds damaged, and nothing is published.
            let isRefusedWrite = isHost && error.code == .failed && Self.writes.contains { error.what.hasPrefix($0) }
            return error.code == .storeDamaged || isRefusedWrite ? Self.found : Self.wrong
        }
    }
}
