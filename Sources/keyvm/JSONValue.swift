// A JSON value as the command line prints it: members in the order given, nothing left out (what is unlimited or
// unknown is `null`), on one line.

/// One value of RFC 8259.
package enum JSONValue: Sendable, Hashable {
    case null
    case bool(Bool)
    case unsigned(UInt64)
    case signed(Int64)
    case real(Double)
    case string(String)
    case array([JSONValue])
    case object([Member])

    package struct Member: Sendable, Hashable {
        package var name: String
        package var value: JSONValue

        package init(_ name: String, _ value: JSONValue) {
            self.name = name
            self.value = value
        }
    }

    /// The value's text, without line breaks.
    package var text: String {
        var text = ""
        write(to: &text)
        return text
    }

    private func write(to text: inout String) {
        switch self {
        case .null: text += "null"
        case .bool(let value): text += value ? "true" : "false"
        case .unsigned(let value): text += "\(value)"
        case .signed(let value): text += "\(value)"
        case .real(let value): text += value.isFinite ? "\(value)" : "null"
        case .string(let value): Self.write(value, to: &text)
        case .array(let values):
            text += "["
            for (index, value) in values.enumerated() {
                if index > 0 { text += ", " }
                value.write(to: &text)
            }
            text += "]"
        case .object(let members):
            text += "{"
            for (index, member) in members.enumerated() {
                if index > 0 { text += ", " }
                Self.write(member.name, to: &text)
                text += ": "
                member.value.write(to: &text)
            }
            text += "}"
        }
    }

    private static func write(_ string: String, to text: inout String) {
        text += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case "\u{0}"..<"\u{20}", "\u{7f}", "\u{2028}", "\u{2029}":
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }
}

extension JSONValue {
    package init(_ value: UInt64?) { self = value.map { .unsigned($0) } ?? .null }
    package init(_ value: Int?) { self = value.map { .signed(Int64($0)) } ?? .null }
    package init(_ value: Int32?) { self = value.map { .signed(Int64($0)) } ?? .null }
    package init(_ value: String?) { self = value.map { .string($0) } ?? .null }
    package init(_ value: Double) { self = .real(value) }
    package init(_ value: Bool) { self = .bool(value) }

    /// An object of `schema` `keyvm.<verb>`, version 1, and the members given.
    package static func envelope(_ verb: String, _ members: [Member]) -> JSONValue {
        .object([Member("schema", .string("keyvm.\(verb)")), Member("version", .unsigned(1))] + members)
    }

    /// The envelope of a list of objects.
    package static func envelope(_ verb: String, items: [[Member]]) -> JSONValue {
        envelope(verb, [Member("items", .array(items.map(JSONValue.object)))])
    }
}
