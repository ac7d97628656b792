// Owns the records that a host makes of itself: where it stopped, and what it was asked to be (specs/journal.md, Sessions). They come
// in between two turns, or in the middle of one at a place where the gas clock is settled.

/// The host stops here, and what it publishes last has an origin by which the next one's first file is known.
package struct SessionEnd: Sendable, Equatable {
    /// A turn is under way.
    package var isWithinTurn: Bool
    /// Of the head that is published next and names no file.
    package var origin: UInt64
    /// What the world's monotonic clock was set to; nil: it stayed as it was.
    package var monotonic: UInt64?

    package init(isWithinTurn: Bool, origin: UInt64, monotonic: UInt64?) {
        self.isWithinTurn = isWithinTurn
        self.origin = origin
        self.monotonic = monotonic
    }

    package init?(_ contents: [UInt8]) {
        guard let fields = SessionFields(contents) else { return nil }
        isWithinTurn = fields.isWithinTurn
        origin = fields.numbers[0]
        monotonic = fields.has(1) ? fields.numbers[1] : nil
    }

    package var contents: [UInt8] {
        SessionFields(isWithinTurn, [nil, monotonic], [origin, monotonic ?? 0]).contents
    }
}

/// From here on the world's quanta and its working set have these bounds.
package struct SessionTerms: Sendable, Equatable {
    /// A turn is under way.
    package var isWithinTurn: Bool
    /// nil: as it was.
    package var quantumGas: UInt64?
    package var memoryBytes: UInt64?

    package init(isWithinTurn: Bool, quantumGas: UInt64?, memoryBytes: UInt64?) {
        self.isWithinTurn = isWithinTurn
        self.quantumGas = quantumGas
        self.memoryBytes = memoryBytes
    }

    package init?(_ contents: [UInt8]) {
        guard let fields = SessionFields(contents) else { return nil }
        isWithinTurn = fields.isWithinTurn
        quantumGas = fields.has(0) ? fields.numbers[0] : nil
        memoryBytes = fields.has(1) ? fields.numbers[1] : nil
    }

    package var contents: [UInt8] {
        SessionFields(isWithinTurn, [quantumGas, memoryBytes], [quantumGas ?? 0, memoryBytes ?? 0]).contents
    }
}

/// 24 bytes: flags, and two numbers. Flag 1: a turn is under way; 2 and 4: the first and the second number is there.
private struct SessionFields {
    private let flags: UInt64
    let numbers: [UInt64]

    init(_ isWithinTurn: Bool, _ optional: [UInt64?], _ numbers: [UInt64]) {
        var flags: UInt64 = isWithinTurn ? 1 : 0
        for (index, number) in optional.enumerated() where number != nil { flags |= 2 << UInt64(index) }
        self.flags = flags
        self.numbers = numbers
    }

    /// nil where the bytes are none, or have flags that there are not.
    init?(_ contents: [UInt8]) {
        guard contents.count == 24 else { return nil }
        let fields: [UInt64] = contents.withUnsafeBytes { raw in (0..<3).map { raw.integer(at: 8 * $0) } }
        flags = fields[0]
        numbers = Array(fields[1...])
        guard flags < 8 else { return nil }
    }

    var isWithinTurn: Bool { flags & 1 != 0 }
    func has(_ index: Int) -> Bool { flags & (2 << UInt64(index)) != 0 }

    var contents: [UInt8] {
        var bytes: [UInt8] = []
        for field in [flags] + numbers { bytes.append(littleEndian: field) }
        return bytes
    }
}

extension JournalRecord {
    /// It comes in while a turn is under way, between two instructions, where nobody ran the world.
    package var isWithinTurn: Bool {
        switch kind {
        case .end, .terms: contents.first.map { $0 & 1 != 0 } ?? false
        case .requestWithinTurn: true
        case .sample, .tick, .request, .mark, .output, .key, .durable: false
        }
    }
}
