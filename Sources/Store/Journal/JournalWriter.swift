// Makes records durable, on a thread of its own: what was appended while it synced goes into one write and one sync. Tells those
// who wait when their record is durable (specs/journal.md, When what is told).
//
// JRNL-4  Nobody is told that a record is durable before it is, or after a write or a sync that failed.

import Glibc

package final class JournalWriter: @unchecked Sendable {
    /// Bytes that may wait for the disk; beyond it appending waits too.
    private static let pendingBound = 64 << 20

    private enum Step {
        case write([UInt8], last: UInt64)
        case begin(JournalHeader)
        /// Files of lower serial numbers go, or are kept.
        case discard(before: UInt64, JournalKeeping)
        /// What is allocated behind the last record goes.
        case cut
        /// The folder goes, and its files are kept where they are to be.
        case remove(JournalKeeping)
    }

    private struct Waiter {
        let number: UInt64
        let reply: @Sendable (StoreError?) -> Void
    }

    private let folder: JournalFolder
    /// The writer's thread alone has it.
    private var kept: KeptJournals
    private let directory: String
    private let worldID: WorldID
    private let failed: @Sendable () -> Void
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let change = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var thread: BackgroundThread?

    // What follows belongs to whoever holds the mutex.
    /// What becomes of files that no restart needs any more.
    private var keeping: JournalKeeping
    private var steps: [Step] = []
    private var pending: [UInt8] = []
    private var last: UInt64
    private var durable: UInt64
    private var waiters: [Waiter] = []
    private var header: JournalHeader?
    private var serial: UInt64
    /// The highest that another writer gave.
    private let serialBefore: UInt64
    /// What the next file goes on from.
    private var behind: UInt64
    /// Why files are left that were to be kept.
    private var keepingFailure: StoreError?
    /// The file that is durable under its name.
    private var begun: UInt64 = 0
    private var failure: StoreError?
    private var isEnding = false
    /// Bytes appended to the file that was begun last.
    private var fileBytes: UInt64 = 0

    /// `behind`: what the first file goes on from, `JournalMark.origin`.
    /// `lastNumber`: of the record that came in last, 0 where there was none; `lastSerial`: the highest that a file ever had;
    /// `kept`: the folder of those that are kept, where somebody looked there already; `keeping`: what becomes of files that no restart
    /// needs any more, nil: they go; `failed`: called, on the writer's thread, when
    /// nothing can be written any more.
    package init(
        directory: String, worldID: WorldID, lastNumber: UInt64, lastSerial: UInt64, behind: UInt64 = 0,
        in kept: KeptJournals? = nil, keeping retention: JournalRetention? = nil,
        failed: @escaping @Sendable () -> Void = {}
    ) {
        folder = JournalFolder(directory: directory)
        self.kept = kept ?? KeptJournals(directory: directory)
        keeping = JournalKeeping(asked: retention)
        self.directory = directory
        self.worldID = worldID
        self.failed = failed
        self.behind = behind
        last = lastNumber
        durable = lastNumber
        serial = lastSerial
        serialBefore = lastSerial
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(change, nil)
    }

    deinit {
        precondition(thread == nil, "the writer was ended")
        pthread_cond_destroy(change)
        pthread_mutex_destroy(mutex)
        change.deallocate()
        mutex.deallocate()
    }

    private func locked<T>(_ body: () throws -> T) rethrows -> T {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body()
    }

    // MARK: The kernel's side

    /// From now on records go into a new file. Returns what a publication of this epoch names.
    package func begin(epoch: Epoch) -> JournalMark {
        locked {
            serial += 1
            let mark = JournalMark(serial: serial, nonce: .random(in: 1...UInt64.max))
            let new = JournalHeader(worldID: worldID, mark: mark, epoch: epoch, firstNumber: last + 1, behind: behind)
            header = new
            behind = mark.nonce
            fileBytes = 0
            add(.begin(new))
            return mark
        }
    }

    /// Appends a record to the file that was begun last. Returns its number. Waits where the disk is far behind.
    package func append(
        _ kind: JournalRecord.Kind, gasClock: UInt64, turn: UInt64, contents: [UInt8] = []
    ) -> UInt64 {
        // Who is woken finds the lock free.
        defer { pthread_cond_broadcast(change) }
        return locked {
            guard let header else { preconditionFailure("a file was begun") }
            while pending.count > Self.pendingBound && failure == nil { pthread_cond_wait(change, mutex) }
            last += 1
            let record = JournalRecord(kind, number: last, gasClock: gasClock, turn: turn, contents: contents)
            let known = durable >= header.firstNumber ? durable : 0
            record.encode(to: &pending, durable: known, nonce: header.mark.nonce)
            fileBytes += UInt64(record.bytes)
            return last
        }
    }

    /// Calls `reply` when the record of this number, and all before it, are durable: on another thread, or at once where they are.
    /// With an error where they never will be.
    package func whenDurable(_ number: UInt64, _ reply: @escaping @Sendable (StoreError?) -> Void) {
        let now: (isOver: Bool, failure: StoreError?) = locked {
            precondition(number <= last, "a record is waited for that was appended")
            if durable >= number { return (true, nil) }
            if let failure { return (true, failure) }
            waiters.append(Waiter(number: number, reply: reply))
            return (false, nil)
        }
        if now.isOver { reply(now.failure) }
    }

    /// The number of the last record.
    package var lastNumber: UInt64 { locked { last } }

    /// The number of the last record that is durable.
    package var durableNumber: UInt64 { locked { durable } }

    /// Bytes of the file that was begun last.
    package var appendedBytes: UInt64 { locked { fileBytes } }

    /// What made writing impossible, if something did.
    package var error: StoreError? { locked { failure } }

    /// Files of this epoch and later ones are what kept checkpoints go on with; nil: none is kept.
    package func need(from epoch: Epoch?) { locked { keeping.needed = epoch } }

    /// No restart needs the files before this one any more.
    package func discard(before mark: JournalMark) { locked { add(.discard(before: mark.serial, keeping)) } }

    /// Everything is in the store: the folder goes. Ends the thread.
    package func remove() {
        locked { add(.remove(keeping)) }
        end()
    }

    /// The last file gets no more records: gives back what is allocated behind them. Ends the thread.
    package func cut() {
        locked { add(.cut) }
        end()
    }

    /// Ends the thread, and removes the files that were begun.
    package func dropFiles() {
        end()
        _ = Result { () throws(StoreError) in try folder.drop(after: serialBefore) }
    }

    /// Why files lie there still that were to be kept, where that is so.
    package var notKept: StoreError? { locked { keepingFailure } }

    /// Returns when everything that was appended is durable. Throws what made that impossible.
    package func waitUntilDurable() throws(StoreError) {
        let failure: StoreError? = locked {
            while durable < last && self.failure == nil { pthread_cond_wait(change, mutex) }
            return self.failure
        }
        if let failure { throw failure }
    }

    /// Ends the thread, when what it was given is done.
    package func end() {
        let running: BackgroundThread? = locked {
            isEnding = true
            pthread_cond_broadcast(change)
            defer { thread = nil }
            return thread
        }
        running?.join()
    }

    private func add(_ step: Step) {
        takePending()
        steps.append(step)
        if thread == nil { thread = BackgroundThread { [self] in work() } }
        pthread_cond_broadcast(change)
    }

    private func takePending() {
        guard !pending.isEmpty else { return }
        steps.append(.write(pending, last: last))
        pending = []
    }

    // MARK: The publication's side

    /// Returns when a file is durable under its name, and everything before it. Throws what made that impossible.
    package func waitUntilBegun(_ mark: JournalMark) throws(StoreError) {
        let failure: StoreError? = locked {
            while begun < mark.serial && self.failure == nil { pthread_cond_wait(change, mutex) }
            return begun >= mark.serial ? nil : self.failure
        }
        if let failure { throw failure }
    }

    // MARK: The thread

    /// What is to be done next; empty when the writer ends.
    private func take() -> [Step] {
        locked {
            while steps.isEmpty && pending.isEmpty && !isEnding { pthread_cond_wait(change, mutex) }
            takePending()
            defer { steps = [] }
            pthread_cond_broadcast(change)
            return steps
        }
    }

    private func work() {
        var file: JournalFile?
        while true {
            let taken = take()
            if taken.isEmpty { return }
            guard error == nil else { continue }
            do throws(StoreError) {
                for step in taken { try perform(step, on: &file) }
            } catch {
                fail(error)
            }
        }
    }

    private func perform(_ step: Step, on file: inout JournalFile?) throws(StoreError) {
        switch step {
        case .write(let bytes, let last):
            guard file != nil else { preconditionFailure("a file was begun") }
            try file?.append(bytes)
            try file?.sync(last: last)
            settle(last)
        case .begin(let header):
            try makeFolder()
            if isKeeping { try file?.cut() }
            file = try JournalFile.begin(header, in: folder)
            locked {
                begun = header.mark.serial
                pthread_cond_broadcast(change)
            }
        case .discard(let serial, let keeping):
            // Nobody depends on it: what stays goes with the next.
            guard keep(before: serial, keeping) else { return }
            _ = Result { () throws(StoreError) in try folder.discard(before: serial, keepsOne: true) }
        case .cut: try file?.cut()
        case .remove(let keeping):
            if isKeeping { try file?.cut() }
            guard keep(before: .max, keeping) else { return }
            _ = Result { () throws(StoreError) in try folder.remove() }
        }
    }

    private var isKeeping: Bool { locked { keeping.asked != nil || keeping.needed != nil } }

    /// Keeps files of lower serial numbers that are to stay. False where it is not possible: then they stay where they are.
    private func keep(before serial: UInt64, _ keeping: JournalKeeping) -> Bool {
        let result = Result { () throws(StoreError) in try folder.keep(before: serial, in: &kept, keeping) }
        let failure: StoreError? = if case .failure(let error) = result { error } else { nil }
        locked { keepingFailure = failure }
        // What nobody asked for is not worth a folder that grows and grows.
        return failure == nil || keeping.asked == nil
    }

    private func makeFolder() throws(StoreError) {
        guard mkdir(folder.path, 0o755) == 0 || errno == EEXIST else {
            throw .system(errno, path: folder.path, call: "mkdir")
        }
        // Whoever made it may have been killed before it was durable.
        try OpenFile(directory, flags: O_RDONLY | O_DIRECTORY).sync()
    }

    private func settle(_ number: UInt64) {
        let ready: [Waiter] = locked {
            durable = number
            pthread_cond_broadcast(change)
            let ready = waiters.filter { $0.number <= number }
            waiters.removeAll { $0.number <= number }
            return ready
        }
        for waiter in ready { waiter.reply(nil) }
    }

    private func fail(_ error: StoreError) {
        let lost: [Waiter] = locked {
            failure = error
            defer { waiters = [] }
            pthread_cond_broadcast(change)
            return waiters
        }
        for waiter in lost { waiter.reply(error) }
        failed()
    }
}
