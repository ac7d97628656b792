// Lays rows out in columns for people, or separated by tabs for programs.
//
// Invariant: a laid-out line is at most `width` characters where a width is given, however little is left of a cell.

/// Rows under titles.
package struct Table {
    package struct Column {
        package var title: String
        /// Numbers stand to the right.
        package var isNumber: Bool
        /// Whether it may be cut where the terminal is narrow.
        package var isFlexible: Bool
        /// Whether what is cut goes at its beginning: the end of a path tells more.
        package var keepsEnd: Bool

        package init(_ title: String, isNumber: Bool = false, isFlexible: Bool = false, keepsEnd: Bool = false) {
            self.title = title
            self.isNumber = isNumber
            self.isFlexible = isFlexible
            self.keepsEnd = keepsEnd
        }
    }

    package var columns: [Column]
    /// As many cells in each as there are columns.
    package var rows: [[String]] = []

    package init(columns: [Column]) { self.columns = columns }

    package mutating func append(_ row: [String]) {
        precondition(row.count == columns.count, "a row has a cell for each column")
        rows.append(row)
    }

    /// One line for each row, cells separated by tabs, no titles.
    package var tabSeparated: String {
        rows.map { $0.map(printable).joined(separator: "\t") + "\n" }.joined()
    }

    /// Titles and rows in columns, two spaces between them. `width`: the most characters of a line (nil: no bound).
    /// `emphasis` wraps the line of titles in a terminal's bold.
    package func laidOut(width: Int?, emphasis: Bool) -> String {
        let cells = [columns.map(\.title)] + rows.map { $0.map(printable) }
        var widths = columns.indices.map { column in cells.map { $0[column].count }.max() ?? 0 }
        if let width { shrink(&widths, to: width) }
        var text = ""
        for (index, row) in cells.enumerated() {
            var line = ""
            for column in columns.indices {
                let isLast = column == columns.count - 1
                let isPath = columns[column].keepsEnd && index > 0
                let cell = isPath ? cutFront(row[column], to: widths[column]) : row[column]
                line += padded(cell, to: widths[column], right: columns[column].isNumber, isLast: isLast)
                if !isLast { line += "  " }
            }
            line = cut(line, to: width ?? Int.max)
            text += index == 0 && emphasis ? "\u{1b}[1m\(line)\u{1b}[0m\n" : line + "\n"
        }
        return text
    }

    /// Takes from the widest flexible column, one character at a time, until the line fits or nothing gives.
    private func shrink(_ widths: inout [Int], to width: Int) {
        var excess = widths.reduce(0, +) + 2 * (widths.count - 1) - width
        while excess > 0 {
            let flexible = columns.indices.filter { columns[$0].isFlexible && widths[$0] > 8 }
            guard let widest = flexible.max(by: { widths[$0] < widths[$1] }) else { return }
            widths[widest] -= 1
            excess -= 1
        }
    }

    private func padded(_ cell: String, to width: Int, right: Bool, isLast: Bool) -> String {
        let cell = cut(cell, to: width)
        let space = String(repeating: " ", count: max(0, width - cell.count))
        if right { return space + cell }
        return isLast ? cell : cell + space
    }

    private func cutFront(_ text: String, to width: Int) -> String {
        text.count <= width ? text : "…" + String(text.suffix(max(0, width - 1)))
    }

    private func cut(_ text: String, to width: Int) -> String {
        text.count <= width ? text : String(text.prefix(max(0, width - 1))) + "…"
    }
}

/// Names and values, one pair a line: what there is one of.
package struct Listing {
    package var pairs: [(name: String, value: String)] = []

    package init() {}

    package mutating func append(_ name: String, _ value: String) { pairs.append((name, value)) }

    /// `name<TAB>value` lines.
    package var tabSeparated: String { pairs.map { "\($0.name)\t\(printable($0.value))\n" }.joined() }

    /// Values in a column of their own.
    package func laidOut() -> String {
        let width = pairs.map(\.name.count).max() ?? 0
        return pairs.map { name, value in
            name + String(repeating: " ", count: width - name.count + 2) + printable(value) + "\n"
        }.joined()
    }
}

/// `text` with control characters, which could steer a terminal, as `?`.
package func printable(_ text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.map { $0.properties.generalCategory == .control ? "?" : $0 }))
}
