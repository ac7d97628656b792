// The head's attributes of a world, `specs/checkpoints.md`: the journal's mark, and what is settled of checkpoints.

import Store

/// How a world came to be what it is.
struct WorldHistory: Sendable, Hashable {
    /// How often it went back.
    var rollbacks: UInt64 = 0
    /// Somebody else is of the same state: programs draw their next random bytes of a new key.
    var isKeyDue = false
    /// The last ones, oldest first; none: it is on the branch that it was made on, 0.
    private(set) var branches: [Branch] = []

    static let branchBound = 64

    init(rollbacks: UInt64 = 0, isKeyDue: Bool = false) {
        (self.rollbacks, self.isKeyDue) = (rollbacks, isKeyDue)
    }

    /// What a world goes on as that went back, or was restored.
    struct Branch: Sendable, Hashable {
        /// Drawn.
        var id: UInt64
        /// Of the state that it began with.
        var from: Epoch
        /// Of the first publication on it; `from` where the world was restored, and nothing was published on it so far.
        var first: Epoch
    }

    /// The branch that it is on.
    var branch: UInt64 { branches.last?.id ?? 0 }

    /// It is on a new branch from now on.
    mutating func begin(_ branch: Branch) {
        branches.append(branch)
        branches.removeFirst(max(0, branches.count - Self.branchBound))
    }

    /// It goes on as one that was restored as of `epoch`.
    mutating func beginRestored(_ epoch: Epoch) {
        begin(Branch(id: .random(in: 1...UInt64.max), from: epoch, first: epoch))
        isKeyDue = true
    }
}

struct WorldAttributes: Equatable {
    /// The 16 bytes that say with which file of the journal the world goes on.
    var journal: [UInt8]
    var retention: Retention
    var history: WorldHistory

    private static let journalBytes = 16
    /// Flag.
    private static let keyIsDue: UInt64 = 1

    init(journal: [UInt8], retention: Retention, history: WorldHistory) {
        precondition(journal.count == Self.journalBytes)
        self.journal = journal
        self.retention = retention
        self.history = history
    }

    /// Reads what a head carries; what is behind its end is zero.
    init(_ bytes: [UInt8]) {
        func number(_ index: Int) -> UInt64 {
            let offset = Self.journalBytes + 8 * index
            guard offset + 8 <= bytes.count else { return 0 }
            return bytes[offset..<offset + 8].reversed().reduce(0) { $0 << 8 | UInt64($1) }
        }
        journal = Array(bytes.prefix(Self.journalBytes))
        journal += [UInt8](repeating: 0, count: Self.journalBytes - journal.count)
        retention = Retention(count: number(0), seconds: number(1))
        history = WorldHistory(rollbacks: number(2), isKeyDue: number(3) & Self.keyIsDue != 0)
        let count = max(0, bytes.count - Self.journalBytes - 32) / 24
        for index in 0..<count {
            let field = 4 + 3 * index
            history.begin(
                WorldHistory.Branch(
                    id: number(field), from: Epoch(rawValue: number(field + 1)),
                    first: Epoch(rawValue: number(field + 2))))
        }
    }

    var bytes: [UInt8] {
        var numbers = [
            retention.count, retention.seconds, history.rollbacks, history.isKeyDue ? Self.keyIsDue : 0,
        ]
        for branch in history.branches { numbers += [branch.id, branch.from.rawValue, branch.first.rawValue] }
        return journal + numbers.flatMap { number in withUnsafeBytes(of: number.littleEndian, Array.init) }
    }
}
