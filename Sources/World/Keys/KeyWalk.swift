// The walk along keys from the processes on: every key that somebody holds, and how they come to it. A node is entered by a key that
// fetches, and what is fetched by one that is not strong is weakened, as the kernel weakens it; a forwarder by one that controls it, or
// by any while it is not blocked. What is in boxes that were sealed is not followed.

import Kernel
import Objects

/// A place that a walk passes.
struct KeyStep {
    let holder: CellID
    let place: KeyPlace
}

/// One key on the walk.
struct WalkedKey {
    let step: KeyStep
    /// As whoever comes to it has it.
    let key: Key
    /// The step of the walk that came to the holder; nil: the walk began there.
    fileprivate let from: Int?
}

/// Where a key leads on to.
struct KeyEntry: Hashable {
    let cell: CellID
    /// What is fetched there is weakened.
    let isWeak: Bool
}

struct KeyWalk {
    /// A node or forwarder that the walk has come to.
    private struct Step {
        let entry: KeyEntry
        /// Who holds the key to it, and where.
        let held: KeyStep
        /// The step that came to them; nil: the walk began there.
        let from: Int?
        /// Where the walk began, and how many steps lie between.
        let root: KeyStep
        let depth: Int
    }

    private let world: World
    private var steps: [Step] = []
    private var seen: Set<CellID> = []
    /// Where it is entered weakly; looked at when all is seen that is come to with all that it holds.
    private var weak: [Step] = []

    init(_ world: World) { self.world = world }

    /// Calls `body` with every key that a process, bank or meter holds, and then with those that they come to, nearest first, and what is
    /// come to only weakly last. Each place comes once, by the strongest way. O(keys).
    mutating func forEachKey(_ body: (WalkedKey, KeyWalk) throws -> Void) throws {
        var roots: [CellID] = []
        try world.kernel.forEachProcess { roots.append($0) }
        roots += try world.kernel.trees()
        for root in roots { try look(at: KeyEntry(cell: root, isWeak: false), from: nil, body) }
        var next = 0
        while next < steps.count || !weak.isEmpty {
            if next == steps.count {
                steps += weak.filter { seen.insert($0.entry.cell).inserted }
                weak = []
                continue
            }
            try look(at: steps[next].entry, from: next, body)
            next += 1
        }
    }

    private mutating func look(
        at entry: KeyEntry, from step: Int?, _ body: (WalkedKey, KeyWalk) throws -> Void
    ) throws {
        for held in try world.kernel.heldKeys(of: entry.cell) {
            let key = entry.isWeak ? held.key.weakened : held.key
            if key.kind == .void { continue }
            let place = KeyStep(holder: entry.cell, place: held.place)
            try body(WalkedKey(step: place, key: key, from: step), self)
            guard let next = try world.entry(by: key, isWeak: entry.isWeak), !seen.contains(next.cell) else { continue }
            let (root, depth) = step.map { (steps[$0].root, steps[$0].depth + 1) } ?? (place, 0)
            let found = Step(entry: next, held: place, from: step, root: root, depth: depth)
            if next.isWeak {
                weak.append(found)
            } else {
                seen.insert(next.cell)
                steps.append(found)
            }
        }
    }

    /// What holds what on the way to a key, from where the walk began on, without the key's own place: the first step and the last ones,
    /// `bound` at most, and how many lie between.
    func path(to walked: WalkedKey, bound: Int) -> (steps: [KeyStep], omitted: Int) {
        guard let last = walked.from else { return ([], 0) }
        var path: [KeyStep] = []
        var each: Int? = last
        while let number = each, path.count < bound - 1 {
            path.append(steps[number].held)
            each = steps[number].from
        }
        guard each != nil else { return (path.reversed(), 0) }
        return ([steps[last].root] + path.reversed(), steps[last].depth + 1 - path.count - 1)
    }

    /// Calls `body` with each step on the way to a key, the last first, until it says that what comes before is known.
    func forEachStep(to walked: WalkedKey, _ body: (KeyStep, KeyEntry) throws -> Bool) rethrows {
        var each = walked.from
        while let number = each, try body(steps[number].held, steps[number].entry) { each = steps[number].from }
    }
}

extension World {
    /// The node or forwarder whose keys come to hand by a key; nil: it leads to none.
    func entry(by key: Key, isWeak: Bool) throws -> KeyEntry? {
        let cell = CellID(rawValue: key.id)
        switch key.kind {
        case .node where key.nodeRights.contains(.fetch):
            return KeyEntry(cell: cell, isWeak: isWeak || !key.nodeRights.contains(.strong))
        case .forwarder:
            let isBlocked = try objects.get(cell, ForwarderRecord.isBlocked) != 0
            guard key.forwarderRights.contains(.control) || !isBlocked else { return nil }
            return KeyEntry(cell: cell, isWeak: isWeak)
        default: return nil
        }
    }
}
