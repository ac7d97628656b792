// What is answered about checkpoints: rows, the retention, what a rollback did.

/// A row of `keyvm checkpoint ls`, and the answer to `keyvm checkpoint create`
public struct CheckpointAnswer: Codable, Sendable, Hashable {
    public var id: UInt64
    public var name: String?
    /// Seconds since 1970.
    public var time: Double
    public var gasClock: UInt64
    public var dirtyPages: Int
    /// nil where the host was killed before it wrote that down.
    public var bytesWritten: UInt64?
    public var freezeMicroseconds: Double
    /// nil likewise.
    public var commitMilliseconds: Double?
    /// It stays until it is released.
    public var held: Bool
    /// Its state can be read.
    public var kept: Bool
    /// What is there for this checkpoint only; nil where it was not asked for, or it is not kept.
    public var usedBytes: UInt64?
}

/// How many checkpoints without a name stay.
public struct RetentionAnswer: Codable, Sendable, Hashable {
    /// So many of the last ones.
    public var keep: UInt64
    /// Those that are not older.
    public var keepForSeconds: UInt64
}

/// Where something holds first
public struct MomentAnswer: Codable, Sendable, Hashable {
    /// So much gas behind the checkpoint.
    public var steps: UInt64
    public var gasClock: UInt64
}

/// What a rollback did or would do
public struct RollbackAnswer: Codable, Sendable, Hashable {
    /// What the world goes back to.
    public var checkpoint: CheckpointAnswer
    /// What it left, which is kept; nil where nothing was done.
    public var left: CheckpointAnswer?
    /// Where its gas clock stood.
    public var gasClock: UInt64
    /// Pages that changed since.
    public var pages: UInt64
    /// Later checkpoints that are kept; they stay, as states that this world does not come to any more.
    public var later: [CheckpointAnswer]
}

public struct CheckpointsAnswer: Codable, Sendable, Hashable {
    /// Oldest first.
    public var items: [CheckpointAnswer]
}
