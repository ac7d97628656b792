// `keyvm checkpoint rm`, `hold`, `release`, `set`: which checkpoints stay.

import ArgumentParser
import World

/// Checkpoints that a verb does the same to, one after the other, in their order.
private func each(
    of checkpoints: [String], at directory: String, _ request: (String) -> Request
) throws(WorldError) -> [Answer] {
    let reach = Reach(directory: directory)
    var answers: [Answer] = []
    for checkpoint in checkpoints { answers.append(try reach.ask(request(checkpoint))) }
    return answers
}

struct CheckpointRmVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "rm", abstract: "Give kept checkpoints up: their states cannot be read any more.",
        discussion: "The space that they alone take is used again. One that is held is not given up.")

    static let examples = [
        Example("keyvm checkpoint rm @before", "one by its name"),
        Example("keyvm checkpoint rm 17 18", "two by their numbers, one after the other"),
    ]

    @Argument(
        help: ArgumentHelp("@ and a name, or a number.", valueName: "checkpoint"), completion: LiveNames.checkpoints,
        transform: taking(parsedCheckpoint))
    var checkpoints: [String]

    @OptionGroup var world: WorldOption

    var wantsJSON: Bool { world.json }

    func run() throws {
        _ = try each(of: checkpoints, at: world.directory) { .removeCheckpoint(checkpoint: $0) }
        guard world.json else { return }
        try StandardStreams.print(JSONValue.envelope("checkpoint.rm", []).text + "\n")
    }
}

/// What `hold` and `release` take.
struct HoldOptions: ParsableArguments {
    @Argument(
        help: ArgumentHelp("@ and a name, or a number.", valueName: "checkpoint"), completion: LiveNames.checkpoints,
        transform: taking(parsedCheckpoint))
    var checkpoints: [String]

    @OptionGroup var form: TableForm
    @OptionGroup var world: WorldOption

    /// Asks what is answered with checkpoints, and shows them.
    func show(_ verb: String, _ request: (String) -> Request) throws {
        let design = try form.design(checkpointColumns, verb: "checkpoint \(verb)")
        let rows = try each(of: checkpoints, at: world.directory, request).compactMap { answer in
            if case .checkpoint(let row) = answer { row } else { nil }
        }
        if world.json {
            return try StandardStreams.print(
                JSONValue.envelope("checkpoint.\(verb)", items: rows.map(\.members)).text + "\n")
        }
        try form.show(rows, as: design)
    }
}

struct CheckpointHoldVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "hold", abstract: "Let kept checkpoints stay whatever happens, until they are released.")

    static let examples = [Example("keyvm checkpoint hold @release-7", "not even rm takes it away")]

    @OptionGroup var options: HoldOptions

    var wantsJSON: Bool { options.world.json }

    func run() throws { try options.show("hold") { .holdCheckpoint(checkpoint: $0) } }
}

struct CheckpointReleaseVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "release", abstract: "Take the hold off kept checkpoints; they stay as others do.")

    static let examples = [Example("keyvm checkpoint release @release-7", "rm takes it from now on")]

    @OptionGroup var options: HoldOptions

    var wantsJSON: Bool { options.world.json }

    func run() throws { try options.show("release") { .releaseCheckpoint(checkpoint: $0) } }
}

struct CheckpointSetVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Say how many checkpoints without a name are kept; or show how many are.",
        discussion: """
            The last so many stay, and those of the last so long; held ones, and those with a name, besides. It is applied with
            each checkpoint that is made.
            """)

    static let examples = [
        Example("keyvm checkpoint set keep=100", "the last hundred"),
        Example("keyvm checkpoint set keep-for=24h", "and those of a day"),
        Example("keyvm checkpoint set keep=none keep-for=none", "none; those that there are go"),
        Example("keyvm checkpoint set", "what is set"),
    ]

    @Argument(
        help: ArgumentHelp("keep=N, keep-for=DURATION; none keeps none.", valueName: "name=value"))
    var terms: [String] = []

    @OptionGroup var form: ListingForm
    @OptionGroup var world: WorldOption

    var wantsJSON: Bool { world.json }

    func validate() throws { _ = try taking(parsedRetention)(terms) }

    func run() throws {
        let terms = try taking(parsedRetention)(terms)
        let reach = Reach(directory: world.directory)
        let request: Request =
            self.terms.isEmpty
            ? .retention : .retainCheckpoints(keep: terms.keep, keepForSeconds: terms.keepForSeconds)
        guard case .retention(let retention) = try reach.ask(request) else { throw reach.mismatch(request) }
        if world.json {
            return try StandardStreams.print(JSONValue.envelope("checkpoint.set", retention.members).text + "\n")
        }
        var listing = Listing()
        listing.append("keep", retention.keep == 0 ? "none" : form.count(retention.keep))
        listing.append(
            "keep-for",
            retention.keepForSeconds == 0
                ? "none" : form.exact ? "\(retention.keepForSeconds)" : form.age(Double(retention.keepForSeconds)))
        try form.show(listing)
    }
}
