// What a call needs of its callee, in 32 bytes at a fixed place, so that a direct call reads one cache line.

/// One function of a module, as calls see it.
struct FunctionEntry {
    /// The first word of its lowered code; nil when it is imported or not lowered yet.
    var code: UnsafePointer<UInt64>?
    /// Parameters, declared locals, two link slots and the highest operand stack.
    var frameSlots: UInt32
    /// Where the link lies: parameters and declared locals.
    var linkSlot: UInt32
    var parameterCount: UInt32
    /// Gas for the declared locals, beyond the call's own.
    var localGas: UInt32
    /// By the module's `FunctionTypeTable`.
    var typeNumber: UInt32
    var resultCount: UInt16
    var isImported: Bool
}
