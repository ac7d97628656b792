// GAS-3 and persistability: whatever way a computation is cut and moved, its state after n gas is the same.

import Interpreter
import Testing
import WebAssembly

struct SlicingTests {
    private func subject(_ program: Program) throws -> (subject: Subject, function: Int) {
        let subject = try Subject(bytes: program.bytes)
        return (subject, subject.instance.module.functionCount - 1)
    }

    private func finish(_ program: Program, _ cutting: Cutting) throws -> (Outcome, ComputationState, Int64) {
        let (subject, function) = try subject(program)
        let outcome = try subject.call(function, program.arguments, cutting)
        return (outcome, subject.state, subject.spent)
    }

    @Test(arguments: Program.all, [1, 2, 7, 1000] as [Int64])
    func slicesOfAnyLengthEndAlike(program: Program, slice: Int64) throws {
        let whole = try finish(program, .whole)
        let sliced = try finish(program, .slices(slice))
        #expect(whole == sliced)
    }

    @Test(arguments: Program.all)
    func everyInstructionCanBeTheLastOneBeforeAReload(program: Program) throws {
        let whole = try finish(program, .whole)
        let reloaded = try finish(program, .reloads(1, atMost: Int.max))
        #expect(whole == reloaded)
    }

    @Test(arguments: Program.all)
    func stateAfterSomeGasDoesNotDependOnHowItWasDivided(program: Program) throws {
        let total = try finish(program, .whole).2
        let (stepped, function) = try subject(program)
        stepped.instance.activation.enter(function: function, arguments: program.arguments)
        for gas in 1..<total {
            stepped.instance.activation.gas = 1
            #expect(stepped.instance.run() == .outOfGas)
            #expect(stepped.instance.activation.gas == 0)
            // Each prefix in one go costs as much again: sample them.
            guard gas < 40 || gas % 37 == 0 || gas > total - 5 else { continue }
            let (direct, _) = try subject(program)
            direct.instance.activation.enter(function: function, arguments: program.arguments)
            direct.instance.activation.gas = gas
            #expect(direct.instance.run() == .outOfGas)
            #expect(direct.state == stepped.state, "after \(gas) gas")
        }
    }

    @Test func programsComputeWhatTheyShould() throws {
        #expect(try finish(.fibonacci, .whole).0 == .results([34]))
        #expect(try finish(.manyLocals, .whole).0 == .results([8]))
        #expect(try finish(.trapping, .whole).0 == .trap(.integerDivideByZero))
        // 50 * 8 + (60 - 9) + 4 * 3 taken from 1000; then 40, 30 and 20 come out of their blocks.
        #expect(try finish(.blockParameters, .whole).0 == .results([627]))
        // (3, 42, 45): 3 - 42 * 45 + 100 is x = -1787; then 1 + x + (x + 1).
        #expect(try finish(.indirectCalls, .whole).0 == .results([UInt64(bitPattern: -3572)]))
    }

    @Test func bulkMemoryIsWhatMovingBytesGives() throws {
        let (subject, function) = try subject(.bulkMemory)
        guard case .results = try subject.call(function, [], .slices(3)) else {
            Issue.record("it ends")
            return
        }
        var model = [UInt8](repeating: 0, count: 65_536)
        for index in 4000..<13_000 { model[index] = 0xA5 }
        for index in 0..<190 { model[4090 + index] = UInt8(truncatingIfNeeded: (5 + index) * 7 + 3) }
        func copy(_ to: Int, _ from: Int, _ count: Int) {
            model.replaceSubrange(to..<to + count, with: Array(model[from..<from + count]))
        }
        copy(4500, 4000, 8300)
        copy(4100, 4700, 8200)
        copy(20000, 4000, 100)
        var found = [UInt8](repeating: 0, count: 65_536)
        for (page, bytes) in subject.instance.memoryContents() {
            found.replaceSubrange(Int(page) * 4096..<(Int(page) + 1) * 4096, with: bytes)
        }
        #expect(found == model)
    }
}
