// Whether a world that stands still is what the model says, and what the model learns of it: figures that only a world has.

import World

extension Model {
    /// Pages that a purchase may take at once: a process that is frozen for space may have so many left, but one.
    private static let largestPurchase: UInt64 = 4

    /// Compares; what the world alone knows is kept. Throws the first difference.
    mutating func compare(with look: Look, step: Int) throws(Complaint) {
        func check(_ id: String, _ holds: Bool, _ text: @autoclosure () -> String) throws(Complaint) {
            if !holds { throw Complaint(check: id, text: text(), step: step) }
        }
        try check("fsck", look.problems.isEmpty, look.problems.joined(separator: "; "))
        try check("pending", look.pendingBanks == 0, "\(look.pendingBanks) banks are still going")
        let found = look.processes.map { "\($0.name) \($0.id)" }
        let expected = processes.map { "\($0.name) \($0.id)" }
        try check("processes", found == expected, "\(found), expected \(expected)")
        try compareBanks(look.banks, check)
        try compareMeters(look.meters, gasClock: look.gasClock, check)
        for (index, row) in look.processes.enumerated() {
            let seen = Seen(
                row: row, text: look.texts[row.id] ?? "", isDry: isDry(row.meter, look.meters),
                room: look.banks.first { $0.path == row.bank }?.availableBytes.map { $0 / 4096 })
            try compare(seen, at: index, check)
        }
        isQuiet = true
    }

    private typealias Check = (String, Bool, @autoclosure () -> String) throws(Complaint) -> Void

    // MARK: Processes

    /// A process as it was seen.
    private struct Seen {
        var row: ProcessAnswer
        var text: String
        /// A meter of its chain has no gas, or it has no meter.
        var isDry: Bool
        /// Pages that its bank can sell; nil: any number.
        var room: UInt64?
    }

    private func isDry(_ path: String?, _ meters: [MeterAnswer]) -> Bool {
        guard let path else { return true }
        return meters.contains { $0.gasLeft == 0 && (path == $0.path || path.hasPrefix($0.path + "/")) }
    }

    private mutating func compare(_ seen: Seen, at index: Int, _ check: Check) throws(Complaint) {
        var process = processes[index]
        let (row, text, name) = (seen.row, seen.text, process.name)
        let bank = path(ofBank: process.bank)
        try check("process-bank", row.bank == bank, "\(name) is in \(row.bank), expected \(bank)")
        let meter = process.meter.map { path(ofMeter: $0) }
        try check(
            "process-meter", row.meter == meter, "\(name) runs on \(row.meter ?? "none"), expected \(meter ?? "none")")
        try check("text-lost", text.hasPrefix(process.shown), "\(name) had written '\(process.shown)', now '\(text)'")
        try check(
            "text-more", !process.isFixed || text == process.shown,
            "\(name) does not run and went on from '\(process.shown)' to '\(text)'")
        let isBeginning = isText(of: process, text, isWhole: false)
        let isWhole = isText(of: process, text, isWhole: true)
        let hadNoRoom =
            row.exitCode == 1 && process.program == .echo && process.mayHaveLacked
            && isPart(text, before: "echo: out of memory\n", of: process)
        let state = row.state
        let whole = process.program.text(input: process.input, hasEnded: process.inputEnded) ?? "looks at the clock"
        let what =
            "\(name) is \(state) \(row.exitCode.map { "\($0) " } ?? "")with '\(text)', of all '\(whole)'"
        switch process.life {
        case .stopped:
            try check("state", state == .stopped && isBeginning, "\(what), expected stopped")
        case .over(let code?):
            try check("state", state == .exited && row.exitCode == code, "\(what), expected exited \(code)")
            try check("text", hadNoRoom || (code == 0 ? isWhole : isBeginning), what)
        case .over(nil):
            try check("state", state == .exited, "\(what), expected exited")
            try check("text", hadNoRoom || row.exitCode == 0 && isWhole, what)
        case .alive:
            switch state {
            case .exited:
                let ends = process.program != .echo || process.inputEnded || hadNoRoom
                try check("state", ends, "\(what), expected it to wait")
                try check("text", hadNoRoom || row.exitCode == 0 && isWhole, what)
            case .waiting:
                try check("state", process.program == .echo && !process.inputEnded, "\(what), expected an end")
                try check("text", isWhole, what)
            case .frozenGas:
                try check("state", seen.isDry, "\(what), and there is gas")
                try check("text", isBeginning, what)
            case .frozenSpace:
                let isTight = isLimited(process.bank) && (seen.room ?? .max) < Self.largestPurchase
                try check("state", isTight, "\(what), and there is room: \(seen.room.map { "\($0)" } ?? "any")")
                try check("text", isBeginning, what)
            case .ready, .stopped, .faulted:
                try check("state", false, "\(what), expected that it came to an end, waits or is frozen")
            }
        }
        if state == .exited { process.life = .over(row.exitCode) }
        process.shown = text
        process.isFixed = process.life != .alive
        processes[index] = process
    }

    /// Whether a process may have written this, in part or as a whole.
    private func isText(of process: Process, _ text: String, isWhole: Bool) -> Bool {
        if case .watch(let last) = process.program {
            return SimulatedProgram.isWatched(text, last: last, isWhole: isWhole)
        }
        let whole = process.program.text(input: process.input, hasEnded: process.inputEnded) ?? ""
        // One that has not read its end yet wrote what it would have written without it.
        return isWhole ? text == whole : whole.hasPrefix(text)
    }

