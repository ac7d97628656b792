// What instantiation computes from a module before anything runs (core 2.0, 4.5.4): values of constant expressions,
// initial globals, and what its active segments write where. Who owns the pages does the writing.

import WebAssembly

/// What an active data segment writes.
package struct InitialData: Sendable, Hashable {
    /// Index among the data segments.
    package var segment: Int
    package var memory: Int
    /// First byte in the memory.
    package var address: UInt32
    /// The bytes, as a range of the binary.
    package var bytes: Range<Int>
}

/// What an active element segment writes.
package struct InitialElements: Sendable, Hashable {
    /// Index among the element segments.
    package var segment: Int
    package var table: Int
    /// First element in the table.
    package var index: UInt32
    /// References as table elements hold them.
    package var words: [UInt64]
}

extension CompiledModule {
    /// The slot that a constant expression gives; `globals` are the slots of the globals before it.
    package func value(of expression: ConstantExpression, globals: UnsafePointer<UInt64>) -> UInt64 {
        switch expression {
        case .i32(let bits), .f32(let bits): UInt64(bits)
        case .i64(let bits), .f64(let bits): bits
        case .globalGet(let index): globals[index]
        case .refNull: Reference.null
        case .refFunc(let index): Reference.function(UInt32(index))
        }
    }

    /// Writes the initial values of the globals that the module defines; the imported ones are there already.
    package func initializeGlobals(_ globals: UnsafeMutablePointer<UInt64>) {
        let imported = module.importedGlobalCount
        for (index, global) in module.globals.enumerated() {
            globals[imported + index] = value(of: global.initial, globals: globals)
        }
    }

    /// What the active element segments write, in order; a write beyond a table's end is a trap ("out of bounds table
    /// access") after those before it are done.
    package func initialElements(globals: UnsafePointer<UInt64>) -> [InitialElements] {
        module.elements.enumerated().compactMap { index, segment in
            guard case .active(let table, let offset) = segment.mode else { return nil }
            return InitialElements(
                segment: index, table: table, index: u32(value(of: offset, globals: globals)),
                words: segment.items.map { value(of: $0, globals: globals) })
        }
    }

    /// What the active data segments write, in order, after the elements; a write beyond a memory's end is a trap ("out
    /// of bounds memory access") after those before it are done.
    package func initialData(globals: UnsafePointer<UInt64>) -> [InitialData] {
        module.dataSegments.enumerated().compactMap { index, segment in
            guard case .active(let memory, let offset) = segment.mode else { return nil }
            return InitialData(
                segment: index, memory: memory, address: u32(value(of: offset, globals: globals)), bytes: segment.bytes)
        }
    }
}
