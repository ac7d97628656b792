// Modules in which the engine once did something else in slices than whole, or crashed, as tools/fuzz and tools/compare
// found them and made them small. Data alone: GeneratedCaseTests runs them.

/// A module and what it was found with.
struct Found {
    var part: String
    var bytes: [UInt8]
}

let generatedCases: [Found] = [
    // tools/fuzz adds cases below this line
]
