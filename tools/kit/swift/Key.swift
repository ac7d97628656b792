// What all keys have in common: each is in a register, and is invoked by it.

/// A key in a register, of the kind that the program takes it for. The kernel refuses an order to what is of another.
protocol Key {
    var register: Register { get }
    init(_ register: Register)
}

/// What keys are.
enum Kind: UInt8 {
    case void = 0
    case number, page, node, process, start, resume, bank, meter, device, discrim, checkpoint, sealer, unsealer,
        forwarder
}

extension Key {
    /// Invokes the key and waits for the reply, whatever its code is. Its keys go `into` registers, and at most `capacity` bytes of it
    /// are received.
    func invoke(_ message: Message, into keys: Keys = [], capacity: Int = 0) -> Received {
        message.withRaw { raw in
            Received(into: keys, capacity: capacity) { received in kernelCall(UInt32(register.number), raw, received) }
        }
    }

    /// The same, where only a reply with code 0 will do. Any other code is thrown.
    @discardableResult
    func call(_ message: Message, into keys: Keys = [], capacity: Int = 0) throws(Refusal) -> Received {
        let received = invoke(message, into: keys, capacity: capacity)
        try Refusal.check(received.code)
        return received
    }

    /// Invokes the key and goes on when the message is delivered: no reply comes.
    func send(_ message: Message) throws(Refusal) {
        let code = message.withRaw { raw in kernelSend(UInt32(register.number), raw) }
        try Refusal.check(code)
    }

    /// What the key is: the order that every key takes which the kernel serves. Whoever serves a start key answers what it likes.
    func kind() throws(Refusal) -> Kind {
        Kind(rawValue: UInt8(truncatingIfNeeded: try call(Message(0)).words[0])) ?? .void
    }

    /// The same key is in another register too.
    @discardableResult
    func copy(to other: Register) -> Self {
        _ = kernelCopy(UInt32(register.number), UInt32(other.number))
        return Self(other)
    }

    /// The key is in another register, and this one is void.
    @discardableResult
    func move(to other: Register) -> Self {
        _ = kernelMove(UInt32(register.number), UInt32(other.number))
        return Self(other)
    }

    /// The register is void.
    func clear() { _ = kernelClear(UInt32(register.number)) }
}

/// A key with rights that can be taken away.
protocol WeakenableKey: Key {
    associatedtype Rights: OptionSet where Rights.RawValue == UInt64
}

extension WeakenableKey {
    /// The same key without some of its rights. Those that it has not are not looked at.
    func weaken(removing rights: Rights, into register: Register) throws(Refusal) -> Self {
        try call(Message(1, rights.rawValue), into: [register])
        return Self(register)
    }
}

/// A number as a word of a message. A negative one is one that the kernel refuses.
func word(_ number: Int) -> UInt64 { UInt64(bitPattern: Int64(number)) }
