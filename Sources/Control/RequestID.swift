// The id that a request carries so that it is performed once: drawn by the client, remembered by the host.

import FoundationEssentials

/// 1 to 64 of `[A-Za-z0-9._-]`; a fresh one is 128 random bits in hexadecimal.
package struct RequestID: Hashable, Sendable, CustomStringConvertible {
    package let text: String

    /// A new id that no other request has.
    package init() {
        var random = SystemRandomNumberGenerator()
        let digits = Array("0123456789abcdef")
        var text = ""
        for _ in 0..<32 { text.append(digits[Int(random.next(upperBound: UInt(16)))]) }
        self.text = text
    }

    /// An id that came from outside; nil where it breaks the rule for names.
    package init?(_ text: String) {
        guard (1...64).contains(text.utf8.count), text.utf8.allSatisfy(Self.isAllowed) else { return nil }
        self.text = text
    }

    package var description: String { text }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}

extension RequestID: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let id = RequestID(text) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "a request id is 1 to 64 of [A-Za-z0-9._-], not '\(text)'")
        }
        self = id
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}
