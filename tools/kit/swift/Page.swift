// Pages: 4,096 bytes that a bank sold (specs/keys/page.md).

struct Page: WeakenableKey {
    static let bytes = 4_096

    struct Rights: OptionSet {
        let rawValue: UInt64
        static let read = Rights(rawValue: 1)
        static let write = Rights(rawValue: 2)
    }

    let register: Register
    init(_ register: Register) { self.register = register }

    /// `count` bytes from byte `start` on. `right`; `value`: beyond the page.
    func read(from start: Int = 0, count: Int = Page.bytes) throws(Refusal) -> [UInt8] {
        // What is beyond a page is refused, and needs no room.
        let capacity = count > 0 && count <= Page.bytes ? count : 0
        return try call(Message(2, word(start), word(count)), capacity: capacity).bytes
    }

    /// Puts bytes there, from byte `start` on. `right`; `value`: beyond the page.
    func write(_ bytes: [UInt8], at start: Int = 0) throws(Refusal) {
        try call(Message(3, word(start), bytes: bytes))
    }

    /// All of it is zeros. `right`.
    func clearBytes() throws(Refusal) { try call(Message(4)) }
}
