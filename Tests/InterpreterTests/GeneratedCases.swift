// Modules in which the engine once did something else in slices than whole, or crashed, as tools/fuzz and tools/compare
// found them and made them small. Data alone: GeneratedCaseTests runs them.

/// A module and what it was found with.
struct Found {
    var part: String
    var bytes: [UInt8]
}

let generatedCases: [Found] = [
    // tools/fuzz adds cases below this line
    // elem.drop, forgotten when the computation moved: a mistake made on purpose, found and made small in 60 s
    Found(
        part: "engine",
        bytes: [
            0, 97, 115, 109, 1, 0, 0, 0, 1, 7, 2, 96, 0, 0, 96, 0, 0, 3, 3, 2, 0, 0, 4, 4, 1, 112, 0, 3, 7, 16, 3, 2,
            102, 48, 0, 0, 2, 102, 49, 0, 1, 2, 116, 48, 1, 0, 8, 1, 0, 9, 4, 1, 1, 0, 0, 10, 14, 2, 9, 0, 252, 13, 0,
            65, 0, 69, 26, 11, 2, 0, 11,
        ])
]
