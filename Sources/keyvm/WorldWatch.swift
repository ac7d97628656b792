// Looks at a world that runs, again and again: its gas clock, its processes, and how fast both move.
//
// Invariant: listing all processes takes at most a tenth of the time, for the host and for us, however many there are;
// in between only the world's own figures are asked for, which cost the same in every world.

import Control
import World

/// A process, and how fast it uses gas.
struct WatchedProcess: Sendable {
    var process: ProcessAnswer
    /// Gas per second since the look before; nil where it was not there then.
    var gasPerSecond: Double?
}

/// What was seen at one look.
struct WorldSight: Sendable {
    var status: StatusAnswer
    /// Gas per second of the whole world since the look before; nil at the first.
    var gasPerSecond: Double?
    /// As the world tells them, oldest first.
    var processes: [WatchedProcess]
    /// When the world answered, and how long it is until the next look.
    var at: ContinuousClock.Instant
    var every: Duration
    /// How old `processes` was then.
    var listAge: Duration
    /// The time over which `processes` were measured; nil at the first look.
    var span: Duration?
}

/// One watcher of one world. Used by one thread at a time.
struct WorldWatch: Sendable {
    let reach: Reach
    let every: Duration

    private var clock: (gas: UInt64, at: ContinuousClock.Instant)?
    private var list: (at: ContinuousClock.Instant, cost: Duration)?
    private var gasUsed: [UInt64: UInt64] = [:]
    private var processes: [WatchedProcess] = []
    private var span: Duration?

    /// `every`: the time between two looks.
    init(reach: Reach, every: Duration) {
        self.reach = reach
        self.every = every
    }

    /// The one look at a world that no host runs, without speeds; nil where one does.
    static func lookAtStandstill(_ reach: Reach) throws(WorldError) -> WorldSight? {
        if reach.isHeldByHost { return nil }
        guard case .status(let status) = try reach.ask(.status) else { throw reach.mismatch(.status) }
        guard status.state == .halted || status.state == .crashed else { return nil }
        let processes = try reach.allProcesses().map { WatchedProcess(process: $0, gasPerSecond: nil) }
        return WorldSight(
            status: status, gasPerSecond: nil, processes: processes, at: .now, every: .zero, listAge: .zero, span: nil)
    }

    /// Looks. Throws where the world does not run: there is nothing to watch.
    mutating func look() throws(WorldError) -> WorldSight {
        let status = try runningStatus()
        let now = ContinuousClock.now
        let gasPerSecond = clock.flatMap { rate(from: $0.gas, to: status.gasClock, in: now - $0.at) }
        clock = (status.gasClock, now)
        if isListDue(now) { try listProcesses() }
        return WorldSight(
            status: status, gasPerSecond: gasPerSecond, processes: processes, at: .now, every: every,
            listAge: list.map { ContinuousClock.now - $0.at } ?? .zero, span: span)
    }

    private func isListDue(_ now: ContinuousClock.Instant) -> Bool {
        guard let list else { return true }
        return now - list.at >= list.cost * 10
    }

    private mutating func listProcesses() throws(WorldError) {
        let begin = ContinuousClock.now
        let items = try reach.allProcesses()
        let end = ContinuousClock.now
        span = list.map { end - $0.at }
        processes = items.map { process in
            WatchedProcess(
                process: process,
                gasPerSecond: span.flatMap { span in
                    gasUsed[process.id].flatMap { rate(from: $0, to: process.gasUsed, in: span) }
                })
        }
        gasUsed = Dictionary(items.map { ($0.id, $0.gasUsed) }, uniquingKeysWith: { first, _ in first })
        list = (end, end - begin)
    }

    /// nil where the count went back: another host began at an older checkpoint.
    private func rate(from earlier: UInt64, to later: UInt64, in span: Duration) -> Double? {
        guard later >= earlier, span > .zero else { return nil }
        return Double(later - earlier) / (span / .seconds(1))
    }

    private func runningStatus() throws(WorldError) -> StatusAnswer {
        let answer: Answer
        do throws(WorldError) {
            answer = try reach.ask(.status)
        } catch {
            // A host that went away in the middle of its answer.
            guard error.code == .failed, !reach.isHeldByHost else { throw error }
            throw notRunning("halted", "no host runs it any more")
        }
        guard case .status(let status) = answer else { throw reach.mismatch(.status) }
        switch status.state {
        case .running, .starting: return status
        case .halted: throw notRunning("halted", "no host runs it; it stands at gas clock \(status.gasClock)")
        case .crashed:
            throw notRunning("crashed", "its host was killed; the last checkpoint is at gas clock \(status.gasClock)")
        }
    }

    private func notRunning(_ state: String, _ why: String) -> WorldError {
        WorldError(
            .failed, what: "the world in \(reach.directory) is \(state): nothing in it is live", why: why,
            try: "keyvm ps -w \(quotedForShell(reach.directory))")
    }
}
