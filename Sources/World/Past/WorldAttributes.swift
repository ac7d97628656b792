// The head's attributes of a world, `specs/checkpoints.md`: the journal's mark, and what is settled of checkpoints.

import Store

/// How a world came to be what it is.
struct WorldHistory: Sendable, Hashable {
    /// How often it went back; the number of the branch that it is on.
    var rollbacks: UInt64 = 0
}

struct WorldAttributes: Equatable {
    /// The 16 bytes that say with which file of the journal the world goes on.
    var journal: [UInt8]
    var retention: Retention
    var history: WorldHistory

    private static let journalBytes = 16

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
        history = WorldHistory(rollbacks: number(2))
    }

    var bytes: [UInt8] {
        let numbers = [retention.count, retention.seconds, history.rollbacks]
        return journal + numbers.flatMap { number in withUnsafeBytes(of: number.littleEndian, Array.init) }
    }
}
