// `keyvm checkpoint`: makes checkpoints and lists them.

import ArgumentParser
import World

struct CheckpointVerbs: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "checkpoint", abstract: "Make checkpoints, keep them, and list those that there are.",
        subcommands: [
            CheckpointCreateVerb.self, CheckpointLsVerb.self, CheckpointRmVerb.self, CheckpointHoldVerb.self,
            CheckpointReleaseVerb.self, CheckpointSetVerb.self, CheckpointDiffVerb.self, CheckpointRestoreVerb.self,
        ])
}

struct CheckpointCreateVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Make a checkpoint now; returns when it is durable.",
        discussion: "One with a name is kept until it is removed; others as `keyvm checkpoint set` says.")

    static let examples = [
        Example("keyvm checkpoint create @before", "one that is kept, and can be looked at: keyvm at @before -- ps"),
        Example("keyvm checkpoint create", "one without a name"),
    ]

    @Argument(
        help: ArgumentHelp("A name for it, with an @ before.", valueName: "@name"),
        transform: taking(parsedCheckpointName))
    var name: String?

    @OptionGroup var form: TableForm
    @OptionGroup var world: WorldOption

    var wantsJSON: Bool { world.json }

    func run() throws {
        let design = try form.design(checkpointColumns, verb: "checkpoint create")
        let reach = Reach(directory: world.directory)
        let request = Request.checkpoint(name: name)
        let answer = try withProgress("writing a checkpoint") { () throws(WorldError) in try reach.ask(request) }
        guard case .checkpoint(let checkpoint) = answer else { throw reach.mismatch(request) }
        if world.json {
            return try StandardStreams.print(JSONValue.envelope("checkpoint.create", checkpoint.members).text + "\n")
        }
        try form.show([checkpoint], as: design)
    }
}

struct CheckpointLsVerb: ReadsPast {
    static let configuration = CommandConfiguration(
        commandName: "ls", abstract: "List the checkpoints, oldest first.", discussion: columnHelp(checkpointColumns))

    static let examples = [
        Example("keyvm checkpoint ls", "those that are kept, and what they cost"),
        Example("keyvm checkpoint ls -o name,time,written -S written", "the largest first"),
    ]

    @OptionGroup var form: TableForm
    @OptionGroup var world: WorldOption

    var wantsJSON: Bool { world.json }

    func run() throws {
        let design = try form.design(checkpointColumns, verb: "checkpoint ls")
        let reach = Reach(directory: world.directory)
        // Counting it takes time where much is kept.
        let showsUse = world.json || design.shown.contains { $0.name == "used" } || design.sortedBy == "used"
        let request = Request.checkpoints(use: showsUse)
        guard case .checkpoints(let answer) = try reach.ask(request) else { throw reach.mismatch(request) }
        if world.json {
            return try StandardStreams.print(
                JSONValue.envelope("checkpoint.ls", items: design.sorted(answer.items).map(\.members)).text + "\n")
        }
        try form.show(answer.items, as: design)
    }
}

/// What is shown of checkpoints.
let checkpointColumns: [Column<CheckpointAnswer>] = [
    .number("id", "ID", .essential) { $0.id },
    Column(
        name: "name", title: "NAME", importance: .essential, isFlexible: true,
        cell: { row, _ in row.name.map { "@\($0)" } ?? "-" }, key: { row in row.name.map { .text($0) } ?? .absent }),
    Column(
        name: "time", title: "TIME", importance: .major,
        cell: { row, form in form.exact ? "\(row.time)" : humanTime(secondsSince1970: row.time) },
        key: { .real($0.time) }),
    .count("gas-clock", "GAS CLOCK", .major) { $0.gasClock },
    .number("dirty", "DIRTY", .minor) { UInt64(max(0, $0.dirtyPages)) },
    Column(
        name: "written", title: "WRITTEN", importance: .useful, isNumber: true,
        cell: { row, form in row.bytesWritten.map { form.size($0) } ?? "-" },
        key: { row in row.bytesWritten.map { .unsigned($0) } ?? .absent }),
    Column(
        name: "freeze", title: "FREEZE US", importance: .minor, isNumber: true,
        cell: { row, form in whole(row.freezeMicroseconds, form) }, key: { .real($0.freezeMicroseconds) }),
    Column(
        name: "commit", title: "COMMIT MS", importance: .minor, isNumber: true,
        cell: { row, form in row.commitMilliseconds.map { whole($0, form) } ?? "-" },
        key: { row in row.commitMilliseconds.map { .real($0) } ?? .absent }),
    .text("kept", "KEPT", .useful) { $0.kept ? "yes" : "no" },
    Column(
        name: "used", title: "USED", importance: .useful, isNumber: true,
        cell: { row, form in row.usedBytes.map { form.size($0) } ?? "-" },
        key: { row in row.usedBytes.map { .unsigned($0) } ?? .absent }),
    .text("held", "HELD", .useful) { $0.held ? "yes" : "no" },
]

/// A measured time without its fraction, or exact.
private func whole(_ value: Double, _ form: any QuantityForm) -> String {
    form.exact ? "\(value)" : "\(Int(value.rounded()))"
}
