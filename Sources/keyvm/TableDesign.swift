// A table as the user wants it: which columns in which order, and what its rows are sorted by.
//
// Invariant: rows that are equal in what they are sorted by stay in the order in which the world told them.

import World

/// The columns of one table of `Row`s, chosen and ordered.
struct TableDesign<Row: Sendable>: Sendable {
    /// All that there are.
    let known: [Column<Row>]
    var shown: [Column<Row>]
    /// Sorted by the first, where that is equal by the next.
    private(set) var keys: [Column<Row>]
    var isDescending: Bool

    /// `shown` and `sorted` are names with commas between, as typed; nil: the columns that are shown by default, and
    /// the world's order. Throws `.usage` with the columns that there are.
    init(
        of known: [Column<Row>], shown: String?, sorted: String?, isDescending: Bool, verb: String
    ) throws(WorldError) {
        func named(_ list: String) throws(WorldError) -> [Column<Row>] {
            var found: [Column<Row>] = []
            for name in list.split(separator: ",", omittingEmptySubsequences: false) {
                guard let column = known.first(where: { $0.name == name }) else {
                    throw .usage(
                        "there is no column '\(printable(String(name)))'",
                        why: "the columns are \(known.map(\.name).joined(separator: ", "))",
                        try: "keyvm \(verb) --help")
                }
                found.append(column)
            }
            return found
        }
        self.known = known
        self.shown = try shown.map(named) ?? known.filter(\.isShownByDefault)
        self.keys = try sorted.map(named) ?? []
        self.isDescending = isDescending
    }

    /// Sorts by one of the known columns from now on.
    mutating func sort(by name: String, descending: Bool) {
        guard let column = known.first(where: { $0.name == name }) else {
            preconditionFailure("'\(name)' is one of the columns")
        }
        keys = [column]
        isDescending = descending
    }

    /// What it is sorted by first; nil: the world's order.
    var sortedBy: String? { keys.first?.name }

    func sorted(_ rows: [Row]) -> [Row] {
        guard !keys.isEmpty else { return rows }
        let keyed = rows.enumerated().map { (place: $0.offset, keys: keys.map { [row = $0.element] in $0.key(row) }) }
        return keyed.sorted { first, second in
            for (a, b) in zip(first.keys, second.keys) where a != b { return isDescending ? a > b : a < b }
            return first.place < second.place
        }.map { rows[$0.place] }
    }

    /// The rows as they are, under the chosen columns.
    func table(_ rows: [Row], form: any QuantityForm) -> Table {
        var table = Table(
            columns: shown.map {
                Table.Column(
                    $0.title, isNumber: $0.isNumber, isFlexible: $0.isFlexible, keepsEnd: $0.keepsEnd,
                    importance: $0.importance)
            })
        for row in rows { table.append(shown.map { $0.cell(row, form) }) }
        return table
    }
}
