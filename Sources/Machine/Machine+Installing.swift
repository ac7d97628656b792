// From a binary to a module in the world and a plan for a process: validated, its imports found, its memory's first
// contents laid out in pages. Everything that can be refused is refused here, before anything is bought.

import Crypto
import Interpreter
import Kernel
import Objects
import WebAssembly

/// A binary that can be run here.
package struct CheckedModule: Sendable {
    package let plan: ModulePlan
    package let entryFunction: UInt32
    package let memoryBytes: UInt64
    package let tables: [(elements: UInt32, maximum: UInt32)]
}

extension Machine {
    /// Decodes and validates; the errors say where.
    static func validated(_ bytes: [UInt8]) throws(MachineError) -> ValidatedModule {
        do throws(ModuleError) {
            return try ValidatedModule(bytes: bytes)
        } catch {
            switch error {
            case .malformed(let decode): throw .malformed(text: "\(decode.reason)", offset: decode.offset)
            case .invalid(let validation):
                throw .invalid(
                    text: "\(validation.reason)", offset: validation.offset, function: validation.function)
            }
        }
    }

    /// Checks that a binary can be run at export `name`.
    package static func check(_ bytes: [UInt8], entry name: String) throws(MachineError) -> CheckedModule {
        let module = try validated(bytes).module
        try checkImports(of: module)
        let entry = try entryFunction(name, in: module)
        try checkBounds(of: module)
        let memories = module.allMemories
        return CheckedModule(
            plan: ModulePlan(
                hash: Array(SHA256.hash(data: bytes)), binary: bytes,
                memoryImage: try memoryImage(of: module, bytes), tableImage: try tableImage(of: module)),
            entryFunction: UInt32(entry), memoryBytes: UInt64(memories.first?.limits.minimum ?? 0) << 16,
            tables: module.allTables.map {
                ($0.limits.minimum, min($0.limits.maximum ?? .max, UInt32(ActiveProcess.tableBound)))
            })
    }

    private static func checkImports(of module: Module) throws(MachineError) {
        var missing: [String] = []
        var mistyped: [MachineError] = []
        for each in module.imports {
            let name = "\(each.module).\(each.name)"
            switch each.kind {
            case .function(let typeIndex):
                guard let number = HostFunction.number(module: each.module, name: each.name) else {
                    missing.append(name)
                    continue
                }
                let expected = HostFunction.all[number].type
                let found = module.types[typeIndex]
                if found != expected {
                    mistyped.append(.importType(name: name, expected: expected, found: found))
                    missing.append("\(name) (of type \(found.text), it is \(expected.text))")
                }
            case .memory: missing.append("\(name) (memory)")
            case .table: missing.append("\(name) (table)")
            case .global: missing.append("\(name) (global)")
            }
        }
        if missing.count == 1, let only = mistyped.first { throw only }
        if !missing.isEmpty { throw .missingImports(missing) }
    }

    private static func entryFunction(_ name: String, in module: Module) throws(MachineError) -> Int {
        guard case .function(let index)? = module.export(named: name)?.kind else {
            let functions = module.exports.filter { if case .function = $0.kind { true } else { false } }
            throw .noExport(name: name, exports: functions.map(\.name))
        }
        let type = module.types[module.typeIndex(ofFunction: index)]
        guard type.parameters.isEmpty, index >= module.importedFunctionCount else {
            throw .entryType(name: name, type: type)
        }
        return index
    }

    private static func checkBounds(of module: Module) throws(MachineError) {
        let tables = module.allTables
        if tables.count > ProcessRecord.maximumTables {
            throw .tooLarge(what: "tables", bound: ProcessRecord.maximumTables, found: tables.count)
        }
        for table in tables where table.limits.minimum > ActiveProcess.tableBound {
            throw .tooLarge(
                what: "elements of a table", bound: ActiveProcess.tableBound, found: Int(table.limits.minimum))
        }
        let segments = module.dataSegments.count + module.elements.count
        // The record's bits come in words of 64, one more than the segments fill.
        if segments / 64 + 1 > ProcessRecord.droppedSegments.count / 8 {
            throw .tooLarge(
                what: "data and element segments", bound: ProcessRecord.droppedSegments.count * 8 - 1, found: segments)
        }
        if module.importedGlobalCount + module.globals.count > ActiveProcess.stackSlots / 2 {
            throw .tooLarge(what: "globals", bound: ActiveProcess.stackSlots / 2, found: module.globals.count)
        }
    }

    // MARK: Images

    /// A constant offset; imports of globals there are none, so an offset is a constant.
    private static func offset(_ expression: ConstantExpression) -> UInt64 {
        if case .i32(let value) = expression { UInt64(value) } else { 0 }
    }

    private static func memoryImage(
        of module: Module, _ binary: [UInt8]
    ) throws(MachineError) -> [(index: UInt64, bytes: [UInt8])] {
        let end = UInt64(module.allMemories.first?.limits.minimum ?? 0) << 16
        var pages: [UInt64: [UInt8]] = [:]
        for (index, segment) in module.dataSegments.enumerated() {
            guard case .active(_, let expression) = segment.mode else { continue }
            let start = offset(expression)
            guard start + UInt64(segment.bytes.count) <= end else {
                throw .segmentOutside(segment: "data segment", index: index)
            }
            var done = 0
            while done < segment.bytes.count {
                let place = start + UInt64(done)
                let within = Int(place & 4095)
                let piece = min(4096 - within, segment.bytes.count - done)
                let source = segment.bytes.lowerBound + done
                pages[place >> 12, default: [UInt8](repeating: 0, count: 4096)]
                    .replaceSubrange(within..<within + piece, with: binary[source..<source + piece])
                done += piece
            }
        }
        return ordered(pages)
    }

    /// Table 0 as its active segments leave it; segments of other tables are refused.
    private static func tableImage(of module: Module) throws(MachineError) -> [(index: UInt64, bytes: [UInt8])] {
        var pages: [UInt64: [UInt8]] = [:]
        for (index, segment) in module.elements.enumerated() {
            guard case .active(let table, let expression) = segment.mode else { continue }
            guard table == 0 else {
                throw .tooLarge(what: "tables with active element segments", bound: 1, found: table + 1)
            }
            let start = offset(expression)
            guard start + UInt64(segment.items.count) <= UInt64(module.allTables[0].limits.minimum) else {
                throw .segmentOutside(segment: "element segment", index: index)
            }
            for (number, item) in segment.items.enumerated() {
                guard case .refFunc(let function) = item else { continue }
                let place = start + UInt64(number)
                let bytes = littleEndian(Reference.function(UInt32(function)))
                let within = Int(place % 512) * 8
                pages[place / 512, default: [UInt8](repeating: 0, count: 4096)]
                    .replaceSubrange(within..<within + 8, with: bytes)
            }
        }
        return ordered(pages)
    }

    private static func ordered(_ pages: [UInt64: [UInt8]]) -> [(index: UInt64, bytes: [UInt8])] {
        pages.filter { $0.value.contains { $0 != 0 } }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
}
