// Which import is what (core 2.0, 4.5.4 and 3.4): a function of the host, or what an instance of the same process exports,
// where its type matches. Linking gives a module everything that the other exports: it is no sandbox.
//
// The word of an import is 0 where the host performs it; else it names an instance and an index there as
// `Reference.function` does, for imports of every kind. A function's leads to the instance that defines it, or that
// imports it from the host; a table's, memory's or global's to the instance that exports it.

import Interpreter
import WebAssembly

/// What the imports of a module are.
struct ResolvedImports {
    /// A word for each import; empty where all are the host's.
    var words: [UInt64]
    /// Types of the imported tables and memories, as they are rather than as the module asks.
    var tables: [TableType]
    var memories: [MemoryType]
}

/// Resolves the imports of one module.
struct ImportResolver {
    private let module: Module
    /// The instance of a name, or nil.
    private let exporter: (String) -> Exporter?
    /// Whether a module of this name is linked too, but after this one.
    private let isLater: (String) -> Bool
    private var resolved = ResolvedImports(words: [], tables: [], memories: [])
    private var missing: [String] = []
    /// The module that the first of these is to come from.
    private var from = ""
    private var mistyped: [MachineError] = []

    init(
        _ module: Module, isLater: @escaping (String) -> Bool = { _ in false },
        exporter: @escaping (String) -> Exporter?
    ) {
        self.module = module
        self.isLater = isLater
        self.exporter = exporter
    }

    /// Throws all that is missing, and what is there with another type.
    mutating func resolve() throws(MachineError) -> ResolvedImports {
        for entry in module.imports {
            if missing.isEmpty { from = entry.module }
            if let exporter = exporter(entry.module) {
                resolve(entry, exporter)
            } else if isLater(entry.module) {
                missing.append(Self.name(of: entry) + " (linked after it)")
            } else {
                resolveFromHost(entry)
            }
        }
        if missing.count == 1, let only = mistyped.first { throw only }
        if !missing.isEmpty { throw .missingImports(missing, from: from) }
        if resolved.words.allSatisfy({ $0 == 0 }) { resolved.words = [] }
        return resolved
    }

    private mutating func resolve(_ entry: Import, _ exporter: Exporter) {
        switch (entry.kind, exporter.export(named: entry.name)) {
        case (.function(let type), .function(let index)?):
            let exported = exporter.type(ofFunction: index)
            if exported != module.types[type] {
                return refuseType(entry, has: exported.text, asks: module.types[type].text)
            }
            resolved.words.append(exporter.function(index))
        case (.table(let type), .table(let index)?):
            let exported = exporter.tables[index]
            guard exported.element == type.element, Self.matches(exported.limits, type.limits) else {
                return refuseType(entry, has: exported.text, asks: type.text)
            }
            resolved.tables.append(exported)
            resolved.words.append(exporter.word(index))
        case (.memory(let type), .memory(let index)?):
            let exported = exporter.memories[index]
            guard Self.matches(exported.limits, type.limits) else {
                return refuseType(entry, has: exported.text, asks: type.text)
            }
            resolved.memories.append(exported)
            resolved.words.append(exporter.word(index))
        case (.global(let type), .global(let index)?):
            let exported = exporter.globals[index]
            if exported != type { return refuseType(entry, has: exported.text, asks: type.text) }
            resolved.words.append(exporter.word(index))
        case (_, nil): missing.append(Self.name(of: entry) + " (not exported)")
        case (let kind, let exported?): refuseKind(entry, has: Self.noun(exported), asks: Self.noun(kind))
        }
    }

    private mutating func resolveFromHost(_ entry: Import) {
        guard case .function(let type) = entry.kind,
            let host = HostFunction.named(module: entry.module, entry.name)
        else { return missing.append(Self.name(of: entry) + Self.suffix(entry.kind)) }
        let exported = host.type
        if exported != module.types[type] {
            return refuseType(entry, has: exported.text, asks: module.types[type].text)
        }
        resolved.words.append(0)
    }

    private mutating func refuseType(_ entry: Import, has: String, asks: String) {
        mistyped.append(.importType(name: Self.name(of: entry), exported: has, asked: asks))
        missing.append("\(Self.name(of: entry)) (of type \(asks), it is \(has))")
    }

    private mutating func refuseKind(_ entry: Import, has: String, asks: String) {
        mistyped.append(.importKind(name: Self.name(of: entry), exported: has, asked: asks))
        missing.append("\(Self.name(of: entry)) (\(asks), it is \(has))")
    }

    // MARK: Types

    /// Whether what is exported may be imported as asked (core 2.0, 3.4.2).
    private static func matches(_ exported: Limits, _ asked: Limits) -> Bool {
        guard exported.minimum >= asked.minimum else { return false }
        guard let bound = asked.maximum else { return true }
        return exported.maximum.map { $0 <= bound } ?? false
    }

    private static func name(of entry: Import) -> String { "\(entry.module).\(entry.name)" }

    private static func suffix(_ kind: ImportKind) -> String {
        if case .function = kind { "" } else { " (\(noun(kind)))" }
    }

    private static func noun(_ kind: ImportKind) -> String {
        switch kind {
        case .function: "function"
        case .table: "table"
        case .memory: "memory"
        case .global: "global"
        }
    }

    private static func noun(_ kind: ExportKind) -> String {
        switch kind {
        case .function: "a function"
        case .table: "a table"
        case .memory: "a memory"
        case .global: "a global"
        }
    }
}

extension Limits {
    /// As in `1` or `1 to 2`.
    fileprivate var text: String { maximum.map { "\(minimum) to \($0)" } ?? "\(minimum)" }
}

extension TableType {
    fileprivate var text: String { "a table of \(limits.text) \(element)" }
}

extension MemoryType {
    fileprivate var text: String { "a memory of \(limits.text) times 64 KiB" }
}

extension GlobalType {
    fileprivate var text: String { "a \(isMutable ? "variable" : "constant") \(value)" }
}
