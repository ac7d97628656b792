// Reads the body of a plain `send` without a JSON decoder: it is what a world is asked most, and its time is most of the way to an
// acknowledgement. Whatever is not of this form is left to the decoder, which also says what is wrong with it.

import FoundationEssentials
import World

extension RequestEnvelope {
    /// A request of the form `{"id": ID, "request": {"send": {"process": P, "data": BASE64, "ends": BOOL}}}`, its members in any order,
    /// its texts without escapes; nil where it is any other.
    package init?(plainSend body: some Collection<UInt8>) {
        let envelope = body.withContiguousStorageIfAvailable { bytes -> RequestEnvelope? in
            var scanner = PlainScanner(bytes: bytes)
            return scanner.envelope()
        }
        guard let envelope, let envelope else { return nil }
        self = envelope
    }
}

/// Goes through JSON of which only objects, texts without escapes, and truth values are taken.
private struct PlainScanner {
    let bytes: UnsafeBufferPointer<UInt8>
    private var position = 0

    init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    mutating func envelope() -> RequestEnvelope? {
        var id: RequestID?
        var request: Request?
        let isObject = object { scanner, name in
            switch name {
            case "id" where id == nil: id = scanner.text().flatMap { RequestID($0) }
            case "request" where request == nil: request = scanner.request()
            default: return false
            }
            return true
        }
        skipSpace()
        guard isObject, position == bytes.count, let id, let request else { return nil }
        return RequestEnvelope(id: id, wait: nil, request: request)
    }

    private mutating func request() -> Request? {
        var send: Request?
        let isObject = object { scanner, name in
            guard name == "send", send == nil else { return false }
            send = scanner.send()
            return true
        }
        return isObject ? send : nil
    }

    private mutating func send() -> Request? {
        var (process, data, ends) = (String?.none, Data?.none, Bool?.none)
        let isObject = object { scanner, name in
            switch name {
            case "process" where process == nil: process = scanner.text()
            case "data" where data == nil: data = scanner.text().flatMap { Data(base64Encoded: $0) }
            case "ends" where ends == nil: ends = scanner.truth()
            default: return false
            }
            return true
        }
        guard isObject, let process, let data, let ends else { return nil }
        return .send(process: process, data: data, ends: ends)
    }

    // MARK: JSON

    private mutating func skipSpace() {
        while position < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[position]) { position += 1 }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        skipSpace()
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    /// An object, whose members `member` takes the values of; false where it is none, or `member` says so.
    private mutating func object(_ member: (inout PlainScanner, String) -> Bool) -> Bool {
        guard take(UInt8(ascii: "{")) else { return false }
        repeat {
            guard let name = text(), take(UInt8(ascii: ":")), member(&self, name) else { return false }
        } while take(UInt8(ascii: ","))
        return take(UInt8(ascii: "}"))
    }

    private mutating func text() -> String? {
        guard take(UInt8(ascii: "\"")) else { return nil }
        let rest = bytes[position...]
        // A control character is an error, and a backslash begins an escape.
        guard let end = rest.firstIndex(where: { $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") || $0 < 0x20 }),
            rest[end] == UInt8(ascii: "\"")
        else { return nil }
        position = end + 1
        return String(validating: rest[..<end], as: UTF8.self)
    }

    private mutating func truth() -> Bool? {
        skipSpace()
        for (word, value) in [("true" as StaticString, true), ("false", false)]
        where bytes.count - position >= word.utf8CodeUnitCount {
            let found = bytes[position..<position + word.utf8CodeUnitCount]
            guard found.elementsEqual(UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)) else {
                continue
            }
            position += word.utf8CodeUnitCount
            return value
        }
        return nil
    }
}
