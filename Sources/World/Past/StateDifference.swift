// How two states of a world differ: from the pages that changed between them to the objects that these hold (specs/checkpoints.md,
// Comparing). Linear in what changed.

import FoundationEssentials
import Kernel
import Objects
import Store

struct StateDifference {
    /// Pages that are listed at most.
    private static let listedPages = 10_000

    private let before: World
    private let after: World
    private var answer: DifferenceAnswer
    private let listsPages: Bool
    private let page: PageID?
    private var counts: [String: DifferenceAnswer.PageCount] = [:]
    /// Pages of processes, by their ids.
    private var pagesOf: [UInt64: UInt64] = [:]
    private var cells: [Side: [CellKind: Set<CellID>]] = [:]

    private enum Side { case before, after }

    /// What a page is.
    private struct Place {
        var use: String
        var process: UInt64?
        var owner: String?
        var offset: UInt64?
    }

    /// `from` and `to` are what the two are; `after` is the later one.
    init(_ before: World, _ after: World, from: CheckpointAnswer, to: CheckpointAnswer?, _ request: DifferenceRequest)
        throws
    {
        (self.before, self.after) = (before, after)
        answer = DifferenceAnswer(from: from, to: to, gasClock: try after.objects.world(WorldPage.gasClock))
        listsPages = request.listsPages
        page = request.page.map { PageID(rawValue: $0) }
        if listsPages { answer.pageItems = [] }
    }

    /// Compares; `pages` are those that may differ, ascending.
    mutating func compared(_ pages: [PageID]) throws -> DifferenceAnswer {
        for id in pages {
            try after.checkIsWaitedFor()
            try look(at: id)
        }
        if let page, answer.bytes == nil {
            throw WorldError(
                .noSuchThing, what: "page \(page.rawValue) did not change",
                why: "it has the same bytes in both, or is in neither",
                try:
                    "keyvm checkpoint diff -w \(quotedForShell(after.directory)) \(answer.from.name.map { "@\($0)" } ?? "\(answer.from.id)") --pages"
            )
        }
        try compareProcesses()
        try compareModules()
        for kind in [CellKind.node, .forwarder] { try compareHolders(kind) }
        answer.banks = try changes(of: .bank) { world, cell in BankAnswer(try world.kernel.figures(ofBank: cell)) }
            .sorted { ($0.after ?? $0.before)?.path ?? "" < ($1.after ?? $1.before)?.path ?? "" }
        answer.meters = try changes(of: .meter) { world, cell in MeterAnswer(try world.kernel.figures(ofMeter: cell)) }
            .sorted { ($0.after ?? $0.before)?.path ?? "" < ($1.after ?? $1.before)?.path ?? "" }
        answer.pages = counts.values.sorted { $0.use < $1.use }
        return answer
    }

    // MARK: Pages

    private mutating func look(at id: PageID) throws {
        let (wasThere, isThere) = (try before.objects.wasWritten(id), try after.objects.wasWritten(id))
        guard wasThere || isThere else { return }
        let (old, new) = (
            wasThere ? try before.objects.read(id) : nil, isThere ? try after.objects.read(id) : nil
        )
        let kind: DifferenceAnswer.PageChange.Kind
        switch (old, new) {
        case (let old?, let new?):
            // Written again as it was.
            let isEqual = UnsafeRawBufferPointer(start: old, count: 4096)
                .elementsEqual(UnsafeRawBufferPointer(start: new, count: 4096))
            guard !isEqual else { return }
            kind = .changed
        case (nil, _): kind = .made
        case (_, nil): kind = .gone
        }
        let place = try place(of: id, in: isThere ? after : before)
        var count = counts[place.use] ?? DifferenceAnswer.PageCount(use: place.use)
        switch kind {
        case .changed: count.changed += 1
        case .made: count.made += 1
        case .gone: count.gone += 1
        }
        counts[place.use] = count
        if let process = place.process { pagesOf[process, default: 0] += 1 }
        if let old, place.use == "records" { note(old, id, .before) }
        if let new, place.use == "records" { note(new, id, .after) }
        let change = DifferenceAnswer.PageChange(
            id: id.rawValue, kind: kind, use: place.use, owner: place.owner, offset: place.offset)
        if listsPages, answer.pageItems?.count ?? 0 < Self.listedPages { answer.pageItems?.append(change) }
        if id == page {
            func data(_ start: UnsafeRawPointer?) -> Data? { start.map { Data(bytes: $0, count: 4096) } }
            answer.bytes = DifferenceAnswer.PageBytes(change: change, before: data(old), after: data(new))
        }
    }

    private mutating func note(_ pot: UnsafeRawPointer, _ id: PageID, _ side: Side) {
        var found: [CellKind: Set<CellID>] = cells[side] ?? [:]
        PotCheck.forEachCell(of: pot, id: id, found: { cell, kind, _ in found[kind, default: []].insert(cell) }) { _ in
        }
        cells[side] = found
    }

