// `keyvm logs`: what a process wrote, nothing added; with -f as it writes it.

import ArgumentParser
import Control
import Glibc
import World

struct LogsVerb: ReadsPast {
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

    var notOfThePast: String? { follow ? "nothing is written any more that -f could wait for" : nil }

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
        guard isStream else { return try printAll(since: since) }
        try follow(since: since)
    }

    private func printAll(since: UInt64) throws {
        var next = since
        _ = try readAll(since: since) { logs in
            try showAll(logs, since: next)
            next = logs.next
        }
    }

    /// Asks for a batch after the other until there is no more; returns the last.
    private func readAll(since: UInt64, _ take: (LogsAnswer) throws -> Void) throws -> LogsAnswer {
        var logs = try ask(since: since)
        while true {
            try take(logs)
            if logs.ended || logs.items.isEmpty { return logs }
            logs = try ask(since: logs.next)
        }
    }

    /// Goes on through the end of a host, with the next. Once a host was followed nobody else is asked as long as the world is not
    /// halted: whoever opens it would replay what its next host is about to replay, and be in its way.
    private func follow(since: UInt64) throws {
        var next = since
        var last: LogRecord?
        var branch: UInt64?
        var wasRunning = false
        while true {
            let asked: Answer?
            do throws(WorldError) {
                asked = try reach.askHost(
                    request(since: next), wait: LogWait(seconds: 30, endsAtStandstill: false))
            } catch {
                // The host went away while it was asked.
                guard wasRunning, error.code != .noSuchThing, reach.hasHalted() else { throw error }
                continue
            }
            if asked == nil && wasRunning && World.condition(at: reach.directory) == .crashed {
                awaitNextHost()
                if try !isStillThere(last) { (next, last) = (0, nil) }
                continue
            }
            let logs = try asked.map(answer) ?? ask(since: next)
            let hasGoneBack = branch != nil && logs.branch != branch
            branch = logs.branch
            if hasGoneBack, try !isStillThere(last) {
                (next, last) = (0, nil)
                continue
            }
            try showAll(logs, since: next)
            last = logs.items.last ?? last
            next = max(next, logs.next)
            if logs.ended { return }
            if asked != nil {
                wasRunning = true
            } else if logs.items.isEmpty {
                return StandardStreams.say(wasRunning ? "the world is no longer running" : "the world is not running")
            }
        }
    }

    /// A host that was killed has lost nothing: the next one goes on, and so do we. Returns where there is one, or the world is halted.
    private func awaitNextHost() {
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

    /// Whether the log has the record that was shown last; it may have gone meanwhile, where the log is full. A world that was booted
    /// without its journal, or went back, may have another.
    private func isStillThere(_ last: LogRecord?) throws -> Bool {
        guard let shown = last else { return true }
        if try hasRecord(shown) { return true }
        StandardStreams.say(
            "the world has gone back, and what was shown is not what \(printable(process)) has written; here is all of it:"
        )
        return false
    }

    private func hasRecord(_ shown: LogRecord) throws -> Bool {
        let asked = try reach.askHost(request(since: shown.sequence), wait: nil)
        let logs = try asked.map(answer) ?? ask(since: shown.sequence)
        guard let first = logs.items.first else { return false }
        return first == shown || first.sequence > shown.sequence
    }

    private func request(since: UInt64) -> Request {
        .logs(process: process, since: since, limitBytes: batchBytes)
    }

    private func ask(since: UInt64) throws(WorldError) -> LogsAnswer {
        try answer(try reach.ask(request(since: since)))
    }

    private func answer(_ answer: Answer) throws(WorldError) -> LogsAnswer {
        guard case .logs(let logs) = answer else { throw reach.mismatch(request(since: 0)) }
        return logs
    }

    private func showAll(_ logs: LogsAnswer, since: UInt64) throws(OutputLost) {
        // Of a log whose beginning is not asked for nobody expects what is long gone.
        if since > 0, let first = logs.items.first?.sequence, first > since {
            StandardStreams.say("records \(since) to \(first - 1) are not kept any more")
        }
        for record in logs.items { try show(record) }
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
        let logs = try readAll(since: since) { logs in items += logs.items.map { .object($0.members) } }
        try StandardStreams.print(
            JSONValue.envelope(
                "logs",
                [
                    .init("items", .array(items)), .init("next", .unsigned(logs.next)),
                    .init("oldest", .unsigned(logs.oldest)), .init("ended", JSONValue(logs.ended)),
                ]
            ).text + "\n")
    }
}

/// Text asked for at a time.
private let batchBytes = 1 << 18
