// What a module takes of a host's memory once it is loaded, and of its time to load it: the same for every host, since
// the world's working set is counted in it.

import WebAssembly

extension Module {
    /// Bytes that a host takes for the module loaded and all of it lowered, about and at most
    /// (specs/computation.md).
    package var footprint: UInt64 {
        var bytes = byteCount
        bytes += 10 * functions.reduce(0) { $0 + $1.code.count }
        bytes += 80 * functions.count + 128 * imports.count + 64 * exports.count + 32 * globals.count
        for type in types { bytes += 512 + 2 * (type.parameters.count + type.results.count) }
        for segment in elements { bytes += 160 + 16 * segment.items.count }
        bytes += 160 * dataSegments.count
        return UInt64(bytes)
    }
}
