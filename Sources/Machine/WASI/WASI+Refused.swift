// The calls that need what no key gives yet: positions, directories, files' sizes and times, sockets. Each is described by
// what is wrong with a call before it comes to that, in the order of all calls: its descriptors, values and addresses; and
// by what it answers when nothing is.

import WebAssembly

/// What a call that is always refused is asked with. Numbers are those of arguments.
private struct RefusedCall: Sendable {
    /// Bytes that the call would read or write.
    enum Place: Sendable {
        /// A structure of so many bytes.
        case structure(at: Int, bytes: UInt64)
        /// As many bytes as another argument says.
        case counted(at: Int, by: Int)
        /// Buffers, as many as another argument says.
        case buffers(at: Int, by: Int)
    }

    let name: String
    let parameters: [ValueType]
    let descriptors: [Int]
    /// Arguments that may have certain values alone.
    var values: [(argument: Int, allowed: Set<UInt32>)] = []
    var places: [Place] = []
    let errno: Errno

    /// What is wrong with a call, or at last what it cannot do.
    @Sendable func answer(_ call: HostCall) throws -> CallOutcome {
        for argument in descriptors {
            if case .failure(let error) = try WASI.stream(call, call.word(argument)) { return .errno(error.errno) }
        }
        for value in values where !value.allowed.contains(call.word(value.argument)) { return .errno(.invalid) }
        for place in places {
            switch place {
            case .structure(let at, let bytes):
                guard try call.contains(call.word(at), count: bytes) else { return .errno(.fault) }
            case .counted(let at, let by):
                guard try call.contains(call.word(at), count: UInt64(call.word(by))) else { return .errno(.fault) }
            case .buffers(let at, let by):
                if case .failure(let error) = try WASI.buffers(call, at: at, by: by) { return .errno(error.errno) }
            }
        }
        return .errno(errno)
    }

    /// What going through a list of buffers costs.
    @Sendable func gas(_ call: HostCall) throws -> UInt64 {
        for case .buffers(_, let by) in places { return WASI.listGas(call, by: by) }
        return 0
    }

    var function: HostFunction { HostFunction(WASI.module, name, parameters, extraGas: gas, answer) }
}

/// Flags that an argument may have, by their number.
private func flags(_ count: Int) -> Set<UInt32> { Set(0..<1 << UInt32(count)) }

/// `fstflags`: a time is set to a value or to now, not to both.
private let timeFlags = flags(4).filter { $0 & 0b11 != 0b11 && $0 & 0b1100 != 0b1100 }

extension WASI {
    static let refusedFunctions: [HostFunction] =
        (withoutPosition + withoutFile + withoutDirectory + withoutSocket).map(\.function)
        // No descriptor is a directory that was opened beforehand, which is how libc finds the end of their list.
        + [
            HostFunction(module, "fd_prestat_get", [.i32, .i32]) { _ in .errno(.badDescriptor) },
            HostFunction(module, "fd_prestat_dir_name", [.i32, .i32, .i32]) { _ in .errno(.badDescriptor) },
        ]

    private static let withoutPosition: [RefusedCall] = [
        RefusedCall(
            name: "fd_seek", parameters: [.i32, .i64, .i32, .i32], descriptors: [0], values: [(2, [0, 1, 2])],
            places: [.structure(at: 3, bytes: 8)], errno: .illegalSeek),
        RefusedCall(
            name: "fd_tell", parameters: [.i32, .i32], descriptors: [0], places: [.structure(at: 1, bytes: 8)],
            errno: .illegalSeek),
        RefusedCall(
            name: "fd_pread", parameters: [.i32, .i32, .i32, .i64, .i32], descriptors: [0],
            places: [.buffers(at: 1, by: 2), .structure(at: 4, bytes: 4)], errno: .illegalSeek),
        RefusedCall(
            name: "fd_pwrite", parameters: [.i32, .i32, .i32, .i64, .i32], descriptors: [0],
            places: [.buffers(at: 1, by: 2), .structure(at: 4, bytes: 4)], errno: .illegalSeek),
        RefusedCall(
            name: "fd_advise", parameters: [.i32, .i64, .i64, .i32], descriptors: [0],
            values: [(3, [0, 1, 2, 3, 4, 5])], errno: .illegalSeek),
    ]

