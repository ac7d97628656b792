// Counts the requests whose answers are not yet on their way out, so that a host that halts can let them go first.
//
// Invariant: an answer is open from its request's arrival until its last byte is written or its connection given up;
// a value's life stands for it, so that no path can forget to end it.

import Synchronization

/// How many answers are open, and a way to wait until none is.
final class OpenAnswers: Sendable {
    private let count = Mutex(0)

    fileprivate func begin() { count.withLock { $0 += 1 } }

    fileprivate func end() { count.withLock { $0 -= 1 } }

    /// Returns when no answer has been open for a while (`quiet`), or when `patience` is over: who connected just before is heard
    /// in that time, and told that the host ends.
    func drained(quiet: Duration, within patience: Duration) async {
        let deadline = ContinuousClock.now + patience
        var lastOpen = ContinuousClock.now
        while ContinuousClock.now < deadline {
            if count.withLock({ $0 }) > 0 { lastOpen = .now }
            if ContinuousClock.now - lastOpen >= quiet { return }
            do { try await Task.sleep(for: .milliseconds(2)) } catch { return }
        }
    }
}

/// One answer, open as long as the value lives.
final class OpenAnswer: Sendable {
    private let answers: OpenAnswers

    init(of answers: OpenAnswers) {
        self.answers = answers
        answers.begin()
    }

    deinit { answers.end() }
}
