// Tells how far a stream has come, from its bytes as they pass by.

import Store

/// Is shown a stream from its beginning on, and judges nothing of it.
package struct BackupFollower: Sendable {
    /// Pages that it is to have; nil: its header has not passed yet.
    package private(set) var pages: UInt64?
    /// Pages that passed.
    package private(set) var done: UInt64 = 0
    /// Bytes of the header or of a block's head that are collected.
    private var head: [UInt8] = []
    /// Bytes that pass before the next head.
    private var passing = 0

    package init() {}

    package mutating func take(_ bytes: UnsafeRawBufferPointer) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let passes = min(passing, rest.count)
            passing -= passes
            rest = rest.dropFirst(passes)
            let needed = pages == nil ? BackupFormat.fixedBytes : BlockHead.bytes
            let taken = rest.prefix(needed - head.count)
            head += taken
            rest = rest.dropFirst(taken.count)
            if head.count == needed { read() }
        }
    }

    private mutating func read() {
        let (word, number) = head.withUnsafeBytes { head -> (UInt32, UInt64) in
            let isHeader = head.count == BackupFormat.fixedBytes
            return (
                UInt32(littleEndian: head.loadUnaligned(fromByteOffset: 12, as: UInt32.self)),
                isHeader ? UInt64(littleEndian: head.loadUnaligned(fromByteOffset: 48, as: UInt64.self)) : 0
            )
        }
        if pages == nil {
            pages = number
            passing = max(0, Int(word) - head.count)
        } else {
            let block = head.withUnsafeBytes { BlockHead(decoding: $0) }
            if let block, block.kind == .contents { done += UInt64(block.count) }
            passing = Int(word) + BackupFormat.digestBytes
        }
        head = []
    }
}
