// Writes Sources/Interpreter/Engine.generated.swift: the dispatch loop of the exact engine, one case for each operation.

/// The function `Engine.execute` of target Interpreter.
struct EngineEmitter: Emitter {
    static let path = "Sources/Interpreter/Engine.generated.swift"

    func text(of table: OperationTable) -> String {
        var text = EngineControl.head
        for operation in table.operations {
            let name = operation.identifier
            if SlotOperations.shared[name] != nil { continue }
            if let expression = EngineSemantics.expressions[name] {
                text += lines([
                    "case .\(name):", "    let s = fp + a(pc)", "    s[0] = slot(\(operands(expression)))",
                    "    pc += 1",
                ])
            } else if let statements = EngineSemantics.trapping[name] {
                let body = operands(statements).split(separator: "\n").map { "    " + $0 }
                text += lines(
                    ["case .\(name):", "    let s = fp + a(pc)"] + body + ["    s[0] = slot(result)", "    pc += 1"])
            } else if let (type, conversion) = EngineSemantics.loads[name] {
                text += load(name, type, conversion)
            } else if let type = EngineSemantics.stores[name] {
                text += store(name, type)
            }
        }
        return text + EngineControl.tail
    }

    private func operands(_ text: String) -> String {
        replace(replace(text, "X", "s[0]"), "Y", "s[1]")
    }

    /// Replaces a letter that stands alone.
    private func replace(_ text: String, _ letter: Character, _ with: String) -> String {
        var result = ""
        var previous: Character = " "
        let characters = Array(text)
        for (index, character) in characters.enumerated() {
            let next = index + 1 < characters.count ? characters[index + 1] : " "
            let stands = character == letter && !isWord(previous) && !isWord(next)
            result += stands ? with : String(character)
            previous = character
        }
        return result
    }

    private func isWord(_ character: Character) -> Bool { character.isLetter || character.isNumber || character == "_" }

    private func lines(_ lines: [String]) -> String { lines.map { "            \($0)\n" }.joined() }

    private func load(_ name: String, _ type: String, _ conversion: String) -> String {
        let bytes = EngineSemantics.byteCount(type)
        let crossing = bytes == 1 ? "" : ", address & 4_095 <= \(4_096 - bytes)"
        return lines([
            "case .\(name):",
            "    let s = fp + a(pc)",
            "    let address = UInt64(u32(s[0])) &+ UInt64(immediate(pc))",
            "    if let page = reads[Int(truncatingIfNeeded: address &>> 12)]\(crossing) {",
            "        let value = (page + Int(truncatingIfNeeded: address & 4_095)).loadUnaligned(as: \(type).self)",
            "        s[0] = slot(\(conversion))",
            "    } else {",
            "        code = Engine.load(r, address, \(bytes))",
            "        if code != .none { break dispatch }",
            "        let value = \(type)(truncatingIfNeeded: r.pointee.transfer)",
            "        s[0] = slot(\(conversion))",
            "    }",
            "    pc += 1",
        ])
    }

    private func store(_ name: String, _ type: String) -> String {
        let bytes = EngineSemantics.byteCount(type)
        let crossing = bytes == 1 ? "" : ", address & 4_095 <= \(4_096 - bytes)"
        return lines([
            "case .\(name):",
            "    let s = fp + a(pc)",
            "    let address = UInt64(u32(s[0])) &+ UInt64(immediate(pc))",
            "    if let page = writes[Int(truncatingIfNeeded: address &>> 12)]\(crossing) {",
            "        (page + Int(truncatingIfNeeded: address & 4_095)).storeBytes(",
            "            of: \(type)(truncatingIfNeeded: s[1]), as: \(type).self)",
            "    } else {",
            "        code = Engine.store(r, address, \(bytes), s[1])",
            "        if code != .none { break dispatch }",
            "    }",
            "    pc += 1",
        ])
    }
}
