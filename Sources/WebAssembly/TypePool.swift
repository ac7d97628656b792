// The value types of all function types, one byte each, one after the other: what lists of types are compared with and
// copied from, byte by byte or eight at a time. Kept once, at a fixed place, however many look at it.

/// Bytes of value types; parameters and results of a type lie next to each other.
final class TypePool {
    let bytes: UnsafeMutablePointer<UInt8>
    private(set) var count = 0
    private let capacity: Int

    /// Room for `capacity` types, none there yet.
    init(capacity: Int) {
        self.capacity = capacity
        bytes = .allocate(capacity: max(1, capacity))
    }

    deinit { bytes.deallocate() }

    func append(_ types: [ValueType]) {
        precondition(types.count <= capacity - count, "room for the types")
        for type in types {
            (bytes + count).initialize(to: type.rawValue)
            count += 1
        }
    }

    /// Type `index`'s byte.
    subscript(index: Int) -> UInt8 {
        precondition(index >= 0 && index < count, "a type of the pool")
        return bytes[index]
    }
}
