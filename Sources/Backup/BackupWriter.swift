// Makes a stream of a state that is open (specs/backup.md).

import Store

/// Where a stream goes. What is thrown ends it.
package typealias ByteSink = (UnsafeRawBufferPointer) throws -> Void

package struct BackupWriter {
    private let store: Store
    private let ids: [PageRun]
    private let freed: [PageRun]
    /// What the stream says of itself.
    package let header: BackupHeader

    /// Prepares to stream a state that nobody changes meanwhile: whole, or what changed since a kept checkpoint. Linear in the pages
    /// that it has. Throws `notKept`, `damaged`.
    package init(_ store: Store, since base: Epoch?, objectsFormat: UInt32) throws(StoreError) {
        self.store = store
        if let base {
            var (there, gone): ([PageRun], [PageRun]) = ([], [])
            for id in try store.changes(since: base) {
                if try store.contains(id) { there.add(id) } else { gone.add(id) }
            }
            (ids, freed) = (there, gone)
        } else {
            (ids, freed) = (try store.pageRuns(), [])
        }
        guard let record = try store.checkpoint(store.epoch) else { throw .notKept(path: store.path, store.epoch) }
        header = BackupHeader(
            worldID: store.worldID, epoch: store.epoch, base: base, pages: ids.pageCount, freed: freed.pageCount,
            note: record.note, objectsFormat: objectsFormat, attributes: store.attributes)
    }

    /// Streams. `progress` is called between blocks with pages done; what it throws ends the stream. Returns the stream's bytes.
    package func write(
        level: Int, progress: (UInt64) throws -> Void = { _ in }, to sink: @escaping ByteSink
    ) throws -> UInt64 {
        let head = header.encoded()
        var output = Output(
            chain: DigestChain(Array(head.suffix(BackupFormat.digestBytes))), sink: sink,
            compressor: Compressor(level: level, bytes: BackupFormat.contentBound))
        try output.put(head)
        try output.write(.ids, ids)
        try output.write(.freed, freed)
        try writeContents(&output, progress)
        try output.block(.end, count: 0, UnsafeRawBufferPointer(start: nil, count: 0))
        return output.bytes
    }

    private func writeContents(_ output: inout Output, _ progress: (UInt64) throws -> Void) throws {
        store.isReadWhole = true
        defer { store.isReadWhole = false }
        let room = UnsafeMutableRawBufferPointer.allocate(
            byteCount: BackupFormat.blockPages * BackupFormat.pageBytes, alignment: BackupFormat.pageBytes)
        defer { room.deallocate() }
        var (filled, done): (Int, UInt64) = (0, 0)
        func flush(_ output: inout Output) throws {
            guard filled > 0 else { return }
            let bytes = UnsafeRawBufferPointer(rebasing: room[..<(filled * BackupFormat.pageBytes)])
            try output.block(.contents, count: filled, bytes)
            done += UInt64(filled)
            filled = 0
            try progress(done)
        }
        try progress(0)
        for run in ids {
            for number in run.first.rawValue...run.last.rawValue {
                let id = PageID(rawValue: number)
                guard let content = try store.page(id) else {
                    preconditionFailure("a page of a state that nobody changes is there")
                }
                room.baseAddress?.advanced(by: filled * BackupFormat.pageBytes)
                    .copyMemory(from: content, byteCount: BackupFormat.pageBytes)
                filled += 1
                if filled == BackupFormat.blockPages { try flush(&output) }
            }
        }
        try flush(&output)
    }

    /// The blocks on their way.
    private struct Output {
        var chain: DigestChain
        let sink: ByteSink
        let compressor: Compressor
        var bytes: UInt64 = 0

        mutating func put(_ piece: [UInt8]) throws {
            bytes += UInt64(piece.count)
            try piece.withUnsafeBytes { try sink($0) }
        }

        mutating func block(_ kind: BlockHead.Kind, count: Int, _ content: UnsafeRawBufferPointer) throws {
            let frame = content.isEmpty ? content : compressor.frame(of: content)
            let head = BlockHead(kind, count: count, contentBytes: content.count, frameBytes: frame.count).encoded()
            chain.add(head, frame)
            try put(head)
            bytes += UInt64(frame.count)
            if !frame.isEmpty { try sink(frame) }
            try put(chain.last)
        }

        mutating func write(_ kind: BlockHead.Kind, _ runs: [PageRun]) throws {
            for start in stride(from: 0, to: runs.count, by: BackupFormat.blockRuns) {
                let part = runs[start..<min(start + BackupFormat.blockRuns, runs.count)]
                var content: [UInt8] = []
                content.reserveCapacity(part.count * 16)
                for run in part {
                    content.append(integer: run.first.rawValue)
                    content.append(integer: run.count)
                }
                try content.withUnsafeBytes { try block(kind, count: part.count, $0) }
            }
        }
    }
}

extension [PageRun] {
    /// Ids in all of them.
    var pageCount: UInt64 { reduce(0) { $0 + $1.count } }
}
