// `keyvm run --wait`: stays with the process, on a running world through its host, on a halted one by being the host.
//
// Invariants: every record of the log is printed once, in order; a world that was booted for this is halted again,
// whatever happened; the process goes on existing, so that nothing is lost when this command is interrupted.

import ArgumentParser
import Control
import Dispatch
import Glibc
import Synchronization
import World

extension RunVerb {
    /// Makes the process and stays with it. Throws its exit code as `ExitCode`.
    func runToEnd(_ request: RunRequest) throws {
        let reach = Reach(directory: world.directory)
        let deadline = ContinuousClock.now + .seconds(10)
        while true {
            if case .inUse = World.condition(at: world.directory) { return try waitOnHost(request, reach) }
            let host: Host
            do throws(WorldError) {
                host = try Host(opening: world.directory)
            } catch {
                // Somebody took the world since we looked: then through them.
                guard error.code == .worldInUse, ContinuousClock.now < deadline else { throw error }
                usleep(20_000)
                continue
            }
            return try waitAsHost(request, host)
        }
    }

    // MARK: A host runs the world

    private func waitOnHost(_ request: RunRequest, _ reach: Reach) throws {
        let made = try make(request)
        Signals.perform { number in
            guard number == SIGINT else { _exit(128 + number) }
            interruption(of: made.name).report(asJSON: world.json)
            _exit(Int32(WorldError.Code.interrupted.rawValue))
        }
        forwardInput(to: made.name) { request throws(WorldError) in try reach.ask(request) }
        let follower = follower(of: made.name)
        let ask: ProcessFollower.Ask = { request, wait throws(WorldError) in
            guard case .inUse = World.condition(at: reach.directory) else { throw halted(made.name) }
            return try reach.ask(request, wait: wait)
        }
        while true {
            try follower.followToStandstill(ask)
            if let ending = try follower.ending(ask) { return try finish(made, ending) }
        }
    }

    private func halted(_ name: String) -> WorldError {
        WorldError(
            .failed, what: "the world was halted before process '\(name)' ended",
            why: "it goes on where it stood at the next boot",
            try: "keyvm boot -w \(quotedForShell(world.directory))")
    }

    // MARK: This command is the host

    private func waitAsHost(_ request: RunRequest, _ host: Host) throws {
        let result: Result<(RunAnswer, Ending), any Error>
        do {
            guard case .run(let made) = try host.world.perform(.run(request)) else {
                throw Reach(directory: world.directory).mismatch(.run(request))
            }
            result = .success((made, try boot(host, for: made)))
        } catch {
            result = .failure(error)
        }
        try host.halt()
        let (made, ending) = try result.get()
        try finish(made, ending)
    }

    /// Runs the world until the process stands still, while its log is printed.
    private func boot(_ host: Host, for made: RunAnswer) throws -> Ending {
        let follower = follower(of: made.name)
        let handedOver = DispatchSemaphore(value: 0)
        let failure = Mutex<(any Error)?>(nil)
        let hasBegun = Mutex(false)
        nonisolated(unsafe) let onItsThread = follower
        forwardInputWhenReady(made, host)
        try host.run(World.Boot(every: .seconds(5), until: .exited(processID: made.id))) {
            hasBegun.withLock { $0 = true }
            DispatchQueue(label: "keyvm.follower").async {
                do {
                    try onItsThread.followToStandstill { request, wait throws(WorldError) in
                        try host.ask(request, wait: wait)
                    }
                } catch {
                    failure.withLock { $0 = error }
                }
                host.world.stop()
                handedOver.signal()
            }
        }
        if hasBegun.withLock({ $0 }) { handedOver.wait() }
        // The world stands still and is open: what is left of the log, and how the process stands, is asked directly.
        let ask: ProcessFollower.Ask = { request, _ throws(WorldError) in try host.world.perform(request) }
        if let lost = failure.withLock({ $0 }) as? OutputLost { throw lost }
        try follower.deliverPresent(ask)
        if let ending = try follower.ending(ask) { return ending }
        if host.endedBySignal != nil { throw interruption(of: made.name) }
        throw failure.withLock { $0 } ?? halted(made.name)
    }

    private func forwardInputWhenReady(_ made: RunAnswer, _ host: Host) {
        forwardInput(to: made.name) { request throws(WorldError) in try host.ask(request) }
    }

    // MARK: Both

    private func follower(of name: String) -> ProcessFollower {
        // With --json standard output holds the one object, and what the process writes goes beside it.
        ProcessFollower(process: name, outputDescriptor: world.json ? STDERR_FILENO : STDOUT_FILENO)
    }

    private func forwardInput(to name: String, _ ask: @escaping @Sendable (Request) throws(WorldError) -> Answer) {
        guard stdin == nil else { return }
        InputForwarder(process: name, descriptor: STDIN_FILENO, ask: ask).start()
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
                    ]
                ).text + "\n")
        } else if let lines = report.lines {
            StandardStreams.say(lines)
        }
        throw ExitCode(report.exitCode)
    }
}
