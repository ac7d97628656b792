// What stands behind the last record of a journal file, where the next one goes: that this one is durable (specs/journal.md, Seal).

/// Says that a record is durable, and with it all before. It is written after a sync and not synced itself, so it may be torn, and then
/// says nothing.
struct JournalSeal {
    static let bytes = 16

    /// The number of the record.
    let durable: UInt64

    func encoded(nonce: UInt64) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(littleEndian: durable)
        bytes.append(littleEndian: Checksum.bytes(bytes, seed: nonce))
        return bytes
    }

    init(durable: UInt64) { self.durable = durable }

    /// nil where the bytes, at least 16, are not those of a seal in a file of this nonce that is about a record from `lowest` on.
    init?(_ bytes: ArraySlice<UInt8>, from lowest: UInt64, nonce: UInt64) {
        let fields: (number: UInt64, checksum: UInt64) = bytes.withUnsafeBytes {
            ($0.integer(at: 0), $0.integer(at: 8))
        }
        guard fields.number >= lowest, fields.number - lowest < 1 << 32,
            Checksum.bytes(bytes.prefix(8), seed: nonce) == fields.checksum
        else { return nil }
        durable = fields.number
    }
}
