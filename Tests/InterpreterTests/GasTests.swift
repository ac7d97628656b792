// What things cost (specs/gas.md), counted.

import Interpreter
import Testing
import WebAssembly

struct GasTests {
    /// Gas of running a module's last function to its end.
    private func spent(_ assembler: Assembler, _ arguments: [UInt64] = []) throws -> Int64 {
        let subject = try Subject(bytes: assembler.binary)
        _ = try subject.call(subject.instance.module.functionCount - 1, arguments, .whole)
        return subject.spent
    }

    @Test func structuralInstructionsAreFree() throws {
        var assembler = Assembler()
        assembler.function([], [], Body().block(.block).block(.loop).block(.block).end().end().end())
        #expect(try spent(assembler) == 0)
    }

    @Test(arguments: [(1, 4), (0, 4)] as [(UInt64, Int64)])
    func anIfCostsOneAndItsElseNothing(condition: UInt64, gas: Int64) throws {
        var assembler = Assembler()
        assembler.function([.i32], [.i32], Body().get(0).block(.if, 0x7F).i32(1).op(.else).i32(2).end().op(.nop))
        #expect(try spent(assembler, [condition]) == gas)
    }

    @Test(arguments: [(0, 0), (15, 0), (16, 1), (31, 1), (32, 2), (1000, 62)])
    func aCallPaysForTheLocalsOfItsCallee(locals: Int, extra: Int64) throws {
        var assembler = Assembler()
        assembler.function([], [], locals: locals, Body())
        assembler.function([], [], Body().op(.call, 0))
        #expect(try spent(assembler) == 1 + extra)
    }

    @Test(arguments: [
        (0, 0, 0), (0, 1, 1), (0, 64, 1), (0, 65, 2), (4095, 2, 2), (4000, 9000, 2 + 64 + 64 + 12), (0, 65_536, 1024),
    ])
    func aFillPaysForPiecesThatEndAtPages(address: Int32, count: Int32, pieces: Int64) throws {
        var assembler = Assembler()
        assembler.memory = (1, 1)
        assembler.function([], [], Body().i32(address).i32(1).i32(count).op(.memoryFill, 0))
        #expect(try spent(assembler) == 4 + pieces)
    }

    @Test func aCopyPaysForPiecesOfBothSides() throws {
        var assembler = Assembler()
        assembler.memory = (1, 1)
        // Up from 100 to 50: pieces of 3996 (source's page ends), 50 (destination's), 54.
        assembler.function([], [], Body().i32(50).i32(100).i32(4100).op(.memoryCopy, 0, 0))
        #expect(try spent(assembler) == 4 + 63 + 1 + 1)
    }

    @Test(arguments: [(505, 8, 1 + 1), (0, 512, 64), (500, 600, 2 + 64 + 10)])
    func aTableFillPaysForEightElementsEach(index: Int32, count: Int32, pieces: Int64) throws {
        var assembler = Assembler()
        assembler.table = (1200, 1200)
        assembler.function([], [], Body().i32(index).raw([0xD0, 0x70]).i32(count).op(.tableFill, 0))
        #expect(try spent(assembler) == 4 + pieces)
    }

    @Test func aTrapIsCharged() throws {
        var assembler = Assembler()
        assembler.memory = (1, 1)
        assembler.function([], [], Body().i32(60_000).i32(1).i32(60_000).op(.memoryFill, 0))
        #expect(try spent(assembler) == 4)
    }

    @Test func whatIsPaidTowardsAnInstructionIsKept() throws {
        var assembler = Assembler()
        assembler.memory = (1, 1)
        assembler.function([], [], Body().i32(0).i32(1).i32(640).op(.memoryFill, 0))
        let subject = try Subject(bytes: assembler.binary)
        let activation = subject.instance.activation
        activation.enter(function: 0, arguments: [])
        activation.gas = 9
        #expect(subject.instance.run() == .outOfGas)
        #expect(activation.paid == 6)
        #expect(activation.gas == 0)
        #expect(subject.instance.memoryContents().isEmpty)
        activation.gas = 4
        #expect(subject.instance.run() == .outOfGas)
        #expect(activation.paid == 0)
        #expect(subject.instance.memoryContents()[0]?[639] == 1)
        activation.gas = 1
        #expect(subject.instance.run() == .returned)
        #expect(activation.gas == 0)
    }

    @Test func aHostCallCanCostMoreThanIsLeft() throws {
        var assembler = Assembler()
        assembler.importFunction([.i64], [.i64])
        assembler.function([], [.i64], Body().i64(5).op(.call, 0))
        let subject = try Subject(bytes: assembler.binary)
        let activation = subject.instance.activation
        activation.enter(function: 1, arguments: [])
        activation.gas = 4
        #expect(subject.instance.run() == .hostCall(function: 0, instance: 0))
        #expect(activation.argument(0) == 5)
        #expect(activation.gas == 3)
        #expect(!activation.canPay(10))
        #expect(activation.paid == 3)
        activation.gas = 8
        #expect(subject.instance.run() == .hostCall(function: 0, instance: 0))
        #expect(activation.canPay(10))
        activation.complete(results: [99], cost: 10)
        #expect(activation.gas == 1)
        #expect(activation.paid == 0)
        #expect(subject.instance.run() == .returned)
        #expect(activation.result(0) == 99)
    }
}
