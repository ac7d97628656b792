// Runs a world in this process: under its lock, with its control socket, until it is told to stop.
//
// Invariants: the socket is there only while requests are taken, and gone before the lock is; a signal makes a
// checkpoint and an orderly end; the world is closed exactly once, whatever failed before.

import Control
import Glibc
import Synchronization
import World

/// A world opened to be run.
final class Host: Sendable {
    let world: World
    private let directory: String
    private let signalled = Mutex<Int32?>(nil)

    /// How long readers are waited for: whoever looks at a world that crashed replays what the host is about to replay.
    private static let readersPatience = Duration.seconds(60)

    /// Opens the world, waiting a while for readers. Throws `.worldInUse` with the other host's process id, and what
    /// `World.open` throws.
    init(opening directory: String, withoutJournal: Bool = false) throws(WorldError) {
        self.directory = directory
        let begin = ContinuousClock.now
        var hasSaid = false
        while true {
            do throws(WorldError) {
                world = try World.open(at: directory, as: .host, withoutJournal: withoutJournal)
                return
            } catch {
                // A host that is known stays; anybody else will be done soon.
                if case .inUse(.some) = World.condition(at: directory) { throw error }
                let waited = ContinuousClock.now - begin
                guard error.code == .worldInUse, waited < Self.readersPatience else { throw error }
                if waited > .seconds(2) && !hasSaid {
                    StandardStreams.say("keyvm: somebody reads the world in \(printable(directory)); waiting")
                    hasSaid = true
                }
                usleep(20_000)
            }
        }
    }

    /// The signal that ended the run, if one did.
    var endedBySignal: Int32? { signalled.withLock { $0 } }

    /// Runs the world on this thread until `boot` ends or a signal comes. `ready` is called when requests are taken.
    /// The world stays open. Throws what `World.boot` throws, or why the socket could not be opened.
    func run(_ boot: World.Boot, ready: @escaping @Sendable () -> Void) throws(WorldError) {
        Signals.perform(
            { [self] number in
                signalled.withLock { $0 = number }
                world.stop()
            }, always: [SIGINT, SIGTERM])
        let server: ControlServer
        do throws(ControlFailure) {
            server = try ControlServer(
                directory: directory, events: world.events, replayed: world.replayedRequests,
                change: { [world] request, id async throws(WorldError) in
                    try await world.submit(request, id: id.text)
                },
                backup: { [world] request, sink async throws(WorldError) in try await world.submit(request, to: sink) },
                perform: { [world] request async throws(WorldError) in try await world.submit(request) })
        } catch {
            throw error.asWorldError(directory: directory)
        }
        let serving = Mutex<Serving?>(nil)
        let result: Result<Void, WorldError>
        do throws(WorldError) {
            try world.boot(boot) { [self] in
                serving.withLock { $0 = Serving(server, stopping: world, ready: ready) }
                // A signal that came before there was a boot to stop.
                if endedBySignal != nil { world.stop() }
            }
            result = .success(())
        } catch {
            result = .failure(error)
        }
        let begun = serving.withLock { $0 }
        let failure = awaited { await begun?.end(server) }
        try result.get()
        if let failure { throw failure.asWorldError(directory: directory) }
    }

    /// The control socket of a world that runs: a host that nobody can reach stops.
    private struct Serving: Sendable {
        private let starting: Task<ControlFailure?, Never>
        private let watching: Task<ControlFailure?, Never>

        init(_ server: ControlServer, stopping world: World, ready: @escaping @Sendable () -> Void) {
            let starting = Task.detached { () -> ControlFailure? in
                do throws(ControlFailure) {
                    try await server.start()
                    ready()
                    return nil
                } catch {
                    world.stop()
                    return error
                }
            }
            self.starting = starting
            watching = Task.detached {
                guard await starting.value == nil, let failure = await server.ended() else { return nil }
                world.stop()
                return failure
            }
        }

        /// Ends the server once it has begun. Returns what it failed of.
        func end(_ server: ControlServer) async -> ControlFailure? {
            let failure = await starting.value
            await server.stop()
            if let failure { return failure }
            return await watching.value
        }
    }

    /// Writes what is left and lets go of the world.
    func halt() throws(WorldError) { try world.close() }

    /// Performs on the running world, waiting for the answer; `wait` holds an answer to `logs` back.
    func ask(_ request: Request, wait: LogWait? = nil) throws(WorldError) -> Answer {
        let result: Result<Answer, WorldError> = awaited { [world] in
            do throws(WorldError) {
                return .success(
                    try await performWaiting(request, wait: wait, isStopping: { false }) {
                        request async throws(WorldError) in try await world.submit(request)
                    })
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }
}