    /// Whether a text is a part of what a process writes, and a last word.
    private func isPart(_ text: String, before last: String, of process: Process) -> Bool {
        text.hasSuffix(last) && isText(of: process, String(text.dropLast(last.count)), isWhole: false)
    }

    // MARK: Banks

    private func compareBanks(_ rows: [BankAnswer], _ check: Check) throws(Complaint) {
        let paths = Dictionary(uniqueKeysWithValues: banks.keys.map { (path(ofBank: $0), $0) })
        let (found, expected) = (rows.map(\.path).sorted(), paths.keys.sorted())
        try check("banks", found == expected, "\(found), expected \(expected)")
        for row in rows {
            guard let number = paths[row.path], let bank = banks[number] else { continue }
            let below = rows.filter {
                $0.path.hasPrefix(row.path + "/") && !$0.path.dropFirst(row.path.count + 1).contains("/")
            }
            try check(
                "bank-terms",
                row.limitBytes == bank.limitPages.map { $0 * 4096 } && row.limitCells == bank.limitCells
                    && row.reserveBytes == bank.reservePages * 4096, "\(row), expected \(bank)")
            let count = processes.count { $0.bank == number }
            try check("bank-processes", row.processes == count, "\(row.path): \(row.processes), expected \(count)")
            let own = ownCells(number)
            try check("bank-cells", row.ownCells == own, "\(row.path) has \(row.ownCells) cells, expected \(own)")
            let used = below.reduce(row.ownBytes) { $0 + max($1.pages * 4096, $1.reserveBytes) }
            try check(
                "BANK-1", row.pages * 4096 == used && row.cells == below.reduce(row.ownCells) { $0 + $1.cells },
                "\(row) does not count \(below)")
            let limit = row.limitBytes ?? .max
            try check("BANK-2", bank.wasSet || row.pages * 4096 <= limit, "\(row) has sold more than its limit")
            let (bytes, cells) = Self.left(row, rows)
            try check(
                "bank-available", row.availableBytes == bytes && row.availableCells == cells,
                "\(row), expected \(bytes.map { "\($0)" } ?? "any") bytes, \(cells.map { "\($0)" } ?? "any") cells")
        }
    }

    /// The least that is left along the path, with what is reserved below and not used.
    private static func left(_ row: BankAnswer, _ rows: [BankAnswer]) -> (bytes: UInt64?, cells: UInt64?) {
        var bytes: UInt64?
        var cells: UInt64?
        var reserved: UInt64 = 0
        let chain = rows.filter { row.path == $0.path || row.path.hasPrefix($0.path + "/") }
        for each in chain.sorted(by: { $0.path.count > $1.path.count }) {
            let used = each.pages * 4096
            if let limit = each.limitBytes {
                bytes = min(bytes ?? .max, (limit > used ? limit - used : 0) + reserved)
            }
            if let limit = each.limitCells { cells = min(cells ?? .max, limit > each.cells ? limit - each.cells : 0) }
            reserved += each.reserveBytes > used ? each.reserveBytes - used : 0
        }
        return (bytes, cells)
    }

    // MARK: Meters

    private mutating func compareMeters(_ rows: [MeterAnswer], gasClock: UInt64, _ check: Check) throws(Complaint) {
        let paths = Dictionary(uniqueKeysWithValues: meters.keys.map { (path(ofMeter: $0), $0) })
        let (found, expected) = (rows.map(\.path).sorted(), paths.keys.sorted())
        try check("meters", found == expected, "\(found), expected \(expected)")
        for row in rows {
            guard let number = paths[row.path], let meter = meters[number] else { continue }
            try check("meter-weight", row.weight == meter.weight, "\(row), expected \(meter.weight)")
            let count = processes.count { $0.meter == number }
            try check("meter-processes", row.processes == count, "\(row.path): \(row.processes), expected \(count)")
            // What was ever put on it is left or was used.
            switch meter.budget {
            case .unlimited: try check("meter-gas", row.gasLeft == nil, "\(row), expected no limit")
            case .sum(let sum):
                try check("meter-gas", row.gasLeft.map { $0 + row.gasUsed } == sum, "\(row), expected \(sum) together")
            case .unknown:
                try check("meter-gas", row.gasLeft != nil, "\(row), expected a limit")
                meters[number]?.budget = .sum((row.gasLeft ?? 0) + row.gasUsed)
            }
            let chain = rows.filter { row.path == $0.path || row.path.hasPrefix($0.path + "/") }
            let least = chain.compactMap(\.gasLeft).min()
            try check(
                "meter-available", row.gasAvailable == least, "\(row), expected \(least.map { "\($0)" } ?? "any")")
            let below = rows.filter {
                $0.path.hasPrefix(row.path + "/") && !$0.path.dropFirst(row.path.count + 1).contains("/")
            }
            try check(
                "METER-1", below.reduce(0) { $0 + $1.gasUsed } <= row.gasUsed, "\(row) has used less than those below")
        }
        // All that ever ran ran below the root.
        let used = rows.first { $0.path == "root" }?.gasUsed
        try check("gas", used == gasClock, "root has used \(used ?? 0), the gas clock is at \(gasClock)")
    }
}
