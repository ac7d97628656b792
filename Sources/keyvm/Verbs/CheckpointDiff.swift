// `keyvm checkpoint diff`: what changed between a kept checkpoint and a later state.

import ArgumentParser
import FoundationEssentials
import World

struct CheckpointDiffVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "diff", abstract: "Show what changed between two checkpoints, or since one.",
        discussion: """
            Processes, banks, meters, modules and keys that were made, changed or went, and how many pages of what. Takes time for what
            changed, not for the world. \(columnHelp(differenceColumns))
            """)

    static let examples = [
        Example("keyvm checkpoint diff @before", "since then"),
        Example("keyvm checkpoint diff @monday @tuesday", "between the two"),
        Example("keyvm checkpoint diff @before --pages", "which pages"),
        Example("keyvm checkpoint diff @before --page 517", "the bytes of one of them"),
    ]

    @Argument(
        help: ArgumentHelp("A kept checkpoint.", valueName: "from"), completion: LiveNames.checkpoints,
        transform: taking(parsedCheckpoint))
    var from: String

    @Argument(
        help: ArgumentHelp("A later one (default: what is so now).", valueName: "to"),
        completion: LiveNames.checkpoints, transform: taking(parsedCheckpoint))
    var to: String?

    @Flag(help: "List the pages that changed, 10000 at most.")
    var pages = false

    @Option(help: ArgumentHelp("Show the bytes that changed of this page.", valueName: "id"))
    var page: UInt64?

    @OptionGroup var form: TableForm
    @OptionGroup var world: WorldOption

    var wantsJSON: Bool { world.json }

    func validate() throws {
        if pages, page != nil { throw ValidationError("--pages and --page are asked one at a time") }
    }

    func run() throws {
        let verb = "checkpoint diff"
        // A column that there is not is refused before the world is asked.
        let design = try pages || page != nil ? nil : form.design(differenceColumns, verb: verb)
        let pageDesign = try pages ? form.design(changedPageColumns, verb: verb) : nil
        let byteDesign = try page != nil ? form.design(changedByteColumns, verb: verb) : nil
        let reach = Reach(directory: world.directory)
        let request = Request.difference(DifferenceRequest(from: from, to: to, listsPages: pages, page: page))
        let answer = try withProgress("comparing") { () throws(WorldError) in try reach.ask(request) }
        guard case .difference(let found) = answer else { throw reach.mismatch(request) }
        if world.json {
            return try StandardStreams.print(JSONValue.envelope("checkpoint.diff", found.members).text + "\n")
        }
        if let pageDesign {
            try form.show(found.pageItems ?? [], as: pageDesign)
            let all = found.pages.reduce(0) { $0 + $1.changed + $1.made + $1.gone }
            let omitted = all - UInt64(found.pageItems?.count ?? 0)
            if omitted > 0 { StandardStreams.say("and \(omitted) others") }
        } else if let byteDesign {
            try form.show(found.bytes?.rows ?? [], as: byteDesign)
        } else if let design {
            try form.show(found.rows, as: design)
        }
    }
}

/// A row of the table.
struct DifferenceRow: Sendable {
    var change: String
    var kind: String
    var name: String
    var pages: UInt64?
    /// What it was and what it is.
    var what: @Sendable (any QuantityForm) -> String

    init(
        _ change: String, _ kind: String, _ name: String, pages: UInt64? = nil,
        what: @escaping @Sendable (any QuantityForm) -> String
    ) {
        (self.change, self.kind, self.name, self.pages, self.what) = (change, kind, name, pages, what)
    }
}

let differenceColumns: [Column<DifferenceRow>] = [
    .text("change", "CHANGE", .essential) { $0.change }, .text("kind", "KIND", .essential) { $0.kind },
    .text("name", "NAME", .essential, isFlexible: true, keepsEnd: true) { $0.name },
    Column(
        name: "pages", title: "PAGES", importance: .major, isNumber: true,
        cell: { row, form in row.pages.map { form.count($0) } ?? "-" },
        key: { row in row.pages.map { .unsigned($0) } ?? .absent }),
    Column(
        name: "what", title: "WHAT", importance: .major, isFlexible: true, cell: { row, form in row.what(form) },
        key: { .text($0.change) }),
]

