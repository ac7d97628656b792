// `keyvm logs`: what a process wrote, nothing added; with -f as it writes it.

import ArgumentParser
import Control
import Glibc
import World

struct LogsVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "logs", abstract: "Print what a process wrote to its standard output and error.")

    static let examples = [
        Example("keyvm logs hello", "all that is kept"),
        Example("keyvm logs -f hello", "and go on as it writes, until it has ended"),
        Example("keyvm logs --since 40 hello", "from record 40 on"),
    ]

    @Argument(
        help: ArgumentHelp("Name, id, or unique prefix of either.", valueName: "proc"),
        completion: LiveNames.processes)
    var process: String

    @Flag(
        name: .shortAndLong,
        help: "Go on until the process has ended or the world halts; through a kill of its host too.")
    var follow = false

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The first record to print; records count from 0.", valueName: "n"),
        transform: taking(parsedNumber))
    var since: UInt64 = 0

    @OptionGroup var world: WorldOption

    var wantsJSON: Bool { world.json }

    func run() throws {
        let reach = Reach(directory: world.directory)
        let follower = LogPrinter(process: process, reach: reach, isJSON: world.json, isStream: follow)
        try follower.print(since: since)
    }
}

/// Prints a process's records.
private struct LogPrinter {
    let process: String
    let reach: Reach
    let isJSON: Bool
    let isStream: Bool

    func print(since: UInt64) throws {
        if isJSON && !isStream { return try printObject(since: since) }
        var next = since
        var wasRunning = false
        while true {
            // Not by replaying here what its next host is about to replay.
            if isStream && wasRunning { awaitNextHost() }
            let wait = isStream ? LogWait(seconds: 30, endsAtStandstill: false) : nil
            let logs: LogsAnswer
            do throws(WorldError) {
                logs = try ask(since: next, wait: wait)
            } catch {
                guard isStream && wasRunning, error.code != .noSuchThing else { throw error }
                // One that opens the world takes its time, as long as what it replays took.
                if error.code == .worldInUse && reach.isHeldByHost { continue }
                guard reach.hasHalted() else { throw error }
                if World.condition(at: reach.directory) == .crashed { continue }
                // The host went away while we followed: then there is no more to come, and no fault in that.
                return StandardStreams.say("the world is no longer running")
            }
            // Of a log whose beginning is not asked for nobody expects what is long gone.
            if next > 0, let first = logs.items.first?.sequence, first > next {
                StandardStreams.say("records \(next) to \(first - 1) are not kept any more")
            }
            for record in logs.items { try show(record) }
            next = max(next, logs.next)
            if logs.ended || (logs.items.isEmpty && !isStream) { return }
            guard isStream else { continue }
            guard reach.isHeldByHost else {
                let isCrashed = World.condition(at: reach.directory) == .crashed
                if !logs.items.isEmpty || wasRunning && isCrashed { continue }
                return StandardStreams.say("the world is not running")
            }
            wasRunning = true
        }
    }

    /// A host that was killed has lost nothing: the next one goes on, and so do we. Returns at once where there is one, or where the
    /// world was halted.
    private func awaitNextHost() {
        guard World.condition(at: reach.directory) == .crashed else { return }
        StandardStreams.say(
            "the world's host is gone; what follows comes with the next: keyvm boot -w \(quotedForShell(reach.directory))"
        )
        // A reader who looks in between is no next host.
        while true {
            switch World.condition(at: reach.directory) {
            case .crashed, .inUse(pid: nil): usleep(50_000)
            case .inUse, .halted, .absent, .notAWorld: return
            }
        }
    }

    private func ask(since: UInt64, wait: LogWait?) throws(WorldError) -> LogsAnswer {
        let request = Request.logs(process: process, since: since, limitBytes: batchBytes)
        guard case .logs(let logs) = try reach.ask(request, wait: wait) else { throw reach.mismatch(request) }
        return logs
    }

    private func show(_ record: LogRecord) throws(OutputLost) {
        if isJSON {
            try StandardStreams.print(JSONValue.envelope("logs", record.members).text + "\n")
        } else {
            try StandardStreams.write(Array(record.data), to: 1)
        }
    }

    /// All records in one object.
    private func printObject(since: UInt64) throws {
        var items: [JSONValue] = []
        var logs = try ask(since: since, wait: nil)
        var oldest = logs.oldest
        while !logs.items.isEmpty {
            items += logs.items.map { .object($0.members) }
            oldest = logs.oldest
            if logs.ended { break }
            logs = try ask(since: logs.next, wait: nil)
        }
        try StandardStreams.print(
            JSONValue.envelope(
                "logs",
                [
                    .init("items", .array(items)), .init("next", .unsigned(logs.next)),
                    .init("oldest", .unsigned(oldest)), .init("ended", JSONValue(logs.ended)),
                ]
            ).text + "\n")
    }
}

/// Text asked for at a time.
private let batchBytes = 1 << 18
