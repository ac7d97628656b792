// What a world answers, as data. Field names are those of the command line's JSON (`cli.md`), units last.

import FoundationEssentials

public enum WorldState: String, Codable, Sendable { case starting, running, halted, crashed }

/// `keyvm status`
public struct StatusAnswer: Codable, Sendable, Hashable {
    public struct Checkpoint: Codable, Sendable, Hashable {
        /// The checkpoint's number: the epoch it published.
        public var id: UInt64
        public var ageSeconds: Double
        /// Pages changed since it.
        public var dirtyPages: Int
    }
    public struct Journal: Codable, Sendable, Hashable {
        /// Inputs recorded since the checkpoint.
        public var records: UInt64
        /// Of a world that was not halted: records that were taken in again when it was opened, and how long that took; nil: it was.
        public var replayed: UInt64?
        public var replaySeconds: Double?
    }
    public var state: WorldState
    /// Process id of the host; nil where none runs.
    public var pid: Int32?
    public var gasClock: UInt64
    /// How many processes the world holds.
    public var processes: Int
    public var checkpoint: Checkpoint
    public var journal: Journal
    /// Banks that were destroyed and whose objects are still on their way.
    public var pendingBanks: Int
}

/// `keyvm info`: what the store and the host hold.
public struct InfoAnswer: Codable, Sendable, Hashable {
    public var world: String
    /// What it goes on as since it went back or was restored, in hexadecimal; 0: as it was made.
    public var branch: String?
    public var format: Int
    public var fileBytes: UInt64
    public var mapBytes: UInt64
    public var livePages: UInt64
    /// Pages that are there for kept checkpoints only.
    public var oldPages: UInt64?
    public var slots: UInt64
    public var segments: UInt64
    public var deltaEntries: Int
    public var residentPages: Int
    public var dirtyPages: Int
    public var dirtyBudgetPages: Int
    /// Pages brought in from the store since this host opened the world.
    public var pageIns: UInt64
    public var rootLimitBytes: UInt64?
    public var rootUsedBytes: UInt64
    /// The working set: processes that are loaded, their instances, and what their modules take.
    public var loadedProcesses: UInt64
    public var loadedInstances: UInt64
    public var loadedBytes: UInt64
    /// Bounds of the three.
    public var loadedInstanceLimit: UInt64
    public var loadedByteLimit: UInt64
    public var loadedProcessLimit: UInt64
    /// Memory of the hosts that the world is made for.
    public var memoryBytes: UInt64
    /// Gas of a quantum.
    public var quantumGas: UInt64
}

public enum ProcessState: String, Codable, Sendable, CaseIterable {
    case ready, waiting
    case frozenGas = "frozen-gas"
    case frozenSpace = "frozen-space"
    case stopped, faulted, exited
}

/// A row of `keyvm ps`
public struct ProcessAnswer: Codable, Sendable, Hashable {
    public var id: UInt64
    public var name: String
    public var state: ProcessState
    public var gasUsed: UInt64
    /// nil: unlimited
    public var gasLeft: UInt64?
    /// Pages that the process's own spaces hold: memory, stack, tables, log, input.
    public var pages: UInt64
    public var bank: String
    /// nil: the meter was destroyed
    public var meter: String?
    /// nil until it has exited
    public var exitCode: Int32?
}

public struct ProcessesAnswer: Codable, Sendable, Hashable {
    public var items: [ProcessAnswer]
    /// The id to ask on from; nil: these were the last.
    public var next: UInt64?
}

/// A place in a program.
public struct PlaceAnswer: Codable, Sendable, Hashable {
    public var function: Int
    /// From the name section; nil where it has none.
    public var name: String?
    /// Byte offset in the module.
    public var offset: Int
    /// The name that the module is linked under; nil in the program itself.
    public var link: String?
}

/// An active segment that instantiation stands before.
public struct SegmentAnswer: Codable, Sendable, Hashable {
    /// `element` or `data`.
    public var kind: String
    /// Among the module's segments of that kind.
    public var index: Int
    /// As in `PlaceAnswer`.
    public var link: String?
}

/// A module that a process is linked to, or its program itself.
public struct ModuleAnswer: Codable, Sendable, Hashable {
    /// The name that it is linked under; nil: the program itself.
    public var link: String?
    /// SHA-256 of the binary, hexadecimal.
    public var hash: String
    public var bytes: UInt64
}

