// Canonical NaNs and signed zeros, which hardware leaves open.

import Interpreter
import Testing
import WebAssembly

struct FloatTests {
    static let nans32: [UInt32] = [0x7FC0_0000, 0xFFC0_0000, 0x7F80_0001, 0xFFFF_FFFF]
    static let nans64: [UInt64] = [0x7FF8_0000_0000_0000, 0xFFF8_0000_0000_0000, 0x7FF0_0000_0000_0001, UInt64.max]

    private func run(
        _ instruction: Instruction, _ parameters: [ValueType], _ result: ValueType, _ arguments: [UInt64]
    ) throws -> Outcome {
        var assembler = Assembler()
        var body = Body()
        for index in parameters.indices { body = body.get(index) }
        assembler.function(parameters, [result], body.op(instruction))
        return try Subject(bytes: assembler.binary).call(0, arguments, .whole)
    }

    @Test(
        arguments: [
            .f32Add, .f32Sub, .f32Mul, .f32Div, .f32Min, .f32Max, .f64Add, .f64Sub, .f64Mul, .f64Div, .f64Min, .f64Max,
        ] as [Instruction])
    func twoOperandsGiveTheCanonicalNaN(instruction: Instruction) throws {
        let isSingle = instruction.name.hasPrefix("f32")
        let type = isSingle ? ValueType.f32 : .f64
        let one = isSingle ? UInt64(Float(1).bitPattern) : Double(1).bitPattern
        for nan in isSingle ? Self.nans32.map(UInt64.init) : Self.nans64 {
            let expected = Outcome.results([isSingle ? 0x7FC0_0000 : 0x7FF8_0000_0000_0000])
            #expect(try run(instruction, [type, type], type, [nan, one]) == expected)
            #expect(try run(instruction, [type, type], type, [one, nan]) == expected)
            #expect(try run(instruction, [type, type], type, [nan, nan]) == expected)
        }
    }

    @Test(
        arguments: [
            .f32Sqrt, .f32Ceil, .f32Floor, .f32Trunc, .f32Nearest, .f64Sqrt, .f64Ceil, .f64Floor, .f64Trunc,
            .f64Nearest, .f64PromoteF32, .f32DemoteF64,
        ] as [Instruction])
    func oneOperandGivesTheCanonicalNaN(instruction: Instruction) throws {
        guard let parameter = instruction.parameters?.first, let result = instruction.results?.first else {
            Issue.record("the table has its types")
            return
        }
        for nan in parameter == .f32 ? Self.nans32.map(UInt64.init) : Self.nans64 {
            let expected = Outcome.results([result == .f32 ? 0x7FC0_0000 : 0x7FF8_0000_0000_0000])
            #expect(try run(instruction, [parameter], result, [nan]) == expected)
        }
    }

    @Test(
        arguments: [
            (Instruction.f32Neg, 0x7F80_0001, 0xFF80_0001), (.f32Abs, 0xFFC1_2345, 0x7FC1_2345),
            (.f64Neg, UInt64.max, 0x7FFF_FFFF_FFFF_FFFF), (.f64Abs, UInt64.max, 0x7FFF_FFFF_FFFF_FFFF),
        ] as [(Instruction, UInt64, UInt64)])
    func signsOfNaNsChangeAndNothingElse(instruction: Instruction, operand: UInt64, expected: UInt64) throws {
        let type = instruction.name.hasPrefix("f32") ? ValueType.f32 : .f64
        #expect(try run(instruction, [type], type, [operand]) == .results([expected]))
    }

    @Test(arguments: [(Instruction.f64Min, Double(-0.0)), (.f64Max, 0.0)])
    func zerosAreOrderedBySign(instruction: Instruction, expected: Double) throws {
        for pair in [(-0.0, 0.0), (0.0, -0.0)] {
            let outcome = try run(instruction, [.f64, .f64], .f64, [pair.0.bitPattern, pair.1.bitPattern])
            #expect(outcome == .results([expected.bitPattern]))
        }
    }
}
