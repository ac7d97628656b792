// Backups in memory, and worlds that are worth one.

import Foundation
import Synchronization
import Testing
import World

/// A backup in memory.
final class BackupBytes: BackupSink {
    private let bytes = Mutex(Data())

    var data: Data { bytes.withLock { $0 } }

    func write(_ bytes: UnsafeRawBufferPointer, isStopped: () -> Bool) {
        self.bytes.withLock { $0.append(contentsOf: bytes) }
    }
}

extension World {
    func backup(since: String? = nil, at: String? = nil, level: Int = 1) throws -> Data {
        let sink = BackupBytes()
        let answer = try backup(BackupRequest(since: since, at: at, level: level), to: sink)
        #expect(answer.bytes == UInt64(sink.data.count))
        return sink.data
    }

    /// Restores what lies in memory, from a file, or through a pipe.
    static func restore(_ data: Data, to directory: String, piped: Bool = false) throws -> RestoreAnswer {
        if piped {
            let pipe = Pipe()
            let writing = pipe.fileHandleForWriting
            DispatchQueue.global().async {
                _ = Result { try writing.write(contentsOf: data) }
                _ = Result { try writing.close() }
            }
            defer { _ = Result { try pipe.fileHandleForReading.close() } }
            return try restore("backup", from: pipe.fileHandleForReading.fileDescriptor, to: directory)
        }
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("keyvm-backup-\(UUID().uuidString)")
        try data.write(to: file)
        defer { _ = Result { try FileManager.default.removeItem(at: file) } }
        let handle = try FileHandle(forReadingFrom: file)
        defer { _ = Result { try handle.close() } }
        return try restore("backup", from: handle.fileDescriptor, to: directory)
    }
}

extension World {
    /// The hash of the world there, in which nothing is wrong.
    static func hash(of directory: String) throws -> String {
        let world = try World.open(at: directory, as: .reader)
        let hash = try world.hash()
        #expect(try world.problems() == [])
        try world.close()
        return hash
    }

    /// A world with a process that computes and one that waits, and a checkpoint `@a` before the end of its history.
    static func withHistory(_ scratch: Scratch, seed: UInt64? = 1) throws -> World {
        let world = try World.make(scratch, seed: seed)
        try world.run(try Assembler.program(CheckpointTests.rewrite, memory: "64"), name: "rewrite")
        try world.run(try Programs.c("echo"), name: "echo", input: "hi\n")
        try world.boot(steps: 5_000)
        _ = try world.perform(.checkpoint(name: "a"))
        try world.boot(steps: 10_000)
        return world
    }
}
