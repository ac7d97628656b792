// The state of a running computation as plain words and pointers, laid out for engines in Swift and in C alike. Owned and
// kept consistent by `Activation`.
//
// Invariants: REC-1 slots <= low <= frame <= bought <= end; REC-2 the shadow stack's lowest entry is nil; REC-3 `pc`
// is meaningful only while `Activation` says that the computation stands at lowered code.

/// What the engines read and write.
struct ActivationRecord {
    /// The next code word.
    var pc: Code
    /// Base of the top frame.
    var frame: Frame
    /// Gas left; never negative between runs.
    var gas: Int64
    /// Gas already taken towards the next instruction.
    var paid: Int64
    /// Top of the lowered return addresses; nil is the bottom.
    var shadow: UnsafeMutablePointer<Code?>
    /// The first slot.
    var slots: Frame
    /// The current instance's globals.
    var globals: Frame
    /// First slot that may not be used by a frame: not bought.
    var bought: Frame
    /// Just behind the last slot of the buffer.
    var end: Frame
    /// Lowest slot that may have been modified.
    var low: Frame
    /// The current instance's functions by index.
    var entries: UnsafeMutablePointer<FunctionEntry>!
    var functionCount: UInt32
    /// Memory 0 by pages of 4,096 bytes.
    var memoryReads: PageEntry
    var memoryWrites: PageEntry
    var memoryBytes: UInt64
    var tables: UnsafeMutablePointer<TableView>
    var segments: SegmentViews
    /// A bit for each data segment, then for each element segment; set when dropped.
    var dropped: UnsafeMutablePointer<UInt64>!
    /// The current instance's number, where references have it.
    var instanceBits: UInt64
    /// Payload of an exit: page, function, slot or link word.
    var payload: UInt64 = 0
    var isWrite: Bool = false
    var table: UInt32 = 0
    var trap: Trap = .unreachable
    /// On `relink`: the caller's instance plus one, or 0 for the current one.
    var caller: UInt16 = 0
    /// A value passed between the dispatch loop and what it calls.
    var transfer: UInt64 = 0
}

/// One table as engines see it.
struct TableView {
    /// Pages of 512 elements.
    var reads: PageEntry
    var writes: PageEntry
    /// Elements, shared by all who use the table.
    var size: UnsafeMutablePointer<UInt64>

    var elements: UInt64 { size.pointee }
}

/// The segments of a module for `memory.init` and `table.init`.
struct SegmentViews {
    var data: UnsafeMutablePointer<UnsafeRawBufferPointer>!
    var dataCount: Int
    var elements: UnsafeMutablePointer<UnsafeBufferPointer<UInt64>>!
    var elementCount: Int
}