/// What keeps a frozen process from going on.
public struct LackAnswer: Codable, Sendable, Hashable {
    public enum Kind: String, Codable, Sendable { case space, gas }
    public var kind: Kind
    /// The bank, or meter, of its path that has none; nil: each has some now, or its meter was destroyed.
    public var path: String?
    /// The bank's; nil: none, or it is a meter.
    public var limitBytes: UInt64?
    public var usedBytes: UInt64?
    /// Whether the embedder's policy refuses it, and not the limit.
    public var isByPolicy = false
}

/// A key register that holds something.
public struct RegisterAnswer: Codable, Sendable, Hashable {
    public var slot: Int
    /// `device`, `bank`, …
    public var kind: String
    /// Which device; nil for other kinds.
    public var name: String?
    /// What it is, as it can be granted, where it can: `start:echo/3`; nil from a host of before there was this.
    public var key: String?
}

/// `keyvm inspect`
public struct InspectAnswer: Codable, Sendable, Hashable {
    public var process: ProcessAnswer
    /// What it is called outside of the world, through rollbacks, in copies and forks.
    public var handle: String?
    /// Innermost first; empty before the first instruction and after the end.
    public var callStack: [PlaceAnswer]
    /// The active segment that is being written; nil where it stands in a function, or nowhere.
    public var segment: SegmentAnswer?
    /// Of the memories of all its modules.
    public var memoryBytes: UInt64
    public var memoryPagesWritten: UInt64
    /// The program's own.
    public var moduleHash: String
    public var moduleBytes: UInt64
    /// The modules that it is linked to, in the order in which they were instantiated.
    public var links: [ModuleAnswer]
    public var arguments: [String]
    /// What a faulted process stumbled on: the trap's text.
    public var fault: String?
    /// What a waiting process waits for.
    public var waitsFor: String?
    /// What a frozen process lacks.
    public var lacks: LackAnswer?
    /// Its key registers, without those that are void.
    public var registers: [RegisterAnswer]
    /// Whether it is in the working set.
    public var isLoaded: Bool
    /// Gas of its turns that loading it would take now, and what it has given for that; 0 where it is loaded.
    public var loadGas: UInt64
    public var loadGasPaid: UInt64
    public var inputBytes: UInt64
    public var inputEnded: Bool
    public var logBytes: UInt64
    public var logLimitBytes: UInt64
}

/// One write of a process to its standard output or error.
public struct LogRecord: Codable, Sendable, Hashable {
    public enum Stream: String, Codable, Sendable { case stdout, stderr }
    /// Counts the process's records from 0, never reused.
    public var sequence: UInt64
    public var stream: Stream
    public var data: Data
}

/// `keyvm logs`
public struct LogsAnswer: Codable, Sendable, Hashable {
    public var items: [LogRecord]
    /// The sequence number to ask for next.
    public var next: UInt64
    /// Records below this one were dropped.
    public var oldest: UInt64
    /// Whether the process can write no more and `next` is beyond its last record.
    public var ended: Bool
    /// How often the world went back to a checkpoint: where that changed, the log may be another.
    public var branch: UInt64?
}

/// `keyvm run`
public struct RunAnswer: Codable, Sendable, Hashable {
    public var id: UInt64
    public var name: String
    /// Whether the world is halted, or booted only until another process is over, so that who waits for this one may have to run it;
    /// nil: it runs on.
    public var endsWithProcess: Bool?
    /// What it is called outside of the world, through rollbacks, in copies and forks.
    public var handle: String?
}

/// A row of `keyvm bank ls`, and the answer to `show`, `create` and `set`
public struct BankAnswer: Codable, Sendable, Hashable {
    public var path: String
    /// nil: unlimited
    public var limitBytes: UInt64?
    /// 4,096 times the pages, its own and below; of a bank below at least what is reserved for it.
    public var usedBytes: UInt64
    /// The least along the path; nil: unlimited.
    public var availableBytes: UInt64?
    public var ownBytes: UInt64
    /// What its parent keeps for it.
    public var reserveBytes: UInt64
    public var pages: UInt64
    /// Objects, its own and those below.
    public var cells: UInt64
    public var ownCells: UInt64
    /// nil: unlimited
    public var limitCells: UInt64?
    public var availableCells: UInt64?
    /// Processes that are its own.
    public var processes: UInt64
}