let changedPageColumns: [Column<DifferenceAnswer.PageChange>] = [
    .number("id", "ID", .essential) { $0.id }, .text("change", "CHANGE", .essential) { $0.kind.rawValue },
    .text("use", "USE", .essential) { $0.use }, .text("owner", "OWNER", .major, isFlexible: true) { $0.owner ?? "-" },
    Column(
        name: "offset", title: "OFFSET", importance: .major, isNumber: true,
        cell: { row, _ in row.offset.map { "\($0)" } ?? "-" },
        key: { row in row.offset.map { .unsigned($0) } ?? .absent }),
]

/// Sixteen bytes of a page, where they differ.
struct ChangedBytes: Sendable {
    var offset: UInt64
    var before: String
    var after: String
}

let changedByteColumns: [Column<ChangedBytes>] = [
    .number("offset", "OFFSET", .essential) { $0.offset }, .text("before", "BEFORE", .essential) { $0.before },
    .text("after", "AFTER", .essential) { $0.after },
]

extension DifferenceAnswer.PageBytes {
    var rows: [ChangedBytes] {
        func line(_ data: Data?, _ offset: Int) -> [UInt8]? { data.map { Array($0.dropFirst(offset).prefix(16)) } }
        func text(_ bytes: [UInt8]?) -> String {
            bytes.map { $0.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: " ") } ?? "-"
        }
        return stride(from: 0, to: 4_096, by: 16).compactMap { offset in
            let (was, isNow) = (line(before, offset), line(after, offset))
            guard was != isNow else { return nil }
            return ChangedBytes(offset: UInt64(offset), before: text(was), after: text(isNow))
        }
    }
}

/// `made`, `changed` or `gone`.
private func word<Row>(_ change: DifferenceAnswer.Change<Row>) -> String {
    change.before == nil ? "made" : change.after == nil ? "gone" : "changed"
}

/// What differs of fields with names: `state ready -> exited; pages 3 -> 5`; of what was made or went all of them.
private func text(_ fields: [(name: String, before: String?, after: String?)]) -> String {
    fields.compactMap { field in
        switch (field.before, field.after) {
        case (let before?, let after?): before == after ? nil : "\(field.name) \(before) -> \(after)"
        case (let one?, nil), (nil, let one?): "\(field.name) \(one)"
        case (nil, nil): nil
        }
    }.joined(separator: "; ")
}

extension DifferenceAnswer {
    /// All that differs, for people.
    var rows: [DifferenceRow] {
        processes.map(\.differenceRow) + banks.map(Self.row) + meters.map(Self.row)
            + modules.map { change in
                DifferenceRow(word(change), "module", String((change.after ?? change.before)?.hash.prefix(12) ?? "")) {
                    form in "size \(form.size((change.after ?? change.before)?.bytes ?? 0))"
                }
            }
            + keys.map { key in
                let change = key.before == nil ? "made" : key.after == nil ? "gone" : "changed"
                return DifferenceRow(change, "key", "\(key.holder) \(key.slot)") { _ in
                    text([("", key.before, key.after)]).trimmingSpaces
                }
            }
            + pages.map { count in
                DifferenceRow("changed", "pages", count.use, pages: count.changed + count.made + count.gone) { form in
                    [("changed", count.changed), ("made", count.made), ("gone", count.gone)].filter { $0.1 > 0 }
                        .map { "\(form.count($0.1)) \($0.0)" }.joined(separator: ", ")
                }
            }
    }

    private static func row(_ change: Change<BankAnswer>) -> DifferenceRow {
        DifferenceRow(word(change), "bank", (change.after ?? change.before)?.path ?? "") { form in
            func field(_ name: String, _ cell: (BankAnswer) -> String) -> (String, String?, String?) {
                (name, change.before.map(cell), change.after.map(cell))
            }
            return text([
                field("used") { form.size($0.usedBytes) }, field("own") { form.size($0.ownBytes) },
                field("limit") { form.size($0.limitBytes) }, field("reserved") { form.size($0.reserveBytes) },
                field("objects") { form.count($0.cells) }, field("objects-limit") { form.limit($0.limitCells) },
                field("processes") { form.count($0.processes) },
            ])
        }
    }

