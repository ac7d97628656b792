// For one lowered function: which code word belongs to which instruction of the binary, and how high the operand stack is
// before it. Code indices count words from the beginning of the module's code.
//
// Invariant: code indices and byte offsets both ascend strictly.

/// Code index ↔ byte offset, with heights.
struct CodeMap {
    private(set) var codeIndices: ContiguousArray<UInt32> = []
    private(set) var byteOffsets: ContiguousArray<UInt32> = []
    private var heights: ContiguousArray<UInt16> = []

    mutating func append(codeIndex: Int, byteOffset: Int, height: Int) {
        if let last = codeIndices.last {
            precondition(last < codeIndex && byteOffsets[byteOffsets.count - 1] < byteOffset)
        }
        codeIndices.append(UInt32(codeIndex))
        byteOffsets.append(UInt32(byteOffset))
        heights.append(UInt16(height))
    }

    /// The instruction whose first word this is.
    func position(ofCodeIndex index: Int) -> (byteOffset: UInt32, height: UInt32)? {
        let place = Self.lowerBound(codeIndices, UInt32(index))
        guard place < codeIndices.count, codeIndices[place] == index else { return nil }
        return (byteOffsets[place], UInt32(heights[place]))
    }

    /// The code index and height of the instruction at this byte offset, or of the next one that has code.
    func code(atOrAfter byteOffset: UInt32) -> (codeIndex: Int, byteOffset: UInt32, height: UInt32)? {
        let place = Self.lowerBound(byteOffsets, byteOffset)
        guard place < byteOffsets.count else { return nil }
        return (Int(codeIndices[place]), byteOffsets[place], UInt32(heights[place]))
    }

    /// The first place whose value is at least `value`.
    private static func lowerBound(_ values: ContiguousArray<UInt32>, _ value: UInt32) -> Int {
        var low = 0
        var high = values.count
        while low < high {
            let middle = (low + high) / 2
            if values[middle] < value { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
