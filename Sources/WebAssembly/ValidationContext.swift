// What validating a function body looks up of its module, flattened: each lookup is an array access, and lists of types
// are ranges of one pool of bytes, so that they are compared and copied as bytes (core 2.0, 3.1.1).
//
// Invariant: the pool begins with the six value types, so that a block with one result is a range of it too.

/// Parameters and results as a range of `ValidationContext.pool`: parameters first, results behind them.
struct TypeShape {
    var start: Int32
    var parameterCount: Int16
    var resultCount: Int16

    static let empty = TypeShape(start: 0, parameterCount: 0, resultCount: 0)

    var parameters: TypeRange { TypeRange(start: start, count: parameterCount) }
    var results: TypeRange { TypeRange(start: start &+ Int32(parameterCount), count: resultCount) }
}

/// A list of types in the pool.
struct TypeRange {
    var start: Int32
    var count: Int16
}

struct ValidationContext {
    /// Value types by their bytes.
    let pool: TypePool
    /// By type index.
    private(set) var shapes: [TypeShape] = []
    /// Of all functions; one whose type is not there has the empty shape, and is refused before bodies are looked at.
    private(set) var functionShapes: [TypeShape] = []
    private(set) var globals: [GlobalType] = []
    private(set) var importedGlobalCount: Int
    /// Element types of all tables.
    private(set) var tables: [ValueType] = []
    private(set) var memoryCount: Int
    private(set) var elementTypes: [ValueType] = []
    private(set) var dataCount: Int
    /// Whether there is a data count section, which instructions that name data segments need.
    private(set) var hasDataCount: Bool
    /// By function index: whether `ref.func` may name it, as something outside of the bodies does.
    private(set) var declared: [Bool] = []

    init(_ module: Module) {
        let single: [ValueType] = [.i32, .i64, .f32, .f64, .funcref, .externref]
        pool = TypePool(
            capacity: module.types.reduce(single.count) { $0 + $1.parameters.count + $1.results.count })
        pool.append(single)
        shapes.reserveCapacity(module.types.count)
        for type in module.types {
            shapes.append(
                TypeShape(
                    start: Int32(pool.count), parameterCount: Int16(type.parameters.count),
                    resultCount: Int16(type.results.count)))
            pool.append(type.parameters)
            pool.append(type.results)
        }
        globals = module.allGlobals
        importedGlobalCount = module.importedGlobalCount
        tables = module.allTables.map(\.element)
        memoryCount = module.allMemories.count
        elementTypes = module.elements.map(\.type)
        dataCount = module.dataSegments.count
        hasDataCount = module.dataCount != nil
        let imported = module.importedFunctionTypes
        functionShapes.reserveCapacity(imported.count + module.functions.count)
        for typeIndex in imported { functionShapes.append(shape(of: .type(typeIndex)) ?? .empty) }
        for function in module.functions { functionShapes.append(shape(of: .type(function.typeIndex)) ?? .empty) }
        declared = [Bool](repeating: false, count: functionShapes.count)
        for export in module.exports {
            if case .function(let index) = export.kind { declare(index) }
        }
        for global in module.globals {
            if case .refFunc(let index) = global.initial { declare(index) }
        }
        for segment in module.elements {
            for case .refFunc(let index) in segment.items { declare(index) }
        }
    }

    private mutating func declare(_ function: Int) {
        if declared.indices.contains(function) { declared[function] = true }
    }

    /// A block type as ranges of the pool; nil where it names a type that is not there.
    func shape(of block: BlockType) -> TypeShape? {
        switch block {
        case .empty: .empty
        case .value(let type):
            TypeShape(start: Int32(Self.position(of: type)), parameterCount: 0, resultCount: 1)
        case .type(let index): shapes.indices.contains(index) ? shapes[index] : nil
        }
    }

    private static func position(of type: ValueType) -> Int {
        switch type {
        case .i32: 0
        case .i64: 1
        case .f32: 2
        case .f64: 3
        case .funcref: 4
        case .externref: 5
        }
    }
}
