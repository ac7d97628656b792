// What can be asked of a world, as data: the same value is performed directly on a halted world and sent through the
// control socket to a running one. One case, one verb; the answers are in `Answers.swift`.

import FoundationEssentials

/// A module that a program imports from: it becomes part of the same process, which is no sandbox.
public struct LinkedModule: Codable, Sendable, Hashable {
    /// The module name in the program's imports.
    public var name: String
    /// The binary module, whole.
    public var module: Data

    public init(name: String, module: Data) {
        self.name = name
        self.module = module
    }
}

/// A program to be made into a process.
public struct RunRequest: Codable, Sendable, Hashable {
    /// The binary module ("\0asm…"), whole.
    public var module: Data
    /// Modules that it is linked to, in the order in which they are instantiated.
    public var links: [LinkedModule]
    /// Name to give the process, 1 to 64 of `[A-Za-z0-9._-]`; nil: `defaultName`, then `defaultName-2`, …
    public var name: String?
    /// The file's stem.
    public var defaultName: String
    /// `argv`, the program's own name first.
    public var arguments: [String]
    /// `K=V` strings.
    public var environment: [String]
    /// The export to invoke; nil: `_start`.
    public var invoke: String?
    /// Path of the bank that pays; `root` at first.
    public var bank: String
    /// Path of the meter that pays; `root` at first.
    public var meter: String
    /// A meter of the process's own below `meter`, with this much gas; nil: none.
    public var gas: UInt64?
    /// A bank of the process's own below `bank`, with this limit in bytes; nil: none.
    public var limitBytes: UInt64?
    /// Bytes of log that are kept (oldest dropped).
    public var logBytes: UInt64
    /// Standard input that is there from the start; nil: none yet.
    public var input: Data?
    /// Whether `input` is all there will ever be.
    public var inputEnds: Bool
    /// Keys that it has from the start besides those to its devices, over these where they name the same register; nil: none.
    public var grants: [KeyGrant]?

    public init(
        module: Data, links: [LinkedModule] = [], name: String? = nil, defaultName: String, arguments: [String] = [],
        environment: [String] = [],
        invoke: String? = nil, bank: String = "root", meter: String = "root", gas: UInt64? = nil,
        limitBytes: UInt64? = nil, logBytes: UInt64 = 1 << 20, input: Data? = nil, inputEnds: Bool = false,
        grants: [KeyGrant]? = nil
    ) {
        self.module = module
        self.links = links
        self.name = name
        self.defaultName = defaultName
        self.arguments = arguments
        self.environment = environment
        self.invoke = invoke
        self.bank = bank
        self.meter = meter
        self.gas = gas
        self.limitBytes = limitBytes
        self.logBytes = logBytes
        self.input = input
        self.inputEnds = inputEnds
        self.grants = grants
    }
}

/// A key in words, and the register that it goes to, 0 to 31.
public struct KeyGrant: Codable, Sendable, Hashable {
    public var register: UInt64
    /// As in `Request.grantKey`.
    public var key: String

    public init(register: UInt64, key: String) {
        self.register = register
        self.key = key
    }
}

/// A limit, or that there is none.
public enum Limit: Codable, Sendable, Hashable {
    case unlimited
    case limited(UInt64)

    /// nil: none
    public var value: UInt64? {
        switch self {
        case .unlimited: nil
        case .limited(let value): value
        }
    }
}

/// What a bank is to sell; what is nil stays as it is, and is none in a new bank.
public struct BankTermsRequest: Codable, Sendable, Hashable {
    /// Bytes, in whole pages of 4,096: what is over does not count.
    public var limitBytes: Limit?
    /// Objects: processes, instances, modules, banks, meters.
    public var limitCells: Limit?
    /// Bytes that the bank's parent keeps for it; rounded up to pages.
    public var reserveBytes: UInt64?

    public init(limitBytes: Limit? = nil, limitCells: Limit? = nil, reserveBytes: UInt64? = nil) {
        self.limitBytes = limitBytes
        self.limitCells = limitCells
        self.reserveBytes = reserveBytes
    }
}

/// What becomes of what a destroyed bank has.
public enum Disposition: String, Codable, Sendable, Hashable {
    /// It goes, and so do the banks below.
    case reclaim
    /// The parent has it from now on.
    case returnToParent = "return"
}

/// A meter to be made.
public struct CreateMeterRequest: Codable, Sendable, Hashable {
    /// Where: the path of a meter that is there, and a name.
    public var path: String
    /// nil: unlimited
    public var gas: UInt64?
    /// Quanta that its processes have at a time, 1 to 1,000.
    public var weight: UInt32
    /// Path of the bank that pays for its record.
    public var bank: String

    public init(path: String, gas: UInt64? = nil, weight: UInt32 = 1, bank: String = "root") {
        self.path = path
        self.gas = gas
        self.weight = weight
        self.bank = bank
    }
}

/// What a meter is told; what is nil stays as it is.
public struct MeterTermsRequest: Codable, Sendable, Hashable {
    /// Gas that is left on it from now on, at most 2^64 − 2.
    public var gas: Limit?
    /// Quanta that its processes have at a time, 1 to 1,000.
    public var weight: UInt32?

    public init(gas: Limit? = nil, weight: UInt32? = nil) {
        self.gas = gas
        self.weight = weight
    }
}

