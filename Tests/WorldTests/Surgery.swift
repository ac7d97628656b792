// Objects of a halted world, opened past its face: for looking where no answer shows it, and for doing damage that only
// the consistency check can find. The store stays sound: what is changed is published as a checkpoint.

import Kernel
import Objects
import Store

struct Surgery {
    private let path: String

    init(_ path: String) { self.path = path }

    /// Looks at objects.
    func read<T>(_ body: (Objects) throws -> T) throws -> T {
        let store = try Store.open(at: path, mode: .reader)
        let result = Result { try body(Objects(store: store, budgetPages: 4096, residentBound: 4096)) }
        try store.close()
        return try result.get()
    }

    /// Changes objects, and makes that durable.
    func operate(_ body: (Objects, Kernel) throws -> Void) throws {
        let store = try Store.open(at: path, mode: .host)
        let objects = Objects(store: store, budgetPages: 4096, residentBound: 4096)
        try body(objects, Kernel(objects: objects))
        let frozen = objects.freeze()
        let published = try store.publish(
            Publication(
                frozen,
                note: CheckpointNote(
                    wallTimeNanoseconds: 0, gasClock: 0, dirtyPages: UInt64(frozen.pages.count),
                    freezeMicroseconds: 0)))
        let adoption = try store.adopt(published)
        objects.settle(frozen, moved: adoption.movedPages)
        try store.close()
    }
}
