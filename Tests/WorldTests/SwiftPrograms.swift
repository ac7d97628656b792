// The Swift programs of the tests: compiled as a user compiles them, by tools/swiftc, once in a test run.

import Foundation
import Synchronization

enum SwiftPrograms {
    private static let known = Mutex<[String: [UInt8]]>([:])
    private static var folder: URL { URL(fileURLWithPath: #filePath).deletingLastPathComponent() }
    private static var root: URL { folder.deletingLastPathComponent().deletingLastPathComponent() }

    /// `Programs/name.swift` as a module.
    static func test(_ name: String) throws -> [UInt8] {
        try compiled(folder.appendingPathComponent("Programs/\(name).swift"))
    }

    /// `tools/examples/name.swift` as a module.
    static func example(_ name: String) throws -> [UInt8] {
        try compiled(root.appendingPathComponent("tools/examples/\(name).swift"))
    }

    /// What a new project in Swift begins with, as a module.
    static func project() throws -> [UInt8] {
        try compiled(root.appendingPathComponent("tools/kit/project/main.swift"))
    }

    private static func compiled(_ source: URL) throws -> [UInt8] {
        if let there = known.withLock({ $0[source.path] }) { return there }
        let scratch = try Scratch()
        let output = scratch.path + "/program.wasm"
        try run(root.appendingPathComponent("tools/swiftc").path, [source.path, "-o", output])
        let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: output)))
        known.withLock { $0[source.path] = bytes }
        return bytes
    }

    private static func run(_ program: String, _ arguments: [String]) throws {
        let process = Process()
        let errors = Pipe()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.standardOutput = FileHandle.nullDevice
        process.standardError = errors
        try process.run()
        let complained = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Programs.Failure(text: String(decoding: complained, as: UTF8.self))
        }
    }
}