    private static let withoutFile: [RefusedCall] = [
        RefusedCall(name: "fd_allocate", parameters: [.i32, .i64, .i64], descriptors: [0], errno: .noDevice),
        RefusedCall(name: "fd_datasync", parameters: [.i32], descriptors: [0], errno: .invalid),
        RefusedCall(name: "fd_sync", parameters: [.i32], descriptors: [0], errno: .invalid),
        RefusedCall(name: "fd_filestat_set_size", parameters: [.i32, .i64], descriptors: [0], errno: .invalid),
        RefusedCall(
            name: "fd_filestat_set_times", parameters: [.i32, .i64, .i64, .i32], descriptors: [0],
            values: [(3, timeFlags)], errno: .notCapable),
    ]

    private static let withoutDirectory: [RefusedCall] = [
        RefusedCall(
            name: "fd_readdir", parameters: [.i32, .i32, .i32, .i64, .i32], descriptors: [0],
            places: [.counted(at: 1, by: 2), .structure(at: 4, bytes: 4)], errno: .notDirectory),
        RefusedCall(
            name: "path_create_directory", parameters: [.i32, .i32, .i32], descriptors: [0],
            places: [.counted(at: 1, by: 2)], errno: .notDirectory),
        RefusedCall(
            name: "path_filestat_get", parameters: [.i32, .i32, .i32, .i32, .i32], descriptors: [0],
            values: [(1, flags(1))], places: [.counted(at: 2, by: 3), .structure(at: 4, bytes: 64)],
            errno: .notDirectory),
        RefusedCall(
            name: "path_filestat_set_times", parameters: [.i32, .i32, .i32, .i32, .i64, .i64, .i32], descriptors: [0],
            values: [(1, flags(1)), (6, timeFlags)], places: [.counted(at: 2, by: 3)], errno: .notDirectory),
        RefusedCall(
            name: "path_link", parameters: [.i32, .i32, .i32, .i32, .i32, .i32, .i32], descriptors: [0, 4],
            values: [(1, flags(1))], places: [.counted(at: 2, by: 3), .counted(at: 5, by: 6)], errno: .notDirectory),
        RefusedCall(
            name: "path_open", parameters: [.i32, .i32, .i32, .i32, .i32, .i64, .i64, .i32, .i32], descriptors: [0],
            values: [(1, flags(1)), (4, flags(4)), (7, flags(5))],
            places: [.counted(at: 2, by: 3), .structure(at: 8, bytes: 4)], errno: .notDirectory),
        RefusedCall(
            name: "path_readlink", parameters: [.i32, .i32, .i32, .i32, .i32, .i32], descriptors: [0],
            places: [.counted(at: 1, by: 2), .counted(at: 3, by: 4), .structure(at: 5, bytes: 4)],
            errno: .notDirectory),
        RefusedCall(
            name: "path_remove_directory", parameters: [.i32, .i32, .i32], descriptors: [0],
            places: [.counted(at: 1, by: 2)], errno: .notDirectory),
        RefusedCall(
            name: "path_rename", parameters: [.i32, .i32, .i32, .i32, .i32, .i32], descriptors: [0, 3],
            places: [.counted(at: 1, by: 2), .counted(at: 4, by: 5)], errno: .notDirectory),
        RefusedCall(
            name: "path_symlink", parameters: [.i32, .i32, .i32, .i32, .i32], descriptors: [2],
            places: [.counted(at: 0, by: 1), .counted(at: 3, by: 4)], errno: .notDirectory),
        RefusedCall(
            name: "path_unlink_file", parameters: [.i32, .i32, .i32], descriptors: [0],
            places: [.counted(at: 1, by: 2)], errno: .notDirectory),
    ]

    private static let withoutSocket: [RefusedCall] = [
        RefusedCall(
            name: "sock_accept", parameters: [.i32, .i32, .i32], descriptors: [0], values: [(1, flags(5))],
            places: [.structure(at: 2, bytes: 4)], errno: .notSocket),
        RefusedCall(
            name: "sock_recv", parameters: [.i32, .i32, .i32, .i32, .i32, .i32], descriptors: [0],
            values: [(3, flags(2))],
            places: [.buffers(at: 1, by: 2), .structure(at: 4, bytes: 4), .structure(at: 5, bytes: 2)],
            errno: .notSocket),
        RefusedCall(
            name: "sock_send", parameters: [.i32, .i32, .i32, .i32, .i32], descriptors: [0], values: [(3, [0])],
            places: [.buffers(at: 1, by: 2), .structure(at: 4, bytes: 4)], errno: .notSocket),
        RefusedCall(
            name: "sock_shutdown", parameters: [.i32, .i32], descriptors: [0], values: [(1, [1, 2, 3])],
            errno: .notSocket),
    ]
}
