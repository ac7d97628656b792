// `keyvm key`: what processes hold, which is all that they can reach.

import ArgumentParser
import World

struct KeyVerbs: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key", abstract: "Keys: what a process holds, and so what it can reach.",
        subcommands: [
            KeyLsVerb.self, KeyShowVerb.self, KeyGrantVerb.self, KeyRevokeVerb.self, KeyHoldersVerb.self,
            KeyGraphVerb.self,
        ])
}

/// What a key is, in the text of a command.
private let keyTexts = """
    A key is number:N, discrim, checkpoint, start:PROC or start:PROC/BADGE, process:PROC, meter:PATH, bank:PATH, device:NAME or \
    device:NAME/PROC. Behind checkpoint, process:PROC, meter:PATH and bank:PATH can stand :RIGHTS, which are none, or some, between commas: \
    of a checkpoint make, of a process look, change, run, invite, govern and memory, of a meter run, query, set and destroy, of a bank \
    allocate, query, set-limits and destroy; without them it has all. NAME is console-input, console-output, console-error, clock, entropy \
    or timer.
    """

struct KeyLsVerb: ReadsPast {
    static let configuration = CommandConfiguration(
        commandName: "ls", abstract: "List the registers of a process that hold something.",
        discussion: columnHelp(registerColumns))

    static let examples = [Example("keyvm key ls hello", "what it can reach")]

    @Argument(
        help: ArgumentHelp("Name, id, or unique prefix of either.", valueName: "proc"), completion: LiveNames.processes)
    var process: String

    @OptionGroup var form: TableForm
    @OptionGroup var world: WorldOption

    var wantsJSON: Bool { world.json }

    func run() throws {
        let design = try form.design(registerColumns, verb: "key ls")
        let registers = try registers(of: process, by: Reach(directory: world.directory))
        if world.json {
            return try StandardStreams.print(
                JSONValue.envelope("key.ls", items: design.sorted(registers).map(\.members)).text + "\n")
        }
        try form.show(registers, as: design)
    }
}

struct KeyShowVerb: ReadsPast {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Show one register of a process.")

    static let examples = [Example("keyvm key show hello 1", "its console output")]

    @Argument(
        help: ArgumentHelp("Name, id, or unique prefix of either.", valueName: "proc"), completion: LiveNames.processes)
    var process: String

    @Argument(help: ArgumentHelp("The register, 0 to 31.", valueName: "slot"), transform: taking(parsedNumber))
    var slot: UInt64

    @OptionGroup var form: ListingForm
    @OptionGroup var world: WorldOption

    var wantsJSON: Bool { world.json }

    func run() throws {
        let found = try registers(of: process, by: Reach(directory: world.directory)).first { $0.slot == slot }
        guard let register = found else {
            throw WorldError(
                .noSuchThing, what: "register \(slot) of '\(printable(process))' holds nothing",
                why: "a process reaches what its registers hold",
                try: "keyvm key ls -w \(quotedForShell(world.directory)) \(quotedForShell(process))")
        }
        if world.json {
            return try StandardStreams.print(JSONValue.envelope("key.show", register.members).text + "\n")
        }
        var listing = Listing()
        listing.append("slot", "\(register.slot)")
        listing.append("kind", register.kind)
        listing.append("key", register.key ?? register.kind)
        try form.show(listing)
    }
}

struct KeyGrantVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "grant", abstract: "Put a key into a register of a process, over what is there.",
        discussion: keyTexts)

    static let examples = [
        Example(
            "keyvm key grant client 6=start:echo/3", "what client sends by register 6 arrives at echo, with badge 3"),
        Example("keyvm key grant client 7=discrim", "it can tell what its keys are"),
    ]

    @Argument(
        help: ArgumentHelp("Name, id, or unique prefix of either.", valueName: "proc"), completion: LiveNames.processes)
    var process: String

    @Argument(
        help: ArgumentHelp("A register, 0 to 31, and a key.", valueName: "slot=key"), transform: taking(parsedGrant))
    var grant: KeyGrant

    @OptionGroup var world: WorldOption

    var wantsJSON: Bool { world.json }

    func run() throws {
        let reach = Reach(directory: world.directory)
        _ = try reach.ask(.grantKey(process: process, register: grant.register, key: grant.key))
        guard world.json else { return }
        let register = try registers(of: process, by: reach).first { $0.slot == grant.register }
        try StandardStreams.print(JSONValue.envelope("key.grant", register?.members ?? []).text + "\n")
    }
}

struct KeyRevokeVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "revoke", abstract: "Take a key out of a register of a process.",
        discussion: "Copies that it has passed on, or holds in other registers, stay.")

    static let examples = [Example("keyvm key revoke client 6", "its register 6 is empty")]

    @Argument(
        help: ArgumentHelp("Name, id, or unique prefix of either.", valueName: "proc"), completion: LiveNames.processes)
    var process: String

    @Argument(help: ArgumentHelp("The register, 0 to 31.", valueName: "slot"), transform: taking(parsedNumber))
    var slot: UInt64

    @OptionGroup var world: WorldOption

    var wantsJSON: Bool { world.json }

    func run() throws {
        _ = try Reach(directory: world.directory).ask(.revokeKey(process: process, register: slot))
        guard world.json else { return }
        try StandardStreams.print(JSONValue.envelope("key.revoke", [.init("slot", JSONValue(slot))]).text + "\n")
    }
}

/// The columns of a table of registers.
private let registerColumns: [Column<RegisterAnswer>] = [
    .number("slot", "SLOT", .essential) { UInt64($0.slot) },
    .text("kind", "KIND", .major) { $0.kind },
    .text("key", "KEY", .essential, isFlexible: true) { $0.key ?? $0.name ?? $0.kind },
]

/// The registers of a process that hold something.
private func registers(of process: String, by reach: Reach) throws -> [RegisterAnswer] {
    let request = Request.inspect(process: process)
    guard case .inspect(let answer) = try reach.ask(request) else { throw reach.mismatch(request) }
    return answer.registers
}
