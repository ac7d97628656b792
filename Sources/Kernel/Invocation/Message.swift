// What passes when a key is invoked, and how it lies in a program's memory (`specs/imports.md`).

import Objects

/// An order or a reply: a code, three words, bytes, four keys.
package struct Message: Sendable {
    /// Bytes that a message has at most.
    package static let byteBound = Int(MessageHead.byteBound)
    package static let keyCount = 4
    package static let wordCount = 3

    /// The order; of a reply its code.
    package var order: UInt32
    package var words: InlineArray<3, UInt64> = [0, 0, 0]
    package var bytes: [UInt8] = []
    package var keys: InlineArray<4, Key> = [.void, .void, .void, .void]

    /// The instance of its sender that it was sent by; 0 where nobody's program did.
    package var instance: UInt16 = 0

    package init(order: UInt32) { self.order = order }

    /// The fourth key: of a call the one by which it is answered.
    package var resumeKey: Key {
        get { keys[Self.keyCount - 1] }
        set { keys[Self.keyCount - 1] = newValue }
    }

    /// What a program says of it; its keys and bytes are its registers' and its memory's.
    init(_ head: MessageHead) {
        order = head.order
        words = head.words
    }

    /// A reply with one key.
    init(_ code: ReplyCode, key: Key) {
        self.init(code)
        keys[0] = key
    }

    /// The reply to `weaken`: the key without the rights of word 0 of the order.
    init(weakening key: Key, _ order: Message) {
        self.init(.ok, key: key.without(rights: UInt8(truncatingIfNeeded: order.words[0])))
    }

    /// 8 bytes more.
    mutating func append(_ word: UInt64) { withUnsafeBytes(of: word.littleEndian) { bytes += $0 } }

    /// A reply with at most three words.
    package init(_ code: ReplyCode, _ words: UInt64...) {
        order = UInt32(bitPattern: code.rawValue)
        for index in words.indices { self.words[index] = words[index] }
    }
}

/// The codes with which the kernel replies; a server replies what it likes. Raw values are the format's (`specs/keys/README.md`).
@usableFromInline package enum ReplyCode: Int32, Sendable, CaseIterable {
    case ok = 0
    case void = -1
    case order = -2
    case right = -3
    case value = -4
    case address = -5
    case register = -6
    case key = -7
    case space = -8
    case itself = -9
}

/// Where the fields lie that a message has when it is sent and when it is received.
@usableFromInline package enum MessageLayout {
    @inlinable static var sentBytes: Int { 40 }
    @inlinable static var order: Field<UInt32> { Field(0) }
    /// A byte for each key, the first the lowest.
    @inlinable static var registers: Field<UInt32> { Field(4) }
    @inlinable static func word(_ index: Int) -> Field<UInt64> { Field(8 + 8 * index) }
    /// Of the bytes, or of the buffer for them.
    @inlinable package static var address: Field<UInt32> { Field(32) }
    @inlinable package static var count: Field<UInt32> { Field(36) }
}

/// Where those lie that only one has which is received.
@usableFromInline enum ReceivedMessage {
    @inlinable static var bytes: Int { 48 }
    @inlinable static var sentBytes: Field<UInt32> { Field(40) }
    @inlinable static var badge: Field<UInt16> { Field(44) }
    @inlinable static var flags: Field<UInt16> { Field(46) }
    /// Somebody waits for a reply, by the fourth key.
    @inlinable static var isAwaited: UInt16 { 1 }

    /// Writes what is received of a message besides bytes and keys.
    @inlinable static func store(
        _ order: UInt32, _ words: InlineArray<3, UInt64>, bytes: Int, badge: UInt16, isAwaited: Bool,
        at place: UnsafeMutableRawPointer
    ) {
        place.store(order, MessageLayout.order)
        for index in words.indices { place.store(words[index], MessageLayout.word(index)) }
        place.store(UInt32(bytes), sentBytes)
        place.store(badge, self.badge)
        place.store(isAwaited ? self.isAwaited : 0, flags)
    }
}

