// Inputs that once crashed, hung or took too much memory in decoder or validator, as tools/fuzz found them and made them
// small. Whatever the bytes, there is an answer, soon, with an offset within them.

import Testing
import WebAssembly

/// An input and the part of KeyVM that it was found in.
private struct Found {
    var part: String
    var bytes: [UInt8]
}

private let found: [Found] = [
    // tools/fuzz adds cases below this line
    // global.set of a global that is not there: a bound that was off by one, made on purpose, found in 30 s
    Found(
        part: "validator", bytes: [0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 10, 5, 1, 3, 0, 36, 0])
]

struct FoundByFuzzing {
    @Test func isAnswered() {
        for (index, input) in found.enumerated() {
            let start = ContinuousClock.now
            do throws(ModuleError) {
                _ = try ValidatedModule(bytes: input.bytes)
            } catch {
                #expect((0...input.bytes.count).contains(error.offset), "\(input.part), case \(index)")
            }
            #expect(ContinuousClock.now - start < .seconds(5), "\(input.part), case \(index)")
        }
    }
}
