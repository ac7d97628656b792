// What a world was at places that it passed, to be compared with the past that is brought there.

import Synchronization
import World

/// The hash that a world had when its gas clock last stood there.
struct Place: Hashable {
    var gasClock: UInt64
    var hash: String
}

/// What a world was, seen between any two of its turns at some of them, and whenever somebody looks.
final class Looks: Sendable {
    private struct Seen {
        var last: [UInt64: WorldPosition] = [:]
        var hashes: [WorldPosition: String] = [:]
        var generator: SeededGenerator
        var isClosed = false
    }
    private let seen: Mutex<Seen>

    init(seed: UInt64) { seen = Mutex(Seen(generator: SeededGenerator(seed: seed))) }

    /// Looks on while it runs.
    func watch(_ world: World) {
        world.observer = { [self] position, hash in
            let isChosen = seen.withLock { seen in
                if seen.isClosed { return false }
                seen.last[position.gasClock] = position
                return Int.random(in: 0..<8, using: &seen.generator) == 0
            }
            guard isChosen else { return }
            let hash = try hash()
            seen.withLock { $0.hashes[position] = hash }
        }
    }

    /// Looks at a world that nobody runs.
    func look(at world: World) throws {
        let (position, hash) = (try world.position, try world.hash())
        seen.withLock { seen in
            seen.last[position.gasClock] = position
            seen.hashes[position] = hash
        }
    }

    /// What others saw of it before a gas clock is so.
    func adopt(_ other: Looks, before gasClock: UInt64) {
        let found = other.seen.withLock { ($0.last, $0.hashes) }
        seen.withLock { seen in
            seen.last.merge(found.0.filter { $0.key < gasClock }) { _, new in new }
            seen.hashes.merge(found.1.filter { $0.key.gasClock < gasClock }) { _, new in new }
        }
    }

    /// Those after which nothing more happened at their gas clock, behind one and up to another.
    func places(after begin: UInt64, through end: UInt64) -> [Place] {
        seen.withLock { seen in
            let newest = seen.last.keys.max()
            return seen.hashes.compactMap { position, hash in
                let isLast = seen.last[position.gasClock] == position
                guard isLast, position.gasClock > begin, position.gasClock <= end else { return nil }
                // More may have come in where it was not seen any more.
                if seen.isClosed, position.gasClock == newest { return nil }
                return Place(gasClock: position.gasClock, hash: hash)
            }.sorted { $0.gasClock < $1.gasClock }
        }
    }

    /// What it does from now on is not seen.
    func close() { seen.withLock { $0.isClosed = true } }

    /// The highest gas clock that was seen.
    var newest: UInt64 { seen.withLock { $0.last.keys.max() ?? 0 } }
}
