// What is sent, and what comes.

/// The three words of a message.
typealias Words = InlineArray<3, UInt64>

/// What is sent: an order, three words, up to four keys and up to 65,536 bytes. Of a call the fourth key is the caller's resume key,
/// whatever is named there.
struct Message {
    static let mostBytes = 65_536

    var order: Int32
    var words: Words
    var keys: Keys
    var bytes: [UInt8]

    init(
        _ order: Int32, _ first: UInt64 = 0, _ second: UInt64 = 0, _ third: UInt64 = 0, keys: Keys = [],
        bytes: [UInt8] = []
    ) {
        self.order = order
        words = [first, second, third]
        self.keys = keys
        self.bytes = bytes
    }

    /// Lets `body` have it as the kernel reads it, good as long as that runs.
    func withRaw<Result>(_ body: (UnsafeRawPointer?) -> Result) -> Result {
        bytes.withUnsafeBytes { bytes in
            let raw = RawMessage(
                order: order, keys: keys.numbers, words: words, bytes: bytes.baseAddress,
                count: UInt32(truncatingIfNeeded: bytes.count))
            return withUnsafeBytes(of: raw) { body($0.baseAddress) }
        }
    }
}

/// What came: the reply to a call, or a message that `receive` waited for. Its keys are in the registers that were named for them; one that
/// was named and got no key is void.
struct Received {
    /// A reply's code, 0 where it is done; of other messages the order.
    let code: Int32
    let words: Words
    /// Those for which there was room.
    let bytes: [UInt8]
    /// How many were sent.
    let count: Int
    /// Of the start key by which it came; 0 with a reply.
    let badge: UInt16
    /// Whether somebody waits for a reply, by the fourth key.
    let isAwaited: Bool

    /// Lets `body` fill it: it is given room for so many bytes.
    init(into keys: Keys, capacity: Int, _ body: (UnsafeMutableRawPointer?) -> Int32) {
        var raw = RawReceived(keys: keys, buffer: UnsafeMutableRawBufferPointer(start: nil, count: 0))
        var code: Int32 = 0
        if capacity == 0 {
            code = withUnsafeMutableBytes(of: &raw) { body($0.baseAddress) }
            bytes = []
        } else {
            bytes = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, filled in
                raw = RawReceived(keys: keys, buffer: UnsafeMutableRawBufferPointer(buffer))
                code = withUnsafeMutableBytes(of: &raw) { body($0.baseAddress) }
                filled = min(Int(raw.count), capacity)
            }
        }
        // What the kernel refuses before it acts it has not written.
        self.code = code == 0 ? raw.order : code
        words = raw.words
        count = Int(raw.count)
        badge = raw.badge
        isAwaited = raw.isAwaited != 0
    }

    /// Eight of the bytes as a number, the `index`-th eight; 0 beyond them.
    func number(at index: Int) -> UInt64 {
        guard index >= 0, index < bytes.count / 8 else { return 0 }
        return bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self) }
    }
}
