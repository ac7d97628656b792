// A new world: an empty store, its first objects, and their first publication.

import Devices
import Kernel
import Objects
import Store

enum Genesis {
    /// Writes a world that has nothing in it but its root bank and root meter.
    static func write(
        at directory: String, limitPages: UInt64?, entropyKey: [UInt8], isSeeded: Bool, memoryBytes: UInt64
    ) throws {
        let objects = Objects(store: nil, budgetPages: 1024, residentBound: 1024)
        try Kernel(objects: objects).makeGenesis(
            limitPages: limitPages, entropyKey: entropyKey, isSeeded: isSeeded, memoryBytes: memoryBytes)
        let frozen = try objects.freeze()
        var generator = SystemRandomNumberGenerator()
        try Store.create(
            at: directory,
            worldID: WorldID(low: generator.next(), high: generator.next()),
            first: Publication(
                frozen,
                note: CheckpointNote(
                    wallTimeNanoseconds: Int64(HostTime().realtime), gasClock: 0,
                    dirtyPages: UInt64(frozen.pages.count), freezeMicroseconds: 0)))
    }
}
