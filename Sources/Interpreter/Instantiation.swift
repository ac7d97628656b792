// What instantiation does before anything runs (core 2.0, 4.5.4): first values of globals, then the active segments,
// element segments before data segments, each as `table.init` or `memory.init` would and in the same pieces. So it can
// stop for gas or a page anywhere, be stored, and go on.
//
// While it stands before a segment, three slots above the globals hold what is left: destination, source, count.

import WebAssembly

extension CompiledModule {
    /// The slot that a constant expression gives; `globals` are the slots of the globals before it.
    package func value(
        of expression: ConstantExpression, globals: UnsafePointer<UInt64>, instance: UInt16 = 0
    ) -> UInt64 {
        switch expression {
        case .i32(let bits), .f32(let bits): UInt64(bits)
        case .i64(let bits), .f64(let bits): bits
        case .globalGet(let index): globals[index]
        case .refNull: Reference.null
        case .refFunc(let index): Reference.function(UInt32(index), instance: instance)
        }
    }
}

extension Activation {
    /// Slots above the globals that instantiation needs.
    package static let instantiationSlots = 3

    /// Gives an instance's globals their first values and stands before its first active segment; nothing may be under
    /// way, and `instantiationSlots` above the globals must be bought. `run` goes on to `instantiated` or a trap.
    package func instantiate(_ number: Int) {
        guard case .idle = standing else {
            preconditionFailure("an instance is instantiated when nothing is under way")
        }
        precondition(globalSlots + Self.instantiationSlots <= boughtSlots, "room for the segment under way")
        select(number)
        let instance = instances[number]
        let globals = slots + instance.globalBase
        for (index, slot) in instance.parts.globals.enumerated() {
            guard let slot else { continue }
            globals[index] = instance.module.facts.isLinkedGlobal(index) ? UInt64(slot) : slots[slot]
        }
        let imported = instance.module.module.importedGlobalCount
        for (index, global) in instance.module.module.globals.enumerated() {
            globals[imported + index] = instance.module.value(
                of: global.initial, globals: globals, instance: UInt16(number))
        }
        record.pointee.frame = slots + globalSlots
        record.pointee.low = min(record.pointee.low, record.pointee.frame)
        presentFrom = 0
        resetShadow()
        begin(segment: 0)
    }

    /// Goes on before a segment of an instance, the three slots above the globals having been filled, or where it is nil
    /// in no function, behind the last.
    package func resumeInstantiation(of instance: Int, segment: Int?) throws(PositionError) {
        let position = CodePosition(
            function: UInt32(segment ?? 0), byteOffset: 0, height: UInt32(Self.instantiationSlots),
            instance: UInt32(instance))
        guard instance < instances.count else { throw PositionError(position: position, reason: .noInstruction) }
        if let segment {
            let module = instances[instance].module.module
            guard segment < module.elements.count + module.dataSegments.count,
                active(segment, of: instances[instance]) != nil
            else { throw PositionError(position: position, reason: .noInstruction) }
        }
        select(instance)
        record.pointee.frame = slots + globalSlots
        record.pointee.low = record.pointee.frame
        presentFrom = 0
        resetShadow()
        standing = segment.map { .segment($0) } ?? .idle
    }

    /// Whether the slots of the globals that an instance links to name the slots that those are.
    package func linksAreRight(of number: Int) -> Bool {
        let instance = instances[number]
        return instance.parts.globals.enumerated().allSatisfy { index, slot in
            guard let slot, instance.module.facts.isLinkedGlobal(index) else { return true }
            return slots[instance.globalBase + index] == UInt64(slot)
        }
    }

    /// The active segment that is written next, where instantiation is under way.
    package var segmentUnderWay: Int? {
        if case .segment(let segment) = standing { segment } else { nil }
    }

    /// Writes what is left of a segment, and stands before the next; nil to go on.
    func runSegment(_ segment: Int) -> Exit? {
        let instance = instances[current]
        let elements = instance.module.module.elements.count
        guard let active = active(segment, of: instance) else { preconditionFailure("an active segment") }
        guard record.pointee.gas > 0 else { return .outOfGas }
        record.pointee.gas -= 1
        let code =
            segment < elements
            ? Engine.tableInit(record, record.pointee.frame, segment: segment, table: active.target)
            : Engine.memoryInit(record, record.pointee.frame, segment: segment - elements)
        if code.restartsInstruction { record.pointee.gas += 1 }
        switch code {
        case .none:
            drop(segment, of: instance)
            begin(segment: segment + 1)
            if case .segment = standing { return nil }
            return .instantiated
        default: return exit(code)
        }
    }

    /// Stands before the first segment from `first` on that is to be written, or is idle.
    private func begin(segment first: Int) {
        let instance = instances[current]
        let module = instance.module.module
        for segment in first..<max(first, module.elements.count + module.dataSegments.count) {
            let isElement = segment < module.elements.count
            guard let active = active(segment, of: instance) else {
                if isElement, module.elements[segment].mode == .declarative { drop(segment, of: instance) }
                continue
            }
            if isElement ? instance.parts.hasElementImage : instance.parts.hasDataImage {
                drop(segment, of: instance)
                continue
            }
            let operands = slots + globalSlots
            let globals = slots + instance.globalBase
            operands[0] = instance.module.value(of: active.offset, globals: globals)
            operands[1] = 0
            operands[2] = UInt64(
                isElement
                    ? module.elements[segment].items.count
                    : module.dataSegments[segment - module.elements.count].bytes.count)
            standing = .segment(segment)
            return
        }
        standing = .idle
    }

    /// The table or memory of an active segment, and where it goes; nil for others.
    private func active(_ segment: Int, of instance: LinkedInstance) -> (target: Int, offset: ConstantExpression)? {
        let module = instance.module.module
        if segment < module.elements.count {
            guard case .active(let table, let offset) = module.elements[segment].mode else { return nil }
            return (table, offset)
        }
        guard case .active(let memory, let offset) = module.dataSegments[segment - module.elements.count].mode else {
            return nil
        }
        return (memory, offset)
    }

    private func drop(_ segment: Int, of instance: LinkedInstance) {
        let elements = instance.module.module.elements.count
        let bit = segment < elements ? instance.module.module.dataSegments.count + segment : segment - elements
        instance.dropped[bit >> 6] |= 1 << UInt64(bit & 63)
    }
}
