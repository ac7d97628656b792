// A world: the store with its objects, the kernel, the machine, and the thread that runs them. The library's public
// face, and all of it: what the command line does, it does through this class.
//
// WORLD-1  The kernel's state is touched by one thread at a time: the one in `boot`, or the caller of `perform` while no
//          boot runs.
// WORLD-2  What the store has published is a whole state, taken at an instruction boundary.

import Devices
import Kernel
import Machine
import Objects
import Store

/// A persistent world of programs in a folder.
public final class World: @unchecked Sendable {
    public enum Access: Sendable {
        /// To change it and to boot it; one host at a time.
        case host
        /// To look; shared with other readers, needs no write permission.
        case reader
    }

    /// Who has a world, seen from outside.
    public enum Condition: Sendable, Hashable {
        case absent
        case notAWorld
        /// A host runs it or readers look at it; nil where no host is known.
        case inUse(pid: Int32?)
        case halted
        case crashed
    }

    /// How to run a world.
    public struct Boot: Sendable {
        public enum Until: Sendable, Hashable {
            /// `stop` or a request to halt.
            case stopped
            /// Nothing is ready, no input is pending, no timer is armed.
            case idle
            /// The gas clock has moved by so much, or nothing can run.
            case steps(UInt64)
            /// This process has exited, has faulted, or is frozen.
            case over(processID: UInt64)
        }
        /// Time between checkpoints.
        public var every: Duration
        public var until: Until
        /// Gas of a quantum from now on, 1 to 1,000,000,000; nil: as it was. It is the world's state.
        public var quantumGas: UInt64?
        /// Memory of the hosts that run it from now on, at least 300 MiB, in bytes; nil: as it was. It is the world's state.
        public var memoryBytes: UInt64?
        /// What becomes of the journal's files that no restart needs any more; nil: they go.
        public var keepJournal: KeepJournal?

        /// Bounds of what is kept of the journal, in `journal.kept` of the world's folder; beyond either the oldest file goes.
        public struct KeepJournal: Sendable, Hashable {
            public var bytes: UInt64
            public var age: Duration

            public init(bytes: UInt64, age: Duration) {
                self.bytes = bytes
                self.age = age
            }
        }

        public init(
            every: Duration = .seconds(5), until: Until = .stopped, quantumGas: UInt64? = nil,
            memoryBytes: UInt64? = nil, keepJournal: KeepJournal? = nil
        ) {
            self.every = every
            self.until = until
            self.quantumGas = quantumGas
            self.memoryBytes = memoryBytes
            self.keepJournal = keepJournal
        }
    }

    let directory: String
    let access: Access
    /// Pages that may be in memory and not durable.
    let budgetPages: Int
    let store: Store
    /// These five are made of the store, and made anew when the world goes back to a checkpoint.
    private(set) var objects: Objects
    private(set) var kernel: Kernel
    private(set) var clock: Clock
    private(set) var machine: Machine
    private(set) var journal: WorldJournal
    var cycle: CheckpointCycle
    let time = HostTime()
    let mailbox = Mailbox()
    let policies: Policies
    /// Reads kept checkpoints while the world runs.
    let pastThread = PastThread()
    /// Of a world as it was at a kept checkpoint: the one that it is now, which it keeps open.
    private let present: World?
    /// Of a past that a running world is asked: whether it is waited for.
    let stopFlag: StopFlag?
    var isBooting = false
    /// How far this boot has come with what programs wait for that is to be durable.
    var durability = DurabilityUnderWay()
    /// What was opened goes on in files of the journal, empty ones too, and nothing was published since that names none.
    var goesOnInJournal = false
    /// No boot is under way that goes on when a process is over.
    var endsWithProcess = true
    var isClosed = false
    /// Who asked for the halt, to be told when it is done.
    var halters: [@Sendable (Result<Answer, WorldError>) -> Void] = []
    /// What was asked of the past of a world that runs, and is done when nothing runs.
    var rollback: Rollback?
    /// What came while the world went back, and is answered behind it.
    var waitingLetters: [Letter] = []
    /// Who asked for metrics, to be told when everything is counted.
    var scrapers: [@Sendable (Result<Answer, WorldError>) -> Void] = []
    /// Where the journal lies that was set aside when the world was opened without it; nil: it was not, or there was none.
    public internal(set) var lostJournal: String?
    /// The requests that were taken in again when the world was opened, the last of them last.
    package internal(set) var replayedRequests: [ReplayedRequest] = []
    /// Who looks on while the world runs, on the thread that runs it; nobody, outside of proofs.
    package var observer: WorldObserver?
    /// What happened while this host ran the world; for any thread.
    public let events = EventLog()

    /// `present`: for a kept state of which the store is, and goes with it.
    init(
        directory: String, access: Access, store: Store, budgetPages budget: Int, policies: Policies = Policies(),
        present: World? = nil, stop: StopFlag? = nil
    ) throws {
        self.directory = directory
        self.access = access
        self.store = store
        self.present = present
        stopFlag = stop
        self.policies = policies
        budgetPages = budget
        let parts = try Parts(of: store, access: access, budgetPages: budget, time: time)
        (objects, kernel, clock, machine, journal) = parts.all
        let mailbox = mailbox
        cycle = CheckpointCycle(
            writer: CheckpointWriter(store: store) { mailbox.poke() }, attributes: WorldAttributes(store.attributes))
        try begin()
    }

