// Plays the commands of one script of the standard's test suite, as wast2json writes them, on bare instances.

import Foundation
import Interpreter
import Testing
import WebAssembly

/// A script as wast2json writes it.
struct ConformanceScript: Decodable {
    struct Value: Decodable {
        var type: String
        var value: String?

        /// The slot that it is; nil for a value that is not one slot in particular.
        var slot: UInt64? {
            guard let value else { return nil }
            switch type {
            case "funcref": return value == "null" ? 0 : UInt32(value).map { Reference.function($0) }
            case "externref": return value == "null" ? 0 : UInt32(value).map { Reference.external($0) }
            case "f32" where value.hasPrefix("nan"): return 0x7FC0_0000
            case "f64" where value.hasPrefix("nan"): return 0x7FF8_0000_0000_0000
            default: return UInt64(value)
            }
        }
    }

    struct Action: Decodable {
        var type: String
        var module: String?
        var field: String
        var args: [Value]?
    }

    struct Command: Decodable {
        var type: String
        var line: Int
        var name: String?
        var filename: String?
        var text: String?
        var `as`: String?
        var action: Action?
        var expected: [Value]?
    }

    var commands: [Command]
}

/// The modules of one script and what became of its assertions.
struct ConformancePlayer {
    let name: String
    let folder: URL
    let cutting: Cutting
    var tally: [String: Int] = [:]
    /// Instances by name; "" is the latest. A module that could not be linked is absent.
    private var subjects: [String: Subject] = [:]
    private var latest = ""
    /// Instances by the name that other modules import them under.
    private var registered: [String: Subject] = [:]

    init(name: String, folder: URL, cutting: Cutting) {
        self.name = name
        self.folder = folder
        self.cutting = cutting
    }

    mutating func play(_ command: ConformanceScript.Command) throws {
        let place = "\(name).wast:\(command.line) \(cutting)"
        switch command.type {
        case "register": registered[command.as ?? ""] = subjects[command.name ?? latest]
        case "module":
            latest = command.name ?? "#\(command.line)"
            subjects[latest] = try instantiate(command, place)
        case "action", "assert_return", "assert_trap", "assert_exhaustion":
            guard let action = command.action else { return }
            let key = action.module ?? latest
            guard subjects[key] != nil else {
                tally["not linked", default: 0] += 1
                return
            }
            guard let outcome = try perform(action, on: key) else {
                Issue.record("\(place): no export \(action.field)")
                return
            }
            check(outcome, command, place)
            tally[command.type, default: 0] += 1
        case "assert_uninstantiable":
            guard let file = command.filename, file.hasSuffix(".wasm") else { return }
            guard let subject = try? load(file) else {
                tally["assert_uninstantiable", default: 0] += 1
                return
            }
            guard let start = subject.instance.module.module.start else {
                tally["not linked", default: 0] += 1
                return
            }
            #expect(try subject.call(start, [], cutting) == .trap(.unreachable), "\(place)")
            tally["assert_uninstantiable", default: 0] += 1
        default: break
        }
    }

    private func check(_ outcome: Outcome, _ command: ConformanceScript.Command, _ place: String) {
        switch (command.type, outcome) {
        case ("action", .results): break
        case ("assert_return", .results(let results)):
            let expected = command.expected ?? []
            #expect(results.count == expected.count, "\(place)")
            for (result, value) in zip(results, expected) {
                if let slot = value.slot {
                    #expect(result == slot, "\(place): \(value.type) \(value.value ?? "")")
                } else {
                    #expect(result != Reference.null, "\(place): \(value.type)")
                }
            }
        case ("assert_trap", .trap(let trap)), ("assert_exhaustion", .trap(let trap)):
            // The suite's text may say more than the trap's name, such as which element.
            let text = command.text ?? ""
            #expect(text.hasPrefix(trap.description) || trap.description.hasPrefix(text), "\(place): \(trap), \(text)")
        default: Issue.record("\(place): \(outcome)")
        }
    }

    private func perform(_ action: ConformanceScript.Action, on key: String) throws -> Outcome? {
        guard let subject = subjects[key] else { return nil }
        let module = subject.instance.module
        switch module.module.export(named: action.field)?.kind {
        case .global(let index): return .results([subject.instance.activation.slots[index]])
        case .function(let index):
            if index < module.importedFunctionCount { return .results([]) }
            return try subject.call(index, (action.args ?? []).map { $0.slot ?? 0 }, cutting)
        default: return nil
        }
    }

    private mutating func instantiate(_ command: ConformanceScript.Command, _ place: String) throws -> Subject? {
        guard let file = command.filename, let subject = try load(file) else {
            tally["modules not linked", default: 0] += 1
            return nil
        }
        if let start = subject.instance.module.module.start, start >= subject.instance.module.importedFunctionCount {
            #expect(try subject.call(start, [], cutting) == .results([]), "\(place)")
        }
        tally["modules", default: 0] += 1
        return subject
    }

    /// Instantiates with the suite's `spectest` and with functions and constants of registered instances as imports. Nil
    /// where a memory, table or variable of another instance is imported, which does not link yet; then that instance,
    /// which the module would change, is forgotten too.
    private mutating func load(_ file: String) throws -> Subject? {
        let bytes = [UInt8](try Data(contentsOf: folder.appendingPathComponent(file)))
        var globals: [UInt64] = []
        var functions: [(subject: Subject, index: Int)?] = []
        for entry in try ValidatedModule(bytes: bytes).module.imports {
            let exporter = registered[entry.module]
            let export = exporter?.instance.module.module.export(named: entry.name)?.kind
            switch (entry.kind, export) {
            case (.function, .function(let index)?):
                functions.append(exporter.map { ($0, index) })
            case (.global(let type), .global(let index)?) where !type.isMutable:
                globals.append(exporter?.instance.activation.slots[index] ?? 0)
            case (.function, nil) where entry.module == "spectest": functions.append(nil)
            case (.global(let type), nil) where entry.module == "spectest": globals.append(Self.constant(type.value))
            case (.memory, nil) where entry.module == "spectest", (.table, nil) where entry.module == "spectest": break
            default:
                forget(entry.module)
                return nil
            }
        }
        return try Subject(bytes: bytes, importedGlobals: globals) { function, arguments in
            guard let (subject, index) = functions[function] else { return .success([]) }
            return Self.callAcross(subject, index, arguments)
        }
    }

    /// Calls a function of another instance.
    private static func callAcross(_ subject: Subject, _ function: Int, _ arguments: [UInt64]) -> Result<[UInt64], Trap>
    {
        subject.instance.call(function, arguments)
    }

    private mutating func forget(_ name: String) {
        guard let gone = registered[name] else { return }
        subjects = subjects.filter { $0.value !== gone }
        registered = registered.filter { $0.value !== gone }
    }

    /// The globals of `spectest`.
    private static func constant(_ type: ValueType) -> UInt64 {
        switch type {
        case .f32: UInt64(Float(666.6).bitPattern)
        case .f64: Double(666.6).bitPattern
        default: 666
        }
    }
}
