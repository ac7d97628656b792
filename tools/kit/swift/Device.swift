// Clock, entropy and timer (specs/keys/device.md). Those that a process is launched with are in registers 3 to 5.

struct Clock: Key {
    static var launched: Clock { Clock(3) }

    let register: Register
    init(_ register: Register) { self.register = register }

    /// Nanoseconds since 1970, and of the world's clock, which stands still while nobody runs the world.
    func read() throws(Refusal) -> (realtime: UInt64, monotonic: UInt64) {
        let words = try call(Message(2)).words
        return (words[0], words[1])
    }
}

struct Entropy: Key {
    static var launched: Entropy { Entropy(4) }

    let register: Register
    init(_ register: Register) { self.register = register }

    /// At most 4,096 bytes that nobody foresees. `value`.
    func bytes(count: Int) throws(Refusal) -> [UInt8] {
        let capacity = count > 0 && count <= 4_096 ? count : 0
        return try call(Message(2, word(count)), capacity: capacity).bytes
    }
}

struct Timer: Key {
    static var launched: Timer { Timer(5) }

    let register: Register
    init(_ register: Register) { self.register = register }

    /// Goes on when a moment of the world's clock has come, in nanoseconds.
    func wait(until monotonic: UInt64) throws(Refusal) { try call(Message(3, monotonic)) }
}
