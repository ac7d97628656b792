// The standard's own test suite, as far as it can be judged without running anything: its modules are accepted, what it
// calls malformed or invalid is refused with the text that it expects.

import ConformanceSuite
import Testing
import WebAssembly

struct ConformanceTests {
    /// Where this decoder says something else than the suite's text, with what it says and why.
    private static let otherTexts: [String: String] = [
        // The suite expects a body without `end` to swallow the next section's id, 0x0B; a body ends where its size says.
        "binary.wast:455": "END opcode expected",
        // What is malformed stands behind a type index that is wrong; one pass meets the type index first.
        "binary.wast:1817": "unknown type 11",
        // wast2json writes no data count section where there are no data segments; the standard wants one.
        "memory_init.wast:190": "data count section required",
        "memory_init.wast:227": "data count section required",
        // wast2json writes `select (result)` as the `select` without types.
        "select.wast:324": "type mismatch",
    ]

    @Test func acceptsAndRefusesWhatTheStandardsSuiteDoes() throws {
        guard let suite = try ConformanceSuite.converted() else { return print(ConformanceSuite.skipNote) }
        #expect(suite.names.count == 90)
        var accepted = 0
        var refused: [String: Int] = [:]
        for name in suite.names {
            for command in try suite.script(name).commands {
                guard let file = command.filename, file.hasSuffix(".wasm") else { continue }
                let bytes = try suite.module(file)
                let place = "\(name).wast:\(command.line)"
                let problem = Result { () throws(ModuleError) in try ValidatedModule(bytes: bytes) }.failure
                switch command.type {
                case "assert_malformed", "assert_invalid":
                    let expected = Self.otherTexts[place] ?? command.text ?? "?"
                    let found = problem.map { "\($0)" } ?? "accepted"
                    #expect(found.hasPrefix(expected), "\(place)")
                    refused[command.type, default: 0] += 1
                default:
                    // module, assert_unlinkable, assert_uninstantiable
                    #expect(problem == nil, "\(place)")
                    accepted += 1
                }
            }
        }
        print("conformance: \(accepted) modules accepted, refused as expected \(refused.sorted { $0.key < $1.key })")
        #expect(accepted >= 1_125)
        #expect(refused == ["assert_invalid": 1_475, "assert_malformed": 736])
    }
}

extension Result {
    fileprivate var failure: Failure? {
        if case .failure(let failure) = self { failure } else { nil }
    }
}
