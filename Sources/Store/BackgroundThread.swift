// A thread of the operating system's that does one thing and is waited for: the writers of checkpoints and of the journal.

import Glibc

/// A running thread; `join` it once.
package struct BackgroundThread: Sendable {
    private let handle: pthread_t

    private final class Work: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    /// Starts a thread that runs `body`.
    package init(_ body: @escaping @Sendable () -> Void) {
        var new = pthread_t()
        let context = Unmanaged.passRetained(Work(body)).toOpaque()
        let result = pthread_create(
            &new, nil,
            { raw in
                if let raw { Unmanaged<Work>.fromOpaque(raw).takeRetainedValue().body() }
                return nil
            }, context)
        precondition(result == 0, "a thread can be made")
        handle = new
    }

    /// Waits until it has ended.
    package func join() { pthread_join(handle, nil) }
}
