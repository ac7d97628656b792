// Reads Prometheus' text format, version 0.0.4, and takes nothing that it does not allow; and fetches it from a world.

import Glibc
import Testing

/// The families of one scrape.
struct Exposition {
    struct Family: Equatable {
        var type: String
        /// By labels, as they stand sorted by name: `{bank="root"}`, or nothing.
        var samples: [String: Double] = [:]
    }
    private(set) var families: [String: Family] = [:]

    struct Malformed: Error {
        var line: String
        var why: String
    }

    /// Throws `Malformed` at the first line that breaks a rule.
    init(_ text: String) throws {
        guard text.hasSuffix("\n") else {
            throw Malformed(line: String(text.suffix(40)), why: "the last line is not ended")
        }
        var helped: Set<String> = []
        var current: String?
        for line in text.dropLast().split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
            func require(_ holds: Bool, _ why: String) throws { if !holds { throw Malformed(line: line, why: why) } }
            if line.hasPrefix("#") {
                let words = line.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: false).map(String.init)
                try require(words.count == 4 && Self.isName(words[2]), "a comment that is neither HELP nor TYPE")
                let name = words[2]
                switch words[1] {
                case "HELP":
                    try require(helped.insert(name).inserted, "a second HELP of a family")
                    try require(!words[3].isEmpty && Self.escapesAreRight(words[3], quotes: false), "its text")
                    current = nil
                case "TYPE":
                    try require(["counter", "gauge", "histogram", "summary", "untyped"].contains(words[3]), "its type")
                    try require(families[name] == nil, "a second TYPE of a family")
                    try require(helped.contains(name), "a TYPE before its HELP")
                    try require(
                        (words[3] == "counter") == name.hasSuffix("_total"), "counters, and they alone, are totals")
                    families[name] = Family(type: words[3])
                    current = name
                default: try require(false, "a comment that is neither HELP nor TYPE")
                }
                continue
            }
            let name = String(line.prefix { $0 != "{" && $0 != " " })
            try require(Self.isName(name) && name == current, "a sample that is not with its family")
            var rest = line.dropFirst(name.count)
            let labels = try Self.labels(&rest, line)
            try require(rest.first == " ", "a space before the value")
            let value = rest.dropFirst()
            try require(!value.contains(" ") && !value.isEmpty, "one value and no time")
            guard let number = Double(value) else { throw Malformed(line: line, why: "its value") }
            try require(number >= 0 && number.isFinite, "nothing here is less than nothing")
            try require(families[name]?.samples.updateValue(number, forKey: labels) == nil, "the same sample twice")
        }
    }

    /// The value of a sample; nil where there is none.
    subscript(name: String, labels: String = "") -> Double? { families[name]?.samples[labels] }

    private static func isName(_ text: String) -> Bool {
        guard let first = text.first, !first.isNumber else { return false }
        return text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == ":") }
    }

    /// Whether a backslash stands before another, before an n, or, where `quotes`, before a quote, and nowhere else.
    private static func escapesAreRight(_ text: some StringProtocol, quotes: Bool) -> Bool {
        var isEscaped = false
        for character in text {
            if isEscaped {
                guard character == "\\" || character == "n" || quotes && character == "\"" else { return false }
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else if quotes, character == "\"" {
                return false
            }
        }
        return !isEscaped
    }

    /// `{name="value",…}`, taken from the front.
    private static func labels(_ rest: inout Substring, _ line: String) throws -> String {
        guard rest.first == "{" else { return "" }
        rest = rest.dropFirst()
        var found: [String: String] = [:]
        while true {
            let name = String(rest.prefix { $0 != "=" })
            guard isName(name), !name.contains(":"), rest.dropFirst(name.count).hasPrefix("=\"") else {
                throw Malformed(line: line, why: "a label's name")
            }
            rest = rest.dropFirst(name.count + 2)
            var value = ""
            var isEscaped = false
            while let character = rest.popFirst(), isEscaped || character != "\"" {
                value.append(character)
                isEscaped = !isEscaped && character == "\\"
            }
            guard escapesAreRight(value, quotes: true), found.updateValue(value, forKey: name) == nil else {
                throw Malformed(line: line, why: "a label's value")
            }
            guard let next = rest.popFirst(), next == "," || next == "}" else {
                throw Malformed(line: line, why: "the end of the labels")
            }
            if next == "}" { break }
        }
        return "{" + found.sorted { $0.key < $1.key }.map { "\($0)=\"\($1)\"" }.joined(separator: ",") + "}"
    }
}

extension Shell {
    /// What the world `w` serves at `/metrics`.
    func scrape() throws -> Exposition {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let path = "\(folder)/w/control.sock"
        try #require(path.utf8.count < MemoryLayout.size(ofValue: address.sun_path))
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(result == 0)
        let request = Array("GET /metrics HTTP/1.1\r\nHost: world\r\nConnection: close\r\n\r\n".utf8)
        try #require(Glibc.write(descriptor, request, request.count) == request.count)
        var reply: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(descriptor, &chunk, chunk.count)
            guard count > 0 else { break }
            reply += chunk[..<count]
        }
        let text = String(decoding: reply, as: UTF8.self)
        try #require(text.hasPrefix("HTTP/1.1 200 OK\r\n"), "\(text)")
        let parts = text.split(separator: "\r\n\r\n", maxSplits: 1)
        try #require(parts.count == 2 && parts[0].contains("Content-Type: text/plain; version=0.0.4; charset=utf-8"))
        return try Exposition(String(parts[1]))
    }
}
