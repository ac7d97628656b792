// Owns the one place where the store computes checksums and reads and writes little-endian integers.

import CXXHash

#if _endian(big)
#error("the store's integers are little-endian and its keys native: a big-endian host is not supported")
#endif

enum Checksum {
    /// The checksum of a page's 4,096 bytes; the seed is its id, so that a page under another's id is found out.
    @inline(__always)
    static func page(_ content: UnsafeRawPointer, id: PageID) -> UInt64 {
        XXH3_64bits_withSeed(content, Bounds.pageBytes, id.rawValue)
    }

    static func bytes(_ bytes: UnsafeRawBufferPointer, seed: UInt64) -> UInt64 {
        guard let start = bytes.baseAddress else { return XXH3_64bits_withSeed(nil, 0, seed) }
        return XXH3_64bits_withSeed(start, bytes.count, seed)
    }

    static func bytes(_ bytes: some Sequence<UInt8>, seed: UInt64) -> UInt64 {
        Array(bytes).withUnsafeBytes { Checksum.bytes($0, seed: seed) }
    }
}

extension [UInt8] {
    mutating func append(littleEndian value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
    }
}

extension UnsafeRawBufferPointer {
    /// The integer at a byte offset; the caller has checked that it lies inside.
    func integer<Value: FixedWidthInteger & BitwiseCopyable>(at offset: Int, as type: Value.Type = Value.self) -> Value
    {
        Value(littleEndian: loadUnaligned(fromByteOffset: offset, as: type))
    }
}
