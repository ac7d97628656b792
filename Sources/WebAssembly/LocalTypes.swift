// The types of a function's locals without expanding them: two bytes of a binary can declare 50,000 locals, so a table
// per function would not be linear in the binary. The first locals are in a small table, the rest is searched by run.
//
// Invariants: `ends` ascends (empty runs repeat the end before); a local i < count has the type of the first run whose
// end is above i.

/// Types of parameters and declared locals, by local index.
struct LocalTypes {
    private static let quickCount = 64
    private var quick = [UInt8](repeating: 0, count: quickCount)
    private var ends: [Int] = []
    private var types: [UInt8] = []
    private(set) var count = 0

    /// Begins a function. O(parameters + runs).
    mutating func reset(parameters: TypeRange, of pool: TypePool, runs: [LocalRun]) {
        count = 0
        ends.removeAll(keepingCapacity: true)
        types.removeAll(keepingCapacity: true)
        for index in 0..<Int(parameters.count) { append(1, pool[Int(parameters.start) + index]) }
        for run in runs { append(Int(run.count), run.type.rawValue) }
    }

    private mutating func append(_ number: Int, _ type: UInt8) {
        var index = count
        count += number
        while index < count, index < Self.quickCount {
            quick[index] = type
            index += 1
        }
        ends.append(count)
        types.append(type)
    }

    /// The type's byte, or nil where there is no such local. O(log runs) beyond the first ones.
    @inline(__always)
    subscript(index: Int) -> UInt8? {
        guard index < count else { return nil }
        return index < Self.quickCount ? quick[index] : search(index)
    }

    private func search(_ index: Int) -> UInt8 {
        var low = 0
        var high = ends.count - 1
        while low < high {
            let middle = (low + high) / 2
            if ends[middle] > index { high = middle } else { low = middle + 1 }
        }
        return types[low]
    }
}
