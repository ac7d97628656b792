// Where a computation stands, in terms of the module's binary alone, never of lowered code.

/// The instruction to execute next, and how much of the top frame's operand stack is live.
package struct CodePosition: Sendable, Hashable {
    /// Function index (imports first).
    package var function: UInt32
    /// Byte offset, in the module's binary, of the next instruction. Structural instructions (block, loop, else, and end
    /// but a function's last) are never where a computation stands.
    package var byteOffset: UInt32
    /// Operand stack height in slots.
    package var height: UInt32
    /// The instance whose function it is.
    package var instance: UInt32

    package init(function: UInt32, byteOffset: UInt32, height: UInt32, instance: UInt32 = 0) {
        self.instance = instance
        self.function = function
        self.byteOffset = byteOffset
        self.height = height
    }
}

/// A frame of a backtrace.
package struct FramePosition: Sendable, Hashable {
    /// Function index (imports first).
    package var function: UInt32
    /// Innermost frame: the next instruction. Others: the first byte after the call.
    package var byteOffset: UInt32
    /// Slot index of the frame's base.
    package var base: Int
    /// The instance whose function it is.
    package var instance: UInt32
}
