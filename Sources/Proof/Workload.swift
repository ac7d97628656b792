// What is done to a world while it is recorded: several clients at once send numbers, run programs, make and destroy banks, ask
// for checkpoints, and look at what was written; then the world is halted, or its process killed. It tells what it does.

import FoundationEssentials
import Glibc
import Store
import Synchronization
import World

/// The programs that a workload runs.
struct ProofModules: Sendable {
    let echo, count, watch: Data

    init(folder: String) throws {
        func module(_ name: String) throws -> Data { Data(try contents(of: "\(folder)/\(name).wasm")) }
        (echo, count, watch) = (try module("echo"), try module("count"), try module("watch"))
    }
}

/// Where lines are told.
final class Notes: Sendable {
    private let descriptor: Int32

    init(file: String) throws {
        descriptor = open(file, O_WRONLY | O_CREAT | O_APPEND, 0o644)
        guard descriptor >= 0 else { throw SystemError("open", file) }
    }

    func tell(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        precondition(write(descriptor, bytes, bytes.count) == bytes.count, "a line is written whole")
    }

    func tell(hash: String, at position: WorldPosition) {
        tell("hash \(position.turn) \(position.records) \(position.gasClock) \(hash)")
    }

    func tellHash(of world: World) throws {
        guard case .hash(let answer) = try world.perform(.hash) else { return }
        tell(hash: answer.hash, at: try world.position)
    }
}

/// One life of a world: from its opening to its end.
struct Workload: Sendable {
    enum Ending: String { case halt, kill }

    static let clients = 3
    /// Numbers that a counting program prints, and steps of its generator between two.
    static let countLast = 12
    static let countWork = 300
    static let watchLast = 8

    let directory: String
    let notes: Notes
    let modules: ProofModules
    let seed: UInt64
    let operations: Int
    let ending: Ending
    /// Whether files of the journal are kept that no restart needs.
    let keepsJournal: Bool
    /// What was told in the lives before.
    let told: Told

    func live() async throws {
        if World.condition(at: directory) == .absent {
            try World.create(at: directory, limitBytes: 64 << 20, seed: seed)
            notes.tell("did world")
        }
        let world = try World.open(at: directory, as: .host)
        notes.tell("stood \(try world.position.records)")
        let isDying = Atomic(false)
        world.observer = { [notes] position, hash in
            notes.tell(hash: try hash(), at: position)
            // Here, so that nothing came in that was not told.
            if isDying.load(ordering: .acquiring) { kill(getpid(), SIGKILL) }
        }
        try notes.tellHash(of: world)
        let isFirst = try processes(of: world).isEmpty
        if isFirst {
            // What a halted world is asked is durable when it is closed, or booted.
            for client in 0..<Self.clients { _ = try world.perform(run(modules.echo, "echo\(client)")) }
        }
        try notes.tellHash(of: world)
        let keep = World.Boot.KeepJournal(bytes: 1 << 20, age: .seconds(3_600))
        let boot = RunningBoot(
            world,
            World.Boot(every: .milliseconds(9), quantumGas: 20_000, keepJournal: keepsJournal ? keep : nil))
        await withTaskGroup(of: Void.self) { group in
            for client in 0..<Self.clients { group.addTask { await self.client(client, of: world) } }
        }
        if ending == .kill {
            isDying.store(true, ordering: .releasing)
            // What only looks makes it come by.
            while true { _ = await ask(.status, of: world) }
        }
        world.stop()
        try boot.wait()
        try notes.tellHash(of: world)
        try world.close()
    }

    private func processes(of world: World) throws -> [ProcessAnswer] {
        guard case .processes(let found) = try world.perform(.processes()) else { return [] }
        return found.items
    }

    private func run(_ module: Data, _ name: String, _ arguments: [String] = [], bank: String = "root") -> Request {
        .run(RunRequest(module: module, name: name, defaultName: name, arguments: [name] + arguments, bank: bank))
    }

