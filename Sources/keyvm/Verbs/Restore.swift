// `keyvm restore`: makes a world of a backup, or brings a restored one on.

import ArgumentParser
import Control
import Glibc
import World

struct RestoreVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "Make a world of a backup.",
        discussion: """
            The world has the state and the hash of the one that was backed up, and its id; it is a branch of its own. A backup of what changed
            since a checkpoint brings on a world that was restored from an earlier one, and was not run since. One that was cut short or altered
            is refused, and nothing is made.
            """)

    static let examples = [
        Example("keyvm restore world.kvb copy", "a world in ./copy"),
        Example("keyvm restore tuesday.kvb copy", "bring it on by what changed since (keyvm backup --since)"),
        Example("ssh there 'cat world.kvb' | keyvm restore - copy", "from another machine"),
    ]

    @Argument(help: ArgumentHelp("The backup, or - for standard input.", valueName: "file"), completion: .file())
    var file: String

    @Argument(
        help: "The folder to make, or the restored world to bring on (default: as for -w).", completion: .directory)
    var dir: String?

    @OptionGroup var form: ListingForm
    @OptionGroup var world: WorldOption

    var wantsJSON: Bool { world.json }

    func validate() throws {
        guard !file.isEmpty else { throw ValidationError("the backup's name is empty") }
        guard dir?.isEmpty != true else { throw ValidationError("the folder's name is empty") }
        if let dir, let named = world.world, dir != named {
            throw ValidationError("two folders are named: '\(dir)' and, with -w, '\(named)'")
        }
    }

    func run() throws {
        let dir = dir ?? world.directory
        let descriptor = file == "-" ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw WorldError.system("the backup cannot be read", path: file, errno: errno) }
        guard isatty(descriptor) == 0 else {
            throw WorldError.usage(
                "a backup does not come from a terminal", why: "\(file) is one",
                try: "keyvm restore FILE \(quotedForShell(dir))")
        }
        Signals.perform { number in
            World.removeUnfinished(at: dir)
            _exit(128 + number)
        }
        let answer = try withProgress("restoring") { () throws(WorldError) in
            try World.restore(file, from: descriptor, to: dir)
        }
        if wantsJSON {
            return try StandardStreams.print(JSONValue.envelope("restore", answer.members).text + "\n")
        }
        var listing = Listing()
        listing.append("world", answer.world)
        listing.append("folder", answer.directory)
        listing.append("checkpoint", answer.name.map { "@\($0)" } ?? "\(answer.checkpoint)")
        listing.append("gas clock", form.count(answer.gasClock))
        listing.append("pages written", form.count(answer.pages))
        try form.show(listing)
    }
}
