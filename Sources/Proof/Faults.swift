// Lets each call that changes a file fail, one run for each: once and for ever, because the device fails and because the disk is
// full; then looks at what a crash would leave of that run (specs/proof.md, Failing calls).

import Glibc

struct Faults {
    /// How a call fails, and those after it.
    struct Manner: Sendable {
        var name: String
        var number: Int32
        var isForEver: Bool
        /// A write does half of what it should before.
        var isShort = false
        /// The program is told that it did not fail.
        var isUnheard = false

        static let all = [
            Manner(name: "EIO once", number: EIO, isForEver: false),
            Manner(name: "EIO for ever", number: EIO, isForEver: true),
            Manner(name: "ENOSPC once", number: ENOSPC, isForEver: false),
            Manner(name: "ENOSPC for ever", number: ENOSPC, isForEver: true),
            Manner(name: "half a write, then ENOSPC", number: ENOSPC, isForEver: true, isShort: true),
        ]
        /// What a program does that does not look whether a call failed; each of the checks has to find it.
        static let control = [Manner(name: "EIO for ever, unheard", number: EIO, isForEver: true, isUnheard: true)]
    }

    /// How what is looked for begins in what is told of a bad run.
    static let late = "acknowledged after a sync that failed"
    static let lost = "a crash behind it"

    struct Outcome {
        var calls = 0
        var runs = 0
        /// Runs in which the call came to fail.
        var failed = 0
        var bad: [String] = []
    }

    /// This program, and what is preloaded into it.
    let program, recorder: String
    let scratch, modules: String
    let seed: UInt64
    let operations: Int

    private static let notFailed: Int32 = 40

    private func run(in folder: String, _ settings: [String: String]) throws -> Ending {
        try makeFolder(folder + "/disk")
        var environment = settings
        environment["LD_PRELOAD"] = recorder
        environment["PROOF_ROOT"] = folder + "/disk"
        environment["PROOF_NOTES"] = folder + "/notes"
        environment["PROOF_TRACE"] = folder + "/trace"
        let words = [
            program, "workload", folder + "/disk/world", folder + "/notes", modules, "\(seed)", "\(operations)", "halt",
            "keep",
        ]
        return Children.wait(try Children.spawn(words, environment: environment, output: folder + "/run"))
    }

    /// How many calls there are to fail, in a run in which none does.
    func count() throws -> Int {
        let folder = scratch + "/dry"
        removeAll(folder)
        try makeFolder(folder)
        guard try run(in: folder, [:]) == .exit(0) else { throw TraceError(description: "the workload does not run") }
        let trace = try Trace(file: folder + "/trace")
        removeAll(folder)
        guard let last = trace.events.last, last.kind == .begin, last.descriptor == -1 else {
            throw TraceError(description: "the record has no end")
        }
        return Int(last.offset)
    }

    /// Every `step`th call from `first` on, in each of the manners.
    func run(first: Int, step: Int, _ manners: [Manner]) throws -> Outcome {
        let outcome = Box(Outcome())
        outcome.value.calls = try count()
        var crew = try Crew(folder: scratch, count: 4) { folder, label, ending in
            outcome.value.runs += 1
            if ending != .exit(Self.notFailed) { outcome.value.failed += 1 }
            guard ending != .exit(0), ending != .exit(Self.notFailed) else { return }
            let said = (try? contents(of: folder + "/said")).map { String(decoding: $0, as: UTF8.self) } ?? ""
            outcome.value.bad.append("\(label): \(ending)\n\(said)")
        }
        for call in stride(from: first, through: outcome.value.calls, by: step) {
            for manner in manners {
                try crew.work("call \(call), \(manner.name)") { folder in
                    try Children.start(seconds: 120, output: folder + "/said") { trial(folder, call, manner) }
                }
            }
        }
        try crew.finish()
        return outcome.value
    }

    private func trial(_ folder: String, _ call: Int, _ manner: Manner) -> Int32 {
        var hasFailed = false
        let code = judge {
            var settings = ["PROOF_FAIL_AT": "\(call)", "PROOF_ERRNO": "\(manner.number)"]
            if manner.isForEver { settings["PROOF_FOREVER"] = "1" }
            if manner.isShort { settings["PROOF_SHORT"] = "1" }
            if manner.isUnheard { settings["PROOF_UNHEARD"] = "1" }
            let ending = try run(in: folder, settings)
            let trace = try Trace(file: folder + "/trace")
            var faults: [String] = []
            if ending != .exit(0) && ending != .exit(1) {
                let said = String(decoding: try contents(of: folder + "/run"), as: UTF8.self)
                faults.append("the workload ended with \(ending): \(said)")
            }
            faults += try acknowledgedLate(trace)
            faults += try images(trace, folder, seed: UInt64(call))
            hasFailed = trace.events.contains { $0.kind == .failed }
            return faults
        }
        return code == 0 && !hasFailed ? Self.notFailed : code
    }

    /// What was asked for after a sync of the journal had failed, and acknowledged all the same.
    private func acknowledgedLate(_ trace: Trace) throws -> [String] {
        var paths: [Int32: String] = [:]
        var late: Set<Deed>?
        var found: [String] = []
        for event in trace.events {
            switch event.kind {
            case .open: paths[event.descriptor] = event.path
            case .syncEnds where event.flags != 0 && paths[event.descriptor]?.contains("/journal/") == true:
                if late == nil { late = [] }
            case .note:
                for line in event.text.split(separator: "\n") {
                    let words = line.split(separator: " ")
                    guard let deed = Deed(words.dropFirst()) else { continue }
                    if words[0] == "try" { late?.insert(deed) }
                    if words[0] == "did", late?.contains(deed) == true {
                        found.append("\(Self.late): \(deed.line)")
                    }
                }
            default: break
            }
        }
        return found
    }

    /// What a crash right behind the run would leave: the world opens, and has everything that was acknowledged.
    private func images(_ trace: Trace, _ folder: String, seed: UInt64) throws -> [String] {
        var disk = Disk(root: folder + "/disk")
        var told = Told()
        for event in trace.events {
            if event.kind == .note { try told.take(event) }
            try disk.apply(event)
        }
        var faults: [String] = []
        for round in 0..<4 {
            if round > 1 && disk.uncertain == 0 { break }
            let image = folder + "/image"
            removeAll(image)
            try makeFolder(image)
            let survival = Survival.choice(round, of: disk.uncertain, seed: seed)
            try CrashImage(of: disk, survival).write(to: image)
            let child = try Children.start(seconds: 60, output: folder + "/verdict") {
                judge { Verdict(of: image + "/world", told: told, hashes: told.hashes).faults }
            }
            let ending = Children.wait(child)
            guard ending != .exit(0) else { continue }
            let said = String(decoding: try contents(of: folder + "/verdict"), as: UTF8.self)
            faults.append("\(Self.lost), \(survival): \(ending)\n\(said)")
        }
        return faults
    }
}
