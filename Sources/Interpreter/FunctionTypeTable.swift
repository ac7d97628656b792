// Function types as small integers, so that `call_indirect` compares two words, across modules too.

import WebAssembly

/// Gives structurally equal types the same number, as long as a module uses them. One table for all modules that can call
/// each other.
package final class FunctionTypeTable {
    private var entries: [FunctionType: (number: UInt32, users: Int)] = [:]
    /// Numbers of types that nobody uses any more.
    private var unused: [UInt32] = []

    package init() {}

    /// Types that have a number.
    package var count: Int { entries.count }

    /// The number of `type`, for one more user, who gives it back with `release`.
    func number(of type: FunctionType) -> UInt32 {
        if let number = entries[type]?.number {
            entries[type]?.users += 1
            return number
        }
        let number = unused.popLast() ?? UInt32(entries.count)
        entries[type] = (number, 1)
        return number
    }

    /// A user of each of the types is gone.
    func release(_ types: [FunctionType]) {
        for type in types {
            guard let entry = entries[type] else { continue }
            if entry.users > 1 {
                entries[type] = (entry.number, entry.users - 1)
            } else {
                entries[type] = nil
                unused.append(entry.number)
            }
        }
        if entries.isEmpty { unused = [] }
    }
}
