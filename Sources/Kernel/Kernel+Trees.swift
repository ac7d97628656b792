// The trees of banks and of meters: paths, what is below what, entering and leaving.

import Objects

/// Banks and meters nest this deep.
package let treeDepthBound: UInt32 = 4096

extension Kernel {
    // MARK: Finding

    /// The cell at a path such as `root/guests/ann`; nil where there is none, or where it goes with the bank that paid for it.
    func find(_ path: String, in tree: CellTree, root: CellID) throws -> CellID? {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.first == (try objects.name(root, tree.name)), !parts.contains("") else { return nil }
        var here = root
        for part in parts.dropFirst() {
            guard let child = try child(of: here, named: part, in: tree) else { return nil }
            here = child
        }
        return here
    }

    /// The cell directly below another that has a name. O(1), but for the first question about this parent.
    func child(of parent: CellID, named name: String, in tree: CellTree) throws -> CellID? {
        if !childNames.hasTable(of: parent) {
            var table: [String: CellID] = [:]
            for child in try children(of: parent, in: tree) {
                let name = try objects.name(child, tree.name)
                // The latest comes first. One that is on its way to its parent has no name.
                if !name.isEmpty, table[name] == nil { table[name] = child }
            }
            childNames.enter(table, of: parent)
        }
        guard let found = childNames.child(of: parent, named: name), try !isGoing(payerOf: found) else { return nil }
        return found
    }

    /// The cells directly below one.
    func children(of parent: CellID, in tree: CellTree) throws -> [CellID] {
        var found: [CellID] = []
        var child = try objects.link(parent, tree.firstChild)
        while !child.isNone {
            found.append(child)
            child = try objects.link(child, tree.next)
        }
        return found
    }

    /// A cell of a tree and, in the order of names, what is directly below it, or everything below it, each before its own.
    func cells(
        from top: CellID, path: String, recursive: Bool, in tree: CellTree
    ) throws -> [(cell: CellID, path: String)] {
        var found: [(cell: CellID, path: String)] = []
        var pending = [(cell: top, path: path)]
        while let next = pending.popLast() {
            found.append(next)
            guard recursive || next.cell == top else { continue }
            var below: [(cell: CellID, path: String)] = []
            for child in try children(of: next.cell, in: tree) {
                let name = try objects.name(child, tree.name)
                // One that is on its way to its parent has no name; a meter may go with the bank that paid for it.
                if try !name.isEmpty && !isGoing(payerOf: child) { below.append((child, "\(next.path)/\(name)")) }
            }
            pending += below.sorted { $0.path > $1.path }
        }
        return found
    }

    func path(of cell: CellID, in tree: CellTree) throws -> String {
        var parts: [String] = []
        var each = cell
        while !each.isNone {
            parts.append(try objects.name(each, tree.name))
            each = try objects.link(each, tree.parent)
        }
        // A bank that returns what it has to its parent has no name.
        return parts.reversed().filter { !$0.isEmpty }.joined(separator: "/")
    }

    /// The path of the parent, and a name that can be given. Throws `invalidPath`.
    static func split(
        _ path: String, else refusal: @autoclosure () -> KernelError
    ) throws -> (parent: String, name: String) {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count > 1, let name = parts.last.map(String.init), isValid(name: name) else {
            throw refusal()
        }
        return (parts.dropLast().joined(separator: "/"), name)
    }

    // MARK: Entering and leaving

    /// A name for a bank or meter that nobody named: of its place, which no other has now, unless one was named after it.
    func freeName(_ letter: String, for cell: CellID, below parent: CellID, in tree: CellTree) throws -> String {
        let place = "\(letter)\(cell.pot.number).\(cell.slot).\(try objects.get(cell, CellHeader.generation))"
        var name = place
        var number = 1
        while try child(of: parent, named: name, in: tree) != nil {
            number += 1
            name = "\(place)-\(number)"
        }
        return name
    }

    /// How deep a cell of this name is that is made below another. Throws `bankExists` or `meterExists` where there is one,
    /// and `treeTooDeep`. O(depth).
    func depth(ofNew name: String, below parent: CellID, in tree: CellTree) throws -> UInt32 {
        if let there = try child(of: parent, named: name, in: tree) {
            let path = try path(of: there, in: tree)
            throw tree.kind == .bank ? KernelError.bankExists(path: path) : .meterExists(path: path)
        }
        var depth: UInt32 = 1
        var each = try objects.link(parent, tree.parent)
        while !each.isNone {
            depth += 1
            each = try objects.link(each, tree.parent)
        }
        guard depth < treeDepthBound else { throw KernelError.treeTooDeep(bound: treeDepthBound) }
        return depth
    }

    /// Enters a new cell below another.
    func enter(
        _ cell: CellID, named name: String, flags: UInt32, depth: UInt32, below parent: CellID, in tree: CellTree
    ) throws {
        let after = try objects.link(parent, tree.firstChild)
        let record = try objects.mutableCell(cell)
        record.store(parent.rawValue, tree.parent)
        record.store(after.rawValue, tree.next)
        record.store(depth, tree.depth)
        record.store(flags, tree.flags)
        record.store(name, tree.name)
        if !after.isNone { try objects.setLink(after, tree.previous, cell) }
        try objects.setLink(parent, tree.firstChild, cell)
        childNames.add(cell, named: name, below: parent)
        try noteMade(cell, flags: flags, in: tree)
    }

    /// Takes a cell that has nothing below it any more, or goes with what it has, off the list of its parent.
    func leave(_ cell: CellID, in tree: CellTree) throws {
        let next = try objects.link(cell, tree.next)
        try setNeighbours(of: cell, previous: try objects.link(cell, tree.previous), next: next, in: tree)
        let parent = try objects.link(cell, tree.parent)
        childNames.remove(cell, named: try objects.name(cell, tree.name), below: parent)
        childNames.forget(cell)
        nextNumbers = [:]
    }

    /// Another cell with the same contents stands where one stood that has nothing below it.
    func replace(_ cell: CellID, by copy: CellID, in tree: CellTree) throws {
        try setNeighbours(of: copy, previous: copy, next: copy, in: tree)
        let parent = try objects.link(copy, tree.parent)
        childNames.add(copy, named: try objects.name(copy, tree.name), below: parent)
    }

    /// What stands before a cell on the list of its parent leads on to `next`, and what stands after it back to `previous`.
    private func setNeighbours(of cell: CellID, previous: CellID, next: CellID, in tree: CellTree) throws {
        let before = try objects.link(cell, tree.previous)
        let after = try objects.link(cell, tree.next)
        if !after.isNone { try objects.setLink(after, tree.previous, previous) }
        if before.isNone {
            try objects.setLink(try objects.link(cell, tree.parent), tree.firstChild, next)
        } else {
            try objects.setLink(before, tree.next, next)
        }
    }
}
