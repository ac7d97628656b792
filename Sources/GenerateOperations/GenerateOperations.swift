// The command `GenerateOperations`: writes every file that is generated from the table of operations, or with --check
// says which are out of date (exit 1). Run in the repository's root, or give it with --root. Another emitter is a file
// of its own and a line in `emitters`.

import Foundation

/// Makes the text of one generated file from the table.
protocol Emitter: Sendable {
    /// The file, from the repository's root.
    static var path: String { get }
    func text(of table: OperationTable) -> String
}

@main
struct GenerateOperations {
    static let emitters: [any Emitter] = [
        InstructionEmitter(), SlotOperationEmitter(), EngineEmitter(),
    ]

    static func main() {
        var isCheck = false
        var root = "."
        var arguments = CommandLine.arguments.dropFirst()
        while let argument = arguments.popFirst() {
            switch argument {
            case "--check": isCheck = true
            case "--root" where !arguments.isEmpty: root = arguments.removeFirst()
            default: fail("usage: GenerateOperations [--check] [--root FOLDER]", code: 2)
            }
        }
        do {
            let source = URL(fileURLWithPath: root).appendingPathComponent(OperationTable.path)
            let table = try OperationTable(text: String(contentsOf: source, encoding: .utf8))
            var stale: [String] = []
            for emitter in emitters {
                let path = type(of: emitter).path
                let file = URL(fileURLWithPath: root).appendingPathComponent(path)
                let text = emitter.text(of: table)
                if let present = try? String(contentsOf: file, encoding: .utf8), present == text { continue }
                stale.append(path)
                if !isCheck { try text.write(to: file, atomically: true, encoding: .utf8) }
            }
            for path in stale { print(isCheck ? "out of date: \(path)" : "wrote \(path)") }
            if isCheck && !stale.isEmpty { fail("to bring them up to date: swift run GenerateOperations", code: 1) }
        } catch {
            fail("\(error)", code: 1)
        }
    }

    private static func fail(_ message: String, code: Int32) -> Never {
        FileHandle.standardError.write(Data((message + "\n").utf8))
        exit(code)
    }
}
