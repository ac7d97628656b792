// The run loop: between quanta, inputs come in, publications are settled and begun, timers run out; then the next process
// has its quantum. Sleeps when there is nothing to run.

import Kernel
import Machine
import Objects
import Store

extension World {
    /// Pages of a settled publication that are turned clean between two quanta.
    private static let cleanBatch = 256

    /// Runs the world on the calling thread until `boot.until` holds, `stop` is called or a request halts it; then makes
    /// everything durable. The world stays open. `ready` is called once, when requests are taken.
    public func boot(_ boot: Boot, ready: @Sendable () -> Void = {}) throws(WorldError) {
        precondition(access == .host && !isBooting && !isClosed, "one boot at a time, by the host")
        if let gas = boot.quantumGas {
            guard (1...Kernel.quantumGasBound).contains(gas) else {
                throw WorldError(
                    .usage, what: "\(gas) cannot be the gas of a quantum", why: "it is 1 to \(Kernel.quantumGasBound)",
                    try: "keyvm boot --quantum \(Kernel.defaultQuantumGas)")
            }
        }
        try Self.checkMemory(boot.memoryBytes, try: "keyvm boot --memory 300MiB")
        if let keep = boot.keepJournal {
            try WorldError.translating(directory) { try store.beginKeepingJournal(JournalRetention(keep)) }
        }
        isBooting = true
        endsWithProcess = if case .over = boot.until { true } else { false }
        events.begin()
        mailbox.open()
        pastThread.open()
        ready()
        let run = Result {
            try whole {
                try beginEvents(.worldBooted)
                try observe()
                try beginJournal(keeping: boot.keepJournal.map(JournalRetention.init))
                try beginTerms(boot)
                try runLoop(boot)
                while rollback != nil {
                    if try performRollback() {
                        try beginJournal(keeping: boot.keepJournal.map(JournalRetention.init))
                    }
                    try runLoop(boot)
                }
                // What the journal cannot take is in no checkpoint either.
                try noteEnd(keepsClock: true)
            }
        }
        noteHalting()
        pastThread.end()
        // The last checkpoint has everything, and names no journal.
        let writer = journal.writer
        journal.phase = .absent
        let result = Result {
            try run.get()
            try observe()
            try whole { try finishCheckpoints() }
            writer?.remove()
        }
        writer?.end()
        endEvents()
        isBooting = false
        endsWithProcess = true
        let halted = WorldError.notTaken(
            what: "the world was halted", why: "it stopped before it took this request",
            try: "keyvm boot -w \(quotedForShell(directory))")
        for letter in waitingLetters + mailbox.close() {
            if case .halt = letter.request, case .success = result {
                letter.reply(.success(.done))
            } else {
                letter.reply(.failure(halted))
            }
        }
        waitingLetters = []
        // Of one that is under way nobody knows any more whether it becomes durable.
        if case .failure(let error) = result {
            for reply in cycle.waiters { reply(.failure(WorldError(error, directory: directory))) }
            cycle.waiters = []
        }
        rollback?.reply(.failure(result.failure.map { WorldError($0, directory: directory) } ?? halted))
        rollback = nil
        for (_, reply) in cycle.asked { reply(.failure(halted)) }
        cycle.asked = []
        for reply in scrapers { reply(.failure(halted)) }
        scrapers = []
        for halter in halters { halter(result.map { .done }.mapError { WorldError($0, directory: directory) }) }
        halters = []
        try WorldError.translating(directory) { try result.get() }
        if let error = writer?.notKept, boot.keepJournal != nil {
            throw WorldError(
                .failed, what: "the journal is not kept",
                why: "\(error.description); its files are in \(directory)/journal",
                try: error.suggestion)
        }
    }

    /// From any thread: asks the boot under way to checkpoint and return.
    public func stop() { mailbox.stop() }

    /// From any thread, while the world is booted: performs a request at the next quantum boundary, in order of arrival. Returns
    /// when what it changed is durable. `id`, at most 64 bytes of UTF-8, is written down with it; empty: none.
    public func submit(_ request: Request, id: String = "") async throws(WorldError) -> Answer {
        try await submit(request, id: id, sink: nil)
    }

    func submit(
        _ request: Request, id: String = "", sink: (any BackupSink)?
    ) async throws(WorldError) -> Answer {
        // What changes the world, or makes another, goes on without whoever asked for it.
        guard request.isRepeatable else { return try await posted(Letter(request: request, id: id) { _ in }).get() }
        let stop = StopFlag(or: pastThread.stop)
        let letter = Letter(request: request, id: id, sink: sink, stop: stop) { _ in }
        let answered = await withTaskCancellationHandler {
            await posted(letter)
        } onCancel: {
            stop.set(true)
        }
        return try answered.get()
    }

    /// What it is answered.
    private func posted(_ letter: Letter) async -> Result<Answer, WorldError> {
        await withCheckedContinuation { (continuation: CheckedContinuation<Result<Answer, WorldError>, Never>) in
            var letter = letter
            letter.reply = { continuation.resume(returning: $0) }
            if !mailbox.post(letter) {
                continuation.resume(
                    returning: .failure(
                        .notTaken(
                            what: "the world is not running", why: "its host is stopping or has not begun",
                            try: "keyvm status -w \(quotedForShell(directory))")))
            }
        }
    }

