// A world that runs on a thread of its own, and what tests ask of it meanwhile.

import Testing
import World

/// A world that runs, and what is asked of it.
struct RunningWorld: Sendable {
    let world: World
    private let running: Running

    init(_ world: World, every interval: Duration) { self.init(world, World.Boot(every: interval)) }

    init(_ world: World, _ boot: World.Boot) {
        self.world = world
        running = Running(world, boot)
    }

    func stop() async {
        world.stop()
        #expect(await running.end() == nil)
    }

    /// What it answers; nil where it refuses.
    func ask(_ request: Request) async -> Answer? {
        do { return try await world.submit(request) } catch { return nil }
    }

    var hash: String? {
        get async { if case .hash(let hash) = await ask(.hash) { hash.hash } else { nil } }
    }

    var processes: [ProcessAnswer] {
        get async { if case .processes(let found) = await ask(.processes()) { found.items } else { [] } }
    }

    /// Waits until nothing moves by itself.
    func standsStill() async throws {
        for _ in 0..<6_000 {
            let status: StatusAnswer? = if case .status(let status) = await ask(.status) { status } else { nil }
            let isStill = await processes.allSatisfy {
                $0.state != .ready && !($0.name.hasPrefix("n") && $0.state == .waiting)
            }
            if isStill, status?.pendingBanks == 0 { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        Issue.record("it does not stand still: \(await processes.map { "\($0.name) \($0.state)" })")
    }

    /// The text of each process, by its name.
    var outputs: [String: [LogRecord]] {
        get async {
            var found: [String: [LogRecord]] = [:]
            for process in await processes {
                let request = Request.logs(process: "id:\(process.id)", since: 0, limitBytes: 1 << 20)
                if case .logs(let logs) = await ask(request) { found[process.name] = logs.items }
            }
            return found
        }
    }
}
