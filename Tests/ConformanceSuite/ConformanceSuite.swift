// A script of the standard's test suite as wast2json writes it, and the suite itself, converted once in a test run. The
// vectors are not in the tree: WASM_TESTSUITE names the folder that they are in.

import Foundation
import Synchronization

/// One script: what it does to modules, in order.
package struct ConformanceScript: Decodable {
    /// An argument or a result: its type, and its bits in decimal, `nan:canonical` or `nan:arithmetic`.
    package struct Value: Decodable {
        package var type: String
        package var value: String?
    }

    /// A call of an export, or the reading of a global.
    package struct Action: Decodable {
        package var type: String
        package var module: String?
        package var field: String
        package var args: [Value]?
    }

    /// One command, at a line of the script.
    package struct Command: Decodable {
        package var type: String
        package var line: Int
        package var name: String?
        package var filename: String?
        package var text: String?
        package var `as`: String?
        package var action: Action?
        package var expected: [Value]?
    }

    package var commands: [Command]
}

/// The suite, converted.
package struct ConformanceSuite: Sendable {
    /// A tool that failed, with its arguments.
    package struct ToolFailure: Error, CustomStringConvertible {
        package let description: String
    }

    /// The names of its scripts, in order.
    package let names: [String]
    private let folder: String

    /// What a test says that does not find it.
    package static let skipNote = """
        conformance: skipped. To run it, put the WebAssembly core test suite of 2022-11-09 (github.com/WebAssembly/\
        testsuite, 3a04b2cf, without simd_*) into wasm-core-2.0.tar.xz, set WASM_TESTSUITE to its folder, and install wabt
        """

    private static let known = Mutex<ConformanceSuite?>(nil)

    /// The suite, converted when it is asked for first and removed when the program ends; nil where WASM_TESTSUITE is not set.
    package static func converted() throws -> ConformanceSuite? {
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
                names: scripts.map { $0.deletingPathExtension().lastPathComponent }, folder: folder.path)
            known = suite
            atexit { ConformanceSuite.remove() }
            return suite
        }
    }

    private static func remove() {
        guard let suite = known.withLock({ $0 }) else { return }
        _ = Result { try FileManager.default.removeItem(atPath: suite.folder) }
    }

    /// The commands of a script.
    package func script(_ name: String) throws -> ConformanceScript {
        try JSONDecoder().decode(
            ConformanceScript.self, from: Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name).json")))
    }

    /// The bytes of a module that a command names.
    package func module(_ file: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(file)")))
    }

    private static func run(_ tool: String, _ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [tool] + arguments
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw ToolFailure(description: "\(tool) \(arguments) failed") }
    }
}
