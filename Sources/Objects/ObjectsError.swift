// What can go wrong below the kernel. A full bank is the guest's affair, damage and the store's failures are the host's.

import Store

@usableFromInline package enum ObjectsError: Error, Sendable {
    /// The store failed or is damaged.
    case store(StoreError)
    /// A record contradicts an invariant of `specs/invariants.md`.
    case damaged(invariant: String, object: String, text: String)
    /// A purchase that a bank's limit does not allow. Nothing was changed.
    case bankExhausted(BankRefusal)
}

/// What a bank would not sell: so many more, where it has sold `used` of `limit`.
@usableFromInline package struct BankRefusal: Error, Sendable, Hashable {
    package enum Unit: Sendable { case pages, cells }

    package var bank: CellID
    package var unit: Unit
    package var limit: UInt64
    package var used: UInt64
    package var asked: UInt64
    /// The limits would have allowed it, and an embedder's policy does not.
    package var isByPolicy: Bool

    package init(
        bank: CellID, unit: Unit, limit: UInt64, used: UInt64, asked: UInt64, isByPolicy: Bool = false
    ) {
        self.isByPolicy = isByPolicy
        self.bank = bank
        self.unit = unit
        self.limit = limit
        self.used = used
        self.asked = asked
    }
}
