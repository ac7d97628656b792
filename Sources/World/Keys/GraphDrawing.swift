// Boxes and arrows as they are found, in three ways at once: each box on its own, those of one bank, kind and stem of a name as one, and
// each bank's as one. The first of them that is not too many is the answer.

import Kernel
import Objects
import Store

struct GraphDrawing {
    /// Keys of one arrow that are named.
    private static let textBound = 8

    private enum Grain: Int, CaseIterable { case single, alike, bank }

    private let world: World
    private let bound: Int
    /// By grain; nil: too many.
    private var parts: [GraphParts?] = [GraphParts(), GraphParts(), GraphParts()]
    private var paths: [CellID: String] = [:]
    private var counted: Set<KeyObject> = []

    init(world: World, bound: Int) {
        self.world = world
        self.bound = bound
    }

    /// A process, which is there whether or not it holds anything.
    mutating func add(_ process: CellID) throws { _ = try boxes(.cell(process)) }

    mutating func add(_ key: Key, at step: KeyStep) throws {
        guard let object = try world.drawn(key) else { return }
        // Everybody has their own console.
        if key.kind == .device, object == .cell(step.holder) { return }
        let rights = World.rights(of: key)
        let badge = key.kind == .start && key.badge != 0 ? "/\(key.badge)" : ""
        let has = rights.isEmpty ? "" : " " + rights.joined(separator: ",")
        let name = key.device.map(\.name) ?? "\(key.kind)"
        try join(step, to: object, "\(step.place.text): \(name)\(badge)\(has)", as: "\(key.kind)")
    }

    /// That somebody comes to a node or forwarder from there.
    mutating func addStep(_ step: KeyStep, to cell: CellID) throws {
        let kind = try world.objects.kind(of: cell).map { "\($0)" } ?? "node"
        try join(step, to: .cell(cell), "\(step.place.text): \(kind)", as: kind)
    }

    private mutating func join(_ step: KeyStep, to object: KeyObject, _ text: String, as kind: String) throws {
        let (from, to) = (try boxes(.cell(step.holder)), try boxes(object))
        for grain in Grain.allCases {
            guard let from = from[grain.rawValue], let to = to[grain.rawValue] else { continue }
            parts[grain.rawValue]?.add(
                from: from, to: to, grain == .single ? text : kind, atMost: Self.textBound)
        }
    }

    /// The boxes of something, by grain.
    private mutating func boxes(_ object: KeyObject) throws -> [Int?] {
        let box = try box(object)
        let isNew = counted.insert(object).inserted
        return Grain.allCases.map { grain in
            let drawn = Self.box(box, grain)
            let id = parts[grain.rawValue]?.box(drawn, isNew: isNew)
            if grain != .bank, let count = parts[grain.rawValue]?.boxes.count, count > bound {
                parts[grain.rawValue] = nil
                return nil
            }
            return id
        }
    }

    /// A box as it is drawn with others of its grain.
    private static func box(_ box: GraphBox, _ grain: Grain) -> GraphBox {
        var drawn = box
        switch grain {
        case .single: break
        case .alike:
            guard box.bank != nil else { break }
            let stem =
                box.kind == .process ? String(box.name.reversed().drop { $0.isNumber || $0 == "-" }.reversed()) : ""
            (drawn.name, drawn.state) = ("\(stem)…", nil)
        case .bank:
            guard let bank = box.bank ?? (box.kind == .bank ? box.name : nil) else { break }
            drawn = GraphBox(id: 0, kind: .banked, name: bank, bank: bank, state: nil, count: 0)
        }
        return drawn
    }

    private mutating func box(_ object: KeyObject) throws -> GraphBox {
        func made(
            _ kind: GraphBox.Kind, _ name: String, _ payer: CellID?, _ state: ProcessState? = nil
        ) throws -> GraphBox {
            GraphBox(id: 0, kind: kind, name: name, bank: try payer.map { try path($0) }, state: state, count: 0)
        }
        switch object {
        case .page(let id):
            let page = PageID(rawValue: id)
            let payer = try world.objects.record(of: StripID(holding: page)).load(StripRecord.bank)
            return try made(.page, "\(page.number)", CellID(rawValue: payer))
        case .checkpoint, .discrim, .device: return try made(.checkpoint, "checkpoint", nil)
        case .cell(let cell):
            let payer = try world.objects.payer(of: cell)
            let number = "\(cell.pot.number)/\(cell.slot)"
            switch try world.objects.kind(of: cell) {
            case .process:
                let name = try world.objects.name(cell, ProcessRecord.name)
                return try made(.process, name, payer, try world.processState(cell))
            case .bank: return try made(.bank, try path(cell), nil)
            case .meter: return try made(.meter, try world.kernel.path(ofMeter: cell), nil)
            case .forwarder: return try made(.forwarder, number, payer)
            case .node, .module, .instance, nil: return try made(.node, number, payer)
            }
        }
    }

    private mutating func path(_ bank: CellID) throws -> String {
        if let known = paths[bank] { return known }
        let path = try world.kernel.path(ofBank: bank)
        paths[bank] = path
        return path
    }

    func answer() -> GraphAnswer {
        let first = parts.firstIndex { $0 != nil } ?? Grain.bank.rawValue
        let drawn = parts[first] ?? GraphParts()
        return GraphAnswer(
            boxes: drawn.boxes, arrows: drawn.arrows, isCollapsed: first != Grain.single.rawValue,
            objects: counted.count)
    }
}

private struct GraphParts {
    private struct Ends: Hashable {
        let from: Int
        let to: Int
    }

    private struct Name: Hashable {
        let kind: GraphBox.Kind
        let name: String
        let bank: String?
    }

    private(set) var boxes: [GraphBox] = []
    private(set) var arrows: [GraphArrow] = []
    private var known: [Name: Int] = [:]
    private var knownArrows: [Ends: Int] = [:]

    mutating func box(_ box: GraphBox, isNew: Bool) -> Int {
        let name = Name(kind: box.kind, name: box.name, bank: box.bank)
        let id = known[name] ?? boxes.count
        if id == boxes.count {
            known[name] = id
            boxes.append(box)
            boxes[id].id = id
        }
        if isNew { boxes[id].count += 1 }
        return id
    }

    mutating func add(from: Int, to: Int, _ text: String, atMost bound: Int) {
        let ends = Ends(from: from, to: to)
        let index = knownArrows[ends] ?? arrows.count
        if index == arrows.count {
            knownArrows[ends] = index
            arrows.append(GraphArrow(from: from, to: to, texts: [], count: 0))
        }
        arrows[index].count += 1
        if arrows[index].texts.count < bound, !arrows[index].texts.contains(text) { arrows[index].texts.append(text) }
    }
}
