// Reads the quantities and names of the command line, `cli.md`: sizes, gas, durations, names, paths. Exact, in whole
// numbers: what would be rounded or overflow is refused, and the refusal says what is taken.

import World

/// Why a text is no such quantity; `description` is what a person reads.
package struct QuantityError: Error, Hashable, CustomStringConvertible {
    package var description: String

    package init(_ description: String) { self.description = description }
}

/// Bytes: `4KiB`, `1MiB`, `2GiB`, `1TiB`, or plain bytes. Throws where it is none or does not fit 64 bits.
package func parsedSize(_ text: String) throws(QuantityError) -> UInt64 {
    let units: [(String, UInt64)] = [("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("", 1)]
    return try scaled(text, units: units, expected: "a size is a whole number of bytes or of KiB, MiB, GiB, TiB")
}

/// A limit in bytes: a size, or `none`.
package func parsedLimit(_ text: String) throws(QuantityError) -> Limit { try limit(text, of: parsedSize) }

/// What is reserved, in bytes: a size, or `none` (0).
package func parsedReserve(_ text: String) throws(QuantityError) -> UInt64 { try parsedLimit(text).value ?? 0 }

/// A whole number. Throws where it is none or does not fit 64 bits.
package func parsedNumber(_ text: String) throws(QuantityError) -> UInt64 {
    try scaled(text, units: [("", 1)], expected: "it is a whole number")
}

/// Gas, or `none`.
package func parsedGasLimit(_ text: String) throws(QuantityError) -> Limit { try limit(text, of: parsedGas) }

/// Gas: plain, or in thousands `50k`, millions `10M`, milliards `2G`. Throws where it is none or does not fit 64 bits.
package func parsedGas(_ text: String) throws(QuantityError) -> UInt64 {
    let units: [(String, UInt64)] = [("G", 1_000_000_000), ("M", 1_000_000), ("k", 1_000), ("", 1)]
    return try scaled(text, units: units, expected: "gas is a whole number, or one followed by k, M or G")
}

/// Gas of a quantum: 1 to 1G.
package func parsedQuantum(_ text: String) throws(QuantityError) -> UInt64 {
    let gas = try parsedGas(text)
    guard (1...1_000_000_000).contains(gas) else { throw QuantityError("'\(text)' is no quantum: it is 1 to 1G") }
    return gas
}

/// A duration above zero: `10ms`, `5s`, `2m`, `24h`. Throws where it is none; at most 1,000 days.
package func parsedDuration(_ text: String) throws(QuantityError) -> Duration {
    let units: [(String, UInt64)] = [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000)]
    let expected = "a duration is a whole number above 0 and ms, s, m or h, as in 5s"
    let milliseconds = try scaled(text, units: units, expected: expected)
    guard milliseconds > 0 else { throw QuantityError("'\(text)' is too short: \(expected)") }
    guard milliseconds <= 1_000 * 24 * 3_600_000 else {
        throw QuantityError("'\(text)' is too long: the most is 24000h")
    }
    return .milliseconds(Int64(milliseconds))
}

/// A name: 1 to 64 of `[A-Za-z0-9._-]`. Returns it unchanged.
package func parsedName(_ text: String) throws(QuantityError) -> String {
    guard !text.isEmpty else { throw QuantityError("a name is not empty: 1 to 64 of A-Z a-z 0-9 . _ -") }
    guard text.utf8.count <= 64, text.utf8.allSatisfy(isNameByte) else {
        throw QuantityError("'\(text)' is no name: a name is 1 to 64 of A-Z a-z 0-9 . _ -")
    }
    return text
}

/// A checkpoint's name, which is written with an `@` before it; returned without.
package func parsedCheckpointName(_ text: String) throws(QuantityError) -> String {
    guard text.hasPrefix("@") else {
        throw QuantityError("'\(text)' is no checkpoint's name: it begins with @, as in @before")
    }
    return try parsedName(String(text.dropFirst()))
}

/// A checkpoint that is there: `@` and its name, or its number. Returned unchanged.
package func parsedCheckpoint(_ text: String) throws(QuantityError) -> String {
    if text.hasPrefix("@") {
        _ = try parsedCheckpointName(text)
    } else if UInt64(text).map({ "\($0)" }) != text {
        throw QuantityError("'\(text)' is no checkpoint: it is @ and a name, as in @before, or a number")
    }
    return text
}

/// The path of a bank or meter: names joined by `/`, the first one `root`. Returns it unchanged.
package func parsedPath(_ text: String) throws(QuantityError) -> String {
    let names = text.split(separator: "/", omittingEmptySubsequences: false)
    guard names.first == "root" else {
        throw QuantityError("'\(text)' is no path: it begins at root, as in root/guests")
    }
    for name in names.dropFirst() { _ = try parsedName(String(name)) }
    return text
}

/// `K=V` for the environment of a program; the key is not empty. Returns it unchanged.
package func parsedVariable(_ text: String) throws(QuantityError) -> String {
    guard let equals = text.firstIndex(of: "="), equals > text.startIndex, !text.utf8.contains(0) else {
        throw QuantityError("'\(text)' is no variable: it is written NAME=VALUE")
    }
    return text
}

/// A module to link to, as typed: `NAME=FILE`.
package struct LinkOption: Sendable, Hashable {
    package let name: String
    package let file: String
}

/// `NAME=FILE`; the name is the module's in imports, at most 64 bytes.
package func parsedLink(_ text: String) throws(QuantityError) -> LinkOption {
    guard let equals = text.firstIndex(of: "="), equals > text.startIndex, text.index(after: equals) < text.endIndex
    else { throw QuantityError("'\(text)' is no link: it is written NAME=FILE") }
    let name = text[..<equals]
    guard name.utf8.count <= 64 else { throw QuantityError("'\(name)' is no module's name: it has at most 64 bytes") }
    return LinkOption(name: String(name), file: String(text[text.index(after: equals)...]))
}

/// `SLOT=KEY`, the slot being a number; which numbers and keys there are is the world's to say.
package func parsedGrant(_ text: String) throws(QuantityError) -> KeyGrant {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[1].isEmpty, let register = UInt64(parts[0]) else {
        throw QuantityError("'\(text)' says no register and key: it is written SLOT=KEY, as in 6=discrim")
    }
    return KeyGrant(register: register, key: String(parts[1]))
}

/// The name a process gets when none is given: the file's stem, other characters as `-`, at most 60 of them, so that
/// a number fits behind.
package func defaultProcessName(path: String) -> String {
    let file = path.split(separator: "/").last ?? ""
    let stem = file.lastIndex(of: ".").map { $0 == file.startIndex ? file[...] : file[..<$0] } ?? file
    let name = stem.prefix(60).map { character in
        character.utf8.count == 1 && character.utf8.allSatisfy(isNameByte) ? character : "-"
    }
    return name.isEmpty ? "process" : String(name)
}

func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
        true
    default: false
    }
}

