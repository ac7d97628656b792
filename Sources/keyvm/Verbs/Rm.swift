// `keyvm rm`: removes a process and all it has, and what `kill` and `rm` have in common.

import ArgumentParser
import World

struct RmVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "rm", abstract: "Remove a process, its log, and the bank and meter that were made for it.")

    static let examples = [
        Example("keyvm rm hello", "by name"),
        Example("keyvm rm -n hello", "only show what would be removed"),
    ]

    @Argument(
        help: ArgumentHelp("Name, id, or unique prefix of either.", valueName: "proc"),
        completion: LiveNames.processes)
    var process: String

    @OptionGroup var removal: RemovalOption
    @OptionGroup var world: WorldOption

    var wantsJSON: Bool { world.json }

    func run() throws {
        try removal.perform(
            .remove(process: process), look: .removal(process: process), verb: "rm", world: world)
    }
}

/// `-n`, `-y`: on verbs that take something away. One named process is never asked about; `-y` is taken for scripts.
struct RemovalOption: ParsableArguments {
    @Flag(name: .customShort("n"), help: "Change nothing; print what would go.")
    var dryRun = false

    @Flag(name: .customShort("y"), help: "Ask nothing.")
    var yes = false

    /// Performs `request`, or shows what it would take, which is the answer to `look`.
    func perform(_ request: Request, look: Request, verb: String, world: WorldOption) throws {
        let reach = Reach(directory: world.directory)
        guard dryRun || world.json else {
            _ = try reach.ask(request)
            return
        }
        guard case .removal(let answer) = try reach.ask(look) else { throw reach.mismatch(look) }
        if !dryRun { _ = try reach.ask(request) }
        if world.json {
            try StandardStreams.print(
                JSONValue.envelope(
                    verb,
                    [
                        .init("dryRun", JSONValue(dryRun)),
                        .init("items", .array(answer.items.map { .object($0.members) })),
                    ]
                ).text + "\n")
        } else {
            let act = verb == "rm" ? "remove" : verb
            try StandardStreams.print(answer.items.map { "would \(act) \($0.text)\n" }.joined())
        }
    }
}
