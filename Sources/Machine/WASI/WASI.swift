// WASI preview 1 on keys: file descriptor n is key register n, and a call whose key was not granted answers
// ENOTCAPABLE. Standard streams are character devices without seek and tell, so that libc buffers by line.

import Kernel
import Objects
import WebAssembly

enum WASI {
    static let module = "wasi_snapshot_preview1"

    static let functions: [HostFunction] =
        [
            HostFunction(module, "proc_exit", [.i32], []) { call in .exit(code: Int32(bitPattern: call.word(0))) },
            HostFunction(module, "sched_yield", []) { _ in .yield([Errno.success.rawValue]) },
        ] + launchFunctions + streamFunctions + timeFunctions

    /// What register `descriptor` gives access to; an error number where it does not.
    static func device(_ call: HostCall, _ descriptor: UInt32) throws -> Result<Device, ErrnoError> {
        guard descriptor < 3 else { return .failure(.init(.badDescriptor)) }
        let closed = try call.machine.objects.get(call.active.cell, ProcessRecord.closedDescriptors)
        if closed >> UInt8(descriptor) & 1 == 1 { return .failure(.init(.badDescriptor)) }
        let key = try call.machine.objects.register(Int(descriptor), of: call.active.cell)
        guard key.kind == .device, let device = Device(rawValue: key.id) else { return .failure(.init(.notCapable)) }
        return .success(device)
    }
}

/// An error number as an error.
struct ErrnoError: Error {
    let errno: Errno
    init(_ errno: Errno) { self.errno = errno }
}
