// Names that were seen, by their bytes: Swift's strings equate what Unicode calls equivalent. It holds the names' places
// in a list of the caller's only, four bytes each, as a module may have a million of them.
//
// Invariants: `count` slots of `slots` are not free, at most half of them; a name's slot is the first free one from its
// hash on at the time it came, so that no free one lies between.

/// A set of names that have numbers in order: 0, 1, 2, …
struct NameSet {
    private static let free = UInt32.max
    private var slots: [UInt32]
    private var count: UInt32 = 0

    /// Room for `expected` names; more must not come.
    init(expected: Int) {
        var capacity = 8
        while capacity < 2 * expected { capacity *= 2 }
        slots = [UInt32](repeating: Self.free, count: capacity)
    }

    /// Adds the next name; false where it is there already. `named` gives the names before it by their numbers. Hashes
    /// are seeded at random, so that nobody can choose names that collide.
    mutating func insert(_ name: String, named: (Int) -> String) -> Bool {
        precondition(2 * Int(count) < slots.count, "room for the name")
        var name = name
        let hash = name.withUTF8 { bytes in
            var hasher = Hasher()
            hasher.combine(bytes: UnsafeRawBufferPointer(bytes))
            return hasher.finalize()
        }
        var slot = hash & (slots.count - 1)
        while slots[slot] != Self.free {
            if named(Int(slots[slot])).utf8.elementsEqual(name.utf8) { return false }
            slot = (slot + 1) & (slots.count - 1)
        }
        slots[slot] = count
        count += 1
        return true
    }
}
