// `keyvm fsck`: checks the whole world.

import ArgumentParser
import World

struct FsckVerb: ReadsPast {
    static let configuration = CommandConfiguration(
        commandName: "fsck", abstract: "Check the whole world; exit 0 when it is sound, 8 when it is not.")

    static let examples = [
        Example("keyvm fsck", "check ./world, running or not"),
        Example("keyvm fsck --json", "the problems, for a program"),
    ]

    /// Objects that nobody reaches are told one by one up to here.
    private static let unreachableShown = 10

    @OptionGroup var form: TableForm
    @OptionGroup var world: WorldOption

    var wantsJSON: Bool { world.json }

    func run() throws {
        let design = try form.design(problemColumns, verb: "fsck")
        let reach = Reach(directory: world.directory)
        let answer = try withProgress("checking the world") { () throws(WorldError) in try reach.ask(.fsck) }
        guard case .fsck(let fsck) = answer else { throw reach.mismatch(.fsck) }
        if world.json {
            try StandardStreams.print(JSONValue.envelope("fsck", fsck.members).text + "\n")
        } else {
            try show(fsck, as: design)
        }
        if !fsck.problems.isEmpty { throw ExitCode(Int32(WorldError.Code.storeDamaged.rawValue)) }
    }

    private func show(_ fsck: FsckAnswer, as design: TableDesign<FsckAnswer.Problem>) throws(OutputLost) {
        if !fsck.problems.isEmpty { try form.show(fsck.problems, as: design) }
        for object in fsck.unreachable.prefix(Self.unreachableShown) {
            let pages = object.pages > 0 ? ", \(counted(Int(object.pages), "page"))" : ""
            StandardStreams.say("nobody reaches \(object.object); \(object.bank) pays for it\(pages)")
        }
        if fsck.unreachableCount > Self.unreachableShown {
            StandardStreams.say(
                "and \(fsck.unreachableCount - UInt64(Self.unreachableShown)) more that nobody reaches: keyvm fsck --json"
            )
        }
        StandardStreams.say(
            "\(fsck.problems.count) problems in \(fsck.pages) pages, \(fsck.cells) cells, \(fsck.keys) keys, "
                + "\(counted(Int(clamping: fsck.banks), "bank"))")
    }
}

private let problemColumns: [Column<FsckAnswer.Problem>] = [
    .text("invariant", "INVARIANT", .essential) { $0.invariant }, .text("object", "OBJECT", .major) { $0.object },
    .text("problem", "PROBLEM", .essential, isFlexible: true) { $0.text },
]
