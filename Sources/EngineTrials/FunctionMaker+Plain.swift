// Choosing the next instruction, and those that neither branch nor call nor touch memories and tables.

import WebAssembly

extension FunctionMaker {
    /// Numeric instructions: everything whose operands the table of operations gives and that has no
    /// immediates.
    static let simple = Instruction.allCases.filter {
        $0.immediates == .none && $0.parameters != nil && $0.results?.count == 1
    }
    /// Of these, the ones that trap for many operands; they are taken less often, as nothing runs behind a trap.
    private static let partial: Set<Instruction> = [
        .i32TruncF32S, .i32TruncF32U, .i32TruncF64S, .i32TruncF64U, .i64TruncF32S, .i64TruncF32U, .i64TruncF64S,
        .i64TruncF64U,
    ]
    private static let divisions: Set<Instruction> = [
        .i32DivS, .i32DivU, .i32RemS, .i32RemU, .i64DivS, .i64DivU, .i64RemS, .i64RemU,
    ]

    /// Chooses and writes one instruction, with what it needs.
    mutating func step() {
        switch choices.below(32) {
        case 0...8: simple()
        case 9: push(choices.one(of: ModulePlan.valueTypes))
        case 10...12: local()
        case 13: global()
        case 14: choose()
        case 15: drop()
        case 16...19: memoryAccess()
        case 20: memoryOperation()
        case 21...22: tableOperation()
        case 23...24: call()
        case 25...27: openBlock()
        case 28...30: branch()
        default: rare()
        }
    }

    private mutating func rare() {
        switch choices.below(24) {
        case 0:
            emit(.unreachable)
            die()
        case 1...14:
            take([choices.happens(1, of: 2) ? .funcref : .externref])
            emit(.refIsNull)
            stack.append(.i32)
        default: emit(.nop)
        }
    }

    private mutating func simple() {
        let instruction = Self.simple[choices.below(Self.simple.count)]
        guard let parameters = instruction.parameters, let results = instruction.results else { return }
        if Self.partial.contains(instruction), !choices.happens(1, of: 6) { return }
        take(Array(parameters))
        if Self.divisions.contains(instruction), choices.happens(3, of: 4) {
            // An odd divisor is not 0.
            if parameters[0] == .i32 {
                emitConstant(1)
                emit(.i32Or)
            } else {
                code += ModuleMaker.binary(of: .i64(1), ends: false)
                emit(.i64Or)
            }
        }
        emit(instruction)
        stack += Array(results)
    }

    private mutating func local() {
        if locals.isEmpty { return }
        let index = choices.below(locals.count)
        switch choices.below(3) {
        case 0:
            emit(.localGet, index)
            stack.append(locals[index])
        case 1:
            take([locals[index]])
            emit(.localSet, index)
        default:
            take([locals[index]])
            emit(.localTee, index)
            stack.append(locals[index])
        }
    }

    private mutating func global() {
        // The countdown is not to be set, or nothing would end.
        let count = plan.globals.count - (plan.countdown == nil ? 0 : 1)
        if count == 0 { return }
        let index = choices.below(count)
        let type = plan.globals[index].type
        if type.isMutable, choices.happens(1, of: 2) {
            take([type.value])
            emit(.globalSet, index)
        } else {
            emit(.globalGet, index)
            stack.append(type.value)
        }
    }

    private mutating func choose() {
        let type = stack.count > block.base ? stack[stack.count - 1] : choices.one(of: ModulePlan.valueTypes)
        take([type, type, .i32])
        if type.isReference || choices.happens(1, of: 3) {
            emit(.selectTyped, 1, Int(type.rawValue))
        } else {
            emit(.select)
        }
        stack.append(type)
    }

    private mutating func drop() {
        if stack.count > block.base {
            stack.removeLast()
            emit(.drop)
        } else if block.isDead {
            emit(.drop)
        }
    }
}
