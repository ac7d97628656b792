// Entering, running and leaving: where a computation begins, what the engine's exits mean, and how an instruction that
// the embedder carries out is completed.

extension Activation {
    /// Begins a computation: builds the frame of defined function `function` of an instance above the globals. The
    /// arguments are slots (i32 and f32 zero-extended). The frame's slots must be bought. Costs no gas.
    package func enter(function: Int, arguments: [UInt64], instance: Int = 0) {
        select(instance)
        let module = currentModule
        precondition(function >= module.importedFunctionCount && function < module.functionCount, "a defined function")
        let entry = module.entries[function]
        precondition(arguments.count == Int(entry.parameterCount), "an argument for each parameter")
        precondition(globalSlots + Int(entry.frameSlots) <= boughtSlots, "room for the outermost frame")
        let base = slots + globalSlots
        for (index, argument) in arguments.enumerated() { base[index] = argument }
        build(entry, base, argumentCount: arguments.count, link: (UInt64.max, UInt64.max))
        record.pointee.low = min(record.pointee.low, base)
        record.pointee.paid = 0
        presentFrom = 0
        resetShadow()
        module.lower(function)
        guard let code = module.entries[function].code else { preconditionFailure("lowered code") }
        record.pointee.pc = code
        standing = .code
    }

    /// Leaves whatever is under way: nothing is entered any more.
    package func abandon() {
        standing = .idle
        record.pointee.frame = slots + globalSlots
        record.pointee.low = min(record.pointee.low, record.pointee.frame)
        record.pointee.paid = 0
        presentFrom = 0
        resetShadow()
    }

    /// The frame of a function at `base`, where its arguments are, becomes the top one.
    private func build(_ entry: FunctionEntry, _ base: Frame, argumentCount: Int, link: (UInt64, UInt64)) {
        let linkSlot = Int(entry.linkSlot)
        for index in argumentCount..<linkSlot { base[index] = 0 }
        base[linkSlot] = link.0
        base[linkSlot + 1] = link.1
        record.pointee.frame = base
    }

    /// Runs until an exit. After any but `returned`, `instantiated` and `trap`, call it again when the cause is mended.
    package func run() -> Exit {
        while true {
            switch standing {
            case .idle: return .instantiated
            case .segment(let segment):
                if let exit = runSegment(segment) { return exit }
                continue
            case .link(let link):
                if let exit = relink(link) { return exit }
            case .code: break
            }
            let code = Engine.execute(record)
            switch code {
            case .callAcross:
                if let exit = callAcross(record.pointee.payload) { return exit }
            case .needsLowering: currentModule.lower(Int(record.pointee.payload))
            case .relink:
                standing = .link(record.pointee.payload)
                // A return into another instance left its mark on the shadow stack; the bottom stays.
                if record.pointee.shadow > shadowBase { record.pointee.shadow -= 1 }
                if record.pointee.caller != 0 { select(Int(record.pointee.caller) - 1) }
            default: return exit(code)
            }
        }
    }

    /// What the embedder is told of an engine's exit.
    func exit(_ code: ExitCode) -> Exit {
        switch code {
        case .none, .callAcross, .needsLowering, .relink: preconditionFailure("the engine stops with a reason")
        case .outOfGas: return .outOfGas
        case .returned:
            standing = .idle
            return .returned
        case .trap: return .trap(record.pointee.trap)
        case .memoryMissing:
            return .memoryMissing(memory: 0, page: UInt32(record.pointee.payload), write: record.pointee.isWrite)
        case .tableMissing:
            return .tableMissing(
                table: Int(record.pointee.table), page: UInt32(record.pointee.payload), write: record.pointee.isWrite)
        case .stackFull: return .stackFull(slots: Int(record.pointee.payload))
        case .memoryGrow: return .memoryGrow(memory: 0, delta: u32(operand(0)))
        case .tableGrow: return .tableGrow(table: Int(record.pointee.table), delta: u32(operand(1)), value: operand(0))
        }
    }

    /// Finds the code that a frame was called from; nil when the computation can go on there.
    private func relink(_ link: UInt64) -> Exit? {
        if frameBase < presentFrom { return .stackMissing(from: frameBase, to: presentFrom) }
        guard let place = currentModule.code(function: UInt32(link >> 32), atOrAfter: u32(link)) else {
            preconditionFailure("a link that names no instruction")
        }
        record.pointee.pc = place.pc
        standing = .code
        return nil
    }

