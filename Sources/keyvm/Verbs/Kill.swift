// `keyvm kill`: ends a process.

import ArgumentParser
import World

struct KillVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "kill", abstract: "End a process where it stands; it stays in ps with its log.")

    static let examples = [
        Example("keyvm kill hello", "by name"),
        Example("keyvm kill -n hello", "only show what would be ended"),
    ]

    @Argument(
        help: ArgumentHelp("Name, id, or unique prefix of either.", valueName: "proc"),
        completion: LiveNames.processes)
    var process: String

    @OptionGroup var removal: RemovalOption
    @OptionGroup var world: WorldOption

    var wantsJSON: Bool { world.json }

    func run() throws {
        try removal.perform(
            .kill(process: process), look: .ending(process: process), verb: "kill", world: world)
    }
}
