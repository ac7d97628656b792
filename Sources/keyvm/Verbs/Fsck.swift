// `keyvm fsck`: checks the whole world.

import ArgumentParser
import World

struct FsckVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "fsck", abstract: "Check the whole world; exit 0 when it is sound, 8 when it is not.")

    static let examples = [
        Example("keyvm fsck", "check ./world, running or not"),
        Example("keyvm fsck --json", "the problems, for a program"),
    ]

    @OptionGroup var form: TableForm
    @OptionGroup var world: WorldOption

    var wantsJSON: Bool { world.json }

    func run() throws {
        let reach = Reach(directory: world.directory)
        let answer = try withProgress("checking the world") { () throws(WorldError) in try reach.ask(.fsck) }
        guard case .fsck(let fsck) = answer else { throw reach.mismatch(.fsck) }
        if world.json {
            try StandardStreams.print(JSONValue.envelope("fsck", fsck.members).text + "\n")
        } else {
            try show(fsck)
        }
        if !fsck.problems.isEmpty { throw ExitCode(Int32(WorldError.Code.storeDamaged.rawValue)) }
    }

    private func show(_ fsck: FsckAnswer) throws(OutputLost) {
        if !fsck.problems.isEmpty {
            var table = Table(columns: [.init("INVARIANT"), .init("OBJECT"), .init("PROBLEM", isFlexible: true)])
            for problem in fsck.problems { table.append([problem.invariant, problem.object, problem.text]) }
            try form.show(table)
        }
        StandardStreams.say(
            "\(fsck.problems.count) problems in \(fsck.pages) pages, \(fsck.cells) cells, \(fsck.keys) keys, "
                + "\(fsck.banks) banks")
    }
}
