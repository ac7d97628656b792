// `keyvm at @NAME -- VERB`: asks a kept checkpoint what VERB asks the world.

import ArgumentParser
import Glibc
import World

struct AtVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "at", abstract: "Look at a kept checkpoint: any verb that only reads, as of then.",
        discussion: """
            The world is not changed, and runs on where it runs. With --steps it is seen so much gas behind the checkpoint, before the next
            instruction and with everything that had come in there: what came in since is taken in again, in memory, from the journal, which
            is kept for that as long as the checkpoint is, up to where the world was halted. With --until it is seen at the first
            instruction at which something holds.
            """)

    static let examples = [
        Example("keyvm at @before -- ps", "the processes as they were"),
        Example("keyvm at @before -- logs -H editor", "what a process had written"),
        Example("keyvm at @before -- fsck", "whether all was well"),
        Example("keyvm at 17 -- hash", "by its number"),
        Example("keyvm at @before --steps 2M -- ps", "two million instructions on"),
        Example("keyvm at @before --until 'logs editor matches error' -- inspect editor", "where it went wrong"),
    ]

    @Argument(
        help: ArgumentHelp("@ and a name, or a number.", valueName: "checkpoint"), completion: LiveNames.checkpoints,
        transform: taking(parsedCheckpoint))
    var checkpoint: String

    @Option(
        parsing: .unconditional, help: ArgumentHelp("So much gas behind the checkpoint.", valueName: "n"),
        transform: taking(parsedGas))
    var steps: UInt64 = 0

    @Option(
        help: ArgumentHelp(
            "Where this holds first: 'logs PROC matches TEXT' (a regular expression) or 'ps PROC is STATE'.",
            valueName: "condition"))
    var until: String?

    @Argument(
        parsing: .postTerminator, help: ArgumentHelp("A verb that reads, with its options.", valueName: "verb"))
    var words: [String] = []

    @OptionGroup var world: WorldOption

    var wantsJSON: Bool { world.json || words.contains("--json") }

    func validate() throws {
        if until != nil, steps > 0 { throw ValidationError("--steps and --until are asked one at a time") }
    }

    func run() throws {
        if words.isEmpty, let until {
            return try show(try Reach(directory: world.directory).moment(checkpoint, until: until))
        }
        let verbs = Self.verbs.joined(separator: ", ")
        guard let first = words.first else {
            throw WorldError.usage(
                "there is no verb behind '--'", why: "one of \(verbs)", try: "keyvm at \(checkpoint) -- ps")
        }
        // Its own options stand behind it; those before the '--' are what it does not say otherwise.
        if let directory = world.world { setenv("KEYVM_WORLD", directory, 1) }
        var line = words
        if world.json, !words.contains("--json") {
            line.insert("--json", at: words.firstIndex(of: "--") ?? words.count)
        }
        let command = try Keyvm.parseAsRoot(line)
        guard let verb = command as? any ReadsPast else {
            throw WorldError.usage(
                "'\(printable(first))' cannot be asked of the past", why: "it can be asked \(verbs)",
                try: "keyvm at \(checkpoint) -- ps")
        }
        if let reason = verb.notOfThePast {
            throw WorldError.usage(
                "this cannot be asked of the past", why: reason, try: "keyvm at \(checkpoint) -- \(first) --help")
        }
        PastView(checkpoint: checkpoint, steps: steps, until: until).choose()
        var running: any ParsableCommand = verb
        try running.run()
    }

    private func show(_ moment: MomentAnswer) throws {
        if world.json {
            let members: [JSONValue.Member] = [
                .init("steps", .unsigned(moment.steps)), .init("gasClock", .unsigned(moment.gasClock)),
            ]
            return try StandardStreams.print(JSONValue.envelope("at", members).text + "\n")
        }
        try StandardStreams.print("\(moment.steps)\n")
    }

    /// The verbs that read, in the order of the help.
    private static let verbs = names(in: Keyvm.self, behind: [])

    private static func names(in type: any ParsableCommand.Type, behind words: [String]) -> [String] {
        type.configuration.subcommands.flatMap { verb -> [String] in
            let words = words + [verb.configuration.commandName ?? ""]
            return (verb is any ReadsPast.Type ? [words.joined(separator: " ")] : []) + names(in: verb, behind: words)
        }
    }
}
