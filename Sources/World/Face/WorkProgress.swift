// How far the work under way has come: for a bar on a terminal, from another thread than the one that works.

import Synchronization

extension World {
    /// Of the work at a world that this process has opened.
    public static let progress = WorkProgress()
}

/// A part of a whole, 0 to 1.
public final class WorkProgress: Sendable {
    private let state = Mutex<Double?>(nil)

    /// How much is done; nil where nothing that can be measured is under way.
    public var fraction: Double? { state.withLock { $0 } }

    /// So many of so many things of a part are done; the part is a range of the whole.
    func set(_ done: UInt64, of total: UInt64, in part: ClosedRange<Double> = 0...1) {
        let share = total == 0 ? 1 : min(1, Double(done) / Double(total))
        state.withLock { $0 = part.lowerBound + (part.upperBound - part.lowerBound) * share }
    }

    /// Nothing is under way.
    func end() { state.withLock { $0 = nil } }
}
