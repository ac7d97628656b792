// The end of a journal as a machine leaves it that went down: what was not durable is there in part, or something else is
// (specs/journal.md, Files). Read here from the description, not with the world's own code.

import Glibc

struct TornJournal {
    private static let headerBytes = 4_096
    private static let recordHeaderBytes = 48

    let folder: String
    let seed: UInt64

    /// Tears what is behind all that was durable, and behind the request of this id; where there is nothing, something is written
    /// that is no record.
    func tear(behind acknowledged: String) throws {
        let serials = (names(in: folder) ?? []).compactMap { name in
            name.hasSuffix(".log") ? Int(name.dropLast(4)) : nil
        }
        guard let last = serials.max() else { return }
        let path = "\(folder)/\(last).log"
        let bytes = try contents(of: path)
        guard bytes.count > Self.headerBytes else { return }
        var generator = SplitMix64(seed)
        let (certain, end) = Self.ends(bytes, behind: acknowledged)
        // From somewhere on nothing of it is there; or where it ends there is junk.
        let from = certain < end ? Int.random(in: certain..<end, using: &generator) : end
        let junk: [UInt8]
        switch Int.random(in: 0..<3, using: &generator) {
        case 0: junk = []
        case 1:
            junk = (0..<Int.random(in: 1...300, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
        // A record of before, which has another number, and not all of it.
        default: junk = Array(bytes[Self.headerBytes...].prefix(Int.random(in: 1...100, using: &generator)))
        }
        try write(junk + [UInt8](repeating: 0, count: max(0, end - from - junk.count)), at: from, of: path)
    }

    /// Where what is certain ends, and where all records do.
    private static func ends(_ bytes: [UInt8], behind acknowledged: String) -> (certain: Int, end: Int) {
        func number(_ offset: Int) -> UInt64 {
            (0..<8).reduce(0) { $0 | UInt64(bytes[offset + $1]) << (8 * UInt64($1)) }
        }
        let id = Array(acknowledged.utf8)
        var durable: UInt64 = 0
        var expected = number(56)
        var at = headerBytes
        var ends: [(number: UInt64, end: Int)] = []
        while at + recordHeaderBytes <= bytes.count, number(at + 8) == expected {
            let count = Int(number(at) & 0xFFFF_FFFF)
            let end = at + recordHeaderBytes + (count + 7) / 8 * 8
            guard end <= bytes.count else { break }
            durable = max(durable, number(at + 16))
            let contents = bytes[at + recordHeaderBytes..<end]
            let isRequest = bytes[at + 4] == 3
            // A text is its length in four bytes, and its bytes.
            if isRequest, !id.isEmpty, contents.starts(with: [UInt8(id.count), 0, 0, 0] + id) {
                durable = max(durable, expected)
            }
            ends.append((expected, end))
            expected += 1
            at = end
        }
        // A seal, where the next record would be.
        if at + 16 <= bytes.count, number(at) == expected - 1 { durable = max(durable, expected - 1) }
        let certain = ends.last { $0.number <= durable }?.end ?? headerBytes
        return (certain, at)
    }

    private func write(_ bytes: [UInt8], at offset: Int, of path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemError("open", path) }
        defer { close(descriptor) }
        guard bytes.withUnsafeBytes({ pwrite(descriptor, $0.baseAddress, $0.count, off_t(offset)) }) == bytes.count
        else { throw SystemError("pwrite", path) }
    }
}
