// `keyvm stop` and `keyvm resume`: a process stands still, and goes on.

import ArgumentParser
import World

struct StopVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "stop", abstract: "Let a process stand still where it is, until it is resumed.")

    static let examples = [Example("keyvm stop hello", "by name"), Example("keyvm resume hello", "it goes on")]

    @Argument(
        help: ArgumentHelp("Name, id, or unique prefix of either.", valueName: "proc"),
        completion: LiveNames.processes)
    var process: String

    @OptionGroup var world: WorldOption

    var wantsJSON: Bool { world.json }

    func run() throws { try perform(.stop(process: process), verb: "stop", on: process, world: world) }
}

struct ResumeVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Let a process that was stopped go on at its next instruction.")

    static let examples = [Example("keyvm resume hello", "by name")]

    @Argument(
        help: ArgumentHelp("Name, id, or unique prefix of either.", valueName: "proc"),
        completion: LiveNames.processes)
    var process: String

    @OptionGroup var world: WorldOption

    var wantsJSON: Bool { world.json }

    func run() throws { try perform(.resume(process: process), verb: "resume", on: process, world: world) }
}

/// Performs what there is nothing to say of; with `--json`, tells the process.
private func perform(_ request: Request, verb: String, on process: String, world: WorldOption) throws {
    let reach = Reach(directory: world.directory)
    _ = try reach.ask(request)
    guard world.json else { return }
    let look = Request.inspect(process: process)
    guard case .inspect(let answer) = try reach.ask(look) else { throw reach.mismatch(look) }
    try StandardStreams.print(JSONValue.envelope(verb, answer.process.members).text + "\n")
}
