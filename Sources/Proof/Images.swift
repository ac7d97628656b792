// Tries the disks that a crash may have left, at every moment of a recorded run (specs/proof.md, Crash images).

import Glibc
import World

/// What is tried, and how far it came.
struct Images {
    /// What is made wrong on purpose; the trial has to find it.
    enum Control: String {
        case noSyncs = "no-syncs"
        case noJournalSyncs = "no-journal-syncs"
        case noOpeningSyncs = "no-opening-syncs"
        case noFolderSyncs = "no-folder-syncs"
        case halfCommits = "half-commits"
        /// What is acknowledged behind a sync of the journal counts as acknowledged when it begins.
        case earlyAcknowledgements = "early-acknowledgements"

        var disk: DiskKind {
            switch self {
            case .noSyncs: .withoutSyncs
            case .noJournalSyncs: .withoutJournalSyncs
            case .noOpeningSyncs: .withoutOpeningSyncs
            case .noFolderSyncs: .withoutFolderSyncs
            case .halfCommits: .halfCommits
            case .earlyAcknowledgements: .honest
            }
        }
    }

    struct Outcome {
        var tried = 0
        var bad: [String] = []
        /// Uncertain changes, of all images together.
        var uncertain = 0
        var torn = 0
    }

    let trace: Trace
    /// The folder that was recorded, as it was spelled.
    let root: String
    /// Where images are written.
    let scratch: String
    let seed: UInt64
    var control: Control?
    /// This program, and what is preloaded where a recovery is recorded; nil: none is.
    var recovery: (program: String, recorder: String)?

    /// One of so many images is recovered under the record, and what crashes leave of that is looked at as well.
    private static let recoveryEach = 50
    private static let imagesOfRecovery = 12

    /// The disk and what was told, behind the whole record.
    private func ending() throws -> (disk: Disk, told: Told) {
        var disk = Disk(root: root)
        var told = Told()
        for event in trace.events {
            if event.kind == .note { try told.take(event) }
            try disk.apply(event)
        }
        return (disk, told)
    }

    /// The record is complete if the files that it tells of are those that are there, and no others.
    func check() throws {
        let image = CrashImage(of: try ending().disk, .all)
        if let unknown = Self.files(below: root).first(where: { image.files[$0] == nil && !$0.hasSuffix("-lock") }) {
            throw TraceError(description: "\(unknown) is there and was not recorded")
        }
        for (path, recorded) in image.files where !path.hasSuffix("-lock") {
            let found = try contents(of: root + path)
            guard found.count == recorded.size, found.starts(with: recorded.bytes),
                found.dropFirst(recorded.bytes.count).allSatisfy({ $0 == 0 })
            else { throw TraceError(description: "\(path) is not what was recorded") }
        }
    }

    private static func files(below root: String, _ path: String = "") -> [String] {
        guard let names = names(in: root + path) else { return [path] }
        return names.flatMap { files(below: root, path + "/" + $0) }
    }

    /// What is acknowledged between the end of the sync that begins here and the beginning of the next.
    private func acknowledged(bySyncAt moment: Int) throws -> [TraceEvent] {
        let sync = trace.events[moment]
        let behind = trace.events[moment...].drop { $0.kind != .syncEnds || $0.offset != sync.offset }
        return behind.prefix { $0.kind != .syncBegins }.filter { $0.kind == .note && $0.text.hasPrefix("did") }
    }

    /// Whether the world may have changed at this event, or somebody was told something.
    static func isMoment(_ event: TraceEvent) -> Bool {
        switch event.kind {
        case .begin, .close, .syncBegins, .failed, .unknown: false
        case .note: !event.text.hasPrefix("hash") && !event.text.hasPrefix("try")
        case .open: TraceEvent.Flags(rawValue: event.flags).contains(.created)
        case .write, .truncate, .allocate, .syncEnds, .rename, .unlink, .makeFolder, .removeFolder: true
        }
    }

