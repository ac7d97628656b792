// The generated enum says what the table of operations says, and the reader and the validator know every row of it.

import Foundation
import Testing
import WebAssembly

struct InstructionTests {
    /// The table's rows, read apart from the generator.
    private func rows() throws -> [[String]] {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = try String(contentsOf: root.appendingPathComponent("specs/operations.tsv"), encoding: .utf8)
        return text.split(separator: "\n").filter { !$0.hasPrefix("#") }.dropFirst()
            .map { $0.split(separator: "\t").map(String.init) }
    }

    @Test func agreesWithTheTable() throws {
        let rows = try rows()
        #expect(rows.count == Instruction.allCases.count)
        for row in rows {
            let opcode = try #require(UInt16(row[1].replacingOccurrences(of: " ", with: ""), radix: 16))
            let instruction = try #require(Instruction(rawValue: opcode), "\(row[0])")
            #expect(instruction.name == row[0])
            #expect("\(instruction.gas)" == row[5])
            func words(_ types: OperandTypes?) -> String {
                types.map { $0.isEmpty ? "-" : $0.map { "\($0)" }.joined(separator: " ") } ?? "special"
            }
            #expect(words(instruction.parameters) == row[3], "\(row[0])")
            #expect(words(instruction.results) == row[4], "\(row[0])")
            let isMemoryArgument = row[2].hasPrefix("memarg:")
            #expect((instruction.immediates == .memoryArgument) == isMemoryArgument)
            if isMemoryArgument { #expect(row[2] == "memarg:\(instruction.alignmentExponent)") }
        }
    }

    @Test func structureCostsNothingAndTheRestOne() {
        let free = Instruction.allCases.filter { $0.gas == 0 }
        #expect(free == [.block, .loop, .else, .end])
        #expect(Instruction.allCases.allSatisfy { $0.gas <= 1 })
    }

    @Test func operandTypesAreASequence() {
        #expect(Array(OperandTypes()).isEmpty)
        #expect(Array(OperandTypes(.externref)) == [.externref])
        #expect(Array(OperandTypes(.i32, .f64)) == [.i32, .f64])
        #expect(Array(OperandTypes(.i64, .funcref, .f32)) == [.i64, .funcref, .f32])
    }

    /// In unreachable code every instruction of the table is valid in a module that has one of everything.
    @Test(arguments: Instruction.allCases)
    func isKnownToTheValidator(_ instruction: Instruction) {
        let closing: [UInt8] =
            switch instruction.immediates {
            case .blockType: [0x0B]
            default: []
            }
        let code: [UInt8]
        switch instruction {
        case .else: code = [0x41, 0x00, 0x04, 0x40, 0x05, 0x0B]
        case .end: code = [0x02, 0x40, 0x0B]
        default: code = [0x00] + instruction.shortest + closing + [0x00]
        }
        #expect(problem(.functionInContext([.i32], [], code)) == nil)
    }

    /// The rows with operands of their own: right ones are taken, missing and other ones refused.
    @Test(arguments: Instruction.allCases.filter { $0.parameters != nil && $0.results != nil })
    func takesItsOperandsAndNoOthers(_ instruction: Instruction) throws {
        let parameters = Array(try #require(instruction.parameters))
        let results = Array(try #require(instruction.results))
        func constant(_ type: ValueType) throws -> [UInt8] {
            let constants: [ValueType: Instruction] = [
                .i32: .i32Const, .i64: .i64Const, .f32: .f32Const, .f64: .f64Const,
            ]
            return try #require(constants[type]).shortest
        }
        func code(_ operands: [ValueType]) throws -> [UInt8] {
            try operands.flatMap(constant) + instruction.shortest
        }
        #expect(problem(.functionInContext([], results, try code(parameters))) == nil)
        for position in parameters.indices {
            var others = parameters
            others[position] = parameters[position] == .i32 ? .f64 : .i32
            let found = problem(.functionInContext([], results, try code(others)))
            #expect(found?.hasPrefix("type mismatch: expected \(parameters[position]), found") == true)
        }
        if !parameters.isEmpty {
            let found = problem(.functionInContext([], results, try code(parameters.dropLast())))
            #expect(found?.hasPrefix("type mismatch") == true)
        }
        let other: [ValueType] = results == [.i64] ? [.i32] : [.i64]
        #expect(problem(.functionInContext([], other, try code(parameters)))?.hasPrefix("type mismatch") == true)
    }
}
