// Looking at what a program passed, before anything changes: addresses, registers, counts.

import Objects

extension Kernel {
    /// What is wrong with an invocation that a process is about to make; nil: nothing. Reads only.
    package func refusal(of invocation: Invocation, by process: CellID) throws -> ReplyCode? {
        guard let memory = try memory(of: process, instance: invocation.instance) else { return .address }
        var counts: [UInt32] = []
        var registers: [UInt8] = []
        if !invocation.isToNobody {
            guard let sent = try sentFields(invocation, memory) else { return .address }
            counts.append(sent.count)
            registers += sent.registers
            guard memory.contains(sent.address, count: Int(sent.count)) else { return .address }
        }
        if invocation.kind.receives {
            guard let received = try receivedFields(invocation, memory) else { return .address }
            counts.append(received.count)
            registers += received.registers
            guard memory.contains(received.address, count: Int(received.count)) else { return .address }
        }
        guard isRegister(invocation.register) || invocation.isToNobody else { return .register }
        guard registers.allSatisfy({ isRegister($0) || $0 == Invocation.noRegister }) else { return .register }
        return counts.allSatisfy { $0 <= Message.byteBound } ? nil : .value
    }

    func isRegister(_ number: UInt8) -> Bool { Int(number) < ProcessRecord.registerCount }

    /// Where the bytes of a message lie, and the registers that it names.
    struct MessageFields {
        let address: UInt32
        let count: UInt32
        let registers: [UInt8]
    }

    private func sentFields(_ invocation: Invocation, _ memory: ProcessMemory) throws -> MessageFields? {
        try read(memory, at: invocation.message, count: SentMessage.bytes)?.withUnsafeBytes { raw in
            guard let base = raw.baseAddress else { return nil }
            return MessageFields(
                address: base.load(SentMessage.address), count: base.load(SentMessage.count),
                registers: Array(raw[SentMessage.registers..<SentMessage.registers + Message.keyCount]))
        }
    }

    /// The buffer of a message that is to be received, and the registers for its keys.
    func receivedFields(_ invocation: Invocation, _ memory: ProcessMemory) throws -> MessageFields? {
        try read(memory, at: invocation.received, count: ReceivedMessage.bytes)?.withUnsafeBytes { raw in
            guard let base = raw.baseAddress else { return nil }
            return MessageFields(
                address: base.load(ReceivedMessage.address), count: base.load(ReceivedMessage.capacity),
                registers: Array(raw[ReceivedMessage.registers..<ReceivedMessage.registers + Message.keyCount]))
        }
    }

    /// The bytes that have to be writable when a message comes: runs of addresses and counts. Nothing of a `send`.
    package func receivingRuns(
        of invocation: Invocation, by process: CellID
    ) throws -> [(address: UInt32, count: Int)] {
        guard invocation.kind.receives, let memory = try memory(of: process, instance: invocation.instance),
            let fields = try receivedFields(invocation, memory)
        else { return [] }
        return [(invocation.received, ReceivedMessage.bytes), (fields.address, Int(fields.count))]
    }

    /// How many bytes a process is about to send; 0 where its message cannot be read.
    package func sentBytes(_ invocation: Invocation, by process: CellID) throws -> UInt32 {
        guard !invocation.isToNobody, let memory = try memory(of: process, instance: invocation.instance),
            let fields = try sentFields(invocation, memory)
        else { return 0 }
        return min(fields.count, UInt32(Message.byteBound))
    }

    /// The message that a process sends, its keys as its registers hold them; nil where it cannot be read any more.
    func message(of process: CellID, _ invocation: Invocation) throws -> Message? {
        guard let memory = try memory(of: process, instance: invocation.instance),
            let fields = try sentFields(invocation, memory), fields.count <= Message.byteBound,
            let bytes = try read(memory, at: fields.address, count: Int(fields.count)),
            let head = try read(memory, at: invocation.message, count: SentMessage.bytes)
        else { return nil }
        var message = Message(order: 0)
        head.withUnsafeBytes { raw in
            guard let base = raw.baseAddress else { return }
            message.order = base.load(SentMessage.order)
            for index in 0..<Message.wordCount { message.words[index] = base.load(SentMessage.word(index)) }
        }
        message.bytes = bytes
        for index in 0..<Message.keyCount where isRegister(fields.registers[index]) {
            message.keys[index] = try objects.register(Int(fields.registers[index]), of: process)
        }
        return message
    }
}
