// `keyvm backup`: the world's state as a stream of bytes.

import ArgumentParser
import Control
import Glibc
import World

struct BackupVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Write the world's state to a file, while it runs.",
        discussion: """
            The file has the state of one moment, and digests of everything in it. With --since it has what changed since a kept checkpoint:
            it brings a world on that was restored from an earlier backup. A file that is there is replaced when the new one is whole.
            """)

    static let examples = [
        Example("keyvm backup world.kvb", "all of it, as of now"),
        Example("keyvm backup --at @monday monday.kvb", "as of a kept checkpoint"),
        Example("keyvm backup --since @monday tuesday.kvb", "what changed since"),
        Example("keyvm backup - | ssh there 'cat > world.kvb'", "to another machine"),
        Example("keyvm restore world.kvb copy", "make a world of it"),
    ]

    @Argument(help: ArgumentHelp("The file, or - for standard output.", valueName: "file"), completion: .file())
    var file: String

    @Option(
        help: ArgumentHelp("Only what changed since this kept checkpoint.", valueName: "checkpoint"),
        completion: LiveNames.checkpoints, transform: taking(parsedCheckpoint))
    var since: String?

    @Option(
        help: ArgumentHelp("The state of this kept checkpoint (default: what is so now).", valueName: "checkpoint"),
        completion: LiveNames.checkpoints, transform: taking(parsedCheckpoint))
    var at: String?

    @Option(
        help: ArgumentHelp("How hard to compress, 1 to 19, the last being the smallest and slowest.", valueName: "n"))
    var level: Int = BackupRequest.defaultLevel

    @OptionGroup var form: ListingForm
    @OptionGroup var world: WorldOption

    var wantsJSON: Bool { world.json }

    func validate() throws {
        guard !file.isEmpty else { throw ValidationError("the file's name is empty") }
        guard BackupRequest.levels.contains(level) else {
            throw ValidationError("the level \(level) is none: it is 1 to 19")
        }
    }

    func run() throws {
        let reach = Reach(directory: world.directory)
        let request = BackupRequest(since: since, at: at, level: level)
        let answer = try withProgress("writing the backup") { try reach.backup(request, to: file) }
        guard file != "-" else { return }
        if world.json {
            let members: [JSONValue.Member] = [.init("file", .string(file))] + answer.members
            return try StandardStreams.print(JSONValue.envelope("backup", members).text + "\n")
        }
        var listing = Listing()
        listing.append("file", file)
        listing.append("checkpoint", answer.name.map { "@\($0)" } ?? "\(answer.checkpoint)")
        if let since = answer.since { listing.append("since", "\(since)") }
        listing.append("gas clock", form.count(answer.gasClock))
        listing.append("pages", form.count(answer.pages))
        if answer.since != nil { listing.append("pages freed", form.count(answer.freed)) }
        listing.append("size", form.size(answer.bytes))
        try form.show(listing)
    }
}

extension Reach {
    /// Writes a backup to a file, wherever the world is: what crashed is recovered first.
    func backup(_ request: BackupRequest, to path: String) throws -> BackupAnswer {
        let deadline = ContinuousClock.now + Self.patience
        while true {
            do {
                return try isHeldByHost ? backupOfHost(request, to: path) : backupHere(request, to: path)
            } catch let failure as ControlFailure {
                let error = failure.asWorldError(directory: directory)
                guard case .notListening = failure, ContinuousClock.now < deadline else { throw error }
            } catch let error as WorldError {
                guard error.code == .worldInUse, ContinuousClock.now < deadline else { throw error }
            }
            usleep(20_000)
        }
    }

    private func backupOfHost(_ request: BackupRequest, to path: String) throws -> BackupAnswer {
        try target(path, tellsProgress: true).write { [directory] file in
            let result: Result<BackupAnswer, any Error> = awaited {
                let result: Result<BackupAnswer, any Error>
                do {
                    result = .success(try await ControlClient(directory: directory).backup(request, to: file))
                } catch {
                    result = .failure(error)
                }
                return result
            }
            return try result.get()
        }
    }

    private func backupHere(_ request: BackupRequest, to path: String) throws -> BackupAnswer {
        // Whether there is a world is said before a file is made.
        // What crashed is recovered, but for its past.
        let isOfNow = request.at == nil && World.condition(at: directory) == .crashed
        let world = try World.open(at: directory, as: isOfNow ? .host : .reader)
        let result = Result {
            try target(path, tellsProgress: false).write { try world.backup(request, to: $0) }
        }
        try world.close()
        return try result.get()
    }

    /// What is written to; `-` is standard output. A signal leaves nothing of it.
    private func target(_ path: String, tellsProgress: Bool) throws(WorldError) -> BackupFile {
        guard path != "-" else {
            guard isatty(STDOUT_FILENO) == 0 else {
                throw .usage(
                    "a backup is not for a terminal",
                    why: "standard output is one, and '-' would write the stream to it",
                    try: "keyvm backup -w \(quotedForShell(directory)) - > FILE")
            }
            return BackupFile(descriptor: STDOUT_FILENO, name: "standard output", tellsProgress: tellsProgress)
        }
        try World.checkIsOutside(path, of: directory)
        let file = try BackupFile(path, tellsProgress: tellsProgress)
        if let aside = file.aside {
            Signals.perform { number in
                unlink(aside)
                _exit(128 + number)
            }
        }
        return file
    }
}
