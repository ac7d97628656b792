// Whether binaries can be run together: one after the other, each with what those before it export. The same binary is
// decoded and laid out once, under however many names it is linked.

import Interpreter
import Kernel
import WebAssembly

struct ProgramChecker {
    /// Names of all that is linked, as bytes: Swift would equate what Unicode does.
    private let linked: Set<[UInt8]>
    private var exporters: [[UInt8]: Exporter] = [:]
    private var checked: [CheckedModule] = []
    private var known: [[UInt8]: (module: Module, plan: ModulePlan)] = [:]
    private var globals = 0
    /// Bytes that the modules take when they are loaded, and may take.
    private var footprint: UInt64 = 0
    private let bound: UInt64

    init(linked: [String], bound: UInt64) {
        self.linked = Set(linked.map { Array($0.utf8) })
        self.bound = bound
    }

    /// The next module that is linked to.
    mutating func link(_ bytes: [UInt8], name: String) throws(MachineError) {
        let key = Array(name.utf8)
        if exporters[key] != nil { throw .linkedTwice(name) }
        let exporter = try check(bytes, name: name)
        try Self.checkInitializer(of: exporter)
        exporters[key] = exporter
    }

    /// The program itself, to be begun at an export.
    mutating func program(_ bytes: [UInt8], entry name: String) throws(MachineError) -> CheckedProgram {
        let exporter = try check(bytes, name: "")
        try Machine.checkGlobals(globals)
        let entry = try entryFunction(name, of: exporter)
        if name != "_start" { try Self.checkInitializer(of: exporter) }
        return CheckedProgram(modules: checked, entryFunction: UInt32(entry))
    }

    private mutating func check(_ bytes: [UInt8], name: String) throws(MachineError) -> Exporter {
        let (module, plan) = try decoded(bytes)
        var resolver = ImportResolver(module) { [linked] in
            linked.contains(Array($0.utf8))
        } exporter: { [exporters] in
            exporters[Array($0.utf8)]
        }
        let imports = try resolver.resolve()
        let number = checked.count
        checked.append(Machine.checkedModule(module, plan: plan, name: name, imports: imports.words))
        globals += module.globalCount
        return Exporter(
            number: number, module: module, imports: imports.words, tables: imports.tables + module.tables,
            memories: imports.memories + module.memories)
    }

    private mutating func decoded(_ bytes: [UInt8]) throws(MachineError) -> (module: Module, plan: ModulePlan) {
        if let known = known[bytes] { return known }
        try add(UInt64(bytes.count))
        let module = try Machine.validated(bytes).module
        try add(module.footprint - UInt64(bytes.count))
        try Machine.checkBounds(of: module)
        try Machine.checkSegments(of: module)
        let made = (module, Machine.plan(module, bytes))
        known[bytes] = made
        return made
    }

    private mutating func add(_ bytes: UInt64) throws(MachineError) {
        footprint += bytes
        if footprint > bound { throw .tooMuchCode(bytes: footprint, bound: bound) }
    }

    /// The export to begin at: a function of the module's own, or one that it imports from another instance.
    private func entryFunction(_ name: String, of exporter: Exporter) throws(MachineError) -> Int {
        let module = exporter.module
        guard case .function(let index)? = exporter.export(named: name) else {
            var functions: [String] = []
            var other: String?
            for export in module.exports {
                guard case .function(let index) = export.kind else { continue }
                functions.append(export.name)
                if other == nil, exporter.type(ofFunction: index).parameters.isEmpty { other = export.name }
            }
            throw .noExport(name: name, exports: functions, other: other)
        }
        let type = exporter.type(ofFunction: index)
        guard type.parameters.isEmpty else { throw .entryType(name: name, type: type) }
        if index < module.importedFunctionCount {
            guard let target = Reference.function(exporter.function(index)),
                let home = exporters.values.first(where: { $0.number == target.instance }),
                target.function >= home.module.importedFunctionCount
            else { throw .entryOfHost(name: name) }
        }
        return index
    }

    /// Refuses a reactor that WASI could not initialize.
    private static func checkInitializer(of exporter: Exporter) throws(MachineError) {
        guard case .function(let index)? = exporter.export(named: "_initialize") else { return }
        let type = exporter.type(ofFunction: index)
        guard type.parameters.isEmpty, type.results.isEmpty else { throw .initializeType(type) }
    }
}