public struct BanksAnswer: Codable, Sendable, Hashable {
    /// Each before those below it, in the order of names.
    public var items: [BankAnswer]
}

/// Something that goes with a bank.
public struct DestructionItem: Codable, Sendable, Hashable {
    public enum Kind: String, Codable, Sendable { case bank, process, module, meter, reserve }
    public var kind: Kind
    /// A path, a process's name, or a module's SHA-256; of a reserve the bank's path.
    public var name: String
    /// Pages that it holds itself; of a bank its own records' and pots', of a reserve those that are not used.
    public var pages: UInt64
    /// A process's.
    public var id: UInt64?
}

/// `keyvm bank destroy`: what goes, or went.
public struct DestructionAnswer: Codable, Sendable, Hashable {
    public var path: String
    public var disposition: Disposition
    /// Whether nothing was changed.
    public var dryRun: Bool
    /// All that goes; nil in the answer of a destruction of more than 4,096 objects.
    public var items: [DestructionItem]?
    /// Pages and objects that those above have back.
    public var pages: UInt64
    public var cells: UInt64
    /// Processes of other banks that run on a meter which goes, and freeze for gas at their next turn; nil as `items`.
    public var stranded: UInt64?
    /// Whether objects are still on their way.
    public var pending: Bool
}

/// `keyvm kill -n` and `keyvm rm -n`: what would go.
public struct RemovalAnswer: Codable, Sendable, Hashable {
    /// The process first.
    public var items: [DestructionItem]
}

/// A row of `keyvm bank top`
public struct ConsumerAnswer: Codable, Sendable, Hashable {
    public enum Kind: String, Codable, Sendable { case process, module, records, reserve }
    public var kind: Kind
    /// A process's name, a module's SHA-256, or the bank whose records and pots, or whose unused reserve, these are.
    public var name: String
    public var bank: String
    public var pages: UInt64
    /// Instances of a module; 1 of a process.
    public var users: UInt64
    /// The oldest process that has a module.
    public var process: String?
}

public struct ConsumersAnswer: Codable, Sendable, Hashable {
    /// The one that holds the most first.
    public var items: [ConsumerAnswer]
    /// Pages of the bank and those below it, all consumers'.
    public var pages: UInt64
    /// How many others there are.
    public var omitted: Int
}

/// A row of `keyvm meter ls`, and the answer to `show`, `create`, `refill` and `set`
public struct MeterAnswer: Codable, Sendable, Hashable {
    public var path: String
    /// nil: unlimited
    public var gasLeft: UInt64?
    /// Of its own processes and those below.
    public var gasUsed: UInt64
    /// The least along the path; nil: unlimited.
    public var gasAvailable: UInt64?
    /// Quanta that its processes have at a time.
    public var weight: UInt32
    /// Processes that are its own.
    public var processes: UInt64
}

public struct MetersAnswer: Codable, Sendable, Hashable {
    /// Each before those below it, in the order of names.
    public var items: [MeterAnswer]
}

/// `keyvm hash`
public struct HashAnswer: Codable, Sendable, Hashable {
    /// SHA-256, 64 hexadecimal digits.
    public var hash: String
    public var gasClock: UInt64
}

/// An answer to a `Request`, one case for each kind.
public enum Answer: Codable, Sendable, Hashable {
    case status(StatusAnswer)
    case info(InfoAnswer)
    case metrics(MetricsAnswer)
    case processes(ProcessesAnswer)
    case inspect(InspectAnswer)
    case logs(LogsAnswer)
    case run(RunAnswer)
    case checkpoint(CheckpointAnswer)
    case checkpoints(CheckpointsAnswer)
    case retention(RetentionAnswer)
    case rollback(RollbackAnswer)
    case moment(MomentAnswer)
    case difference(DifferenceAnswer)
    case fork(ForkAnswer)
    case backup(BackupAnswer)
    case bank(BankAnswer)
    case banks(BanksAnswer)
    case destruction(DestructionAnswer)
    case removal(RemovalAnswer)
    case consumers(ConsumersAnswer)
    case holders(HoldersAnswer)
    case graph(GraphAnswer)
    case meter(MeterAnswer)
    case meters(MetersAnswer)
    case fsck(FsckAnswer)
    case hash(HashAnswer)
    /// Done, with nothing to tell (send, kill, stop, resume, remove, move, halt).
    case done
}
