// Where other threads leave what they want of the kernel's thread, and where that thread waits when it has nothing to
// run. The only place, with the checkpoint writer, at which threads meet.

import Glibc

/// One request on its way to the kernel's thread, and whom to tell.
struct Letter: Sendable {
    var request: Request
    /// Under which its outcome is remembered; empty: none.
    var id = ""
    /// Where a backup goes.
    var sink: (any BackupSink)?
    /// Set when whoever asked is gone, or nobody is answered about the past any more.
    var stop: StopFlag?
    var reply: @Sendable (Result<Answer, WorldError>) -> Void
}

final class Mailbox: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let arrival = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var letters: [Letter] = []
    private var isStopping = false
    private var isClosed = true
    private var wasPoked = false

    init() {
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(arrival, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(arrival)
        pthread_mutex_destroy(mutex)
        arrival.deallocate()
        mutex.deallocate()
    }

    private func locked<T>(_ body: () -> T) -> T {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body()
    }

    /// The same, and wakes the kernel's thread, which then finds the lock free.
    private func waking<T>(_ body: () -> T) -> T {
        defer { pthread_cond_signal(arrival) }
        return locked(body)
    }

    /// From now on letters are taken.
    func open() {
        locked {
            isClosed = false
            isStopping = false
        }
    }

    /// From now on letters come back; those that lie here are returned.
    func close() -> [Letter] {
        locked {
            isClosed = true
            defer { letters = [] }
            return letters
        }
    }

    /// Leaves a letter; false where nobody takes any.
    func post(_ letter: Letter) -> Bool {
        waking {
            guard !isClosed else { return false }
            letters.append(letter)
            return true
        }
    }

    /// Asks the kernel's thread to stop.
    func stop() {
        waking { isStopping = true }
    }

    /// Wakes the kernel's thread: something is done that it waits for.
    func poke() {
        waking { wasPoked = true }
    }

    var shouldStop: Bool { locked { isStopping } }

    /// What has arrived, in order.
    func takeAll() -> [Letter] {
        locked {
            defer { letters = [] }
            return letters
        }
    }

    /// Sleeps until something arrives, somebody pokes or stops, or the host's monotonic clock passes `deadline`
    /// (nanoseconds).
    func wait(until deadline: UInt64) {
        var time = timespec(tv_sec: Int(deadline / 1_000_000_000), tv_nsec: Int(deadline % 1_000_000_000))
        locked {
            while letters.isEmpty && !isStopping && !wasPoked {
                if pthread_cond_timedwait(arrival, mutex, &time) == ETIMEDOUT { break }
            }
            wasPoked = false
        }
    }
}
