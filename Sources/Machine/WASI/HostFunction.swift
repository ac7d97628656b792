// The functions that a module may import: their names, their types, and what performs them. A call checks everything,
// buys what it needs, and only then acts, so that it can be made again from the start after a wait or a purchase that
// was refused.

import Objects
import WebAssembly

/// How a host call ends.
enum CallOutcome {
    /// The results to push; the process goes on after the call.
    case done([UInt64])
    /// The call is made again when input has come or the deadline (monotonic nanoseconds of the world) is over.
    case wait(input: Bool, deadline: UInt64?)
    /// The process ends.
    case exit(code: Int32)
    /// The rest of the quantum is given up; the process goes on after the call.
    case yield([UInt64])

    static func errno(_ errno: Errno) -> CallOutcome { .done([errno.rawValue]) }
}

/// One call, as its implementation sees it: who calls, and with what.
struct HostCall {
    let machine: Machine
    let active: ActiveProcess

    /// Argument `index` as 32 bits.
    func word(_ index: Int) -> UInt32 { UInt32(truncatingIfNeeded: active.argument(index)) }
    /// Argument `index` as 64 bits.
    func long(_ index: Int) -> UInt64 { active.argument(index) }
}

/// A function of the host.
final class HostFunction: Sendable {
    enum Act: Sendable {
        /// What does it, and gas beyond `gas`, known before it acts.
        case perform(
            @Sendable (HostCall) throws -> CallOutcome, extraGas: @Sendable (HostCall) throws -> UInt64)
        /// It invokes a key (`Machine.invoke`).
        case invoke(InvocationKind)
    }

    let module: String
    let name: String
    let type: FunctionType
    let act: Act
    /// Gas of every call, which is about what it takes in time (decision 0004).
    static let gas: Int64 = 256

    init(
        _ module: String, _ name: String, _ parameters: [ValueType], _ results: [ValueType] = [.i32],
        extraGas: @escaping @Sendable (HostCall) throws -> UInt64 = { _ in 0 },
        _ perform: @escaping @Sendable (HostCall) throws -> CallOutcome
    ) {
        self.module = module
        self.name = name
        self.type = FunctionType(parameters: parameters, results: results)
        act = .perform(perform, extraGas: extraGas)
    }

    init(_ module: String, _ name: String, _ parameters: [ValueType], invokes kind: InvocationKind) {
        self.module = module
        self.name = name
        self.type = FunctionType(parameters: parameters, results: [.i32])
        act = .invoke(kind)
    }

    /// How it invokes a key; nil: it does something else.
    var invocation: InvocationKind? { if case .invoke(let kind) = act { kind } else { nil } }

    /// All there are, in order of module and name.
    static let all: [HostFunction] = KeyImports.functions + WASI.functions

    /// The one of this name.
    static func named(module: String, _ name: String) -> HostFunction? { byName["\(module).\(name)"] }

    private static let byName = Dictionary(uniqueKeysWithValues: all.map { ("\($0.module).\($0.name)", $0) })
}
