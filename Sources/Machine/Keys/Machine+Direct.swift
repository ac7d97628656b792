// The short way of a message: a call or a reply to a process that waits for it in memory, with nobody before it. All that it takes is at
// hand in what the host keeps; it changes what `Kernel.invoke` would change, and where anything is out of the ordinary it leaves it to
// that before it has changed a thing. So nobody can tell which way a message went.

import Kernel
import Objects

/// A message that is about to be delivered, where it lies. Addresses are good until a page is brought in, `received` until the epoch ends.
private struct ShortMessage {
    let invocation: Invocation
    /// By which it is sent.
    let key: Key
    let isStart: Bool
    let isCall: Bool
    /// The sender's record.
    let from: UnsafeMutableRawPointer
    let registers: NamedRegisters
    let count: UInt32
}

extension Machine {
    /// Makes an invocation for the first time, the short way: who received its message; its sender has paid and stands. nil: nothing was
    /// done.
    func invokeDirectly(_ kind: InvocationKind, _ active: ActiveProcess) throws -> CellID? {
        guard deliversDirectly, kind.receives, let view = active.view, let owner = active.memoryOwner,
            try objects.world(WorldPage.goingFirst) == 0
        else { return nil }
        let operands = active.activation.operands
        let register = UInt32(truncatingIfNeeded: operands[0])
        let message = UInt32(truncatingIfNeeded: operands[1])
        let buffer = UInt32(truncatingIfNeeded: operands[2])
        guard register < UInt32(ProcessRecord.registerCount),
            let sent = view.readable(message, count: MessageHead.sentBytes),
            let received = view.writable(buffer, count: MessageHead.receivedBytes)
        else { return nil }
        let count = sent.load(MessageLayout.count)
        let registers = NamedRegisters(sent)
        let room = received.load(MessageLayout.count)
        let cost = max(Self.price(bytes: count), active.activation.paid)
        guard count <= MessageHead.byteBound, view.contains(sent.load(MessageLayout.address), count: count),
            view.contains(received.load(MessageLayout.address), count: room),
            room == 0 || view.writable(received.load(MessageLayout.address), count: Int(room)) != nil,
            registers.areThere, NamedRegisters(received).areThere, active.activation.couldPay(cost)
        else { return nil }
        let from = try active.record(objects)
        let key = from.register(UInt8(register))
        let isStart: Bool
        switch key.kind {
        case .start: isStart = true
        case .resume: isStart = false
        default: return nil
        }
        guard key.id != active.id, let receiver = recent.process(id: key.id) else { return nil }
        let isCall = if case .call = kind { true } else { false }
        let short = ShortMessage(
            invocation: Invocation(
                kind, register: UInt8(register), message: message, received: buffer, instance: owner), key: key,
            isStart: isStart, isCall: isCall, from: from, registers: registers, count: count)
        let next = try receiver._withUnsafeGuaranteedRef { try deliver(short, from: active, view, to: $0) }
        guard let next else { return nil }
        active.activation.prepay(cost)
        active.standsIn = kind
        directDeliveries += 1
        return next
    }

    private func deliver(
        _ short: ShortMessage, from active: ActiveProcess, _ view: MemoryView, to next: ActiveProcess
    ) throws -> CellID? {
        guard next.writeEpoch == objects.epoch else { return nil }
        let (from, isStart, isCall) = (short.from, short.isStart, short.isCall)
        let to = try next.record(objects)
        guard to.load(ProcessRecord.state) == RunState.waiting.rawValue,
            to.load(ProcessRecord.invocationPhase)
                == (isStart ? InvocationPhase.available.rawValue : InvocationPhase.called.rawValue),
            isStart ? to.load(ProcessRecord.callersFirst) == 0 : to.call == short.key.call,
            isCall || from.load(ProcessRecord.callersFirst) == 0,
            let memory = next.memoryView(Int(to.load(ProcessRecord.messageInstance))),
            let place = memory.writable(to.load(ProcessRecord.receivedAddress), count: MessageHead.receivedBytes)
        else { return nil }
        let call = (from.call &+ 1) & Key.lastCall
        let targets = NamedRegisters(place)
        var keys: InlineArray<4, Key> = [.void, .void, .void, .void]
        for index in keys.indices {
            let number = short.registers[index]
            let target = targets[index]
            if index == 3, isCall {
                // Nobody else has it: where it is dropped nobody can answer.
                guard Invocation.isRegister(target) else { return nil }
                keys[index] = .resume(active.id, call: call)
            } else if Invocation.isRegister(number) {
                let key = from.register(number)
                // Whoever waits for an answer is counted.
                if case .resume = key.kind { return nil }
                if try !objects.isVoid(key) { keys[index] = key }
            }
            guard Invocation.isRegister(target) else { continue }
            // One to an answer that the sender does not wait for is void.
            if case let old = to.register(target), case .resume = old.kind, old.id != active.id { return nil }
        }
        // Looking at keys may have brought pages in.
        guard let sent = view.readable(short.invocation.message, count: MessageHead.sentBytes) else { return nil }
        // Read before anything is written: both may lie in one page.
        let head = MessageHead(sent)
        let count = Int(min(short.count, place.load(MessageLayout.count)))
        if count > 0 {
            guard let source = view.readable(sent.load(MessageLayout.address), count: count),
                let target = memory.writable(place.load(MessageLayout.address), count: count)
            else { return nil }
            target.copyMemory(from: source, byteCount: count)
        }
        head.store(at: place, badge: isStart ? short.key.badge : 0, isAwaited: isCall)
        to.store(InvocationPhase.done.rawValue, ProcessRecord.invocationPhase)
        if !isStart { to.store(0, ProcessRecord.resumeCopies) }
        for index in keys.indices {
            let target = targets[index]
            if Invocation.isRegister(target) { to.setRegister(target, to: keys[index]) }
        }
        from.setInvocation(short.invocation, isCall ? .called : .available)
        if isCall {
            from.call = call
            from.store(1, ProcessRecord.resumeCopies)
        }
        return next.cell
    }

    /// What an invocation answers that is over, of a process that stands at it; nil where the kernel has to look.
    func finishDirectly(_ active: ActiveProcess) throws -> Int32? {
        let record = try active.record(objects)
        guard let invocation = UnsafeRawPointer(record).invocation else { return nil }
        var code = ReplyCode.ok.rawValue
        if case .call = invocation.kind {
            guard
                let head = active.memoryView(Int(invocation.instance))?
                    .readable(invocation.received, count: MessageHead.receivedBytes)
            else { return nil }
            code = Int32(bitPattern: MessageHead.order(head))
        }
        record.setInvocation(nil, .none)
        return code
    }
}
