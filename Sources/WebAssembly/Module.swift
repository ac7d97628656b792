// A decoded module, as data: what the sections of a binary say, with byte ranges into that binary where the
// content itself (function bodies, data) is better left in place. Nothing here knows of worlds, pages or gas.
//
// Every offset counts bytes from the first byte of the binary ("\0asm" is at 0). Index spaces put imports first,
// as the specification does.

/// A value's type, by its byte in the binary format (core 2.0, 5.3.1 to 5.3.4, without vectors).
package enum ValueType: UInt8, Sendable, Hashable {
    case i32 = 0x7F
    case i64 = 0x7E
    case f32 = 0x7D
    case f64 = 0x7C
    case funcref = 0x70
    case externref = 0x6F

    /// Whether a value of this type is a reference.
    package var isReference: Bool { self == .funcref || self == .externref }
}

/// Parameters and results of a function or block.
package struct FunctionType: Sendable, Hashable {
    package var parameters: [ValueType]
    package var results: [ValueType]

    /// By bytes at once, as types may have 2,000 values and modules a million types.
    package func hash(into hasher: inout Hasher) {
        hasher.combine(parameters.count)
        parameters.withUnsafeBytes { hasher.combine(bytes: $0) }
        results.withUnsafeBytes { hasher.combine(bytes: $0) }
    }

    package init(parameters: [ValueType], results: [ValueType]) {
        self.parameters = parameters
        self.results = results
    }
}

/// A range of sizes: elements for a table, units of 65,536 bytes for a memory.
package struct Limits: Sendable, Hashable {
    package var minimum: UInt32
    package var maximum: UInt32?

    package init(minimum: UInt32, maximum: UInt32?) {
        self.minimum = minimum
        self.maximum = maximum
    }
}

package struct MemoryType: Sendable, Hashable {
    package var limits: Limits
    package init(limits: Limits) { self.limits = limits }
}

package struct TableType: Sendable, Hashable {
    package var element: ValueType
    package var limits: Limits
    package init(element: ValueType, limits: Limits) {
        self.element = element
        self.limits = limits
    }
}

package struct GlobalType: Sendable, Hashable {
    package var value: ValueType
    package var isMutable: Bool
    package init(value: ValueType, isMutable: Bool) {
        self.value = value
        self.isMutable = isMutable
    }
}

/// What an import asks for.
package enum ImportKind: Sendable, Hashable {
    case function(typeIndex: Int)
    case table(TableType)
    case memory(MemoryType)
    case global(GlobalType)
}

package struct Import: Sendable, Hashable {
    package var module: String
    package var name: String
    package var kind: ImportKind
    /// Where the import's entry begins in the binary.
    package var offset: Int

    package init(module: String, name: String, kind: ImportKind, offset: Int) {
        self.module = module
        self.name = name
        self.kind = kind
        self.offset = offset
    }
}

/// What an export gives: an index in the index space of its kind.
package enum ExportKind: Sendable, Hashable {
    case function(Int)
    case table(Int)
    case memory(Int)
    case global(Int)
}

package struct Export: Sendable, Hashable {
    package var name: String
    package var kind: ExportKind
    package init(name: String, kind: ExportKind) {
        self.name = name
        self.kind = kind
    }
}

/// A constant expression: one instruction in core 2.0. Floats are kept as bits.
package enum ConstantExpression: Sendable, Hashable {
    case i32(UInt32)
    case i64(UInt64)
    case f32(UInt32)
    case f64(UInt64)
    case globalGet(Int)
    case refNull(ValueType)
    case refFunc(Int)
}

package struct Global: Sendable, Hashable {
    package var type: GlobalType
    package var initial: ConstantExpression
    package init(type: GlobalType, initial: ConstantExpression) {
        self.type = type
        self.initial = initial
    }
}

/// A run of declared locals of one type.
package struct LocalRun: Sendable, Hashable {
    package var count: UInt32
    package var type: ValueType
    package init(count: UInt32, type: ValueType) {
        self.count = count
        self.type = type
    }
}

/// A function that the module defines.
package struct FunctionBody: Sendable, Hashable {
    // 32 bits each: there may be a million functions, and a binary's bytes are numbered with fewer.
    private var type: UInt32
    private var codeStart: UInt32
    private var codeEnd: UInt32
    /// Declared locals, without the parameters, as the binary's runs but empty ones.
    package var locals: [LocalRun]

    /// Index in `Module.types`.
    package var typeIndex: Int { Int(type) }
    /// The instructions: from the first instruction's first byte to just after the final `end`.
    package var code: Range<Int> { Int(codeStart)..<Int(codeEnd) }

    package init(typeIndex: Int, locals: [LocalRun], code: Range<Int>) {
        type = UInt32(typeIndex)
        codeStart = UInt32(code.lowerBound)
        codeEnd = UInt32(code.upperBound)
        self.locals = locals
    }

    /// Declared locals, without the parameters.
    package var localCount: Int { locals.reduce(0) { $0 + Int($1.count) } }
}

package enum ElementMode: Sendable, Hashable {
    case passive
    case active(table: Int, offset: ConstantExpression)
    case declarative
}

package struct ElementSegment: Sendable, Hashable {
    package var mode: ElementMode
    package var type: ValueType
    package var items: ElementItems
    package init(mode: ElementMode, type: ValueType, items: ElementItems) {
        self.mode = mode
        self.type = type
        self.items = items
    }
}

package enum DataMode: Sendable, Hashable {
    case passive
    case active(memory: Int, offset: ConstantExpression)
}

package struct DataSegment: Sendable, Hashable {
    package var mode: DataMode
    /// The segment's bytes, as a range of the binary.
    package var bytes: Range<Int>
    package init(mode: DataMode, bytes: Range<Int>) {
        self.mode = mode
        self.bytes = bytes
    }
}

/// A module as its binary says. `functions`, `tables`, `memories` and `globals` hold what the module defines itself;
/// index spaces begin with the imports of that kind.
package struct Module: Sendable {
    package var types: [FunctionType] = []
    package var imports: [Import] = []
    package var functions: [FunctionBody] = []
    package var tables: [TableType] = []
    package var memories: [MemoryType] = []
    package var globals: [Global] = []
    package var exports: [Export] = []
    package var start: Int?
    package var elements: [ElementSegment] = []
    package var dataSegments: [DataSegment] = []
    /// Data segments as the data count section declares them; nil where there is none.
    package var dataCount: Int?
    /// Where the items of the sections begin in the binary.
    package var offsets = ItemOffsets()
    /// Function names of the name section, by function index; empty where there is none or it is malformed.
    package var functionNames = FunctionNames()
    /// The module name of the name section.
    package var name: String?
    /// Bytes in the binary.
    package var byteCount: Int = 0

    package init() {}
}
