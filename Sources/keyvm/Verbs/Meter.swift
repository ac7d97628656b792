// `keyvm meter`: who may run how far, and how often it has its turn.

import ArgumentParser
import World

struct MeterVerbs: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "meter", abstract: "Meters: budgets of gas, and what was used of them.",
        subcommands: [
            MeterLsVerb.self, MeterShowVerb.self, MeterCreateVerb.self, MeterRefillVerb.self, MeterSetVerb.self,
            MeterMoveVerb.self, MeterDestroyVerb.self,
        ])
}

struct MeterLsVerb: ReadsPast {
    static let configuration = CommandConfiguration(
        commandName: "ls", abstract: "List a meter and those directly below it, or with -r all below it.",
        discussion: columnHelp(meterColumns))

    static let examples = [
        Example("keyvm meter ls", "root, and what is directly below it"),
        Example("keyvm meter ls -r root/guests", "a whole tree"),
        Example("keyvm meter ls -r -S gas", "the one that was used most first"),
    ]

    @Argument(
        help: ArgumentHelp("The meter to begin at.", valueName: "path"), completion: LiveNames.meters,
        transform: taking(parsedPath))
    var path = "root"

    @Flag(name: .customShort("r"), help: "All that are below it.")
    var recursive = false

    @OptionGroup var form: TableForm
    @OptionGroup var world: WorldOption

    var wantsJSON: Bool { world.json }

    func run() throws {
        let design = try form.design(meterColumns, verb: "meter ls")
        let reach = Reach(directory: world.directory)
        let request = Request.meters(path: path, recursive: recursive)
        guard case .meters(let answer) = try reach.ask(request) else { throw reach.mismatch(request) }
        if world.json {
            return try StandardStreams.print(
                JSONValue.envelope("meter.ls", items: design.sorted(answer.items).map(\.members)).text + "\n")
        }
        try form.show(answer.items, as: design)
    }
}

struct MeterShowVerb: ReadsPast {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Show all about one meter.")

    static let examples = [Example("keyvm meter show root/guests", "its gas, and what was used")]

    @Argument(
        help: ArgumentHelp("The meter.", valueName: "path"), completion: LiveNames.meters,
        transform: taking(parsedPath))
    var path: String

    @OptionGroup var form: ListingForm
    @OptionGroup var world: WorldOption

    var wantsJSON: Bool { world.json }

    func run() throws {
        let reach = Reach(directory: world.directory)
        let request = Request.meter(path: path)
        guard case .meter(let meter) = try reach.ask(request) else { throw reach.mismatch(request) }
        if world.json { return try StandardStreams.print(JSONValue.envelope("meter.show", meter.members).text + "\n") }
        var listing = Listing()
        listing.append("path", meter.path)
        listing.append("gas left", form.limit(meter.gasLeft))
        listing.append("gas available", form.limit(meter.gasAvailable))
        listing.append("gas used", form.count(meter.gasUsed))
        listing.append("weight", "\(meter.weight)")
        listing.append("processes", "\(meter.processes)")
        try form.show(listing)
    }
}

struct MeterCreateVerb: Verb {
    static let configuration = CommandConfiguration(commandName: "create", abstract: "Make a meter below another.")

    static let examples = [
        Example("keyvm meter create root/guests --gas 10G", "a budget for all that run on it and below it"),
        Example("keyvm meter create root/batch --weight 2", "unlimited, with two quanta at a time"),
    ]

    @Argument(
        help: ArgumentHelp("Its path; all but the last name is there.", valueName: "path"),
        completion: LiveNames.meters,
        transform: taking(parsedPath))
    var path: String

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("What can be used on it (50k, 10M, 2G), or none: unlimited.", valueName: "n"),
        transform: taking(parsedGasLimit))
    var gas: Limit = .unlimited

    @Option(
        parsing: .unconditional, help: ArgumentHelp("Quanta that its processes have at a time.", valueName: "n"),
        transform: taking(parsedWeight)
    )
    var weight: UInt32 = 1

    @Option(
        help: ArgumentHelp("The bank that pays for its record.", valueName: "path"), completion: LiveNames.banks,
        transform: taking(parsedPath))
    var bank = "root"

    @OptionGroup var form: TableForm
    @OptionGroup var world: WorldOption

    var wantsJSON: Bool { world.json }

    func run() throws {
        try showMeter(
            .createMeter(CreateMeterRequest(path: path, gas: gas.value, weight: weight, bank: bank)),
            verb: "meter.create",
            form: form, world: world)
    }
}

struct MeterRefillVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "refill", abstract: "Add gas to a meter; what froze for want of it goes on at its instruction.")

    static let examples = [Example("keyvm meter refill root/guests 10M", "ten million more")]

    @Argument(
        help: ArgumentHelp("The meter.", valueName: "path"), completion: LiveNames.meters,
        transform: taking(parsedPath))
    var path: String

    @Argument(help: ArgumentHelp("Gas to add (50k, 10M, 2G).", valueName: "n"), transform: taking(parsedGas))
    var gas: UInt64

    @OptionGroup var form: TableForm
    @OptionGroup var world: WorldOption

    var wantsJSON: Bool { world.json }

    func run() throws {
        try showMeter(.refillMeter(path: path, gas: gas), verb: "meter.refill", form: form, world: world)
    }
}

struct MeterSetVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Change what is left on a meter, or how many quanta its processes have at a time.",
        discussion: "The weights along the path multiply, up to 1000.")

    static let examples = [
        Example("keyvm meter set root/guests weight=2", "twice the quanta"),
        Example("keyvm meter set root/guests gas=5M", "five million left, whatever there was"),
        Example("keyvm meter set root/guests gas=none", "unlimited"),
    ]

    @Argument(
        help: ArgumentHelp("The meter.", valueName: "path"), completion: LiveNames.meters,
        transform: taking(parsedPath))
    var path: String

    @Argument(help: ArgumentHelp("gas=N, weight=N", valueName: "name=value"))
    var terms: [String]

    @OptionGroup var form: TableForm
    @OptionGroup var world: WorldOption

    var wantsJSON: Bool { world.json }

    func validate() throws { _ = try taking(parsedMeterTerms)(terms) }

    func run() throws {
        let terms = try taking(parsedMeterTerms)(terms)
        try showMeter(.setMeter(path: path, terms), verb: "meter.set", form: form, world: world)
    }
}

/// Asks what a meter is the answer to, and shows the meter.
private func showMeter(_ request: Request, verb: String, form: TableForm, world: WorldOption) throws {
    let design = try form.design(meterColumns, verb: verb.split(separator: ".").joined(separator: " "))
    let reach = Reach(directory: world.directory)
    guard case .meter(let meter) = try reach.ask(request) else { throw reach.mismatch(request) }
    if world.json { return try StandardStreams.print(JSONValue.envelope(verb, meter.members).text + "\n") }
    try form.show([meter], as: design)
}

/// What is shown of meters.
let meterColumns: [Column<MeterAnswer>] = [
    .text("path", "PATH", .essential, isFlexible: true, keepsEnd: true) { $0.path },
    .limit("gas-left", "GAS LEFT", .major) { $0.gasLeft },
    .limit("available", "AVAILABLE", .useful) { $0.gasAvailable },
    .count("gas", "GAS USED", .major) { $0.gasUsed }, .number("weight", "WEIGHT", .minor) { UInt64($0.weight) },
    .number("processes", "PROCESSES", .useful) { $0.processes },
]
