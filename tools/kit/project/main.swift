// @NAME@: a server that counts for each of its clients, and a client to try it with. Without arguments it serves; with the argument
// `client` it adds the numbers of its input, one in a line, by the key to the server in register 6.
//
// | order | arguments | reply |
// |---|---|---|
// | 1 add | word 0: how much | word 0: the sum of who asks |
// | 2 sum | | word 0: the sum of all |
//
// Whatever is in a variable is there again after any crash: nothing is saved, nothing is loaded.

enum Code {
    static let add: Int32 = 1
    static let sum: Int32 = 2
}

struct Counter {
    private var sums: [UInt16: UInt64] = [:]
    private var total: UInt64 = 0

    /// Answers one order. The badge of the key by which it came says who asks. What is thrown is the code of the reply.
    mutating func answer(_ order: borrowing Order) throws(Refusal) -> Reply {
        switch order.code {
        case Code.add:
            let sum = sums[order.badge, default: 0] &+ order.words[0]
            sums[order.badge] = sum
            total &+= order.words[0]
            print("client \(order.badge) adds \(order.words[0])")
            return Reply(sum)
        case Code.sum: return Reply(total)
        default: throw .order
        }
    }
}

@main
struct Program {
    static func main() {
        if arguments().dropFirst().first == "client" { addLines() } else { count() }
    }

    static func count() -> Never {
        print("@NAME@ counts")
        var counter = Counter()
        serve(answering: 11) { order throws(Refusal) in try counter.answer(order) }
    }

    static func addLines() {
        let server = Start(6)
        var lines = Lines()
        do throws(Refusal) {
            while let line = try lines.next() {
                let reply = try server.call(Message(Code.add, UInt64(line) ?? 0))
                print("\(reply.words[0]) so far")
            }
        } catch {
            print("refused: \(error)")
            exit(1)
        }
    }
}
