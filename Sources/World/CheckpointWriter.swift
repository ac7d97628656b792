// The background thread that makes a freeze durable. It takes one publication at a time and touches nothing but the
// store's writing side and the frozen pages, which nobody changes.

import Glibc
import Store

/// Looks whether a freeze may be published, waits for what has to be durable before it is, and answers what to publish. Throws what
/// makes it impossible.
typealias PublicationJob = @Sendable () throws -> Publication

/// What became of a publication; adopted once.
final class PublicationOutcome {
    private var published: Published?
    private let failure: (any Error)?

    private init(published: consuming Published?, failure: (any Error)?) {
        self.published = published
        self.failure = failure
    }

    /// Publishes, on the calling thread, when what it needs is durable.
    static func publish(_ job: PublicationJob, in store: Store) -> PublicationOutcome {
        do {
            return PublicationOutcome(published: try store.publish(try job()), failure: nil)
        } catch {
            return PublicationOutcome(published: nil, failure: error)
        }
    }

    /// Makes what was published the kernel's view; throws what the publication failed with.
    func adopt(into store: Store) throws -> Adoption {
        if let failure { throw failure }
        guard let taken = published.take() else { preconditionFailure("a publication is adopted once") }
        return try store.adopt(taken)
    }
}

final class CheckpointWriter: @unchecked Sendable {
    private enum State {
        case idle
        case asked(PublicationJob)
        case writing
        case done(PublicationOutcome)
        case ended
    }

    private let store: Store
    private let finished: @Sendable () -> Void
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let change = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var state = State.idle
    private var thread: BackgroundThread?

    /// `finished` is called on the writer's thread after each publication.
    init(store: Store, finished: @escaping @Sendable () -> Void) {
        self.store = store
        self.finished = finished
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(change, nil)
    }

    deinit {
        pthread_cond_destroy(change)
        pthread_mutex_destroy(mutex)
        change.deallocate()
        mutex.deallocate()
    }

    /// Gives the writer a publication to make. Not while it has one. O(1).
    func begin(_ job: @escaping PublicationJob) {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        guard case .idle = state else { preconditionFailure("one publication at a time") }
        if thread == nil { thread = BackgroundThread { [self] in work() } }
        state = .asked(job)
        pthread_cond_broadcast(change)
    }

    /// What became of the publication, when it is over; nil while it is under way. The outcome is handed over once.
    func takeOutcome() -> PublicationOutcome? {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        guard case .done(let outcome) = state else { return nil }
        state = .idle
        return outcome
    }

    /// Waits for the publication under way.
    func waitForOutcome() -> PublicationOutcome {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while true {
            if case .done(let outcome) = state {
                state = .idle
                return outcome
            }
            guard !isIdle else { preconditionFailure("there is a publication to wait for") }
            pthread_cond_wait(change, mutex)
        }
    }

    /// Ends the thread; what is under way is finished first.
    func end() {
        pthread_mutex_lock(mutex)
        while case .asked = state { pthread_cond_wait(change, mutex) }
        while case .writing = state { pthread_cond_wait(change, mutex) }
        state = .ended
        pthread_cond_broadcast(change)
        let running = thread
        thread = nil
        pthread_mutex_unlock(mutex)
        running?.join()
    }

    private var isIdle: Bool { if case .idle = state { true } else { false } }

    private func work() {
        pthread_mutex_lock(mutex)
        while true {
            switch state {
            case .ended:
                pthread_mutex_unlock(mutex)
                return
            case .asked(let job):
                state = .writing
                pthread_mutex_unlock(mutex)
                let outcome = PublicationOutcome.publish(job, in: store)
                pthread_mutex_lock(mutex)
                state = .done(outcome)
                pthread_cond_broadcast(change)
                finished()
            case .idle, .writing, .done:
                pthread_cond_wait(change, mutex)
            }
        }
    }
}