/// One thing asked of a world. `process` is a name, an id, or a unique prefix of either.
public enum Request: Codable, Sendable, Hashable {
    case status
    case info
    /// Processes with ids above `after`, oldest first, at most `limit`.
    case processes(after: UInt64? = nil, limit: Int? = nil)
    /// What monitoring wants to know, as of one moment.
    case metrics
    case inspect(process: String)
    /// Records of the log from sequence number `since` on, at most about `limitBytes` of text.
    case logs(process: String, since: UInt64, limitBytes: Int)
    case run(RunRequest)
    /// Appends to a process's standard input; `ends` closes it after these bytes. An empty `data` without `ends` is allowed.
    case send(process: String, data: Data, ends: Bool)
    case kill(process: String)
    /// What `kill` and `remove` would take; refused as they would be.
    case ending(process: String)
    case removal(process: String)
    /// Lets a process stand still where it is, until `resume`.
    case stop(process: String)
    case resume(process: String)
    case remove(process: String)
    /// Puts a key into a register, 0 to 31: `number:7`, `discrim`, `start:PROC`, `start:PROC/BADGE`, `device:clock`.
    case grantKey(process: String, register: UInt64, key: String)
    /// A register holds nothing any more.
    case revokeKey(process: String, register: UInt64)
    /// Who holds a key to something: a process, or `bank:PATH`, `node:POT/SLOT`, `page:N`; at most `limit` places.
    case holders(object: String, limit: Int)
    /// The graph that keys make.
    case graph(GraphRequest)
    /// A checkpoint now; answered when it is durable. One with a name is kept until it is removed.
    case checkpoint(name: String?)
    /// Gives the state of a kept checkpoint up. `checkpoint` is `@` and a name, or a number.
    case removeCheckpoint(checkpoint: String)
    /// Lets a kept checkpoint stay whatever happens, until `releaseCheckpoint`.
    case holdCheckpoint(checkpoint: String)
    case releaseCheckpoint(checkpoint: String)
    /// How many checkpoints without a name stay: the last `keep`, and those of the last seconds; nil: as it was.
    case retainCheckpoints(keep: UInt64?, keepForSeconds: UInt64?)
    /// `use`: also what each that is kept takes alone, which takes time linear in what all of them keep.
    case checkpoints(use: Bool? = nil)
    /// How many checkpoints without a name stay.
    case retention
    /// The world becomes what it was at a kept checkpoint; what it was until then is kept as `before-rollback-N`. Refused where a later
    /// checkpoint is held, unless `overHeld`.
    case rollback(checkpoint: String, overHeld: Bool)
    /// What `rollback` would undo.
    case rollbackPreview(checkpoint: String, overHeld: Bool)
    /// What a reading request would have been answered at a kept checkpoint, or `steps` of gas behind it.
    indirect case past(checkpoint: String, steps: UInt64? = nil, request: Request)
    /// The bank at a path and those directly below it, or all below it.
    case banks(path: String, recursive: Bool)
    case bank(path: String)
    case createBank(path: String, BankTermsRequest)
    case setBank(path: String, BankTermsRequest)
    /// Gives a process to another bank.
    case moveProcess(process: String, bank: String)
    /// What a destruction would take.
    case destruction(path: String, Disposition)
    case destroyBank(path: String, Disposition)
    /// Who holds the most of a bank and of those below it.
    case consumers(path: String, limit: Int)
    /// The meter at a path and those directly below it, or all below it.
    case meters(path: String, recursive: Bool)
    case meter(path: String)
    case createMeter(CreateMeterRequest)
    case refillMeter(path: String, gas: UInt64)
    case setMeter(path: String, MeterTermsRequest)
    /// Lets a process run on another meter.
    case moveToMeter(process: String, meter: String)
    /// What the destruction of a meter would take.
    case meterDestruction(path: String)
    /// A meter and those below it; their processes have none then.
    case destroyMeter(path: String)
    /// Where something holds first behind a kept checkpoint: `logs PROC matches TEXT`, `ps PROC is STATE`.
    case moment(checkpoint: String, until: String)
    /// How a kept checkpoint and a later state differ.
    case difference(DifferenceRequest)
    /// Makes a world in `directory`, an absolute path, of a kept checkpoint.
    case fork(checkpoint: String, directory: String)
    /// Streams a state of the world; only where there is somebody to take the stream.
    case backup(BackupRequest)
    case fsck
    case hash
    /// Checkpoint and stop; a running world answers before its host ends.
    case halt

    /// Whether asking twice is as good as asking once.
    public var isRepeatable: Bool { if case .fork = self { false } else { isReading } }

    /// Whether the verb leaves the world as it was.
    public var isReading: Bool {
        switch self {
        case .status, .info, .metrics, .processes, .inspect, .logs, .checkpoints, .retention, .rollbackPreview, .past,
            .moment, .difference, .fork, .backup, .fsck, .hash,
            .banks, .bank, .meters, .meter, .destruction, .consumers, .ending, .removal, .meterDestruction, .holders,
            .graph:
            true
        case .run, .send, .kill, .stop, .resume, .remove, .grantKey, .revokeKey, .checkpoint, .removeCheckpoint,
            .holdCheckpoint, .releaseCheckpoint, .retainCheckpoints, .rollback, .halt, .createBank, .setBank,
            .createMeter,
            .refillMeter, .setMeter, .moveProcess, .destroyBank, .moveToMeter, .destroyMeter:
            false
        }
    }
}
