// Types in the binary format (core 2.0, 5.3).

extension ByteReader {
    mutating func valueType() throws(DecodeError) -> ValueType {
        let start = offset
        let found = try byte()
        guard let type = ValueType(rawValue: found) else {
            throw DecodeError(.malformedValueType(found: found, feature: Self.feature(ofValueType: found)), at: start)
        }
        return type
    }

    mutating func referenceType() throws(DecodeError) -> ValueType {
        let start = offset
        let found = try byte()
        guard let type = ValueType(rawValue: found), type.isReference else {
            throw DecodeError(.malformedReferenceType(found: found), at: start)
        }
        return type
    }

    /// A vector of value types, at most as many as `limit` allows.
    mutating func valueTypes(limit: ImplementationLimit) throws(DecodeError) -> [ValueType] {
        let start = offset
        let count = try count()
        guard count <= limit.maximum else {
            throw DecodeError(.implementationLimit(limit, found: count), at: start)
        }
        var types: [ValueType] = []
        types.reserveCapacity(count)
        for _ in 0..<count { types.append(try valueType()) }
        return types
    }

    mutating func functionType() throws(DecodeError) -> FunctionType {
        let start = offset
        let form = try byte()
        // A negative number of 7 bits, by the standard.
        guard form < 0x80 else { throw DecodeError(.integerTooLong, at: start) }
        guard form == 0x60 else {
            let feature: UnsupportedFeature? =
                switch form {
                case 0x4E, 0x4F, 0x50, 0x5E, 0x5F: .garbageCollection
                default: nil
                }
            throw DecodeError(.malformedFunctionType(found: form, feature: feature), at: start)
        }
        let parameters = try valueTypes(limit: .parameters)
        return FunctionType(parameters: parameters, results: try valueTypes(limit: .results))
    }

    /// `isMemory` only chooses the proposal that an unknown flag is called by.
    mutating func limits(isMemory: Bool) throws(DecodeError) -> Limits {
        let start = offset
        let flags = try byte()
        guard flags < 0x80 else { throw DecodeError(.integerTooLong, at: start) }
        guard flags <= 1 else {
            let feature: UnsupportedFeature? =
                switch flags {
                case 2, 3: isMemory ? .threads : nil
                case 4...7: .memory64
                default: nil
                }
            throw DecodeError(.malformedLimits(flags: flags, feature: feature), at: start)
        }
        let minimum = try u32()
        return Limits(minimum: minimum, maximum: flags == 1 ? try u32() : nil)
    }

    mutating func tableType() throws(DecodeError) -> TableType {
        // 0x40 0x00 begins a table with an initializer in a later standard.
        if try peek() == 0x40 {
            throw error(.malformedValueType(found: 0x40, feature: .tableInitializers))
        }
        let element = try referenceType()
        return TableType(element: element, limits: try limits(isMemory: false))
    }

    mutating func globalType() throws(DecodeError) -> GlobalType {
        let value = try valueType()
        let start = offset
        let mutability = try byte()
        guard mutability <= 1 else { throw DecodeError(.malformedMutability(found: mutability), at: start) }
        return GlobalType(value: value, isMutable: mutability == 1)
    }

    /// What the standard's proposals call the type with this byte.
    static func feature(ofValueType byte: UInt8) -> UnsupportedFeature? {
        switch byte {
        case 0x7B: .vectors
        case 0x63, 0x64: .typedReferences
        case 0x69, 0x74: .exceptions
        case 0x6A...0x6E, 0x71...0x73, 0x77, 0x78: .garbageCollection
        default: nil
        }
    }
}
