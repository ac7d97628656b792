// `keyvm bank`: who may have how much space.

import ArgumentParser
import World

struct BankVerbs: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bank", abstract: "Space banks: who may have how much, and who has it.",
        subcommands: [
            BankLsVerb.self, BankShowVerb.self, BankCreateVerb.self, BankSetVerb.self, BankMoveVerb.self,
            BankTopVerb.self, BankDestroyVerb.self,
        ])
}

struct BankLsVerb: ReadsPast {
    static let configuration = CommandConfiguration(
        commandName: "ls", abstract: "List a bank and those directly below it, or with -r all below it.",
        discussion: columnHelp(bankColumns))

    static let examples = [
        Example("keyvm bank ls", "root, and what is directly below it"),
        Example("keyvm bank ls -r root/guests", "a whole tree"),
        Example("keyvm bank ls -r -S used -o path,used,limit", "who has the most, in three columns"),
        Example("keyvm bank ls -r -H -p", "tabs and exact numbers, for a script"),
    ]

    @Argument(
        help: ArgumentHelp("The bank to begin at.", valueName: "path"), completion: LiveNames.banks,
        transform: taking(parsedPath))
    var path = "root"

    @Flag(name: .customShort("r"), help: "All that are below it.")
    var recursive = false

    @OptionGroup var form: TableForm
    @OptionGroup var world: WorldOption

    var wantsJSON: Bool { world.json }

    func run() throws {
        let design = try form.design(bankColumns, verb: "bank ls")
        let reach = Reach(directory: world.directory)
        let request = Request.banks(path: path, recursive: recursive)
        guard case .banks(let answer) = try reach.ask(request) else { throw reach.mismatch(request) }
        if world.json {
            return try StandardStreams.print(
                JSONValue.envelope("bank.ls", items: design.sorted(answer.items).map(\.members)).text + "\n")
        }
        try form.show(answer.items, as: design)
    }
}

struct BankShowVerb: ReadsPast {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Show all about one bank.")

    static let examples = [Example("keyvm bank show root/guests", "its limits, and what is left of them")]

    @Argument(
        help: ArgumentHelp("The bank.", valueName: "path"), completion: LiveNames.banks, transform: taking(parsedPath))
    var path: String

    @OptionGroup var form: ListingForm
    @OptionGroup var world: WorldOption

    var wantsJSON: Bool { world.json }

    func run() throws {
        let reach = Reach(directory: world.directory)
        let request = Request.bank(path: path)
        guard case .bank(let bank) = try reach.ask(request) else { throw reach.mismatch(request) }
        if world.json { return try StandardStreams.print(JSONValue.envelope("bank.show", bank.members).text + "\n") }
        var listing = Listing()
        listing.append("path", bank.path)
        listing.append("limit", form.size(bank.limitBytes))
        listing.append("used", form.size(bank.usedBytes))
        listing.append("available", form.size(bank.availableBytes))
        listing.append("its own", form.size(bank.ownBytes))
        listing.append("reserved for it", form.size(bank.reserveBytes))
        listing.append("pages", "\(bank.pages)")
        listing.append("objects", "\(bank.cells)")
        listing.append("objects, its own", "\(bank.ownCells)")
        listing.append("limit of objects", form.limit(bank.limitCells))
        listing.append("objects available", form.limit(bank.availableCells))
        listing.append("processes", "\(bank.processes)")
        try form.show(listing)
    }
}

