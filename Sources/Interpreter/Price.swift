// Gas of the instructions that leave the engine, whole: about what they take in time, at 2 ns for 1 gas, so that a process
// which does nothing else takes no more than its share of the processor (specs/gas.md, decision 0004).

package enum Price {
    /// `memory.grow`, refused or not.
    package static let memoryGrow: Int64 = 128

    /// `table.grow` by as many elements, or, where the table cannot have so many, by none.
    package static func tableGrow(elements: UInt32 = 0) -> Int64 { 64 + Int64(elements) / 8 }

    /// A call of a function that is reached through another instance, without its locals.
    static let callAcross: Int64 = 128
}
