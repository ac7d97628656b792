// The standard's own test suite, as far as it can be judged without running anything: its modules are accepted, what it
// calls malformed or invalid is refused with the text that it expects. The vectors are not in the tree: the environment
// variable WASM_TESTSUITE names a folder with wasm-core-2.0.tar.xz (the .wast files of the WebAssembly project's core
// test suite of 2022-11-09, without simd_*); wabt's wast2json makes modules of them.

import Foundation
import Testing
import WebAssembly

struct ConformanceTests {
    /// A command of the JSON that wast2json writes.
    private struct Command: Decodable {
        var type: String
        var line: Int
        var filename: String?
        var text: String?
    }

    private struct Script: Decodable {
        var commands: [Command]
    }

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
        guard let folder = ProcessInfo.processInfo.environment["WASM_TESTSUITE"] else {
            print(
                """
                skipped: conformance of decoder and validator. To run it, put the WebAssembly core test suite of \
                2022-11-09 (github.com/WebAssembly/testsuite, 3a04b2cf, without simd_*) into wasm-core-2.0.tar.xz, set \
                WASM_TESTSUITE to its folder, and install wabt
                """)
            return
        }
        let scratch = FileManager.default.temporaryDirectory.appendingPathComponent("conformance-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: scratch) }
        try run("tar", ["-xf", folder + "/wasm-core-2.0.tar.xz", "-C", scratch.path])
        let scripts = try FileManager.default.contentsOfDirectory(
            at: scratch.appendingPathComponent("wasm-core-2.0"), includingPropertiesForKeys: nil
        ).filter { $0.pathExtension == "wast" }.sorted { $0.path < $1.path }
        #expect(scripts.count == 90)
        var accepted = 0
        var refused: [String: Int] = [:]
        for script in scripts {
            let name = script.deletingPathExtension().lastPathComponent
            let json = scratch.appendingPathComponent(name + ".json")
            try run("wast2json", ["--disable-simd", script.path, "-o", json.path])
            for command in try JSONDecoder().decode(Script.self, from: Data(contentsOf: json)).commands {
                guard let file = command.filename, file.hasSuffix(".wasm") else { continue }
                let bytes = [UInt8](try Data(contentsOf: scratch.appendingPathComponent(file)))
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

    private func run(_ tool: String, _ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [tool] + arguments
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "\(tool) \(arguments)")
    }
}

extension Result {
    fileprivate var failure: Failure? {
        if case .failure(let failure) = self { failure } else { nil }
    }
}
