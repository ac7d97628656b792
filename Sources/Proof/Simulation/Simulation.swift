// A script, done: life after life in processes of their own, and the model beside them. What was on its way when a host was killed
// may be in effect or not, but as a beginning of what was asked, in order: then there are several models, until one is seen to be it.

import FoundationEssentials
import Glibc
import World

struct Simulation {
    let script: Script
    let modules: ProofModules
    /// An empty folder.
    let scratch: String
    let wrong: Wrong?

    /// What the world may be.
    private var models: [Model]
    /// Steps that are done.
    private var done = 0
    /// Answers to orders of which an earlier one is not answered.
    private var early: [Int: (code: UInt8, words: [String])] = [:]
    /// The hashes that a world may be found with.
    private var hashes: [WorldPosition: Set<String>] = [:]
    /// The world was halted with this one.
    private var halted: (WorldPosition, String)?
    /// The highest checkpoint that was told of.
    private var checkpoint: UInt64 = 0
    private(set) var lives = 0

    private static let seconds: UInt32 = 20
    /// Nothing is asked of more models at a time.
    private static let mostModels = 256

    init(_ script: Script, _ modules: ProofModules, scratch: String, wrong: Wrong? = nil) {
        self.script = script
        self.modules = modules
        self.scratch = scratch
        self.wrong = wrong
        models = [Model(script)]
    }

    private var world: String { scratch + "/world" }

    /// Does all of it. Throws a `Complaint` where the world is not what it should be.
    mutating func run() throws {
        repeat { try live() } while done < script.steps.count
    }

    private func complain(_ check: String, _ text: String) -> Complaint {
        Complaint(check: check, text: text, step: done)
    }

    // MARK: A life

