// Which place in the past the verb of this run asks in place of the world as it is. Set once, by `keyvm at`, before the verb is run.

import Synchronization

/// A kept checkpoint, or so much gas behind it.
struct PastView: Sendable {
    /// `@` and a name, or a number.
    var checkpoint: String
    var steps: UInt64
    /// What holds at the place that is meant, which has not been looked for yet.
    var until: String?

    private static let choice = Mutex<PastView?>(nil)

    /// nil: the world as it is.
    static var chosen: PastView? { choice.withLock { $0 } }

    func choose() { Self.choice.withLock { $0 = self } }
}

/// A verb that can be asked of the past: it only reads, and ends when it has.
protocol ReadsPast: Verb {
    /// Why this use of it cannot, where it cannot.
    var notOfThePast: String? { get }
}

extension ReadsPast {
    var notOfThePast: String? { nil }
}
