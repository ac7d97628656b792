// `keyvm meter destroy`: takes a meter and those below it away.

import ArgumentParser
import Control
import World

struct MeterDestroyVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "destroy", abstract: "Destroy a meter and those below it; their processes freeze.",
        discussion: "A process without a meter freezes for gas at its next turn, until keyvm meter move gives it one.")

    static let examples = [
        Example("keyvm meter destroy -n root/guests", "the meters that would go"),
        Example("keyvm meter destroy -y root/guests", "without a question"),
    ]

    @Argument(
        help: ArgumentHelp("The meter.", valueName: "path"), completion: LiveNames.meters, transform: taking(parsedPath)
    )
    var path: String

    @Flag(name: .customShort("n"), help: "Change nothing; print what would go.")
    var dryRun = false

    @Flag(name: .customShort("y"), help: "Ask nothing.")
    var yes = false

    @OptionGroup var form: TableForm
    @OptionGroup var world: WorldOption

    var wantsJSON: Bool { world.json }

    func run() throws {
        let design = try form.design(meterColumns, verb: "meter destroy")
        let reach = Reach(directory: world.directory)
        if dryRun {
            let meters = try ask(.meterDestruction(path: path), reach)
            if world.json { return try showObject(design.sorted(meters)) }
            try form.show(meters, as: design)
            return StandardStreams.say(summary(meters, "would destroy", "would be"))
        }
        if !yes {
            let command = "keyvm meter destroy -w \(quotedForShell(world.directory))"
            try confirmed(
                "destroy \(path)",
                what: summary(try ask(.meterDestruction(path: path), reach), "would destroy", "would be"),
                with: "\(command) -y \(path)", look: "\(command) -n \(path)")
        }
        let gone = try ask(.destroyMeter(path: path), reach)
        if world.json { return try showObject(design.sorted(gone)) }
        StandardStreams.say(summary(gone, "destroyed", gone.reduce(0) { $0 + $1.processes } == 1 ? "is" : "are"))
    }

    private func summary(_ meters: [MeterAnswer], _ act: String, _ are: String) -> String {
        let processes = meters.reduce(0) { $0 + $1.processes }
        return "\(act) \(counted(meters.count, "meter")); \(counted(Int(processes), "process")) \(are) without one"
    }

    private func ask(_ request: Request, _ reach: Reach) throws -> [MeterAnswer] {
        guard case .meters(let answer) = try reach.ask(request) else { throw reach.mismatch(request) }
        return answer.items
    }

    private func showObject(_ meters: [MeterAnswer]) throws {
        let object = JSONValue.envelope(
            "meter.destroy",
            [
                .init("dryRun", JSONValue(dryRun)), .init("items", .array(meters.map { .object($0.members) })),
            ])
        try StandardStreams.print(object.text + "\n")
    }
}