/// What a quantity's own reader takes, or `none`.
private func limit(
    _ text: String, of quantity: (String) throws(QuantityError) -> UInt64
) throws(QuantityError) -> Limit {
    if text == "none" { return .unlimited }
    do throws(QuantityError) {
        return .limited(try quantity(text))
    } catch {
        throw QuantityError("\(error.description), or none")
    }
}

/// A whole number and the first of `units` that it ends in. The order matters where one unit ends in another.
private func scaled(
    _ text: String, units: [(String, UInt64)], expected: String
) throws(QuantityError) -> UInt64 {
    guard let (unit, factor) = units.first(where: { text.hasSuffix($0.0) }) else {
        throw QuantityError("'\(text)' has no unit: \(expected)")
    }
    let digits = text.dropLast(unit.count)
    guard !digits.isEmpty, digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
        throw QuantityError("'\(text)' is not understood: \(expected)")
    }
    guard let number = UInt64(digits) else { throw QuantityError("'\(text)' is too large: the most is 2^64 - 1") }
    let (value, overflows) = number.multipliedReportingOverflow(by: factor)
    guard !overflows else { throw QuantityError("'\(text)' is too large: the most is 2^64 - 1") }
    return value
}

/// `1 meter`, `2 meters`, `3 processes`.
func counted(_ count: Int, _ word: String) -> String {
    count == 1 ? "1 \(word)" : "\(count) \(word)\(word.hasSuffix("s") ? "es" : "s")"
}
