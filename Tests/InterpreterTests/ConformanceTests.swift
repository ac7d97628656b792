// The standard's own test suite, run: what its modules compute, and where they trap. The vectors are not in the tree; see
// `skipNote`. Modules that import from each other are left out and counted, as instances do not link yet.

import Foundation
import Interpreter
import Testing
import WebAssembly

struct ConformanceTests {
    static let skipNote = """
        skipped: conformance of the engine. To run it, put the WebAssembly core test suite of 2022-11-09 \
        (github.com/WebAssembly/testsuite, 3a04b2cf, without simd_*) into wasm-core-2.0.tar.xz, set WASM_TESTSUITE to \
        its folder, and install wabt
        """

    /// Scripts about instances that share tables and memories.
    private static let leftOut = ["linking.wast"]

    @Test(arguments: [Cutting.whole, .slices(1), .slices(7), .reloads(1, atMost: 40)])
    func computesWhatTheStandardsSuiteExpects(cutting: Cutting) throws {
        guard let folder = ProcessInfo.processInfo.environment["WASM_TESTSUITE"] else {
            print(Self.skipNote)
            return
        }
        let scratch = FileManager.default.temporaryDirectory.appendingPathComponent("execution-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: scratch) }
        try run("tar", ["-xf", folder + "/wasm-core-2.0.tar.xz", "-C", scratch.path])
        let scripts = try FileManager.default.contentsOfDirectory(
            at: scratch.appendingPathComponent("wasm-core-2.0"), includingPropertiesForKeys: nil
        ).filter { $0.pathExtension == "wast" && !Self.leftOut.contains($0.lastPathComponent) }.sorted {
            $0.path < $1.path
        }
        var tally: [String: Int] = [:]
        for script in scripts {
            let name = script.deletingPathExtension().lastPathComponent
            let json = scratch.appendingPathComponent(name + ".json")
            try run("wast2json", ["--disable-simd", script.path, "-o", json.path])
            let commands = try JSONDecoder().decode(ConformanceScript.self, from: Data(contentsOf: json)).commands
            var player = ConformancePlayer(name: name, folder: scratch, cutting: cutting)
            for command in commands { try player.play(command) }
            tally.merge(player.tally, uniquingKeysWith: +)
        }
        print("conformance, \(cutting): \(tally.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" })")
        #expect(tally["assert_return", default: 0] >= 21_200)
        #expect(tally["assert_trap", default: 0] >= 2_300)
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
