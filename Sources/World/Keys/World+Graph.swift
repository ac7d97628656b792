// The graph that keys make, of the whole world or around one process (`specs/command-line.md`, "Who holds what").

import Kernel
import Objects

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
        try walk.forEachKey { walked, _ in try drawing.add(walked.key, at: walked.step) }
        return drawing.answer()
    }

    private func graph(around process: CellID, steps: Int, boxes: Int) throws -> GraphAnswer {
        var drawing = GraphDrawing(world: self, bound: boxes)
        try drawing.add(process)
        // What was looked at is drawn with all that comes to hand there.
        var looked: Set<CellID> = []
        var ring = [KeyEntry(cell: process, isWeak: false)]
        for _ in 0..<steps {
            var next: [KeyEntry] = []
            for entry in ring where looked.insert(entry.cell).inserted {
                for held in try kernel.heldKeys(of: entry.cell) {
                    let key = entry.isWeak ? held.key.weakened : held.key
                    if key.kind == .void { continue }
                    try drawing.add(key, at: KeyStep(holder: entry.cell, place: held.place))
                    if let inner = try self.entry(by: key, isWeak: entry.isWeak) {
                        next.append(inner)
                    } else if case .cell(let target) = try drawn(key), try objects.kind(of: target) == .process {
                        next.append(KeyEntry(cell: target, isWeak: false))
                    }
                }
            }
            // What is entered weakly comes behind what is not.
            ring = next.filter { !$0.isWeak } + next.filter(\.isWeak)
        }
        var joined = looked
        var walk = KeyWalk(self)
        try walk.forEachKey { walked, walk in
            guard !looked.contains(walked.step.holder), try drawn(walked.key) == .cell(process) else { return }
            try drawing.add(walked.key, at: walked.step)
            // Who comes to it: each step once.
            try walk.forEachStep(to: walked) { step, entry in
                guard joined.insert(entry.cell).inserted else { return false }
                if !looked.contains(step.holder) { try drawing.addStep(step, to: entry.cell) }
                return true
            }
        }
        return drawing.answer()
    }

    /// What is drawn of what a key leads to: of a console its process. nil: nothing, of what tells nobody anything, and of the clock,
    /// entropy and timer, which everybody has.
    func drawn(_ key: Key) throws -> KeyObject? {
        switch try object(ofKey: key) {
        case .device(_, let process): process == 0 ? nil : try objects.processCell(id: process).map { .cell($0) }
        case .discrim, nil: nil
        case let object?: object
        }
    }
}
