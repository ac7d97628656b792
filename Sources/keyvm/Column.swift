// What a column of a table is, declared once: what `-o` and `-s` call it, its title, its cells, and what it is sorted by.

/// One column of a table of `Row`s.
struct Column<Row: Sendable>: Sendable {
    /// What the user types: lower case, words joined by `-`.
    let name: String
    let title: String
    let importance: Table.Importance
    var isNumber = false
    var isFlexible = false
    var keepsEnd = false
    /// Whether it is shown where `-o` does not choose.
    var isShownByDefault = true
    let cell: @Sendable (Row, any QuantityForm) -> String
    let key: @Sendable (Row) -> SortKey

    /// A number as it is.
    static func number(
        _ name: String, _ title: String, _ importance: Table.Importance, isShownByDefault: Bool = true,
        _ value: @escaping @Sendable (Row) -> UInt64
    ) -> Self {
        Self(
            name: name, title: title, importance: importance, isNumber: true, isShownByDefault: isShownByDefault,
            cell: { row, _ in "\(value(row))" }, key: { .unsigned(value($0)) })
    }

    /// A count, short for people.
    static func count(
        _ name: String, _ title: String, _ importance: Table.Importance, _ value: @escaping @Sendable (Row) -> UInt64
    ) -> Self {
        Self(
            name: name, title: title, importance: importance, isNumber: true,
            cell: { row, form in form.count(value(row)) }, key: { .unsigned(value($0)) })
    }

    /// A count that may be unlimited (nil).
    static func limit(
        _ name: String, _ title: String, _ importance: Table.Importance, isShownByDefault: Bool = true,
        _ value: @escaping @Sendable (Row) -> UInt64?
    ) -> Self {
        Self(
            name: name, title: title, importance: importance, isNumber: true, isShownByDefault: isShownByDefault,
            cell: { row, form in form.limit(value(row)) }, key: { SortKey(limit: value($0)) })
    }

    /// Bytes, which may be unlimited (nil).
    static func size(
        _ name: String, _ title: String, _ importance: Table.Importance, _ value: @escaping @Sendable (Row) -> UInt64?
    ) -> Self {
        Self(
            name: name, title: title, importance: importance, isNumber: true,
            cell: { row, form in form.size(value(row)) }, key: { SortKey(limit: value($0)) })
    }

    static func text(
        _ name: String, _ title: String, _ importance: Table.Importance, isFlexible: Bool = false,
        keepsEnd: Bool = false, _ value: @escaping @Sendable (Row) -> String
    ) -> Self {
        Self(
            name: name, title: title, importance: importance, isFlexible: isFlexible, keepsEnd: keepsEnd,
            cell: { row, _ in value(row) }, key: { .text(value($0)) })
    }

    /// The same column of rows that hold such a row.
    func of<Outer>(_ path: @escaping @Sendable (Outer) -> Row) -> Column<Outer> {
        Column<Outer>(
            name: name, title: title, importance: importance, isNumber: isNumber, isFlexible: isFlexible,
            keepsEnd: keepsEnd, isShownByDefault: isShownByDefault, cell: { cell(path($0), $1) },
            key: { key(path($0)) })
    }
}

/// The sentence of a verb's help that names its columns.
func columnHelp<Row>(_ columns: [Column<Row>]) -> String {
    "Columns: \(columns.map(\.name).joined(separator: ", "))."
}

/// What rows are sorted by: numbers as numbers, what is not there before all, what has no limit after all.
enum SortKey: Comparable, Sendable {
    case absent
    case signed(Int64)
    case unsigned(UInt64)
    case real(Double)
    case text(String)
    case unlimited

    init(limit: UInt64?) { self = limit.map { .unsigned($0) } ?? .unlimited }
}
