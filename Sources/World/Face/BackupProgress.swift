// How far a stream has come that this process only passes on.

import Backup

/// Is shown the bytes of a backup, from the first on, and tells `World.progress`.
public struct BackupProgress: Sendable {
    private var follower = BackupFollower()

    public init() {}

    public mutating func take(_ bytes: UnsafeRawBufferPointer) {
        follower.take(bytes)
        if let pages = follower.pages { World.progress.set(follower.done, of: pages) }
    }
}
