// Decodes a binary into a `Module` (core 2.0, 5.5): the header, the order and sizes of the sections, and that they
// agree with each other. The sections themselves are in the extensions. Function bodies stay undecoded: the validator
// reads them, so that each byte is read once.
//
// Invariants: linear time; what is allocated is proportional to the bytes read so far (plus one count that lies, at
// most as large as the bytes left); no bytes trap.

extension Module {
    /// Decodes a binary. The form of instructions in function bodies is checked by `validate`, of constant
    /// expressions here. A malformed name section is ignored. Linear time.
    package init(decoding bytes: [UInt8]) throws(DecodeError) {
        self = try bytes.withUnsafeBufferPointer { (bytes) throws(DecodeError) in
            try Module(decoding: bytes)
        }
    }

    /// As above, for bytes that live elsewhere; the module keeps offsets only and outlives them.
    package init(decoding bytes: UnsafeBufferPointer<UInt8>) throws(DecodeError) {
        var decoder = ModuleDecoder(bytes)
        try decoder.decode()
        self = decoder.module
    }
}

/// The state of decoding one binary.
struct ModuleDecoder {
    var reader: ByteReader
    var module = Module()
    /// The function section's type indices, until the code section brings the bodies.
    var declaredTypeIndices: [UInt32] = []
    private var hasNames = false
    /// Items that the sections so far announced.
    private var itemCount = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>) {
        reader = ByteReader(bytes, in: 0..<bytes.count)
        module.byteCount = bytes.count
    }

    /// Where sections may stand, by their id: the data count section (12) stands between elements and code.
    private static let order: [UInt8] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 10]

    mutating func decode() throws(DecodeError) {
        try limit(.moduleBytes, reader.end)
        try header()
        var last: UInt8 = 0
        while !reader.isAtEnd {
            let start = reader.offset
            let id = try reader.byte()
            guard Int(id) < Self.order.count else {
                let feature: UnsupportedFeature? = id == 13 ? .exceptions : nil
                throw DecodeError(.malformedSectionID(found: id, feature: feature), at: start)
            }
            let size = Int(try reader.u32())
            guard size <= reader.remaining else {
                throw reader.error(.lengthOutOfBounds(length: size, remaining: reader.remaining))
            }
            let contents = reader.offset..<(reader.offset + size)
            if id == 0 {
                try customSection(contents)
                continue
            }
            guard Self.order[Int(id)] > last else { throw DecodeError(.unexpectedSection(found: id), at: start) }
            last = Self.order[Int(id)]
            try section(id)
            guard reader.offset == contents.upperBound else {
                throw reader.error(.sectionSizeMismatch(expectedEnd: contents.upperBound, foundEnd: reader.offset))
            }
        }
        guard module.functions.count == declaredTypeIndices.count else {
            throw reader.error(
                .inconsistentCodeCount(functions: declaredTypeIndices.count, bodies: module.functions.count))
        }
        if let declared = module.dataCount, declared != module.dataSegments.count {
            throw reader.error(.inconsistentDataCount(declared: declared, segments: module.dataSegments.count))
        }
    }

    private mutating func header() throws(DecodeError) {
        guard reader.remaining >= 4 else { throw DecodeError(.unexpectedEnd, at: reader.end) }
        guard try reader.fixed(UInt32.self) == 0x6D73_6100 else { throw DecodeError(.magicHeaderNotDetected, at: 0) }
        guard reader.remaining >= 4 else { throw DecodeError(.unexpectedEnd, at: reader.end) }
        let start = reader.offset
        let version = try reader.fixed(UInt32.self)
        guard version == 1 else {
            // A component has its layer in the upper half.
            let feature: UnsupportedFeature? = version == 0x1_000D ? .componentModel : nil
            throw DecodeError(.unknownBinaryVersion(found: version, feature: feature), at: start)
        }
    }

    private mutating func section(_ id: UInt8) throws(DecodeError) {
        switch id {
        case 1: try typeSection()
        case 2: try importSection()
        case 3: try functionSection()
        case 4: try tableSection()
        case 5: try memorySection()
        case 6: try globalSection()
        case 7: try exportSection()
        case 8: try startSection()
        case 9: try elementSection()
        case 10: try codeSection()
        case 11: try dataSection()
        default: module.dataCount = Int(try reader.u32())
        }
    }

    /// The name has to be well-formed; of the contents, only names are looked at, and never refused.
    private mutating func customSection(_ contents: Range<Int>) throws(DecodeError) {
        var custom = ByteReader(reader.bytes, in: contents)
        let name = try custom.utf8()
        let isNames = reader.bytes[name].elementsEqual("name".utf8)
        if isNames, !hasNames, let names = try? NameSection(decoding: custom) {
            module.name = names.module
            module.functionNames = names.functions
            hasNames = true
        }
        reader.advance(to: contents.upperBound)
    }

    /// The count that begins a section of items, which together with `before`, those imported, are within `kind`.
    mutating func items(within kind: ImplementationLimit? = nil, before: Int = 0) throws(DecodeError) -> Int {
        let count = try reader.count()
        if let kind { try limit(kind, before + count) }
        itemCount += count
        try limit(.items, itemCount)
        return count
    }

    func limit(_ limit: ImplementationLimit, _ found: Int) throws(DecodeError) {
        guard found <= limit.maximum else { throw reader.error(.implementationLimit(limit, found: found)) }
    }
}
