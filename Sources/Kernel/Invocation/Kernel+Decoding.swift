// Looking at what a program passed, before anything changes: addresses, registers, counts.

import Objects

extension Kernel {
    /// What is wrong with an invocation that a process is about to make; nil: nothing. Reads only.
    package func refusal(of invocation: Invocation, by process: CellID) throws -> ReplyCode? {
        guard let memory = try memory(of: process, instance: invocation.instance) else { return .address }
        var places: [(address: UInt32, bytes: Int)] = []
        if !invocation.isToNobody { places.append((invocation.message, MessageLayout.sentBytes)) }
        if invocation.kind.receives { places.append((invocation.received, ReceivedMessage.bytes)) }
        var heads: [MessageHead] = []
        for place in places {
            guard let head = try head(at: place.address, bytes: place.bytes, memory),
                memory.contains(head.address, count: Int(head.count))
            else { return .address }
            heads.append(head)
        }
        guard isRegister(invocation.register) || invocation.isToNobody else { return .register }
        let named = heads.flatMap(\.registers)
        guard named.allSatisfy({ isRegister($0) || $0 == Invocation.noRegister }) else { return .register }
        return heads.allSatisfy { $0.count <= Message.byteBound } ? nil : .value
    }

    func isRegister(_ number: UInt8) -> Bool { Int(number) < ProcessRecord.registerCount }

    /// What a program says of a message in so many bytes; nil where they are not in its memory.
    private func head(at address: UInt32, bytes: Int, _ memory: ProcessMemory) throws -> MessageHead? {
        try read(memory, at: address, count: bytes)?.withUnsafeBytes { $0.baseAddress.map(MessageHead.init) }
    }

    /// The buffer of a message that is to be received, and the registers for its keys.
    func receivedHead(_ invocation: Invocation, _ memory: ProcessMemory) throws -> MessageHead? {
        try head(at: invocation.received, bytes: ReceivedMessage.bytes, memory)
    }

    /// The bytes that have to be writable when a message comes: runs of addresses and counts. Nothing of a `send`.
    package func receivingRuns(
        of invocation: Invocation, by process: CellID
    ) throws -> [(address: UInt32, count: Int)] {
        guard invocation.kind.receives, let memory = try memory(of: process, instance: invocation.instance),
            let head = try receivedHead(invocation, memory)
        else { return [] }
        return [(invocation.received, ReceivedMessage.bytes), (head.address, Int(head.count))]
    }

    /// How many bytes a process is about to send; 0 where its message cannot be read.
    package func sentBytes(_ invocation: Invocation, by process: CellID) throws -> UInt32 {
        guard !invocation.isToNobody, let memory = try memory(of: process, instance: invocation.instance),
            let head = try head(at: invocation.message, bytes: MessageLayout.sentBytes, memory)
        else { return 0 }
        return min(head.count, UInt32(Message.byteBound))
    }

    /// The message that a process sends, its keys as its registers hold them; nil where it cannot be read any more.
    func message(of process: CellID, _ invocation: Invocation) throws -> Message? {
        guard let memory = try memory(of: process, instance: invocation.instance),
            let head = try head(at: invocation.message, bytes: MessageLayout.sentBytes, memory),
            head.count <= Message.byteBound,
            let bytes = try read(memory, at: head.address, count: Int(head.count))
        else { return nil }
        var message = Message(order: head.order)
        message.words = head.words
        message.bytes = bytes
        for (index, register) in head.registers.enumerated() where isRegister(register) {
            message.keys[index] = try objects.register(Int(register), of: process)
        }
        return message
    }
}
