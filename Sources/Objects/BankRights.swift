// What the holder of a key to a bank may do with it (`specs/objects.md`, "Key"). Rights are taken away and never given back: whoever
// hands a key on can weaken it, and nobody can strengthen it.

/// The rights of a bank key.
package struct BankRights: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// To buy from it, in whatever form: pages, processes, banks and meters below it.
    package static let allocate = BankRights(rawValue: 1)
    /// To learn what it counts and holds.
    package static let query = BankRights(rawValue: 2)
    /// To set its limits and what is reserved for it.
    package static let setLimits = BankRights(rawValue: 4)
    /// To destroy it, with all that it holds or in favour of its parent.
    package static let destroy = BankRights(rawValue: 8)
    package static let all: BankRights = [.allocate, .query, .setLimits, .destroy]
}

extension Key {
    /// A key to a bank whose cell has this generation.
    package static func bank(_ bank: CellID, generation: UInt32, rights: BankRights = .all) -> Key {
        Key(.bank, rights: rights.rawValue, generation: generation, id: bank.rawValue)
    }

    /// None where it is no bank's.
    package var bankRights: BankRights { kind == .bank ? BankRights(rawValue: rights).intersection(.all) : [] }

    /// The same key with less rights.
    package func without(_ rights: BankRights) -> Key {
        var weaker = self
        weaker.rights = bankRights.subtracting(rights).rawValue
        return weaker
    }
}