    /// Calls the function that a reference names, of which nothing is charged yet: of another instance, or of the host.
    /// Nil when it was entered.
    private func callAcross(_ word: UInt64) -> Exit? {
        var word = word
        let pc = record.pointee.pc
        if operation(pc) != .callIndirect, let function = selected?.hostImport(word, of: current) {
            return .hostCall(function: function, instance: current)
        }
        guard var (number, function) = Reference.function(word), number < instances.count,
            function < instances[number].module.functionCount
        else { preconditionFailure("a reference to a function of an instance") }
        var module = instances[number].module
        if operation(pc) == .callIndirect, module.entries[function].typeNumber != u32(pc[2]) {
            return trap(.indirectCallTypeMismatch)
        }
        if function < module.importedFunctionCount {
            word = instances[number].imports[function]
            guard let target = Reference.function(word) else { return .hostCall(function: function, instance: number) }
            (number, function) = target
            module = instances[number].module
            // Links lead to where a function is defined, or to the instance that imports it from the host.
            if function < module.importedFunctionCount { return .hostCall(function: function, instance: number) }
        }
        let base = record.pointee.frame + a(pc)
        let frameSlots = Int(module.entries[function].frameSlots)
        if base + frameSlots > record.pointee.end { return trap(.callStackExhausted) }
        if base + frameSlots > record.pointee.bought { return .stackFull(slots: base + frameSlots - slots) }
        module.lower(function)
        let entry = module.entries[function]
        let cost = Price.callAcross + Int64(entry.localGas)
        guard canPay(cost) else { return .outOfGas }
        charge(cost)
        let sameInstance = number == current
        let caller = sameInstance ? 0 : UInt64(current + 1) << 48
        build(entry, base, argumentCount: Int(entry.parameterCount), link: (pc[1], caller | UInt64(a(pc))))
        record.pointee.shadow += 1
        record.pointee.shadow.pointee = sameInstance ? pc + callWords(pc) : nil
        guard let code = entry.code else { preconditionFailure("lowered code") }
        record.pointee.pc = code
        if !sameInstance { select(number) }
        return nil
    }

    /// Stands for no address.
    static let nowhere = UInt64.max

    /// After the trap of an access outside of a memory: its first byte that is outside; nil where what reaches too far is a segment.
    package var outsideAddress: UInt64? {
        record.pointee.payload == Self.nowhere ? nil : record.pointee.payload
    }

    /// A trap of an instruction of which nothing is charged yet.
    private func trap(_ trap: Trap) -> Exit {
        guard canPay(1) else { return .outOfGas }
        charge(1)
        record.pointee.trap = trap
        return .trap(trap)
    }

    /// Takes a cost that can be paid.
    private func charge(_ cost: Int64) {
        record.pointee.gas = record.pointee.gas &+ record.pointee.paid &- cost
        record.pointee.paid = 0
    }

    /// Code words of the call or other rare instruction at `pc`.
    private func callWords(_ pc: Code) -> Int { operation(pc) == .callIndirect ? 3 : 2 }

    /// After `hostCall`: argument `index` of the function, as a slot.
    package func argument(_ index: Int) -> UInt64 { operand(index) }

    /// After `returned`: result `index`, as a slot.
    package func result(_ index: Int) -> UInt64 { record.pointee.frame[index] }

    /// Operand `index` of the instruction that exited, the deepest first.
    private func operand(_ index: Int) -> UInt64 { record.pointee.frame[a(record.pointee.pc) + index] }

    /// After `hostCall`: the function's arguments, as slots. Good until the activation changes.
    package var operands: UnsafePointer<UInt64> { UnsafePointer(record.pointee.frame + a(record.pointee.pc)) }

    /// Whether `canPay` would say so; nothing is taken.
    package func couldPay(_ cost: Int64) -> Bool { record.pointee.gas &+ record.pointee.paid >= cost }

    /// Whether `cost` (with the instruction's own 1) is left for the instruction that exited. Where it is not, takes what
    /// is left into `paid`: treat that as `outOfGas`. Ask before doing what it costs.
    package func canPay(_ cost: Int64) -> Bool {
        let available = record.pointee.gas &+ record.pointee.paid
        if available >= cost { return true }
        record.pointee.paid = available
        record.pointee.gas = 0
        return false
    }

    /// Pays `cost` for an instruction that is made again later: all of it is in `paid` then, however the gas came in. Only
    /// where `canPay` said so.
    package func prepay(_ cost: Int64) {
        precondition(canPay(cost), "the cost is paid")
        charge(cost)
        record.pointee.paid = cost
    }

    /// Completes the instruction of an exit `hostCall` whose function has one result.
    package func complete(result: UInt64, cost: Int64) {
        precondition(canPay(cost), "the cost is paid")
        charge(cost)
        let pc = record.pointee.pc
        record.pointee.frame[a(pc)] = result
        record.pointee.pc = pc + callWords(pc)
    }

    /// Completes the instruction of an exit `hostCall`, `memoryGrow` or `tableGrow`: charges `cost`, pops its operands,
    /// pushes `results` and stands behind it.
    package func complete(results: [UInt64], cost: Int64 = 1) {
        precondition(canPay(cost), "the cost is paid")
        charge(cost)
        let pc = record.pointee.pc
        for (index, result) in results.enumerated() { record.pointee.frame[a(pc) + index] = result }
        record.pointee.pc = pc + callWords(pc)
    }
}
