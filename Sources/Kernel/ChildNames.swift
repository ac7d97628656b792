// What is directly below a bank, or a meter, by name: a cache of the host's, so that a name is found among a hundred thousand
// as fast as among ten. Tables are made of those parents that are asked about, and kept by every change from then on.
//
// NAMES-1  A table leads from each name to the cell directly below its parent that has it; of several, which only meters
//          can be that go with a bank, to the one that was made last.

import Objects

struct ChildNames {
    /// Names that are kept before everything is forgotten.
    private static let bound = 1 << 20

    private var tables: [CellID: [String: CellID]] = [:]
    private var count = 0

    func hasTable(of parent: CellID) -> Bool { tables[parent] != nil }

    func child(of parent: CellID, named name: String) -> CellID? { tables[parent]?[name] }

    mutating func enter(_ table: [String: CellID], of parent: CellID) {
        if count > Self.bound { self = ChildNames() }
        tables[parent] = table
        count += table.count
    }

    mutating func add(_ cell: CellID, named name: String, below parent: CellID) {
        guard tables[parent] != nil else { return }
        if tables[parent]?.updateValue(cell, forKey: name) == nil { count += 1 }
    }

    mutating func remove(_ cell: CellID, named name: String, below parent: CellID) {
        guard tables[parent]?[name] == cell else { return }
        tables[parent]?[name] = nil
        count -= 1
    }

    /// The table of this parent, which is no more, or whose list changes as a whole.
    mutating func forget(_ parent: CellID) {
        if let table = tables.removeValue(forKey: parent) { count -= table.count }
    }
}
