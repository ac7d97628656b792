// What `keyvm top` draws: a world's figures, its processes in a table, and the keys, in as many lines and columns as
// the terminal has.
//
// Invariant: no line is wider than the screen and there are no more than it has, however small it is.

import World

/// How the processes are shown, and what the keys change of it.
struct WorldView: Sendable {
    var design: TableDesign<WatchedProcess>
    let form: TableForm
    /// Whether colours and bold are wanted.
    let isStyled: Bool

    /// What a key asks for.
    enum Command: Hashable {
        case quit
        case suspend
        case redraw
        case sort(column: String, descending: Bool)
        case reverse

        init?(key: UInt8) {
            switch key {
            case UInt8(ascii: "g"): self = .sort(column: "rate", descending: true)
            case UInt8(ascii: "p"): self = .sort(column: "pages", descending: true)
            case UInt8(ascii: "n"): self = .sort(column: "name", descending: false)
            case UInt8(ascii: "s"): self = .sort(column: "state", descending: false)
            case UInt8(ascii: "r"): self = .reverse
            case UInt8(ascii: "q"), 0x1c: self = .quit
            case 0x1a: self = .suspend
            case 0x0c: self = .redraw
            default: return nil
            }
        }
    }

    /// The commands in what was typed. An escape sequence, as a cursor key sends it, is none.
    static func commands(in keys: [UInt8]) -> [Command] {
        keys.prefix { $0 != 0x1b }.compactMap(Command.init)
    }

    mutating func perform(_ command: Command) {
        switch command {
        case .sort(let column, let descending): design.sort(by: column, descending: descending)
        case .reverse: design.isDescending.toggle()
        case .quit, .suspend, .redraw: break
        }
    }

    /// The screen's lines, from the top.
    func lines(_ sight: WorldSight, columns: Int, rows: Int) -> [String] {
        var lines = header(sight, columns: columns)
        let hasKeys = rows >= lines.count + 6
        if rows >= lines.count + 8 { lines.append("") }
        let room = max(0, rows - lines.count - (hasKeys ? 1 : 0))
        lines += table(sight, columns: columns, rows: room)
        if hasKeys {
            lines += Array(repeating: "", count: max(0, rows - 1 - lines.count))
            lines.append(keyLine(columns: columns, unseen: sight.processes.count - (room - 1)))
        }
        return Array(lines.prefix(rows))
    }

    // MARK: Parts

    /// Figures of the world, as many in a line as it has place for.
    private func header(_ sight: WorldSight, columns: Int) -> [String] {
        let status = sight.status
        var figures = [
            ("gas clock", form.count(status.gasClock)), ("gas/s", Self.rate(sight.gasPerSecond, form)),
            ("processes", form.count(UInt64(max(0, status.processes)))),
            ("ready", form.count(UInt64(sight.processes.count { $0.process.state == .ready }))),
            ("checkpoint", "\(form.age(status.checkpoint.ageSeconds)) ago"),
        ]
        if sight.listAge >= .seconds(2) { figures.append(("listed", "\(form.age(sight.listAge / .seconds(1))) ago")) }
        if sight.isStale { figures.append(("no answer for", form.age((.now - sight.at) / .seconds(1)))) }
        var lines: [String] = []
        var width = 0
        for (name, value) in figures {
            let needed = name.count + 1 + value.count
            if lines.isEmpty || width + 3 + needed > columns {
                lines.append("")
                width = 0
            }
            let text =
                needed <= columns ? "\(name) \(styled(value, .bold))" : String("\(name) \(value)".prefix(columns))
            lines[lines.count - 1] += (width == 0 ? "" : "   ") + text
            width += (width == 0 ? 0 : 3) + needed
        }
        return lines
    }

    /// Titles and those processes that there is a place for.
    private func table(_ sight: WorldSight, columns: Int, rows: Int) -> [String] {
        guard rows > 0 else { return [] }
        let shown = Array(design.sorted(sight.processes).prefix(rows - 1))
        var table = design.table(shown, form: form)
        for (index, column) in design.shown.enumerated() where column.name == design.sortedBy {
            table.columns[index].title += design.isDescending ? "↓" : "↑"
        }
        return table.lines(width: columns).enumerated().map { index, line in
            guard index > 0 else {
                return styled(line + String(repeating: " ", count: max(0, columns - line.count)), .reversed)
            }
            return styled(line, Style(shown[index - 1].process.state))
        }
    }

    /// The keys, and to the right how many processes have no place on the screen.
    private func keyLine(columns: Int, unseen: Int) -> String {
        let long = "g gas/s  p pages  n name  s state  r reverse  q quit"
        let short = "g p n s sort  r reverse  q quit"
        let keys = String((long.count <= columns ? long : short).prefix(columns))
        let more = unseen > 0 ? "\(unseen) more" : ""
        let space = columns - keys.count - more.count
        return styled(space < 2 ? keys : keys + String(repeating: " ", count: space) + more, .dim)
    }

    // MARK: Styles

    /// How a piece of text stands out (ECMA-48, select graphic rendition).
    private enum Style: String {
        case plain = ""
        case bold = "1"
        case dim = "2"
        case reversed = "7"
        case red = "31"
        case green = "32"
        case yellow = "33"

        init(_ state: ProcessState) {
            switch state {
            case .ready: self = .green
            case .waiting: self = .plain
            case .frozenGas, .frozenSpace: self = .yellow
            case .faulted: self = .red
            case .stopped, .exited: self = .dim
            }
        }
    }

    private func styled(_ text: String, _ style: Style) -> String {
        isStyled && style != .plain ? "\u{1b}[\(style.rawValue)m\(text)\u{1b}[0m" : text
    }

    /// Gas per second as a cell.
    static func rate(_ gasPerSecond: Double?, _ form: any QuantityForm) -> String {
        guard let gasPerSecond else { return "-" }
        return form.exact ? "\(gasPerSecond)" : form.count(UInt64(min(max(0, gasPerSecond), 1e18)))
    }
}

/// What is shown of processes that are watched.
let watchedColumns: [Column<WatchedProcess>] =
    [
        Column(
            name: "rate", title: "GAS/S", importance: .major, isNumber: true,
            cell: { row, form in WorldView.rate(row.gasPerSecond, form) },
            key: { row in row.gasPerSecond.map { .real($0) } ?? .absent })
    ]
    + ["gas", "pages", "state", "bank", "name", "id", "gas-left", "meter", "exit"].compactMap { name in
        processColumns.first { $0.name == name }.map { column in
            var column = column.of { (row: WatchedProcess) in row.process }
            column.isShownByDefault = ["gas", "pages", "state", "bank", "name"].contains(name)
            return column
        }
    }
