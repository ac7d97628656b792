// Builds binaries for tests, byte by byte: sections of hand-written items, with sizes and counts filled in.

import WebAssembly

/// A binary being put together; what is not set is left out.
struct Binary {
    /// A function type: parameters and results.
    typealias Signature = ([ValueType], [ValueType])

    var types: [Signature] = []
    /// Items of the sections as their bytes.
    var imports: [[UInt8]] = []
    var functions: [UInt8] = []
    var tables: [[UInt8]] = []
    var memories: [[UInt8]] = []
    var globals: [[UInt8]] = []
    var exports: [[UInt8]] = []
    var start: UInt8?
    var elements: [[UInt8]] = []
    var dataCount: UInt8?
    /// Locals and instructions of each function, without the size.
    var bodies: [[UInt8]] = []
    var data: [[UInt8]] = []
    /// Sections that follow, whole.
    var trailing: [UInt8] = []

    static let header: [UInt8] = [0x00, 0x61, 0x73, 0x6D, 0x01, 0x00, 0x00, 0x00]

    var bytes: [UInt8] {
        var bytes = Self.header
        func section(_ id: UInt8, _ items: [[UInt8]]) {
            if !items.isEmpty { bytes += Self.section(id, leb(items.count) + items.joined()) }
        }
        section(
            1,
            types.map { parameters, results in
                [0x60] + leb(parameters.count) + parameters.map(\.rawValue) + leb(results.count)
                    + results.map(\.rawValue)
            })
        section(2, imports)
        section(3, functions.map { [$0] })
        section(4, tables)
        section(5, memories)
        section(6, globals)
        section(7, exports)
        if let start { bytes += Self.section(8, [start]) }
        section(9, elements)
        if let dataCount { bytes += Self.section(12, [dataCount]) }
        section(10, bodies.map { leb($0.count) + $0 })
        section(11, data)
        return bytes + trailing
    }

    /// A module with one function of this type, without locals, and this body (without the `end`).
    static func function(
        _ parameters: [ValueType], _ results: [ValueType], locals: [UInt8] = [0], _ code: [UInt8]
    ) -> Binary {
        var binary = Binary()
        binary.types = [(parameters, results)]
        binary.functions = [0]
        binary.bodies = [locals + code + [0x0B]]
        return binary
    }

    /// As above, for a function that takes and gives nothing.
    static func function(locals: [UInt8] = [0], _ code: [UInt8]) -> Binary {
        function([], [], locals: locals, code)
    }

    /// A module with one of everything that an instruction can name: function 0 that takes and gives nothing, table 0,
    /// memory 0, mutable global 0 of i32, element segment 0, data segment 0. The function itself is number 1.
    static func functionInContext(
        _ parameters: [ValueType], _ results: [ValueType], locals: [UInt8] = [0], _ code: [UInt8]
    ) -> Binary {
        var binary = function(parameters, results, locals: locals, code)
        binary.types.append(([], []))
        binary.functions = [1, 0]
        binary.bodies.insert([0, 0x0B], at: 0)
        binary.tables = [[0x70, 0x00, 0x01]]
        binary.memories = [[0x00, 0x01]]
        binary.globals = [[0x7F, 0x01, 0x41, 0x00, 0x0B]]
        binary.elements = [[0x01, 0x00, 0x01, 0x00]]
        binary.dataCount = 1
        binary.data = [[0x01, 0x01, 0x2A]]
        return binary
    }

    static func section(_ id: UInt8, _ contents: [UInt8]) -> [UInt8] { [id] + leb(contents.count) + contents }
}

/// Unsigned LEB128.
func leb(_ number: Int) -> [UInt8] {
    var rest = number
    var bytes: [UInt8] = []
    repeat {
        bytes.append(UInt8(rest & 0x7F) | (rest > 0x7F ? 0x80 : 0))
        rest >>= 7
    } while rest > 0
    return bytes
}

func name(_ text: String) -> [UInt8] { leb(text.utf8.count) + text.utf8 }

extension Instruction {
    /// The opcode and immediates that are zero, or the least that is well-formed.
    var shortest: [UInt8] {
        let opcode = rawValue >> 8 == 0xFC ? [0xFC, UInt8(rawValue & 0xFF)] : [UInt8(rawValue)]
        let immediateBytes: [UInt8] =
            switch immediates {
            case .none: []
            case .blockType: [0x40]
            case .label, .function, .local, .global, .table, .memory, .i32, .i64, .data, .element: [0]
            case .labels, .typeAndTable, .memoryArgument, .dataAndMemory, .elementAndTable, .tableAndTable,
                .memoryAndMemory:
                [0, 0]
            case .f32: [0, 0, 0, 0]
            case .f64: [0, 0, 0, 0, 0, 0, 0, 0]
            case .referenceType: [0x70]
            case .types: [1, 0x7F]
            }
        return opcode + immediateBytes
    }
}

/// What is wrong with a binary, as text; nil where nothing is.
func problem(_ binary: Binary) -> String? { problem(binary.bytes) }

func problem(_ bytes: [UInt8]) -> String? {
    do throws(ModuleError) {
        _ = try ValidatedModule(bytes: bytes)
        return nil
    } catch {
        return error.description
    }
}
