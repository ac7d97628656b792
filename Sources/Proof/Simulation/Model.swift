// What a world should be, in plain Swift: the trees of banks and meters, the processes, who is paid from where. Nothing of the
// world's own code is in it; what it says is read from specs/banks.md and specs/computation.md.
//
// It has no pages and no instructions: how much space a program takes and where it stands it does not know. Cells it counts.

import World

struct Model: Equatable {
    struct Bank: Equatable {
        var name: String
        /// nil: the root.
        var parent: Int?
        var limitPages: UInt64?
        var limitCells: UInt64?
        var reservePages: UInt64 = 0
        /// Made for one process; goes when nothing is left in it.
        var isOwn = false
        /// Its limit was changed: it may have sold more than that.
        var wasSet = false
    }

    enum Budget: Equatable {
        case unlimited
        /// What is left and what was used, together.
        case sum(UInt64)
        /// It was set while nobody knew what was used.
        case unknown
    }

    struct Meter: Equatable {
        var name: String
        /// nil: the root.
        var parent: Int?
        /// The bank that pays for its record.
        var payer: Int
        var budget: Budget
        var weight: UInt32 = 1
        var isOwn = false
    }

    struct Module: Equatable {
        var file: String
        var bank: Int
    }

    enum Life: Equatable {
        /// It runs, waits or is frozen, or has come to its end since somebody looked.
        case alive
        case stopped
        /// nil: it came to its end by itself, and nobody has seen how.
        case over(Int32?)
    }

    struct Process: Equatable {
        var id: UInt64
        var name: String
        var program: SimulatedProgram
        var bank: Int
        /// nil: it was destroyed.
        var meter: Int?
        var module: Int
        var input = ""
        var inputEnded = false
        var life = Life.alive
        /// What somebody saw of its text: that never changes.
        var shown = ""
        /// It has written nothing since, and does not.
        var isFixed = false
        /// A page may have been refused to it at some time.
        var mayHaveLacked = false
    }

    var banks: [Int: Bank]
    var meters: [Int: Meter]
    /// A higher number is a later one.
    var modules: [Int: Module] = [:]
    /// By their ids, lowest first.
    var processes: [Process] = []
    var nextProcess: UInt64 = 1
    /// Somebody has seen everything, and nothing was asked since.
    var isQuiet = false
    private var nextNumber = 2

    static let rootBank = 0
    static let rootMeter = 1

    init(_ script: Script) {
        banks = [
            Self.rootBank: Bank(name: "root", limitPages: script.limitBytes.map { $0 / 4096 })
        ]
        meters = [Self.rootMeter: Meter(name: "root", payer: Self.rootBank, budget: .unlimited)]
    }

    mutating func newNumber() -> Int {
        defer { nextNumber += 1 }
        return nextNumber
    }
}

// MARK: Finding

extension Model {
    /// What a text leads to among the processes.
    enum Found {
        case one(Int)
        /// How that is refused.
        case refused(UInt8)
    }

    func process(_ text: String) -> Found {
        if let exact = processes.firstIndex(where: { $0.name == text }) { return .one(exact) }
        let found = processes.indices.filter { processes[$0].name.hasPrefix(text) }
        guard let only = found.first else { return .refused(3) }
        return found.count == 1 ? .one(only) : .refused(64)
    }

    func bank(at path: String) -> Int? {
        find(path, root: Self.rootBank) { parent, name in
            banks.first { $0.value.parent == parent && $0.value.name == name }?.key
        }
    }

    func meter(at path: String) -> Int? {
        find(path, root: Self.rootMeter) { parent, name in
            meters.first { $0.value.parent == parent && $0.value.name == name }?.key
        }
    }

    private func find(_ path: String, root: Int, child: (Int, String) -> Int?) -> Int? {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.first == "root" else { return nil }
        var here = root
        for part in parts.dropFirst() {
            guard let next = child(here, part) else { return nil }
            here = next
        }
        return here
    }

    /// A new path's parent, and its last part.
    static func split(_ path: String) -> (parent: String, name: String)? {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count > 1, let name = parts.last, isName(name) else { return nil }
        return (parts.dropLast().joined(separator: "/"), name)
    }

    static func isName(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count) && !text.hasPrefix("-")
            && text.utf8.allSatisfy { byte in
                switch byte {
                case 48...57, 65...90, 97...122, 45, 46, 95: true
                default: false
                }
            }
    }

    func path(ofBank bank: Int) -> String {
        chain(ofBank: bank).reversed().compactMap { banks[$0]?.name }.joined(separator: "/")
    }

    func path(ofMeter meter: Int) -> String {
        chain(ofMeter: meter).reversed().compactMap { meters[$0]?.name }.joined(separator: "/")
    }

    /// A bank and those above it.
    func chain(ofBank bank: Int) -> [Int] {
        Array(sequence(first: bank) { banks[$0]?.parent })
    }

    func chain(ofMeter meter: Int) -> [Int] {
        Array(sequence(first: meter) { meters[$0]?.parent })
    }

    func hasBank(_ name: String, below parent: Int) -> Bool {
        banks.values.contains { $0.parent == parent && $0.name == name }
    }

    func hasMeter(_ name: String, below parent: Int) -> Bool {
        meters.values.contains { $0.parent == parent && $0.name == name }
    }

    /// The latest module of a file that a bank or one above it has.
    func module(_ file: String, for bank: Int) -> Int? {
        let chain = chain(ofBank: bank)
        return modules.filter { $0.value.file == file && chain.contains($0.value.bank) }.keys.max()
    }

    /// The name that a world gives.
    func freeName(for stem: String, bank: Int?, meter: Int?) -> String {
        func isFree(_ name: String) -> Bool {
            !processes.contains { $0.name == name } && bank.map { hasBank(name, below: $0) } != true
                && meter.map { hasMeter(name, below: $0) } != true
        }
        if isFree(stem) { return stem }
        var number = 2
        while !isFree("\(stem)-\(number)") { number += 1 }
        return "\(stem)-\(number)"
    }
}

// MARK: Counting

extension Model {
    /// Cells that are a bank's own: a process is two, with its instance.
    func ownCells(_ bank: Int) -> UInt64 {
        // The root has its own record besides, which is no child's.
        let own = bank == Self.rootBank ? 1 : 0
        let cells =
            own + 2 * processes.count { $0.bank == bank } + modules.values.count { $0.bank == bank }
            + banks.values.count { $0.parent == bank } + meters.values.count { $0.payer == bank }
        return UInt64(cells)
    }

    func usedCells(_ bank: Int) -> UInt64 {
        banks.filter { $0.value.parent == bank }.keys.reduce(ownCells(bank)) { $0 + usedCells($1) }
    }

    /// Cells that a bank can still sell; those of `without` count as given back.
    func cellsLeft(_ bank: Int, without process: Process? = nil) -> UInt64 {
        let giving = process.map { chain(ofBank: $0.bank) } ?? []
        return chain(ofBank: bank).reduce(.max) { least, each in
            guard let limit = banks[each]?.limitCells else { return least }
            let used = usedCells(each) - (giving.contains(each) ? 2 : 0)
            return min(least, limit > used ? limit - used : 0)
        }
    }

    /// Whether a purchase of pages may be refused: how many there are the model does not know.
    func isLimited(_ bank: Int) -> Bool { chain(ofBank: bank).contains { banks[$0]?.limitPages != nil } }
}