/// The registers of a message's four keys, as its head names them.
@usableFromInline package struct NamedRegisters {
    /// A byte for each key, the first the lowest.
    @usableFromInline let word: UInt32

    /// Those of the head that lies there.
    @inlinable package init(_ head: UnsafeRawPointer) { word = head.load(MessageLayout.registers) }

    /// Of keys 0 to 3.
    @inlinable package var indices: Range<Int> { 0..<4 }

    /// A register, or the number that stands for none, or another.
    @inlinable package subscript(_ index: Int) -> UInt8 { UInt8(truncatingIfNeeded: word >> UInt32(8 * index)) }

    /// Whether each is a register that there is, or stands for none.
    @inlinable package var areThere: Bool {
        // Mostly no key goes along.
        if word == .max { return true }
        for index in indices where !Invocation.isRegister(self[index]) {
            if self[index] != Invocation.noRegister { return false }
        }
        return true
    }
}

/// What a program says of a message, sent or to be received: all but the bytes and keys themselves.
@usableFromInline package struct MessageHead {
    /// Bytes that it takes of one that is sent, and of one that is received.
    @inlinable package static var sentBytes: Int { MessageLayout.sentBytes }
    @inlinable package static var receivedBytes: Int { ReceivedMessage.bytes }
    /// Bytes that a message has at most.
    @inlinable package static var byteBound: UInt32 { 65_536 }

    @usableFromInline package let order: UInt32
    @usableFromInline package let words: InlineArray<3, UInt64>
    /// Of the keys.
    @usableFromInline package let registers: NamedRegisters
    /// Of the bytes, or of the buffer for them.
    @usableFromInline package let address: UInt32
    @usableFromInline package let count: UInt32

    /// The order that a message has which lies there.
    @inlinable package static func order(_ bytes: UnsafeRawPointer) -> UInt32 { bytes.load(MessageLayout.order) }

    /// From the bytes that both have.
    @inlinable package init(_ bytes: UnsafeRawPointer) {
        order = bytes.load(MessageLayout.order)
        words = [
            bytes.load(MessageLayout.word(0)), bytes.load(MessageLayout.word(1)), bytes.load(MessageLayout.word(2)),
        ]
        registers = NamedRegisters(bytes)
        address = bytes.load(MessageLayout.address)
        count = bytes.load(MessageLayout.count)
    }

    /// Writes to `place` what is received of a message besides bytes and keys.
    @inlinable package func store(at place: UnsafeMutableRawPointer, badge: UInt16, isAwaited: Bool) {
        ReceivedMessage.store(order, words, bytes: Int(count), badge: badge, isAwaited: isAwaited, at: place)
    }
}

/// An invocation that a process is about to make, with what its program says of the messages.
@usableFromInline package struct PreparedInvocation {
    @usableFromInline package let invocation: Invocation
    /// nil: nothing is sent, to nobody.
    @usableFromInline package let sent: MessageHead?
    /// nil: nothing is received.
    @usableFromInline package let received: MessageHead?

    @inlinable package init(_ invocation: Invocation, sent: MessageHead?, received: MessageHead?) {
        self.invocation = invocation
        self.sent = sent
        self.received = received
    }

    /// What is wrong with it, in a memory of so many bytes; nil: nothing.
    @inlinable package func refusal(memoryBytes: UInt64) -> ReplyCode? {
        if let sent, UInt64(sent.address) + UInt64(sent.count) > memoryBytes { return .address }
        if let received, UInt64(received.address) + UInt64(received.count) > memoryBytes { return .address }
        guard Invocation.isRegister(invocation.register) || invocation.isToNobody else { return .register }
        if sent?.registers.areThere == false || received?.registers.areThere == false { return .register }
        let bound = MessageHead.byteBound
        return sent?.count ?? 0 > bound || received?.count ?? 0 > bound ? .value : nil
    }
}
