// Owns the signals that a damaged store raises and no check can foresee (STORE-14): SIGBUS in the map when the file was
// cut while it is open or the disk fails, SIGSEGV and SIGABRT within LMDB when a tree page is damaged, and LMDB's
// assertions.
//
// The handler runs only what is safe in a signal: it reads memory that was prepared before, writes three lines and ends
// the process with 8. A fault that is not ours goes to the handler that was there before.

import CLMDB
import Glibc
import Synchronization

/// One open store, as the handler sees it. Allocated once and never freed, so that the handler may always read it.
struct FaultRecord {
    var mapStart: UInt = 0
    var mapBytes: UInt = 0
    var path: UnsafeMutablePointer<UInt8>?
    var pathBytes = 0
    var isUsed = false
    /// The threads that are inside LMDB just now; 0 is none. One for each side.
    var kernelThread: pthread_t = 0
    var writerThread: pthread_t = 0
    var pastThread: pthread_t = 0
    /// The thread that publishes, in LMDB or not: what a damaged tree page makes LMDB write over is found later, by the
    /// allocator, which aborts.
    var publishingThread: pthread_t = 0

    /// Whether a thread is inside LMDB with this store.
    func isInLMDB(_ thread: pthread_t) -> Bool {
        kernelThread == thread || writerThread == thread || pastThread == thread
    }

    /// Writes the path to standard error; safe in a signal.
    func sayPath() {
        if let path { _ = write(STDERR_FILENO, path, pathBytes) }
    }
}

/// The register of the stores that are open in this process.
enum FaultGuard {
    static let exitCode: Int32 = 8
    static let slots = 64
    private static let longestPath = 4_096
    private static let installed = Mutex(false)

    /// Takes a record for a store and installs the handlers when it is the first.
    static func take(path: String) -> UnsafeMutablePointer<FaultRecord> {
        installed.withLock { isInstalled in
            if !isInstalled {
                install()
                isInstalled = true
            }
            guard let records = faultRecords else { fatalError("installed above") }
            for index in 0..<slots where !records[index].isUsed {
                let record = records + index
                let bytes = Array(path.utf8.prefix(longestPath))
                let copy = record.pointee.path ?? .allocate(capacity: longestPath)
                copy.update(from: bytes, count: bytes.count)
                record.pointee.path = copy
                record.pointee.pathBytes = bytes.count
                record.pointee.mapStart = 0
                record.pointee.mapBytes = 0
                record.pointee.isUsed = true
                return record
            }
            fatalError("at most \(slots) stores are open at a time")
        }
    }

    static func release(_ record: UnsafeMutablePointer<FaultRecord>) {
        installed.withLock { _ in
            record.pointee.mapBytes = 0
            record.pointee.isUsed = false
        }
    }

    private static func install() {
        let records = UnsafeMutablePointer<FaultRecord>.allocate(capacity: slots)
        records.initialize(repeating: FaultRecord(), count: slots)
        faultRecords = records
        previousBus = PreviousAction.allocate()
        previousSegmentation = PreviousAction.allocate()
        previousAbort = PreviousAction.allocate()
        for (signal, previous) in [
            (SIGBUS, previousBus), (SIGSEGV, previousSegmentation), (SIGABRT, previousAbort),
        ] {
            let action = PreviousAction.allocate()
            action.pointee.__sigaction_handler.sa_sigaction = handleFault
            action.pointee.sa_flags = SA_SIGINFO | SA_ONSTACK
            sigemptyset(&action.pointee.sa_mask)
            sigaction(signal, action, previous)
            action.deallocate()
        }
    }
}

/// Room for the C library's `struct sigaction`. On the heap: for a global that holds two of them the compiler (6.3.1)
/// reserves 296 bytes, where the C library writes 304.
private enum PreviousAction {
    static let bytes = 512

    static func allocate() -> UnsafeMutablePointer<sigaction> {
        let memory = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 16)
        memory.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
        return memory.bindMemory(to: sigaction.self, capacity: 1)
    }
}

// Read by the handler; written once, under the lock of `FaultGuard`, before the handler is installed.
nonisolated(unsafe) private var faultRecords: UnsafeMutablePointer<FaultRecord>?
nonisolated(unsafe) private var previousBus: UnsafeMutablePointer<sigaction>?
nonisolated(unsafe) private var previousSegmentation: UnsafeMutablePointer<sigaction>?
nonisolated(unsafe) private var previousAbort: UnsafeMutablePointer<sigaction>?

/// The signal handler: ours when the address is in a store's map, or the thread is inside LMDB.
private func handleFault(
    signal: Int32, information: UnsafeMutablePointer<siginfo_t>?, context: UnsafeMutableRawPointer?
) {
    let address = UInt(bitPattern: information?.pointee._sifields._sigfault.si_addr)
    let thread = pthread_self()
    if let records = faultRecords {
        for index in 0..<FaultGuard.slots where records[index].isUsed {
            let record = records + index
            let start = record.pointee.mapStart
            if signal != SIGABRT && address >= start && address - start < record.pointee.mapBytes {
                reportFault(record, offset: address - start)
            }
            if record.pointee.isInLMDB(thread) { reportFault(record, offset: nil) }
            if signal == SIGABRT && record.pointee.publishingThread == thread { reportFault(record, offset: nil) }
        }
    }
    switch signal {
    case SIGBUS: sigaction(signal, previousBus, nil)
    case SIGSEGV: sigaction(signal, previousSegmentation, nil)
    default: sigaction(signal, previousAbort, nil)
    }
}

/// Writes the three lines and ends the process; safe in a signal.
private func reportFault(_ record: UnsafeMutablePointer<FaultRecord>, offset: UInt?) -> Never {
    say("store is damaged or cut short\n")
    record.pointee.sayPath()
    if let offset {
        say(" cannot be read at byte ")
        say(decimal: offset)
        say("\n")
    } else {
        say(" has a damaged tree page\n")
    }
    say("try: keyvm fsck, and restoring a backup\n")
    _exit(FaultGuard.exitCode)
}

private func say(_ text: StaticString) {
    _ = write(STDERR_FILENO, text.utf8Start, text.utf8CodeUnitCount)
}

private func say(decimal value: UInt) {
    var divisor: UInt = 1
    while value / divisor >= 10 { divisor *= 10 }
    while divisor > 0 {
        var digit = UInt8(ascii: "0") + UInt8(value / divisor % 10)
        _ = write(STDERR_FILENO, &digit, 1)
        divisor /= 10
    }
}

/// LMDB's assertion failed: it would abort next.
func handleAssertion(environment: OpaquePointer?, message: UnsafePointer<CChar>?) {
    say("store is damaged\n")
    let thread = pthread_self()
    for index in 0..<FaultGuard.slots {
        guard let record = faultRecords.map({ $0 + index }), record.pointee.isUsed, record.pointee.isInLMDB(thread)
        else { continue }
        record.pointee.sayPath()
        say(": ")
        break
    }
    if let message { _ = write(STDERR_FILENO, message, strlen(message)) }
    say("\ntry: keyvm fsck, and restoring a backup\n")
    _exit(FaultGuard.exitCode)
}
