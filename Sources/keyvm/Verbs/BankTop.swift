// `keyvm bank top`: who holds the most of a bank.

import ArgumentParser
import World

struct BankTopVerb: ReadsPast {
    static let configuration = CommandConfiguration(
        commandName: "top", abstract: "Show which processes and modules hold the most of a bank and those below it.",
        discussion: columnHelp(consumerColumns))

    static let examples = [
        Example("keyvm bank top", "of the whole world"),
        Example("keyvm bank top root/guests --rows 5", "the five largest"),
    ]

    @Argument(
        help: ArgumentHelp("The bank.", valueName: "path"), completion: LiveNames.banks, transform: taking(parsedPath))
    var path = "root"

    @Option(parsing: .unconditional, help: ArgumentHelp("Rows at most.", valueName: "n"))
    var rows = 20

    @OptionGroup var form: TableForm
    @OptionGroup var world: WorldOption

    var wantsJSON: Bool { world.json }

    func validate() throws {
        guard rows > 0 else { throw ValidationError("--rows '\(rows)' is no count of rows: it is at least 1") }
    }

    func run() throws {
        let design = try form.design(consumerColumns, verb: "bank top")
        let reach = Reach(directory: world.directory)
        let request = Request.consumers(path: path, limit: rows)
        guard case .consumers(let answer) = try reach.ask(request) else { throw reach.mismatch(request) }
        let rows = design.sorted(answer.items.map { ConsumerRow(consumer: $0, total: answer.pages) })
        if world.json {
            let members = JSONValue.envelope(
                "bank.top",
                [
                    .init("path", .string(path)), .init("pages", .unsigned(answer.pages)),
                    .init("omitted", JSONValue(answer.omitted)),
                    .init("items", .array(rows.map { .object($0.consumer.members) })),
                ])
            return try StandardStreams.print(members.text + "\n")
        }
        try form.show(design.table(rows, form: form))
        if answer.omitted > 0 {
            StandardStreams.say("\(answer.omitted) more; all of them: --rows \(answer.omitted + answer.items.count)")
        }
    }
}

/// A consumer beside what all of them hold.
private struct ConsumerRow: Sendable {
    let consumer: ConsumerAnswer
    let total: UInt64

    /// Thousandths of what all hold.
    var share: UInt64 { total == 0 ? 0 : min(consumer.pages, total) &* 1000 / total }
}

/// What is shown of consumers.
private let consumerColumns: [Column<ConsumerRow>] = [
    .size("held", "HELD", .essential) { $0.consumer.pages &* 4096 },
    Column(
        name: "share", title: "SHARE", importance: .major, isNumber: true,
        cell: { row, _ in "\(row.share / 10).\(row.share % 10)%" }, key: { .unsigned($0.share) }),
    .text("kind", "KIND", .useful) { $0.consumer.kind.rawValue },
    Column(
        name: "name", title: "NAME", importance: .essential, isFlexible: true,
        cell: { row, form in
            let isLong = row.consumer.kind == .module && !form.exact
            // A module has no name but its hash; whoever runs it has.
            let user = row.consumer.process.map { " of \($0)" } ?? ""
            return isLong ? String(row.consumer.name.prefix(12)) + user : row.consumer.name
        }, key: { .text($0.consumer.name) }),
    .number("users", "USERS", .minor) { $0.consumer.users },
    .text("bank", "BANK", .useful, isFlexible: true, keepsEnd: true) { $0.consumer.bank },
]
