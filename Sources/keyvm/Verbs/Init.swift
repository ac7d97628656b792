// `keyvm init`: makes a world.

import ArgumentParser
import Control
import World

struct InitVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "init", abstract: "Make a world: a folder that holds programs and everything they have.")

    static let examples = [
        Example("keyvm init world", "a world in ./world, with no limit"),
        Example("keyvm init world --limit 2GiB", "one whose root bank sells at most 2 GiB"),
        Example("keyvm init world --seed 42", "one whose entropy can be repeated"),
        Example("keyvm init world --memory 4GiB", "one for hosts of 4 GiB, with more code loaded at a time"),
    ]

    @Argument(help: "The folder to make; one that is there must be empty (default: as for -w).", completion: .directory)
    var dir: String?

    @Option(
        name: .customLong("limit"), parsing: .unconditional,
        help: ArgumentHelp("The root bank's limit, or none.", valueName: "size"),
        transform: taking(parsedLimit))
    var limit: Limit = .unlimited

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The seed of the world's entropy; without it the system's.", valueName: "n"),
        transform: taking(parsedNumber))
    var seed: UInt64?

    @Option(
        help: ArgumentHelp(
            "Memory of the hosts that will run it, which bounds the code that is loaded at a time (default: this host's, or 300MiB with --seed).",
            valueName: "size"), transform: taking(parsedSize))
    var memory: UInt64?

    @OptionGroup var world: WorldOption

    var wantsJSON: Bool { world.json }

    func validate() throws {
        if let dir, let named = world.world, dir != named {
            throw ValidationError("two folders are named: '\(dir)' and, with -w, '\(named)'")
        }
        if dir?.isEmpty == true { throw ValidationError("the folder's name is empty") }
    }

    func run() throws {
        let directory = dir ?? world.directory
        try World.create(at: directory, limitBytes: limit.value, seed: seed, memoryBytes: memory)
        if world.json {
            try StandardStreams.print(
                JSONValue.envelope(
                    "init",
                    [
                        .init("world", .string(directory)), .init("limitBytes", JSONValue(limit.value)),
                        .init("seed", JSONValue(seed)),
                    ]
                ).text + "\n")
        } else {
            StandardStreams.say(
                "a world is in \(printable(directory)); run it: keyvm boot -w \(quotedForShell(directory))")
        }
    }
}
