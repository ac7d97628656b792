// One module being tried: its instance, the calls it makes to the host, and calls of its functions that run whole or are
// stopped at given counts of gas, each time going on in a fresh instance that got nothing but what is state. Hides how
// an instance is made: the only place here that knows an initializer of the interpreter's.
//
// Invariants: TRIAL-1 a call costs the same gas, and leaves the same `digest`, wherever it was stopped; TRIAL-2 between two
// stops no slot of a frame below the low-water mark changes, so that who stores the slots may leave those out.

import Interpreter
import WebAssembly

/// How a call ended.
package enum Ending: Equatable {
    case results([UInt64])
    case trap(Trap)
    /// It had not ended when its gas was spent.
    case noGas
}

/// A call and what it cost; the state after it as a number that is comparable within one process.
package struct Finished: Equatable {
    package var ending: Ending
    package var gas: Int64
    package var digest: Int
}

/// A module's instance, with what is needed to make it again.
package final class Trial {
    /// Elements that a table may grow to.
    package static let elementCapacity = BareInstance.elementCapacity

    package let bytes: [UInt8]
    package let validated: ValidatedModule
    package let capacitySlots: Int
    /// Called with each call of an imported function: its index and arguments. The answer is zeros.
    package var onHostCall: (Int, [UInt64]) -> Void = { _, _ in }
    package private(set) var instance: BareInstance?
    /// How often a computation was moved to a fresh instance.
    package private(set) var reloads = 0

    package var module: Module { validated.module }

    /// A trial without an instance. `capacitySlots` bounds the depth of calls.
    package init(_ validated: ValidatedModule, bytes: [UInt8], capacitySlots: Int = BareInstance.defaultSlots) {
        self.validated = validated
        self.bytes = bytes
        self.capacitySlots = capacitySlots
    }

    /// Makes the instance; a segment that does not fit is a trap. Does not run the start function.
    package func instantiate() throws(Trap) { instance = try fresh() }

    /// A fresh instance of a fresh module, with no code lowered.
    private func fresh() throws(Trap) -> BareInstance {
        let compiled = CompiledModule(validated, bytes: bytes, types: FunctionTypeTable())
        let made = try BareInstance(compiled, capacitySlots: capacitySlots)
        made.host = { [unowned self] function, arguments in .success(answer(function, arguments)) }
        return made
    }

    private func answer(_ function: Int, _ arguments: [UInt64]) -> [UInt64] {
        onHostCall(function, arguments)
        return type(ofFunction: function).results.map { _ in 0 }
    }

    /// The type of function `index`, imported ones first.
    package func type(ofFunction index: Int) -> FunctionType { module.types[module.typeIndex(ofFunction: index)] }

    /// Calls `function`. It is stopped and moved to a fresh instance whenever it has spent as much gas as `stops` says,
    /// ascending, and given up when it has spent `limit`. Traps the host where the interpreter breaks a promise.
    package func call(_ function: Int, _ arguments: [UInt64], stops: [Int64] = [], limit: Int64) -> Finished {
        guard let first = instance else { preconditionFailure("instantiated before it is called") }
        if function < first.module.importedFunctionCount {
            return Finished(ending: .results(answer(function, arguments)), gas: 0, digest: digest)
        }
        let top = first.module.globalCount + first.module.frameSlots(ofFunction: function)
        if top > first.activation.boughtSlots {
            return Finished(ending: .trap(.callStackExhausted), gas: 0, digest: digest)
        }
        first.activation.enter(function: function, arguments: arguments)
        let resultCount = type(ofFunction: function).results.count
        marked = []
        var spent: Int64 = 0
        for stop in stops where stop > spent && stop < limit {
            if let ending = run(until: stop, &spent, resultCount) {
                return Finished(ending: ending, gas: spent, digest: digest)
            }
            disturb(stop)
        }
        let ending = run(until: limit, &spent, resultCount) ?? .noGas
        return Finished(ending: ending, gas: spent, digest: digest)
    }

    /// What may happen to a computation that is stopped: its pages become read-only, as when they are frozen, or go, as
    /// when they are evicted, or it moves, as when it is stored and loaded.
    private func disturb(_ stop: Int64) {
        guard let instance else { return }
        switch stop % 5 {
        case 0:
            for space in instance.activation.memories(of: 0) + instance.activation.tables(of: 0) { space.clearWrites() }
        case 1:
            for space in instance.activation.memories(of: 0) + instance.activation.tables(of: 0) { space.clearAll() }
        default: reload()
        }
        mark()
    }

    /// The slots of the frames when it was stopped.
    private var marked: [UInt64] = []

    private func mark() {
        guard let activation = instance?.activation, let globals = instance?.module.globalCount else { return }
        activation.resetLowWater()
        marked = (globals..<activation.liveSlots).map { activation.slots[$0] }
    }

    /// Checks TRIAL-2 for what happened since the mark.
    private func checkMark() {
        guard let activation = instance?.activation, let globals = instance?.module.globalCount else { return }
        for index in globals..<max(globals, min(activation.lowWater, globals + marked.count)) {
            precondition(activation.slots[index] == marked[index - globals], "slot \(index) lies below the mark")
        }
    }

    /// Runs on until `stop` gas is spent: nil, or how it ended before.
    private func run(until stop: Int64, _ spent: inout Int64, _ resultCount: Int) -> Ending? {
        guard let instance else { preconditionFailure("instantiated before it runs") }
        instance.activation.gas = stop - spent
        let exit = instance.run()
        spent = stop - instance.activation.gas
        instance.activation.checkInvariants()
        checkMark()
        switch exit {
        case .outOfGas: return nil
        case .returned: return .results((0..<resultCount).map { instance.activation.result($0) })
        case .trap(let trap): return .trap(trap)
        default: preconditionFailure("an instance that answers everything exits with \(exit)")
        }
    }

    /// Moves the computation: only what is state is taken over, all else is as in a fresh instance.
    private func reload() {
        guard let old = instance, let position = old.activation.position else { return }
        let made: BareInstance
        do throws(Trap) { made = try fresh() } catch { preconditionFailure("instantiated before, and now: \(error)") }
        made.copyState(of: old)
        let live = old.activation.liveSlots
        for index in 0..<live { made.activation.slots[index] = old.activation.slots[index] }
        made.activation.paid = old.activation.paid
        do throws(PositionError) {
            try made.activation.resume(at: position, frame: old.activation.frameBase)
        } catch { preconditionFailure("cannot go on where it stood: \(error)") }
        precondition(made.activation.liveSlots == live, "as many live slots as before")
        precondition(made.activation.frames() == old.activation.frames(), "the same frames as before")
        instance = made
        reloads += 1
    }

    /// All that is state: memory, tables, sizes, dropped segments, globals, and a computation that did not return.
    private var digest: Int {
        guard let instance else { return 0 }
        let activation = instance.activation
        var hasher = Hasher()
        hasher.combine(activation.memoryBytes)
        for pages in [instance.memoryContents()] + instance.tableContents() {
            for (page, contents) in pages.sorted(by: { $0.key < $1.key }) {
                hasher.combine(page)
                contents.withUnsafeBytes { hasher.combine(bytes: $0) }
            }
            hasher.combine(pages.count)
        }
        for table in module.allTables.indices { hasher.combine(activation.elementCount(ofTable: table)) }
        for word in activation.droppedSegments() { hasher.combine(word) }
        hasher.combine(activation.position)
        hasher.combine(activation.paid)
        for index in 0..<activation.liveSlots { hasher.combine(activation.slots[index]) }
        return hasher.finalize()
    }
}
