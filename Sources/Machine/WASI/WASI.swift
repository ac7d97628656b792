// WASI preview 1 on keys: file descriptor n is key register n, and a call whose key was not granted answers
// ENOTCAPABLE. Every call of the specification is here; those that need what no key gives yet refuse. What a call refuses
// it refuses in one order: descriptors, keys, values, addresses, and last what the stream cannot do.

import WebAssembly

enum WASI {
    static let module = "wasi_snapshot_preview1"

    static let functions: [HostFunction] =
        (launchFunctions + streamFunctions + descriptorFunctions + timeFunctions + pollFunctions + processFunctions
        + refusedFunctions)
        .sorted { $0.name < $1.name }
}

/// An error number as an error.
struct ErrnoError: Error {
    let errno: Errno
    init(_ errno: Errno) { self.errno = errno }
}

extension HostCall {
    /// Whether `count` bytes at `address` lie in the memory. Buys and maps nothing, but for the memory's very last byte.
    func contains(_ address: UInt32, count: UInt64) throws -> Bool {
        let end = UInt64(address) + count
        guard end < 1 << 32 else { return try end == 1 << 32 && machine.read(active, at: .max, count: 1) != nil }
        return try machine.read(active, at: UInt32(end), count: 0) != nil
    }
}
