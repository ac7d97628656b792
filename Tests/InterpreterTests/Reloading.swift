// Running by slices of gas, and moving a computation into a fresh activation through nothing but what is state.

import Interpreter
import Testing
import WebAssembly

/// How a computation is cut.
enum Cutting: Sendable, Hashable, CustomStringConvertible {
    /// In one go.
    case whole
    /// Slices of so much gas.
    case slices(Int64)
    /// Slices of so much gas, each in a fresh module and activation, for at most so many slices; then in one go.
    case reloads(Int64, atMost: Int)

    var description: String {
        switch self {
        case .whole: "whole"
        case .slices(let gas): "slices of \(gas)"
        case .reloads(let gas, _): "reloads after \(gas)"
        }
    }
}

/// How a computation ended.
enum Outcome: Equatable {
    case results([UInt64])
    case trap(Trap)
    case unexpected(Exit)
}

/// An instance, with what is needed to make it again.
final class Subject {
    let bytes: [UInt8]
    private(set) var instance: BareInstance
    /// Gas spent by the last run.
    private(set) var spent: Int64 = 0

    init(
        bytes: [UInt8], importedGlobals: [UInt64] = [], host: ((Int, [UInt64]) -> Result<[UInt64], Trap>)? = nil
    ) throws {
        self.bytes = bytes
        instance = try Self.instantiate(bytes, importedGlobals)
        instance.host = host
    }

    /// A fresh instance of a fresh module; memories and tables to import are those that the standard's suite gives.
    private static func instantiate(_ bytes: [UInt8], _ importedGlobals: [UInt64]) throws -> BareInstance {
        try BareInstance(
            CompiledModule(try ValidatedModule(bytes: bytes), bytes: bytes, types: FunctionTypeTable()),
            importedGlobals: importedGlobals, importedMemory: Limits(minimum: 1, maximum: 2),
            importedTable: Limits(minimum: 10, maximum: 20))
    }

    /// Runs `function` to its end, cut as said.
    func call(_ function: Int, _ arguments: [UInt64], _ cutting: Cutting) throws -> Outcome {
        let activation = instance.activation
        if instance.module.globalCount + instance.module.frameSlots(ofFunction: function) > activation.boughtSlots {
            return .trap(.callStackExhausted)
        }
        activation.enter(function: function, arguments: arguments)
        spent = 0
        var slices = 0
        while true {
            var slice = Activation.maximumGas
            switch cutting {
            case .whole: break
            case .slices(let gas): slice = gas
            case .reloads(let gas, let most):
                slice = slices < most ? gas : Activation.maximumGas
                if slices > 0 && slices <= most { try reload() }
            }
            slices += 1
            instance.activation.gas = slice
            let exit = instance.run()
            spent += slice - instance.activation.gas
            // Checking costs as much as there are frames: not after every one of very many slices.
            if slices <= 256 || slices % 4_096 == 0 { instance.activation.checkInvariants() }
            switch exit {
            case .outOfGas where slice != Activation.maximumGas: continue
            case .returned:
                let count = instance.module.type(ofFunction: function).results.count
                return .results((0..<count).map { instance.activation.result($0) })
            case .trap(let trap): return .trap(trap)
            default: return .unexpected(exit)
            }
        }
    }

    /// Puts the computation into a fresh module and activation: only live slots are taken over, the rest is zero.
    func reload() throws {
        guard let position = instance.activation.position else { return }
        let old = instance
        let importedGlobals = (0..<old.module.module.importedGlobalCount).map { old.activation.slots[$0] }
        let fresh = try Self.instantiate(bytes, importedGlobals)
        fresh.host = old.host
        fresh.copyState(of: old)
        for index in 0..<old.activation.liveSlots { fresh.activation.slots[index] = old.activation.slots[index] }
        fresh.activation.paid = old.activation.paid
        try fresh.activation.resume(at: position, frame: old.activation.frameBase)
        #expect(fresh.activation.liveSlots == old.activation.liveSlots)
        #expect(fresh.activation.frames() == old.activation.frames())
        instance = fresh
    }

    /// Everything that must be equal however the computation was cut.
    var state: ComputationState {
        let activation = instance.activation
        return ComputationState(
            position: activation.position, frameBase: activation.frameBase, paid: activation.paid,
            slots: (0..<activation.liveSlots).map { activation.slots[$0] }, memoryBytes: activation.memoryBytes,
            memory: instance.memoryContents(), tables: instance.tableContents(),
            dropped: Array(activation.droppedSegments()))
    }
}

/// What a store would keep of a computation.
struct ComputationState: Equatable {
    var position: CodePosition?
    var frameBase: Int
    var paid: Int64
    var slots: [UInt64]
    var memoryBytes: UInt64
    var memory: [UInt32: [UInt8]]
    var tables: [[UInt32: [UInt8]]]
    var dropped: [UInt64]
}
