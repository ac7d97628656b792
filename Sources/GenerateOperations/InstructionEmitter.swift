// Writes Sources/WebAssembly/Instruction.generated.swift: the instructions as an enum, and what the table says of each.

/// The enum `Instruction` of target WebAssembly.
struct InstructionEmitter: Emitter {
    static let path = "Sources/WebAssembly/Instruction.generated.swift"

    func text(of table: OperationTable) -> String {
        let operations = table.operations
        var text = """
            // Generated from specs/operations.tsv by `swift run GenerateOperations`. Do not edit.
            // swift-format-ignore-file

            /// An instruction of WebAssembly core 2.0 without vectors, by its opcode: one byte, or 0xFC00 | number after
            /// the prefix 0xFC.
            package enum Instruction: UInt16, Sendable, Hashable, CaseIterable {

            """
        for operation in operations {
            text += "    case \(declared(operation.identifier)) = 0x\(hex(operation.code))\n"
        }
        text += "}\n\nextension Instruction {\n"
        text += property(
            "name", "String", "The name in the text format.", operations.map { ($0.identifier, "\"\($0.name)\"") })
        text += property(
            "immediates", "ImmediateKind", "What follows the opcode in the binary.",
            operations.map { ($0.identifier, ".\($0.immediates.kind)") })
        text += property(
            "alignmentExponent", "UInt32", "The natural alignment of a memory access is 2 to this bytes; else 0.",
            operations.map { ($0.identifier, "\($0.immediates.alignmentExponent ?? 0)") })
        text += property(
            "parameters", "OperandTypes?",
            "Types popped, last one on top; nil where they depend on immediates, context or operands.",
            operations.map { ($0.identifier, types($0.parameters)) })
        text += property(
            "results", "OperandTypes?", "Types pushed; nil where they depend on immediates, context or operands.",
            operations.map { ($0.identifier, types($0.results)) })
        text += property(
            "gas", "Int", "Gas charged when it executes, before what its operands add.",
            operations.map { ($0.identifier, "\($0.gas)") })
        text.removeLast()
        return text + "}\n"
    }

    /// A switch that groups the cases which share a value, in the order of first appearance.
    private func property(_ name: String, _ type: String, _ comment: String, _ values: [(String, String)]) -> String {
        var order: [String] = []
        var cases: [String: [String]] = [:]
        for (identifier, value) in values {
            if cases[value] == nil { order.append(value) }
            cases[value, default: []].append(".\(identifier)")
        }
        var text = "    /// \(comment)\n    package var \(name): \(type) {\n        switch self {\n"
        for value in order {
            var line = "        case "
            for (index, member) in (cases[value] ?? []).enumerated() {
                let piece = index == 0 ? member : ", " + member
                if line.count + piece.count > 118 {
                    text += line + ",\n"
                    line = "            " + member
                } else {
                    line += piece
                }
            }
            text += "\(line): \(value)\n"
        }
        return text + "        }\n    }\n\n"
    }

    private func types(_ types: [String]?) -> String {
        guard let types else { return "nil" }
        return types.isEmpty ? "OperandTypes()" : "OperandTypes(\(types.map { "." + $0 }.joined(separator: ", ")))"
    }

    private func declared(_ identifier: String) -> String {
        ["if", "else", "return"].contains(identifier) ? "`\(identifier)`" : identifier
    }

    private func hex(_ code: UInt16) -> String {
        let digits = String(code, radix: 16, uppercase: true)
        return String(repeating: "0", count: code < 0x100 ? 2 - digits.count : 4 - digits.count) + digits
    }
}
