// What happens in a world that runs, as data: one line of `keyvm events`, `specs/control.md`. What a kind has nothing of
// is nil and left out of the JSON.

/// Something that happened.
public struct WorldEvent: Codable, Sendable, Hashable {
    public enum Kind: String, Codable, Sendable, CaseIterable {
        case processMade = "process-made"
        case processExited = "process-exited"
        case processFaulted = "process-faulted"
        case processFrozenGas = "process-frozen-gas"
        case processFrozenSpace = "process-frozen-space"
        /// It was frozen, and goes on.
        case processReady = "process-ready"
        case processStopped = "process-stopped"
        case processResumed = "process-resumed"
        case processRemoved = "process-removed"
        /// Another bank pays for it, or another meter.
        case processMoved = "process-moved"
        case bankMade = "bank-made"
        case bankChanged = "bank-changed"
        /// With all below it, of which no event tells one by one.
        case bankDestroyed = "bank-destroyed"
        case bankReturned = "bank-returned"
        case meterMade = "meter-made"
        case meterChanged = "meter-changed"
        case meterRefilled = "meter-refilled"
        case meterDestroyed = "meter-destroyed"
        case checkpointDurable = "checkpoint-durable"
        /// Files that `boot --keep-journal` was to keep stay in the journal; `fault` says why.
        case journalNotKept = "journal-not-kept"
        case worldBooted = "world-booted"
        case worldHalting = "world-halting"
        case worldRolledBack = "world-rolled-back"
        /// Stands for events that were asked for and are no longer kept.
        case eventsDropped = "events-dropped"
    }

    /// Counts the events of a host from 0; of `eventsDropped` the first that is missing.
    public var sequence: UInt64
    /// Seconds since 1970.
    public var time: Double
    /// The world's gas clock when it happened.
    public var gasClock: UInt64
    public var kind: Kind
    /// The number of a process or checkpoint.
    public var id: UInt64?
    /// Of a process, bank or meter; of a checkpoint that was given one.
    public var name: String?
    /// Of a bank or meter.
    public var path: String?
    /// Of a process that was made: what it is paid from.
    public var bank: String?
    public var meter: String?
    /// Of a process that exited.
    public var exitCode: Int32?
    /// The trap's text.
    public var fault: String?
    /// What a meter was refilled with.
    public var gas: UInt64?
    /// Of a checkpoint.
    public var commitMilliseconds: Double?
    public var bytesWritten: UInt64?
    /// How many events are missing.
    public var dropped: UInt64?

    package init(
        _ kind: Kind, time: Double, gasClock: UInt64, id: UInt64? = nil, name: String? = nil, path: String? = nil
    ) {
        sequence = 0
        self.time = time
        self.gasClock = gasClock
        self.kind = kind
        self.id = id
        self.name = name
        self.path = path
    }

    /// Bytes of its texts, which are of any length.
    var textBytes: Int { [name, path, bank, meter, fault].reduce(0) { $0 + ($1?.utf8.count ?? 0) } }
}
