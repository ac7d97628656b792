// Small modules for tests, written as instructions: encodes the binary format's sections that tests need.

import WebAssembly

/// Instructions as bytes.
struct Body {
    private(set) var bytes: [UInt8] = []

    /// An instruction with index immediates (labels, locals, functions, memory offsets with their alignment, ...).
    func op(_ instruction: Instruction, _ immediates: Int...) -> Body {
        var body = self
        let code = instruction.rawValue
        body.bytes += code > 0xFF ? [0xFC] + unsigned(Int(code & 0xFF)) : [UInt8(code)]
        for immediate in immediates { body.bytes += unsigned(immediate) }
        return body
    }

    func i32(_ value: Int32) -> Body { raw([0x41] + signed(Int64(value))) }
    func i64(_ value: Int64) -> Body { raw([0x42] + signed(value)) }
    func block(_ instruction: Instruction, _ type: UInt8 = 0x40) -> Body { raw([UInt8(instruction.rawValue), type]) }
    func get(_ local: Int) -> Body { op(.localGet, local) }
    func set(_ local: Int) -> Body { op(.localSet, local) }
    func end() -> Body { op(.end) }

    func raw(_ more: [UInt8]) -> Body {
        var body = self
        body.bytes += more
        return body
    }
}

/// Unsigned LEB128.
func unsigned(_ value: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = value
    repeat {
        let byte = UInt8(rest & 0x7F)
        rest >>= 7
        bytes.append(rest == 0 ? byte : byte | 0x80)
    } while rest != 0
    return bytes
}

/// Signed LEB128.
func signed(_ value: Int64) -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = value
    while true {
        let byte = UInt8(rest & 0x7F)
        rest >>= 7
        if (rest == 0 && byte & 0x40 == 0) || (rest == -1 && byte & 0x40 != 0) { return bytes + [byte] }
        bytes.append(byte | 0x80)
    }
}

/// A module under construction; functions are numbered in the order of adding, imported ones first.
struct Assembler {
    private var types: [[UInt8]] = []
    private var imports: [[UInt8]] = []
    private var functions: [Int] = []
    private var bodies: [[UInt8]] = []
    /// Units of 65,536 bytes of memory 0, minimum and maximum; nil for no memory.
    var memory: (Int, Int)?
    /// Elements of table 0 (funcref), minimum and maximum; nil for no table.
    var table: (Int, Int)?
    /// Mutable i64 globals with these initial values.
    var globals: [Int64] = []
    /// Functions in a passive element segment.
    var passiveElements: [Int] = []
    /// Functions of an active element segment at 0 of table 0.
    var activeElements: [Int] = []
    /// A passive data segment.
    var passiveData: [UInt8] = []

    private mutating func type(_ parameters: [ValueType], _ results: [ValueType]) -> Int {
        let bytes =
            [0x60] + unsigned(parameters.count) + parameters.map(\.rawValue) + unsigned(results.count)
            + results.map(\.rawValue)
        if let known = types.firstIndex(of: bytes) { return known }
        types.append(bytes)
        return types.count - 1
    }

    /// The index of a type, for `call_indirect` and blocks.
    mutating func typeIndex(_ parameters: [ValueType], _ results: [ValueType]) -> Int { type(parameters, results) }

    /// Imports a function; before any is defined.
    @discardableResult
    mutating func importFunction(_ parameters: [ValueType], _ results: [ValueType]) -> Int {
        imports.append([1, 0x68, 1, 0x66, 0x00] + unsigned(type(parameters, results)))
        return imports.count - 1
    }

    /// Adds a function with `locals` declared locals of i64; the last `end` is added.
    @discardableResult
    mutating func function(
        _ parameters: [ValueType], _ results: [ValueType], locals: Int = 0, _ body: Body
    ) -> Int {
        functions.append(type(parameters, results))
        let declared = locals == 0 ? [0] : [1] + unsigned(locals) + [ValueType.i64.rawValue]
        bodies.append(declared + body.bytes + [0x0B])
        return imports.count + functions.count - 1
    }

    /// The binary.
    var binary: [UInt8] {
        var bytes: [UInt8] = [0x00, 0x61, 0x73, 0x6D, 0x01, 0x00, 0x00, 0x00]
        func section(_ id: UInt8, _ items: [[UInt8]]) {
            if items.isEmpty { return }
            let content = unsigned(items.count) + items.flatMap { $0 }
            bytes += [id] + unsigned(content.count) + content
        }
        section(1, types)
        section(2, imports)
        section(3, functions.map { unsigned($0) })
        if let table { section(4, [[0x70, 0x01] + unsigned(table.0) + unsigned(table.1)]) }
        if let memory { section(5, [[0x01] + unsigned(memory.0) + unsigned(memory.1)]) }
        section(6, globals.map { [0x7E, 0x01, 0x42] + signed($0) + [0x0B] })
        section(7, [[3, 0x72, 0x75, 0x6E, 0x00] + unsigned(imports.count + functions.count - 1)])
        var elements: [[UInt8]] = []
        func indices(_ functions: [Int]) -> [UInt8] { unsigned(functions.count) + functions.flatMap(unsigned) }
        if !passiveElements.isEmpty { elements.append([0x01, 0x00] + indices(passiveElements)) }
        if !activeElements.isEmpty { elements.append([0x00, 0x41, 0x00, 0x0B] + indices(activeElements)) }
        section(9, elements)
        if !passiveData.isEmpty { bytes += [12, 1, 1] }
        section(10, bodies.map { unsigned($0.count) + $0 })
        if !passiveData.isEmpty { section(11, [[0x01] + unsigned(passiveData.count) + passiveData]) }
        return bytes
    }
}
