// What is wrong with a module that has the form of one. The texts begin with the wording of the standard's test suite.

/// A module that is not valid (core 2.0, chapter 3), or whose function bodies are malformed.
package struct ValidationError: Error, Sendable, Hashable, CustomStringConvertible {
    package var reason: Reason
    /// The byte of the binary where the item or instruction begins.
    package var offset: Int
    /// The function it is in, by its index with imports first; nil outside of function bodies.
    package var function: Int?

    package init(_ reason: Reason, at offset: Int, function: Int? = nil) {
        self.reason = reason
        self.offset = offset
        self.function = function
    }

    package var description: String {
        "\(reason) (at byte \(offset)\(function.map { ", in function \($0)" } ?? ""))"
    }

    /// An index space of a module or function.
    package enum IndexSpace: String, Sendable, Hashable {
        case type, function, table, memory, global, local, label
        case element = "elem segment"
        case data = "data segment"
    }

    /// What a type was expected of.
    package enum Operand: Sendable, Hashable {
        case value(ValueType)
        /// Any number.
        case number
        /// Any reference.
        case reference
        /// Any value.
        case any
        /// No value: the operands of the block should be used up.
        case none
    }

    package enum Reason: Error, Sendable, Hashable {
        /// The bytes of a function body are no instructions.
        case malformed(DecodeError.Reason)
        /// found is nil where the operand stack of the block has no such value.
        case typeMismatch(expected: Operand, found: ValueType?)
        /// An `if` without `else` that changes the types on the stack.
        case missingElse
        /// Labels of a `br_table` with different numbers of values.
        case labelArity(expected: Int, found: Int)
        /// Types of a table, segment or global that do not fit together.
        case typeConflict(expected: ValueType, found: ValueType)
        case unknown(IndexSpace, index: Int)
        /// `select` with other than one type.
        case invalidResultArity(found: Int)
        case alignmentTooLarge(found: UInt32, natural: UInt32)
        case globalIsImmutable(index: Int)
        case undeclaredFunctionReference(index: Int)
        case constantExpressionRequired(mutableGlobal: Int)
        case duplicateExportName(String)
        case memoryTooLarge(pages: UInt32)
        case multipleMemories(count: Int)
        case minimumAboveMaximum(minimum: UInt32, maximum: UInt32)
        case startFunction(type: FunctionType)
        case implementationLimit(ImplementationLimit, found: Int)
    }
}

extension ValidationError.Reason: CustomStringConvertible {
    package var description: String {
        switch self {
        case .malformed(let reason): reason.description
        case .typeMismatch(.none, let found): "type mismatch: \(found.map { "\($0)" } ?? "a value") left on the stack"
        case .typeMismatch(let expected, let found):
            "type mismatch: expected \(expected), found \(found.map { "\($0)" } ?? "nothing")"
        case .missingElse: "type mismatch: an if without else has to leave the types it takes"
        case .labelArity(let expected, let found):
            "type mismatch: labels of br_table take \(expected) and \(found) values"
        case .typeConflict(let expected, let found): "type mismatch: expected \(expected), found \(found)"
        case .unknown(let space, let index): "unknown \(space.rawValue) \(index)"
        case .invalidResultArity(let found): "invalid result arity: select with \(found) types"
        case .alignmentTooLarge(let found, let natural):
            "alignment must not be larger than natural: 2^\(found), natural 2^\(natural)"
        case .globalIsImmutable(let index): "global is immutable: \(index)"
        case .undeclaredFunctionReference(let index): "undeclared function reference \(index)"
        case .constantExpressionRequired(let global): "constant expression required: global \(global) is mutable"
        case .duplicateExportName(let name): "duplicate export name \"\(name)\""
        case .memoryTooLarge(let pages): "memory size must be at most 65536 pages (4GiB), found \(pages)"
        case .multipleMemories(let count): "multiple memories: \(count)"
        case .minimumAboveMaximum(let minimum, let maximum):
            "size minimum must not be greater than maximum: \(minimum) and \(maximum)"
        case .startFunction(let type):
            "start function must take and give nothing: \(type.parameters.count) parameters, "
                + "\(type.results.count) results"
        case .implementationLimit(let limit, let found):
            DecodeError.Reason.implementationLimit(limit, found: found).description
        }
    }
}

extension ValidationError.Operand: CustomStringConvertible {
    package var description: String {
        switch self {
        case .value(let type): "\(type)"
        case .number: "a number"
        case .reference: "a reference"
        case .any: "a value"
        case .none: "nothing"
        }
    }
}
