// Functions that are valid and as large as they may be: lowered and run right, with positions that a computation can be
// stored at and go on from, whatever lies between two instructions.

import Interpreter
import Testing
import WebAssembly

struct HostileTests {
    /// Straight code: what each instruction that costs gas is preceded by, where it stands and how high the operand
    /// stack is there.
    private struct Straight {
        var body = Body()
        private(set) var places: [(offset: Int, height: Int)] = []
        private var height = 0

        /// Instructions of no gas.
        mutating func structure(_ bytes: [UInt8]) { body = body.raw(bytes) }

        /// One instruction that costs gas and changes the height.
        mutating func step(_ change: Int, _ bytes: [UInt8]) {
            places.append((body.bytes.count, height))
            body = body.raw(bytes)
            height += change
        }
    }

    /// Every distance that a packed map of positions tells apart: few and many code words, few and many bytes, heights
    /// that rise and fall by few and many.
    private static let straight: Straight = {
        var code = Straight()
        for _ in 0..<200 { code.step(0, [0x01]) }
        for _ in 0..<70 { code.step(1, [0x42] + signed(Int64.min)) }  // 11 bytes, 2 words
        for _ in 0..<70 { code.step(-1, [0x1A]) }
        code.step(500, [0x10, 0x00])  // 500 results
        code.step(-500, [0x10, 0x01])  // and as many parameters
        // A table of 1,000 labels, and 500 bytes that cannot be reached before the next instruction.
        code.structure([0x02, 0x40])
        code.step(1, [0x41, 0x00])
        code.step(-1, [0x0E] + unsigned(1_000) + [UInt8](repeating: 0, count: 1_001))
        code.structure([UInt8](repeating: 0x01, count: 500) + [0x0B])
        for length in 1..<150 {
            // Blocks without contents: so many bytes between two instructions.
            code.structure([[UInt8]](repeating: [0x02, 0x40, 0x0B], count: length).flatMap { $0 })
            code.step(1, [0x41, 0x07])
            code.step(-1, [0x1A])
        }
        return code
    }()

    private static let straightModule: (bytes: [UInt8], function: Int, start: Int) = {
        let many = [ValueType](repeating: .i64, count: 500)
        var assembler = Assembler()
        assembler.function([], many, Body().raw((0..<500).flatMap { [0x42] + signed($0) }))
        assembler.function(many, [], Body())
        let function = assembler.function([], [], straight.body)
        let bytes = assembler.binary
        return (bytes, function, bytes.count - 1 - straight.body.bytes.count)
    }()

    /// The positions of `run`, one instruction after the other, without those in the functions that it calls.
    @Test(arguments: [false, true])
    func everyPositionIsTheInstructionsOwn(_ reloading: Bool) throws {
        let (bytes, function, start) = Self.straightModule
        let subject = try Subject(bytes: bytes)
        subject.instance.activation.enter(function: function, arguments: [])
        var found: [CodePosition] = []
        while let position = subject.instance.activation.position {
            if position.function == function, found.last != position { found.append(position) }
            if reloading { try subject.reload() }
            subject.instance.activation.gas = 1
            if subject.instance.run() != .outOfGas { break }
        }
        // The last `end` is a position too; it costs nothing, and nothing stops at it.
        #expect(found.map { Int($0.byteOffset) - start } == Self.straight.places.map(\.offset))
        #expect(found.map { Int($0.height) } == Self.straight.places.map(\.height))
    }

    @Test func positionsBetweenInstructionsAreRefused() throws {
        let (bytes, function, start) = Self.straightModule
        let subject = try Subject(bytes: bytes)
        let activation = subject.instance.activation
        let base = subject.instance.module.globalCount
        let heights = Dictionary(uniqueKeysWithValues: Self.straight.places.map { ($0.offset, $0.height) })
        for offset in 0..<Self.straight.body.bytes.count {
            let height = heights[offset]
            let position = CodePosition(
                function: UInt32(function), byteOffset: UInt32(start + offset), height: UInt32(height ?? 0))
            let isThere = (try? activation.resume(at: position, frame: base)) != nil
            if isThere != (height != nil) { Issue.record("byte \(offset): \(isThere)") }
        }
    }

