// `keyvm fork`: a world of its own, made of a kept checkpoint.

import ArgumentParser
import Control
import Glibc
import World

struct ForkVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "fork", abstract: "Make another world of a kept checkpoint; this one runs on.",
        discussion: """
            The new world has the state and the hash of the checkpoint, an id of its own, and random bytes of its own, unless this one was made with a
            seed. It has no checkpoints but its first.
            """)

    static let examples = [
        Example("keyvm fork @before trial", "a world in ./trial, to try something in"),
        Example("keyvm boot -w trial --detach", "run it"),
    ]

    @Argument(
        help: ArgumentHelp("@ and a name, or a number.", valueName: "checkpoint"), completion: LiveNames.checkpoints,
        transform: taking(parsedCheckpoint))
    var checkpoint: String

    @Argument(help: "The folder to make; one that is there must be empty.", completion: .directory)
    var dir: String

    @OptionGroup var form: ListingForm
    @OptionGroup var world: WorldOption

    var wantsJSON: Bool { world.json }

    func validate() throws {
        guard !dir.isEmpty else { throw ValidationError("the folder's name is empty") }
    }

    func run() throws {
        let reach = Reach(directory: world.directory)
        let request = Request.fork(checkpoint: checkpoint, directory: try absolute(dir))
        // Where no host makes it.
        Signals.perform { [dir] number in
            World.removeUnfinished(at: dir)
            _exit(128 + number)
        }
        let answer = try withProgress("making the world") { () throws(WorldError) in try reach.ask(request) }
        guard case .fork(let fork) = answer else { throw reach.mismatch(request) }
        if world.json { return try StandardStreams.print(JSONValue.envelope("fork", fork.members).text + "\n") }
        var listing = Listing()
        listing.append("world", fork.world)
        listing.append("folder", fork.directory)
        listing.append("made of", fork.checkpoint.title)
        listing.append("gas clock", form.count(fork.checkpoint.gasClock))
        listing.append("pages", form.count(fork.pages))
        try form.show(listing)
    }

    /// The host that makes it may have another working directory.
    private func absolute(_ path: String) throws(WorldError) -> String {
        if path.hasPrefix("/") { return path }
        guard let here = getcwd(nil, 0) else {
            throw .system("the folder that this runs in is not known", path: ".", errno: errno)
        }
        defer { free(here) }
        return "\(String(cString: here))/\(path)"
    }
}
