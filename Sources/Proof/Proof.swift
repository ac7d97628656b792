// Tries to catch the world losing something (specs/proof.md; tools/proof is how it is used):
//   proof workload WORLD NOTES MODULES SEED OPERATIONS halt|kill [keep]
//                                                                    one life of a world, told in NOTES; its journal kept or not
//   proof look WORLD NOTES                                           what a reader sees of it, told in NOTES
//   proof recover WORLD NOTES                                        the next host of it, until nothing moves, told in NOTES
//   proof images TRACE ROOT SCRATCH SEED FIRST COUNT [CONTROL]       disks that a crash may have left
//   proof faults RECORDER SCRATCH MODULES SEED OPERATIONS FIRST STEP [unheard]
//                                                                    calls that fail
//   proof orders WORLD NOTES MODULES SEED STEPS                      a life of orders about checkpoints, told in NOTES
//   proof pasts RECORDER SCRATCH MODULES SEED STEPS [no-syncs]       such a life, cut anywhere
//   proof flips WORLD SCRATCH SEED COUNT                             files that are damaged
//   proof simulate SCRATCH MODULES SEED COUNT [STEPS]                worlds beside a model of them

import Glibc
import World

@main struct Proof {
    static let usage = """
        usage: proof workload WORLD NOTES MODULES SEED OPERATIONS halt|kill [keep]
               proof look WORLD NOTES
               proof recover WORLD NOTES
               proof images TRACE ROOT SCRATCH SEED FIRST COUNT [CONTROL]
               proof faults RECORDER SCRATCH MODULES SEED OPERATIONS FIRST STEP [unheard]
               proof orders WORLD NOTES MODULES SEED STEPS
               proof pasts RECORDER SCRATCH MODULES SEED STEPS [no-syncs]
               proof flips WORLD SCRATCH SEED COUNT
               proof simulate SCRATCH MODULES SEED COUNT [STEPS] [forget|twice]
               proof simulate SCRATCH MODULES --script FILE [forget|twice]
        CONTROL: no-syncs, no-journal-syncs, no-opening-syncs, no-folder-syncs, half-commits, early-acknowledgements
        """

    static func main() async {
        var words = Words(CommandLine.arguments.dropFirst())
        do {
            switch words.next() {
            case "workload": try await workload(&words)
            case "look": try look(&words)
            case "recover": try recover(&words)
            case "images": try images(&words)
            case "faults": try faults(&words)
            case "orders": try orders(&words)
            case "pasts": try pasts(&words)
            case "flips": try flips(&words)
            case "simulate": try simulate(&words)
            default: throw Words.Missing()
            }
        } catch is Words.Missing {
            say(usage, to: STDERR_FILENO)
            exit(64)
        } catch {
            say("\(error)", to: STDERR_FILENO)
            exit(1)
        }
    }

    private static func workload(_ words: inout Words) async throws {
        let (directory, notes, modules) = (try words.text(), try words.text(), try words.text())
        let (seed, operations) = (try words.number(), try words.number())
        guard let ending = Workload.Ending(rawValue: try words.text()) else { throw Words.Missing() }
        let word = words.next()
        guard words.isEmpty, word == nil || word == "keep" else { throw Words.Missing() }
        // Whoever waits for it is not to wait for ever.
        alarm(60)
        var told = Told()
        if access(notes, F_OK) == 0 {
            let text = String(decoding: try contents(of: notes), as: UTF8.self)
            for line in text.split(separator: "\n") where !told.take(line) {
                throw TraceError(description: "\(notes) has a line that is nothing: \(line)")
            }
        }
        let life = Workload(
            directory: directory, notes: try Notes(file: notes), modules: try ProofModules(folder: modules),
            seed: UInt64(seed), operations: operations, ending: ending, keepsJournal: word != nil, told: told)
        try await life.live()
    }

    private static func look(_ words: inout Words) throws {
        let (directory, notes) = (try words.text(), try Notes(file: try words.text()))
        guard words.isEmpty else { throw Words.Missing() }
        let world = try World.open(at: directory, as: .reader)
        notes.tell("stood \(try world.position.records)")
        guard case .processes(let found) = try world.perform(.processes()) else { return }
        for process in found.items {
            let text = try log(process.name, of: world)
            notes.tell("saw \(process.name) \(text.count) \(digest(text))")
        }
        try world.close()
    }

    private static func recover(_ words: inout Words) throws {
        let (directory, notes) = (try words.text(), try Notes(file: try words.text()))
        guard words.isEmpty else { throw Words.Missing() }
        let world = try World.open(at: directory, as: .host)
        notes.tell("stood \(try world.position.records)")
        world.observer = { position, hash in notes.tell(hash: try hash(), at: position) }
        try notes.tellHash(of: world)
        try world.boot(World.Boot(every: .milliseconds(5), until: .idle))
        try notes.tellHash(of: world)
        try world.close()
    }

