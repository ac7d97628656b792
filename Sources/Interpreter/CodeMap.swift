// For one lowered function: which code word belongs to which instruction of the binary, and how high the operand stack is
// before it. Code indices count words from the beginning of the module's code.
//
// A function of a hostile module has an operation for each of its bytes, so the map is packed: the first place whole,
// the others as differences from the one before, about a byte each. Every 64th is also kept whole, for bisection; from
// there it is read one by one. Nothing is allocated for a function of one operation.
//
// A difference: words forward less 1 in bits 0 and 1 (3: more), bytes forward less 1 in bits 2 to 4 (7: more), height
// plus 3 in bits 5 to 7 (7: less or more). What says more follows as LEB128, in this order, the height in zigzag.
//
// Invariant: code indices and byte offsets both ascend strictly.

/// Code index ↔ byte offset, with heights.
struct CodeMap {
    /// Where an operation stands in both worlds.
    struct Place {
        var codeIndex: UInt32
        var byteOffset: UInt32
        var height: UInt32
    }

    private struct Mark {
        var place: Place
        /// Bytes of `differences` up to and with this place's.
        var read: UInt32
    }

    private static let placesPerMark = 64

    /// Operations in the map.
    private(set) var count = 0
    private var first = Place(codeIndex: 0, byteOffset: 0, height: 0)
    private var last = Place(codeIndex: 0, byteOffset: 0, height: 0)
    private var differences: [UInt8] = []
    private var marks: [Mark] = []

    mutating func append(codeIndex: Int, byteOffset: Int, height: Int) {
        let place = Place(codeIndex: UInt32(codeIndex), byteOffset: UInt32(byteOffset), height: UInt32(height))
        if count == 0 {
            first = place
        } else {
            precondition(last.codeIndex < place.codeIndex && last.byteOffset < place.byteOffset)
            appendDifference(place)
            if count % Self.placesPerMark == 0 { marks.append(Mark(place: place, read: UInt32(differences.count))) }
        }
        last = place
        count += 1
    }

    @inline(__always)
    private mutating func appendDifference(_ place: Place) {
        let words = place.codeIndex &- last.codeIndex &- 1
        let bytes = place.byteOffset &- last.byteOffset &- 1
        let height = Int32(place.height) &- Int32(last.height)
        let isNear = (-3...3).contains(height)
        let head = min(words, 3) | min(bytes, 7) << 2 | (isNear ? UInt32(height &+ 3) : 7) << 5
        differences.append(UInt8(truncatingIfNeeded: head))
        if words >= 3 { appendNumber(words) }
        if bytes >= 7 { appendNumber(bytes) }
        if !isNear { appendNumber(UInt32(bitPattern: height << 1 ^ height >> 31)) }
    }

    private mutating func appendNumber(_ number: UInt32) {
        var rest = number
        while rest > 0x7F {
            differences.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        differences.append(UInt8(rest))
    }

    /// The instruction whose first word this is.
    func position(ofCodeIndex index: Int) -> (byteOffset: UInt32, height: UInt32)? {
        guard let place = place(from: { $0.codeIndex >= index }), place.codeIndex == index else { return nil }
        return (place.byteOffset, place.height)
    }

    /// The code index and height of the instruction at this byte offset, or of the next one that has code.
    func code(atOrAfter byteOffset: UInt32) -> (codeIndex: Int, byteOffset: UInt32, height: UInt32)? {
        guard let place = place(from: { $0.byteOffset >= byteOffset }) else { return nil }
        return (Int(place.codeIndex), place.byteOffset, place.height)
    }

    /// The first place that holds, where all after it hold too; nil where none does. O(log operations).
    private func place(from holds: (Place) -> Bool) -> Place? {
        guard count > 0 else { return nil }
        // The last mark that does not hold yet.
        var low = 0
        var high = marks.count
        while low < high {
            let middle = (low + high) / 2
            if holds(marks[middle].place) { high = middle } else { low = middle + 1 }
        }
        var place = low > 0 ? marks[low - 1].place : first
        var read = low > 0 ? Int(marks[low - 1].read) : 0
        while !holds(place) {
            guard read < differences.count else { return nil }
            next(&place, &read)
        }
        return place
    }

    private func next(_ place: inout Place, _ read: inout Int) {
        let head = UInt32(differences[read])
        read += 1
        place.codeIndex += (head & 3 < 3 ? head & 3 : number(&read)) + 1
        place.byteOffset += (head >> 2 & 7 < 7 ? head >> 2 & 7 : number(&read)) + 1
        if head >> 5 < 7 {
            place.height = place.height &+ (head >> 5) &- 3
        } else {
            let zigzag = number(&read)
            place.height = place.height &+ (zigzag >> 1 ^ (0 &- (zigzag & 1)))
        }
    }

    private func number(_ read: inout Int) -> UInt32 {
        var number: UInt32 = 0
        var shift: UInt32 = 0
        while true {
            let byte = differences[read]
            read += 1
            number |= UInt32(byte & 0x7F) << shift
            if byte < 0x80 { return number }
            shift += 7
        }
    }
}
