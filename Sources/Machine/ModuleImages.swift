// What the active segments of a module leave in the memory and table 0 that it defines, as pages: laid out once, when it
// is installed, and shared by all its instances until they write. A module whose segments go elsewhere, or where only
// instantiation can tell, has no image; then instantiation writes them.
//
// An image of a table names functions of instance 0, so that only a process's first instance can use it.

import Interpreter
import WebAssembly

enum ModuleImages {
    /// Whether `memory` holds all that the active data segments write, and nothing traps before they are written.
    static func holdsMemory(_ module: Module) -> Bool {
        let places = SegmentPlaces(module)
        guard !module.memories.isEmpty, module.elements.allSatisfy({ places.fits($0) ?? false }) else { return false }
        var ranges: [Range<UInt64>] = []
        for segment in module.dataSegments where segment.mode != .passive {
            guard places.fits(segment) == true, let range = places.range(segment) else { return false }
            ranges.append(range)
        }
        return isCompact(ranges)
    }

    /// Whether ranges of bytes lie so close that their pages hold little else: else a small module would make many pages,
    /// and instantiation writes them, at its own price.
    private static func isCompact(_ ranges: [Range<UInt64>]) -> Bool {
        var pages: UInt64 = 0
        var last: UInt64?
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) where !range.isEmpty {
            let end = (range.upperBound - 1) >> 12
            let first = max(range.lowerBound >> 12, last.map { $0 + 1 } ?? 0)
            if first <= end { pages += end - first + 1 }
            last = max(last ?? 0, end)
        }
        let bytes = ranges.reduce(0) { $0 + UInt64($1.count) }
        return pages <= 4 + bytes / 2048
    }

    /// Whether `table` holds all that the active element segments write.
    static func holdsTable(_ module: Module) -> Bool {
        let places = SegmentPlaces(module)
        guard !module.tables.isEmpty, places.importedTables == 0 else { return false }
        var ranges: [Range<UInt64>] = []
        for segment in module.elements {
            guard case .active(let number, _) = segment.mode else { continue }
            guard number == 0, places.fits(segment) == true, let range = places.range(segment) else { return false }
            let isConstant = segment.items.allSatisfy { item in
                switch item {
                case .refFunc, .refNull: true
                default: false
                }
            }
            guard isConstant else { return false }
            ranges.append(8 * range.lowerBound..<8 * range.upperBound)
        }
        return isCompact(ranges)
    }

    /// Pages of memory that are not all zeros: index and 4,096 bytes.
    static func memory(of module: Module, _ binary: [UInt8]) -> [(index: UInt64, bytes: [UInt8])] {
        guard holdsMemory(module) else { return [] }
        var pages: [UInt64: [UInt8]] = [:]
        for segment in module.dataSegments {
            guard case .active(_, .i32(let start)) = segment.mode else { continue }
            var done = 0
            while done < segment.bytes.count {
                let place = UInt64(start) + UInt64(done)
                let within = Int(place & 4095)
                let piece = min(4096 - within, segment.bytes.count - done)
                let source = segment.bytes.lowerBound + done
                pages[place >> 12, default: [UInt8](repeating: 0, count: 4096)]
                    .replaceSubrange(within..<within + piece, with: binary[source..<source + piece])
                done += piece
            }
        }
        return ordered(pages)
    }

    /// Pages of table 0 that are not all null: index and 512 elements of 8 bytes.
    static func table(of module: Module) -> [(index: UInt64, bytes: [UInt8])] {
        guard holdsTable(module) else { return [] }
        var pages: [UInt64: [UInt8]] = [:]
        for segment in module.elements {
            guard case .active(_, .i32(let start)) = segment.mode else { continue }
            for (number, item) in segment.items.enumerated() {
                var word = Reference.null
                if case .refFunc(let function) = item { word = Reference.function(UInt32(function)) }
                let place = UInt64(start) + UInt64(number)
                let within = Int(place % 512) * 8
                pages[place / 512, default: [UInt8](repeating: 0, count: 4096)]
                    .replaceSubrange(within..<within + 8, with: littleEndian(word))
            }
        }
        return ordered(pages)
    }

    private static func ordered(_ pages: [UInt64: [UInt8]]) -> [(index: UInt64, bytes: [UInt8])] {
        pages.filter { $0.value.contains { $0 != 0 } }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
}