    private func runLoop(_ boot: Boot) throws {
        let every = UInt64(clamping: boot.every.nanoseconds)
        let begin = try objects.world(WorldPage.gasClock)
        cycle.lastFreeze = time.monotonic
        // Where a turn stands still for want of memory it is no place to stop at: nobody could find it again by its gas.
        var isCutShort = false
        while true {
            let isBetweenQuanta = try objects.world(WorldPage.running) == 0
            try observe()
            if isBetweenQuanta {
                try takeLetters()
                try answerScrapers()
            }
            try checkJournal()
            try settleIfOver()
            _ = try objects.turnClean(Self.cleanBatch)
            machine.takeBackEntries()
            if !isCutShort, !halters.isEmpty || rollback != nil || mailbox.shouldStop { return }
            if objects.isOverBudget {
                if mayBeginCheckpoint { try beginCheckpoint() }
                try settleWhenOver()
            }
            try beginAskedCheckpoint()
            if mayBeginCheckpoint, objects.hasChanges,
                objects.isCheckpointDue || time.monotonic - cycle.lastFreeze >= every
            {
                try beginCheckpoint()
            }
            if isBetweenQuanta, let deadline = try kernel.earliestDeadline(), deadline <= clock.monotonicNow {
                try clock.resample(.tick)
                try kernel.expireTimers(now: try objects.world(WorldPage.clockMonotonic))
                try observe()
            }
            if isBetweenQuanta { try seeToDurability() }

            var bound = UInt64.max
            if case .steps(let steps) = boot.until {
                let moved = try objects.world(WorldPage.gasClock) - begin
                if moved >= steps { return }
                bound = steps - moved
            }
            if case .over(let id) = boot.until, try isOver(id) { return }
            if let process = try kernel.processToRun() {
                isCutShort = try machine.run(process, gasBound: bound) == .overBudget
                continue
            }
            if !scrapers.isEmpty { continue }
            if try kernel.hasGoingBanks { continue }
            if machine.hasLeaving { continue }
            switch boot.until {
            case .idle, .steps: if try !kernel.isTimerArmed && !kernel.awaitedDurability().isAwaited { return }
            case .stopped, .over: break
            }
            try sleep(every: every)
        }
    }

    /// Sleeps until a letter comes, a timer runs out, or a checkpoint falls due.
    private func sleep(every: UInt64) throws {
        if objects.isCheckpointDue || objects.isTurningClean { return }
        var deadline = time.monotonic + 3_600_000_000_000
        if cycle.underWay == nil && objects.hasChanges { deadline = min(deadline, cycle.lastFreeze + every) }
        if cycle.underWay == nil, try kernel.awaitedDurability().byCheckpoint != 0 {
            deadline = min(deadline, cycle.programsMayBegin)
        }
        if let timer = try kernel.earliestDeadline() {
            let now = clock.monotonicNow
            let (moment, isNever) = time.monotonic.addingReportingOverflow(timer > now ? timer - now : 0)
            if !isNever { deadline = min(deadline, moment) }
        }
        mailbox.wait(until: deadline)
    }

    private func isOver(_ id: UInt64) throws -> Bool {
        guard let process = try kernel.process(id: id) else { return true }
        switch try kernel.state(of: process) {
        case .exited, .faulted, .frozenGas, .frozenSpace, .stopped: return true
        case .ready, .waiting: return false
        }
    }

    /// Performs what has arrived, in order. Checkpoints and the halt are answered when they are durable.
    private func takeLetters() throws {
        var letters = (waitingLetters + mailbox.takeAll())[...]
        waitingLetters = []
        defer {
            // Where one of them ended the boot, the others are told.
            for letter in letters {
                letter.reply(
                    .failure(WorldError(StoreError.publicationsStopped(path: store.path), directory: directory)))
            }
        }
        while let letter = letters.popFirst() {
            let stop = letter.stop ?? pastThread.stop
            switch letter.request {
            case .past(let reference, let steps, let request):
                ask(request, asOf: reference, steps: steps ?? 0, stop, letter.reply)
            case .checkpoints(use: true): askUse(stop, letter.reply)
            case .moment(let reference, let until): askMoment(asOf: reference, until: until, stop, letter.reply)
            case .difference(let request): askDifference(request, stop, letter.reply)
            case .fork(let reference, let target): askFork(reference, to: target, stop, letter.reply)
            case .backup(let request):
                guard let sink = letter.sink else { fallthrough }
                askBackup(request, to: sink, stop, letter.reply)
            case .halt: halters.append(letter.reply)
            case .rollback(let reference, let overHeld):
                rollback = Rollback(checkpoint: reference, overHeld: overHeld, reply: letter.reply)
                waitingLetters = Array(letters)
                letters = []
            case .metrics: scrapers.append(letter.reply)
            default:
                if let order = CheckpointOrder(letter.request) {
                    cycle.asked.append((order, letter.reply))
                    continue
                }
                try take(letter)
                try observe()
            }
            if cycle.hasFailed { throw StoreError.publicationsStopped(path: store.path) }
        }
    }
}

extension Duration {
    /// Whole nanoseconds.
    var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds.multipliedReportingOverflow(by: 1_000_000_000).partialValue + attoseconds / 1_000_000_000
    }
}

extension Result {
    /// What it failed with; nil where it did not.
    var failure: Failure? { if case .failure(let failure) = self { failure } else { nil } }
}
