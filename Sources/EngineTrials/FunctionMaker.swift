// The code of one made-up function: instructions are chosen one after the other, and whatever operands the stack lacks
// for one are pushed before it. So code has the shapes that compilers do not give it: values below values, code that
// cannot be reached, branches out of anything with anything left on the stack.
//
// Invariants: CODE-1 `stack` holds the types that a validator would know of the operands, over all open blocks; CODE-2 a
// block's operands never go below its `base`.

import WebAssembly

/// An open block.
struct OpenBlock {
    /// What a branch to it takes along: the parameters of a loop, else the results.
    var labelTypes: [ValueType]
    var results: [ValueType]
    /// Height of the stack below its parameters.
    var base: Int
    /// Whether the rest of it cannot be reached: what lies below `base` may then be assumed to be there.
    var isDead = false
    var isLoop = false
}

/// Makes the code of one function.
struct FunctionMaker {
    let plan: ModulePlan
    let type: FunctionType
    var choices: Choices
    var code: [UInt8] = []
    var locals: [ValueType]
    private var declared: [(count: Int, type: ValueType)] = []
    var stack: [ValueType] = []
    var blocks: [OpenBlock] = []
    /// Instructions that may still be chosen; what it takes to close the blocks comes on top.
    var budget: Int
    static let deepest = 14

    init(_ plan: ModulePlan, function: Int, _ choices: Choices) {
        self.plan = plan
        self.choices = choices
        type = plan.type(ofFunction: function)
        locals = type.parameters
        budget = 0
        budget = [12, 40, 120, 300][self.choices.below(4)]
        for _ in 0..<self.choices.below(4) {
            let run = (
                count: 1 + self.choices.below(self.choices.happens(1, of: 6) ? 70 : 4),
                type: self.choices.one(of: ModulePlan.valueTypes)
            )
            declared.append(run)
            locals += Array(repeating: run.type, count: run.count)
        }
    }

    /// The function's body as it stands in the code section, without its size.
    mutating func body() -> [UInt8] {
        blocks = [OpenBlock(labelTypes: type.results, results: type.results, base: 0)]
        countDown()
        sequence()
        finish()
        return vector(declared.map { unsigned($0.count) + [$0.type.rawValue] }) + code
    }

    /// Chooses instructions until the innermost block has enough.
    mutating func sequence() {
        var length = 1 + choices.below(24)
        while length > 0, budget > 0, !choices.isEmpty {
            length -= 1
            budget -= 1
            step()
        }
    }

    /// The innermost block.
    var block: OpenBlock {
        get { blocks[blocks.count - 1] }
        set { blocks[blocks.count - 1] = newValue }
    }

    mutating func emit(_ instruction: Instruction, _ immediates: Int...) {
        code += instruction.opcode
        for immediate in immediates { code += unsigned(immediate) }
    }

    mutating func emitConstant(_ value: Int32) { code += Instruction.i32Const.opcode + signed(Int64(value)) }

    /// Makes `types` the topmost operands and takes them off `stack`: what is there already is used, the rest is pushed.
    mutating func take(_ types: [ValueType]) {
        let available = stack.count - block.base
        // In code that cannot be reached, deeper operands need not be there at all.
        if block.isDead, available <= types.count, stack.suffix(available).elementsEqual(types.suffix(available)),
            choices.happens(1, of: 2)
        {
            stack.removeLast(available)
            return
        }
        let ready = (0...min(types.count, available)).last { stack.suffix($0).elementsEqual(types.prefix($0)) } ?? 0
        for type in types.dropFirst(ready) { push(type) }
        stack.removeLast(types.count)
    }

    /// Pushes some value of `type`.
    mutating func push(_ type: ValueType) {
        stack.append(type)
        let readable = locals.indices.filter { locals[$0] == type }
        if !readable.isEmpty, choices.happens(2, of: 4) {
            emit(.localGet, readable[choices.below(readable.count)])
            return
        }
        let globals = plan.globals.indices.filter { plan.globals[$0].type.value == type }
        if !globals.isEmpty, choices.happens(1, of: 4) {
            emit(.globalGet, globals[choices.below(globals.count)])
            return
        }
        switch type {
        case .i32: code += ModuleMaker.binary(of: .i32(choices.word()), ends: false)
        case .i64: code += ModuleMaker.binary(of: .i64(choices.long()), ends: false)
        case .f32: code += ModuleMaker.binary(of: .f32(choices.single()), ends: false)
        case .f64: code += ModuleMaker.binary(of: .f64(choices.double()), ends: false)
        case .funcref where choices.happens(3, of: 4): emit(.refFunc, choices.below(plan.functionCount))
        case .funcref, .externref: code += ModuleMaker.binary(of: .refNull(type), ends: false)
        }
    }

    /// Pushes an i32 that is mostly below `bound`.
    mutating func pushSmall(_ bound: Int) {
        stack.append(.i32)
        if choices.happens(1, of: 32) {
            emitConstant(Int32(bitPattern: choices.word()))
        } else {
            emitConstant(Int32(choices.below(min(bound, 60_000) + 1)))
        }
    }

    /// After an instruction behind which nothing is reached.
    mutating func die() {
        stack.removeLast(stack.count - block.base)
        block.isDead = true
    }

    /// Brings the innermost block's operands to its results, ends it, and leaves the results on the stack.
    mutating func finish() {
        close()
        emit(.end)
        let closed = blocks.removeLast()
        stack.removeLast(stack.count - closed.base)
        stack += closed.results
    }

    /// Brings the innermost block's operands to its results, by dropping what is left below them or by a branch.
    mutating func close() {
        let results = block.results
        let available = stack.count - block.base
        if block.isDead, available <= results.count, stack.suffix(available).elementsEqual(results.suffix(available)) {
            return
        }
        if available == results.count, stack.suffix(available).elementsEqual(results) { return }
        if !block.isLoop, choices.happens(1, of: 2) {
            take(results)
            stack += results
            if blocks.count == 1, choices.happens(1, of: 2) { emit(.return) } else { emit(.br, 0) }
            die()
            return
        }
        while stack.count > block.base {
            emit(.drop)
            stack.removeLast()
        }
        for type in results { push(type) }
    }

    /// Counts one off and traps at 0, where the plan has a countdown.
    mutating func countDown() {
        guard let countdown = plan.countdown else { return }
        emit(.globalGet, countdown)
        emit(.i32Eqz)
        code += Instruction.if.opcode + [0x40] + Instruction.unreachable.opcode + Instruction.end.opcode
        emit(.globalGet, countdown)
        emitConstant(1)
        emit(.i32Sub)
        emit(.globalSet, countdown)
    }
}
