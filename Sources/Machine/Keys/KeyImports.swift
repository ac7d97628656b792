// The `keyvm` imports: how a program uses the keys in its registers (`specs/imports.md`). What is done is the kernel's; here arguments
// are taken from the program, and pages are bought that a message may be written to.

import Kernel
import Objects

enum KeyImports {
    static let module = "keyvm"

    static let functions: [HostFunction] = [
        HostFunction(module, "call", [.i32, .i32, .i32], extraGas: gas(.call)) { try invoke(.call, $0) },
        HostFunction(module, "clear", [.i32]) { try clear($0) },
        HostFunction(module, "copy", [.i32, .i32]) { try copy($0) },
        HostFunction(module, "move", [.i32, .i32]) { try move($0) },
        HostFunction(module, "return", [.i32, .i32, .i32], extraGas: gas(.return)) { try invoke(.return, $0) },
        HostFunction(module, "send", [.i32, .i32], extraGas: gas(.send)) { try invoke(.send, $0) },
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

    // MARK: Invoking

    /// What the program asks for; nil where its instance has no memory.
    private static func invocation(_ kind: InvocationKind, _ call: HostCall) -> Invocation? {
        guard let owner = call.active.instances[call.active.callee].memoryOwner else { return nil }
        // Numbers beyond a byte are no registers either.
        let register = UInt8(exactly: call.word(0)) ?? UInt8(ProcessRecord.registerCount)
        return Invocation(
            kind, register: register, message: call.word(1), received: kind.receives ? call.word(2) : 0,
            instance: UInt16(owner))
    }

    /// 256, and 1 for each 16 bytes that are sent. What was paid for an invocation that is made again is the price of it.
    private static func gas(_ kind: InvocationKind) -> @Sendable (HostCall) throws -> UInt64 {
        { call in
            let paid = UInt64(call.active.activation.paid)
            if try call.machine.objects.invocationPhase(of: call.active.cell) != .none, paid >= HostFunction.gas {
                return paid - UInt64(HostFunction.gas)
            }
            guard let invocation = invocation(kind, call) else { return 256 }
            try call.machine.noteMemoryBytes(call.active)
            return 256 + UInt64(try call.machine.kernel.sentBytes(invocation, by: call.active.cell)) / 16
        }
    }

    private static func invoke(_ kind: InvocationKind, _ call: HostCall) throws -> CallOutcome {
        let (machine, process) = (call.machine, call.active.cell)
        if let end = try machine.kernel.invocationGoesOn(process) { return outcome(end) }
        guard let invocation = invocation(kind, call) else { return .code(.address) }
        try machine.noteMemoryBytes(call.active)
        if let refusal = try machine.kernel.refusal(of: invocation, by: process) { return .code(refusal) }
        for run in try machine.kernel.receivingRuns(of: invocation, by: process) {
            guard try machine.prepareWrite(call.active, at: run.address, count: run.count) else {
                return .code(.address)
            }
        }
        return outcome(try machine.kernel.invoke(invocation, by: process))
    }

    private static func outcome(_ end: InvocationEnd) -> CallOutcome {
        switch end {
        case .done(let code): .code(code)
        case .stands: .stand
        case .gone: .gone
        }
    }
}

extension CallOutcome {
    static func code(_ code: ReplyCode) -> CallOutcome { .code(code.rawValue) }
    static func code(_ code: Int32) -> CallOutcome { .done([UInt64(UInt32(bitPattern: code))]) }
}

extension Machine {
    /// How large the memory is that a host call is about, where the kernel sees it.
    fileprivate func noteMemoryBytes(_ active: ActiveProcess) throws {
        guard let owner = active.instances[active.callee].memoryOwner else { return }
        let cell = active.instances[owner].cell
        let bytes = active.memoryBytes
        if try objects.get(cell, InstanceRecord.memoryBytes) != bytes {
            try objects.set(cell, InstanceRecord.memoryBytes, bytes)
        }
    }
}
