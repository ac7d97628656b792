// Programs that between them use every kind of state: frames, locals, globals, memory, tables, dropped segments, bulk
// operations that overlap and cross pages, multiple results, direct and indirect calls. Their last function is `run`.

import WebAssembly

/// A program and its arguments.
struct Program: Sendable, CustomStringConvertible {
    var description: String
    var bytes: [UInt8]
    var arguments: [UInt64]

    static let all = [fibonacci, loops, bulkMemory, bulkTables, indirectCalls, manyLocals, blockParameters, trapping]

    /// Recursion with operands waiting below the call.
    static var fibonacci: Program {
        var assembler = Assembler()
        assembler.function(
            [.i32], [.i32],
            Body().get(0).i32(2).op(.i32LtU).block(.if, 0x7F).get(0).op(.else)
                .get(0).i32(1).op(.i32Sub).op(.call, 0).get(0).i32(2).op(.i32Sub).op(.call, 0).op(.i32Add).end())
        return Program(description: "fibonacci", bytes: assembler.binary, arguments: [9])
    }

    /// Nested loops with br_table, br_if that carry values, globals, memory accesses across a page boundary, growth.
    static var loops: Program {
        var assembler = Assembler()
        assembler.memory = (1, 3)
        assembler.globals = [7, -1]
        assembler.function(
            [.i32], [.i64], locals: 3,
            Body().block(.block).block(.loop)
                .get(0).op(.i32Eqz).op(.brIf, 1)
                .op(.globalGet, 0).i64(0x5851_F42D_4C95_7F2D).op(.i64Mul).i64(12345).op(.i64Add).op(.globalSet, 0)
                .block(.block).block(.block).block(.block)
                .get(0).i32(3).op(.i32RemU).op(.brTable, 2, 0, 1, 2).end()
                .get(1).i64(1).op(.i64Add).set(1).op(.br, 1).end()
                .get(2).op(.globalGet, 0).op(.i64Xor).set(2).end()
                .i32(4092).op(.globalGet, 0).op(.i64Store, 0, 0)
                .get(1).i32(4088).op(.i64Load, 0, 2).op(.i64Add).set(1)
                .block(.block, 0x7E).get(1).get(0).i32(5).op(.i32GtU).op(.brIf, 0).op(.drop).get(2).end().set(3)
                .get(0).i32(1).op(.i32Sub).set(0).op(.br, 0).end().end()
                .i32(1).op(.memoryGrow, 0).op(.drop).op(.memorySize, 0).op(.i64ExtendI32U)
                .get(1).op(.i64Add).get(2).op(.i64Xor).get(3).op(.i64Sub).i64(77).op(.globalGet, 1).op(.i32WrapI64).op(
                    .select))
        return Program(description: "loops", bytes: assembler.binary, arguments: [11])
    }