    /// One client's share of the operations; ends early where the world is gone.
    private func client(_ client: Int, of world: World) async {
        var generator = SplitMix64(seed &* 31 &+ UInt64(client))
        var number = told.lastSent(to: "echo\(client)")
        var banks: [String] = []
        var running: [String] = []
        let share = operations / Self.clients + (client < operations % Self.clients ? 1 : 0)
        for step in 0..<share {
            let name = "\(seed)-\(client)-\(step)"
            let isAlive: Bool
            switch Int.random(in: 0..<20, using: &generator) {
            case 0..<10:
                number += 1
                let line = Data("\(number)\n".utf8)
                isAlive = await perform(
                    .send(process: "echo\(client)", data: line, ends: false),
                    .send(process: "echo\(client)", number: number), of: world)
            case 10, 11:
                let path = "root/\(name)"
                let terms = BankTermsRequest(limitBytes: .limited(1 << 20), reserveBytes: step % 2 == 0 ? 65_536 : nil)
                isAlive = await perform(.createBank(path: path, terms), .bank(path), of: world)
                banks.append(path)
            case 12 where !banks.isEmpty:
                let path = banks.removeLast()
                isAlive = await perform(.destroyBank(path: path, .reclaim), .destroy(path), of: world)
            case 13, 14:
                let isCount = step % 2 == 0
                let process = (isCount ? "count-" : "watch-") + name
                let module = isCount ? modules.count : modules.watch
                let arguments = isCount ? ["\(Self.countLast)", "\(Self.countWork)"] : ["\(Self.watchLast)"]
                isAlive = await perform(run(module, process, arguments), .run(process), of: world)
                running.append(process)
            case 15 where !running.isEmpty:
                let process = running.removeFirst()
                notes.tell("try \(Deed.remove(process).line)")
                _ = await ask(.kill(process: process), of: world)
                isAlive = await perform(.remove(process: process), .remove(process), of: world)
            case 16:
                if case .checkpoint(let made) = await ask(.checkpoint(name: nil), of: world) {
                    notes.tell("checkpoint \(made.id)")
                }
                isAlive = true
            default:
                let process = running.last ?? "echo\(client)"
                isAlive = await look(at: process, of: world)
            }
            if !isAlive { return }
        }
    }

    private func ask(_ request: Request, of world: World) async -> Answer? {
        do throws(WorldError) { return try await world.submit(request) } catch { return nil }
    }

    /// Asks, and tells what was acknowledged. False where the world takes nothing any more.
    private func perform(_ request: Request, _ deed: Deed, of world: World) async -> Bool {
        notes.tell("try \(deed.line)")
        do throws(WorldError) {
            _ = try await world.submit(request)
            notes.tell("did \(deed.line)")
            return true
        } catch {
            // Refused for what it is, or because the world is at its end.
            return error.wasNotTaken != true
        }
    }

    /// Looks at everything that a process has written.
    private func look(at process: String, of world: World) async -> Bool {
        var text: [UInt8] = []
        var next: UInt64 = 0
        while true {
            guard case .logs(let logs) = await ask(.logs(process: process, since: next, limitBytes: 4_096), of: world)
            else { return true }
            if logs.items.isEmpty { break }
            text += logs.items.flatMap { Array($0.data) }
            next = logs.next
        }
        notes.tell("saw \(process) \(text.count) \(digest(text))")
        return true
    }
}

/// A boot on a thread of its own.
private final class RunningBoot: Sendable {
    private let result = Mutex<Result<Void, WorldError>?>(nil)
    private let thread = Mutex<BackgroundThread?>(nil)
    private let isReady = Atomic(false)

    /// Returns when the world takes requests, or is over.
    init(_ world: World, _ boot: World.Boot) {
        let running = BackgroundThread { [self] in
            let ended = Result { () throws(WorldError) in
                try world.boot(boot) { [self] in isReady.store(true, ordering: .releasing) }
            }
            result.withLock { $0 = ended }
            isReady.store(true, ordering: .releasing)
        }
        thread.withLock { $0 = running }
        while !isReady.load(ordering: .acquiring) { usleep(100) }
    }

    func wait() throws(WorldError) {
        thread.withLock { $0 }?.join()
        try result.withLock { $0 }?.get()
    }
}
