// The names that a binary gives its functions and itself, for people (core 2.0, appendix A.4). They mean nothing to
// execution; a section that is malformed counts as none.

/// Module and function names of the custom section "name".
struct NameSection {
    var module: String?
    var functions = FunctionNames()

    /// `reader` stands behind the custom section's name and ends with the section.
    init(decoding reader: ByteReader) throws(DecodeError) {
        var reader = reader
        while !reader.isAtEnd {
            let id = try reader.byte()
            let contents = try reader.skip(try reader.count())
            var subsection = ByteReader(reader.bytes, in: contents)
            switch id {
            case 0: module = try subsection.name()
            case 1: try functionNames(&subsection)
            default: continue  // names of locals and of the proposals
            }
            guard subsection.isAtEnd else {
                throw subsection.error(
                    .sectionSizeMismatch(expectedEnd: contents.upperBound, foundEnd: subsection.offset))
            }
        }
    }

    private mutating func functionNames(_ reader: inout ByteReader) throws(DecodeError) {
        for _ in 0..<(try reader.count()) {
            let function = try reader.u32()
            functions.append(reader.bytes[try reader.utf8()], of: function)
        }
        functions.sort()
    }
}