struct BankCreateVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Make a bank below another, which pays for its record.")

    static let examples = [
        Example("keyvm bank create root/guests", "without limits of its own: those above it govern"),
        Example("keyvm bank create root/guests/ann --limit 64MiB", "one that sells at most 64 MiB"),
        Example("keyvm bank create root/db --limit 1GiB --reserve 256MiB", "256 MiB that nobody else can have"),
    ]

    @Argument(
        help: ArgumentHelp("Its path; all but the last name is there.", valueName: "path"), completion: LiveNames.banks,
        transform: taking(parsedPath))
    var path: String

    @Option(
        name: .customLong("limit"), parsing: .unconditional,
        help: ArgumentHelp("What it sells at most, or none.", valueName: "size"),
        transform: taking(parsedLimit))
    var limit: Limit = .unlimited

    @Option(
        parsing: .unconditional, help: ArgumentHelp("Objects that it sells at most, or none.", valueName: "n"),
        transform: taking(parsedCount))
    var cells: Limit = .unlimited

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("What its parent keeps for it, and is charged for at once.", valueName: "size"),
        transform: taking(parsedReserve))
    var reserve: UInt64?

    @OptionGroup var form: TableForm
    @OptionGroup var world: WorldOption

    var wantsJSON: Bool { world.json }

    func run() throws {
        let terms = BankTermsRequest(limitBytes: limit, limitCells: cells, reserveBytes: reserve)
        try showBank(.createBank(path: path, terms), verb: "bank.create", form: form, world: world)
    }
}

struct BankSetVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Change what a bank sells; what froze for want of space goes on where there is some.",
        discussion: "A limit below what is used takes nothing away: nothing more is sold until enough was given back.")

    static let examples = [
        Example("keyvm bank set root/guests limit=2GiB", "a new limit"),
        Example("keyvm bank set root/guests limit=none cells=1000", "no limit on pages, one on objects"),
        Example("keyvm bank set root/db reserve=256MiB", "what its parent keeps for it"),
    ]

    @Argument(
        help: ArgumentHelp("The bank.", valueName: "path"), completion: LiveNames.banks, transform: taking(parsedPath))
    var path: String

    @Argument(
        help: ArgumentHelp("limit=SIZE, cells=N, reserve=SIZE; none takes a limit away.", valueName: "name=value"))
    var terms: [String]

    @OptionGroup var form: TableForm
    @OptionGroup var world: WorldOption

    var wantsJSON: Bool { world.json }

    func validate() throws { _ = try taking(parsedBankTerms)(terms) }

    func run() throws {
        try showBank(
            .setBank(path: path, try taking(parsedBankTerms)(terms)), verb: "bank.set", form: form, world: world)
    }
}

/// Asks what a bank is the answer to, and shows the bank.
private func showBank(_ request: Request, verb: String, form: TableForm, world: WorldOption) throws {
    let design = try form.design(bankColumns, verb: verb.split(separator: ".").joined(separator: " "))
    let reach = Reach(directory: world.directory)
    guard case .bank(let bank) = try reach.ask(request) else { throw reach.mismatch(request) }
    if world.json { return try StandardStreams.print(JSONValue.envelope(verb, bank.members).text + "\n") }
    try form.show([bank], as: design)
}

/// What is shown of banks.
private let bankColumns: [Column<BankAnswer>] = [
    .text("path", "PATH", .essential, isFlexible: true, keepsEnd: true) { $0.path },
    .size("limit", "LIMIT", .major) { $0.limitBytes }, .size("used", "USED", .major) { $0.usedBytes },
    .size("available", "AVAILABLE", .useful) { $0.availableBytes }, .size("own", "OWN", .minor) { $0.ownBytes },
    .size("reserved", "RESERVED", .minor) { $0.reserveBytes }, .number("objects", "OBJECTS", .minor) { $0.cells },
    .number("processes", "PROCESSES", .useful) { $0.processes },
    .number("pages", "PAGES", .minor, isShownByDefault: false) { $0.pages },
    .number("objects-own", "OWN OBJECTS", .minor, isShownByDefault: false) { $0.ownCells },
    .limit("objects-limit", "OBJECT LIMIT", .minor, isShownByDefault: false) { $0.limitCells },
    .limit("objects-available", "OBJECTS AVAILABLE", .minor, isShownByDefault: false) { $0.availableCells },
]
