// Validity of modules and function bodies: each rule with a module that keeps it and one that does not, the text and
// the place of the refusal, and the heights that frames are made from.

import Testing
import WebAssembly

struct ValidatorTests {
    @Test(arguments: [
        ("block keeps its results", [0x02, 0x7F, 0x41, 0x00, 0x0B, 0x1A] as [UInt8]),
        ("loop takes parameters", [0x41, 0x00, 0x03, 0x01, 0x1A, 0x0B]),
        ("if with else", [0x41, 0x00, 0x04, 0x7F, 0x41, 0x00, 0x05, 0x41, 0x01, 0x0B, 0x1A]),
        ("if without else that keeps its type", [0x41, 0x00, 0x41, 0x00, 0x04, 0x02, 0x0B, 0x1A]),
        ("operands assumed after br", [0x0C, 0x00, 0x6A, 0x1A]),
        ("unknown operands stay unknown through select", [0x00, 0x1B, 0x1B, 0xA7, 0x1A]),
        ("br_if pushes the label's types", [0x02, 0x7F, 0x00, 0x0D, 0x00, 0x45, 0x0B, 0x1A]),
        ("br_table with an unknown operand", [0x02, 0x7F, 0x00, 0x1B, 0x41, 0x00, 0x0E, 0x01, 0x00, 0x00, 0x0B, 0x1A]),
        ("typed select of references", [0xD0, 0x70, 0xD0, 0x70, 0x41, 0x00, 0x1C, 0x01, 0x70, 0x1A]),
    ])
    func accepts(_ rule: String, _ code: [UInt8]) {
        var binary = Binary.functionInContext([], [], code)
        // Types 1 and 2, for blocks: i32 in and nothing out, i32 in and out.
        binary.types = [([], []), ([.i32], []), ([.i32], [.i32])]
        binary.functions = [0, 0]
        #expect(problem(binary) == nil, "\(rule)")
    }

    @Test(arguments: [
        ([0x41, 0x00] as [UInt8], "type mismatch: i32 left on the stack", 2),
        ([0x1A], "type mismatch: expected a value, found nothing", 0),
        ([0x41, 0x00, 0x42, 0x00, 0x6A, 0x1A], "type mismatch: expected i32, found i64", 4),
        ([0x41, 0x00, 0x02, 0x40, 0x1A, 0x0B], "type mismatch: expected a value, found nothing", 4),
        ([0x41, 0x00, 0x04, 0x7F, 0x41, 0x00, 0x0B, 0x1A], "type mismatch: an if without else", 6),
        ([0x41, 0x00, 0x04, 0x40, 0x05, 0x05, 0x0B], "END opcode expected", 5),
        ([0x05], "END opcode expected", 0),
        ([0x02, 0x40, 0x0B, 0x0B, 0x01], "section size mismatch", 4),
        ([0x0C, 0x01], "unknown label 1", 0),
        ([0x41, 0x00, 0x0E, 0x01, 0x02, 0x00], "unknown label 2", 2),
        ([0x02, 0x7F, 0x00, 0x0E, 0x01, 0x00, 0x01, 0x0B], "type mismatch: labels of br_table take 0 and 1 values", 3),
        ([0x02, 0x7F, 0x42, 0x00, 0x41, 0x00, 0x0E, 0x00, 0x00, 0x0B], "type mismatch: expected i32, found i64", 6),
        ([0x02, 0x07, 0x0B], "unknown type 7", 0),
        ([0x20, 0x02], "unknown local 2", 0),
        ([0x21, 0x00], "type mismatch: expected f32, found nothing", 0),
        ([0x23, 0x02], "unknown global 2", 0),
        ([0x41, 0x00, 0x24, 0x01], "global is immutable: 1", 2),
        ([0x10, 0x03], "unknown function 3", 0),
        ([0x41, 0x00, 0x11, 0x09, 0x00], "unknown type 9", 2),
        ([0x41, 0x00, 0x11, 0x00, 0x05], "unknown table 5", 2),
        ([0x41, 0x00, 0x11, 0x00, 0x01], "type mismatch: expected funcref, found externref", 2),
        ([0xD2, 0x01], "undeclared function reference 1", 0),
        ([0xD2, 0x09], "unknown function 9", 0),
        ([0x41, 0x00, 0xD1], "type mismatch: expected a reference, found i32", 2),
        ([0xD0, 0x70, 0xD0, 0x70, 0x41, 0x00, 0x1B], "type mismatch: expected a number, found funcref", 6),
        ([0x41, 0x00, 0x42, 0x00, 0x41, 0x00, 0x1B], "type mismatch: expected i32, found i64", 6),
        ([0x00, 0x42, 0x00, 0x41, 0x00, 0x1B, 0x45], "type mismatch: expected i32, found i64", 6),
        ([0x00, 0x1C, 0x02, 0x7F, 0x7F], "invalid result arity: select with 2 types", 1),
        ([0x41, 0x00, 0x28, 0x03, 0x00], "alignment must not be larger than natural: 2^3, natural 2^2", 2),
        ([0x00, 0xFC, 0x08, 0x01, 0x00], "unknown data segment 1", 1),
        ([0xFC, 0x09, 0x01], "unknown data segment 1", 0),
        ([0xFC, 0x0D, 0x04], "unknown elem segment 4", 0),
        ([0x00, 0xFC, 0x0C, 0x00, 0x01], "type mismatch: expected externref, found funcref", 1),
        ([0x00, 0xFC, 0x0E, 0x00, 0x01], "type mismatch: expected funcref, found externref", 1),
        ([0x00, 0xFC, 0x10, 0x02], "unknown table 2", 1),
        ([0x41, 0x00, 0x41, 0x00, 0x26, 0x00], "type mismatch: expected funcref, found i32", 4),
    ])
    func refusesBodiesWithTextAndOffset(_ code: [UInt8], _ text: String, _ offset: Int) throws {
        var binary = Binary.functionInContext([.f64], [], locals: [0x01, 0x01, 0x7D], code)
        binary.types[1] = ([], [])
        binary.tables.append([0x6F, 0x00, 0x01])
        binary.globals.append([0x7F, 0x00, 0x41, 0x00, 0x0B])
        // Local 0 is the f64 parameter; the cases that name local 0 mean the f32 of a function without parameters.
        if code.starts(with: [0x21]) { binary.types[0] = ([], []) }
        let bytes = binary.bytes
        let start = try #require(try Module(decoding: bytes).functions.last).code.lowerBound
        do throws(ModuleError) {
            _ = try ValidatedModule(bytes: bytes)
            Issue.record("accepted")
        } catch {
            #expect(error.description.hasPrefix(text), "\(error)")
            #expect(error.offset - start == offset)
            guard case .invalid(let invalid) = error else {
                Issue.record("not an error of a body: \(error)")
                return
            }
            #expect(invalid.function == 1)
        }
    }