    /// Fills, copies in both directions with overlaps over page boundaries, initialisation, dropping.
    static var bulkMemory: Program {
        var assembler = Assembler()
        assembler.memory = (1, 1)
        assembler.passiveData = (0..<200).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ 3) }
        assembler.function(
            [], [.i32],
            Body().i32(4000).i32(0xA5).i32(9000).op(.memoryFill, 0)
                .i32(4090).i32(5).i32(190).op(.memoryInit, 0, 0)
                .i32(4500).i32(4000).i32(8300).op(.memoryCopy, 0, 0)
                .i32(4100).i32(4700).i32(8200).op(.memoryCopy, 0, 0)
                .i32(20000).i32(4000).i32(100).op(.memoryCopy, 0, 0)
                .i32(0).i32(0).i32(0).op(.memoryCopy, 0, 0)
                .op(.dataDrop, 0).i32(65536).i32(0).i32(0).op(.memoryInit, 0, 0)
                .i32(4100).op(.i32Load, 0, 0).i32(12290).op(.i32Load, 0, 0).op(.i32Add))
        return Program(description: "bulk memory", bytes: assembler.binary, arguments: [])
    }

    /// The same on tables, with growth, and a call through what was moved.
    static var bulkTables: Program {
        var assembler = Assembler()
        assembler.table = (1200, 2000)
        assembler.passiveElements = [0, 1, 0, 1, 1, 1, 0, 0, 1, 0, 1]
        assembler.activeElements = [1, 0, 1]
        let type = assembler.typeIndex([.i32], [.i32])
        assembler.function([.i32], [.i32], Body().get(0).i32(3).op(.i32Add))
        assembler.function([.i32], [.i32], Body().get(0).i32(5).op(.i32Mul))
        assembler.function(
            [.i32], [.i32],
            Body().i32(505).i32(0).i32(11).op(.tableInit, 0, 0)
                .i32(600).i32(0).op(.tableGet, 0).i32(590).op(.tableFill, 0)
                .i32(20).i32(505).i32(600).op(.tableCopy, 0, 0)
                .i32(520).i32(20).i32(600).op(.tableCopy, 0, 0)
                .op(.elemDrop, 0)
                .raw([0xD0, 0x70]).i32(700).op(.tableGrow, 0).i32(1199).op(.i32Add)
                .i32(1300).i32(21).op(.tableGet, 0).op(.tableSet, 0)
                .get(0).i32(525).op(.callIndirect, type, 0).op(.i32Add)
                .i32(1300).op(.callIndirect, type, 0).op(.tableSize, 0).op(.i32Add))
        return Program(description: "bulk tables", bytes: assembler.binary, arguments: [17])
    }

    /// Indirect calls with several results and operands that wait below.
    static var indirectCalls: Program {
        var assembler = Assembler()
        assembler.table = (4, 4)
        assembler.activeElements = [0, 1]
        let type = assembler.typeIndex([.i64, .i64], [.i64, .i64, .i64])
        assembler.function([.i64, .i64], [.i64, .i64, .i64], Body().get(1).get(0).get(0).get(1).op(.i64Add))
        assembler.function(
            [.i64, .i64], [.i64, .i64, .i64],
            Body().get(0).get(1).i32(0).op(.callIndirect, type, 0).op(.return))
        assembler.function(
            [.i64], [.i64],
            Body().i64(100).get(0).i64(3).i32(1).op(.callIndirect, type, 0)
                .op(.i64Mul).op(.i64Sub).op(.i64Add).i64(1).op(.call, 0).op(.i64Add).op(.i64Add))
        return Program(description: "indirect calls", bytes: assembler.binary, arguments: [42])
    }

    /// Calls whose callee's locals cost several gas, so that slices end within the price of a call.
    static var manyLocals: Program {
        var assembler = Assembler()
        assembler.function([.i64], [.i64], locals: 100, Body().get(0).get(100).op(.i64Add).i64(1).op(.i64Add))
        assembler.function(
            [.i64], [.i64], locals: 40,
            Body().get(0).op(.call, 0).op(.call, 0).set(40).get(40).op(.call, 0))
        return Program(description: "many locals", bytes: assembler.binary, arguments: [5])
    }

    /// Blocks that take operands: both arms of an `if`, a loop that carries a value, branches that carry one over others.
    static var blockParameters: Program {
        var assembler = Assembler()
        let pair = UInt8(assembler.typeIndex([.i64, .i64], [.i64]))
        let single = UInt8(assembler.typeIndex([.i64], [.i64]))
        assembler.function(
            [.i32], [.i64],
            Body().i64(1000).i64(50).i64(8).get(0).block(.if, pair).op(.i64Mul).op(.else).op(.i64Sub).end()
                .i64(60).i64(9).i32(0).block(.if, pair).op(.i64Mul).op(.else).op(.i64Sub).end().op(.i64Add)
                .block(.loop, single).i64(3).op(.i64Add).i64(77).raw([0xA7]).op(.drop)
                .get(0).i32(1).op(.i32Sub).op(.localTee, 0).op(.brIf, 0).end().op(.i64Sub)
                .block(.block, 0x7E).i64(1).i64(2).i64(40).op(.br, 0).end().op(.i64Add)
                .block(.block, 0x7E).i64(1).i64(30).i32(1).op(.brIf, 0).op(.i64Mul).end().op(.i64Add)
                .block(.block, 0x7E).i64(9).i64(20).get(0).op(.brTable, 1, 0, 0).end().op(.i64Add))
        return Program(description: "block parameters", bytes: assembler.binary, arguments: [4])
    }

    /// Ends in a trap with operands on the stack.
    static var trapping: Program {
        var assembler = Assembler()
        assembler.memory = (1, 1)
        assembler.function([.i32], [.i32], Body().i32(9).get(0).op(.i32DivU))
        assembler.function(
            [.i32], [.i32],
            Body().i32(65530).i32(-1).op(.i32Store, 0, 0).i32(1).get(0).op(.call, 0).op(.i32Add))
        return Program(description: "trapping", bytes: assembler.binary, arguments: [0])
    }
}
