// One of the disks that a crash may leave: which of the uncertain changes are there, and how much of each.

/// Which of the uncertain changes survive.
enum Survival: Hashable {
    /// None of them.
    case none
    /// All of them: what a process leaves that was killed.
    case all
    /// The first of them, in the order in which they were made.
    case beginning(Int)
    /// All but one.
    case allBut(Int)
    /// One of them.
    case only(Int)
    /// Each with this probability in percent; those that do, in part, with that one, at blocks of 512 or 4,096 bytes.
    case some(percent: Int, tornPercent: Int, seed: UInt64)

    /// The `round`th way to lose some of `count` changes.
    static func choice(_ round: Int, of count: Int, seed: UInt64) -> Survival {
        var generator = SplitMix64(seed &+ UInt64(round) &* 0x9E37_79B9_7F4A_7C15)
        switch round {
        case 0: return .none
        case 1: return .all
        default: break
        }
        guard count > 0 else { return .all }
        switch generator.next() % 8 {
        case 0: return .beginning(Int.random(in: 0...count, using: &generator))
        case 1: return .allBut(Int.random(in: 0..<count, using: &generator))
        case 2: return .only(Int.random(in: 0..<count, using: &generator))
        default:
            return .some(
                percent: Int.random(in: 5...95, using: &generator),
                tornPercent: Bool.random(using: &generator) ? 0 : Int.random(in: 10...90, using: &generator),
                seed: generator.next())
        }
    }
}

/// The files of a disk, by their paths.
struct CrashImage {
    private(set) var files: [String: FileContents] = [:]
    private(set) var folders: [String] = []

    init(of disk: Disk, _ survival: Survival) {
        var chooser = Chooser(survival)
        // Numbered over the whole disk, so that "the beginning" is of a time.
        let uncertain =
            (disk.folderChanges.filter { !$0.isCertain }.map(\.number)
            + disk.changes.values.joined().filter { !$0.isCertain }.map(\.number)).sorted()
        let rank = Dictionary(uniqueKeysWithValues: uncertain.enumerated().map { ($0.element, $0.offset) })

        var names = disk.folders
        for made in disk.folderChanges
        where made.isCertain || chooser.isThere(rank[made.number] ?? 0) {
            Disk.apply(made.change, to: &names)
        }
        collect(0, path: "", names, disk, &chooser, rank)
    }

    private mutating func collect(
        _ folder: Int, path: String, _ names: [Int: [String: Int]], _ disk: Disk, _ chooser: inout Chooser,
        _ rank: [Int: Int]
    ) {
        for (name, node) in (names[folder] ?? [:]).sorted(by: { $0.key < $1.key }) {
            let below = path + "/" + name
            if names[node] != nil {
                folders.append(below)
                collect(node, path: below, names, disk, &chooser, rank)
                continue
            }
            var contents = disk.files[node] ?? FileContents()
            for made in disk.changes[node] ?? [] {
                if made.isCertain {
                    Disk.apply(made.change, to: &contents)
                } else if chooser.isThere(rank[made.number] ?? 0) {
                    for part in chooser.parts(of: made.change) { Disk.apply(part, to: &contents) }
                }
            }
            files[below] = contents
        }
    }

    /// Writes it into an empty folder.
    func write(to folder: String) throws {
        for path in folders { try makeFolder(folder + path) }
        for (path, contents) in files {
            try writeFile(folder + path, contents.bytes, size: contents.size)
        }
    }

    /// What tells images apart, within this process.
    var fingerprint: Int {
        var hasher = Hasher()
        for (path, contents) in files.sorted(by: { $0.key < $1.key }) {
            hasher.combine(path)
            hasher.combine(contents.size)
            contents.bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
        }
        for path in folders { hasher.combine(path) }
        return hasher.finalize()
    }
}

/// Decides of each change, the same for the same survival.
private struct Chooser {
    let survival: Survival
    var generator = SplitMix64(0)

    init(_ survival: Survival) {
        self.survival = survival
        if case .some(_, _, let seed) = survival { generator = SplitMix64(seed) }
    }

    mutating func isThere(_ rank: Int) -> Bool {
        switch survival {
        case .none: false
        case .all: true
        case .beginning(let count): rank < count
        case .allBut(let one): rank != one
        case .only(let one): rank == one
        case .some(let percent, _, _): Int.random(in: 0..<100, using: &generator) < percent
        }
    }

    /// A change as it is there: whole, or the blocks of it that reached the disk.
    mutating func parts(of change: FileChange) -> [FileChange] {
        guard case .some(_, let torn, _) = survival, case .write(let offset, let data) = change,
            Int.random(in: 0..<100, using: &generator) < torn
        else { return [change] }
        let block = Bool.random(using: &generator) ? 512 : 4_096
        let end = offset + data.count
        // Its length may be there before its bytes are.
        var parts: [FileChange] = Bool.random(using: &generator) ? [.grow(end)] : []
        let percent = [0, 50, 90].randomElement(using: &generator) ?? 50
        var at = offset
        while at < end {
            let next = min(end, (at / block + 1) * block)
            if Int.random(in: 0..<100, using: &generator) < percent {
                parts.append(.write(offset: at, data[data.startIndex + at - offset..<data.startIndex + next - offset]))
            }
            at = next
        }
        return parts
    }
}

/// Steele, Lea and Flood's generator: the same numbers for the same seed, everywhere.
struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
