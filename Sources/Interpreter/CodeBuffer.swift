// The lowered code of one module: an append-only run of words at a fixed address, so that return addresses stay good and
// a code word's place tells its function.

/// Words of slot code. Words are never moved; the buffer is a cache and goes with its module.
final class CodeBuffer {
    let words: UnsafeMutablePointer<UInt64>
    private(set) var count = 0
    private let capacity: Int

    /// Room for the code of `codeBytes` bytes of instructions in `functions` functions. No instruction takes more than
    /// two words for a byte of its own, and a function adds none.
    init(codeBytes: Int, functions: Int) {
        capacity = 3 * codeBytes + 4 * functions + 16
        words = Reservation.take(bytes: capacity * 8).bindMemory(to: UInt64.self, capacity: capacity)
    }

    deinit { Reservation.giveBack(words, bytes: capacity * 8, touched: 0..<capacity * 8) }

    func append(_ word: UInt64) {
        precondition(count < capacity, "room for lowered code")
        words[count] = word
        count += 1
    }
}
