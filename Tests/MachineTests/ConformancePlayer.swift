// Plays the commands of one script of the standard's test suite in processes of a world: a module becomes an instance of a
// process, an action a call of one. Modules that can see each other share a process.

import ConformanceSuite
import Interpreter
import Kernel
import Machine
import Objects
import Testing
import WebAssembly

/// How a computation is cut.
enum WorldCutting: Sendable, Hashable, CustomStringConvertible {
    /// In one go.
    case whole
    /// Frozen, written out and read back after every so many instructions.
    case reloads(every: UInt64)
    /// Likewise, but only for the first so many times in each call.
    case firstReloads(every: UInt64, atMost: Int)

    var description: String {
        switch self {
        case .whole: "in one go"
        case .reloads(let gas): "reloaded every \(gas)"
        case .firstReloads(let gas, let most): "reloaded every \(gas), \(most) times a call"
        }
    }

    /// Gas of slice `number` of a call.
    func gas(ofSlice number: Int) -> UInt64 {
        switch self {
        case .whole: .max
        case .reloads(let gas): gas
        case .firstReloads(let gas, let most): number < most ? gas : .max
        }
    }
}

/// The instances of one script and what became of its assertions.
final class ConformancePlayer {
    /// An instance: the process that it is in, and its number there.
    private struct Subject {
        let process: CellID
        let number: Int
    }

    private let name: String
    private let suite: ConformanceSuite
    private let cutting: WorldCutting
    private let bench: StoredBench
    /// Assertions that held, by type.
    private(set) var held: [String: Int] = [:]
    private var subjects: [String: Subject] = [:]
    private var latest = ""
    /// Whether modules of this script import from each other: then all are in one process.
    private let isLinked: Bool
    private var scope: [String: Int] = [:]
    private var process: CellID?
    private var processes = 0

    init(_ script: ConformanceScript, name: String, suite: ConformanceSuite, cutting: WorldCutting) throws {
        self.name = name
        self.suite = suite
        self.cutting = cutting
        isLinked = script.commands.contains { $0.type == "register" }
        bench = try StoredBench()
    }

    var reloads: Int { bench.reloads }
    var gas: UInt64 { get throws { try bench.objects.world(WorldPage.gasClock) } }

    func play(_ command: ConformanceScript.Command) throws {
        let place = "\(name).wast:\(command.line) \(cutting)"
        switch command.type {
        case "module":
            let subject = try add(command)
            try #require(try end(of: subject.process) == .results([]), "\(place)")
            latest = command.name ?? ""
            subjects[latest] = subject
        case "register":
            let subject = try #require(subjects[command.name ?? latest], "\(place)")
            scope[command.as ?? ""] = subject.number
        case "action", "assert_return", "assert_trap", "assert_exhaustion":
            guard let action = command.action else { return }
            let outcome = try perform(action, place)
            judge(command, check(outcome, command), "\(place): \(outcome)")
        case "assert_uninstantiable":
            let subject = try add(command)
            judge(command, check(try end(of: subject.process), command), place)
        case "assert_unlinkable", "assert_invalid", "assert_malformed":
            guard let file = command.filename, file.hasSuffix(".wasm") else { return }
            let process = try processForModule()
            let before = try bench.objects.world(WorldPage.moduleCount)
            judge(command, try refuses(suite.module(file), as: command, in: process), place)
            #expect(try bench.objects.world(WorldPage.moduleCount) == before, "\(place): nothing is left")
        default: Issue.record("\(place): \(command.type)")
        }
    }

    private func judge(_ command: ConformanceScript.Command, _ holds: Bool, _ text: String) {
        #expect(holds, "\(text)")
        if holds { held[command.type, default: 0] += 1 }
    }

    // MARK: Instances

    /// An instance of the command's module, not instantiated yet.
    private func add(_ command: ConformanceScript.Command) throws -> Subject {
        let bytes = try suite.module(command.filename ?? "")
        let process = try processForModule()
        let number = try bench.machine.addInstance(bytes, to: process, scope: scope)
        return Subject(process: process, number: number)
    }

