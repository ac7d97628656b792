// How answers look: the options of verbs that show values (`-H`, `-p`) and tables (`-o`, `-s`, `-S` besides), in the
// manner of `zfs list`.

import ArgumentParser
import World

/// Quantities as a verb's options want them: short for people, or exact; laid out, or separated by tabs.
protocol QuantityForm {
    var bare: Bool { get }
    var exact: Bool { get }
}

extension QuantityForm {
    func size(_ bytes: UInt64) -> String { exact ? "\(bytes)" : humanSize(bytes) }

    func size(_ bytes: UInt64?) -> String { bytes.map { size($0) } ?? (exact ? "none" : "unlimited") }

    func count(_ count: UInt64) -> String { exact ? "\(count)" : humanCount(count) }

    /// A count that may be unlimited.
    func limit(_ limit: UInt64?) -> String { limit.map { count($0) } ?? (exact ? "none" : "unlimited") }

    func age(_ seconds: Double) -> String { exact ? "\(seconds)" : humanAge(seconds: seconds) }

    /// Prints a table, or rows that go on under another's (no `titles`). Columns that a narrow terminal has no place for are
    /// named on standard error.
    func show(_ table: Table, titles: Bool = true) throws(OutputLost) {
        let terminal = Terminal.output
        let width = terminal.width
        try StandardStreams.print(
            bare
                ? table.tabSeparated
                : table.laidOut(width: width, emphasis: terminal.takesEscapes, titles: titles))
        guard !bare, titles, let width else { return }
        let leftOut = table.leftOut(width: width)
        if !leftOut.isEmpty {
            let text = "not shown for want of width: \(leftOut.joined(separator: ", "))"
            StandardStreams.say(wrapped(text, to: width).joined(separator: "\n"))
        }
    }

    /// Prints names and values.
    func show(_ listing: Listing) throws(OutputLost) {
        try StandardStreams.print(bare ? listing.tabSeparated : listing.laidOut(width: Terminal.output.width))
    }
}

/// `-H`, `-p`: on verbs that show one thing.
struct ListingForm: ParsableArguments, QuantityForm {
    @Flag(name: .customShort("H"), help: "A tab between name and value, no layout.")
    var bare = false

    @Flag(name: .customShort("p"), help: "Exact numbers.")
    var exact = false
}

/// `-H`, `-p`, `-o`, `-s`, `-S`: on verbs that show tables.
struct TableForm: ParsableArguments, QuantityForm {
    @Flag(name: .customShort("H"), help: "No headers, and tabs between columns.")
    var bare = false

    @Flag(name: .customShort("p"), help: "Exact numbers.")
    var exact = false

    @Option(
        name: .customShort("o"),
        help: ArgumentHelp("The columns to show, in this order, as in -o name,state.", valueName: "cols"))
    var shown: String?

    @Option(
        name: .customShort("s"), help: ArgumentHelp("Sort by a column, the least first.", valueName: "col"))
    var ascending: String?

    @Option(
        name: .customShort("S"), help: ArgumentHelp("Sort by a column, the greatest first.", valueName: "col"))
    var descending: String?

    func validate() throws {
        if ascending != nil && descending != nil {
            throw ValidationError("-s and -S are both given: the table is sorted one way")
        }
    }

    /// The table that the options ask for. Before anything is asked of a world: it throws `.usage` for a column that
    /// there is not.
    func design<Row>(_ columns: [Column<Row>], verb: String) throws(WorldError) -> TableDesign<Row> {
        try TableDesign(
            of: columns, shown: shown, sorted: ascending ?? descending, isDescending: descending != nil, verb: verb)
    }

    /// Prints the rows, sorted as the design says.
    func show<Row>(_ rows: [Row], as design: TableDesign<Row>) throws(OutputLost) {
        try show(design.table(design.sorted(rows), form: self))
    }
}
