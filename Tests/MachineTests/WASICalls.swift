// Every call of WASI preview 1 as the specification has it: its name, what its arguments are, and what a call with good
// arguments answers here. From it come the imports of the tests' modules and whatever a call must refuse.

import Testing

struct WASICall: Sendable, CustomTestStringConvertible {
    /// An argument with a good value, and what makes it a bad one. Types follow: 64 bits for `long`, else 32.
    enum Argument: Sendable {
        case descriptor(Int32)
        /// Address of so many bytes; a path's or a buffer's length follows it as a `word`.
        case pointer(Int32, bytes: Int)
        /// Address of a list of one buffer.
        case list(Int32)
        /// How many buffers the list has.
        case listCount
        /// A flag, a kind or a count, and values that it cannot have.
        case word(Int32, never: [Int32] = [])
        case long(Int64)

        var type: String { if case .long = self { "i64" } else { "i32" } }

        var text: String {
            switch self {
            case .descriptor(let value), .pointer(let value, _), .list(let value), .word(let value, _):
                "(i32.const \(value))"
            case .listCount: "(i32.const 1)"
            case .long(let value): "(i64.const \(value))"
            }
        }
    }

    let name: String
    let arguments: [Argument]
    /// Nil for what does not come back.
    let answer: Int32?
    /// The register whose key the call needs, where it is not the descriptor's own.
    var register: Int?

    init(_ name: String, _ arguments: [Argument], answers answer: Int32?, register: Int? = nil) {
        self.name = name
        self.arguments = arguments
        self.answer = answer
        self.register = register
    }

    var testDescription: String { name }

    /// The import, as text.
    var declaration: String {
        let types = arguments.isEmpty ? "" : " (param \(arguments.map(\.type).joined(separator: " ")))"
        let result = name == "proc_exit" ? "" : " (result i32)"
        return "(import \"wasi_snapshot_preview1\" \"\(name)\" (func $\(name)\(types)\(result)))"
    }

    /// The call with its good arguments, but for one.
    func text(_ index: Int? = nil, _ argument: Argument? = nil) -> String {
        var arguments = arguments
        if let index, let argument { arguments[index] = argument }
        return "(call $\(name) \(arguments.map(\.text).joined(separator: " ")))"
    }

    /// A module with a memory of 65,536 bytes that holds `data`, every call by its name, and `_start` with this body,
    /// which may use the local `$i`.
    static func program(_ body: String) throws -> [UInt8] {
        try Assembler.module(
            """
            (module
              \(all.map(\.declaration).joined(separator: "\n  "))
              (memory (export "memory") 1)
              \(data)
              (func (export "_start") (local $i i32)
                \(body)))
            """)
    }

    /// At 0 a buffer of 5 bytes at 64, which are "hello". At 8 one just beyond the memory, at 16 one whose end is beyond
    /// it. At 96 a subscription to writing descriptor 1.
    static let data = """
        (data (i32.const 0) "\\40\\00\\00\\00\\05\\00\\00\\00")
          (data (i32.const 8) "\\00\\00\\01\\00\\01\\00\\00\\00")
          (data (i32.const 16) "\\fe\\ff\\00\\00\\05\\00\\00\\00")
          (data (i32.const 64) "hello")
          (data (i32.const 104) "\\02\\00\\00\\00\\00\\00\\00\\00\\01")
        """

    private static let path: [Argument] = [.pointer(64, bytes: 5), .word(5)]
    private static let buffers: [Argument] = [.list(0), .listCount]
    private static let size = Argument.pointer(32, bytes: 4)
    private static let lookup = Argument.word(1, never: [2, -1])
    private static let timeFlags = Argument.word(0b1001, never: [0b0011, 0b1100, 0b10000, -1])

