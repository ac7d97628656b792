// What a program told while it ran, line by line: what it was about to ask, what was acknowledged, what it was shown.

import World

/// A thing that is asked of a world, as a line has it.
enum Deed: Hashable {
    case world
    case send(process: String, number: Int)
    case bank(String)
    case destroy(String)
    case run(String)
    case remove(String)

    init?(_ words: ArraySlice<Substring>) {
        let words = words.map(String.init)
        switch (words.first, words.count) {
        case ("world", 1): self = .world
        case ("send", 3): self = .send(process: words[1], number: Int(words[2]) ?? 0)
        case ("bank", 2): self = .bank(words[1])
        case ("destroy", 2): self = .destroy(words[1])
        case ("run", 2): self = .run(words[1])
        case ("remove", 2): self = .remove(words[1])
        default: return nil
        }
    }

    var line: String {
        switch self {
        case .world: "world"
        case .send(let process, let number): "send \(process) \(number)"
        case .bank(let path): "bank \(path)"
        case .destroy(let path): "destroy \(path)"
        case .run(let name): "run \(name)"
        case .remove(let name): "remove \(name)"
        }
    }
}

/// What a process had written when somebody was shown it.
struct Shown: Equatable {
    var bytes: Int
    var digest: UInt64
}

/// Everything that was told up to a moment.
struct Told {
    private(set) var tried: Set<Deed> = []
    private(set) var done: Set<Deed> = []
    private(set) var shown: [String: Shown] = [:]
    /// The highest checkpoint that somebody was told of.
    private(set) var checkpoint: UInt64 = 0
    /// The most records of the journal that had come in when somebody who opened the world told of it.
    private(set) var stood: UInt64 = 0
    /// The hashes that the world had, by where it stood.
    private(set) var hashes: [WorldPosition: Set<String>] = [:]
    /// Lines so far.
    private(set) var lines = 0

    /// Takes a line in; false where it is none.
    mutating func take(_ line: Substring) -> Bool {
        let words = line.split(separator: " ")
        lines += 1
        switch words.first {
        case "try", "did":
            guard let deed = Deed(words.dropFirst()) else { return false }
            if words[0] == "try" { tried.insert(deed) } else { done.insert(deed) }
        case "saw":
            guard words.count == 4, let bytes = Int(words[2]), let digest = UInt64(words[3]) else { return false }
            let name = String(words[1])
            if (shown[name]?.bytes ?? -1) < bytes { shown[name] = Shown(bytes: bytes, digest: digest) }
        case "checkpoint":
            guard words.count == 2, let id = UInt64(words[1]) else { return false }
            checkpoint = max(checkpoint, id)
        case "stood":
            guard words.count == 2, let records = UInt64(words[1]) else { return false }
            stood = max(stood, records)
        case "hash":
            guard words.count == 5, let turn = UInt64(words[1]), let records = UInt64(words[2]),
                let gasClock = UInt64(words[3])
            else { return false }
            let position = WorldPosition(turn: turn, records: records, gasClock: gasClock)
            hashes[position, default: []].insert(String(words[4]))
        default: return false
        }
        return true
    }

    mutating func take(_ event: TraceEvent) throws {
        for line in event.text.split(separator: "\n") where !take(line) {
            throw TraceError(description: "a program told what is nothing: \(line)")
        }
    }

    var hasAcknowledgedSend: Bool { done.contains { if case .send = $0 { true } else { false } } }

    /// The highest number that was ever on its way to a process.
    func lastSent(to process: String) -> Int {
        tried.reduce(0) {
            if case .send(process, let number) = $1 { max($0, number) } else { $0 }
        }
    }
}

/// Fowler, Noll and Vo's hash of bytes.
func digest(_ bytes: some Sequence<UInt8>) -> UInt64 {
    bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
}