    /// Tries images from the `first`th on, `count` of them, or up to the first bad one; tells of each that ended how many
    /// before it have.
    func run(from first: Int, count: Int, untilBad: Bool, progress: (Int) -> Void) throws -> Outcome {
        let hashes = try ending().told.hashes
        let outcome = Box(Outcome())
        var crew = try Crew(folder: scratch, count: 4) { folder, label, ending in
            outcome.value.tried += 1
            guard ending != .exit(0) else { return }
            let said = (try? contents(of: folder + "/said")).map { String(decoding: $0, as: UTF8.self) } ?? ""
            outcome.value.bad.append("image \(label): \(ending)\n\(said)")
        }
        var seen: Set<Int> = []
        var index = 0
        var round = 0
        while true {
            let before = index
            var disk = Disk(root: root, kind: control?.disk ?? .honest)
            var told = Told()
            for (moment, event) in trace.events.enumerated() {
                if event.kind == .note { try told.take(event) }
                try disk.apply(event)
                let isSync = event.kind == .syncBegins && event.flags == TraceEvent.dataSync
                let isEarly = control == .earlyAcknowledgements && isSync
                guard Self.isMoment(event) || isEarly else { continue }
                // That a world which is being made is not there yet proves little.
                if control != nil && !told.hasAcknowledgedSend { continue }
                let uncertain = disk.uncertain
                if round > 0 && uncertain == 0 { continue }
                let survival = Survival.choice(round, of: uncertain, seed: seed &+ UInt64(moment))
                // What lies before the first is not built, only counted: a repetition or two more are skipped by it.
                let image = CrashImage(of: disk, survival)
                var hasher = Hasher()
                hasher.combine(image.fingerprint)
                hasher.combine(told.done.count)
                hasher.combine(isEarly)
                hasher.combine(told.shown.values.reduce(0) { $0 + $1.bytes })
                guard seen.insert(hasher.finalize()).inserted else { continue }
                index += 1
                if index <= first { continue }
                if index > first + count || untilBad && !outcome.value.bad.isEmpty {
                    try crew.finish()
                    return outcome.value
                }
                outcome.value.uncertain += uncertain
                if case .some(_, let torn, _) = survival, torn > 0 { outcome.value.torn += 1 }
                var claimed = told
                if isEarly { for note in try acknowledged(bySyncAt: moment) { try claimed.take(note) } }
                try crew.work("\(index) (round \(round), event \(moment), \(survival))") { folder in
                    let disk = folder + "/disk"
                    try makeFolder(disk)
                    try image.write(to: disk)
                    if let recovery, control == nil, index.isMultiple(of: Self.recoveryEach) {
                        return try Children.start(seconds: 120, output: folder + "/said") {
                            judge { try recover(image, claimed, hashes, in: folder, recovery) }
                        }
                    }
                    return try Children.start(seconds: 60, output: folder + "/said") {
                        judge { Verdict(of: disk + "/world", told: claimed, hashes: hashes).faults }
                    }
                }
                progress(index - 1)
            }
            if index == before && round > 1 {
                try crew.finish()
                throw TraceError(description: "the record has \(index) images, not \(first + count)")
            }
            round += 1
        }
    }
}

extension Images {
    /// The next host opens an image, which is recorded; of that, too, a crash may leave anything that is not certain.
    private func recover(
        _ image: CrashImage, _ told: Told, _ hashes: [WorldPosition: Set<String>], in folder: String,
        _ recovery: (program: String, recorder: String)
    ) throws -> [String] {
        guard World.condition(at: folder + "/disk/world") != .absent else {
            return Verdict(of: folder + "/disk/world", told: told, hashes: hashes).faults
        }
        let settings = [
            "LD_PRELOAD": recovery.recorder, "PROOF_ROOT": folder + "/disk", "PROOF_NOTES": folder + "/notes",
            "PROOF_TRACE": folder + "/trace",
        ]
        let words = [recovery.program, "recover", folder + "/disk/world", folder + "/notes"]
        let ending = Children.wait(try Children.spawn(words, environment: settings, output: folder + "/recovered"))
        guard ending == .exit(0) else {
            return [
                "its recovery: \(ending): \(String(decoding: try contents(of: folder + "/recovered"), as: UTF8.self))"
            ]
        }
        let trace = try Trace(file: folder + "/trace")
        var whole = told
        for event in trace.events where event.kind == .note { try whole.take(event) }
        let hashes = hashes.merging(whole.hashes) { $0.union($1) }
        let moments = trace.events.indices.filter { Self.isMoment(trace.events[$0]) }
        var generator = SplitMix64(seed &+ UInt64(moments.count))
        let chosen = Set((0..<Self.imagesOfRecovery).compactMap { _ in moments.randomElement(using: &generator) })
        var disk = try Disk(root: folder + "/disk", holding: image)
        var told = told
        var faults: [String] = []
        for (moment, event) in trace.events.enumerated() {
            if event.kind == .note { try told.take(event) }
            try disk.apply(event)
            guard chosen.contains(moment) else { continue }
            let survival = Survival.choice(moment % 5, of: disk.uncertain, seed: seed &+ UInt64(moment))
            removeAll(folder + "/again")
            try makeFolder(folder + "/again")
            try CrashImage(of: disk, survival).write(to: folder + "/again")
            let verdict = Verdict(of: folder + "/again/world", told: told, hashes: hashes)
            faults += verdict.faults.map { "a crash of its recovery at event \(moment), \(survival): \($0)" }
        }
        return faults
    }
}

/// A value that is shared.
final class Box<Value> {
    var value: Value
    init(_ value: Value) { self.value = value }
}
