// The graph that keys make, of the whole world or around one process (`specs/command-line.md`, "Who holds what").

import Kernel
import Objects
import Store

extension World {
    /// Of the whole world O(its keys); around a process too, for whoever holds a key to it may be anywhere.
    func graph(_ request: GraphRequest) throws -> GraphAnswer {
        guard let name = request.around else { return try wholeGraph(boxes: request.boxes) }
        return try graph(around: try process(name), steps: max(1, request.steps), boxes: request.boxes)
    }

    private func wholeGraph(boxes bound: Int) throws -> GraphAnswer {
        var drawing = GraphDrawing(world: self, bound: bound)
        try kernel.forEachProcess { try drawing.add($0) }
        var walk = KeyWalk(self)
        try walk.forEachKey { try drawing.add($0.key, from: $0.holder, at: $0.place) }
        return try drawing.answer()
    }

    private func graph(around process: CellID, steps: Int, boxes: Int) throws -> GraphAnswer {
        var drawing = GraphDrawing(world: self, bound: boxes)
        try drawing.add(process)
        var seen: Set<CellID> = [process]
        var edge = [process]
        for _ in 0..<steps {
            var next: [CellID] = []
            for cell in edge {
                for held in try kernel.heldKeys(of: cell) {
                    try drawing.add(held.key, from: cell, at: held.place)
                    guard case .cell(let target) = try object(ofKey: held.key), seen.insert(target).inserted else {
                        continue
                    }
                    next.append(target)
                }
            }
            edge = next
        }
        var walk = KeyWalk(self)
        try walk.forEachKey { walked in
            guard !seen.contains(walked.holder), try drawn(walked.key) == .cell(process) else { return }
            try drawing.add(walked.key, from: walked.holder, at: walked.place)
        }
        return try drawing.answer()
    }

    /// What is drawn of what a key leads to: of a console its process. nil: nothing, of what tells nobody anything, and of the clock,
    /// entropy and timer, which everybody has.
    fileprivate func drawn(_ key: Key) throws -> KeyObject? {
        switch try object(ofKey: key) {
        case .device(_, let process): process == 0 ? nil : try objects.processCell(id: process).map { .cell($0) }
        case .discrim, nil: nil
        case let object?: object
        }
    }
}

/// Boxes and arrows as they are found, each box on its own and each bank's as one, until there are too many of the first.
private struct GraphDrawing {
    /// Keys of one arrow that are named.
    private static let textBound = 8

    let world: World
    let bound: Int
    private var single = GraphParts()
    private var banked = GraphParts()
    private var isCollapsed = false
    private var paths: [CellID: String] = [:]
    private var counted: Set<KeyObject> = []

    init(world: World, bound: Int) {
        self.world = world
        self.bound = bound
    }

    /// A process, which is there whether or not it holds anything.
    mutating func add(_ process: CellID) throws { _ = try boxes(.cell(process)) }

    mutating func add(_ key: Key, from holder: CellID, at place: KeyPlace) throws {
        guard let object = try world.drawn(key) else { return }
        // Everybody has their own console.
        if key.kind == .device, object == .cell(holder) { return }
        let from = try boxes(.cell(holder))
        let to = try boxes(object)
        if !isCollapsed {
            let rights = Key.rights(of: key.kind).filter { key.rights & $0.bit != 0 }.map(\.name)
            let badge = key.kind == .start && key.badge != 0 ? "/\(key.badge)" : ""
            let has = rights.isEmpty ? "" : " " + rights.joined(separator: ",")
            let name = key.device.map(\.name) ?? "\(key.kind)"
            single.add(
                from: from.single, to: to.single, "\(place.text): \(name)\(badge)\(has)", atMost: Self.textBound)
        }
        banked.add(from: from.banked, to: to.banked, "\(key.kind)", atMost: Self.textBound)
    }

    /// The boxes of something: its own, and its bank's.
    private mutating func boxes(_ object: KeyObject) throws -> (single: Int, banked: Int) {
        let box = try box(object)
        let isNew = counted.insert(object).inserted
        var own = 0
        if !isCollapsed {
            own = single.box(box, as: "\(box.kind.rawValue) \(box.name)", isNew: isNew)
            if single.boxes.count > bound {
                isCollapsed = true
                single = GraphParts()
            }
        }
        let name = box.bank ?? (box.kind == .bank ? box.name : nil)
        guard let name else { return (own, banked.box(box, as: "\(box.kind.rawValue) \(box.name)", isNew: isNew)) }
        let all = GraphBox(id: 0, kind: .banked, name: name, bank: name, state: nil, count: 0)
        return (own, banked.box(all, as: "banked \(name)", isNew: isNew))
    }

    private mutating func box(_ object: KeyObject) throws -> GraphBox {
        func made(_ kind: GraphBox.Kind, _ name: String, _ payer: CellID?, _ state: ProcessState? = nil) throws
            -> GraphBox
        {
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
                let state = try world.processState(cell)
                return try made(.process, try world.objects.name(cell, ProcessRecord.name), payer, state)
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

    func answer() throws -> GraphAnswer {
        let parts = isCollapsed ? banked : single
        return GraphAnswer(boxes: parts.boxes, arrows: parts.arrows, isCollapsed: isCollapsed)
    }
}

private struct GraphParts {
    private struct Ends: Hashable {
        let from: Int
        let to: Int
    }

    private(set) var boxes: [GraphBox] = []
    private(set) var arrows: [GraphArrow] = []
    private var known: [String: Int] = [:]
    private var knownArrows: [Ends: Int] = [:]

    mutating func box(_ box: GraphBox, as name: String, isNew: Bool) -> Int {
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
