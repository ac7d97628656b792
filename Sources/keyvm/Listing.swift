// Names and values: what there is one of. Long values go on in the next line, under their beginning.
//
// Invariant: nothing of a value is left out, whatever the width; only spaces at which a line breaks.

/// Names and values, one pair a line.
package struct Listing {
    package var pairs: [(name: String, value: String)] = []

    package init() {}

    package mutating func append(_ name: String, _ value: String) { pairs.append((name, value)) }

    /// `name<TAB>value` lines.
    package var tabSeparated: String { pairs.map { "\($0.name)\t\(printable($0.value))\n" }.joined() }

    /// Values in a column of their own. `width`: the most characters of a line (nil: no bound).
    package func laidOut(width: Int? = nil) -> String {
        let column = (pairs.map(\.name.count).max() ?? 0) + 2
        // Where too little is left beside the names, values stand below them.
        let isBeside = width.map { $0 >= column + Self.leastBeside } ?? true
        let indent = isBeside ? column : min(2, max(0, (width ?? 0) - 1))
        return pairs.map { name, value in
            let pieces = wrapped(printable(value), to: width.map { max(1, $0 - indent) })
            let margin = String(repeating: " ", count: indent)
            guard isBeside else {
                return ([String(name.prefix(width ?? Int.max))] + pieces.map { margin + $0 })
                    .map { $0 + "\n" }.joined()
            }
            let head = name + String(repeating: " ", count: column - name.count)
            return pieces.enumerated().map { ($0.offset == 0 ? head : margin) + $0.element + "\n" }.joined()
        }.joined()
    }

    /// Characters of a value that must have a place beside the names.
    private static let leastBeside = 12
}

/// `text` in pieces of at most `width` characters, broken at spaces where there are some, else wherever it must be.
package func wrapped(_ text: String, to width: Int?) -> [String] {
    guard let width, text.count > width else { return [text] }
    var pieces: [String] = []
    var rest = text[...]
    while rest.count > width {
        let limit = rest.index(rest.startIndex, offsetBy: width)
        // A space just behind the piece ends it as well.
        let space = rest[...limit].lastIndex(of: " ").flatMap { $0 > rest.startIndex ? $0 : nil }
        pieces.append(String(rest[..<(space ?? limit)]))
        rest = rest[(space.map { rest.index(after: $0) } ?? limit)...]
    }
    return pieces + [String(rest)]
}
