// The entropy device: a generator whose whole state is in the world page, so a world that was given a seed repeats
// itself to the bit. Block n is SHA-256 of the key and n: a hash generator after NIST SP 800-90A's idea, with the key
// replaced at every reseeding.

import Digests
import Kernel
import Objects

/// Where a new key is written down, and taken from again.
package protocol EntropyJournal: AnyObject {
    /// What came here the first time; nil where nothing is replayed. Throws where none came here.
    func replayedKey() throws -> [UInt8]?
    func record(key: [UInt8]) throws
}

package final class Entropy {
    private let objects: Objects
    /// Another world has this one's state, or it was in this state before: the next draw takes a new key first, which is an input,
    /// unless a seed was given.
    package var isKeyDue = false
    package weak var journal: (any EntropyJournal)?

    package init(objects: Objects) { self.objects = objects }

    /// The key that a given seed makes: 32 bytes.
    package static func key(seed: UInt64) -> [UInt8] {
        let hash = SHA256()
        hash.update(Array("KeyVM entropy".utf8))
        withUnsafeBytes(of: seed.littleEndian) { hash.update($0) }
        return hash.finalize()
    }

    /// A key from the host's generator: 32 bytes.
    package static func hostKey() -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) }
    }

    /// The next `count` bytes. Whole blocks of 32 are used up.
    package func take(_ count: Int) throws -> [UInt8] {
        if isKeyDue { try renewKey() }
        let key = try objects.read(.world).load(WorldPage.entropyKey)
        var block = try objects.world(WorldPage.entropyBlocks)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count + 31)
        while bytes.count < count {
            let hash = SHA256()
            hash.update(key)
            withUnsafeBytes(of: block.littleEndian) { hash.update($0) }
            bytes.append(contentsOf: hash.finalize())
            block += 1
        }
        try objects.setWorld(WorldPage.entropyBlocks, block)
        return Array(bytes.prefix(count))
    }

    private func renewKey() throws {
        isKeyDue = false
        guard try objects.world(WorldPage.entropySeeded) == 0 else { return }
        let key = try journal?.replayedKey() ?? Self.hostKey()
        try objects.write(.world).store(key, WorldPage.entropyKey)
        try objects.setWorld(WorldPage.entropyBlocks, 0)
        try objects.setWorld(WorldPage.nextInput, try objects.world(WorldPage.nextInput) + 1)
        try journal?.record(key: key)
    }
}