    static let all: [WASICall] = [
        WASICall("args_get", [.pointer(2048, bytes: 8), .pointer(4096, bytes: 4)], answers: 0),
        WASICall("args_sizes_get", [size, .pointer(40, bytes: 4)], answers: 0),
        WASICall("environ_get", [.pointer(2048, bytes: 4), .pointer(4096, bytes: 4)], answers: 0),
        WASICall("environ_sizes_get", [size, .pointer(40, bytes: 4)], answers: 0),
        WASICall(
            "clock_res_get", [.word(1, never: [2, 3, 4, -1]), .pointer(32, bytes: 8)], answers: 0, register: 3),
        WASICall(
            "clock_time_get", [.word(0, never: [2, 3, 4, -1]), .long(1), .pointer(32, bytes: 8)], answers: 0,
            register: 3),
        WASICall(
            "fd_advise", [.descriptor(0), .long(0), .long(9), .word(5, never: [6, 256, -1])], answers: 70),
        WASICall("fd_allocate", [.descriptor(1), .long(0), .long(9)], answers: 43),
        WASICall("fd_close", [.descriptor(2)], answers: 0),
        WASICall("fd_datasync", [.descriptor(1)], answers: 28),
        WASICall("fd_fdstat_get", [.descriptor(1), .pointer(32, bytes: 24)], answers: 0),
        WASICall("fd_fdstat_set_flags", [.descriptor(0), .word(4, never: [32, 65536, -1])], answers: 0),
        WASICall(
            "fd_fdstat_set_rights", [.descriptor(0), .long(1 << 1 | 1 << 3 | 1 << 21 | 1 << 27), .long(0)], answers: 0),
        WASICall("fd_filestat_get", [.descriptor(2), .pointer(32, bytes: 64)], answers: 0),
        WASICall("fd_filestat_set_size", [.descriptor(1), .long(0)], answers: 28),
        WASICall("fd_filestat_set_times", [.descriptor(1), .long(0), .long(0), timeFlags], answers: 76),
        WASICall("fd_pread", [.descriptor(0)] + buffers + [.long(0), size], answers: 70),
        WASICall("fd_prestat_get", [.descriptor(0), .word(32)], answers: 8),
        WASICall("fd_prestat_dir_name", [.descriptor(0), .word(64), .word(5)], answers: 8),
        WASICall("fd_pwrite", [.descriptor(1)] + buffers + [.long(0), size], answers: 70),
        WASICall("fd_read", [.descriptor(0)] + buffers + [size], answers: 0),
        WASICall(
            "fd_readdir", [.descriptor(0), .pointer(64, bytes: 5), .word(5), .long(0), size], answers: 54),
        WASICall("fd_renumber", [.descriptor(2), .descriptor(1)], answers: 0),
        WASICall(
            "fd_seek", [.descriptor(1), .long(0), .word(1, never: [3, 256, -1]), .pointer(32, bytes: 8)], answers: 70),
        WASICall("fd_sync", [.descriptor(1)], answers: 28),
        WASICall("fd_tell", [.descriptor(1), .pointer(32, bytes: 8)], answers: 70),
        WASICall("fd_write", [.descriptor(1)] + buffers + [size], answers: 0),
        WASICall("path_create_directory", [.descriptor(0)] + path, answers: 54),
        WASICall(
            "path_filestat_get", [.descriptor(0), lookup] + path + [.pointer(4096, bytes: 64)], answers: 54),
        WASICall(
            "path_filestat_set_times", [.descriptor(0), lookup] + path + [.long(0), .long(0), timeFlags],
            answers: 54),
        WASICall("path_link", [.descriptor(0), lookup] + path + [.descriptor(1)] + path, answers: 54),
        WASICall(
            "path_open",
            [.descriptor(0), lookup] + path
                + [.word(15, never: [16, -1]), .long(2), .long(0), .word(31, never: [32, -1]), size], answers: 54),
        WASICall("path_readlink", [.descriptor(0)] + path + path + [size], answers: 54),
        WASICall("path_remove_directory", [.descriptor(0)] + path, answers: 54),
        WASICall("path_rename", [.descriptor(0)] + path + [.descriptor(1)] + path, answers: 54),
        WASICall("path_symlink", path + [.descriptor(0)] + path, answers: 54),
        WASICall("path_unlink_file", [.descriptor(0)] + path, answers: 54),
        WASICall(
            "poll_oneoff",
            [.pointer(96, bytes: 48), .pointer(2048, bytes: 32), .word(1, never: [0, 65, -1]), size], answers: 0),
        WASICall("proc_exit", [.word(0)], answers: nil),
        WASICall("proc_raise", [.word(13, never: [0, 31, 256, -1])], answers: 0),
        WASICall("random_get", [.pointer(2048, bytes: 5), .word(5, never: [65537, -1])], answers: 0, register: 4),
        WASICall("sched_yield", [], answers: 0),
        WASICall("sock_accept", [.descriptor(0), .word(4, never: [32, -1]), size], answers: 57),
        WASICall(
            "sock_recv",
            [.descriptor(0)] + buffers + [.word(3, never: [4, -1]), size, .pointer(40, bytes: 2)], answers: 57),
        WASICall("sock_send", [.descriptor(1)] + buffers + [.word(0, never: [1, -1]), size], answers: 57),
        WASICall("sock_shutdown", [.descriptor(0), .word(3, never: [0, 4, -1])], answers: 57),
    ]
}
