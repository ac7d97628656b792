// Reads a stream, judging every byte of it (specs/backup.md).
//
// BACK-1  What is handed out lay in the stream in its place, as it was written: a block is used when its digest was compared.

import Digests
import Store

/// Where a stream comes from.
package protocol ByteSource: AnyObject {
    /// Reads at most as many bytes as there is room for; 0 at the end. Throws `unreadable` of `byte`, which is where it stands.
    func read(into room: UnsafeMutableRawBufferPointer, byte: UInt64) throws(BackupError) -> Int
}

package final class BackupReader: PageSource {
    private let input: BlockInput
    private let decompressor = Decompressor()
    package let header: BackupHeader
    /// The pages that are in it.
    package private(set) var ids: [PageRun] = []
    /// Those that are there no more.
    package private(set) var freed: [PageRun] = []
    private var contents = UnsafeMutableRawBufferPointer.allocate(
        byteCount: BackupFormat.contentBound, alignment: BackupFormat.pageBytes)
    /// The page that is handed out next; nil: there is none.
    private var next: PageID?
    private var run = 0
    /// Pages of the block in `contents`, and how many of them were handed out.
    private var (held, used) = (0, 0)
    private var handedOut: UInt64 = 0
    private let progress: (UInt64) -> Void
    /// What ended the reading.
    package private(set) var failure: BackupError?

    /// Reads the header and the ids. `progress` is called with pages that were handed out.
    package init(_ source: any ByteSource, progress: @escaping (UInt64) -> Void = { _ in }) throws(BackupError) {
        input = BlockInput(source)
        header = try input.header()
        self.progress = progress
        ids = try runs(.ids, header.pages)
        freed = try runs(.freed, header.freed)
        // Both are ascending and disjoint in themselves.
        var others = freed[...]
        for run in ids {
            while let other = others.first, other.last < run.first { others.removeFirst() }
            if let other = others.first, other.first <= run.last {
                throw input.altered("page \(other.first.rawValue) is in it and is not there any more")
            }
        }
        next = ids.first?.first
        if header.pages == 0 { try finish() }
    }

    deinit { contents.deallocate() }

    /// Reads a whole stream for its header, the order of its blocks and their digests, and uses none of them.
    package static func check(_ source: any ByteSource) throws(BackupError) -> BackupHeader {
        let input = BlockInput(source)
        let header = try input.header()
        var last = BlockHead.Kind.ids
        var pages: UInt64 = 0
        while last != .end {
            try input.next()
            guard input.head.kind.rawValue >= last.rawValue else { throw input.altered("a block is out of order") }
            last = input.head.kind
            if last == .contents { pages += UInt64(input.head.count) }
        }
        guard pages == header.pages else { throw input.altered("\(pages) pages came of \(header.pages)") }
        try input.end()
        return header
    }

    private func runs(_ kind: BlockHead.Kind, _ total: UInt64) throws(BackupError) -> [PageRun] {
        var (runs, count): ([PageRun], UInt64) = ([], 0)
        while count < total {
            try expand(kind)
            for index in 0..<input.head.count {
                let first = integer(16 * index)
                let length = integer(16 * index + 8)
                guard length >= 1, length <= total - count, first < BackupFormat.idBound,
                    length <= BackupFormat.idBound - first,
                    runs.last.map({ $0.last.rawValue < first }) ?? true
                else { throw input.altered("a run of pages cannot be") }
                count += length
                runs.append(PageRun(first: PageID(rawValue: first), count: length))
            }
        }
        return runs
    }

    private func integer(_ offset: Int) -> UInt64 {
        UInt64(littleEndian: contents.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    /// Reads the next block, which has to be of this kind, into `contents`.
    private func expand(_ kind: BlockHead.Kind) throws(BackupError) {
        try input.next()
        guard input.head.kind == kind else { throw input.altered("a block of another kind") }
        let room = UnsafeMutableRawBufferPointer(rebasing: contents[..<input.head.contentBytes])
        guard decompressor.expand(input.frame, into: room) else { throw input.altered("no frame of its length") }
    }

    /// Hands out the next page: each id once, ascending.
    package func copy(_ id: PageID, to place: UnsafeMutableRawPointer) throws(StoreError) {
        precondition(id == next, "pages are taken in their order")
        if id == ids[run].last {
            run += 1
            next = run < ids.count ? ids[run].first : nil
        } else {
            next = PageID(rawValue: id.rawValue + 1)
        }
        if used == held {
            do throws(BackupError) {
                try expand(.contents)
            } catch {
                failure = error
                throw .sourceFailed(path: "", id)
            }
            (held, used) = (input.head.count, 0)
            progress(handedOut)
        }
        guard let base = contents.baseAddress else { preconditionFailure("there is room for a block") }
        place.copyMemory(from: base + used * BackupFormat.pageBytes, byteCount: BackupFormat.pageBytes)
        used += 1
        handedOut += 1
        // What is published was read to the end.
        guard handedOut == header.pages else { return }
        do throws(BackupError) {
            try finish()
        } catch {
            failure = error
            throw .sourceFailed(path: "", id)
        }
    }

    /// Reads what is behind the last page.
    private func finish() throws(BackupError) {
        guard used == held else { throw input.altered("more pages than it says") }
        try input.next()
        guard input.head.kind == .end else { throw input.altered("more blocks than it says") }
        try input.end()
    }
}

/// Blocks, one after the other, with their digests compared.
private final class BlockInput {
    private let source: any ByteSource
    private var chain = DigestChain([])
    /// Bytes that were read.
    private var byte: UInt64 = 0
    /// Where the block begins.
    private var start: UInt64 = 0
    /// A frame, and its digest behind it.
    private let room = UnsafeMutableRawBufferPointer.allocate(
        byteCount: BackupFormat.frameBound + BackupFormat.digestBytes, alignment: 16)
    private(set) var head = BlockHead(.end, count: 0, contentBytes: 0, frameBytes: 0)

    init(_ source: any ByteSource) { self.source = source }

    deinit { room.deallocate() }

    /// The frame of the block.
    var frame: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: room[..<head.frameBytes]) }

    /// That the block is not what was written.
    func altered(_ text: String) -> BackupError { .altered(byte: start, text) }

    /// The next bytes, which lie in `room` from `offset` on.
    private func read(_ count: Int, at offset: Int = 0) throws(BackupError) -> UnsafeRawBufferPointer {
        var filled = offset
        while filled < offset + count {
            let found = try source.read(
                into: UnsafeMutableRawBufferPointer(rebasing: room[filled..<offset + count]), byte: byte)
            guard found > 0 else { throw .cut(byte: byte) }
            filled += found
            byte += UInt64(found)
        }
        return UnsafeRawBufferPointer(rebasing: room[offset..<offset + count])
    }

    func header() throws(BackupError) -> BackupHeader {
        var bytes: [UInt8] = []
        do throws(BackupError) {
            bytes = Array(try read(16))
        } catch {
            if case .cut(let byte) = error, byte < 8 { throw .notABackup }
            throw error
        }
        guard Array(bytes.prefix(8)) == BackupFormat.magic else { throw .notABackup }
        let (format, length) = bytes.withUnsafeBytes {
            (
                UInt32(littleEndian: $0.loadUnaligned(fromByteOffset: 8, as: UInt32.self)),
                Int(UInt32(littleEndian: $0.loadUnaligned(fromByteOffset: 12, as: UInt32.self)))
            )
        }
        let least = BackupFormat.fixedBytes + BackupFormat.digestBytes
        guard (48...BackupFormat.headerBound).contains(length) else {
            throw .altered(byte: 12, "a header of \(length) bytes")
        }
        bytes += try read(length - 16)
        let digest = Array(bytes.suffix(BackupFormat.digestBytes))
        guard SHA256.hash(bytes.dropLast(BackupFormat.digestBytes)) == digest else {
            throw .altered(byte: 0, "the header does not have the digest that it says")
        }
        guard format == BackupFormat.number else {
            throw format > BackupFormat.number
                ? .formatTooNew(found: format, known: BackupFormat.number) : .altered(byte: 8, "format \(format)")
        }
        guard length >= least else { throw .altered(byte: 12, "a header of \(length) bytes") }
        chain = DigestChain(digest)
        let result = bytes.withUnsafeBytes { bytes in
            Result { () throws(BackupError) in try BackupHeader(decoding: bytes) }
        }
        return try result.get()
    }

    /// Reads the next block, whole, and compares its digest.
    func next() throws(BackupError) {
        start = byte
        let headBytes = Array(try read(BlockHead.bytes))
        guard let head = headBytes.withUnsafeBytes({ BlockHead(decoding: $0) }) else { throw altered("no block") }
        let frame = try read(head.frameBytes)
        chain.add(headBytes, frame)
        self.head = head
        let digest = try read(BackupFormat.digestBytes, at: head.frameBytes)
        guard digest.elementsEqual(chain.last) else { throw altered("the block does not have the digest that it says") }
    }

    /// Nothing is to be behind the last block.
    func end() throws(BackupError) {
        let found = try source.read(into: UnsafeMutableRawBufferPointer(rebasing: room[..<1]), byte: byte)
        guard found == 0 else { throw .goesOn(byte: byte) }
    }
}