    /// What makes a module with one empty function invalid, and how that is told.
    struct Change: Sendable {
        var text: String
        var apply: @Sendable (inout Binary) -> Void

        init(_ text: String, _ apply: @escaping @Sendable (inout Binary) -> Void) {
            self.text = text
            self.apply = apply
        }
    }

    static let changes: [Change] = [
        Change("unknown type 7 (at byte 17)") { $0.functions = [7] },
        Change("unknown type 9 (at byte 17)") { $0.imports = [name("m") + name("f") + [0, 9]] },
        Change("multiple memories: 2") { $0.memories = [[0, 1], [0, 1]] },
        Change("size minimum must not be greater than maximum: 2 and 1") { $0.memories = [[1, 2, 1]] },
        Change("size minimum must not be greater than maximum: 2 and 1") { $0.tables = [[0x70, 1, 2, 1]] },
        Change("memory size must be at most 65536 pages (4GiB), found 65537") {
            $0.memories = [[0, 0x81, 0x80, 0x04]]
        },
        Change("memory size must be at most 65536 pages (4GiB), found 65537") {
            $0.memories = [[1, 0, 0x81, 0x80, 0x04]]
        },
        Change("type mismatch: expected i64, found i32") { $0.globals = [[0x7E, 0, 0x41, 0, 0x0B]] },
        Change("unknown global 0") { $0.globals = [[0x7F, 0, 0x23, 0, 0x0B]] },
        Change("unknown function 9") { $0.globals = [[0x70, 0, 0xD2, 9, 0x0B]] },
        Change("constant expression required: global 0 is mutable") {
            $0.imports = [name("m") + name("g") + [3, 0x7F, 1]]
            $0.globals = [[0x7F, 0, 0x23, 0, 0x0B]]
        },
        Change("duplicate export name \"f\"") { $0.exports = [name("f") + [0, 0], name("f") + [0, 0]] },
        Change("unknown function 1") { $0.exports = [name("f") + [0, 1]] },
        Change("unknown table 0") { $0.exports = [name("f") + [1, 0]] },
        Change("unknown memory 0") { $0.exports = [name("f") + [2, 0]] },
        Change("unknown global 0") { $0.exports = [name("f") + [3, 0]] },
        Change("unknown function 1") { $0.start = 1 },
        Change("start function must take and give nothing: 1 parameters, 0 results") {
            $0.types.append(([.i32], []))
            $0.imports = [name("m") + name("f") + [0, 1]]
            $0.start = 0
        },
        Change("unknown table 0") { $0.elements = [[0, 0x41, 0, 0x0B, 0]] },
        Change("type mismatch: expected externref, found funcref") {
            $0.tables = [[0x6F, 0, 0]]
            $0.elements = [[0, 0x41, 0, 0x0B, 0]]
        },
        Change("type mismatch: expected i32, found i64") {
            $0.tables = [[0x70, 0, 0]]
            $0.elements = [[0, 0x42, 0, 0x0B, 0]]
        },
        Change("unknown function 5") { $0.elements = [[1, 0, 1, 5]] },
        Change("type mismatch: expected funcref, found externref") { $0.elements = [[5, 0x70, 1, 0xD0, 0x6F, 0x0B]] },
        Change("unknown memory 0") { $0.data = [[0, 0x41, 0, 0x0B, 0]] },
        Change("type mismatch: expected i32, found f32") {
            $0.memories = [[0, 0]]
            $0.data = [[0, 0x43, 0, 0, 0, 0, 0x0B, 0]]
        },
        Change("unknown memory 0") { $0.bodies = [[0, 0x41, 0, 0x28, 2, 0, 0x1A, 0x0B]] },
        Change("data count section required") { $0.bodies = [[0, 0xFC, 9, 0, 0x0B]] },
    ]

