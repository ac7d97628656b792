// What a process that stands in an invocation says of its message, read where it lies in its memory.

import Objects

extension Kernel {
    /// What a program says of a message in so many bytes; nil where they are not in its memory.
    func head(at address: UInt32, bytes: Int, _ memory: ProcessMemory) throws -> MessageHead? {
        guard memory.contains(address, count: bytes) else { return nil }
        if let place = try readablePlace(memory, at: address, count: bytes) { return MessageHead(place) }
        return try read(memory, at: address, count: bytes)?.withUnsafeBytes { $0.baseAddress.map(MessageHead.init) }
    }

    /// The message that a process sends which stands in a queue; nil where it cannot be read any more.
    func message(of process: CellID, _ invocation: Invocation) throws -> Message? {
        guard let memory = try memory(of: process, instance: invocation.instance),
            let head = try head(at: invocation.message, bytes: MessageHead.sentBytes, memory),
            head.count <= Message.byteBound
        else { return nil }
        return try message(of: process, invocation, head)
    }

    /// The message that a process sends, its keys as its registers hold them; nil where its bytes cannot be read.
    func message(of process: CellID, _ invocation: Invocation, _ head: MessageHead) throws -> Message? {
        var message = Message(head)
        message.instance = invocation.instance
        if head.count > 0 {
            guard let memory = try memory(of: process, instance: invocation.instance),
                let bytes = try read(memory, at: head.address, count: Int(head.count))
            else { return nil }
            message.bytes = bytes
        }
        for index in head.registers.indices where Invocation.isRegister(head.registers[index]) {
            message.keys[index] = try objects.register(Int(head.registers[index]), of: process)
        }
        return message
    }
}
