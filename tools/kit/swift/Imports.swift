// The imports of module "keyvm" as the kernel has them, and the bytes that they read and write. Programs use what is built on them:
// `Key.call`, `Key.send`, `serve`, `Memory`.

@_extern(wasm, module: "keyvm", name: "call")
@_extern(c, "keyvm_call")
func kernelCall(_ key: UInt32, _ message: UnsafeRawPointer?, _ received: UnsafeMutableRawPointer?) -> Int32

@_extern(wasm, module: "keyvm", name: "send")
@_extern(c, "keyvm_send")
func kernelSend(_ key: UInt32, _ message: UnsafeRawPointer?) -> Int32

@_extern(wasm, module: "keyvm", name: "return")
@_extern(c, "keyvm_return")
func kernelReturn(_ key: UInt32, _ message: UnsafeRawPointer?, _ received: UnsafeMutableRawPointer?) -> Int32

@_extern(wasm, module: "keyvm", name: "copy")
@_extern(c, "keyvm_copy")
func kernelCopy(_ from: UInt32, _ to: UInt32) -> Int32

@_extern(wasm, module: "keyvm", name: "move")
@_extern(c, "keyvm_move")
func kernelMove(_ from: UInt32, _ to: UInt32) -> Int32

@_extern(wasm, module: "keyvm", name: "clear")
@_extern(c, "keyvm_clear")
func kernelClear(_ key: UInt32) -> Int32

@_extern(wasm, module: "keyvm", name: "map")
@_extern(c, "keyvm_map")
func kernelMap(_ key: UInt32, _ address: UnsafeMutableRawPointer?) -> Int32

@_extern(wasm, module: "keyvm", name: "unmap")
@_extern(c, "keyvm_unmap")
func kernelUnmap(_ to: UInt32, _ address: UnsafeMutableRawPointer?) -> Int32

/// What stands for no register: void goes, what comes is dropped, nobody is answered.
let noRegister: UInt8 = 255

/// A message as the kernel reads it: 40 bytes.
struct RawMessage {
    var order: Int32
    var keys: InlineArray<4, UInt8>
    var words: Words
    var bytes: UnsafeRawPointer?
    var count: UInt32
}

/// Where the kernel puts a message: 48 bytes. It writes `order`, `words`, `count`, `badge` and `isAwaited`.
struct RawReceived {
    var order: Int32 = 0
    var keys: InlineArray<4, UInt8>
    var words: Words = [0, 0, 0]
    var buffer: UnsafeMutableRawPointer?
    var capacity: UInt32
    var count: UInt32 = 0
    var badge: UInt16 = 0
    var isAwaited: UInt16 = 0

    init(keys: Keys, buffer: UnsafeMutableRawBufferPointer) {
        self.keys = keys.numbers
        self.buffer = buffer.baseAddress
        capacity = UInt32(truncatingIfNeeded: buffer.count)
        checkLayout()
    }
}

/// Traps where the compiler lays the structures out otherwise than the kernel; it is decided when the program is compiled.
@inline(__always)
private func checkLayout() {
    precondition(MemoryLayout<RawMessage>.size == 40 && MemoryLayout<RawMessage>.alignment == 8)
    precondition(MemoryLayout<RawReceived>.size == 48 && MemoryLayout<RawReceived>.alignment == 8)
}
