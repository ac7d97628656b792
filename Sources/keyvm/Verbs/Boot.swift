// `keyvm boot`: runs a world, in the foreground or in the background.

import ArgumentParser
import Control
import Glibc
import World

struct BootVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "boot", abstract: "Run the world until it is halted; SIGINT or SIGTERM checkpoint and halt it.")

    static let examples = [
        Example("keyvm boot", "run ./world here; Ctrl-C halts it"),
        Example("keyvm boot --detach", "run it in the background; prints the process id"),
        Example("keyvm boot --every 500ms", "with a checkpoint twice a second"),
        Example("keyvm boot --until-idle", "run until no process can go on"),
        Example("keyvm boot --steps 10M", "run until the gas clock has moved by ten million"),
        Example("keyvm boot --quantum 10k", "with shorter turns than 100k gas"),
        Example("keyvm boot --keep-journal 1GiB", "and keep what came in, for the past to be looked at"),
        Example("keyvm boot --memory 2GiB", "on a host with less memory than it was made for"),
    ]

    @Option(
        help: ArgumentHelp("Time between checkpoints.", valueName: "duration"), transform: taking(parsedEvery))
    var every = Every(text: "5s", duration: .seconds(5))

    @Flag(help: "Run in the background, with output to host.log in the world's folder.")
    var detach = false

    @Flag(help: "End when nothing is ready, no input is pending and no timer is armed.")
    var untilIdle = false

    @Option(
        help: ArgumentHelp("End when the gas clock has moved by this much, exactly, or when idle.", valueName: "n"),
        transform: taking(parsedGas))
    var steps: UInt64?

    @Option(
        help: ArgumentHelp("Gas of a turn from now on; the world keeps it (100k at first).", valueName: "n"),
        transform: taking(parsedQuantum))
    var quantum: UInt64?

    @Option(
        help: ArgumentHelp(
            "Memory of the hosts that run it from now on, which bounds the code that is loaded at a time; the world keeps it.",
            valueName: "size"), transform: taking(parsedSize))
    var memory: UInt64?

    @Flag(
        help:
            "Go on from the last checkpoint where the journal is missing or damaged; what came in since is lost, the journal is kept beside it."
    )
    var withoutJournal = false

    @Option(
        help: ArgumentHelp(
            "Keep what the journal held of the past, up to this size, in journal.kept of the world's folder.",
            valueName: "size"), transform: taking(parsedSize))
    var keepJournal: UInt64?

    @Option(
        help: ArgumentHelp("Keep it no longer than this (24h).", valueName: "duration"), transform: taking(parsedEvery))
    var keepJournalFor: Every?

    @OptionGroup var world: WorldOption

    @Option(help: .hidden)
    var readyDescriptor: Int32?

    var wantsJSON: Bool { world.json }

    func validate() throws {
        if let readyDescriptor, readyDescriptor != Detachment.readyDescriptor {
            throw ValidationError("--ready-descriptor is for keyvm's own use")
        }
        if keepJournalFor != nil && keepJournal == nil {
            throw ValidationError("--keep-journal-for says how long what --keep-journal SIZE keeps is kept")
        }
        if detach && readyDescriptor != nil { throw ValidationError("--ready-descriptor is for keyvm's own use") }
    }

    func run() throws {
        if detach { return try runDetached() }
        if readyDescriptor != nil { _ = fcntl(Detachment.readyDescriptor, F_SETFD, FD_CLOEXEC) }
        do {
            try runHere()
        } catch let error as WorldError {
            if readyDescriptor != nil { Detachment.report(error) }
            throw error
        }
    }

    private var until: World.Boot.Until {
        if let steps { return .steps(steps) }
        return untilIdle ? .idle : .stopped
    }

    private func runHere() throws {
        let directory = world.directory
        let host = try Host(opening: directory, withoutJournal: withoutJournal)
        try sayWhatWasReplayed(host)
        let isDetached = readyDescriptor != nil
        let outcome: Result<StatusAnswer, WorldError>
        let kept = keepJournal.map {
            World.Boot.KeepJournal(bytes: $0, age: keepJournalFor?.duration ?? .seconds(24 * 3_600))
        }
        let boot = World.Boot(
            every: every.duration, until: until, quantumGas: quantum, memoryBytes: memory, keepJournal: kept)
        try sayIfMemoryIsShort(host)
        do throws(WorldError) {
            try host.run(boot) {
                if isDetached { Detachment.reportReady() }
                StandardStreams.say(
                    "the world in \(printable(directory)) runs, process \(getpid()); SIGINT or SIGTERM halts it")
            }
            guard case .status(let status) = try host.world.perform(.status) else {
                throw Reach(directory: directory).mismatch(.status)
            }
            outcome = .success(status)
        } catch {
            outcome = .failure(error)
        }
        try host.halt()
        let status = try outcome.get()
        StandardStreams.say("the world in \(printable(directory)) is halted at gas clock \(status.gasClock)")
        if world.json {
            try StandardStreams.print(
                JSONValue.envelope(
                    "boot",
                    [
                        .init("world", .string(directory)), .init("state", .string(WorldState.halted.rawValue)),
                        .init("pid", .null), .init("gasClock", .unsigned(status.gasClock)),
                        .init("processes", JSONValue(status.processes)),
                    ]
                ).text + "\n")
        }
    }

    /// Whoever opens a world that crashed is told what came of it.
    private func sayWhatWasReplayed(_ host: Host) throws {
        if let journal = host.world.lostJournal {
            StandardStreams.say(
                "keyvm: the world goes on from its last checkpoint; its journal is in \(printable(journal))")
        }
        guard case .status(let status) = try host.world.perform(.status), let records = status.journal.replayed,
            let seconds = status.journal.replaySeconds, records > 0
        else { return }
        StandardStreams.say(
            "keyvm: the last host did not halt the world; what came in since its last checkpoint was taken in again: "
                + "\(counted(Int(records), "record")) in \(humanAge(seconds: seconds))")
    }

    /// A host with less memory than the world is made for runs it, and loads programs again and again.
    private func sayIfMemoryIsShort(_ host: Host) throws {
        let (has, wants) = (MemoryBudget.bytes(), try memory ?? host.world.memoryBytes)
        guard has < wants else { return }
        StandardStreams.say(
            "keyvm: this host may use \(humanSize(has)) of memory, and the world is made for \(humanSize(wants)): what does not "
                + "fit is loaded again and again; keyvm boot --memory SIZE makes it one for less")
    }

    private func runDetached() throws {
        let directory = world.directory
        try refuseUnlessBootable(directory)
        var arguments = ["--world", directory, "--every", every.text]
        if untilIdle { arguments.append("--until-idle") }
        if let steps { arguments += ["--steps", "\(steps)"] }
        if let quantum { arguments += ["--quantum", "\(quantum)"] }
        if let memory { arguments += ["--memory", "\(memory)"] }
        if withoutJournal { arguments.append("--without-journal") }
        if let keepJournal { arguments += ["--keep-journal", "\(keepJournal)"] }
        if let keepJournalFor { arguments += ["--keep-journal-for", keepJournalFor.text] }
        arguments += ["--ready-descriptor", "\(Detachment.readyDescriptor)"]
        let child = try Detachment(directory: directory).start(arguments: arguments)
        if world.json {
            try StandardStreams.print(
                JSONValue.envelope(
                    "boot",
                    [
                        .init("world", .string(directory)), .init("state", .string(WorldState.running.rawValue)),
                        .init("pid", JSONValue(child)),
                    ]
                ).text + "\n")
        } else {
            try StandardStreams.print("\(child)\n")
        }
    }

    /// Meets what is wrong with the folder before a child is started that would write a log into it.
    private func refuseUnlessBootable(_ directory: String) throws(WorldError) {
        switch World.condition(at: directory) {
        case .halted, .crashed: return
        case .absent, .notAWorld, .inUse: try World.open(at: directory, as: .host).close()
        }
    }
}

/// `--every`, as typed and as understood.
struct Every: Sendable {
    var text: String
    var duration: Duration
}

@Sendable func parsedEvery(_ text: String) throws(QuantityError) -> Every {
    Every(text: text, duration: try parsedDuration(text))
}
