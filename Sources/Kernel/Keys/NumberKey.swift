// Number keys: 64 bits, and no authority (`specs/keys/number.md`).

import Objects

package enum NumberOrder: UInt32, Sendable, CaseIterable {
    case value = 1
}

extension Kernel {
    static func serveNumber(_ key: Key, _ message: Message) -> Message {
        switch NumberOrder(rawValue: message.order) {
        case .value: Message(.ok, key.id)
        case nil: Message(.order)
        }
    }
}
