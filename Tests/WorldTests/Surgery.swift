// Objects of a halted world, opened past its face: for looking where no answer shows it, and for doing damage that only
// the consistency check can find. The store stays sound: what is changed is published as a checkpoint.

import Kernel
import Objects
import Store
import Testing
import World

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
        let frozen = try objects.freeze()
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

/// One thing that is damaged, the invariant that it breaks, and how it is done to a `Patient`: objects, and where in them.
struct Damage<Patient>: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let invariant: String
    /// Whether a host comes to it at once.
    let stopsHost: Bool
    let done: @Sendable (Patient) throws -> Void

    init(
        _ what: String, _ invariant: String, stopsHost: Bool = true,
        _ done: @escaping @Sendable (Patient) throws -> Void
    ) {
        testDescription = what
        self.invariant = invariant
        self.stopsHost = stopsHost
        self.done = done
    }
}

extension Damage {
    /// Does the damage to a halted world; whoever checks it, reading it or as its host, finds it and names it.
    func isDoneAndFound(in scratch: Scratch, _ patient: (Objects, Kernel) throws -> Patient) throws {
        try Surgery(scratch.world).operate { objects, kernel in try done(try patient(objects, kernel)) }
        for access in [World.Access.reader, .host] {
            let world = try World.open(at: scratch.world, as: access)
            let found = Set(try world.problems().map(\.invariant))
            #expect(found.contains(invariant), "\(found)")
            world.abandon()
        }
    }
}
