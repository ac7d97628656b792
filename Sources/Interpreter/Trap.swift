// Why an instruction cannot be executed: the traps of WebAssembly (core 2.0, 4.4), in the wording of its official tests.

/// A trap. The raw value is what records store.
package enum Trap: UInt8, Error, Sendable, Hashable, CaseIterable, CustomStringConvertible {
    case unreachable = 1
    case integerDivideByZero
    case integerOverflow
    case invalidConversionToInteger
    case outOfBoundsMemoryAccess
    case outOfBoundsTableAccess
    case undefinedElement
    case uninitializedElement
    case indirectCallTypeMismatch
    case callStackExhausted
    /// Not WebAssembly's: of pages that the embedder says are not there, or may be read only.
    case missingPage
    case readOnlyPage

    /// The wording of the official tests, where they have it.
    package var description: String {
        switch self {
        case .unreachable: "unreachable"
        case .integerDivideByZero: "integer divide by zero"
        case .integerOverflow: "integer overflow"
        case .invalidConversionToInteger: "invalid conversion to integer"
        case .outOfBoundsMemoryAccess: "out of bounds memory access"
        case .outOfBoundsTableAccess: "out of bounds table access"
        case .undefinedElement: "undefined element"
        case .uninitializedElement: "uninitialized element"
        case .indirectCallTypeMismatch: "indirect call type mismatch"
        case .callStackExhausted: "call stack exhausted"
        case .missingPage: "missing page"
        case .readOnlyPage: "read-only page"
        }
    }
}