    /// The process of all modules, or one of its own, in which the suite's `spectest` is instance 0.
    private func processForModule() throws -> CellID {
        if isLinked, let process { return process }
        let made = try bench.makeCalled(try Self.spectest(), name: "p\(processes)")
        processes += 1
        scope = ["spectest": 0]
        process = made
        try #require(try run(made, cutting: .whole) == .results([]))
        return made
    }

    private func refuses(_ bytes: [UInt8], as command: ConformanceScript.Command, in process: CellID) throws -> Bool {
        do {
            _ = try bench.machine.addInstance(bytes, to: process, scope: scope)
            return false
        } catch let error as MachineError {
            switch (command.type, error) {
            case ("assert_malformed", .malformed), ("assert_invalid", .invalid): return true
            // A module may be both, and the decoder meets some of what validation would.
            case ("assert_malformed", .invalid), ("assert_invalid", .malformed): return true
            case ("assert_unlinkable", .missingImports): return command.text == "unknown import"
            case ("assert_unlinkable", .importType), ("assert_unlinkable", .importKind):
                return command.text == "incompatible import type"
            default: return false
            }
        }
    }

    // MARK: Calls

    enum Outcome: Equatable {
        case results([UInt64])
        case trap(String)
        case stuck(RunState)
    }

    private func perform(_ action: ConformanceScript.Action, _ place: String) throws -> Outcome {
        let subject = try #require(subjects[action.module ?? latest], "\(place)")
        if action.type == "get" {
            return .results([
                try #require(try bench.machine.global(action.field, of: subject.number, in: subject.process))
            ])
        }
        let function = try bench.machine.function(action.field, of: subject.number, in: subject.process)
        try bench.machine.call(
            subject.process, instance: subject.number, function: function.index,
            arguments: (action.args ?? []).map { $0.slot ?? 0 })
        return try end(of: subject.process)
    }

    private func end(of process: CellID) throws -> Outcome { try run(process, cutting: cutting) }

    /// Runs until the process waits to be called again; one that trapped is made to.
    private func run(_ process: CellID, cutting: WorldCutting) throws -> Outcome {
        var slices = 0
        while let next = try bench.kernel.processToRun() {
            let gas = cutting.gas(ofSlice: slices)
            _ = try bench.machine.run(next, gasBound: gas)
            slices += 1
            if gas != .max { try bench.writeOutAndReload() }
        }
        switch try bench.kernel.state(of: process) {
        case .waiting: return .results(try bench.machine.results(of: process))
        case .faulted:
            let text = Machine.trapText(try bench.objects.get(process, ProcessRecord.trap))
            try bench.machine.abandonCall(process)
            return .trap(text)
        case let state: return .stuck(state)
        }
    }

    private func check(_ outcome: Outcome, _ command: ConformanceScript.Command) -> Bool {
        switch (command.type, outcome) {
        case ("action", .results): return true
        case ("assert_return", .results(let results)):
            let expected = command.expected ?? []
            return results.count == expected.count
                && zip(results, expected).allSatisfy { result, value in
                    value.slot.map { result == $0 } ?? (result != Reference.null)
                }
        case ("assert_trap", .trap(let found)), ("assert_exhaustion", .trap(let found)),
            ("assert_uninstantiable", .trap(let found)):
            // The suite's text may say more than the trap's name, such as which element.
            let text = command.text ?? ""
            return !text.isEmpty && (text.hasPrefix(found) || found.hasPrefix(text))
        default: return false
        }
    }

    /// The module that the suite's scripts import from.
    private static func spectest() throws -> [UInt8] {
        try Assembler.module(
            """
            (module
              (global (export "global_i32") i32 (i32.const 666))
              (global (export "global_i64") i64 (i64.const 666))
              (global (export "global_f32") f32 (f32.const 666.6))
              (global (export "global_f64") f64 (f64.const 666.6))
              (table (export "table") 10 20 funcref)
              (memory (export "memory") 1 2)
              (func (export "print"))
              (func (export "print_i32") (param i32))
              (func (export "print_i64") (param i64))
              (func (export "print_f32") (param f32))
              (func (export "print_f64") (param f64))
              (func (export "print_i32_f32") (param i32 f32))
              (func (export "print_f64_f64") (param f64 f64)))
            """)
    }
}
