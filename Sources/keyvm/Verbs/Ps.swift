// `keyvm ps`: the processes.

import ArgumentParser
import World

struct PsVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "ps", abstract: "List the world's processes, oldest first, those that have ended too.",
        discussion: columnHelp(processColumns))

    static let examples = [
        Example("keyvm ps", "a table"),
        Example("keyvm ps -o name,state,gas -S gas", "three columns, who used the most gas first"),
        Example("keyvm ps -H -p", "tabs and exact numbers, for a script"),
        Example("keyvm ps --json", "for a program"),
    ]

    @OptionGroup var form: TableForm
    @OptionGroup var world: WorldOption

    var wantsJSON: Bool { world.json }

    func run() throws {
        let design = try form.design(processColumns, verb: "ps")
        let reach = Reach(directory: world.directory)
        guard case .processes(let answer) = try reach.ask(.processes) else { throw reach.mismatch(.processes) }
        if world.json {
            return try StandardStreams.print(
                JSONValue.envelope("ps", items: design.sorted(answer.items).map(\.members)).text + "\n")
        }
        try form.show(answer.items, as: design)
    }
}

/// What is shown of processes.
let processColumns: [Column<ProcessAnswer>] = [
    .number("id", "ID", .major) { $0.id }, .text("name", "NAME", .essential, isFlexible: true) { $0.name },
    .text("state", "STATE", .essential) { $0.state.rawValue }, .count("gas", "GAS USED", .major) { $0.gasUsed },
    Column(
        name: "gas-left", title: "GAS LEFT", importance: .useful, isNumber: true,
        cell: { row, form in row.gasLeft.map { form.count($0) } ?? (form.exact ? "none" : "-") },
        key: { SortKey(limit: $0.gasLeft) }),
    .number("pages", "PAGES", .useful) { $0.pages },
    .text("bank", "BANK", .minor, isFlexible: true, keepsEnd: true) { $0.bank },
    .text("meter", "METER", .minor, isFlexible: true, keepsEnd: true) { $0.meter },
    Column(
        name: "exit", title: "EXIT", importance: .useful, isNumber: true,
        cell: { row, _ in row.exitCode.map { "\($0)" } ?? "-" },
        key: { row in row.exitCode.map { .signed(Int64($0)) } ?? .absent }),
]
