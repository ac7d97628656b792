// Exits, what they leave behind, and going on after them; positions, backtraces and what refuses to be resumed.

import Interpreter
import Testing
import WebAssembly

struct ExitTests {
    private func activation(_ assembler: Assembler, slots: Int = 1 << 12) throws -> Activation {
        let bytes = assembler.binary
        let module = CompiledModule(try ValidatedModule(bytes: bytes), bytes: bytes, types: FunctionTypeTable())
        let activation = Activation(module: module, capacitySlots: slots, elementCapacity: 4096)
        activation.memoryBytes = 65_536
        activation.gas = 1_000_000
        return activation
    }

    @Test func aStoreAcrossPagesAsksForBothAndWritesNothingBefore() throws {
        var assembler = Assembler()
        assembler.memory = (1, 1)
        assembler.function([], [.i64], Body().i32(4092).i64(-1).op(.i64Store, 0, 0).i32(4085).op(.i64Load, 0, 3))
        let activation = try activation(assembler)
        let pages = UnsafeMutableRawPointer.allocate(byteCount: 3 * 4096, alignment: 4096)
        pages.initializeMemory(as: UInt8.self, repeating: 0, count: 3 * 4096)
        defer { pages.deallocate() }
        activation.enter(function: 0, arguments: [])
        #expect(activation.run() == .memoryMissing(memory: 0, page: 0, write: true))
        activation.memories(of: 0)[0].set(read: pages, page: 0)
        #expect(activation.run() == .memoryMissing(memory: 0, page: 0, write: true))
        activation.memories(of: 0)[0].set(write: pages, page: 0)
        #expect(activation.run() == .memoryMissing(memory: 0, page: 1, write: true))
        #expect(pages.load(fromByteOffset: 4092, as: UInt32.self) == 0)
        // Pages next to each other in the memory need not be so in the host.
        activation.memories(of: 0)[0].set(write: pages + 8192, page: 1)
        #expect(activation.run() == .returned)
        #expect(pages.load(fromByteOffset: 4092, as: UInt32.self) == UInt32.max)
        #expect(pages.load(fromByteOffset: 8192, as: UInt32.self) == UInt32.max)
        // Bytes 4088 to 4095: four of zeros, then four of ones.
        #expect(activation.result(0) == 0xFFFF_FFFF_0000_0000)
        #expect(activation.gas == 1_000_000 - 5)
        activation.memories(of: 0)[0].checkInvariants(pages: 16)
        activation.memories(of: 0)[0].clearWrites()
        activation.enter(function: 0, arguments: [])
        #expect(activation.run() == .memoryMissing(memory: 0, page: 0, write: true))
    }

    @Test(arguments: [
        (65_536 - 8, 0, true), (65_536 - 7, 0, false), (0, 65_528, true), (0, 65_529, false), (-1, 0, false),
        (-8, 65_528, false), (-1, 0x7FFF_FFFF, false),
    ])
    func accessesEndWithTheMemory(address: Int32, offset: Int, isInside: Bool) throws {
        var assembler = Assembler()
        assembler.memory = (1, 1)
        assembler.function([], [.i64], Body().i32(address).op(.i64Load, 0, offset))
        let subject = try Subject(bytes: assembler.binary)
        let outcome = try subject.call(0, [], .whole)
        #expect(outcome == (isInside ? .results([0]) : .trap(.outOfBoundsMemoryAccess)))
    }

    private func recursion() -> Assembler {
        var assembler = Assembler()
        assembler.function(
            [.i32], [.i32],
            Body().get(0).op(.i32Eqz).block(.if, 0x7F).i32(0).op(.else)
                .get(0).get(0).i32(1).op(.i32Sub).op(.call, 0).op(.i32Add).end())
        return assembler
    }

    @Test func framesAreBoughtBeforeTheyAreEntered() throws {
        let activation = try activation(recursion())
        let frame = activation.module.frameSlots(ofFunction: 0)
        activation.boughtSlots = frame
        activation.enter(function: 0, arguments: [3])
        guard case .stackFull(let slots) = activation.run() else {
            Issue.record("the second frame needs more")
            return
        }
        #expect(slots > frame && slots < 2 * frame)
        let before = (activation.position, activation.frameBase, activation.gas)
        #expect(activation.run() == .stackFull(slots: slots))
        #expect(before == (activation.position, activation.frameBase, activation.gas))
        activation.boughtSlots = 100
        #expect(activation.run() == .returned)
        #expect(activation.result(0) == 6)
    }

