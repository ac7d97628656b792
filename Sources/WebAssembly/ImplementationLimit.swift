// Bounds of this implementation where the standard has none or a wider one (core 2.0, appendix A.2 allows them). They
// keep what a hostile binary can make us allocate or compute proportional to its size, and let frames be addressed
// with 16 bits. All of them are here.

/// What is bounded.
package enum ImplementationLimit: Sendable, Hashable, CaseIterable {
    case moduleBytes
    /// Types, imports, functions, tables, memories, globals, exports and segments together.
    case items
    case types
    case parameters
    case results
    case functions
    /// Bytes of a function's body: locals and instructions.
    case functionBytes
    case tables
    case memories
    case globals
    case elementSegments
    case dataSegments
    /// Declared locals of a function, without its parameters.
    case locals
    /// Parameters, declared locals and highest operand stack of a function.
    case frameSlots
    /// Blocks within each other.
    case nesting

    /// The largest accepted value.
    package var maximum: Int {
        switch self {
        case .moduleBytes: 256 << 20
        case .items, .types, .functions: 1_000_000
        case .parameters, .results: 1_000
        case .functionBytes: 7_654_321
        case .tables: 1_000
        case .memories: 100
        case .globals, .locals: 50_000
        case .elementSegments, .dataSegments: 100_000
        case .frameSlots: 60_000
        case .nesting: 100_000
        }
    }

    /// What is counted, in words.
    package var subject: String {
        switch self {
        case .moduleBytes: "bytes in a module"
        case .items: "items in a module"
        case .types: "types in a module"
        case .parameters: "parameters of a type"
        case .results: "results of a type"
        case .functions: "functions in a module"
        case .functionBytes: "bytes in a function"
        case .tables: "tables in a module"
        case .memories: "memories in a module"
        case .globals: "globals in a module"
        case .elementSegments: "element segments in a module"
        case .dataSegments: "data segments in a module"
        case .locals: "locals in a function"
        case .frameSlots: "slots in a frame"
        case .nesting: "blocks within each other"
        }
    }
}

/// What the standard or a proposal has and this implementation has not.
package enum UnsupportedFeature: String, Sendable, Hashable {
    case vectors = "vectors (SIMD)"
    case threads = "threads"
    case exceptions = "exceptions"
    case tailCalls = "tail calls"
    case typedReferences = "typed function references"
    case garbageCollection = "garbage-collected types"
    case memory64 = "64-bit memories (memory64)"
    case multipleMemories = "several memories (multi-memory)"
    case tableInitializers = "table initializers"
    case componentModel = "components"
}
