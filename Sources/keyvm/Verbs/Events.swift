// `keyvm events`: what happens in a world that runs, a line of JSON for each; with -f as it happens.

import ArgumentParser
import Control
import Glibc
import World

struct EventsVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "events", abstract: "Print what happened in a running world, as lines of JSON.",
        discussion: """
            A host keeps its last 8192 events while it runs, numbered from 0. Where some that were asked for are gone, \
            a line of kind events-dropped says how many.
            """)

    static let examples = [
        Example("keyvm events", "all that the host remembers"),
        Example("keyvm events -f", "and what happens, until the world halts"),
        Example("keyvm events -f --since 40", "from event 40 on"),
    ]

    @Flag(name: .shortAndLong, help: "Go on until the world halts.")
    var follow = false

    @Option(help: ArgumentHelp("The first event to print; a host counts from 0.", valueName: "n"))
    var since: UInt64 = 0

    @OptionGroup var world: WorldOption

    var wantsJSON: Bool { world.json }

    func run() throws {
        let deadline = ContinuousClock.now + Reach.patience
        while true {
            guard try isRunning() else { return }
            do {
                return try read()
            } catch let failure as ControlFailure {
                // A host that begins or ends: nothing was read, so nothing is read twice.
                let error = failure.asWorldError(directory: world.directory)
                guard case .notListening = failure, ContinuousClock.now < deadline else { throw error }
                usleep(20_000)
            }
        }
    }

    private func read() throws {
        let client = try ControlClient(directory: world.directory)
        let (since, follow) = (since, follow)
        let result: Result<ControlClient.EventsEnd, any Error> = awaited {
            let result: Result<ControlClient.EventsEnd, any Error>
            do {
                result = .success(
                    try await client.readEvents(since: since, follow: follow) { event in
                        try StandardStreams.print(JSONValue.envelope("events", event.members).text + "\n")
                    })
            } catch {
                result = .failure(error)
            }
            return result
        }
        let end = try result.get()
        if follow || end == .lost { StandardStreams.say("the world is no longer running") }
    }

    /// What happens is kept by the host that runs the world, and by nobody else: without one there is nothing to print, and nothing
    /// to follow.
    private func isRunning() throws(WorldError) -> Bool {
        let directory = world.directory
        switch World.condition(at: directory) {
        case .inUse(.some): return true
        case .inUse(nil): break
        case .absent, .notAWorld, .halted, .crashed: try World.open(at: directory, as: .reader).close()
        }
        guard follow else {
            StandardStreams.say("no host runs the world, and its events are kept by the one that does")
            return false
        }
        throw WorldError(
            .failed, what: "the world is not running",
            why: "its events are kept by the host that runs it, and none runs \(directory)",
            try: "keyvm boot --detach -w \(quotedForShell(directory))")
    }
}

extension WorldEvent {
    /// What the kind has nothing of is left out.
    var members: [JSONValue.Member] {
        var members: [JSONValue.Member] = [
            .init("sequence", .unsigned(sequence)), .init("time", .real(time)), .init("gasClock", .unsigned(gasClock)),
            .init("kind", .string(kind.rawValue)),
        ]
        func add(_ name: String, _ value: JSONValue?) {
            if let value { members.append(.init(name, value)) }
        }
        add("id", id.map { .unsigned($0) })
        add("name", name.map { .string($0) })
        add("path", path.map { .string($0) })
        add("bank", bank.map { .string($0) })
        add("meter", meter.map { .string($0) })
        add("exitCode", exitCode.map { JSONValue($0) })
        add("fault", fault.map { .string($0) })
        add("gas", gas.map { .unsigned($0) })
        add("commitMilliseconds", commitMilliseconds.map { .real($0) })
        add("bytesWritten", bytesWritten.map { .unsigned($0) })
        add("dropped", dropped.map { .unsigned($0) })
        return members
    }
}
