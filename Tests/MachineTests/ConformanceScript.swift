// A script of the standard's test suite as wast2json writes it, and the suite itself, converted once in a test run. The
// vectors are not in the tree: WASM_TESTSUITE names the folder that they are in.

import Foundation
import Interpreter
import Synchronization

struct ConformanceScript: Decodable {
    struct Value: Decodable {
        var type: String
        var value: String?

        /// The slot that it is; nil for a value that is not one slot in particular.
        var slot: UInt64? {
            guard let value else { return nil }
            switch type {
            case "funcref": return value == "null" ? 0 : UInt32(value).map { Reference.function($0) }
            case "externref": return value == "null" ? 0 : UInt32(value).map { Reference.external($0) }
            case "f32" where value.hasPrefix("nan"): return 0x7FC0_0000
            case "f64" where value.hasPrefix("nan"): return 0x7FF8_0000_0000_0000
            default: return UInt64(value)
            }
        }
    }

    struct Action: Decodable {
        var type: String
        var module: String?
        var field: String
        var args: [Value]?
    }

    struct Command: Decodable {
        var type: String
        var line: Int
        var name: String?
        var filename: String?
        var text: String?
        var `as`: String?
        var action: Action?
        var expected: [Value]?
    }

    var commands: [Command]
}

/// The suite, converted.
struct ConformanceSuite: Sendable {
    /// Scripts by name, in order, with the folder of their modules.
    let folder: String
    let names: [String]

    static let skipNote = """
        conformance: skipped. To run it, put the WebAssembly core test suite of 2022-11-09 (github.com/WebAssembly/\
        testsuite, 3a04b2cf, without simd_*) into wasm-core-2.0.tar.xz, set WASM_TESTSUITE to its folder, and install wabt
        """

    private static let known = Mutex<ConformanceSuite?>(nil)

    /// The suite; nil where WASM_TESTSUITE is not set.
    static func converted() throws -> ConformanceSuite? {
        guard let source = ProcessInfo.processInfo.environment["WASM_TESTSUITE"] else { return nil }
        return try known.withLock { known in
            if let known { return known }
            let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
                "keyvm-wast-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try run("tar", ["-xf", source + "/wasm-core-2.0.tar.xz", "-C", folder.path])
            let scripts = try FileManager.default.contentsOfDirectory(
                at: folder.appendingPathComponent("wasm-core-2.0"), includingPropertiesForKeys: nil
            ).filter { $0.pathExtension == "wast" }.sorted { $0.path < $1.path }
            for script in scripts {
                let json = folder.appendingPathComponent(script.deletingPathExtension().lastPathComponent + ".json")
                try run("wast2json", ["--disable-simd", script.path, "-o", json.path])
            }
            let suite = ConformanceSuite(
                folder: folder.path, names: scripts.map { $0.deletingPathExtension().lastPathComponent })
            known = suite
            atexit { ConformanceSuite.remove() }
            return suite
        }
    }

    private static func remove() {
        guard let suite = known.withLock({ $0 }) else { return }
        _ = Result { try FileManager.default.removeItem(atPath: suite.folder) }
    }

    func script(_ name: String) throws -> ConformanceScript {
        try JSONDecoder().decode(
            ConformanceScript.self, from: Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name).json")))
    }

    func module(_ file: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(file)")))
    }

    private static func run(_ tool: String, _ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [tool] + arguments
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Assembler.Failure(text: "\(tool) \(arguments) failed") }
    }
}
