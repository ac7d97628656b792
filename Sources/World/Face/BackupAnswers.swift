// What is asked and answered about backups and forks.

/// A backup to be made.
public struct BackupRequest: Codable, Sendable, Hashable {
    /// The kept checkpoint that it is a difference to, `@` and its name or its number; nil: it is whole.
    public var since: String?
    /// The kept checkpoint whose state it has, likewise; nil: what is so now.
    public var at: String?
    /// Zstandard's, 1 to 19.
    public var level: Int

    public static let levels = 1...19
    public static let defaultLevel = 3

    public init(since: String? = nil, at: String? = nil, level: Int = defaultLevel) {
        self.since = since
        self.at = at
        self.level = level
    }
}

/// A backup that was made
public struct BackupAnswer: Codable, Sendable, Hashable {
    /// The world's id, 32 hexadecimal digits.
    public var world: String
    /// Number and name of the checkpoint whose state it has.
    public var checkpoint: UInt64
    public var name: String?
    /// That of the one it is a difference to.
    public var since: UInt64?
    public var gasClock: UInt64
    /// Pages in it, and ids that are there no more.
    public var pages: UInt64
    public var freed: UInt64
    /// Of the stream.
    public var bytes: UInt64
}

/// What `keyvm restore` made
public struct RestoreAnswer: Codable, Sendable, Hashable {
    public var directory: String
    public var world: String
    /// Number and name of the checkpoint that it is as of.
    public var checkpoint: UInt64
    public var name: String?
    /// That of the one that the backup was a difference to.
    public var since: UInt64?
    public var gasClock: UInt64
    /// Pages that were written.
    public var pages: UInt64
}

/// What `keyvm fork` made
public struct ForkAnswer: Codable, Sendable, Hashable {
    public var directory: String
    /// Its id, 32 hexadecimal digits.
    public var world: String
    /// The checkpoint that it was made of.
    public var checkpoint: CheckpointAnswer
    public var pages: UInt64
}

/// Where a backup goes.
public protocol BackupSink: AnyObject, Sendable {
    /// Takes the next bytes, waiting for room as long as it takes, or until `isStopped` says that nobody waits for more. On the thread
    /// that makes the backup. What is thrown ends it.
    func write(_ bytes: UnsafeRawBufferPointer, isStopped: () -> Bool) throws
}
