// Decoding of sections: what a module holds afterwards, and each refusal with its text and offset.

import Testing
import WebAssembly

struct ModuleDecoderTests {
    private func error(_ bytes: [UInt8]) -> DecodeError? {
        do throws(DecodeError) {
            _ = try Module(decoding: bytes)
            return nil
        } catch {
            return error
        }
    }

    @Test func decodesEverySection() throws {
        var binary = Binary()
        binary.types = [([.i32, .f64], [.i64]), ([], [])]
        binary.imports = [
            name("m") + name("f") + [0x00, 0x01],
            name("m") + name("t") + [0x01, 0x70, 0x01, 0x01, 0x02],
            name("m") + name("g") + [0x03, 0x7E, 0x00],
        ]
        binary.functions = [0, 1]
        binary.tables = [[0x70, 0x00, 0x03]]
        binary.memories = [[0x01, 0x01, 0x80, 0x80, 0x04]]
        binary.globals = [[0x7E, 0x01, 0x23, 0x00, 0x0B], [0x7C, 0x00, 0x44, 0, 0, 0, 0, 0, 0, 0xF8, 0x7F, 0x0B]]
        binary.exports = [name("main") + [0x00, 0x02], name("mem") + [0x02, 0x00]]
        binary.start = 2
        binary.elements = [
            [0x00, 0x41, 0x01, 0x0B, 0x01, 0x02], [0x01, 0x00, 0x01, 0x00],
            [0x02, 0x01, 0x41, 0x00, 0x0B, 0x00, 0x00], [0x03, 0x00, 0x01, 0x01],
            [0x04, 0x41, 0x00, 0x0B, 0x01, 0xD2, 0x00, 0x0B], [0x05, 0x6F, 0x01, 0xD0, 0x6F, 0x0B],
            [0x06, 0x01, 0x41, 0x02, 0x0B, 0x70, 0x00], [0x07, 0x70, 0x01, 0xD0, 0x70, 0x0B],
        ]
        binary.dataCount = 3
        binary.bodies = [[0x02, 0x03, 0x7F, 0x02, 0x7D, 0x42, 0x00, 0x0B], [0x00, 0x0B]]
        binary.data = [
            [0x00, 0x41, 0x08, 0x0B, 0x02, 0xAA, 0xBB], [0x01, 0x00], [0x02, 0x00, 0x41, 0x00, 0x0B, 0x01, 9],
        ]
        let names = [0x00] + leb(4) + name("app") + [0x01] + leb(8) + [0x02, 0x02] + name("go") + [0x00] + name("f")
        binary.trailing = Binary.section(0, name("name") + names) + Binary.section(0, name("other") + [0xFF])
        let bytes = binary.bytes
        let module = try ValidatedModule(bytes: bytes).module

        #expect(module.byteCount == bytes.count)
        #expect(module.types.map(\.parameters) == [[.i32, .f64], []])
        #expect(module.types.map(\.results) == [[.i64], []])
        #expect(module.imports.map(\.name) == ["f", "t", "g"])
        let table = TableType(element: .funcref, limits: Limits(minimum: 1, maximum: 2))
        let global = GlobalType(value: .i64, isMutable: false)
        #expect(module.imports.map(\.kind) == [.function(typeIndex: 1), .table(table), .global(global)])
        for item in module.imports { #expect(bytes[item.offset...].starts(with: name("m") + name(item.name))) }
        #expect(module.functions.map(\.typeIndex) == [0, 1])
        #expect(module.functions[0].locals == [LocalRun(count: 3, type: .i32), LocalRun(count: 2, type: .f32)])
        #expect(module.functions[0].localCount == 5)
        #expect(Array(bytes[module.functions[0].code]) == [0x42, 0x00, 0x0B])
        #expect(module.tables == [TableType(element: .funcref, limits: Limits(minimum: 3, maximum: nil))])
        #expect(module.memories == [MemoryType(limits: Limits(minimum: 1, maximum: 65_536))])
        #expect(module.globals.map(\.initial) == [.globalGet(0), .f64(0x7FF8_0000_0000_0000)])
        #expect(module.export(named: "main")?.kind == .function(2))
        #expect(module.export(named: "mem")?.kind == .memory(0))
        #expect(module.export(named: "none") == nil)
        #expect(module.start == 2)
        #expect(
            module.elements.map(\.mode) == [
                .active(table: 0, offset: .i32(1)), .passive, .active(table: 1, offset: .i32(0)), .declarative,
                .active(table: 0, offset: .i32(0)), .passive, .active(table: 1, offset: .i32(2)), .declarative,
            ])
        #expect(
            module.elements.map { Array($0.items) } == [
                [.refFunc(2)], [.refFunc(0)], [], [.refFunc(1)], [.refFunc(0)], [.refNull(.externref)], [],
                [.refNull(.funcref)],
            ])
        #expect(module.dataCount == 3)
        #expect(
            module.dataSegments.map(\.mode) == [
                .active(memory: 0, offset: .i32(8)), .passive, .active(memory: 0, offset: .i32(0)),
            ])
        #expect(module.dataSegments.map { Array(bytes[$0.bytes]) } == [[0xAA, 0xBB], [], [9]])
        #expect(module.name == "app")
        #expect(module.functionNames.count == 2)
        #expect(module.functionNames[0] == "f")
        #expect(module.functionNames[1] == nil)
        #expect(module.functionNames[2] == "go")
        #expect(module.functionNames[3] == nil)
        #expect(module.offsets.dataSegments.map { bytes[Int($0)] } == [0, 1, 2])
    }

    @Test(
        arguments: [
            [0x00, 0x05, 0x03, 0x61],  // a name that is cut off
            [0x01, 0x05, 0x02, 0x00, 0x01, 0x61, 0x00],  // the same, of a function
            [0x01, 0x04, 0x01, 0x00, 0x01, 0xFF],  // not UTF-8
            [0x01, 0x05, 0x01, 0x00, 0x01, 0x61, 0x00],  // a byte too many
            [0x01, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F],
        ] as [[UInt8]])
    func ignoresNamesThatAreMalformed(_ names: [UInt8]) throws {
        var binary = Binary.function([])
        binary.trailing = Binary.section(0, name("name") + names)
        let module = try ValidatedModule(bytes: binary.bytes).module
        #expect(module.functionNames.isEmpty)
        #expect(module.name == nil)
    }

    @Test(arguments: [[0, 1, 2, 5], [5, 0, 2, 1], [2, 2, 0, 5], [9, 8, 7, 6]] as [[Int]])
    func findsNamesWhateverTheirOrder(_ functions: [Int]) throws {
        let entries = functions.enumerated().map { leb($0.element) + name("name \($0.offset)") }
        let contents = leb(entries.count) + entries.flatMap { $0 }
        var binary = Binary.function([])
        binary.trailing = Binary.section(0, name("name") + [0x01] + leb(contents.count) + contents)
        let names = try ValidatedModule(bytes: binary.bytes).module.functionNames
        #expect(names.count == functions.count)
        for function in 0..<12 {
            // Of several names the first counts.
            #expect(names[function] == functions.firstIndex(of: function).map { "name \($0)" })
        }
    }

    @Test func keepsNamesThatUnicodeCallsEquivalentApart() throws {
        var binary = Binary.function([])
        binary.exports = [name("\u{E9}") + [0x00, 0x00], name("e\u{301}") + [0x00, 0x00]]
        let module = try ValidatedModule(bytes: binary.bytes).module
        #expect(module.export(named: "\u{E9}")?.name.utf8.count == 2)
        #expect(module.export(named: "e\u{301}")?.name.utf8.count == 3)
    }

    @Test(arguments: [
        ([] as [UInt8], "unexpected end", 0),
        ([0x00, 0x61, 0x73], "unexpected end", 3),
        ([0x7F, 0x45, 0x4C, 0x46, 0x02], "magic header not detected", 0),
        ([0x00, 0x61, 0x73, 0x6D, 0x01, 0x00, 0x00], "unexpected end", 7),
        ([0x00, 0x61, 0x73, 0x6D, 0x02, 0x00, 0x00, 0x00], "unknown binary version 0x2", 4),
        (
            [0x00, 0x61, 0x73, 0x6D, 0x0D, 0x00, 0x01, 0x00],
            "unknown binary version 0x1000d: components are not supported", 4
        ),
        (Binary.header + [0x0D, 0x00], "malformed section id 13: exceptions are not supported", 8),
        (Binary.header + [0x01], "unexpected end of section or function", 9),
        (Binary.header + [0x01, 0x01, 0x00, 0x01, 0x01, 0x00], "unexpected content after last section: section 1", 11),
        (Binary.header + [0x01, 0x02, 0x00], "length out of bounds: 2 of 1 bytes left", 10),
        (Binary.header + [0x01, 0x02, 0x00, 0x00], "section size mismatch: should end at byte 12, ends at 11", 11),
        (Binary.header + [0x02, 0x01, 0x00, 0x01, 0x01, 0x00], "unexpected content after last section: section 1", 11),
        (
            Binary.header + [0x0A, 0x01, 0x00, 0x0C, 0x01, 0x00], "unexpected content after last section: section 12",
            11
        ),
        (
            Binary.header + [0x01, 0x05, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F], "unexpected end of section or function: 42949",
            10
        ),
        (Binary.header + [0x01, 0x04, 0x01, 0x5E, 0x00, 0x00], "malformed function type 0x5e: garbage-collected", 11),
        (
            Binary.header + [0x01, 0x05, 0x01, 0x60, 0x01, 0x7B, 0x00],
            "malformed value type 0x7b: vectors (SIMD) are not supported", 13
        ),
        (
            Binary.header + [0x02, 0x05, 0x01, 0x00, 0x00, 0x04, 0x00], "malformed import kind 4: exceptions are not",
            13
        ),
        (Binary.header + [0x02, 0x04, 0x01, 0x01, 0xFF, 0x00], "malformed UTF-8 encoding", 12),
        (Binary.header + [0x03, 0x02, 0x01, 0x00], "function and code section have inconsistent lengths: 1 and 0", 12),
        (Binary.header + [0x0A, 0x04, 0x01, 0x02, 0x00, 0x0B], "function and code section have inconsistent", 11),
        (Binary.header + [0x04, 0x04, 0x01, 0x7F, 0x00, 0x00], "malformed reference type 0x7f", 11),
        (Binary.header + [0x04, 0x04, 0x01, 0x40, 0x00, 0x70], "malformed value type 0x40: table initializers", 11),
        (Binary.header + [0x05, 0x03, 0x01, 0x03, 0x00], "integer too large: limits flags 3: threads are not", 11),
        (Binary.header + [0x05, 0x03, 0x01, 0x04, 0x00], "integer too large: limits flags 4: 64-bit memories", 11),
        (Binary.header + [0x06, 0x05, 0x01, 0x7F, 0x02, 0x41, 0x00], "malformed mutability 2", 12),
        (Binary.header + [0x06, 0x04, 0x01, 0x7F, 0x00, 0x0B], "type mismatch: a constant expression leaves 0", 13),
        (
            Binary.header + [0x06, 0x08, 0x01, 0x7F, 0x00, 0x41, 0x00, 0x41, 0x00, 0x0B],
            "type mismatch: a constant expression leaves 2", 17
        ),
        (
            Binary.header + [0x06, 0x09, 0x01, 0x7F, 0x00, 0x41, 0x00, 0x41, 0x00, 0x6A, 0x0B],
            "constant expression required, found i32.add", 17
        ),
        (Binary.header + [0x07, 0x04, 0x01, 0x00, 0x05, 0x00], "malformed export kind 5", 12),
        (Binary.header + [0x09, 0x02, 0x01, 0x08], "malformed elements segment kind 8", 11),
        (Binary.header + [0x09, 0x04, 0x01, 0x01, 0x01, 0x00], "malformed element kind 1", 12),
        (Binary.header + [0x0B, 0x02, 0x01, 0x03], "malformed data segment kind 3", 11),
        (Binary.header + [0x0C, 0x01, 0x01], "data count and data section have inconsistent lengths: 1 and 0", 11),
    ])
    func refusesWithTextAndOffset(_ bytes: [UInt8], _ text: String, _ offset: Int) {
        let found = error(bytes)
        #expect(found?.description.hasPrefix(text) == true, "\(found?.description ?? "accepted")")
        #expect(found?.offset == offset)
    }

    @Test func countsLocalsWithoutMakingThem() {
        func locals(_ counts: [UInt32]) -> DecodeError? {
            let runs = counts.flatMap { leb(Int($0)) + [0x7F] as [UInt8] }
            return error(Binary.function(locals: leb(counts.count) + runs, []).bytes)
        }
        #expect(locals([0, 50_000]) == nil)
        #expect(locals([25_000, 25_001])?.reason == .implementationLimit(.locals, found: 50_001))
        #expect(locals([.max])?.reason == .implementationLimit(.locals, found: 4_294_967_295))
        #expect(locals([.max, 1])?.reason == .tooManyLocals(4_294_967_296))
    }

    @Test func packsItemsOfElementsWithoutLoss() {
        let items: [ConstantExpression] = [
            .refFunc(0), .refFunc(1_000_000), .refFunc(0x3FFF_FFFF), .refFunc(0x4000_0000), .refFunc(0xFFFF_FFFF),
            .globalGet(0), .globalGet(0x3FFF_FFFF), .globalGet(0xFFFF_FFFF), .refNull(.funcref), .refNull(.externref),
            .i32(.max), .i64(.max), .f32(7), .f64(.max),
        ]
        #expect(Array(ElementItems(items)) == items)
        #expect(ElementItems(items) == ElementItems(items))
        #expect(ElementItems(items) != ElementItems(items.reversed()))
    }

    @Test func keepsNoRunsWithoutLocals() throws {
        let runs = [[0, 0x7F], [2, 0x7E], [0, 0x7D]] as [[UInt8]]
        let module = try Module(decoding: Binary.function(locals: [3] + runs.flatMap { $0 }, []).bytes)
        #expect(module.functions[0].locals == [LocalRun(count: 2, type: .i64)])
    }

    @Test(
        arguments: [
            (.memories, [0x00, 0x00], 5, 100), (.elementSegments, [0x01, 0x00, 0x00], 9, 100_000),
            (.dataSegments, [0x01, 0x00], 11, 100_000), (.tables, [0x70, 0x00, 0x00], 4, 1_000),
            (.globals, [0x7F, 0x00, 0x41, 0x00, 0x0B], 6, 50_000), (.types, [0x60, 0x00, 0x00], 1, 1_000_000),
        ] as [(ImplementationLimit, [UInt8], UInt8, Int)])
    func boundsItems(_ limit: ImplementationLimit, _ item: [UInt8], _ id: UInt8, _ most: Int) {
        func problem(_ count: Int) -> DecodeError.Reason? {
            let items = [[UInt8]](repeating: item, count: count).joined()
            return error(Binary.header + Binary.section(id, leb(count) + items))?.reason
        }
        #expect(limit.maximum == most)
        #expect(problem(most) == nil)
        #expect(problem(most + 1) == .implementationLimit(limit, found: most + 1))
    }

    @Test func boundsTheBytesOfAFunction() {
        // The count of runs of locals and the last `end` are two of them.
        func problem(_ bytes: Int) -> DecodeError.Reason? {
            error(Binary.function([UInt8](repeating: 0x01, count: bytes - 2)).bytes)?.reason
        }
        #expect(problem(7_654_321) == nil)
        #expect(problem(7_654_322) == .implementationLimit(.functionBytes, found: 7_654_322))
    }

    @Test func boundsItemsOfAllKindsTogether() {
        let types = [[UInt8]](repeating: [0x60, 0x00, 0x00], count: 500_000).joined()
        func problem(_ functions: Int) -> DecodeError? {
            let body = [0x02, 0x00, 0x0B] as [UInt8]
            let bytes =
                Binary.header + Binary.section(1, leb(500_000) + types)
                + Binary.section(3, leb(functions) + [UInt8](repeating: 0, count: functions))
                + Binary.section(10, leb(functions) + [[UInt8]](repeating: body, count: functions).joined())
            return error(bytes)
        }
        #expect(problem(500_000) == nil)
        #expect(problem(500_001)?.reason == .implementationLimit(.items, found: 1_000_001))
    }

    @Test func findsTheOneNameThatWasThereBefore() {
        func problem(_ names: [String]) -> String? {
            var binary = Binary.function([])
            binary.exports = names.map { name($0) + [0x00, 0x00] }
            return WebAssemblyTests.problem(binary)
        }
        let names = (0..<20_000).map { "export number \($0)" }
        #expect(problem(names) == nil)
        for again in [0, 9_999, 19_999] {
            let text = "duplicate export name \"export number \(again)\""
            #expect(problem(names + [names[again]])?.hasPrefix(text) == true)
        }
        // Not the same by their bytes, though Unicode calls them equivalent; the empty name is one like any other.
        #expect(problem(["\u{E9}", "e\u{301}", ""]) == nil)
        #expect(problem(["", "a", ""])?.hasPrefix("duplicate export name \"\"") == true)
    }

    @Test func boundsListsOfTypes() {
        func problem(_ parameters: Int, _ results: Int) -> DecodeError.Reason? {
            var binary = Binary()
            binary.types = [
                ([ValueType](repeating: .i32, count: parameters), [ValueType](repeating: .i32, count: results))
            ]
            return error(binary.bytes)?.reason
        }
        #expect(problem(1_000, 1_000) == nil)
        #expect(problem(1_001, 0) == .implementationLimit(.parameters, found: 1_001))
        #expect(problem(0, 1_001) == .implementationLimit(.results, found: 1_001))
    }
}
