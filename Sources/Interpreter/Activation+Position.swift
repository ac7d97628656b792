// Where a computation stands, for whoever stores it: position, live slots, frames, and going on from them.

/// A stored position that this module cannot stand at.
package struct PositionError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Reason: Sendable, Hashable {
        /// No instruction with code begins at the byte offset.
        case noInstruction
        /// Another operand height than validation gives.
        case wrongHeight(expected: UInt32)
        /// The frame lies outside the slots.
        case frameOutside(base: Int, slots: Int)
    }
    package var position: CodePosition
    package var reason: Reason

    package var description: String {
        let place = "function \(position.function), byte \(position.byteOffset)"
        switch reason {
        case .noInstruction: return "\(place): no instruction to go on at"
        case .wrongHeight(let expected): return "\(place): operand height \(position.height), expected \(expected)"
        case .frameOutside(let base, let slots): return "\(place): frame at slot \(base) outside of \(slots) slots"
        }
    }
}

extension Activation {
    /// Where it stands, or nil when nothing was entered, everything returned, or an instance is being instantiated.
    /// O(log code).
    package var position: CodePosition? {
        var position: CodePosition?
        switch standing {
        case .idle, .segment: return nil
        case .code: position = currentModule.position(of: record.pointee.pc)
        case .link(let link):
            position = currentModule.code(function: UInt32(link >> 32), atOrAfter: u32(link))?.position
        }
        position?.instance = UInt32(current)
        return position
    }

    /// Slots that are live: globals, frames, and operands up to the top frame's height. What lies above is no state.
    package var liveSlots: Int {
        guard let position else {
            return globalSlots + (segmentUnderWay == nil ? 0 : Self.instantiationSlots)
        }
        return frameBase + Int(currentModule.entries[Int(position.function)].linkSlot) + 2 + Int(position.height)
    }

    /// Just behind the slots that the top frame may use; 0 where it stands in no function.
    package var frameEnd: Int {
        guard let position else { return 0 }
        return frameBase + Int(currentModule.entries[Int(position.function)].frameSlots)
    }

    /// Goes on from a stored position, the slots having been filled: `frame` is the slot index of the top frame's base.
    /// Slots below `presentFrom` may be filled later.
    package func resume(at position: CodePosition, frame: Int, presentFrom: Int = 0) throws(PositionError) {
        guard Int(position.instance) < instances.count else {
            throw PositionError(position: position, reason: .noInstruction)
        }
        let module = instances[Int(position.instance)].module
        guard let place = module.code(function: position.function, atOrAfter: position.byteOffset),
            place.position.byteOffset == position.byteOffset
        else { throw PositionError(position: position, reason: .noInstruction) }
        guard place.position.height == position.height else {
            throw PositionError(position: position, reason: .wrongHeight(expected: place.position.height))
        }
        let frameSlots = Int(module.entries[Int(position.function)].frameSlots)
        guard frame >= globalSlots, frame <= capacitySlots - frameSlots else {
            throw PositionError(position: position, reason: .frameOutside(base: frame, slots: capacitySlots))
        }
        select(Int(position.instance))
        record.pointee.frame = slots + frame
        record.pointee.low = slots + frame
        record.pointee.pc = place.pc
        self.presentFrom = presentFrom
        resetShadow()
        standing = .code
    }

    /// Where a frame was called from, and how many slots below it that frame's base is.
    private struct Caller {
        var function: Int
        var byteOffset: UInt32
        var instance: Int
        var distance: Int
    }

    /// Where the frame at `base`, of a function of an instance, was called from; nil of the outermost one.
    private func caller(ofFrameAt base: Int, function: Int, instance: Int) -> Caller? {
        let link = base + Int(instances[instance].module.entries[function].linkSlot)
        if slots[link] == UInt64.max { return nil }
        let mark = Int(slots[link + 1] >> 48)
        return Caller(
            function: Int(slots[link] >> 32), byteOffset: u32(slots[link]), instance: mark == 0 ? instance : mark - 1,
            distance: Int(truncatingIfNeeded: slots[link + 1] & 0xFFFF_FFFF_FFFF))
    }

    /// Whether each frame was called from a place that there is, down to the outermost one at the first slot above the
    /// globals. All slots are present. O(depth).
    package func framesAreSound() -> Bool {
        guard let position else { return true }
        var (instance, function, base) = (Int(position.instance), Int(position.function), frameBase)
        while true {
            let link = base + Int(instances[instance].module.entries[function].linkSlot)
            guard base >= globalSlots, link + 1 < capacitySlots else { return false }
            guard let caller = caller(ofFrameAt: base, function: function, instance: instance) else {
                return base == globalSlots
            }
            guard caller.instance < instances.count, caller.distance > 0, caller.distance <= base - globalSlots,
                instances[caller.instance].module.code(
                    function: UInt32(caller.function), atOrAfter: caller.byteOffset) != nil
            else { return false }
            (instance, function) = (caller.instance, caller.function)
            base -= caller.distance
        }
    }

    /// The frames, innermost first, as far down as slots are present. O(depth).
    package func frames() -> [FramePosition] {
        guard let position else { return [] }
        var frames = [
            FramePosition(
                function: position.function, byteOffset: position.byteOffset, base: frameBase,
                instance: position.instance)
        ]
        var instance = Int(position.instance)
        var base = frameBase
        var function = Int(position.function)
        while base >= presentFrom,
            let caller = caller(ofFrameAt: base, function: function, instance: instance)
        {
            (instance, function) = (caller.instance, caller.function)
            base -= caller.distance
            frames.append(
                FramePosition(
                    function: UInt32(function), byteOffset: caller.byteOffset, base: base, instance: UInt32(instance)))
        }
        return frames
    }

    /// Checks REC-1, ACT-1 and the links of all present frames. O(depth).
    package func checkInvariants() {
        let r = record.pointee
        precondition(r.slots + globalSlots <= r.low || globalSlots == 0, "the globals lie lowest")
        precondition(r.low <= r.frame && r.frame <= r.bought && r.bought <= r.end, "slots in order")
        precondition(r.gas >= 0 && r.paid >= 0, "gas is never negative")
        for frame in frames() {
            precondition(frame.base >= globalSlots, "frames lie above the globals")
            precondition(
                Int(frame.function) < instances[Int(frame.instance)].module.functionCount, "frames are of functions")
        }
    }
}
