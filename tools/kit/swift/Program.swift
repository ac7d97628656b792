// The program itself: its arguments, what it printed, its end.

@_extern(wasm, module: "wasi_snapshot_preview1", name: "args_sizes_get")
@_extern(c, "wasi_args_sizes_get")
private func sizesOfArguments(_ count: UnsafeMutablePointer<UInt32>, _ bytes: UnsafeMutablePointer<UInt32>) -> Int32

@_extern(wasm, module: "wasi_snapshot_preview1", name: "args_get")
@_extern(c, "wasi_args_get")
private func getArguments(_ pointers: UnsafeMutableRawPointer?, _ bytes: UnsafeMutableRawPointer?) -> Int32

@_extern(c, "keyvm_flush")
private func flushLine()

@_extern(c, "exit")
private func endProgram(_ code: Int32)

/// Writes what `print` has not written yet: it does so by itself at the end of a line, of the program, and before `serve` waits.
func flush() { flushLine() }

/// Ends the program with a code.
func exit(_ code: Int32) -> Never {
    endProgram(code)
    fatalError()
}

/// What the program was run with, its name first.
func arguments() -> [String] {
    var count: UInt32 = 0
    var size: UInt32 = 0
    guard sizesOfArguments(&count, &size) == 0, count > 0, size > 0 else { return [] }
    let pointers = UnsafeMutableRawPointer.allocate(byteCount: Int(count) * 4, alignment: 4)
    defer { pointers.deallocate() }
    let bytes = [UInt8](unsafeUninitializedCapacity: Int(size)) { buffer, filled in
        filled = getArguments(pointers, buffer.baseAddress) == 0 ? Int(size) : 0
    }
    // Each ends with a zero.
    return bytes.split(separator: 0, maxSplits: Int(count), omittingEmptySubsequences: false).prefix(Int(count)).map {
        String(decoding: $0, as: UTF8.self)
    }
}
