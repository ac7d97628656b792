// What can go wrong below the kernel. A full bank is the guest's affair, damage and the store's failures are the host's.

import Store

package enum ObjectsError: Error, Sendable {
    /// The store failed or is damaged.
    case store(StoreError)
    /// A record contradicts an invariant of `specs/invariants.md`.
    case damaged(invariant: String, object: String, text: String)
    /// A purchase that `bank`'s limit does not allow. Nothing was changed.
    case bankExhausted(bank: CellID, limitPages: UInt64, usedPages: UInt64)
}
