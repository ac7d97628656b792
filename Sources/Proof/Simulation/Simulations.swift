// Many seeds, each in a process of its own; what fails is shrunk (specs/proof.md, Simulation).

import FoundationEssentials
import Glibc
import Store
import Synchronization

struct Simulations: Sendable {
    struct Outcome {
        var tried = 0
        var lives = 0
        /// By seed: what is wrong.
        var bad: [(seed: UInt64, complaint: Complaint)] = []
    }

    private static let complained: Int32 = 3
    private static let trialSeconds: UInt32 = 30

    let scratch: String
    let modules: ProofModules
    let wrong: Wrong?

    /// Tries `count` seeds from the first on, or up to the first bad one.
    func run(seed: UInt64, count: Int, steps: Int, untilBad: Bool) throws -> Outcome {
        let outcome = Box(Outcome())
        var crew = try Crew(folder: scratch, count: 2) { folder, label, ending in
            outcome.value.tried += 1
            let said = Self.said(folder + "/said")
            outcome.value.lives += said.first.flatMap { Int($0) } ?? 0
            guard ending != .exit(0) else { return }
            outcome.value.bad.append((UInt64(label) ?? 0, Self.complaint(ending, said)))
        }
        for each in seed..<seed + UInt64(count) where !(untilBad && !outcome.value.bad.isEmpty) {
            let script = Generator.script(seed: each, steps: steps)
            try crew.work("\(each)") { folder in try start(script, in: folder) }
        }
        try crew.finish()
        outcome.value.bad.sort { $0.seed < $1.seed }
        return outcome.value
    }

    /// Lives once, here, so that what a process finds out about its own types at first is known to all its children. On another thread:
    /// a lock knows a thread by the number that it had first, which is not its child's.
    func warmUp() throws {
        let folder = scratch + "/warm"
        removeAll(folder)
        try makeFolder(folder)
        let sink = open("/dev/null", O_WRONLY | O_CLOEXEC)
        defer { close(sink) }
        let script = try Script(
            text: """
                world seed=1 quantum=10000 every=60000 budget=4096
                run e1 echo
                run c2 count:1:1 gas=1000 limit=1000000
                send e1 "a|"
                """)
        let isAlive = Atomic(false)
        BackgroundThread { [modules] in
            let telling = Telling(descriptor: sink)
            let ending = Life.live(script, from: 0, at: folder + "/world", modules, nil, telling)
            isAlive.store(ending == 0, ordering: .releasing)
        }.join()
        guard isAlive.load(ordering: .acquiring) else {
            throw TraceError(description: "no world can be made in \(folder)")
        }
        _ = try JSONDecoder().decode(Look.self, from: JSONEncoder().encode(Look()))
        removeAll(folder)
    }

    /// Does one script; nil where nothing is wrong.
    func trial(_ script: Script) throws -> Complaint? {
        let folder = scratch + "/trial"
        removeAll(folder)
        try makeFolder(folder)
        let ending = Children.wait(try start(script, in: folder))
        return ending == .exit(0) ? nil : Self.complaint(ending, Self.said(folder + "/said"))
    }

    private func start(_ script: Script, in folder: String) throws -> pid_t {
        try Children.start(seconds: Self.trialSeconds, output: folder + "/said") {
            var simulation = Simulation(script, modules, scratch: folder + "/run", wrong: wrong)
            do {
                try makeFolder(folder + "/run")
                try simulation.run()
                say("\(simulation.lives)")
                return 0
            } catch let complaint as Complaint {
                say("\(simulation.lives)\n\(complaint.check)\n\(complaint.step)\n\(complaint.text)")
                return Self.complained
            } catch {
                say("\(simulation.lives)\nerror\n0\n\(error)")
                return Self.complained
            }
        }
    }

    private static func said(_ file: String) -> [String] {
        let bytes = (try? contents(of: file)) ?? []
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n", maxSplits: 3).map(String.init)
    }

    private static func complaint(_ ending: Ending, _ said: [String]) -> Complaint {
        guard ending == .exit(complained), said.count == 4 else {
            return Complaint(
                check: "simulation", text: "it ended with \(ending): \(said.joined(separator: "; "))", step: 0)
        }
        return Complaint(check: said[1], text: said[3], step: Int(said[2]) ?? 0)
    }
}
