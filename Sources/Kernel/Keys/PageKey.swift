// Page keys: the bytes of a page that a bank sold (`specs/keys/page.md`).

import Glibc
import Objects
import Store

package enum PageOrder: UInt32, Sendable, CaseIterable {
    case weaken = 1
    case read = 2
    case write = 3
    case clear = 4

    /// What its key has to have.
    var right: PageRights {
        switch self {
        case .weaken: []
        case .read: .read
        case .write, .clear: .write
        }
    }
}

extension Kernel {
    private static var pageBytes: UInt64 { 4096 }

    func servePage(_ key: Key, _ message: Message) throws -> Message {
        guard let order = PageOrder(rawValue: message.order) else { return Message(.order) }
        guard key.pageRights.isSuperset(of: order.right) else { return Message(.right) }
        let page = PageID(rawValue: key.id)
        let from = message.words[0]
        switch order {
        case .weaken: return Message(weakening: key, message)
        case .read:
            let count = message.words[1]
            guard from <= Self.pageBytes, count <= Self.pageBytes - from else { return Message(.value) }
            var reply = Message(.ok)
            reply.bytes = Array(UnsafeRawBufferPointer(start: try objects.read(page) + Int(from), count: Int(count)))
            return reply
        case .write:
            let count = message.bytes.count
            guard from <= Self.pageBytes, count <= Self.pageBytes - from else { return Message(.value) }
            if count > 0 { (try objects.write(page) + Int(from)).copyMemory(from: message.bytes, byteCount: count) }
            return Message(.ok)
        case .clear:
            if try objects.wasWritten(page) { memset(try objects.write(page), 0, Int(Self.pageBytes)) }
            return Message(.ok)
        }
    }
}
