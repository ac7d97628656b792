// What is done with one module, and the lines that tell what came of it: instantiation, the start function, its exported
// functions in order, and at the end what it exports of memories, tables and globals. Two programmes: `plain` calls the
// functions without parameters, each once, as wasm-interp --run-all-exports does; `seeded` calls all of them with several
// tuples of arguments. specs/compare.md has the lines' form.
//
// Invariant: SCRIPT-1 the lines depend on the bytes and the options alone.

import EngineTrials
import Interpreter
import WebAssembly

/// What is called.
enum Programme: String, CaseIterable {
    case plain
    case seeded
}

/// The options of a run.
struct RunOptions {
    var seed: UInt64 = 0
    /// Tuples of arguments for each function of the programme `seeded`.
    var tuples = 5
    /// Gas for each call.
    var gas: Int64 = 20_000_000
    /// Times that a call is stopped when it runs in slices.
    var stops = 6
    /// Whether functions of one or two parameters are called with all their extremes too.
    var pairs = false
    var capacitySlots = BareInstance.defaultSlots
}

/// The lines of one programme on one module, and what must not depend on how its calls were cut.
struct Transcript: Equatable {
    var lines: [String] = []
    /// For each call that was made: gas, and the state after it.
    var costs: [Finished] = []

    /// Runs `programme`. With `cuttingAs`, the transcript of the same run made whole, every call is stopped at random
    /// counts of gas and goes on in a fresh instance.
    init(_ programme: Programme, of trial: Trial, _ options: RunOptions, cuttingAs whole: Transcript? = nil) {
        let identity = options.seed << 32 | UInt64(Checksum.of(trial.bytes))
        // Cuts have a generator of their own, so that arguments are the same in both ways.
        var cuts = SeededGenerator(seed: ~identity)
        var heard: [String] = []
        trial.onHostCall = { function, arguments in
            heard.append("  host \(function)(\(values(trial.type(ofFunction: function).parameters, arguments)))")
        }
        defer { trial.onHostCall = { _, _ in } }
        do throws(Trap) {
            try trial.instantiate()
        } catch {
            lines.append("instantiate => trap: \(error)")
            return
        }
        var isOver = false
        func call(_ title: String, _ function: Int, _ arguments: [UInt64]) {
            if isOver { return }
            lines.append(title)
            let stops = whole.map { $0.stops(forCall: costs.count, options.stops, &cuts) } ?? []
            let finished = trial.call(function, arguments, stops: stops, limit: options.gas)
            lines += heard
            heard.removeAll()
            lines.append("  => " + Self.text(finished.ending, trial.type(ofFunction: function).results))
            costs.append(finished)
            isOver = finished.ending == .noGas
        }
        lines.append("instantiate => ok")
        if let start = trial.module.start {
            call("start", start, [])
            guard case .results = costs[0].ending else { return }
        }
        // Binaryen's modules count down from 10 and then only trap; this export of theirs begins to count again.
        var refill: (place: Int, function: Int)?
        for (place, export) in trial.module.exports.enumerated() where export.name == "hangLimitInitializer" {
            guard case .function(let function) = export.kind else { continue }
            if trial.type(ofFunction: function).parameters.isEmpty { refill = (place, function) }
        }
        for (place, export) in trial.module.exports.enumerated() {
            guard case .function(let function) = export.kind else { continue }
            let types = trial.type(ofFunction: function).parameters
            if programme == .plain {
                if types.isEmpty { call("call \(place) \(plainName(export.name))()", function, []) }
                continue
            }
            var arguments = SeededGenerator(seed: identity &+ UInt64(place))
            let chosen = (0..<(types.isEmpty ? 2 : options.tuples)).map { tuple in
                types.map { ArgumentChoice(tuple: tuple).slot($0, &arguments) }
            }
            for slots in chosen + (options.pairs && types.count <= 2 ? ArgumentChoice.allExtremes(types) : []) {
                if let refill { call("call \(refill.place) hangLimitInitializer()", refill.function, []) }
                call("call \(place) \(plainName(export.name))(\(values(types, slots)))", function, slots)
            }
        }
        lines += trial.exportedState()
    }

    /// The first thing that is not as in `other`, or nil.
    func difference(from other: Transcript) -> String? {
        if let place = zip(lines, other.lines).enumerated().first(where: { $1.0 != $1.1 })?.offset {
            return "whole '\(lines[place])', in slices '\(other.lines[place])'"
        }
        if let place = zip(costs, other.costs).enumerated().first(where: { $1.0 != $1.1 })?.offset {
            return "call \(place): whole \(costs[place]), in slices \(other.costs[place])"
        }
        return self == other ? nil : "whole \(lines.count) lines, in slices \(other.lines.count)"
    }

    /// Where call `index`, which costs what it did here, is to be stopped.
    private func stops(forCall index: Int, _ count: Int, _ generator: inout SeededGenerator) -> [Int64] {
        guard index < costs.count, costs[index].gas > 0 else { return [] }
        let gas = UInt64(costs[index].gas)
        return (0..<count).map { _ in Int64(generator.next() % gas) }.sorted()
    }

    private static func text(_ ending: Ending, _ types: [ValueType]) -> String {
        switch ending {
        case .results(let slots): "(\(values(types, slots)))"
        case .trap(let trap): "trap: \(trap)"
        case .noGas: "no gas"
        }
    }
}

/// `name` with what could break a line or be mistaken replaced.
func plainName(_ name: String) -> String {
    String(
        String.UnicodeScalarView(
            name.unicodeScalars.map { scalar in
                let isPlain =
                    scalar.isASCII
                    && (scalar.properties.isAlphabetic || "0123456789_.$-".unicodeScalars.contains(scalar))
                return isPlain ? scalar : "?"
            }))
}

extension Trial {
    /// Lines for the exported memories, tables and globals.
    fileprivate func exportedState() -> [String] {
        guard let instance else { return [] }
        return module.exports.enumerated().compactMap { place, export in
            switch export.kind {
            case .function: return nil
            case .memory:
                let pages = instance.memoryContents().sorted { $0.key < $1.key }
                    .map { " \($0.key):\(hexadecimal(UInt64(Checksum.of($0.value)), digits: 8))" }
                return "memory \(place) \(instance.activation.memoryBytes) bytes" + pages.joined()
            case .table(let index):
                return "table \(place) \(instance.activation.elementCount(ofTable: index)) elements " + nullness(index)
            case .global(let index):
                let type = module.allGlobals[index].value
                return "global \(place) \(type.text(instance.activation.slots[index]))"
            }
        }
    }

    /// For each of the first elements of a table, `0` where it is null.
    private func nullness(_ table: Int) -> String {
        guard let instance else { return "" }
        let count = min(instance.activation.elementCount(ofTable: table), 64)
        let first = instance.tableContents()[table][0] ?? []
        return (0..<count).map { index in
            first.dropFirst(index * 8).prefix(8).allSatisfy { $0 == 0 } ? "0" : "1"
        }.joined()
    }
}
