// Why something was not done: the code of a reply that is not 0.

/// What the kernel refuses with, below 0, or a server, above. A program names its own codes in an extension:
///
///     extension Refusal { static let full = Refusal(code: 4001) }
struct Refusal: Error, Equatable {
    let code: Int32

    /// The key designates nothing, or nobody can answer any more.
    static let void = Refusal(code: -1)
    /// There is no such order of this kind of key.
    static let order = Refusal(code: -2)
    /// The key has no right to it.
    static let right = Refusal(code: -3)
    /// A word or a count has a value that it cannot have.
    static let value = Refusal(code: -4)
    /// Outside of the memory.
    static let address = Refusal(code: -5)
    /// No such register.
    static let register = Refusal(code: -6)
    /// A key of the message is not of the kind that the order needs.
    static let key = Refusal(code: -7)
    /// A bank refuses.
    static let space = Refusal(code: -8)
    /// It is a key to this process itself, which would wait for itself.
    static let itself = Refusal(code: -9)

    /// Throws where a code is not 0.
    static func check(_ code: Int32) throws(Refusal) {
        if code != 0 { throw Refusal(code: code) }
    }
}

extension Refusal: CustomStringConvertible {
    /// The name of one of the kernel's, else `code N`.
    var description: String {
        switch self {
        case .void: "void"
        case .order: "order"
        case .right: "right"
        case .value: "value"
        case .address: "address"
        case .register: "register"
        case .key: "key"
        case .space: "space"
        case .itself: "itself"
        default: "code \(code)"
        }
    }
}