    private static func images(_ words: inout Words) throws {
        let (trace, root, scratch) = (try words.text(), try words.text(), try words.text())
        let (seed, first, count) = (try words.number(), try words.number(), try words.number())
        var control: Images.Control?
        if let word = words.next() {
            control = Images.Control(rawValue: word)
            guard control != nil, words.isEmpty else { throw Words.Missing() }
        }
        let recorder = getenv("PROOF_RECORDER").map { String(cString: $0) }
        let images = Images(
            trace: try Trace(file: trace), root: root, scratch: scratch, seed: UInt64(seed), control: control,
            recovery: recorder.map { (CommandLine.arguments[0], $0) })
        try images.check()
        let outcome = try images.run(from: first, count: count, untilBad: control != nil) { _ in }
        for bad in outcome.bad.prefix(5) { say(bad) }
        let each = Double(outcome.uncertain) / Double(max(1, outcome.tried))
        say(
            "\(outcome.tried) images, \(outcome.torn) of them torn, \((each * 10).rounded() / 10) uncertain changes in each, "
                + "\(outcome.bad.count) bad")
        exit(outcome.bad.isEmpty == (control == nil) ? 0 : 1)
    }
}

extension Proof {
    private static func faults(_ words: inout Words) throws {
        let (recorder, scratch, modules) = (try words.text(), try words.text(), try words.text())
        let (seed, operations) = (try words.number(), try words.number())
        let (first, step) = (try words.number(), try words.number())
        let word = words.next()
        guard words.isEmpty, first > 0, step > 0, word == nil || word == "unheard" else { throw Words.Missing() }
        let isControl = word != nil
        let faults = Faults(
            program: CommandLine.arguments[0], recorder: recorder, scratch: scratch, modules: modules,
            seed: UInt64(seed), operations: operations)
        let outcome = try faults.run(first: first, step: step, isControl ? Faults.Manner.control : Faults.Manner.all)
        for bad in outcome.bad.prefix(isControl ? 0 : 5) { say(bad) }
        say(
            "\(outcome.runs) runs of \(operations) operations and \(outcome.calls) calls, "
                + "\(outcome.failed) with a call that failed, \(outcome.bad.count) bad")
        if isControl {
            let isCaught = [Faults.late, Faults.lost].allSatisfy { each in outcome.bad.contains { $0.contains(each) } }
            exit(isCaught ? 0 : 1)
        }
        // Where none failed nothing was tried.
        exit(outcome.bad.isEmpty && outcome.failed > 0 ? 0 : 1)
    }

    private static func orders(_ words: inout Words) throws {
        let (directory, notes, modules) = (try words.text(), try words.text(), try words.text())
        let (seed, steps) = (try words.number(), try words.number())
        guard words.isEmpty else { throw Words.Missing() }
        alarm(120)
        let life = OrderedLife(
            directory: directory, notes: try Notes(file: notes), modules: try ProofModules(folder: modules),
            seed: UInt64(seed), steps: steps)
        try life.live()
    }

    private static func pasts(_ words: inout Words) throws {
        let (recorder, scratch, modules) = (try words.text(), try words.text(), try words.text())
        let (seed, steps) = (try words.number(), try words.number())
        let word = words.next()
        guard words.isEmpty, word == nil || word == "no-syncs" else { throw Words.Missing() }
        let pasts = Pasts(
            program: CommandLine.arguments[0], recorder: recorder, scratch: scratch, modules: modules,
            seed: UInt64(seed), steps: steps, isControl: word != nil)
        let outcome = try pasts.run()
        for bad in outcome.bad.prefix(5) { say(bad) }
        say("\(outcome.orders) orders cut short in \(outcome.images) ways, \(outcome.bad.count) bad")
        exit(outcome.bad.isEmpty == (word == nil) ? 0 : 1)
    }

    private static func flips(_ words: inout Words) throws {
        let (world, scratch) = (try words.text(), try words.text())
        let (seed, count) = (try words.number(), try words.number())
        guard words.isEmpty else { throw Words.Missing() }
        let outcome = try Flips(world: world, scratch: scratch, seed: UInt64(seed)).run(count: count)
        for bad in outcome.bad.prefix(5) { say(bad) }
        say(
            "\(outcome.tried) damaged worlds, \(outcome.inTrees) of them in trees and meta pages: "
                + "\(outcome.found) found, \(outcome.harmless) without harm, \(outcome.bad.count) bad")
        exit(outcome.bad.isEmpty ? 0 : 1)
    }
}

/// The words of a command, one after the other.
struct Words {
    struct Missing: Error {}
    private var words: ArraySlice<String>

    init(_ words: ArraySlice<String>) { self.words = words }

    var isEmpty: Bool { words.isEmpty }
    var first: String? { words.first }
    mutating func next() -> String? { words.popFirst() }

    mutating func text() throws -> String {
        guard let word = words.popFirst() else { throw Missing() }
        return word
    }

    mutating func number() throws -> Int {
        guard let number = Int(try text()), number >= 0 else { throw Missing() }
        return number
    }
}

/// What a child does that looks for faults: tells of each. Returns what it ends with: 0 where there is none, 1, and 2 where it could not look.
func judge(_ faults: () throws -> [String]) -> Int32 {
    do {
        let faults = try faults()
        for fault in faults { say(fault) }
        return faults.isEmpty ? 0 : 1
    } catch {
        say("\(error)")
        return 2
    }
}

/// Writes a line, at once.
func say(_ text: String, to descriptor: Int32 = STDOUT_FILENO) {
    let line = Array((text + "\n").utf8)
    _ = line.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
}