    /// A frame of 60,000 slots, all of its operands above the 50,000 locals.
    @Test(arguments: [.whole, .reloads(997, atMost: 50)] as [Cutting])
    func framesAsLargeAsTheyMayBe(_ cutting: Cutting) throws {
        let locals = 50_000
        let operands = 60_000 - locals - 1
        var assembler = Assembler()
        assembler.function([.i64, .i64], [.i64, .i64], Body().get(1).get(0))
        let pair = assembler.typeIndex([], [.i64, .i64])
        var body = Body().get(0).set(locals)
        body = body.raw((0..<operands - 4).flatMap { [0x42] + signed(Int64($0)) })
        // At the very top: a branch that moves two values down by one, a call that swaps them, a choice.
        body = body.raw([0x02] + unsigned(pair)).i64(1).get(locals).i64(3).op(.br, 0).end()
        body = body.op(.call, 0).i32(0).op(.select)
        body = body.raw([UInt8](repeating: 0x7C, count: operands - 4))
        assembler.function([.i64], [.i64], locals: locals, body)
        let bytes = assembler.binary
        #expect(try ValidatedModule(bytes: bytes).facts.maximumHeight.last == operands - 1)
        let sum = (0..<operands - 4).reduce(0, +)
        // The call gives (3, 40); the choice with 0 takes the second.
        #expect(try Subject(bytes: bytes).call(1, [40], cutting) == .results([UInt64(sum + 40)]))
    }

    @Test func aFrameBeyondThatIsRefusedWhenItIsLoaded() {
        func problem(locals: Int, operands: Int) -> String? {
            let pushes = [[UInt8]](repeating: [0x42, 0x00], count: operands).flatMap { $0 }
            let drops = [UInt8](repeating: 0x1A, count: operands)
            var assembler = Assembler()
            assembler.function([], [], locals: locals, Body().raw(pushes + drops))
            do throws(ModuleError) {
                _ = try ValidatedModule(bytes: assembler.binary)
                return nil
            } catch {
                return error.description
            }
        }
        #expect(problem(locals: 50_000, operands: 10_000) == nil)
        let text = "implementation limit: at most 60000 slots in a frame, found 60001"
        #expect(problem(locals: 50_000, operands: 10_001)?.hasPrefix(text) == true)
        #expect(problem(locals: 0, operands: 60_001)?.hasPrefix(text) == true)
    }

    @Test func branchesOutOfAHundredThousandBlocks() throws {
        let depth = 99_999
        var assembler = Assembler()
        let blocks = [UInt8](repeating: 0x40, count: 2 * depth).enumerated().map {
            $0.offset % 2 == 0 ? 0x02 : $0.element
        }
        // To the outermost block; what follows the blocks that are left is not reached.
        let body = Body().raw(blocks).get(0).op(.brIf, depth - 1).raw([UInt8](repeating: 0x0B, count: depth - 1))
            .i32(7).set(0).end().get(0)
        assembler.function([.i32], [.i32], body)
        let bytes = assembler.binary
        #expect(try Subject(bytes: bytes).call(0, [1], .whole) == .results([1]))
        #expect(try Subject(bytes: bytes).call(0, [0], .reloads(1, atMost: 10)) == .results([7]))
    }

    @Test(arguments: [0, 1, 999_998, 999_999, 1_000_000, 0xFFFF_FFFF] as [UInt64])
    func choosesAmongAMillionLabels(_ selector: UInt64) throws {
        let count = 1_000_000
        var assembler = Assembler()
        // The last label of the list alone leads to the outer block; the default to the inner one, as all others.
        let labels = [UInt8](repeating: 0, count: count - 1) + [1, 0]
        let body = Body().block(.block).block(.block).get(0)
            .raw([0x0E] + unsigned(count) + labels).end().i32(1).op(.return).end().i32(2)
        assembler.function([.i32], [.i32], body)
        let outcome = try Subject(bytes: assembler.binary).call(0, [selector], .whole)
        #expect(outcome == .results([selector == 999_999 ? 2 : 1]))
    }
}
