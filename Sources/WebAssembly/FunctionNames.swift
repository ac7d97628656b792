// The names that a binary gives its functions, as it has them: one run of bytes and where each name ends, so that a
// million names take little more than their bytes.
//
// Invariants: `functions` ascends (once sorted); the name of its item i is bytes of `text`, from `starts[i]` on and
// `lengths[i]` of them, and UTF-8.

/// Names by function index.
package struct FunctionNames: Sendable {
    private var functions: [UInt32] = []
    private var starts: [UInt32] = []
    private var lengths: [UInt32] = []
    private var text: [UInt8] = []
    private var isSorted = true

    package init() {}

    /// How many functions have a name.
    package var count: Int { functions.count }
    package var isEmpty: Bool { functions.isEmpty }

    /// The name of a function, or nil. O(log names).
    package subscript(function: Int) -> String? {
        var low = 0
        var high = functions.count
        while low < high {
            let middle = (low + high) / 2
            if Int(functions[middle]) < function { low = middle + 1 } else { high = middle }
        }
        guard low < functions.count, Int(functions[low]) == function else { return nil }
        let start = Int(starts[low])
        return String(decoding: text[start..<start + Int(lengths[low])], as: UTF8.self)
    }

    /// Adds a name, which is UTF-8.
    mutating func append(_ name: UnsafeBufferPointer<UInt8>.SubSequence, of function: UInt32) {
        if let last = functions.last, last > function { isSorted = false }
        functions.append(function)
        starts.append(UInt32(text.count))
        lengths.append(UInt32(name.count))
        text.append(contentsOf: name)
    }

    /// Puts the names in order, where the binary has them in another than the standard wants. To be called before any
    /// is asked for.
    mutating func sort() {
        guard !isSorted else { return }
        // By function, and where one has several names, in their order: one comparison of whole words.
        let order = functions.indices.map { UInt64(functions[$0]) << 32 | UInt64($0) }.sorted()
        let places = order.map { Int($0 & 0xFFFF_FFFF) }
        functions = places.map { functions[$0] }
        starts = places.map { starts[$0] }
        lengths = places.map { lengths[$0] }
        isSorted = true
    }
}
