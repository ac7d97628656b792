// Who asks something of a bank does so by a key, and the key says whether it may. An administrator of a world holds all rights to all
// of its banks; what a program holds is what it was given.

import Objects

extension Kernel {
    /// A key to a bank, with all rights.
    package func key(toBank bank: CellID) throws -> Key {
        .bank(bank, generation: try objects.get(bank, CellHeader.generation))
    }

    /// The bank that a key designates, for an order that needs a right. Throws `keyIsVoid`, also for a key of another kind or to a bank
    /// that was destroyed, and `noRight`.
    package func bank(by key: Key, for right: BankRights) throws -> CellID {
        let bank = CellID(rawValue: key.id)
        guard key.kind == .bank, try !objects.isVoid(key), try objects.kind(of: bank) == .bank, try !isGoing(bank: bank)
        else { throw KernelError.keyIsVoid }
        guard key.bankRights.isSuperset(of: right) else {
            throw KernelError.noRight(path: try path(ofBank: bank), right: right)
        }
        return bank
    }
}