    private static func row(_ change: Change<MeterAnswer>) -> DifferenceRow {
        DifferenceRow(word(change), "meter", (change.after ?? change.before)?.path ?? "") { form in
            func field(_ name: String, _ cell: (MeterAnswer) -> String) -> (String, String?, String?) {
                (name, change.before.map(cell), change.after.map(cell))
            }
            return text([
                field("gas") { form.count($0.gasUsed) }, field("gas-left") { form.limit($0.gasLeft) },
                field("weight") { "\($0.weight)" }, field("processes") { form.count($0.processes) },
            ])
        }
    }
}

extension DifferenceAnswer.ProcessChange {
    fileprivate var differenceRow: DifferenceRow {
        let (before, after) = (row.before, row.after)
        return DifferenceRow(word(row), "process", (after ?? before)?.name ?? "", pages: pages) { form in
            func field(_ name: String, _ cell: (ProcessAnswer) -> String?) -> (String, String?, String?) {
                (name, before.flatMap(cell), after.flatMap(cell))
            }
            return text([
                field("state") { $0.state.rawValue }, field("gas") { form.count($0.gasUsed) },
                field("pages") { form.count($0.pages) }, field("exit") { $0.exitCode.map { "\($0)" } },
                field("bank") { $0.bank }, field("meter") { $0.meter },
            ])
        }
    }
}

extension DifferenceAnswer {
    var members: [JSONValue.Member] {
        func object(_ members: [JSONValue.Member]?) -> JSONValue { members.map { .object($0) } ?? .null }
        func item(
            _ kind: String, _ change: String, _ name: String, _ before: [JSONValue.Member]?,
            _ after: [JSONValue.Member]?, _ more: [JSONValue.Member] = []
        ) -> JSONValue {
            .object(
                [.init("kind", .string(kind)), .init("change", .string(change)), .init("name", .string(name))] + more
                    + [.init("before", object(before)), .init("after", object(after))])
        }
        let items =
            processes.map { process in
                item(
                    "process", word(process.row), (process.row.after ?? process.row.before)?.name ?? "",
                    process.row.before?.members, process.row.after?.members, [.init("pages", .unsigned(process.pages))])
            }
            + banks.map {
                item("bank", word($0), ($0.after ?? $0.before)?.path ?? "", $0.before?.members, $0.after?.members)
            }
            + meters.map {
                item("meter", word($0), ($0.after ?? $0.before)?.path ?? "", $0.before?.members, $0.after?.members)
            }
            + modules.map { change in
                func members(_ row: ModuleRow?) -> [JSONValue.Member]? {
                    row.map { [.init("hash", .string($0.hash)), .init("bytes", .unsigned($0.bytes))] }
                }
                let hash = (change.after ?? change.before)?.hash ?? ""
                return item("module", word(change), hash, members(change.before), members(change.after))
            }
        let keys = keys.map { key in
            JSONValue.object([
                .init("holder", .string(key.holder)), .init("slot", .unsigned(UInt64(key.slot))),
                .init("before", JSONValue(key.before)), .init("after", JSONValue(key.after)),
            ])
        }
        let pages = pages.map { count in
            JSONValue.object([
                .init("use", .string(count.use)), .init("changed", .unsigned(count.changed)),
                .init("made", .unsigned(count.made)), .init("gone", .unsigned(count.gone)),
            ])
        }
        var members: [JSONValue.Member] = [
            .init("from", .object(from.members)), .init("to", object(to?.members)),
            .init("gasClock", .unsigned(gasClock)), .init("items", .array(items)), .init("keys", .array(keys)),
            .init("pages", .array(pages)),
        ]
        if let pageItems { members.append(.init("pageItems", .array(pageItems.map { .object($0.members) }))) }
        if let bytes {
            let rows = bytes.rows.map { row in
                JSONValue.object([
                    .init("offset", .unsigned(row.offset)), .init("before", .string(row.before)),
                    .init("after", .string(row.after)),
                ])
            }
            members.append(.init("page", .object(bytes.change.members)))
            members.append(.init("bytes", .array(rows)))
        }
        return members
    }
}

extension DifferenceAnswer.PageChange {
    fileprivate var members: [JSONValue.Member] {
        [
            .init("id", .unsigned(id)), .init("change", .string(kind.rawValue)), .init("use", .string(use)),
            .init("owner", JSONValue(owner)), .init("offset", JSONValue(offset)),
        ]
    }
}
