// Hostile bytes: whatever they are, decoding and validation answer, with an offset within them, and in a time that grows
// with their number only.

import Testing
import WebAssembly

/// A small generator of pseudo-random numbers (SplitMix64), so that a failing seed can be run again.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}

struct RobustnessTests {
    private static let names = name("name") + [0x00] + leb(2) + name("a") + [0x01, 0x04, 0x01, 0x00] + name("f")

    /// A module with every section, and a body with every instruction.
    private static let seedModule: [UInt8] = {
        let code = Instruction.allCases.flatMap { instruction -> [UInt8] in
            switch instruction {
            case .else: [0x41, 0x00, 0x04, 0x40, 0x05, 0x0B]
            case .end: [0x02, 0x40, 0x0B]
            default: [0x00] + instruction.shortest + (instruction.immediates == .blockType ? [0x0B] : [])
            }
        }
        var binary = Binary.functionInContext([.i32], [], locals: [0x02, 0x01, 0x7E, 0x02, 0x7C], code + [0x00])
        binary.imports = [name("m") + name("f") + [0x00, 0x01], name("m") + name("g") + [0x03, 0x7E, 0x01]]
        binary.exports = [name("main") + [0x00, 0x01]]
        binary.start = 1
        binary.elements += [[0x06, 0x00, 0x41, 0x02, 0x0B, 0x70, 0x01, 0xD2, 0x00, 0x0B]]
        binary.trailing = Binary.section(0, names)
        return binary.bytes
    }()

    private func mutate(_ bytes: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
            let position = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<7, using: &random) {
            case 0: bytes[position] = UInt8.random(in: 0...255, using: &random)
            case 1: bytes[position] ^= 1 << UInt8.random(in: 0...7, using: &random)
            case 2: bytes.remove(at: position)
            case 3: bytes.insert(UInt8.random(in: 0...255, using: &random), at: position)
            case 4: bytes.removeSubrange(position..<min(bytes.count, position + 8))
            case 5: bytes.insert(contentsOf: [0xFF, 0xFF, 0xFF, 0xFF, 0x0F], at: position)
            default:
                let source = Int.random(in: 0..<bytes.count, using: &random)
                bytes.insert(contentsOf: bytes[source..<min(bytes.count, source + 16)], at: position)
            }
        }
        return bytes
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func answersWhateverTheBytes(_ seed: UInt64) throws {
        #expect(problem(Self.seedModule) == nil)
        var random = SeededGenerator(seed: seed)
        var accepted = 0
        for round in 0..<50_000 {
            let bytes = mutate(Self.seedModule, &random)
            do throws(ModuleError) {
                let valid = try ValidatedModule(bytes: bytes)
                accepted += 1
                #expect(valid.facts.maximumHeight.count == valid.module.functions.count)
                try checkReading(valid.module, bytes)
            } catch {
                let isWithin = (0...bytes.count).contains(error.offset)
                if !isWithin { Issue.record("seed \(seed), round \(round): \(error) in \(bytes.count) bytes") }
                #expect(!error.description.isEmpty)
            }
        }
        #expect(accepted > 0)
    }

    /// A body that is valid can be read again, to its end.
    private func checkReading(_ module: Module, _ bytes: [UInt8]) throws(ModuleError) {
        for body in module.functions {
            do throws(DecodeError) {
                let last = try bytes.withUnsafeBufferPointer { (bytes) throws(DecodeError) -> Instruction? in
                    var reader = InstructionReader(bytes, in: body.code)
                    var last: Instruction?
                    while let next = try reader.next() { last = next.instruction }
                    return last
                }
                #expect(last == .end)
            } catch {
                throw .malformed(error)
            }
        }
    }

    @Test func cutsOffAnywhere() {
        let bytes = Self.seedModule
        // Cut off behind the header, the types or the imports it is a module still, and without the names.
        let afterTypes = 10 + Int(bytes[9])
        let afterImports = afterTypes + 2 + Int(bytes[afterTypes + 1])
        let whole = bytes.count - Binary.section(0, Self.names).count
        let modules = [Binary.header.count, afterTypes, afterImports, whole]
        for count in 0..<bytes.count {
            let found = problem(Array(bytes.prefix(count)))
            #expect((found == nil) == modules.contains(count), "\(count): \(found ?? "accepted")")
        }
    }

    /// Bodies that are made to cost more than their size.
    private static func costly(_ kind: String, _ size: Int) -> Binary {
        let wide = [ValueType](repeating: .i64, count: 1_000)
        let operands = wide.flatMap { _ in Instruction.i64Const.shortest }
        switch kind {
        case "locals":
            // Many functions of 50,000 locals each.
            var binary = Binary.function([])
            let count = size / 12
            binary.functions = [UInt8](repeating: 0, count: count)
            binary.bodies = [[UInt8]](
                repeating: [0x01] + leb(50_000) + [0x7F, 0x20] + leb(49_999) + [0x1A, 0x0B], count: count)
            return binary
        case "labels":
            // One br_table with many labels of 1,000 operands each.
            let labels = [UInt8](repeating: 0, count: size)
            return .function([], wide, operands + [0x41, 0x00, 0x0E] + leb(labels.count) + labels + [0x00])
        case "distinct labels":
            // br_tables that name 1,000 blocks of 1,000 operands each.
            let depth = 1_000
            let labels = (0..<depth).flatMap(leb)
            let table = operands + [0x41, 0x00, 0x0E] + leb(depth) + labels + [0x00]
            let tables = [[UInt8]](repeating: table, count: size / table.count).joined()
            let blocks = [[UInt8]](repeating: [0x02, 0x01], count: depth).joined()
            let closing = [[UInt8]](repeating: [0x0B], count: depth).joined()
            var binary = Binary.function(Array(blocks) + tables + [0x00] + closing + [0x00])
            binary.types.append(([], wide))
            return binary
        case "calls":
            // Calls that take and give 1,000 operands.
            var binary = Binary.function(wide, wide, (0..<1_000).flatMap { [0x20] + leb($0) })
            binary.bodies[0].removeLast()
            binary.bodies[0] += [[UInt8]](repeating: [0x10, 0x00], count: size / 2).joined() + [0x0B]
            return binary
        default:
            return Binary.function([UInt8](repeating: 0x01, count: size))
        }
    }

    @Test(arguments: ["locals", "labels", "distinct labels", "calls"])
    func takesTimeInProportion(_ kind: String) throws {
        let bytes = Self.costly(kind, 2_000_000).bytes
        let start = ContinuousClock.now
        #expect(problem(bytes) == nil)
        let elapsed = ContinuousClock.now - start
        print("validation of \(bytes.count) bytes made to be costly (\(kind)): \(elapsed)")
        // Measured at 0.1 to 0.5 s on two busy cores.
        #expect(elapsed < .seconds(5))
    }
}
