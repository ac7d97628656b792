// A backup taken apart and put together with digests that fit, for tests of what digests cannot tell.

import Digests
import Foundation

struct BackupChain {
    var header: Data
    /// Head and frame of each.
    var blocks: [Data] = []

    static func digest(_ data: some DataProtocol) -> [UInt8] { SHA256.hash(data) }

    /// Takes one apart that is whole.
    init(_ data: Data) {
        func word(_ offset: Int) -> Int { Int(data[offset]) | Int(data[offset + 1]) << 8 | Int(data[offset + 2]) << 16 }
        var offset = word(12)
        header = data.prefix(offset - 32)
        while offset < data.count {
            let count = 16 + word(offset + 12)
            blocks.append(Data(data[offset..<offset + count]))
            offset += count + 32
        }
    }

    /// Puts a number of 8 bytes into the header.
    mutating func set(_ value: UInt64, at offset: Int) {
        header.replaceSubrange(offset..<offset + 8, with: withUnsafeBytes(of: value.littleEndian, Array.init))
    }

    /// A block of less than 256 bytes; its frame has them as they are (RFC 8878).
    static func block(kind: UInt8, count: UInt8, _ content: Data) -> Data {
        let size = UInt8(content.count)
        let header = UInt32(size) << 3 | 1
        let frame =
            Data([0x28, 0xB5, 0x2F, 0xFD, 0x20, size]) + (0..<3).map { UInt8(header >> (8 * $0) & 0xFF) } + content
        return Data([kind, 0, 0, 0, count, 0, 0, 0, size, 0, 0, 0, UInt8(frame.count), 0, 0, 0]) + frame
    }

    func number(at offset: Int) -> UInt64 {
        header[offset..<offset + 8].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    var data: Data {
        var last = Self.digest(header)
        var data = header + last
        for block in blocks {
            last = Self.digest(Data(last) + block)
            data += block + last
        }
        return data
    }
}
