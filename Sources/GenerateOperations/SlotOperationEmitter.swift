// Writes Sources/Interpreter/SlotOperation.generated.swift: the operations of slot code, and which of them a value
// instruction becomes. Instructions that do the same to slots share an operation.

/// The enum `SlotOperation` of target Interpreter.
struct SlotOperationEmitter: Emitter {
    static let path = "Sources/Interpreter/SlotOperation.generated.swift"

    func text(of table: OperationTable) -> String {
        let shared = SlotOperations.shared
        let own = table.operations.map(\.identifier).filter { EngineSemantics.isValue($0) && shared[$0] == nil }
        let all = SlotOperations.control + own
        precondition(all.count <= 256, "an operation must fit a byte")
        var text = """
            // Generated from specs/operations.tsv by `swift run GenerateOperations`. Do not edit.
            // swift-format-ignore-file

            import WebAssembly

            /// An operation of slot code: byte 0 of a code word.
            enum SlotOperation: UInt8, CaseIterable {

            """
        for (number, name) in all.enumerated() { text += "    case \(name) = \(number)\n" }
        text += """
            }

            extension SlotOperation {
                /// The operation that computes this instruction's results from its operands; nil for those that lowering
                /// treats one by one.
                init?(value instruction: Instruction) {
                    switch instruction {

            """
        for operation in table.operations where EngineSemantics.isValue(operation.identifier) {
            let name = operation.identifier
            text += "        case .\(name): self = .\(shared[name] ?? name)\n"
        }
        return text + "        default: return nil\n        }\n    }\n}\n"
    }
}

/// What slot code has besides the instructions of the table.
enum SlotOperations {
    /// Operations that lowering chooses itself; `EngineControl` has their code.
    static let control = [
        "nop", "copy", "const32", "const64", "select", "unreachable", "br", "brIf", "brUnless", "brMove", "brIfMove",
        "brTable", "return0", "return1", "returnMany", "call", "callIndirect", "globalGet", "globalSet", "memorySize",
        "memoryGrow", "memoryInit", "memoryCopy", "memoryFill", "dataDrop", "tableGet", "tableSet", "tableSize",
        "tableGrow", "tableInit", "tableCopy", "tableFill", "elemDrop", "globalGetLinked", "globalSetLinked", "refFunc",
    ]

    /// Instructions that do to slots what another one does: i32 and f32 lie zero-extended in slots of 64 bits.
    static let shared = [
        "f32Load": "i32Load", "f64Load": "i64Load", "i64Load8U": "i32Load8U", "i64Load16U": "i32Load16U",
        "i64Load32U": "i32Load", "f32Store": "i32Store", "f64Store": "i64Store", "i64Store8": "i32Store8",
        "i64Store16": "i32Store16", "i64Store32": "i32Store", "refIsNull": "i64Eqz", "i64ExtendI32U": "nop",
        "i32ReinterpretF32": "nop", "i64ReinterpretF64": "nop", "f32ReinterpretI32": "nop",
        "f64ReinterpretI64": "nop",
    ]
}
