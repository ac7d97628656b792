// `keyvm checkpoint`: makes checkpoints and lists those that are kept.

import ArgumentParser
import World

struct CheckpointVerbs: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "checkpoint", abstract: "Make checkpoints, and list those that are kept.",
        subcommands: [CheckpointCreateVerb.self, CheckpointLsVerb.self])
}

struct CheckpointCreateVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Make a checkpoint now; returns when it is durable.")

    static let examples = [
        Example("keyvm checkpoint create", "one without a name"),
        Example("keyvm checkpoint create @before", "one with a name"),
    ]

    @Argument(
        help: ArgumentHelp("A name for it, with an @ before.", valueName: "@name"),
        transform: taking(parsedCheckpointName))
    var name: String?

    @OptionGroup var form: TableForm
    @OptionGroup var world: WorldOption

    var wantsJSON: Bool { world.json }

    func run() throws {
        let reach = Reach(directory: world.directory)
        let request = Request.checkpoint(name: name)
        let answer = try withProgress("writing a checkpoint") { () throws(WorldError) in try reach.ask(request) }
        guard case .checkpoint(let checkpoint) = answer else { throw reach.mismatch(request) }
        if world.json {
            return try StandardStreams.print(JSONValue.envelope("checkpoint.create", checkpoint.members).text + "\n")
        }
        try form.show(checkpointTable([checkpoint], form: form))
    }
}

struct CheckpointLsVerb: Verb {
    static let configuration = CommandConfiguration(commandName: "ls", abstract: "List the checkpoints, oldest first.")

    static let examples = [
        Example("keyvm checkpoint ls", "those that are kept, and what they cost")
    ]

    @OptionGroup var form: TableForm
    @OptionGroup var world: WorldOption

    var wantsJSON: Bool { world.json }

    func run() throws {
        let reach = Reach(directory: world.directory)
        guard case .checkpoints(let answer) = try reach.ask(.checkpoints) else { throw reach.mismatch(.checkpoints) }
        if world.json {
            return try StandardStreams.print(
                JSONValue.envelope("checkpoint.ls", items: answer.items.map(\.members)).text + "\n")
        }
        try form.show(checkpointTable(answer.items, form: form))
    }
}

private func checkpointTable(_ checkpoints: [CheckpointAnswer], form: TableForm) -> Table {
    var table = Table(columns: [
        .init("ID", isNumber: true), .init("NAME", isFlexible: true), .init("TIME"),
        .init("GAS CLOCK", isNumber: true), .init("DIRTY", isNumber: true), .init("WRITTEN", isNumber: true),
        .init("FREEZE US", isNumber: true), .init("COMMIT MS", isNumber: true), .init("HELD"),
    ])
    for checkpoint in checkpoints {
        table.append([
            "\(checkpoint.id)", checkpoint.name.map { "@\($0)" } ?? "-",
            form.exact ? "\(checkpoint.time)" : humanTime(secondsSince1970: checkpoint.time),
            form.count(checkpoint.gasClock), "\(checkpoint.dirtyPages)",
            checkpoint.bytesWritten.map { form.size($0) } ?? "-",
            form.exact ? "\(checkpoint.freezeMicroseconds)" : "\(Int(checkpoint.freezeMicroseconds.rounded()))",
            checkpoint.commitMilliseconds.map { form.exact ? "\($0)" : "\(Int($0.rounded()))" } ?? "-",
            checkpoint.held ? "yes" : "no",
        ])
    }
    return table
}
