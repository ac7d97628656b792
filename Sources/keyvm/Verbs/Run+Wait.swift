// `keyvm run --wait`: stays with the process, on a running world through its host, on a halted one by being the host.
//
// Invariants: every record of the log is printed once, in order; a world that was booted for this is halted again,
// whatever happened; the process goes on existing, so that nothing is lost when this command is interrupted.

import ArgumentParser
import Control
import Dispatch
import FoundationEssentials
import Glibc
import Synchronization
import World

extension RunVerb {
    /// Makes the process and stays with it. Throws its exit code as `ExitCode`.
    func runToEnd() throws {
        let reach = Reach(directory: world.directory)
        let (request, source) = try requestAndSource()
        let deadline = ContinuousClock.now + Reach.patience
        while true {
            if reach.isHeldByHost { return try waitOnHost(request, source, reach) }
            let host: Host
            do throws(WorldError) {
                host = try Host(opening: world.directory)
            } catch {
                // Somebody took the world since we looked: then through them.
                guard error.code == .worldInUse, ContinuousClock.now < deadline else { throw error }
                usleep(20_000)
                continue
            }
            return try waitAsHost(request, source, host)
        }
    }

    /// The request, and the descriptor to forward. A file that fits the queue of input goes with the request.
    private func requestAndSource() throws(WorldError) -> (RunRequest, source: Int32?) {
        guard let stdin, stdin != "-" else { return (try request(input: nil), STDIN_FILENO) }
        let input = try ProgramFile.contents(of: stdin)
        if input.count <= log { return (try request(input: Data(input)), nil) }
        let descriptor = open(stdin, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system("the file cannot be read", path: stdin, errno: errno) }
        return (try request(input: nil), descriptor)
    }

    // MARK: A host runs the world

    private func waitOnHost(_ request: RunRequest, _ source: Int32?, _ reach: Reach) throws {
        endAtInterrupt(
            WorldError(
                .interrupted, what: "interrupted while a process of \(file) was made",
                why: "it may be in its world already", try: "keyvm ps -w \(quotedForShell(world.directory))"))
        let made = try make(request)
        endAtInterrupt(interruption(of: made.name))
        let follower = follower(of: made.name)
        forward(source, followedBy: follower) { request throws(WorldError) in try reach.ask(request) }
        while true {
            do {
                return try follow(made, follower, reach)
            } catch let error as WorldError where error.wasNotTaken == true && made.endsWithProcess == true {
                // The host was there for another process, which is over. What is left of this one is done here, unless somebody
                // was faster.
                guard let host = try hostIfFree() else { continue }
                try finish(made, try followAsHost(made, follower, host))
            }
        }
    }

    /// Follows a process in a world that another host runs. Throws an error that was not taken where the world is halted.
    private func follow(_ made: RunAnswer, _ follower: ProcessFollower, _ reach: Reach) throws {
        let ask: ProcessFollower.Ask = { request, wait throws(WorldError) in
            guard reach.isHeldByHost else { throw halted(made.name) }
            do throws(WorldError) {
                return try reach.ask(request, wait: wait)
            } catch {
                if error.code == .noSuchThing { throw gone(made) }
                // A host that halts refuses what it cannot do any more.
                throw reach.hasHalted() ? halted(made.name) : error
            }
        }
        while true {
            try follower.followToStandstill(ask)
            if let ending = try follower.ending(ask) { return try finish(made, ending) }
        }
    }

    /// From now on an interrupt ends this command with `error`; the host goes on.
    private func endAtInterrupt(_ error: WorldError) {
        let asJSON = world.json
        Signals.perform { number in
            guard number == SIGINT else { _exit(128 + number) }
            error.report(asJSON: asJSON)
            _exit(Int32(WorldError.Code.interrupted.rawValue))
        }
    }

    private func halted(_ name: String) -> WorldError {
        var error = WorldError(
            .failed, what: "the world was halted before process '\(name)' ended",
            why: "it goes on where it stood at the next boot",
            try: "keyvm boot -w \(quotedForShell(world.directory))")
        error.wasNotTaken = true
        return error
    }

    /// The process is no more.
    private func gone(_ made: RunAnswer) -> WorldError {
        WorldError(
            .noSuchThing, what: "process '\(made.name)' is gone, and it had not ended",
            why: "its bank was destroyed, or it was removed, or its host was killed before a checkpoint",
            try: "keyvm ps -w \(quotedForShell(world.directory))")
    }

    /// The world, opened to be run; nil where somebody has it.
    private func hostIfFree() throws(WorldError) -> Host? {
        do throws(WorldError) {
            return try Host(opening: world.directory)
        } catch {
            guard error.code == .worldInUse else { throw error }
            return nil
        }
    }

    // MARK: This command is the host

