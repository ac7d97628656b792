// Writing what a process receives into its memory and its registers.

import Objects

extension Kernel {
    /// Writes a message to a process that waits for it, which is ready then, or stays stopped.
    func deliver(_ message: Message, to target: CellID, badge: UInt16) throws {
        guard let invocation = try objects.invocation(of: target) else {
            throw ObjectsError.damaged(
                invariant: "INVOKE-1", object: "\(target)", text: "it waits in an invocation that is of no kind")
        }
        // Before its registers change: what it loses is not to be taken for an answer to itself.
        try objects.setInvocationPhase(of: target, to: .done)
        try write(message, of: invocation, to: target, badge: badge)
        if try state(of: target) == .waiting { try setState(of: target, to: .ready) }
    }

    /// Where others took the memory away meanwhile, what cannot be written is not.
    func write(_ message: Message, of invocation: Invocation, to target: CellID, badge: UInt16) throws {
        guard let memory = try memory(of: target, instance: invocation.instance),
            let place = try receivedHead(invocation, memory)
        else { return }
        let isAwaited = try message.resumeKey.kind == .resume && !objects.isVoid(message.resumeKey)
        for (index, register) in place.registers.enumerated() where isRegister(register) {
            try setRegister(Int(register), of: target, to: message.keys[index])
        }
        guard try isWritable(memory, at: invocation.received, count: ReceivedMessage.bytes) else { return }
        let count = min(message.bytes.count, Int(place.count))
        if count > 0, try isWritable(memory, at: place.address, count: count) {
            try message.bytes.withUnsafeBytes { bytes in
                try write(UnsafeRawBufferPointer(rebasing: bytes[..<count]), to: memory, at: place.address)
            }
        }
        guard var head = try read(memory, at: invocation.received, count: ReceivedMessage.bytes) else { return }
        head.withUnsafeMutableBytes { raw in
            guard let base = raw.baseAddress else { return }
            base.store(message.order, MessageLayout.order)
            for index in 0..<Message.wordCount { base.store(message.words[index], MessageLayout.word(index)) }
            base.store(UInt32(message.bytes.count), ReceivedMessage.sentBytes)
            base.store(badge, ReceivedMessage.badge)
            base.store(isAwaited ? ReceivedMessage.isAwaited : 0, ReceivedMessage.flags)
        }
        try head.withUnsafeBytes { try write($0, to: memory, at: invocation.received) }
    }
}
