// The walk along keys from the processes on: every key that somebody holds, and how they come to it. A node is entered by a key that
// fetches, and what is fetched by one that is not strong is weakened, as the kernel weakens it; a forwarder by one that controls it, or
// by any while it is not blocked. What is in boxes that were sealed is not followed.

import Kernel
import Objects

/// A node or forwarder that the walk has come to.
private struct KeyWalkStep {
    let cell: CellID
    /// What is fetched here is weakened.
    let isWeak: Bool
    /// Who holds the key to it, where, and the step that came to them; nil: a process.
    let holder: CellID
    let place: KeyPlace
    let from: Int?
}

/// One key on the walk.
struct WalkedKey {
    let holder: CellID
    let place: KeyPlace
    /// As whoever comes to it has it.
    let key: Key
    /// What holds what, from a process on; without the key's own place.
    let path: () -> [(holder: CellID, place: KeyPlace)]
}

private final class KeyWalkSteps {
    var all: [KeyWalkStep] = []

    /// What holds what on the way to a step.
    func path(to step: Int?) -> [(holder: CellID, place: KeyPlace)] {
        var path: [(CellID, KeyPlace)] = []
        var each = step
        while let number = each {
            path.append((all[number].holder, all[number].place))
            each = all[number].from
        }
        return path.reversed()
    }
}

struct KeyWalk {
    private let world: World
    private let steps = KeyWalkSteps()
    /// Cells that were come to, and whether with all that they hold.
    private var seen: [CellID: Bool] = [:]

    init(_ world: World) { self.world = world }

    /// Calls `body` with every key that a process, bank or meter holds, and then with those that they come to, nearest first. A place that
    /// is come to weakly and later strongly comes twice. O(keys).
    mutating func forEachKey(_ body: (WalkedKey) throws -> Void) throws {
        var roots: [CellID] = []
        try world.kernel.forEachProcess { roots.append($0) }
        roots += try world.kernel.trees()
        for root in roots { try look(at: root, isWeak: false, from: nil, body) }
        var next = 0
        while next < steps.all.count {
            let step = steps.all[next]
            try look(at: step.cell, isWeak: step.isWeak, from: next, body)
            next += 1
        }
    }

    private mutating func look(
        at cell: CellID, isWeak: Bool, from step: Int?, _ body: (WalkedKey) throws -> Void
    ) throws {
        for held in try world.kernel.heldKeys(of: cell) {
            let key = isWeak ? held.key.weakened : held.key
            if key.kind == .void { continue }
            try body(WalkedKey(holder: cell, place: held.place, key: key) { [steps] in steps.path(to: step) })
            try enter(by: key, isWeak: isWeak, held: (cell, held.place), from: step)
        }
    }

    private mutating func enter(
        by key: Key, isWeak: Bool, held: (cell: CellID, place: KeyPlace), from step: Int?
    ) throws {
        let cell = CellID(rawValue: key.id)
        let isWeakThere: Bool
        switch key.kind {
        case .node where key.nodeRights.contains(.fetch): isWeakThere = isWeak || !key.nodeRights.contains(.strong)
        case .forwarder:
            let isBlocked = try world.objects.get(cell, ForwarderRecord.isBlocked) != 0
            guard key.forwarderRights.contains(.control) || !isBlocked else { return }
            isWeakThere = isWeak
        default: return
        }
        if let isWhole = seen[cell], isWhole || isWeakThere { return }
        seen[cell] = !isWeakThere
        steps.all.append(
            KeyWalkStep(cell: cell, isWeak: isWeakThere, holder: held.cell, place: held.place, from: step))
    }
}