    private func waitAsHost(_ request: RunRequest, _ source: Int32?, _ host: Host) throws {
        let result: Result<(RunAnswer, Ending), any Error>
        do {
            guard case .run(let made) = try host.world.perform(.run(request)) else {
                throw Reach(directory: world.directory).mismatch(.run(request))
            }
            result = .success((made, try boot(host, source, for: made, follower(of: made.name))))
        } catch {
            result = .failure(error)
        }
        try host.halt()
        let (made, ending) = try result.get()
        try finish(made, ending)
    }

    /// Becomes the host for a process that was followed in a world of another host.
    private func followAsHost(
        _ made: RunAnswer, _ follower: ProcessFollower, _ host: Host
    ) throws -> Ending {
        // What forwards its input goes on doing so, and asks this host now.
        let result = Result { try boot(host, nil, for: made, follower) }
        try host.halt()
        return try result.get()
    }

    /// Runs the world until the process stands still, while its log is printed and its input forwarded.
    private func boot(
        _ host: Host, _ source: Int32?, for made: RunAnswer, _ follower: ProcessFollower
    ) throws -> Ending {
        let forwarder = source.map { source in
            InputForwarder(process: made.name, descriptor: source, printed: follower.position, logBytes: log) {
                request throws(WorldError) in try host.ask(request)
            }
        }
        let printing = Printing(follower, host)
        try host.run(World.Boot(every: .seconds(5), until: .over(processID: made.id))) {
            printing.start()
            forwarder?.start()
        }
        // The world stands still and is open: what is left of the log, and how the process stands, is asked directly.
        let failure = printing.handOver()
        if let lost = failure as? OutputLost { throw lost }
        let ask: ProcessFollower.Ask = { request, _ throws(WorldError) in try host.world.perform(request) }
        try follower.deliverPresent(ask)
        if let ending = try follower.ending(ask) { return ending }
        if host.endedBySignal != nil { throw interruption(of: made.name) }
        throw failure ?? halted(made.name)
    }

    // MARK: Both

    private func follower(of name: String) -> ProcessFollower {
        // With --json standard output holds the one object, and what the process writes goes beside it.
        ProcessFollower(process: name, outputDescriptor: world.json ? STDERR_FILENO : STDOUT_FILENO)
    }

    private func forward(
        _ source: Int32?, followedBy follower: ProcessFollower,
        _ ask: @escaping @Sendable (Request) throws(WorldError) -> Answer
    ) {
        guard let source else { return }
        InputForwarder(
            process: follower.process, descriptor: source, printed: follower.position, logBytes: log, ask: ask
        ).start()
    }

    private func interruption(of name: String) -> WorldError {
        WorldError(
            .interrupted, what: "interrupted while waiting for process '\(name)'",
            why: "the process goes on in its world, this command does not",
            try: "keyvm logs -f \(name) -w \(quotedForShell(world.directory))")
    }

    /// Says how the process ended, and ends this command with its exit code.
    private func finish(_ made: RunAnswer, _ ending: Ending) throws {
        let report = EndingReport(ending, process: made.name, directory: world.directory)
        if world.json {
            try StandardStreams.print(
                JSONValue.envelope(
                    "run",
                    [
                        .init("id", .unsigned(made.id)), .init("name", .string(made.name)),
                        .init("cause", .string(report.cause)), .init("code", JSONValue(report.exitCode)),
                        .init("fault", JSONValue(report.fault)),
                        .init("callStack", .array(report.places.map { .object($0.members) })),
                    ]
                ).text + "\n")
        } else if let lines = report.lines {
            StandardStreams.say(lines)
        }
        throw ExitCode(report.exitCode)
    }
}

/// Prints a process's log on a thread of its own while the world runs on the main one, then hands the follower back.
///
/// Invariant: the follower is used by the thread from `start()` until it ends, and by the caller after `handOver()`.
private final class Printing: @unchecked Sendable {
    private let follower: ProcessFollower
    private let host: Host
    private let ended = DispatchSemaphore(value: 0)
    private let state = Mutex<(begun: Bool, failure: (any Error)?)>((false, nil))

    init(_ follower: ProcessFollower, _ host: Host) {
        self.follower = follower
        self.host = host
    }

    /// Begins; when the process stands still, or its log cannot be printed, the world is stopped.
    func start() {
        state.withLock { $0.begun = true }
        DispatchQueue(label: "keyvm.follower").async { [self] in
            do {
                try follower.followToStandstill { request, wait throws(WorldError) in try host.ask(request, wait: wait)
                }
            } catch {
                state.withLock { $0.failure = error }
            }
            host.world.stop()
            ended.signal()
        }
    }

    /// Waits for the thread, where there is one: the follower is the caller's now. Returns what went wrong there.
    func handOver() -> (any Error)? {
        if state.withLock({ $0.begun }) { ended.wait() }
        return state.withLock { $0.failure }
    }
}
