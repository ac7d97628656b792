// Numbers of function types: equal for equal types, and given back with the module.

import Interpreter
import Testing
import WebAssembly

struct FunctionTypeTableTests {
    /// A module with nothing but types, each with its parameter or result.
    private func module(_ types: [[UInt8]], _ table: FunctionTypeTable) throws -> CompiledModule {
        let section: [UInt8] = [UInt8(types.count)] + types.flatMap { [0x60] + $0 }
        let bytes: [UInt8] = [0, 0x61, 0x73, 0x6D, 1, 0, 0, 0, 1, UInt8(section.count)] + section
        return CompiledModule(try ValidatedModule(bytes: bytes), bytes: bytes, types: table)
    }

    @Test func typesGoWithTheLastModuleThatUsesThem() throws {
        let table = FunctionTypeTable()
        var first: CompiledModule? = try module([[0, 0], [1, 0x7F, 0], [0, 0]], table)
        #expect(table.count == 2, "equal ones are one")
        var second: CompiledModule? = try module([[1, 0x7F, 0], [1, 0x7E, 0]], table)
        #expect(table.count == 3)
        withExtendedLifetime(first) {}
        first = nil
        #expect(table.count == 2, "the second still uses one of the first's")
        let third = try module([[0, 1, 0x7D], [0, 1, 0x7C]], table)
        #expect(table.count == 4)
        withExtendedLifetime(second) {}
        second = nil
        #expect(table.count == 2)
        withExtendedLifetime(third) {}
    }
}
