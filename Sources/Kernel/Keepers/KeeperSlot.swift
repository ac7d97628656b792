// Where a keeper is named: on the memory that was accessed, on the process, on a bank that refuses, on a meter that is dry.
// What a keeper is told comes with a key to just that (`specs/keepers.md`).

import Objects

/// A place for a keeper's start key. Raw values are the format's: they stand where a process's record names the register of the key that
/// it invokes.
package enum KeeperSlot: UInt8, Sendable, CaseIterable {
    case memory = 64
    case process = 65
    case bank = 66
    case meter = 67
}

/// What a process cannot go on for.
package enum Halt: Sendable, Equatable {
    /// A trap by its number.
    case trap(UInt8)
    /// The trap of an access outside of the memory which `instance` defines; `address` is the first byte of it that is outside.
    case access(UInt8, address: UInt64, instance: UInt16)
    /// This bank sells no page.
    case space(bank: CellID)
    /// A meter is dry.
    case gas

    /// Whose keepers are told, one after the other until one lets it go on.
    var slots: [KeeperSlot] {
        switch self {
        case .trap: [.process]
        case .access: [.memory, .process]
        case .space: [.bank, .process]
        case .gas: [.meter]
        }
    }

    /// The order of the message by which a keeper is told.
    var order: KeeperOrder {
        switch self {
        case .trap: .trap
        case .access: .access
        case .space: .space
        case .gas: .gas
        }
    }
}

/// What a keeper is told. Raw values are the format's.
package enum KeeperOrder: UInt32, Sendable, CaseIterable {
    case trap = 1
    case access = 2
    case space = 3
    case gas = 4
}

/// A keeper that can be told.
struct Keeper {
    let server: CellID
    let badge: UInt16
    /// To what it keeps, with the rights of who named it.
    let key: Key
}
