// The thread on which a running world's past is read, so that the world runs on meanwhile. One question at a time, in their order.

import Glibc
import Store
import Synchronization

/// Says to whoever reads the past that nobody waits for it any more. For any thread.
final class StopFlag: Sendable {
    private let value = Atomic(false)
    /// Set for all questions, where this one is of one.
    private let all: StopFlag?

    init(or all: StopFlag? = nil) { self.all = all }

    var isSet: Bool { value.load(ordering: .acquiring) || all?.isSet == true }

    func set(_ isSet: Bool) { value.store(isSet, ordering: .releasing) }
}

/// The past is read no further: its host halts or goes back.
struct PastAbandoned: Error {}

/// A question about the past.
struct PastQuestion: Sendable {
    /// Answers it, on the thread of the past.
    var answer: @Sendable () -> Void
    /// Tells whoever asked why it is not answered.
    var refuse: @Sendable (WorldError?) -> Void
}

final class PastThread: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let change = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var questions: [PastQuestion] = []
    /// Questions are taken.
    private var isOpen = false
    private var thread: BackgroundThread?
    /// Set while the thread is ended: what is being answered is to come to an end.
    let stop = StopFlag()
    /// Why it was ended; nil: because the world halts. Behind the mutex, and for the thread itself while it is ended.
    private(set) var reason: WorldError?

    init() {
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(change, nil)
    }

    deinit {
        pthread_cond_destroy(change)
        pthread_mutex_destroy(mutex)
        change.deallocate()
        mutex.deallocate()
    }

    /// From now on questions are taken.
    func open() {
        pthread_mutex_lock(mutex)
        isOpen = true
        reason = nil
        pthread_mutex_unlock(mutex)
    }

    /// Has the question answered when those before it are, or refused where none are taken; from any thread. The thread begins with
    /// the first one.
    func ask(_ question: PastQuestion) {
        pthread_mutex_lock(mutex)
        let (isTaken, reason) = (isOpen, reason)
        if isTaken {
            if thread == nil { thread = BackgroundThread { [self] in work() } }
            questions.append(question)
            pthread_cond_signal(change)
        }
        pthread_mutex_unlock(mutex)
        if !isTaken { question.refuse(reason) }
    }

    /// No more are taken: breaks off the question that is being answered, as soon as it looks, and refuses those behind it, with
    /// `reason` or because the world halts. By the kernel's thread.
    func end(_ reason: WorldError? = nil) {
        pthread_mutex_lock(mutex)
        isOpen = false
        self.reason = reason
        stop.set(true)
        let running = thread
        let refused = questions
        thread = nil
        questions = []
        pthread_cond_signal(change)
        pthread_mutex_unlock(mutex)
        running?.join()
        stop.set(false)
        for question in refused { question.refuse(reason) }
    }

    private func work() {
        pthread_mutex_lock(mutex)
        while isOpen {
            guard !questions.isEmpty else {
                pthread_cond_wait(change, mutex)
                continue
            }
            let next = questions.removeFirst()
            pthread_mutex_unlock(mutex)
            next.answer()
            pthread_mutex_lock(mutex)
        }
        pthread_mutex_unlock(mutex)
    }
}
