// What is wrong with bytes that are no module. The texts begin with the wording of the standard's test suite; the
// payload says what was there and what should have been.

/// Bytes that do not have the form of a module (core 2.0, chapter 5).
package struct DecodeError: Error, Sendable, Hashable, CustomStringConvertible {
    package var reason: Reason
    /// The byte of the binary where it shows.
    package var offset: Int

    package init(_ reason: Reason, at offset: Int) {
        self.reason = reason
        self.offset = offset
    }

    package var description: String { "\(reason) (at byte \(offset))" }

    package enum Reason: Sendable, Hashable {
        case unexpectedEnd
        /// The bytes of a section or function end within an item.
        case unexpectedEndOfSection
        case magicHeaderNotDetected
        case unknownBinaryVersion(found: UInt32, feature: UnsupportedFeature?)
        /// A LEB128 number with more bytes than its type allows.
        case integerTooLong
        /// A LEB128 number with bits beyond its type.
        case integerTooLarge
        case lengthOutOfBounds(length: Int, remaining: Int)
        /// A vector of more items than bytes are left.
        case countOutOfBounds(count: Int, remaining: Int)
        case malformedUTF8
        case malformedSectionID(found: UInt8, feature: UnsupportedFeature?)
        /// A section that is there twice or comes too late.
        case unexpectedSection(found: UInt8)
        /// The contents end elsewhere than the size says, both as byte offsets.
        case sectionSizeMismatch(expectedEnd: Int, foundEnd: Int)
        case inconsistentCodeCount(functions: Int, bodies: Int)
        case inconsistentDataCount(declared: Int, segments: Int)
        case dataCountRequired
        case zeroByteExpected(found: UInt8)
        case endExpected
        /// One byte's opcode, or prefix << 32 | number.
        case illegalOpcode(found: UInt64, feature: UnsupportedFeature?)
        case malformedReferenceType(found: UInt8)
        case malformedValueType(found: UInt8, feature: UnsupportedFeature?)
        case malformedBlockType(found: Int64, feature: UnsupportedFeature?)
        case malformedFunctionType(found: UInt8, feature: UnsupportedFeature?)
        case malformedImportKind(found: UInt8, feature: UnsupportedFeature?)
        case malformedExportKind(found: UInt8, feature: UnsupportedFeature?)
        case malformedMutability(found: UInt8)
        case malformedLimits(flags: UInt8, feature: UnsupportedFeature?)
        case malformedMemoryArgument(flags: UInt32, feature: UnsupportedFeature?)
        case malformedElementKind(found: UInt8)
        case malformedElementSegment(flags: UInt32)
        case malformedDataSegment(flags: UInt32)
        /// More locals than 32 bits count.
        case tooManyLocals(UInt64)
        case constantExpressionRequired(found: Instruction)
        /// A constant expression that does not leave exactly one value.
        case constantCount(found: Int)
        case implementationLimit(ImplementationLimit, found: Int)
    }
}

extension DecodeError.Reason: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unexpectedEnd: "unexpected end"
        case .unexpectedEndOfSection: "unexpected end of section or function"
        case .magicHeaderNotDetected: "magic header not detected"
        case .unknownBinaryVersion(let found, let feature):
            "unknown binary version \(hexadecimal(UInt64(found)))" + unsupported(feature)
        case .integerTooLong: "integer representation too long"
        case .integerTooLarge: "integer too large"
        case .lengthOutOfBounds(let length, let remaining): "length out of bounds: \(length) of \(remaining) bytes left"
        case .countOutOfBounds(let count, let remaining):
            "unexpected end of section or function: \(count) items in \(remaining) bytes left"
        case .malformedUTF8: "malformed UTF-8 encoding"
        case .malformedSectionID(let found, let feature): "malformed section id \(found)" + unsupported(feature)
        case .unexpectedSection(let found): "unexpected content after last section: section \(found)"
        case .sectionSizeMismatch(let expected, let found):
            "section size mismatch: should end at byte \(expected), ends at \(found)"
        case .inconsistentCodeCount(let functions, let bodies):
            "function and code section have inconsistent lengths: \(functions) and \(bodies)"
        case .inconsistentDataCount(let declared, let segments):
            "data count and data section have inconsistent lengths: \(declared) and \(segments)"
        case .dataCountRequired: "data count section required"
        case .zeroByteExpected(let found): "zero byte expected, found \(hexadecimal(UInt64(found)))"
        case .endExpected: "END opcode expected"
        case .illegalOpcode(let found, let feature):
            found >> 32 == 0
                ? "illegal opcode \(hexadecimal(found))" + unsupported(feature)
                : "illegal opcode \(hexadecimal(found >> 32)) \(found & 0xFFFF_FFFF)" + unsupported(feature)
        case .malformedReferenceType(let found): "malformed reference type \(hexadecimal(UInt64(found)))"
        case .malformedValueType(let found, let feature):
            "malformed value type \(hexadecimal(UInt64(found)))" + unsupported(feature)
        case .malformedBlockType(let found, let feature): "malformed block type \(found)" + unsupported(feature)
        case .malformedFunctionType(let found, let feature):
            "malformed function type \(hexadecimal(UInt64(found)))" + unsupported(feature)
        case .malformedImportKind(let found, let feature): "malformed import kind \(found)" + unsupported(feature)
        case .malformedExportKind(let found, let feature): "malformed export kind \(found)" + unsupported(feature)
        case .malformedMutability(let found): "malformed mutability \(found)"
        case .malformedLimits(let flags, let feature): "integer too large: limits flags \(flags)" + unsupported(feature)
        case .malformedMemoryArgument(let flags, let feature): "malformed memop flags \(flags)" + unsupported(feature)
        case .malformedElementKind(let found): "malformed element kind \(found)"
        case .malformedElementSegment(let flags): "malformed elements segment kind \(flags)"
        case .malformedDataSegment(let flags): "malformed data segment kind \(flags)"
        case .tooManyLocals(let count): "too many locals: \(count)"
        case .constantExpressionRequired(let found): "constant expression required, found \(found.name)"
        case .constantCount(let found): "type mismatch: a constant expression leaves \(found) values"
        case .implementationLimit(let limit, let found):
            "implementation limit: at most \(limit.maximum) \(limit.subject), found \(found)"
        }
    }

    private func hexadecimal(_ number: UInt64) -> String { "0x" + String(number, radix: 16) }

    private func unsupported(_ feature: UnsupportedFeature?) -> String {
        feature.map { ": \($0.rawValue) are not supported" } ?? ""
    }
}
