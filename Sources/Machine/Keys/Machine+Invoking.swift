// A program invokes a key (`specs/imports.md`). What is done is the kernel's; here arguments are taken from the program, its messages'
// heads are read once for all that follows, and pages are bought that a message may be written to.

import Interpreter
import Kernel
import Objects

extension Machine {
    /// Makes the invocation that a program's call of an import asks for, or goes on with the one that it stands in; nil where that is
    /// over and the process goes on.
    func invoke(_ kind: InvocationKind, _ active: ActiveProcess) throws -> Next? {
        let activation = active.activation
        let phase = try active.record(objects).load(ProcessRecord.invocationPhase)
        if phase == InvocationPhase.none.rawValue, let receiver = try invokeDirectly(kind, active) {
            return .stands(next: receiver)
        }
        let isMadeAgain = phase != InvocationPhase.none.rawValue
        if isMadeAgain {
            // What was paid for an invocation that is made again is the price of it.
            let cost = max(HostFunction.gas, activation.paid)
            guard activation.canPay(cost) else { return .gasUsed }
            if phase == InvocationPhase.done.rawValue, let code = try finishDirectly(active) {
                activation.complete(result: UInt64(UInt32(bitPattern: code)), cost: cost)
                return nil
            }
            if let end = try kernel.invocationGoesOn(active.cell) { return conclude(end, kind, active, cost: cost) }
        }
        let prepared = try prepare(kind, active)
        let order = try prepared.map { try kernel.price(of: $0, by: active.cell) } ?? OrderPrice()
        if !objects.hasBudget(forPages: order.dirtyPages) { return .overBudget }
        // The sum stays within what gas there can be.
        let extra = Int64(min(order.gas, UInt64(Activation.maximumGas) / 2))
        let price = isMadeAgain ? HostFunction.gas : Self.price(prepared) + extra
        let cost = max(price, activation.paid)
        guard activation.canPay(cost) else { return .gasUsed }
        do {
            if let refusal = try refusal(of: prepared, active) {
                return conclude(.done(refusal.rawValue), kind, active, cost: cost)
            }
            guard let prepared else { preconditionFailure("what cannot be read is refused") }
            if let next = try wait(before: prepared, active) {
                activation.prepay(cost)
                return next
            }
            // Whoever looks at what was used sees the same, price included, however the process was sliced.
            activation.prepay(cost)
            try account(of: active)._withUnsafeGuaranteedRef { try settle(active, $0) }
            let edition = kernel.meterEdition
            let end = try kernel.invoke(prepared, by: active.cell)
            let next = conclude(end, kind, active, cost: cost)
            // What there is to run on may be another now.
            return next ?? (kernel.meterEdition == edition ? nil : .runsAnew)
        } catch ObjectsError.bankExhausted(let refusal) {
            activation.prepay(cost)
            return .noSpace(bank: refusal.bank)
        }
    }

    private func conclude(
        _ end: InvocationEnd, _ kind: InvocationKind, _ active: ActiveProcess, cost: Int64
    ) -> Next? {
        switch end {
        case .done(let code):
            active.activation.complete(result: UInt64(UInt32(bitPattern: code)), cost: cost)
            return nil
        case .stands(let next):
            active.activation.prepay(cost)
            active.standsIn = kind
            return .stands(next: next)
        case .later:
            active.activation.prepay(cost)
            active.standsIn = kind
            return .yielded
        case .gone:
            active.activation.prepay(cost)
            return .gone
        }
    }

    /// 512, and 1 for each 16 bytes that are sent. Of one that cannot be read too.
    private static func price(_ prepared: PreparedInvocation?) -> Int64 {
        price(bytes: min(prepared?.sent?.count ?? 0, MessageHead.byteBound))
    }

    static func price(bytes: UInt32) -> Int64 { HostFunction.gas + 256 + Int64(bytes) / 16 }

    /// What the program asks for; nil where its instance has no memory, or what it says lies outside of it.
    private func prepare(_ kind: InvocationKind, _ active: ActiveProcess) throws -> PreparedInvocation? {
        guard let owner = active.memoryOwner, let view = active.view else { return nil }
        let activation = active.activation
        // Numbers beyond a byte are no registers either.
        let register = UInt8(exactly: UInt32(truncatingIfNeeded: activation.argument(0)))
        let invocation = Invocation(
            kind, register: register ?? UInt8(ProcessRecord.registerCount),
            message: UInt32(truncatingIfNeeded: activation.argument(1)),
            received: kind.receives ? UInt32(truncatingIfNeeded: activation.argument(2)) : 0, instance: owner)
        var sent: MessageHead?
        var received: MessageHead?
        if !invocation.isToNobody {
            sent = try head(active, view, at: invocation.message, bytes: MessageHead.sentBytes)
            if sent == nil { return nil }
        }
        if kind.receives {
            received = try head(active, view, at: invocation.received, bytes: MessageHead.receivedBytes)
            if received == nil { return nil }
        }
        return PreparedInvocation(invocation, sent: sent, received: received)
    }

    private func head(
        _ active: ActiveProcess, _ view: MemoryView, at address: UInt32, bytes: Int
    ) throws -> MessageHead? {
        // What lies beyond the memory is not mapped.
        if let place = view.readable(address, count: bytes) { return MessageHead(place) }
        return try read(active, at: address, count: bytes)?.withUnsafeBytes { $0.baseAddress.map(MessageHead.init) }
    }

    /// What is wrong with an invocation; nil: nothing, and the pages are bought that it may write to.
    private func refusal(of prepared: PreparedInvocation?, _ active: ActiveProcess) throws -> ReplyCode? {
        guard let prepared else { return .address }
        if let refusal = prepared.refusal(memoryBytes: active.view?.bytes ?? 0) { return refusal }
        if let sent = prepared.sent, let owner = active.memoryOwner,
            try objects.hasMappings(active.instances[Int(owner)].cell)
        {
            try bringIn(active, at: sent.address, count: sent.count)
        }
        guard let received = prepared.received else { return nil }
        guard try makeWritable(active, at: prepared.invocation.received, count: MessageHead.receivedBytes),
            try makeWritable(active, at: received.address, count: Int(received.count))
        else { return .address }
        return nil
    }

    private func makeWritable(_ active: ActiveProcess, at address: UInt32, count: Int) throws -> Bool {
        if count > 0, active.view?.writable(address, count: count) != nil { return true }
        return try prepareWrite(active, at: address, count: count)
    }
}
