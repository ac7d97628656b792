// The banks, or the meters, that an administrator made: a cache of the host's, found by going through the tree a bounded
// number of records at a time, and then kept. Those that were made for one process are many, and left out.
//
// ROSTER-1  In the end the members are the root and all below it that an administrator made, each once. One that was sold
//           since may still be among them, until it is met: the key to it is void then.

import Objects

struct Roster {
    let kind: KeyKind
    private(set) var members: [Key] = []
    private var generations: [CellID: UInt32] = [:]
    /// The record that is looked at next, in the order of a walk that takes each before those below it; nil: all were.
    private(set) var next: Key?

    init(_ kind: KeyKind, root: Key) {
        self.kind = kind
        next = root
    }

    var isComplete: Bool { next == nil }

    /// Goes on with another record than before; nil: all were looked at.
    mutating func go(to following: Key?) { next = following }

    mutating func add(_ key: Key) {
        let cell = CellID(rawValue: key.id)
        guard generations[cell] != key.generation else { return }
        remove(cell)
        generations[cell] = key.generation
        members.append(key)
    }

    mutating func remove(_ cell: CellID) {
        guard generations.removeValue(forKey: cell) != nil else { return }
        members.removeAll { $0.id == cell.rawValue }
    }
}
