// The names that a binary gives its functions and itself, for people (core 2.0, appendix A.4). They mean nothing to
// execution; a section that is malformed counts as none.

/// Module and function names of the custom section "name".
struct NameSection {
    var module: String?
    /// By function index.
    var functions: [Int: String] = [:]

    /// `reader` stands behind the custom section's name and ends with the section.
    init(decoding reader: ByteReader) throws(DecodeError) {
        var reader = reader
        while !reader.isAtEnd {
            let id = try reader.byte()
            let contents = try reader.skip(try reader.count())
            var subsection = ByteReader(reader.bytes, in: contents)
            switch id {
            case 0:
                module = try subsection.name()
            case 1:
                for _ in 0..<(try subsection.count()) {
                    let index = Int(try subsection.u32())
                    functions[index] = try subsection.name()
                }
            default:
                continue  // names of locals and of the proposals
            }
            guard subsection.isAtEnd else {
                throw subsection.error(
                    .sectionSizeMismatch(expectedEnd: contents.upperBound, foundEnd: subsection.offset))
            }
        }
    }
}
