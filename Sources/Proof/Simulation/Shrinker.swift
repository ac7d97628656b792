// Makes a script that fails shorter, as long as it fails in the same way: first large pieces go, then single steps (Zeller and
// Hildebrandt's delta debugging).

import Glibc

struct Shrinker {
    let simulations: Simulations
    /// The check that found it.
    let check: String
    let seconds: Int

    /// The shortest script that was found within the time, and how many were tried.
    func shrink(_ script: Script) throws -> (script: Script, trials: Int) {
        let end = time(nil) + seconds
        var best = script
        var trials = 0
        var size = max(1, best.steps.count / 2)
        while true {
            var start = 0
            var hasShrunk = false
            while start < best.steps.count {
                if time(nil) >= end { return (best, trials) }
                var shorter = best
                shorter.steps.removeSubrange(start..<min(start + size, best.steps.count))
                trials += 1
                if try simulations.trial(shorter)?.check == check {
                    best = shorter
                    hasShrunk = true
                } else {
                    start += size
                }
            }
            if size == 1 && !hasShrunk { return (best, trials) }
            size = max(1, size / 2)
        }
    }
}
