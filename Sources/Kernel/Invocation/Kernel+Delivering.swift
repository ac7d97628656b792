// Writing what a process receives into its memory and its registers.

import Objects

extension Kernel {
    /// Writes a message to a process that waits for it, whose invocation is over then. Whether it waits: then it is to be made ready;
    /// else it stays stopped.
    func deliver(_ message: Message, to target: CellID, badge: UInt16) throws -> Bool {
        if try objects.invocationPhase(of: target) == .kept {
            return try answer(target, code: Int32(bitPattern: message.order))
        }
        guard let invocation = try objects.invocation(of: target) else {
            throw ObjectsError.damaged(
                invariant: "INVOKE-1", object: "\(target)", text: "it waits in an invocation that is of no kind")
        }
        // Before its registers change: what it loses is not to be taken for an answer to itself.
        try objects.setInvocationPhase(of: target, to: .done)
        try write(message, of: invocation, to: target, badge: badge)
        return try state(of: target) == .waiting
    }

    /// The same; who waited is at the end of the ready queue.
    func deliverAndWake(_ message: Message, to target: CellID, badge: UInt16) throws {
        if try deliver(message, to: target, badge: badge) { try setState(of: target, to: .ready) }
    }

    /// Where others took the memory away meanwhile, what cannot be written is not.
    func write(_ message: Message, of invocation: Invocation, to target: CellID, badge: UInt16) throws {
        guard let memory = try memory(of: target, instance: invocation.instance),
            let place = try head(at: invocation.received, bytes: MessageHead.receivedBytes, memory)
        else { return }
        let isAwaited = try message.resumeKey.kind == .resume && !objects.isVoid(message.resumeKey)
        for index in place.registers.indices where Invocation.isRegister(place.registers[index]) {
            try setRegister(Int(place.registers[index]), of: target, to: message.keys[index])
        }
        guard try isWritable(memory, at: invocation.received, count: MessageHead.receivedBytes) else { return }
        let count = min(message.bytes.count, Int(place.count))
        if count > 0, try isWritable(memory, at: place.address, count: count) {
            try message.bytes.withUnsafeBytes { bytes in
                try write(UnsafeRawBufferPointer(rebasing: bytes[..<count]), to: memory, at: place.address)
            }
        }
        if let head = try writablePlace(memory, at: invocation.received, count: MessageHead.receivedBytes) {
            return message.store(at: head, badge: badge, isAwaited: isAwaited)
        }
        guard var head = try read(memory, at: invocation.received, count: MessageHead.receivedBytes) else { return }
        head.withUnsafeMutableBytes { bytes in
            if let base = bytes.baseAddress { message.store(at: base, badge: badge, isAwaited: isAwaited) }
        }
        try head.withUnsafeBytes { try write($0, to: memory, at: invocation.received) }
    }
}

extension Message {
    /// Writes what is received of it besides bytes and keys.
    fileprivate func store(at place: UnsafeMutableRawPointer, badge: UInt16, isAwaited: Bool) {
        ReceivedMessage.store(order, words, bytes: bytes.count, badge: badge, isAwaited: isAwaited, at: place)
    }
}
