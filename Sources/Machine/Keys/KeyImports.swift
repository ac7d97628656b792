// The `keyvm` imports: how a program uses the keys in its registers (`specs/imports.md`). Invocations are made in `Machine+Invoking.swift`.

import Kernel
import Objects

enum KeyImports {
    static let module = "keyvm"

    static let functions: [HostFunction] = [
        HostFunction(module, "call", [.i32, .i32, .i32], invokes: .call),
        HostFunction(module, "clear", [.i32]) { try clear($0) },
        HostFunction(module, "copy", [.i32, .i32]) { try copy($0) },
        HostFunction(module, "map", [.i32, .i32]) { try map($0) },
        HostFunction(module, "move", [.i32, .i32]) { try move($0) },
        HostFunction(module, "return", [.i32, .i32, .i32], invokes: .return),
        HostFunction(module, "send", [.i32, .i32], invokes: .send),
        HostFunction(module, "unmap", [.i32, .i32]) { try unmap($0) },
    ]

    // MARK: Registers

    /// The register that an argument names; nil where there is none.
    private static func register(_ call: HostCall, _ index: Int) -> Int? {
        let number = Int(call.word(index))
        return number < ProcessRecord.registerCount ? number : nil
    }

    private static func clear(_ call: HostCall) throws -> CallOutcome {
        guard let register = register(call, 0) else { return .code(.register) }
        try call.machine.kernel.setRegister(register, of: call.active.cell, to: .void)
        return .code(.ok)
    }

    private static func copy(_ call: HostCall) throws -> CallOutcome {
        guard let from = register(call, 0), let to = register(call, 1) else { return .code(.register) }
        let key = try call.machine.objects.register(from, of: call.active.cell)
        try call.machine.kernel.setRegister(to, of: call.active.cell, to: key)
        return .code(.ok)
    }

    private static func move(_ call: HostCall) throws -> CallOutcome {
        let outcome = try copy(call)
        // The copy is there first: a key of which there is one only is never without it.
        guard let from = register(call, 0), let to = register(call, 1), from != to else { return outcome }
        try call.machine.kernel.setRegister(from, of: call.active.cell, to: .void)
        return outcome
    }

    // MARK: Mapping

    /// The register that an argument names; nil where there is none, void where it names none.
    private static func registerOrNone(_ call: HostCall, _ index: Int) -> Int?? {
        if call.word(index) == UInt32(Invocation.noRegister) { return .some(nil) }
        return register(call, index).map { .some($0) }
    }

    private static func map(_ call: HostCall) throws -> CallOutcome {
        guard let register = registerOrNone(call, 0) else { return .code(.register) }
        guard let instance = call.active.memoryOwner else { return .code(.address) }
        let key = try register.map { try call.machine.objects.register($0, of: call.active.cell) }
        return .code(
            try call.machine.kernel.map(
                key, at: UInt64(call.word(1)), of: call.active.cell, instance: instance))
    }

    private static func unmap(_ call: HostCall) throws -> CallOutcome {
        guard let register = registerOrNone(call, 0) else { return .code(.register) }
        guard let instance = call.active.memoryOwner,
            let key = try call.machine.kernel.unmap(UInt64(call.word(1)), of: call.active.cell, instance: instance)
        else { return .code(.address) }
        if let register { try call.machine.kernel.setRegister(register, of: call.active.cell, to: key) }
        return .code(.ok)
    }
}

extension CallOutcome {
    static func code(_ code: ReplyCode) -> CallOutcome { .done([UInt64(UInt32(bitPattern: code.rawValue))]) }
}