    @Test(arguments: changes)
    func refusesModules(_ change: Change) {
        var binary = Binary.function([])
        change.apply(&binary)
        let found = problem(binary)
        #expect(found?.hasPrefix(change.text) == true, "\(found ?? "accepted")")
    }

    @Test(arguments: [
        ([] as [UInt8], 0),
        ([0x41, 0, 0x1A, 0x41, 0, 0x41, 0, 0x41, 0, 0x6A, 0x6A, 0x1A], 3),
        ([0x41, 0, 0x02, 0x40, 0x41, 0, 0x41, 0, 0x1A, 0x1A, 0x0B, 0x1A], 3),
        ([0x00, 0x41, 0, 0x41, 0, 0x1A, 0x1A], 2),
        ([0x00, 0x10, 0x01], 0),
        ([0x10, 0x02, 0x10, 0x02, 0x00], 4),
    ])
    func saysHowHighTheOperandStackGets(_ code: [UInt8], _ height: Int) throws {
        var binary = Binary.functionInContext([], [], code)
        binary.types.append(([], [.i64, .f32]))
        binary.functions.append(2)
        binary.bodies.append([0, 0x42, 0, 0x43, 0, 0, 0, 0, 0x0B])
        #expect(try ValidatedModule(bytes: binary.bytes).facts.maximumHeight == [0, height, 2])
    }

    @Test func comparesEachOfManyOperands() {
        // Three whole words of types and a rest, each operand wrong in turn; in unreachable code the first ones assumed.
        let count = 27
        func call(_ wrong: Int?, present: Int) -> String? {
            let operands = (count - present..<count).flatMap { index -> [UInt8] in
                index == wrong ? [0x43, 0, 0, 0, 0] : [0x41, 0]
            }
            var binary = Binary.function((present < count ? [0x00] : []) + operands + [0x10, 0x01])
            binary.types.append(([ValueType](repeating: .i32, count: count), []))
            binary.functions = [0, 1]
            binary.bodies.append([0, 0x0B])
            return problem(binary)
        }
        for present in [9, count] {
            #expect(call(nil, present: present) == nil)
            for wrong in count - present..<count {
                let found = call(wrong, present: present)
                #expect(found?.hasPrefix("type mismatch: expected i32, found f32") == true, "\(wrong) of \(present)")
            }
        }
    }

    @Test func boundsFrames() {
        let constant: [UInt8] = [0x41, 0x00]
        func frame(locals: Int, operands: Int) -> Binary {
            let code = [[UInt8]](repeating: constant, count: operands).joined() + [0x00]
            return .function(locals: [0x01] + leb(locals) + [0x7E], Array(code))
        }
        #expect(problem(frame(locals: 50_000, operands: 10_000)) == nil)
        let found = problem(frame(locals: 50_000, operands: 10_001))
        #expect(found?.hasPrefix("implementation limit: at most 60000 slots in a frame, found 60001") == true)
    }

    @Test func boundsNesting() {
        func nested(_ depth: Int) -> Binary {
            let begin = [[UInt8]](repeating: [0x02, 0x40], count: depth).joined()
            return .function(Array(begin) + [UInt8](repeating: 0x0B, count: depth))
        }
        #expect(problem(nested(100_000)) == nil)
        #expect(problem(nested(100_001))?.hasPrefix("implementation limit: at most 100000 blocks") == true)
    }

    @Test func findsTypesOfLocalsByTheirRuns() {
        // 3 parameters, then runs of i64 (0), i32 (100), f64 (0), f32 (60), so that local 103 is the first f32.
        let locals: [UInt8] = [0x04, 0x00, 0x7E, 100, 0x7F, 0x00, 0x7C, 60, 0x7D]
        func get(_ index: Int, _ type: ValueType) -> String? {
            problem(.function([.f64, .f64, .i64], [type], locals: locals, [0x20] + leb(index)))
        }
        for index in 0..<163 {
            let type: ValueType = index < 2 ? .f64 : index == 2 ? .i64 : index < 103 ? .i32 : .f32
            #expect(get(index, type) == nil, "\(index)")
            #expect(get(index, .externref)?.hasPrefix("type mismatch") == true)
        }
        #expect(get(163, .f32)?.hasPrefix("unknown local 163") == true)
    }
}
