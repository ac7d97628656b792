// A server that does what `serve` lets one do with the keys that came. Registers: 6 a number, which it keeps.
//
// | order | what it does |
// |---|---|
// | 1 | answers with the keys and bytes that came, and badge and whether it is awaited |
// | 2 | answers with what it keeps, and gives a copy of it away |
// | 3 | lets the caller go on waiting and loses the key to answer by |
// | 4 | keeps that key; 5 answers by it with the key that came; 6 refuses by it with 17 |
// | 7 | word 0: bytes that were sent, word 1: those for which there was room |
// | 8 | waits for one message more, and answers that first |
// | 9 | answers with more bytes than there may be |

@main
struct Serves {
    private static let kept: Register = 21

    static func main() {
        serve(receiving: [12, nil, 13], answering: 11, bytes: 8) { order throws(Refusal) in
            switch order.code {
            case 1:
                return Reply(UInt64(order.badge), order.isAwaited ? 1 : 0, keys: [12, 13], bytes: order.bytes)
            case 2:
                Register(6).copy(to: 20)
                return Reply(keys: [6], giving: [20])
            case 3: return nil
            case 4:
                Register(11).move(to: kept)
                return nil
            case 5: return Reply(Resume(kept).answer(Reply(99, keys: [12])) ? 1 : 0)
            case 6: return Reply(Resume(kept).refuse(Refusal(code: 17)) ? 1 : 0)
            case 7:
                let received = try order.withBytes { bytes throws(Refusal) in UInt64(bytes.count) }
                return Reply(UInt64(order.count), received)
            case 8:
                let other = receive(into: [22], answering: 23, capacity: 4)
                Resume(23).answer(Reply(word(Int(other.code)), word(other.bytes.count), giving: [22]))
                return Reply(word(other.count))
            case 9: return Reply(bytes: [UInt8](repeating: 0, count: Message.mostBytes + 1))
            default: throw Refusal(code: order.code)
            }
        }
    }
}
