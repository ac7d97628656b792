// Lays rows out in columns for people, or separated by tabs for programs.
//
// Invariants: a laid-out line is at most `width` characters where a width is given; what does not fit goes as whole
// columns, the least important first, and essential ones stay; without a width nothing is left out.

/// Rows under titles.
package struct Table {
    /// What goes first where a terminal is narrow; of two that are equal, the one to the right.
    package enum Importance: Comparable, Sendable { case minor, useful, major, essential }

    package struct Column {
        package var title: String
        /// Numbers stand to the right.
        package var isNumber: Bool
        /// Whether it may be cut where the terminal is narrow.
        package var isFlexible: Bool
        /// Whether what is cut goes at its beginning: the end of a path tells more.
        package var keepsEnd: Bool
        package var importance: Importance

        package init(
            _ title: String, isNumber: Bool = false, isFlexible: Bool = false, keepsEnd: Bool = false,
            importance: Importance = .essential
        ) {
            self.title = title
            self.isNumber = isNumber
            self.isFlexible = isFlexible
            self.keepsEnd = keepsEnd
            self.importance = importance
        }
    }

    package var columns: [Column]
    /// As many cells in each as there are columns.
    package var rows: [[String]] = []

    /// Characters that each column has at least, so that rows can go on under others; empty: none.
    package var leastWidths: [Int] = []

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
    /// `emphasis` wraps the line of titles in a terminal's bold; without `titles` there is none.
    package func laidOut(width: Int?, emphasis: Bool, titles: Bool = true) -> String {
        var text = ""
        for (index, line) in lines(width: width).enumerated() where titles || index > 0 {
            text += index == 0 && emphasis ? "\u{1b}[1m\(line)\u{1b}[0m\n" : line + "\n"
        }
        return text
    }

    /// The line of titles, and a line for each row.
    package func lines(width: Int?) -> [String] {
        let cells = [columns.map(\.title)] + rows.map { $0.map(printable) }
        var widths = widths(of: cells)
        let shown = shown(of: widths, width: width)
        if let width { shrink(&widths, of: shown, to: width) }
        return cells.enumerated().map { index, row in
            var line = ""
            for column in shown {
                let isLast = column == shown.last
                let isPath = columns[column].keepsEnd && index > 0
                let cell = isPath ? cutFront(row[column], to: widths[column]) : row[column]
                line += padded(cell, to: widths[column], right: columns[column].isNumber, isLast: isLast)
                if !isLast { line += "  " }
            }
            return cut(line, to: width ?? Int.max)
        }
    }

    /// Titles of the columns that have no place in `width` characters.
    package func leftOut(width: Int?) -> [String] {
        let shown = shown(of: widths, width: width)
        return columns.indices.filter { !shown.contains($0) }.map { columns[$0].title }
    }

    /// Characters that each column takes where there is no bound.
    package var widths: [Int] { widths(of: [columns.map(\.title)] + rows.map { $0.map(printable) }) }

    private func widths(of cells: [[String]]) -> [Int] {
        columns.indices.map { column in
            max(cells.map { $0[column].count }.max() ?? 0, column < leastWidths.count ? leastWidths[column] : 0)
        }
    }

    /// The columns that have a place, with flexible ones as short as they may be.
    private func shown(of widths: [Int], width: Int?) -> [Int] {
        var shown = Array(columns.indices)
        guard let width else { return shown }
        while true {
            let droppable = shown.reversed().filter { columns[$0].importance < .essential }
            let isMinorShown = droppable.contains { columns[$0].importance < .major }
            let least = shown.reduce(0) { sum, column in
                guard columns[column].isFlexible else { return sum + widths[column] }
                // What tells rows apart is worth more than a minor column.
                let isComfortable = isMinorShown && columns[column].importance == .essential
                return sum + min(widths[column], isComfortable ? Self.comfortable : Self.leastFlexible)
            }
            guard least + 2 * (shown.count - 1) > width, shown.count > 1,
                let next = droppable.min(by: { columns[$0].importance < columns[$1].importance })
            else { return shown }
            shown.removeAll { $0 == next }
        }
    }

    /// Takes from the widest flexible column, one character at a time, until the line fits or nothing gives. What is
    /// shown though there is no place for it gives all but one character.
    private func shrink(_ widths: inout [Int], of shown: [Int], to width: Int) {
        var excess = shown.reduce(0) { $0 + widths[$1] } + 2 * (shown.count - 1) - width
        for least in [Self.leastFlexible, 1] {
            while excess > 0 {
                let flexible = shown.filter { columns[$0].isFlexible && widths[$0] > least }
                guard let widest = flexible.max(by: { widths[$0] < widths[$1] }) else { break }
                widths[widest] -= 1
                excess -= 1
            }
        }
    }

    /// Characters that a flexible column keeps as long as there is another column to leave out.
    private static let leastFlexible = 8
    /// Characters that an essential one keeps as long as there is a minor column to leave out.
    private static let comfortable = 24

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

/// `text` with control characters, which could steer a terminal, as `?`.
package func printable(_ text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.map { isHarmless($0) ? $0 : "?" }))
}

/// Neither a control character nor one that changes the order or place of others.
private func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator: false
    default: true
    }
}
