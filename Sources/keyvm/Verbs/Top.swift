// `keyvm top`: the processes of a world that runs, and how fast they use gas, as it goes on; without a terminal, one
// table of what happened between two looks.

import ArgumentParser
import World

struct TopVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "top",
        abstract: "Show the processes live, with the gas that they use in a second.",
        discussion: """
            Keys: g, p, n and s sort by gas in a second, pages, name and state; r reverses; q ends. Without a terminal, \
            or with --json, it looks twice, --every apart, and prints what it saw. \(columnHelp(watchedColumns))
            """)

    static let examples = [
        Example("keyvm top", "who uses the most gas, once a second; q ends"),
        Example("keyvm top --every 5s -S pages", "the largest first, every five seconds"),
        Example("keyvm top -H -p -o name,rate | head", "one table, for a script"),
    ]

    @Option(
        help: ArgumentHelp("Time between two looks.", valueName: "duration"), transform: taking(parsedWatchInterval))
    var every = Every(text: "1s", duration: .seconds(1))

    @OptionGroup var form: TableForm
    @OptionGroup var world: WorldOption

    var wantsJSON: Bool { world.json }

    func run() throws {
        var design = try form.design(watchedColumns, verb: "top")
        if design.sortedBy == nil { design.sort(by: "rate", descending: true) }
        let reach = Reach(directory: world.directory)
        if let still = try WorldWatch.lookAtStandstill(reach) {
            StandardStreams.say("the world is \(still.status.state.rawValue): nothing in it moves")
            return try show(still, design)
        }
        var watch = WorldWatch(reach: reach, every: every.duration)
        let first = try watch.look()
        if !world.json && !form.bare && Screen.isPossible {
            let view = WorldView(design: design, form: form, isStyled: Terminal.output.takesEscapes)
            return try LiveTop(first: first, watch: watch, view: view).run()
        }
        sleep(for: every.duration)
        try show(try watch.look(), design)
    }

    private func show(_ sight: WorldSight, _ design: TableDesign<WatchedProcess>) throws {
        let rows = design.sorted(sight.processes)
        if world.json { return try StandardStreams.print(json(sight, rows: rows).text + "\n") }
        try form.show(design.table(rows, form: form))
    }

    private func json(_ sight: WorldSight, rows: [WatchedProcess]) -> JSONValue {
        .envelope(
            "top",
            sight.status.members + [
                .init("seconds", JSONValue(sight.span.map { $0 / .seconds(1) } ?? 0)),
                .init("gasPerSecond", sight.gasPerSecond.map { .real($0) } ?? .null),
                .init(
                    "items",
                    .array(
                        rows.map { row in
                            .object(
                                row.process.members + [
                                    .init("gasPerSecond", row.gasPerSecond.map { .real($0) } ?? .null)
                                ])
                        })),
            ])
    }
}

/// `--every` of what looks again and again: not so often that looking is all that the world does.
@Sendable private func parsedWatchInterval(_ text: String) throws(QuantityError) -> Every {
    let every = try parsedEvery(text)
    guard every.duration >= .milliseconds(100) else {
        throw QuantityError("'\(text)' is too short: the least is 100ms")
    }
    return every
}