    /// What a world is in memory.
    private struct Parts {
        let all: (Objects, Kernel, Clock, Machine, WorldJournal)

        init(of store: Store, access: Access, budgetPages budget: Int, time: HostTime) throws {
            // A reader has no checkpoints to make room with: what it takes in again of a world that crashed stays in memory.
            let objects = Objects(
                store: store, behind: access == .host ? store.highestEpoch : store.epoch,
                budgetPages: access == .host ? budget : 1 << 40,
                residentBound: max(4096, budget * 4))
            let kernel = Kernel(objects: objects)
            let clock = try Clock(objects: objects, source: time)
            let memoryBytes = min(MemoryBudget.bytes(), try objects.world(WorldPage.memoryBytes))
            let machine = Machine(
                kernel: kernel, clock: clock, bounds: WorkingSetBounds(memoryBytes: memoryBytes))
            all = (objects, kernel, clock, machine, WorldJournal(objects: objects))
        }
    }

    /// The store has another state: what is in memory is made of it anew. Nothing is under way.
    func beginAnew() throws {
        let parts = try Parts(of: store, access: access, budgetPages: budgetPages, time: time)
        (objects, kernel, clock, machine, journal) = parts.all
        let before = cycle
        cycle = CheckpointCycle(writer: before.writer, attributes: WorldAttributes(store.attributes))
        cycle.settledCount = before.settledCount + 1
        cycle.lastFreeze = before.lastFreeze
        goesOnInJournal = false
        try begin()
    }

    /// Looks whether it is a world, and lets the parts know of each other.
    private func begin() throws {
        let format = try objects.world(WorldPage.format)
        let isWorldPage = try objects.read(.world).load(ByteField(0, 8)) == WorldPage.magic
        if isWorldPage, format != WorldPage.formatNumber {
            throw WorldError(
                .formatTooNew, what: "world of another format",
                why: "the objects of \(directory) have format \(format), this program knows \(WorldPage.formatNumber)",
                try: "keyvm --version")
        }
        guard isWorldPage else {
            throw ObjectsError.damaged(
                invariant: "WORLD-3", object: "world page", text: "it is no world page")
        }
        cycle.check.begin(behind: try objects.read(.world))
        clock.journal = journal
        machine.entropy.journal = journal
        machine.entropy.isKeyDue = cycle.history.isKeyDue
        journal.checkpointNumber = try journal.lastNumber
        adopt(policies)
    }

    // MARK: Making and opening

    /// Makes a world in a folder that is not there or empty.
    /// - Parameters:
    ///   - directory: the folder
    ///   - limitBytes: the root bank's limit, at least 64 KiB; nil: none
    ///   - seed: of its entropy: equal seeds, programs and inputs make equal worlds; nil: from the host
    ///   - memoryBytes: of the hosts that it will run on, at least 300 MiB, which bounds how much code it keeps loaded; nil:
    ///     this host's, or 300 MiB where there is a seed
    public static func create(
        at directory: String, limitBytes: UInt64?, seed: UInt64?, memoryBytes: UInt64? = nil
    ) throws(WorldError) {
        if let limitBytes, limitBytes < 65_536 {
            throw WorldError(
                .usage, what: "the limit is too small for a world", why: "\(limitBytes) bytes, of at least 65536",
                try: "keyvm init \(quotedForShell(directory)) --limit 1MiB")
        }
        try checkMemory(memoryBytes, try: "keyvm init \(quotedForShell(directory)) --memory 300MiB")
        let memory = memoryBytes ?? (seed == nil ? MemoryBudget.bytes() : WorkingSetBounds.leastMemory)
        try WorldError.translating(directory) {
            let key = seed.map(Entropy.key(seed:)) ?? Entropy.hostKey()
            try namingFolder {
                try Genesis.write(
                    at: directory, limitPages: limitBytes.map { $0 / 4096 }, entropyKey: key, isSeeded: seed != nil,
                    memoryBytes: memory)
            }
        }
    }

    /// Memory of the hosts that it is made for, in bytes; at least 300 MiB.
    package var memoryBytes: UInt64 {
        get throws(WorldError) {
            try WorldError.translating(directory) {
                max(try objects.world(WorldPage.memoryBytes), WorkingSetBounds.leastMemory)
            }
        }
    }

    static func checkMemory(_ bytes: UInt64?, try proposal: String) throws(WorldError) {
        guard let bytes, bytes < WorkingSetBounds.leastMemory else { return }
        throw WorldError(
            .usage, what: "too little memory for a world",
            why: "\(bytes) bytes, of at least \(WorkingSetBounds.leastMemory)", try: proposal)
    }

