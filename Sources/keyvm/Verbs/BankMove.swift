// `keyvm bank move` and `keyvm meter move`: another pays for a process from now on.

import ArgumentParser
import World

struct BankMoveVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "move", abstract: "Give a process and all its pages to another bank.",
        discussion: "A bank that was made for it with run --limit goes along: one with the same limits is made there.")

    static let examples = [Example("keyvm bank move hello root/guests", "root/guests pays for it from now on")]

    @Argument(
        help: ArgumentHelp("Name, id, or unique prefix of either.", valueName: "proc"), completion: LiveNames.processes)
    var process: String

    @Argument(
        help: ArgumentHelp("The bank.", valueName: "path"), completion: LiveNames.banks, transform: taking(parsedPath))
    var path: String

    @OptionGroup var form: TableForm
    @OptionGroup var world: WorldOption

    var wantsJSON: Bool { world.json }

    func run() throws {
        try move(process, by: .moveProcess(process: process, bank: path), "bank.move", form, world)
    }
}

struct MeterMoveVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "move", abstract: "Let a process run on another meter.",
        discussion: "A meter that was made for it with run --gas goes, and so does what was left on it.")

    static let examples = [Example("keyvm meter move hello root/guests", "it runs on what root/guests has")]

    @Argument(
        help: ArgumentHelp("Name, id, or unique prefix of either.", valueName: "proc"), completion: LiveNames.processes)
    var process: String

    @Argument(
        help: ArgumentHelp("The meter.", valueName: "path"), completion: LiveNames.meters, transform: taking(parsedPath)
    )
    var path: String

    @OptionGroup var form: TableForm
    @OptionGroup var world: WorldOption

    var wantsJSON: Bool { world.json }

    func run() throws {
        try move(process, by: .moveToMeter(process: process, meter: path), "meter.move", form, world)
    }
}

/// Moves, and shows the process as it is then.
private func move(
    _ process: String, by request: Request, _ schema: String, _ form: TableForm, _ world: WorldOption
) throws {
    let design = try form.design(processColumns, verb: schema.split(separator: ".").joined(separator: " "))
    let reach = Reach(directory: world.directory)
    _ = try reach.ask(request)
    let look = Request.inspect(process: process)
    guard case .inspect(let answer) = try reach.ask(look) else { throw reach.mismatch(look) }
    if world.json {
        return try StandardStreams.print(JSONValue.envelope(schema, answer.process.members).text + "\n")
    }
    try form.show([answer.process], as: design)
}
