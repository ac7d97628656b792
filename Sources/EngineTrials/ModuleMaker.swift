// A valid module from any bytes: the plan's sections and the functions' code, written in the binary format.
//
// Invariant: MAKER-1 what comes out is valid, whatever the choices are.

import WebAssembly

/// Makes modules.
package enum ModuleMaker {
    /// The binary of the module that `choices` describe.
    package static func module(_ choices: inout Choices) -> [UInt8] {
        let plan = ModulePlan(&choices)
        var bodies = plan.functionTypes.indices.dropLast().map { index in
            var maker = FunctionMaker(plan, function: plan.importTypes.count + index, choices)
            let body = maker.body()
            choices = maker.choices
            return body
        }
        bodies.append(refill(plan))
        var bytes: [UInt8] = [0x00, 0x61, 0x73, 0x6D, 0x01, 0x00, 0x00, 0x00]
        bytes += section(1, plan.types.map(\.binary))
        bytes += section(
            2, plan.importTypes.map { sized(Array("host".utf8)) + sized(Array("f".utf8)) + [0] + unsigned($0) })
        bytes += section(3, plan.functionTypes.map { unsigned($0) })
        bytes += section(4, plan.tables.map { [$0.element.rawValue] + $0.limits.binary })
        bytes += section(5, plan.memory.map { [$0.binary] } ?? [])
        bytes += section(
            6, plan.globals.map { [$0.type.value.rawValue, $0.type.isMutable ? 1 : 0] + binary(of: $0.initial) })
        bytes += section(7, exports(plan))
        if let start = plan.start { bytes += [8] + sized(unsigned(start)) }
        bytes += section(9, plan.elements.map { binary(of: $0) })
        if !plan.data.isEmpty { bytes += [12] + sized(unsigned(plan.data.count)) }
        bytes += section(10, bodies.map { sized($0) })
        bytes += section(11, plan.data.map { binary(of: $0) })
        return bytes
    }

    /// A module of one exported function for each numeric instruction, which does that instruction on its parameters: for
    /// trying each with many values.
    package static func numericModule() -> [UInt8] {
        let instructions = FunctionMaker.simple
        let types = instructions.map {
            FunctionType(parameters: Array($0.parameters ?? .init()), results: Array($0.results ?? .init()))
        }
        let bodies = zip(instructions, types).map { instruction, type in
            [0] + type.parameters.indices.flatMap { Instruction.localGet.opcode + unsigned($0) } + instruction.opcode
                + Instruction.end.opcode
        }
        let exports = instructions.enumerated().map { index, instruction in
            sized(Array(instruction.name.utf8)) + [0] + unsigned(index)
        }
        return [0x00, 0x61, 0x73, 0x6D, 0x01, 0x00, 0x00, 0x00] + section(1, types.map(\.binary))
            + section(3, types.indices.map { unsigned($0) }) + section(7, exports)
            + section(10, bodies.map { sized($0) })
    }

    /// A function that begins the countdown again; without one it does nothing.
    private static func refill(_ plan: ModulePlan) -> [UInt8] {
        guard let countdown = plan.countdown else { return [0] + Instruction.end.opcode }
        return [0] + binary(of: .i32(UInt32(ModulePlan.countdownFrom)), ends: false)
            + Instruction.globalSet.opcode + unsigned(countdown) + Instruction.end.opcode
    }

    private static func exports(_ plan: ModulePlan) -> [[UInt8]] {
        func export(_ name: String, _ kind: UInt8, _ index: Int) -> [UInt8] {
            sized(Array(name.utf8)) + [kind] + unsigned(index)
        }
        return (0..<plan.functionCount).map {
            export($0 == plan.refill && plan.countdown != nil ? "hangLimitInitializer" : "f\($0)", 0, $0)
        }
            + plan.tables.indices.map { export("t\($0)", 1, $0) }
            + (plan.memory == nil || plan.hasGreatMemory ? [] : [export("m", 2, 0)])
            + plan.globals.indices.map { export("g\($0)", 3, $0) }
    }

    /// A constant expression, with its `end` unless told otherwise.
    static func binary(of constant: ConstantExpression, ends: Bool = true) -> [UInt8] {
        let code: [UInt8] =
            switch constant {
            case .i32(let value): Instruction.i32Const.opcode + signed(Int64(Int32(bitPattern: value)))
            case .i64(let value): Instruction.i64Const.opcode + signed(Int64(bitPattern: value))
            case .f32(let bits): Instruction.f32Const.opcode + littleEndian(UInt64(bits), bytes: 4)
            case .f64(let bits): Instruction.f64Const.opcode + littleEndian(bits, bytes: 8)
            case .globalGet(let index): Instruction.globalGet.opcode + unsigned(index)
            case .refNull(let type): Instruction.refNull.opcode + [type.rawValue]
            case .refFunc(let index): Instruction.refFunc.opcode + unsigned(index)
            }
        return ends ? code + Instruction.end.opcode : code
    }

    /// An element segment (5.5.12): function indices where no item is null and the type is funcref, else expressions.
    private static func binary(of segment: PlannedElements) -> [UInt8] {
        let indices = segment.items.compactMap { $0 }
        let usesIndices = indices.count == segment.items.count && segment.type == .funcref
        let items =
            usesIndices
            ? vector(indices.map { unsigned($0) })
            : vector(segment.items.map { binary(of: $0.map { .refFunc($0) } ?? .refNull(segment.type)) })
        let kind: UInt8 = usesIndices ? 0 : 4
        let type: [UInt8] = usesIndices ? [0] : [segment.type.rawValue]
        guard let place = segment.place else { return [kind | (segment.isDeclarative ? 3 : 1)] + type + items }
        let offset = binary(of: .i32(UInt32(place.index)))
        if place.table == 0 && segment.type == .funcref { return [kind] + offset + items }
        return [kind | 2] + unsigned(place.table) + offset + type + items
    }

    private static func binary(of segment: PlannedData) -> [UInt8] {
        guard let address = segment.address else { return [1] + sized(segment.bytes) }
        return [0] + binary(of: .i32(UInt32(address))) + sized(segment.bytes)
    }
}