    private mutating func live() throws {
        lives += 1
        let first = done
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw SystemError("pipe", scratch) }
        let (source, sink) = (ends[0], ends[1])
        let child = try Children.start(seconds: Self.seconds, output: scratch + "/said") {
            close(source)
            return Life.live(
                script, from: first, at: world, modules, wrong, Telling(descriptor: sink))
        }
        close(sink)
        let lines = Self.lines(from: source)
        close(source)
        let ending = Children.wait(child)
        let end = script.steps[first...].firstIndex(where: \.endsLife) ?? script.steps.endIndex
        var isDying = false
        var hasHalted = false
        for line in lines {
            let words = line.split(separator: " ", maxSplits: 2).map(String.init)
            switch words.first {
            case "opened": try open(line)
            case "hash": note(line)
            case "answer": try answer(line)
            case "look": try look(words)
            case "dying": isDying = true
            case "halted":
                halted = Self.position(line)
                hasHalted = true
            case "fault": throw complain("fault", "\(line)")
            default: throw complain("fault", "the host said: \(line)")
            }
        }
        let isAsPlanned = isDying ? ending == .signal(SIGKILL) : hasHalted && ending == .exit(0)
        guard isAsPlanned else {
            let said = (try? contents(of: scratch + "/said")).map { String(decoding: $0, as: UTF8.self) } ?? ""
            throw complain("host", "the host ended with \(ending): \(said.prefix(600))")
        }
        guard hasHalted || script.steps.indices.contains(end) else { throw complain("host", "it died before its time") }
        if !hasHalted { try die(at: end) }
        // A recovery that a running world came to is one of its own.
        let isConsumed = end == first || !(script.steps.indices.contains(end) && script.steps[end].isRecovery)
        done = end + (isConsumed ? 1 : 0)
    }

    private static func lines(from descriptor: Int32) -> [Substring] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            if count <= 0 { break }
            bytes += buffer[..<count]
        }
        // What follows the last newline was cut off by a kill.
        let whole = bytes[..<((bytes.lastIndex(of: 10) ?? -1) + 1)]
        return String(decoding: whole, as: UTF8.self).split(separator: "\n")
    }

    // MARK: Where it stands

    private static func position(_ line: Substring) -> (WorldPosition, String)? {
        let words = line.split(separator: " ")
        guard words.count == 5, let turn = UInt64(words[1]), let records = UInt64(words[2]), let gas = UInt64(words[3])
        else { return nil }
        return (WorldPosition(turn: turn, records: records, gasClock: gas), String(words[4]))
    }

    private mutating func note(_ line: Substring) {
        if let (position, hash) = Self.position(line) { hashes[position, default: []].insert(hash) }
    }

    /// A world opens as it was: halted, or where it stood behind a record.
    private mutating func open(_ line: Substring) throws {
        guard let (position, hash) = Self.position(line) else { throw complain("fault", "\(line)") }
        if let halted {
            guard halted == (position, hash) else {
                throw complain("halted", "halted at \(halted), opened at \(position), \(hash)")
            }
        } else if !hashes.isEmpty {
            guard let known = hashes[position] else {
                throw complain("position", "it opens at \(position), where it never stood: \(hashes.keys)")
            }
            guard known.contains(hash) else {
                throw complain("hash", "at \(position) it has another hash: \(hash), not \(known)")
            }
        }
        halted = nil
        hashes = [position: [hash]]
    }

    // MARK: What is answered

    private mutating func answer(_ line: Substring) throws {
        let words = line.split(separator: " ").map(String.init)
        guard words.count > 2, let step = Int(words[1]), let code = UInt8(words[2]),
            script.steps.indices.contains(step)
        else { throw complain("fault", "\(line)") }
        switch script.steps[step] {
        case .checkpoint:
            guard code == 0, let id = words.last.flatMap(UInt64.init) else {
                throw complain("checkpoint", "step \(step + 1) ends with \(code)")
            }
            checkpoint = max(checkpoint, id)
        case .order:
            early[step] = (code, words)
            // What became durable at one time is answered by two threads, in any order.
            while let next = steps(from: done, to: script.steps.count).first,
                let answer = early.removeValue(forKey: next.index)
            {
                try take(next.order, answer.code, answer.words, at: next.index)
                done = next.index + 1
            }
        default: throw complain("fault", "\(line)")
        }
    }

    private mutating func take(_ order: Order, _ code: UInt8, _ words: [String], at step: Int) throws {
        var possible: [Model] = []
        for model in models {
            var next = model
            guard next.take(order, outcome: code) else { continue }
            if case .run = order, code == 0, let made = next.processes.last {
                guard words.count == 5, words[3] == "\(made.id)", words[4] == made.name else { continue }
            }
            possible.append(next)
        }
        if possible.isEmpty {
            let expected = models.map { "\($0.outcomes(of: order))" }
            throw Complaint(
                check: "answer",
                text: "`\(order.line)` ends with \(words.dropFirst(2).joined(separator: " ")), expected \(expected)",
                step: step)
        }
        models = possible
    }

    /// Orders among steps.
    private func steps(from first: Int, to end: Int) -> [(index: Int, order: Order)] {
        guard first < end else { return [] }
        return (first..<end).compactMap { if case .order(let order, _) = script.steps[$0] { ($0, order) } else { nil } }
    }

    // MARK: What is seen

    private mutating func look(_ words: [String]) throws {
        guard words.count == 3, let step = Int(words[1]) else { throw complain("fault", "\(words)") }
        let look = try JSONDecoder().decode(Look.self, from: Data(words[2].utf8))
        guard look.checkpoint >= checkpoint else {
            throw Complaint(
                check: "checkpoint", text: "checkpoint \(checkpoint) is gone, the last is \(look.checkpoint)",
                step: step)
        }
        var possible: [Model] = []
        var complaint: Complaint?
        for model in models {
            var next = model
            do throws(Complaint) {
                try next.compare(with: look, step: step)
                possible.append(next)
            } catch {
                complaint = complaint ?? error
            }
        }
        // None of those that the world may be; the first is the one in which the most is as it was.
        if possible.isEmpty, let complaint { throw complaint }
        models = possible
    }

    // MARK: The end of a life

    /// A host was killed before it answered everything: each beginning of the rest may be in effect.
    private mutating func die(at end: Int) throws {
        halted = nil
        var beginnings = models
        // Up to the last that was answered all are in effect.
        let last = early.keys.max() ?? done - 1
        for (step, order) in steps(from: done, to: end) {
            var next: [Model] = []
            for model in models {
                for code in early[step].map({ [$0.code] }) ?? model.outcomes(of: order) {
                    var after = model
                    if after.take(order, outcome: code), !next.contains(after) { next.append(after) }
                }
            }
            models = next
            if step <= last { beginnings = [] }
            for model in next where !beginnings.contains(model) { beginnings.append(model) }
            guard beginnings.count < Self.mostModels else { throw complain("models", "too many") }
        }
        models = beginnings
        if case .crash(_, let torn?) = script.steps[end] {
            let acknowledged = script.steps.indices.contains(last) ? "s\(last)" : ""
            try TornJournal(folder: world + "/journal", seed: torn).tear(behind: acknowledged)
        }
        early = [:]
    }
}
