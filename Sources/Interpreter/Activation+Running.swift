// Entering, running and leaving: where a computation begins, what the engine's exits mean, and how an instruction that
// the embedder carries out is completed.

extension Activation {
    /// Begins a computation: builds the frame of defined function `function` above the globals. The arguments are slots
    /// (i32 and f32 zero-extended). The frame's slots must be bought. Costs no gas.
    package func enter(function: Int, arguments: [UInt64]) {
        precondition(function >= module.importedFunctionCount && function < module.functionCount, "a defined function")
        let entry = module.entries[function]
        precondition(arguments.count == Int(entry.parameterCount), "an argument for each parameter")
        precondition(module.globalCount + Int(entry.frameSlots) <= boughtSlots, "room for the outermost frame")
        let base = slots + module.globalCount
        for (index, argument) in arguments.enumerated() { base[index] = argument }
        let link = Int(entry.linkSlot)
        for index in arguments.count..<link { base[index] = 0 }
        base[link] = UInt64.max
        base[link + 1] = UInt64.max
        record.pointee.frame = base
        record.pointee.low = min(record.pointee.low, base)
        record.pointee.paid = 0
        presentFrom = 0
        resetShadow()
        module.lower(function)
        guard let code = module.entries[function].code else { preconditionFailure("lowered code") }
        record.pointee.pc = code
        standing = .code
    }

    /// Runs until an exit. After any but `returned` and `trap`, call it again when the cause is mended.
    package func run() -> Exit {
        while true {
            switch standing {
            case .idle: preconditionFailure("nothing to run")
            case .link(let link):
                if let exit = relink(link) { return exit }
            case .code: break
            }
            switch Engine.execute(record) {
            case .none: preconditionFailure("the engine stops with a reason")
            case .outOfGas: return .outOfGas
            case .returned:
                standing = .idle
                return .returned
            case .trap: return .trap(record.pointee.trap)
            case .memoryMissing:
                return .memoryMissing(
                    memory: 0, page: UInt32(record.pointee.payload), write: record.pointee.isWrite)
            case .tableMissing:
                return .tableMissing(
                    table: Int(record.pointee.table), page: UInt32(record.pointee.payload),
                    write: record.pointee.isWrite)
            case .stackFull: return .stackFull(slots: Int(record.pointee.payload))
            case .hostCall: return .hostCall(function: Int(record.pointee.payload))
            case .memoryGrow: return .memoryGrow(memory: 0, delta: u32(operand(0)))
            case .tableGrow:
                return .tableGrow(table: Int(record.pointee.table), delta: u32(operand(1)), value: operand(0))
            case .needsLowering: module.lower(Int(record.pointee.payload))
            case .relink: standing = .link(record.pointee.payload)
            }
        }
    }

    /// Finds the code that a frame was called from; nil when the computation can go on there.
    private func relink(_ link: UInt64) -> Exit? {
        if frameBase < presentFrom { return .stackMissing(from: frameBase, to: presentFrom) }
        guard let place = module.code(function: UInt32(link >> 32), atOrAfter: u32(link)) else {
            preconditionFailure("a link that names no instruction")
        }
        record.pointee.pc = place.pc
        standing = .code
        return nil
    }

    /// After `hostCall`: argument `index` of the function, as a slot.
    package func argument(_ index: Int) -> UInt64 { operand(index) }

    /// After `returned`: result `index`, as a slot.
    package func result(_ index: Int) -> UInt64 { record.pointee.frame[index] }

    /// Operand `index` of the instruction that exited, the deepest first.
    private func operand(_ index: Int) -> UInt64 { record.pointee.frame[a(record.pointee.pc) + index] }

    /// Whether `cost` (with the instruction's own 1) is left for the instruction that exited. Where it is not, takes what
    /// is left into `paid`: treat that as `outOfGas`. Ask before doing what it costs.
    package func canPay(_ cost: Int64) -> Bool {
        let available = record.pointee.gas &+ record.pointee.paid
        if available >= cost { return true }
        record.pointee.paid = available
        record.pointee.gas = 0
        return false
    }

    /// Completes the instruction of an exit `hostCall`, `memoryGrow` or `tableGrow`: charges `cost`, pops its operands,
    /// pushes `results` and stands behind it.
    package func complete(results: [UInt64], cost: Int64 = 1) {
        precondition(canPay(cost), "the cost is paid")
        record.pointee.gas = record.pointee.gas &+ record.pointee.paid &- cost
        record.pointee.paid = 0
        let pc = record.pointee.pc
        for (index, result) in results.enumerated() { record.pointee.frame[a(pc) + index] = result }
        record.pointee.pc = pc + (operation(pc) == .callIndirect ? 3 : 2)
    }
}
