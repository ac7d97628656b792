// The command `proof simulate`: seeds, or the script of a file.

import Glibc

extension Proof {
    private static let defaultSteps = 60
    private static let shrinkSeconds = 60

    static func simulate(_ words: inout Words) throws {
        let (scratch, modules) = (try words.text(), try ProofModules(folder: try words.text()))
        let first = try words.text()
        if first == "--script" {
            let script = try Script(text: String(decoding: try contents(of: try words.text()), as: UTF8.self))
            let wrong = try wrong(&words)
            let simulations = Simulations(scratch: scratch, modules: modules, wrong: wrong)
            let complaint = try simulations.trial(script)
            say(complaint.map { "at step \($0.step + 1): \($0)" } ?? "\(script.steps.count) steps, nothing is wrong")
            exit((complaint == nil) == (wrong == nil) ? 0 : 1)
        }
        guard let seed = UInt64(first) else { throw Words.Missing() }
        let count = try words.number()
        var steps = defaultSteps
        if let number = words.first.flatMap({ Int($0) }), number > 0 { steps = try words.number() }
        try simulate(seed, count, steps, Simulations(scratch: scratch, modules: modules, wrong: try wrong(&words)))
    }

    private static func wrong(_ words: inout Words) throws -> Wrong? {
        guard let word = words.next() else { return nil }
        guard let wrong = Wrong(rawValue: word), words.isEmpty else { throw Words.Missing() }
        return wrong
    }

    private static func simulate(_ seed: UInt64, _ count: Int, _ steps: Int, _ simulations: Simulations) throws {
        let isControl = simulations.wrong != nil
        try simulations.warmUp()
        let outcome = try simulations.run(seed: seed, count: count, steps: steps, untilBad: isControl)
        for (seed, complaint) in outcome.bad.prefix(5) {
            say("seed \(seed), step \(complaint.step + 1): \(complaint)")
        }
        var shortest = ""
        if let (seed, complaint) = outcome.bad.first {
            // Before anything is tried with it, which may take its time.
            let whole = Generator.script(seed: seed, steps: steps)
            try writeFile("\(simulations.scratch)/seed-\(seed).whole", Array((whole.text + "\n").utf8))
            let (script, trials) = try Shrinker(
                simulations: simulations, check: complaint.check, seconds: shrinkSeconds
            ).shrink(whole)
            let file = "\(simulations.scratch)/seed-\(seed).script"
            try writeFile(file, Array("# \(complaint)\n\(script.text)\n".utf8))
            let control = simulations.wrong.map { " \($0.rawValue)" } ?? ""
            say("seed \(seed) fails of these \(script.steps.count) steps, after \(trials) trials:")
            say(script.text)
            let command = CommandLine.arguments.prefix(4).joined(separator: " ")
            say("again: \(command) --script \(file)\(control)")
            shortest = ", the first fails of \(script.steps.count) steps"
        }
        say(
            "\(outcome.tried) seeds of \(steps) steps, \(outcome.lives) lives, \(outcome.bad.count) bad\(shortest)")
        exit(outcome.bad.isEmpty == !isControl ? 0 : 1)
    }
}
