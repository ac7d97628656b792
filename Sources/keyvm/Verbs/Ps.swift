// `keyvm ps`: the processes.

import ArgumentParser
import World

struct PsVerb: ReadsPast {
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
        let pages = PageSource(reach: reach, design: design)
        if world.json { return try showObject(pages) }
        var before: Table?
        try pages.forEach { page in
            var table = design.table(page, form: form)
            table.leastWidths = before?.widths ?? []
            try form.show(table, titles: before == nil)
            before = table
        }
    }

    /// One object, written as the pages come.
    private func showObject(_ pages: PageSource) throws {
        var separator = ""
        var text = JSONValue.envelope("ps", items: []).text
        text.removeLast(2)
        try pages.forEach { page in
            for process in page {
                text += separator + JSONValue.object(process.members).text
                separator = ", "
            }
            try StandardStreams.print(text)
            text = ""
        }
        try StandardStreams.print("]}\n")
    }
}

/// Processes as they come; all at once where they are to be sorted.
private struct PageSource {
    let reach: Reach
    let design: TableDesign<ProcessAnswer>

    func forEach(_ body: ([ProcessAnswer]) throws -> Void) throws {
        guard design.sortedBy != nil else { return try reach.forEachPage(body) }
        try body(design.sorted(try reach.allProcesses()))
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
    .text("meter", "METER", .minor, isFlexible: true, keepsEnd: true) { $0.meter ?? "-" },
    Column(
        name: "exit", title: "EXIT", importance: .useful, isNumber: true,
        cell: { row, _ in row.exitCode.map { "\($0)" } ?? "-" },
        key: { row in row.exitCode.map { .signed(Int64($0)) } ?? .absent }),
]
