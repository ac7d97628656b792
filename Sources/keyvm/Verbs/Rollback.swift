// `keyvm rollback`, which is `keyvm checkpoint restore`: the world becomes what it was at a kept checkpoint.

import ArgumentParser
import World

/// What both names of the verb take.
struct RollbackOptions: ParsableArguments {
    @Argument(
        help: ArgumentHelp("@ and a name, or a number.", valueName: "checkpoint"), completion: LiveNames.checkpoints,
        transform: taking(parsedCheckpoint))
    var checkpoint: String

    @Flag(name: [.customShort("n"), .customLong("dry-run")], help: "Only say what would be undone.")
    var isDry = false

    @Flag(
        help: "Also where a later checkpoint is held; it stays, as a state that this world does not come to any more.")
    var overHeld = false

    @OptionGroup var form: ListingForm
    @OptionGroup var world: WorldOption

    func roll(verb: String) throws {
        let reach = Reach(directory: world.directory)
        let request: Request =
            isDry
            ? .rollbackPreview(checkpoint: checkpoint, overHeld: overHeld)
            : .rollback(checkpoint: checkpoint, overHeld: overHeld)
        let answer = try withProgress("going back") { () throws(WorldError) in try reach.ask(request) }
        guard case .rollback(let rollback) = answer else { throw reach.mismatch(request) }
        if world.json {
            return try StandardStreams.print(JSONValue.envelope(verb, rollback.members).text + "\n")
        }
        var listing = Listing()
        listing.append("back to", rollback.checkpoint.title)
        listing.append("gas clock", form.count(rollback.checkpoint.gasClock))
        listing.append("gas clock before", form.count(rollback.gasClock))
        listing.append("pages changed since", form.count(rollback.pages))
        listing.append(
            "later, and kept", rollback.later.isEmpty ? "none" : rollback.later.map(\.title).joined(separator: " "))
        if let left = rollback.left { listing.append("kept of before", left.title) }
        try form.show(listing)
    }
}

extension CheckpointAnswer {
    /// What a user calls it.
    var title: String { name.map { "@\($0)" } ?? "\(id)" }
}

struct RollbackVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "rollback", abstract: "Make the world what it was at a kept checkpoint.",
        discussion: """
            What it is until then is kept, as @before-rollback-1 and so on: a rollback can be rolled back. Later checkpoints stay. A world
            that runs goes on from there; what is asked of it meanwhile is refused.
            """)

    static let examples = [
        Example("keyvm rollback -n @before", "what would be undone"),
        Example("keyvm rollback @before", "undo it"),
        Example("keyvm rollback @before-rollback-1", "and undo that"),
    ]

    @OptionGroup var options: RollbackOptions

    var wantsJSON: Bool { options.world.json }

    func run() throws { try options.roll(verb: "rollback") }
}

struct CheckpointRestoreVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "Make the world what it was at a kept checkpoint: keyvm rollback.",
        discussion: RollbackVerb.configuration.discussion)

    static let examples = [
        Example("keyvm checkpoint restore -n @before", "what would be undone"),
        Example("keyvm checkpoint restore @before", "undo it"),
    ]

    @OptionGroup var options: RollbackOptions

    var wantsJSON: Bool { options.world.json }

    func run() throws { try options.roll(verb: "checkpoint.restore") }
}
