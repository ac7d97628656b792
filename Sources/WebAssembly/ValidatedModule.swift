// A module that may be run: decoded and valid, with what validation found out.

/// Why bytes are no module that can be run.
package enum ModuleError: Error, Sendable, Hashable, CustomStringConvertible {
    case malformed(DecodeError)
    case invalid(ValidationError)

    package var description: String {
        switch self {
        case .malformed(let error): error.description
        case .invalid(let error): error.description
        }
    }

    /// Where it shows, counted from the beginning of the binary.
    package var offset: Int {
        switch self {
        case .malformed(let error): error.offset
        case .invalid(let error): error.offset
        }
    }
}

/// A valid module and its facts. It does not hold the bytes.
package struct ValidatedModule: Sendable {
    package let module: Module
    package let facts: ModuleFacts

    /// Decodes and validates. A malformed function body is `.invalid` with reason `.malformed`, as it says which
    /// function. Linear time.
    package init(bytes: [UInt8]) throws(ModuleError) {
        self = try bytes.withUnsafeBufferPointer { (bytes) throws(ModuleError) in
            try ValidatedModule(bytes: bytes)
        }
    }

    /// As above, for bytes that live elsewhere.
    package init(bytes: UnsafeBufferPointer<UInt8>) throws(ModuleError) {
        do {
            module = try Module(decoding: bytes)
        } catch {
            throw .malformed(error)
        }
        do {
            facts = try module.validate(bytes)
        } catch {
            throw .invalid(error)
        }
    }
}
