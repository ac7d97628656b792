// What somebody is shown who looks at everything, when nothing moves any more.

import FoundationEssentials
import World

struct Look: Codable {
    var processes: [ProcessAnswer] = []
    /// By process id.
    var texts: [UInt64: String] = [:]
    var banks: [BankAnswer] = []
    var meters: [MeterAnswer] = []
    var gasClock: UInt64 = 0
    /// The newest checkpoint that is listed.
    var checkpoint: UInt64 = 0
    var pendingBanks = 0
    /// What `fsck` finds.
    var problems: [String] = []

    /// An answer to a question of somebody who looks.
    mutating func take(_ answer: Answer) {
        switch answer {
        case .processes(let found): processes = found.items
        case .banks(let found): banks = found.items
        case .meters(let found): meters = found.items
        case .status(let status):
            gasClock = status.gasClock
            pendingBanks = status.pendingBanks
        case .checkpoints(let found): checkpoint = found.items.map(\.id).max() ?? 0
        case .fsck(let check): problems = check.problems.map { "\($0.invariant): \($0.object): \($0.text)" }
        default: break
        }
    }
}

/// What is wrong: which check found it, and what it found.
struct Complaint: Error, CustomStringConvertible {
    /// The same for the same wrong.
    var check: String
    var text: String
    /// The step at which it was seen, from 0.
    var step: Int

    /// On one line, as scripts have texts.
    var description: String { "\(check): \(text.replacing("\n", with: "|"))" }
}
