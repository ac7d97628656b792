// `keyvm hash`: the whole state in 64 digits.

import ArgumentParser
import World

struct HashVerb: ReadsPast {
    static let configuration = CommandConfiguration(
        commandName: "hash", abstract: "Print the SHA-256 of the world's whole state: equal hashes are equal worlds.")

    static let examples = [
        Example("keyvm hash", "hash and gas clock"),
        Example("keyvm hash -H | cut -f1", "the hash alone"),
    ]

    @OptionGroup var form: TableForm
    @OptionGroup var world: WorldOption

    var wantsJSON: Bool { world.json }

    func run() throws {
        let design = try form.design(hashColumns, verb: "hash")
        let reach = Reach(directory: world.directory)
        let answer = try withProgress("hashing the world") { () throws(WorldError) in try reach.ask(.hash) }
        guard case .hash(let hash) = answer else { throw reach.mismatch(.hash) }
        if world.json {
            return try StandardStreams.print(
                JSONValue.envelope(
                    "hash", [.init("hash", .string(hash.hash)), .init("gasClock", .unsigned(hash.gasClock))]
                ).text + "\n")
        }
        try form.show([hash], as: design)
    }
}

private let hashColumns: [Column<HashAnswer>] = [
    .text("hash", "HASH", .essential) { $0.hash },
    // Exact: a rounded clock beside a hash would say less than the hash.
    .number("gas-clock", "GAS CLOCK", .essential) { $0.gasClock },
]
