// Serving: a process waits for messages and answers each.
//
// A server that counts, in whose register 11 the key lies by which the caller is answered:
//
//     var total: UInt64 = 0
//     serve(answering: 11) { order throws(Refusal) in
//         guard order.code == 1 else { throw .order }
//         total += order.words[0]
//         return Reply(total)
//     }

/// What somebody asks of this process, while it is being answered.
struct Order: ~Copyable {
    let code: Int32
    let words: Words
    /// Of the start key by which it came: who asks.
    let badge: UInt16
    /// Whether somebody waits for the answer; who only sent has none.
    let isAwaited: Bool
    /// How many bytes were sent, more than `bytes` where they had no room.
    let count: Int
    private let buffer: UnsafeRawBufferPointer

    fileprivate init(_ raw: RawReceived, _ room: UnsafeMutableRawBufferPointer) {
        code = raw.order
        words = raw.words
        badge = raw.badge
        isAwaited = raw.isAwaited != 0
        count = Int(raw.count)
        buffer = UnsafeRawBufferPointer(rebasing: room[..<min(count, room.count)])
    }

    /// A copy of those for which there was room.
    var bytes: [UInt8] { [UInt8](buffer) }

    /// The same, where they lie, for as long as `body` runs.
    func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws(Refusal) -> Result) throws(Refusal) -> Result {
        try body(buffer)
    }
}

/// What is answered: a code, 0 unless it says otherwise, three words, up to four keys and up to 65,536 bytes. A server keeps the keys that
/// it sends as `keys`; those that it sends as `giving`, behind them, it has no more.
struct Reply {
    private(set) var message: Message
    private var given: UInt32

    init(
        _ first: UInt64 = 0, _ second: UInt64 = 0, _ third: UInt64 = 0, code: Int32 = 0, keys: Keys = [],
        giving: Keys = [],
        bytes: [UInt8] = []
    ) {
        given = giving.mask
        var all = keys
        var place = 0
        for index in 0..<4 where giving[index] != nil {
            while place < 4 && all[place] != nil { place += 1 }
            precondition(place < 4)
            all[place] = giving[index]
        }
        message = Message(code, first, second, third, keys: all, bytes: bytes)
    }

    /// The registers of those that it gives are void.
    func clearGiven() { clearRegisters(given) }

    /// Whether it can go out by `return`: none of its keys has to be cleared while the next message is waited for, and the kernel takes it.
    fileprivate func goesByReturn(clearing cleared: UInt32) -> Bool {
        given == 0 && message.keys.mask & cleared == 0 && message.bytes.count <= Message.mostBytes
    }
}

/// Answers whoever invokes this process's start keys, for ever.
///
/// - receiving: registers of the first three keys of an order; `nil`: that one is dropped. They are void again when it is answered.
/// - answering: register of the key by which the caller is answered, void where nobody waits. It is void again likewise.
/// - bytes: how many of an order are received, at most 65,536.
/// - answer: the reply. What it throws is the reply's code. `nil`: the caller goes on waiting; `answer` has moved the key in `answering`
///   elsewhere, and whoever has it answers (`Resume.answer`). Where it did not, the caller is told `void`.
func serve(
    receiving keys: Keys = [], answering caller: Register, bytes capacity: Int = 0,
    _ answer: (borrowing Order) throws(Refusal) -> Reply?
) -> Never {
    precondition(capacity >= 0 && capacity <= Message.mostBytes && keys[3] == nil)
    let room = UnsafeMutableRawBufferPointer.allocate(byteCount: capacity, alignment: 16)
    var all = keys
    all[3] = caller
    let cleared = all.mask
    var raw = RawReceived(keys: all, buffer: room)
    var reply: Reply?
    while true {
        turn(&raw, reply, by: caller, clearing: cleared)
        // Who only sends may have sent any key in the place of that.
        if raw.isAwaited == 0 { caller.clear() }
        do throws(Refusal) {
            reply = try answer(Order(raw, room))
        } catch {
            reply = Reply(code: error.code)
        }
        if raw.isAwaited == 0 {
            reply?.clearGiven()
            reply = nil
        }
    }
}

/// Answers by the key in a register, clears registers, and waits for the next message.
private func turn(_ raw: inout RawReceived, _ reply: Reply?, by caller: Register, clearing cleared: UInt32) {
    flush()
    let came = cleared & ~(1 << UInt32(caller.number))
    if let reply, reply.goesByReturn(clearing: came) {
        clearRegisters(came)
        reply.message.withRaw { message in
            withUnsafeMutableBytes(of: &raw) { _ = kernelReturn(UInt32(caller.number), message, $0.baseAddress) }
        }
        return
    }
    if let reply { Resume(caller).answer(reply) }
    clearRegisters(cleared)
    withUnsafeMutableBytes(of: &raw) { _ = kernelReturn(UInt32(noRegister), nil, $0.baseAddress) }
}

/// Waits for one message to this process, and answers nobody. Its first three keys go `into` registers, and that by which it is answered
/// (`Resume.answer`) into `answering`.
func receive(into keys: Keys = [], answering caller: Register? = nil, capacity: Int = 0) -> Received {
    precondition(capacity >= 0 && capacity <= Message.mostBytes && keys[3] == nil)
    flush()
    var all = keys
    all[3] = caller
    return Received(into: all, capacity: capacity) { received in kernelReturn(UInt32(noRegister), nil, received) }
}

/// Clears registers, each a bit.
private func clearRegisters(_ mask: UInt32) {
    var rest = mask
    while rest != 0 {
        _ = kernelClear(UInt32(rest.trailingZeroBitCount))
        rest &= rest - 1
    }
}
