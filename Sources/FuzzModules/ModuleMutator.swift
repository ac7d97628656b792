// How inputs are changed: half of the time within one section or one function body, with all sizes put right again, as
// most changes of raw bytes break a size and are refused at once; else as libFuzzer changes any bytes.
//
// Invariant: what comes out has at most `room` bytes.

import Glibc

@_silgen_name("LLVMFuzzerMutate")
private func mutateBytes(_ data: UnsafeMutablePointer<UInt8>, _ size: Int, _ room: Int) -> Int

/// libFuzzer's hook: changes `size` bytes in place, with room for `room`, and returns how many there are now.
@_cdecl("LLVMFuzzerCustomMutator")
public func mutateModule(_ data: UnsafeMutablePointer<UInt8>, _ size: Int, _ room: Int, _ seed: CUnsignedInt) -> Int {
    var random = SmallGenerator(state: UInt64(seed))
    guard random.next() % 4 != 0, var parts = ModuleParts(UnsafeBufferPointer(start: data, count: size)) else {
        return mutateBytes(data, size, room)
    }
    parts.mutate(&random)
    let bytes = parts.bytes
    guard bytes.count <= room else { return mutateBytes(data, size, room) }
    for (index, byte) in bytes.enumerated() { data[index] = byte }
    return bytes.count
}

/// A generator of pseudo-random numbers (SplitMix64).
private struct SmallGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}

/// A binary as sections; the code section as bodies.
private struct ModuleParts {
    private enum Contents {
        case raw([UInt8])
        case bodies([[UInt8]])
    }

    private var header: [UInt8] = []
    private var sections: [(id: UInt8, contents: Contents)] = []

    /// Nil where the bytes do not fall into sections.
    init?(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard bytes.count > 8 else { return nil }
        header = Array(bytes[..<8])
        var offset = 8
        while offset < bytes.count {
            let id = bytes[offset]
            offset += 1
            guard let size = Self.number(bytes, &offset, bytes.count), size <= bytes.count - offset else { return nil }
            let end = offset + size
            sections.append((id, Self.contents(bytes, id, offset, end)))
            offset = end
        }
    }

    private static func contents(_ bytes: UnsafeBufferPointer<UInt8>, _ id: UInt8, _ start: Int, _ end: Int) -> Contents
    {
        var offset = start
        guard id == 10, let count = number(bytes, &offset, end), count <= end - offset else {
            return .raw(Array(bytes[start..<end]))
        }
        var bodies: [[UInt8]] = []
        for _ in 0..<count {
            guard let size = number(bytes, &offset, end), size <= end - offset else { break }
            bodies.append(Array(bytes[offset..<offset + size]))
            offset += size
        }
        return bodies.count == count && offset == end ? .bodies(bodies) : .raw(Array(bytes[start..<end]))
    }

    private static func number(_ bytes: UnsafeBufferPointer<UInt8>, _ offset: inout Int, _ end: Int) -> Int? {
        var number = 0
        for shift in stride(from: 0, to: 35, by: 7) {
            guard offset < end else { return nil }
            let byte = bytes[offset]
            offset += 1
            number |= Int(byte & 0x7F) << shift
            if byte < 0x80 { return number }
        }
        return nil
    }

    /// Changes one section or body.
    mutating func mutate(_ random: inout SmallGenerator) {
        guard !sections.isEmpty else { return }
        let code = sections.firstIndex { if case .bodies = $0.contents { true } else { false } }
        // Bodies hold most of what can be wrong.
        let index = random.next() % 2 == 0 ? code ?? 0 : Int(random.next() % UInt64(sections.count))
        switch sections[index].contents {
        case .raw(let bytes): sections[index].contents = .raw(Self.mutated(bytes))
        case .bodies(var bodies):
            guard !bodies.isEmpty else { return }
            let body = Int(random.next() % UInt64(bodies.count))
            bodies[body] = Self.mutated(bodies[body])
            sections[index].contents = .bodies(bodies)
        }
    }

    private static func mutated(_ bytes: [UInt8]) -> [UInt8] {
        let room = bytes.count + 64
        var grown = bytes + [UInt8](repeating: 0, count: 64)
        let count = grown.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.map { mutateBytes($0, bytes.count, room) } ?? 0
        }
        return Array(grown[..<count])
    }

    var bytes: [UInt8] {
        var bytes = header
        for section in sections {
            let contents: [UInt8]
            switch section.contents {
            case .raw(let raw): contents = raw
            case .bodies(let bodies):
                contents = Self.leb(bodies.count) + bodies.flatMap { Self.leb($0.count) + $0 }
            }
            bytes.append(section.id)
            bytes += Self.leb(contents.count) + contents
        }
        return bytes
    }

    private static func leb(_ number: Int) -> [UInt8] {
        var rest = number
        var bytes: [UInt8] = []
        repeat {
            bytes.append(UInt8(rest & 0x7F) | (rest > 0x7F ? 0x80 : 0))
            rest >>= 7
        } while rest > 0
        return bytes
    }
}
