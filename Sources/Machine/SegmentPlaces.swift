// Where the active segments of a module go, as far as that is certain before it is instantiated: at constant places of what
// it defines itself.

import WebAssembly

struct SegmentPlaces {
    /// Tables that are another instance's; those that the module defines come after them.
    let importedTables: Int
    private let module: Module
    private let importedMemories: Int

    init(_ module: Module) {
        self.module = module
        importedTables = module.allTables.count - module.tables.count
        importedMemories = module.allMemories.count - module.memories.count
    }

    /// Bytes of the memory that an active data segment writes; nil where only instantiation can tell, or it is passive.
    func range(_ segment: DataSegment) -> Range<UInt64>? {
        guard case .active(_, .i32(let start)) = segment.mode else { return nil }
        return UInt64(start)..<UInt64(start) + UInt64(segment.bytes.count)
    }

    /// Elements of the table that an active element segment writes; nil likewise.
    func range(_ segment: ElementSegment) -> Range<UInt64>? {
        guard case .active(_, .i32(let start)) = segment.mode else { return nil }
        return UInt64(start)..<UInt64(start) + UInt64(segment.items.count)
    }

    /// Whether an active data segment lies within the memory as it begins; nil where only instantiation can tell. One that
    /// is passive fits.
    func fits(_ segment: DataSegment) -> Bool? {
        guard case .active(let memory, _) = segment.mode else { return true }
        guard memory >= importedMemories, let range = range(segment) else { return nil }
        return range.upperBound <= UInt64(module.memories[memory - importedMemories].limits.minimum) << 16
    }

    /// Whether an active element segment lies within its table as it begins; nil likewise. One that is not active fits.
    func fits(_ segment: ElementSegment) -> Bool? {
        guard case .active(let table, _) = segment.mode else { return true }
        guard table >= importedTables, let range = range(segment) else { return nil }
        return range.upperBound <= UInt64(module.tables[table - importedTables].limits.minimum)
    }
}
