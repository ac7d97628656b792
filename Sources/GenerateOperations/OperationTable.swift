// The table of operations as data: reads specs/operations.tsv and checks that it means something. Emitters (one file
// each) get rows that are known to be well formed, in opcode order, with names, identifiers and opcodes unique.

import Foundation

/// One row of the table.
struct Operation {
    /// The name of the text format, such as `i32.add`.
    var name: String
    /// The case name in Swift, such as `i32Add`.
    var identifier: String
    /// One byte's opcode, or 0xFC00 | number for prefixed ones.
    var code: UInt16
    var immediates: Immediates
    /// Value types, last one on top; nil where they depend on more than the row.
    var parameters: [String]?
    var results: [String]?
    var gas: Int
}

/// What follows the opcode.
struct Immediates {
    /// The case of `ImmediateKind`.
    var kind: String
    /// Natural alignment as a power of two, for memory arguments.
    var alignmentExponent: Int?
}

/// A row that cannot be read, with its line.
struct TableError: Error, CustomStringConvertible {
    var path: String
    var line: Int
    var problem: String
    var description: String { "\(path):\(line): \(problem)" }
}

/// All operations, in opcode order.
struct OperationTable {
    static let path = "specs/operations.tsv"
    static let columns = ["name", "opcode", "immediates", "parameters", "results", "gas"]
    static let valueTypes: Set<String> = ["i32", "i64", "f32", "f64", "funcref", "externref"]
    static let kinds = [
        "none": "none", "blocktype": "blockType", "label": "label", "labels": "labels", "function": "function",
        "indirect": "typeAndTable", "local": "local", "global": "global", "table": "table", "memory": "memory",
        "i32": "i32", "i64": "i64", "f32": "f32", "f64": "f64", "reftype": "referenceType", "types": "types",
        "data+memory": "dataAndMemory", "data": "data", "element+table": "elementAndTable", "element": "element",
        "table+table": "tableAndTable", "memory+memory": "memoryAndMemory",
    ]

    var operations: [Operation] = []

    /// Reads the table's text; the first row that is wrong throws.
    init(text: String) throws(TableError) {
        var sawHeader = false
        var names: Set<String> = []
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            if line.isEmpty || line.hasPrefix("#") { continue }
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            func fail(_ problem: String) -> TableError {
                TableError(path: Self.path, line: index + 1, problem: problem)
            }
            guard fields.count == Self.columns.count else {
                throw fail("expected \(Self.columns.count) columns, found \(fields.count)")
            }
            if !sawHeader {
                guard fields == Self.columns else { throw fail("expected the columns \(Self.columns)") }
                sawHeader = true
                continue
            }
            guard let code = Self.code(fields[1]) else { throw fail("no opcode: \(fields[1])") }
            guard let immediates = Self.immediates(fields[2]) else { throw fail("unknown immediates: \(fields[2])") }
            guard let parameters = Self.types(fields[3]) else { throw fail("unknown types: \(fields[3])") }
            guard let results = Self.types(fields[4]) else { throw fail("unknown types: \(fields[4])") }
            guard let gas = Int(fields[5]), gas >= 0 else { throw fail("no gas: \(fields[5])") }
            guard names.insert(Self.identifier(fields[0])).inserted else { throw fail("\(fields[0]) is there twice") }
            if let last = operations.last, last.code >= code { throw fail("\(fields[0]) is not in opcode order") }
            operations.append(
                Operation(
                    name: fields[0], identifier: Self.identifier(fields[0]), code: code, immediates: immediates,
                    parameters: parameters, results: results, gas: gas))
        }
    }

    private static func code(_ field: String) -> UInt16? {
        let bytes = field.split(separator: " ").map { UInt16($0, radix: 16) }
        switch (bytes.count, bytes.first, bytes.last) {
        case (1, let byte??, _) where byte < 0xFC: return byte
        case (2, 0xFC??, let number??) where number < 0x80: return 0xFC00 | number
        default: return nil
        }
    }

    private static func immediates(_ field: String) -> Immediates? {
        let parts = field.split(separator: ":")
        if parts.count == 2, parts[0] == "memarg", let exponent = Int(parts[1]), (0...3).contains(exponent) {
            return Immediates(kind: "memoryArgument", alignmentExponent: exponent)
        }
        return kinds[field].map { Immediates(kind: $0, alignmentExponent: nil) }
    }

    /// The outer nil means unreadable, the inner one special.
    private static func types(_ field: String) -> [String]?? {
        if field == "special" { return .some(nil) }
        if field == "-" { return .some([]) }
        let types = field.split(separator: " ").map(String.init)
        return types.allSatisfy(valueTypes.contains) && types.count <= 3 ? .some(types) : nil
    }

    /// `i64.trunc_sat_f32_s` gives `i64TruncSatF32S`.
    private static func identifier(_ name: String) -> String {
        let words = name.split { $0 == "." || $0 == "_" }.map(String.init)
        return words.enumerated().map { $0 == 0 ? $1 : $1.prefix(1).uppercased() + $1.dropFirst() }.joined()
    }
}