    /// Who has the world at `directory`, if there is one. Where the system does not let that be seen, the answer is
    /// `halted`, and opening it says why not.
    public static func condition(at directory: String) -> Condition {
        let found = Result { () throws(StoreError) in try Store.condition(at: directory) }
        guard case .success(let condition) = found else { return .halted }
        switch condition {
        case .absent: return .absent
        case .inUse(let pid): return .inUse(pid: pid)
        case .halted: return .halted
        case .crashed: return .crashed
        case .notAWorld: return .notAWorld
        }
    }

    /// Opens a world as it was: where its last host did not halt it, as its last checkpoint left it, with everything that came in
    /// since taken in again.
    /// - Parameters:
    ///   - directory: the world's folder
    ///   - access: to change and boot it, or to look
    ///   - policies: what decides about purchases and turns in place of the kernel. After a kill a world comes to the same end
    ///     only with the same ones.
    ///   - withoutJournal: as host, go on from the last checkpoint where what came in since cannot be taken in again, and is
    ///     lost; the journal is kept as `lostJournal` says
    public static func open(
        at directory: String, as access: Access, policies: Policies = Policies(), withoutJournal: Bool = false
    ) throws(WorldError) -> World {
        try open(
            at: directory, as: access, policies: policies, budgetPages: MemoryBudget.pages(),
            withoutJournal: withoutJournal)
    }

    /// Opens a world as it was when its gas clock stood there, before the next instruction and after every input that came in there:
    /// what came in since the last checkpoint is taken in as far. Nothing is written. Where the journal ends earlier it ends there.
    package static func open(
        at directory: String, as access: Access, policies: Policies = Policies(), gasClock: UInt64
    ) throws(WorldError) -> World {
        precondition(access == .reader, "the past is looked at")
        return try open(
            at: directory, as: access, policies: policies, budgetPages: MemoryBudget.pages(), gasClock: gasClock)
    }

    /// Opens a world with a budget of its own: pages that may be in memory and not yet durable, at least 64.
    package static func open(
        at directory: String, as access: Access, policies: Policies = Policies(), budgetPages: Int,
        withoutJournal: Bool = false, gasClock: UInt64 = .max
    ) throws(WorldError) -> World {
        try WorldError.translating(directory) {
            let store = try Store.open(at: directory, mode: access == .host ? .host : .reader)
            let world: World
            do {
                world = try World(
                    directory: directory, access: access, store: store, budgetPages: budgetPages, policies: policies)
            } catch {
                _ = Result { try store.close() }
                throw error
            }
            do {
                if withoutJournal && access == .host {
                    try world.replayNothing()
                } else {
                    try world.replay(to: gasClock)
                }
            } catch {
                // The next host, or the next program, may come further.
                world.abandon()
                throw error
            }
            return world
        }
    }

    /// Lets go of the world. As host, what was changed since the last checkpoint is made durable first, and the world is
    /// halted. After a publication that failed, or a change that failed half-way, nothing can be, and the world counts as
    /// crashed.
    public func close() throws(WorldError) {
        guard !isClosed else { return }
        precondition(!isBooting, "a world is not closed while it runs")
        isClosed = true
        let result = Result { () throws -> Void in
            if access == .host && !cycle.hasFailed {
                try finishSession()
                store.endJournal(needed: try keptCheckpoints().items.first?.epoch)
            }
        }
        dropSession()
        cycle.writer.end()
        let closing = Result { () throws -> Void in
            // What is in memory and cannot be made durable is lost, and the lock has to say so.
            if access == .host && cycle.hasFailed { store.abandon() } else { try store.close() }
            try present?.close()
        }
        try WorldError.translating(directory) {
            try result.get()
            try closing.get()
        }
    }

    /// Lets go of the world without making anything durable: it counts as crashed, and opens again as its last checkpoint
    /// left it.
    package func abandon() {
        guard !isClosed else { return }
        precondition(!isBooting, "a world is not let go of while it runs")
        isClosed = true
        letGo()
    }

    /// Whoever forgets a world, or comes out of its `boot` by an error, has abandoned it.
    deinit {
        if !isClosed { letGo() }
    }

    private func letGo() {
        dropSession()
        // What is being published lies in memory that goes with the world.
        cycle.writer.end()
        store.abandon()
        present?.abandon()
    }

    /// Lets go of a world in which nothing was changed and nothing published: it counts as it did before.
    func letGoAsFound() {
        guard !isClosed else { return }
        isClosed = true
        dropSession()
        cycle.writer.end()
        store.closeAsFound()
    }

    /// Executes the next instruction that there is, and what comes before it. For measuring.
    package func step() throws(WorldError) {
        precondition(access == .host && !isBooting && !isClosed)
        try WorldError.translating(directory) {
            try whole {
                let before = try objects.world(WorldPage.gasClock)
                while true {
                    guard let process = try kernel.processToRun() else {
                        if try kernel.hasGoingBanks { continue }
                        return
                    }
                    let isTurnOver = try machine.run(process, gasBound: 1) == .turnOver
                    // A turn may be over before anything is executed, where the process is not loaded yet.
                    if try !isTurnOver || objects.world(WorldPage.gasClock) != before { return }
                }
            }
        }
    }
}
