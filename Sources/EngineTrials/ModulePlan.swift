// What a made-up module has besides its functions' code: types, imports, tables, memory, globals, segments, exports. All
// of it comes from choices, is valid whatever they are, and is small enough that a module runs in well under a second.
//
// Invariant: PLAN-1 every function is exported, so that each may be referred to (core 2.0, 3.4.10).

import WebAssembly

/// An element segment of a made-up module: null where an item is nil.
struct PlannedElements {
    var type: ValueType
    var items: [Int?]
    /// Table and place of an active segment; nil for a passive or declarative one.
    var place: (table: Int, index: Int)?
    var isDeclarative = false
}

struct PlannedData {
    var bytes: [UInt8]
    /// The address of an active segment; nil for a passive one.
    var address: Int?
}

/// A module without code.
struct ModulePlan {
    static let valueTypes: [ValueType] = [.i32, .i64, .f32, .f64, .i32, .i64, .funcref, .externref]

    var types: [FunctionType]
    var importTypes: [Int]
    var functionTypes: [Int]
    var tables: [TableType]
    var memory: Limits?
    var globals: [Global]
    var elements: [PlannedElements] = []
    var data: [PlannedData] = []
    var start: Int?
    /// The global that calls and loops count down, trapping at 0; nil where nothing keeps them from going on.
    var countdown: Int?
    static let countdownFrom: Int32 = 60

    /// The type of function `index`, imported ones first.
    func type(ofFunction index: Int) -> FunctionType {
        let imported = importTypes.count
        return types[index < imported ? importTypes[index] : functionTypes[index - imported]]
    }
    var functionCount: Int { importTypes.count + functionTypes.count }
    /// Whether the memory ends where addresses of 32 bits do. Such a one is not exported: there is too much to be shown.
    var hasGreatMemory: Bool { memory.map { $0.minimum > 1_000 } ?? false }
    /// The last function: begins the countdown again.
    var refill: Int { functionCount - 1 }

    init(_ choices: inout Choices) {
        let counts = !choices.happens(1, of: 4)
        types = [FunctionType(parameters: [], results: [])]
        for _ in 0...choices.below(6) {
            // A few have more results than the frame of a small function has slots.
            let most = choices.happens(1, of: 10) ? 24 : 5
            types.append(
                FunctionType(
                    parameters: Self.someTypes(&choices, choices.below(most)),
                    results: Self.someTypes(&choices, choices.below(most - 1))))
        }
        let typeCount = types.count
        importTypes = (0..<choices.below(3)).map { _ in choices.below(typeCount) }
        functionTypes = (0...choices.below(5)).map { _ in choices.below(typeCount) } + [0]
        tables = (0..<choices.below(4)).map { _ in
            let minimum = UInt32(choices.one(of: [0, 1, 3, 10, 511, 513, 1030]))
            let maximum = choices.happens(1, of: 2) ? minimum + UInt32(choices.below(600)) : nil
            return TableType(
                element: choices.happens(1, of: 4) ? .externref : .funcref,
                limits: Limits(minimum: minimum, maximum: maximum))
        }
        if !choices.happens(1, of: 8) {
            let minimum = UInt32(choices.happens(1, of: 24) ? 65_536 - choices.below(3) : choices.below(4))
            let maximum = choices.happens(1, of: 8) ? nil : min(65_536, minimum + UInt32(choices.below(6)))
            memory = Limits(minimum: minimum, maximum: maximum)
        }
        let functionCount = importTypes.count + functionTypes.count
        globals = (0..<choices.below(7)).map { _ in Self.global(&choices, functionCount) }
        if counts {
            countdown = globals.count
            globals.append(
                Global(
                    type: GlobalType(value: .i32, isMutable: true), initial: .i32(UInt32(Self.countdownFrom))))
        }
        planSegments(&choices)
        let starts = functionTypes.dropLast().indices.filter { functionTypes[$0] == 0 }
        if let first = starts.first, choices.happens(1, of: 8) { start = importTypes.count + first }
    }

    private static func someTypes(_ choices: inout Choices, _ count: Int) -> [ValueType] {
        (0..<count).map { _ in choices.one(of: valueTypes) }
    }

    private static func global(_ choices: inout Choices, _ functionCount: Int) -> Global {
        let type = choices.one(of: valueTypes)
        let initial: ConstantExpression
        switch type {
        case .i32: initial = .i32(choices.word())
        case .i64: initial = .i64(choices.long())
        case .f32: initial = .f32(choices.single())
        case .f64: initial = .f64(choices.double())
        case .funcref: initial = choices.happens(1, of: 2) ? .refFunc(choices.below(functionCount)) : .refNull(.funcref)
        case .externref: initial = .refNull(.externref)
        }
        return Global(type: GlobalType(value: type, isMutable: !choices.happens(1, of: 4)), initial: initial)
    }

    private mutating func planSegments(_ choices: inout Choices) {
        for (index, table) in tables.enumerated() where table.element == .funcref {
            // Most tables have functions from the beginning, so that indirect calls find some.
            if choices.happens(1, of: 8) { continue }
            let count = min(Int(table.limits.minimum), 1 + choices.below(12))
            elements.append(
                PlannedElements(
                    type: .funcref, items: functions(count, &choices),
                    place: (index, choices.below(Int(table.limits.minimum) - count + 1))))
        }
        for _ in 0..<choices.below(4) {
            let isExternal = choices.happens(1, of: 5)
            let count = choices.below(40)
            var segment = PlannedElements(
                type: isExternal ? .externref : .funcref,
                items: isExternal ? Array(repeating: nil, count: count) : functions(count, &choices))
            segment.isDeclarative = choices.happens(1, of: 8)
            elements.append(segment)
        }
        for _ in 0..<choices.below(4) {
            var segment = PlannedData(bytes: (0..<choices.below(90)).map { _ in choices.byte() })
            if choices.happens(1, of: 6) { segment.bytes = (0..<9_000).map { UInt8(truncatingIfNeeded: $0 &* 7) } }
            if let memory, !choices.happens(1, of: 3) {
                // Segments that do not fit are rare: nothing runs after them.
                let room = Int(memory.minimum) << 16 - segment.bytes.count + (choices.happens(1, of: 64) ? 1 : 0)
                if room >= 0 { segment.address = min(room, choices.below(65_536)) }
            }
            data.append(segment)
        }
    }

    private func functions(_ count: Int, _ choices: inout Choices) -> [Int?] {
        (0..<count).map { _ in choices.happens(1, of: 8) ? nil : choices.below(functionCount) }
    }
}
