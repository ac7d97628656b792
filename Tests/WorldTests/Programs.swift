// The C programs of the tests: compiled as a user compiles them, by tools/cc, once in a test run; and what they print
// elsewhere.

import Foundation
import Synchronization
import Testing

enum Programs {
    struct Failure: Error {
        let text: String
    }

    private static let known = Mutex<[String: [UInt8]]>([:])
    private static var folder: URL { URL(fileURLWithPath: #filePath).deletingLastPathComponent() }
    private static var root: URL { folder.deletingLastPathComponent().deletingLastPathComponent() }

    /// The file of the tests at this path, from their folder on.
    static func file(_ path: String) -> URL { folder.appendingPathComponent(path) }

    /// `Programs/name.c` as a module.
    static func c(_ name: String) throws -> [UInt8] { try compiled("\(name).c") }

    /// `tools/examples/name.c` as a module.
    static func example(_ name: String) throws -> [UInt8] {
        try compiled(root.appendingPathComponent("tools/examples/\(name).c"), "examples/\(name).c")
    }

    /// A file of `Programs` as a module.
    static func compiled(_ name: String) throws -> [UInt8] { try compiled(file("Programs/\(name)"), name) }

    private static func compiled(_ source: URL, _ name: String) throws -> [UInt8] {
        if let there = known.withLock({ $0[name] }) { return there }
        let scratch = try Scratch()
        let output = scratch.path + "/program.wasm"
        _ = try run(
            root.appendingPathComponent("tools/cc").path, [source.path, "-o", output, "-Wall"])
        let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: output)))
        known.withLock { $0[name] = bytes }
        return bytes
    }

    /// What `Programs/name.c` prints when it is compiled for an ordinary machine; its file says how that was made.
    static func expectedOutput(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: file("Programs/\(name).log")), as: UTF8.self)
    }

    private static func run(_ program: String, _ arguments: [String]) throws -> String {
        let process = Process()
        let output = Pipe()
        let errors = Pipe()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        let said = output.fileHandleForReading.readDataToEndOfFile()
        let complained = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failure(text: String(decoding: complained, as: UTF8.self)) }
        return String(decoding: said, as: UTF8.self)
    }
}

/// A folder of a test's own, gone with it.
final class Scratch {
    let path: String
    /// Where the test's world is.
    var world: String { path + "/world" }

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("keyvm-world-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { _ = Result { try FileManager.default.removeItem(atPath: path) } }

    /// Copies a file or a folder. `FileManager.copyItem` never ends where a file becomes shorter meanwhile, as a journal that a host
    /// cuts: it waits for the bytes that there were.
    private static func copy(_ source: String, to target: String) throws {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: source, isDirectory: &isFolder) else {
            throw CocoaError(.fileNoSuchFile)
        }
        if isFolder.boolValue {
            try FileManager.default.createDirectory(atPath: target, withIntermediateDirectories: true)
            for name in try FileManager.default.contentsOfDirectory(atPath: source) {
                try copy(source + "/" + name, to: target + "/" + name)
            }
            return
        }
        guard let file = FileHandle(forReadingAtPath: source) else { throw CocoaError(.fileNoSuchFile) }
        defer { _ = Result { try file.close() } }
        try (try file.readToEnd() ?? Data()).write(to: URL(fileURLWithPath: target))
    }

    /// Copies a world's folder as it is, its lock and its journals included, and answers where the copy is. Where a host moves a file or
    /// publishes meanwhile, so that the copy is of two times, all of it is copied anew.
    func copyWorld(from folder: String? = nil, to name: String = "copy") throws -> String {
        let world = folder ?? world
        let copy = path + "/" + name
        for attempt in 1... {
            do {
                let before = Self.published(in: world)
                try FileManager.default.createDirectory(atPath: copy, withIntermediateDirectories: true)
                for file in ["store.mdb", "lock", "journal", "journal.kept"]
                where FileManager.default.fileExists(atPath: world + "/" + file) {
                    try Self.copy(world + "/" + file, to: copy + "/" + file)
                }
                guard Self.published(in: world) != before, attempt < 20 else { return copy }
                try FileManager.default.removeItem(atPath: copy)
            } catch CocoaError.fileNoSuchFile where attempt < 20 {
                try FileManager.default.removeItem(atPath: copy)
            }
        }
        return copy
    }

    /// What is another after a publication: when the store was written, and which files the journal has.
    private static func published(in world: String) -> [String] {
        let attributes = try? FileManager.default.attributesOfItem(atPath: world + "/store.mdb")
        let written = (attributes?[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
        return ((try? FileManager.default.contentsOfDirectory(atPath: world + "/journal")) ?? []).sorted() + [
            "\(written)"
        ]
    }
}
