// What passes when a key is invoked, and how it lies in a program's memory (`specs/imports.md`).

import Objects

/// An order or a reply: a code, three words, bytes, four keys.
package struct Message: Sendable {
    /// Bytes that a message has at most.
    package static let byteBound = 65_536
    package static let keyCount = 4
    package static let wordCount = 3

    /// The order; of a reply its code.
    package var order: UInt32
    package var words: InlineArray<3, UInt64> = [0, 0, 0]
    package var bytes: [UInt8] = []
    package var keys: InlineArray<4, Key> = [.void, .void, .void, .void]

    package init(order: UInt32) { self.order = order }

    /// The fourth key: of a call the one by which it is answered.
    package var resumeKey: Key {
        get { keys[Self.keyCount - 1] }
        set { keys[Self.keyCount - 1] = newValue }
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

    /// A reply with at most three words.
    package init(_ code: ReplyCode, _ words: UInt64...) {
        order = UInt32(bitPattern: code.rawValue)
        for index in words.indices { self.words[index] = words[index] }
    }
}

/// The codes with which the kernel replies; a server replies what it likes. Raw values are the format's (`specs/keys/README.md`).
package enum ReplyCode: Int32, Sendable, CaseIterable {
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
enum MessageLayout {
    static let sentBytes = 40
    static let order = Field<UInt32>(0)
    static let registers = 4
    static func word(_ index: Int) -> Field<UInt64> { Field(8 + 8 * index) }
    /// Of the bytes, or of the buffer for them.
    static let address = Field<UInt32>(32)
    static let count = Field<UInt32>(36)
}

/// Where those lie that only one has which is received.
enum ReceivedMessage {
    static let bytes = 48
    static let sentBytes = Field<UInt32>(40)
    static let badge = Field<UInt16>(44)
    static let flags = Field<UInt16>(46)
    /// Somebody waits for a reply, by the fourth key.
    static let isAwaited: UInt16 = 1
}

/// What a program says of a message, sent or to be received: all but the bytes and keys themselves.
struct MessageHead {
    let order: UInt32
    let words: InlineArray<3, UInt64>
    /// Of the keys.
    let registers: [UInt8]
    /// Of the bytes, or of the buffer for them.
    let address: UInt32
    let count: UInt32

    /// From the bytes that both have.
    init(_ bytes: UnsafeRawPointer) {
        order = bytes.load(MessageLayout.order)
        words = InlineArray { bytes.load(MessageLayout.word($0)) }
        registers = bytes.load(ByteField(MessageLayout.registers, Message.keyCount))
        address = bytes.load(MessageLayout.address)
        count = bytes.load(MessageLayout.count)
    }
}
