// Owns calling libzstd: one frame for each block of a stream, with a context that is used again.

import CZstd

/// Makes frames. Used by one thread at a time.
final class Compressor {
    private let context: OpaquePointer
    private let level: Int32
    private var room: UnsafeMutableRawBufferPointer

    /// `level` is 1 to 19; frames are of at most `bytes` uncompressed.
    init(level: Int, bytes: Int) {
        guard let context = ZSTD_createCCtx() else { fatalError("no memory for a compressor") }
        self.context = context
        self.level = Int32(level)
        room = .allocate(byteCount: ZSTD_compressBound(bytes), alignment: 16)
    }

    deinit {
        ZSTD_freeCCtx(context)
        room.deallocate()
    }

    /// A frame of these bytes, good until the next.
    func frame(of bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        let count = ZSTD_compressCCtx(context, room.baseAddress, room.count, bytes.baseAddress, bytes.count, level)
        precondition(ZSTD_isError(count) == 0, "a frame within its bound can be made")
        return UnsafeRawBufferPointer(rebasing: room[..<count])
    }
}

/// Reads frames. Used by one thread at a time.
final class Decompressor {
    private let context: OpaquePointer

    init() {
        guard let context = ZSTD_createDCtx() else { fatalError("no memory for a decompressor") }
        self.context = context
    }

    deinit { ZSTD_freeDCtx(context) }

    /// Fills `room` with what a frame holds; false where it is no frame, or of another length.
    func expand(_ frame: UnsafeRawBufferPointer, into room: UnsafeMutableRawBufferPointer) -> Bool {
        let count = ZSTD_decompressDCtx(context, room.baseAddress, room.count, frame.baseAddress, frame.count)
        return ZSTD_isError(count) == 0 && count == room.count
    }
}
