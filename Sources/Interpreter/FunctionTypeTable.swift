// Function types as small integers, so that `call_indirect` compares two words, across modules too.

import WebAssembly

/// Gives structurally equal types the same number. One table for all modules that can call each other.
package final class FunctionTypeTable {
    private var numbers: [FunctionType: UInt32] = [:]

    package init() {}

    /// The number of `type`, from 0 in the order of first sight.
    package func number(of type: FunctionType) -> UInt32 {
        if let number = numbers[type] { return number }
        let number = UInt32(numbers.count)
        numbers[type] = number
        return number
    }
}
