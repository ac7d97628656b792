// Turns the tests' programs into modules: WebAssembly's text form through wat2wasm, which the set-up brings. Each text is
// translated once in a test run. Hides the folder in which that happens.

import Foundation
import Synchronization

enum Assembler {
    struct Failure: Error {
        let text: String
    }

    private static let known = Mutex<[String: [UInt8]]>([:])

    /// The binary of a module in text form. `options` go to wat2wasm.
    static func module(_ text: String, _ options: String...) throws -> [UInt8] {
        let key = options.joined(separator: " ") + "\n" + text
        if let there = known.withLock({ $0[key] }) { return there }
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("keyvm-wat-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { _ = Result { try FileManager.default.removeItem(at: folder) } }
        let source = folder.appendingPathComponent("module.wat")
        let binary = folder.appendingPathComponent("module.wasm")
        try Data(text.utf8).write(to: source)
        let errors = Pipe()
        let assembler = Process()
        assembler.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        assembler.arguments = ["wat2wasm"] + options + [source.path, "-o", binary.path]
        assembler.standardError = errors
        try assembler.run()
        let said = errors.fileHandleForReading.readDataToEndOfFile()
        assembler.waitUntilExit()
        guard assembler.terminationStatus == 0 else { throw Failure(text: String(decoding: said, as: UTF8.self)) }
        let bytes = Array(try Data(contentsOf: binary))
        known.withLock { $0[key] = bytes }
        return bytes
    }

    /// A module with a memory of one page of 64 KiB, every call of WASI by its name, and `_start` with this body. The
    /// body may use the local `$i`.
    static func program(_ body: String, data: String = "", memory: String = "1") throws -> [UInt8] {
        try module(
            """
            (module
              (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
              (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
              (import "wasi_snapshot_preview1" "fd_close" (func $fd_close (param i32) (result i32)))
              (import "wasi_snapshot_preview1" "fd_seek" (func $fd_seek (param i32 i64 i32 i32) (result i32)))
              (import "wasi_snapshot_preview1" "fd_fdstat_get" (func $fd_fdstat_get (param i32 i32) (result i32)))
              (import "wasi_snapshot_preview1" "fd_prestat_get" (func $fd_prestat_get (param i32 i32) (result i32)))
              (import "wasi_snapshot_preview1" "fd_prestat_dir_name"
                (func $fd_prestat_dir_name (param i32 i32 i32) (result i32)))
              (import "wasi_snapshot_preview1" "args_sizes_get" (func $args_sizes_get (param i32 i32) (result i32)))
              (import "wasi_snapshot_preview1" "args_get" (func $args_get (param i32 i32) (result i32)))
              (import "wasi_snapshot_preview1" "environ_sizes_get"
                (func $environ_sizes_get (param i32 i32) (result i32)))
              (import "wasi_snapshot_preview1" "environ_get" (func $environ_get (param i32 i32) (result i32)))
              (import "wasi_snapshot_preview1" "clock_time_get"
                (func $clock_time_get (param i32 i64 i32) (result i32)))
              (import "wasi_snapshot_preview1" "random_get" (func $random_get (param i32 i32) (result i32)))
              (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll_oneoff (param i32 i32 i32 i32) (result i32)))
              (import "wasi_snapshot_preview1" "sched_yield" (func $sched_yield (result i32)))
              (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
              (memory (export "memory") \(memory))
              \(data)
              (func (export "_start") (local $i i32)
                \(body)))
            """)
    }
}