    @Test func depthEndsWithTheBuffer() throws {
        let activation = try activation(recursion(), slots: 400)
        activation.enter(function: 0, arguments: [1000])
        #expect(activation.run() == .trap(.callStackExhausted))
        #expect(activation.frames().count > 50)
        activation.checkInvariants()
    }

    @Test func framesThatAreNotPresentAreAskedFor() throws {
        let whole = try activation(recursion())
        whole.enter(function: 0, arguments: [5])
        whole.gas = 44
        #expect(whole.run() == .outOfGas)
        guard let position = whole.position else {
            Issue.record("it stands somewhere")
            return
        }
        let depth = whole.frames().count
        #expect(depth > 3)
        let part = try activation(recursion())
        let base = whole.frameBase
        for index in base..<whole.liveSlots { part.slots[index] = whole.slots[index] }
        try part.resume(at: position, frame: base, presentFrom: base)
        #expect(part.frames().count == 2)
        var asked = 0
        while true {
            let exit = part.run()
            guard case .stackMissing(let from, let to) = exit else {
                #expect(exit == .returned)
                break
            }
            asked += 1
            #expect(to == part.presentFrom && from < to)
            for index in from..<to { part.slots[index] = whole.slots[index] }
            part.presentFrom = from
        }
        #expect(asked == depth - 1)
        #expect(part.result(0) == 15)
    }

    @Test func lowWaterFollowsReturns() throws {
        let activation = try activation(recursion())
        activation.enter(function: 0, arguments: [5])
        activation.gas = 44
        #expect(activation.run() == .outOfGas)
        let frames = activation.frames()
        activation.resetLowWater()
        #expect(activation.lowWater == activation.frameBase)
        activation.gas = 1_000
        #expect(activation.run() == .returned)
        #expect(activation.lowWater == frames.last?.base)
    }

    @Test func backtraceNamesTheBytesBehindTheCalls() throws {
        let assembler = recursion()
        let activation = try activation(assembler)
        activation.enter(function: 0, arguments: [2])
        activation.gas = 10
        #expect(activation.run() == .outOfGas)
        let code = activation.module.module.functions[0].code
        let call = assembler.binary[code].firstIndex { $0 == 0x10 }
        let frames = activation.frames()
        #expect(frames.count == 2)
        #expect(frames[1].byteOffset == call.map { UInt32($0 + 2) })
        #expect(frames[1].base == 0)
    }

    @Test func importedFunctionsAreCalledThroughTables() throws {
        var assembler = Assembler()
        assembler.importFunction([.i64, .i64], [.i64])
        assembler.table = (1, 1)
        assembler.activeElements = [0]
        let type = assembler.typeIndex([.i64, .i64], [.i64])
        assembler.function([], [.i64], Body().i64(1).i64(40).i64(2).i32(0).op(.callIndirect, type, 0).op(.i64Sub))
        let subject = try Subject(bytes: assembler.binary)
        subject.instance.host = { _, arguments in .success([arguments[0] + arguments[1]]) }
        #expect(try subject.call(1, [], .slices(1)) == .results([UInt64(bitPattern: -41)]))
    }

    @Test func positionsThatAreNoneAreRefused() throws {
        let activation = try activation(recursion())
        activation.enter(function: 0, arguments: [2])
        guard let good = activation.position else {
            Issue.record("it stands at its beginning")
            return
        }
        func reason(_ change: (inout CodePosition) -> Void, frame: Int = 0) -> PositionError.Reason? {
            var position = good
            change(&position)
            do throws(PositionError) {
                try activation.resume(at: position, frame: frame)
                return nil
            } catch { return error.reason }
        }
        #expect(reason { $0.byteOffset += 1 } == .noInstruction)
        #expect(reason { $0.byteOffset = 0 } == .noInstruction)
        #expect(reason { $0.function = 7 } == .noInstruction)
        #expect(reason { $0.height = 3 } == .wrongHeight(expected: 0))
        #expect(reason({ _ in }, frame: 4095) == .frameOutside(base: 4095, slots: 4096))
        #expect(reason { _ in } == nil)
    }
}
