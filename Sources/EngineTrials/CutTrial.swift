// One module's exported functions, whole and stopped on the way: the property that every made-up module is tried for.

import Interpreter
import WebAssembly

/// The first thing that was not the same in slices as whole.
package struct CutDifference: Error, CustomStringConvertible {
    package var call: String
    package var whole: String
    package var sliced: String

    package var description: String { "\(call): whole \(whole), in slices \(sliced)" }
}

/// How a module is tried.
package struct CutTrial {
    /// Decides on arguments and on where calls are stopped.
    package var seed: UInt64 = 0
    package var capacitySlots = 4_096
    /// Gas for each call.
    package var gas: Int64 = 20_000
    /// Times that a call is stopped.
    package var stops = 4
    /// Calls of each exported function: with zeros, then with any bits.
    package var rounds = 2

    package init() {}

    /// Instantiates twice, runs the start function and every exported function in both instances, in one of them stopped
    /// and moved to a fresh instance at random, and returns the calls made. Throws the first difference: in results,
    /// traps, gas, calls of the host, or the state. Traps the host where the interpreter breaks a promise.
    @discardableResult
    package func run(_ validated: ValidatedModule, bytes: [UInt8]) throws(CutDifference) -> Int {
        let whole = Listener(Trial(validated, bytes: bytes, capacitySlots: capacitySlots))
        let sliced = Listener(Trial(validated, bytes: bytes, capacitySlots: capacitySlots))
        let instantiated = whole.instantiate()
        guard instantiated == sliced.instantiate() else {
            throw CutDifference(call: "instantiate", whole: "\(instantiated)", sliced: "the contrary")
        }
        guard instantiated else { return 0 }
        var generator = SeededGenerator(seed: seed)
        var calls = 0
        func call(_ function: Int, _ arguments: [UInt64]) throws(CutDifference) -> Ending {
            let one = whole.trial.call(function, arguments, limit: gas)
            let cuts = one.gas == 0 ? [] : (0..<stops).map { _ in Int64(generator.next() % UInt64(one.gas)) }.sorted()
            let other = sliced.trial.call(function, arguments, stops: cuts, limit: gas)
            calls += 1
            guard one == other, whole.heard == sliced.heard else {
                throw CutDifference(
                    call: "call \(calls) of function \(function) with \(arguments), stopped at \(cuts)",
                    whole: "\(one), \(whole.heard)",
                    sliced: "\(other), \(sliced.heard)")
            }
            return one.ending
        }
        if let start = validated.module.start {
            guard case .results = try call(start, []) else { return calls }
        }
        for round in 0..<rounds {
            for export in validated.module.exports {
                guard case .function(let function) = export.kind else { continue }
                let types = whole.trial.type(ofFunction: function).parameters
                _ = try call(function, types.map { round == 0 ? 0 : Self.slot($0, &generator) })
            }
        }
        return calls
    }

    /// Any value of `type`; a null reference for references.
    private static func slot(_ type: ValueType, _ generator: inout SeededGenerator) -> UInt64 {
        switch type {
        case .i32, .f32: generator.next() & 0xFFFF_FFFF
        case .i64, .f64: generator.next()
        case .funcref, .externref: 0
        }
    }

    /// A trial and what it asked of the host.
    private final class Listener {
        let trial: Trial
        /// How many calls of the host there were, and which with what, as one number.
        struct Heard: Equatable {
            var count = 0
            var digest = 0
        }
        var heard = Heard()

        init(_ trial: Trial) {
            self.trial = trial
            trial.onHostCall = { [unowned self] function, arguments in
                var hasher = Hasher()
                hasher.combine(heard.digest)
                hasher.combine(function)
                hasher.combine(arguments)
                heard = Heard(count: heard.count + 1, digest: hasher.finalize())
            }
        }

        func instantiate() -> Bool {
            do throws(Trap) {
                try trial.instantiate()
                return true
            } catch {
                return false
            }
        }
    }
}
