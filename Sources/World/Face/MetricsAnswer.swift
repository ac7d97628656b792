// What monitoring asks a world for: one answer, taken at one quantum boundary, so that its figures belong together.

/// `GET /metrics` of the control socket.
public struct MetricsAnswer: Codable, Sendable, Hashable {
    /// At most so many banks, and so many meters, each at most so deep below the root: paths are no longer than that.
    public static let treeBound = 256
    public static let depthBound: UInt32 = 32

    /// How many processes are of a state.
    public struct StateCount: Codable, Sendable, Hashable {
        public var state: ProcessState
        public var processes: UInt64
    }
    public var status: StatusAnswer
    public var info: InfoAnswer
    /// The newest that is durable; nil where there is none.
    public var lastCheckpoint: CheckpointAnswer?
    /// That this host has made durable.
    public var checkpointsSinceBoot: UInt64
    /// Every state once.
    public var processes: [StateCount]
    /// Those that an administrator made, in the order of their paths.
    public var banks: [BankAnswer]
    /// How many others an administrator made.
    public var omittedBanks: Int
    public var meters: [MeterAnswer]
    public var omittedMeters: Int
}
