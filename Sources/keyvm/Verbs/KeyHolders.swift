// `keyvm key holders`: who holds a key to something, and how they come to it.

import ArgumentParser
import World

struct KeyHoldersVerb: ReadsPast {
    static let configuration = CommandConfiguration(
        commandName: "holders",
        abstract: "List who holds a key to something, with which rights, and how they come to it.",
        discussion: """
            OBJECT is a process, bank:PATH, meter:PATH, page:N, node:POT/SLOT, forwarder:POT/SLOT, device:NAME, device:NAME/PROC, discrim or \
            checkpoint. What a process comes to through nodes and forwarders is listed with the way there. \(columnHelp(holderColumns))
            """)

    static let examples = [
        Example("keyvm key holders counter", "who can call it, look into it, or answer it"),
        Example("keyvm key holders bank:root/guests", "who can buy from the bank"),
    ]

    @Argument(help: ArgumentHelp("What the keys lead to.", valueName: "object"), completion: LiveNames.processes)
    var object: String

    @Option(parsing: .unconditional, help: ArgumentHelp("Rows at most, 1 to \(World.holdersBound).", valueName: "n"))
    var rows = 1000

    @OptionGroup var form: TableForm
    @OptionGroup var world: WorldOption

    var wantsJSON: Bool { world.json }

    func validate() throws {
        guard (1...World.holdersBound).contains(rows) else {
            throw ValidationError("--rows '\(rows)' is not 1 to \(World.holdersBound)")
        }
    }

    func run() throws {
        let design = try form.design(holderColumns, verb: "key holders")
        let reach = Reach(directory: world.directory)
        let request = Request.holders(object: object, limit: rows)
        let found = try withProgress("looking at all keys") { () throws(WorldError) in try reach.ask(request) }
        guard case .holders(let answer) = found else { throw reach.mismatch(request) }
        let items = design.sorted(answer.items)
        if world.json {
            let members = JSONValue.envelope(
                "key.holders",
                [
                    .init("object", .string(object)), .init("omitted", JSONValue(answer.omitted)),
                    .init("items", .array(items.map { .object($0.members) })),
                ])
            return try StandardStreams.print(members.text + "\n")
        }
        try form.show(design.table(items, form: form))
        if answer.omitted > 0 {
            let all = answer.omitted + answer.items.count
            StandardStreams.say(
                "\(answer.omitted) more" + (all <= World.holdersBound ? "; all of them: --rows \(all)" : ""))
        }
    }
}

extension HolderAnswer {
    /// How a process comes to the holder; empty where it is one.
    fileprivate var way: String {
        var steps = path.map { "\($0.holder) \($0.place)" }
        if omittedSteps > 0 { steps.insert("… \(omittedSteps) more …", at: 1) }
        return steps.joined(separator: " > ")
    }

    fileprivate var members: [JSONValue.Member] {
        [
            .init("holder", .string(holder)), .init("place", .string(place)), .init("kind", .string(kind)),
            .init("key", .string(key)), .init("rights", .array(rights.map(JSONValue.string))),
            .init(
                "path",
                .array(
                    path.map {
                        .object([.init("holder", .string($0.holder)), .init("place", .string($0.place))])
                    })),
            .init("omittedSteps", JSONValue(omittedSteps)),
        ]
    }
}

private let holderColumns: [Column<HolderAnswer>] = [
    .text("holder", "HOLDER", .essential) { $0.holder },
    .text("place", "PLACE", .major) { $0.place },
    .text("key", "KEY", .essential, isFlexible: true) { $0.key },
    .text("rights", "RIGHTS", .minor, isFlexible: true) { $0.rights.joined(separator: ",") },
    .text("via", "VIA", .major, isFlexible: true) { $0.way },
]