    private func place(of id: PageID, in world: World) throws -> Place {
        let objects = world.objects
        guard id.number < Region.stripMap, id != .world else { return Place(use: "kernel") }
        let record = try objects.record(of: StripID(holding: id))
        let owner = CellID(rawValue: record.load(StripRecord.owner))
        let use = StripUse(rawValue: record.load(StripRecord.use))
        if use == .data { return Place(use: "pages") }
        guard let use, use != .pots, !owner.isNone else { return Place(use: "records") }
        var place = Place(use: use == .spaceMap ? "kernel" : Self.use(ofSpace: record.load(StripRecord.space)))
        if use == .space {
            place.offset = UInt64(record.load(StripRecord.spaceMiB)) << 20 + (id.rawValue & 0xFF) << 12
        }
        var process: CellID?
        switch try objects.kind(of: owner) {
        case .process: process = owner
        case .instance: process = try objects.link(owner, InstanceRecord.process)
        case .module: place.owner = hexadecimal(try objects.cell(owner).load(ModuleRecord.hash))
        default: break
        }
        if let process, try objects.kind(of: process) == .process {
            place.process = try objects.get(process, ProcessRecord.id)
            place.owner = try objects.name(process, ProcessRecord.name)
        }
        return place
    }

    private static func use(ofSpace code: UInt8) -> String {
        switch code {
        case SpaceKind.memory.code: "memory"
        case SpaceKind.stack.code: "stack"
        case SpaceKind.log.code: "log"
        case SpaceKind.input.code: "input"
        case SpaceKind.launch.code: "arguments"
        case SpaceKind.imports.code: "imports"
        case SpaceKind.binary.code: "module"
        case SpaceKind.memoryImage.code, SpaceKind.tableImage.code: "image"
        default: "table"
        }
    }

    // MARK: Objects

    private func noted(_ kind: CellKind) -> (before: Set<CellID>, after: Set<CellID>) {
        (cells[.before]?[kind] ?? [], cells[.after]?[kind] ?? [])
    }

    /// What differs of the cells of a kind that lie in changed pots.
    private func changes<Row: Hashable>(
        of kind: CellKind, _ row: (World, CellID) throws -> Row
    ) throws -> [DifferenceAnswer.Change<Row>] {
        let (old, new) = noted(kind)
        return try old.union(new).sorted { $0.rawValue < $1.rawValue }.flatMap { cell in
            // A slot that was freed and is used again is another object.
            var isSame = old.contains(cell) && new.contains(cell)
            if isSame {
                let was = try before.objects.get(cell, CellHeader.generation)
                isSame = try after.objects.get(cell, CellHeader.generation) == was
            }
            let was = old.contains(cell) ? try row(before, cell) : nil
            let isNow = new.contains(cell) ? try row(after, cell) : nil
            let found: [DifferenceAnswer.Change<Row>] =
                isSame || was == nil || isNow == nil ? [.init(was, isNow)] : [.init(was, nil), .init(nil, isNow)]
            return found.filter { $0.before != $0.after }
        }
    }

    /// Processes by their ids: one that moved to another bank has another cell.
    private mutating func compareProcesses() throws {
        let (old, new) = noted(.process)
        var ids = Set(pagesOf.keys)
        for cell in old { ids.insert(try before.objects.get(cell, ProcessRecord.id)) }
        for cell in new { ids.insert(try after.objects.get(cell, ProcessRecord.id)) }
        for id in ids.sorted() {
            let (was, isNow) = (try before.kernel.process(id: id), try after.kernel.process(id: id))
            let change = DifferenceAnswer.Change(try was.map(before.row), try isNow.map(after.row))
            let pages = pagesOf[id] ?? 0
            if change.before != change.after || pages > 0 {
                answer.processes.append(DifferenceAnswer.ProcessChange(row: change, pages: pages))
            }
            let name = (change.after ?? change.before)?.name ?? "\(id)"
            for slot in 0..<ProcessRecord.registerCount {
                compareKeys(
                    name, slot, try was.map { try before.objects.register(slot, of: $0) },
                    try isNow.map { try after.objects.register(slot, of: $0) })
            }
        }
    }

    private mutating func compareHolders(_ kind: CellKind) throws {
        let (old, new) = noted(kind)
        for cell in old.union(new).sorted(by: { $0.rawValue < $1.rawValue }) {
            for slot in 0..<kind.heldKeys {
                let offset = NodeRecord.keys + Key.bytes * slot
                compareKeys(
                    "\(kind) \(cell.pot.number)/\(cell.slot)", slot,
                    old.contains(cell) ? try before.objects.cell(cell).loadKey(at: offset) : nil,
                    new.contains(cell) ? try after.objects.cell(cell).loadKey(at: offset) : nil)
            }
        }
    }

    private mutating func compareKeys(_ holder: String, _ slot: Int, _ was: Key?, _ isNow: Key?) {
        let (was, isNow) = (was ?? .void, isNow ?? .void)
        guard was != isNow else { return }
        answer.keys.append(
            DifferenceAnswer.KeyChange(
                holder: holder, slot: slot, before: was.kind == .void ? nil : was.title,
                after: isNow.kind == .void ? nil : isNow.title))
    }

    private mutating func compareModules() throws {
        answer.modules = try changes(of: .module) { world, cell in
            DifferenceAnswer.ModuleRow(
                hash: hexadecimal(try world.objects.cell(cell).load(ModuleRecord.hash)),
                bytes: try world.objects.get(cell, ModuleRecord.byteCount))
        }
    }
}

extension Key {
    /// Kind and what it leads to, in a word or two.
    fileprivate var title: String {
        switch kind {
        case .void: "void"
        case .device: device?.name ?? "device \(id)"
        default: "\(kind) \(id)" + (rights == 0 ? "" : " (rights \(rights))")
        }
    }
}
