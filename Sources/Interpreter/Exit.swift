// How an engine hands control back. `Exit` is what an embedder sees; `ExitCode` is what the engines return inside this
// target, with the payload in the activation's record, so that the dispatch loop builds no enum with payloads.
//
// Invariant: after every exit but `returned` and `trap` the activation stands before the instruction that caused it,
// with nothing of it charged except what `paid` says, and `run` again executes that instruction.

/// Why the engine stopped.
package enum Exit: Sendable, Hashable {
    /// The next instruction costs more than is left; what is left was taken into `paid` where the instruction costs more
    /// than one.
    case outOfGas
    /// All active segments of the current instance are written: its start function, where it has one, may be entered.
    case instantiated
    /// The outermost function returned; its results lie at its frame's base.
    case returned
    /// The instruction at `position` cannot be executed. It is charged, and its operands are still there.
    case trap(Trap)
    /// A page of 4,096 bytes of a memory of the current instance has no entry for reading (or, when `write`, for writing).
    case memoryMissing(memory: Int, page: UInt32, write: Bool)
    /// A page of 512 elements of a table of the current instance has no entry for reading (or, when `write`, for writing).
    case tableMissing(table: Int, page: UInt32, write: Bool)
    /// A frame is to be entered that needs the slots below `slots`; buy them and raise `boughtSlots`.
    case stackFull(slots: Int)
    /// A frame is returned into whose slots from `from` are not present: fill them up to `to`, lower `presentFrom`.
    case stackMissing(from: Int, to: Int)
    /// A call of function `function`, which instance `instance` imports from the host: read `argument`, then `complete`.
    case hostCall(function: Int, instance: Int)
    /// `memory.grow` of a memory of the current instance by `delta` units of 65,536 bytes: grow or not, then `complete` with
    /// the old size or 0xFFFF_FFFF.
    case memoryGrow(memory: Int, delta: UInt32)
    /// `table.grow` of a table of the current instance by `delta` elements of `value`: grow or not, then `complete` with the
    /// old size or 0xFFFF_FFFF.
    case tableGrow(table: Int, delta: UInt32, value: UInt64)
}

/// What the dispatch loop returns.
enum ExitCode: UInt8 {
    /// No exit: go on.
    case none
    case outOfGas
    case returned
    case trap
    case memoryMissing
    case tableMissing
    case stackFull
    /// A call of an imported function, or of a reference to one of another instance: the word is the payload.
    case callAcross
    case memoryGrow
    case tableGrow
    /// The callee has no lowered code yet.
    case needsLowering
    /// A frame was left whose return address is not in the shadow stack: take it from the link.
    case relink

    /// Whether the instruction is executed again, so that its charge is given back.
    @inline(__always) var restartsInstruction: Bool {
        switch self {
        case .none, .returned, .trap, .relink: false
        default: true
        }
    }
}
