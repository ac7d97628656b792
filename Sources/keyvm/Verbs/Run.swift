// `keyvm run`: makes a process of a program; with --wait stays with it to its end (`Run+Wait.swift`).

import ArgumentParser
import Control
import FoundationEssentials
import World

struct RunVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Make a process of a program; on a halted world it starts at the next boot.",
        usage: "keyvm run [OPTIONS] FILE.{wasm,wat} [ARGS...]")

    static let examples = [
        Example("keyvm run hello.wasm", "a process named hello; prints the name"),
        Example("keyvm run --name web server.wasm -v 80", "what follows the file goes to the program"),
        Example("keyvm run --wait sort.wasm < names", "with its output and input here, until it exits"),
        Example("keyvm run --gas 10M --limit 4MiB guest.wasm", "with a meter and a bank of its own"),
        Example("keyvm run --invoke main plain.wat", "text, begun at an export of another name"),
        Example("keyvm run --grant 6=start:counter/3 customer.wasm", "with a key to another process"),
        Example("keyvm run --link math=math.wasm calc.wasm", "linked to a library, in one process"),
    ]

    @Option(
        help: ArgumentHelp("The process's name (default: the file's stem, then -2).", valueName: "n"),
        transform: taking(parsedName))
    var name: String?

    @Option(
        help: ArgumentHelp("The bank that pays.", valueName: "path"), completion: LiveNames.banks,
        transform: taking(parsedPath))
    var bank = "root"

    @Option(
        help: ArgumentHelp("The meter that pays.", valueName: "path"), completion: LiveNames.meters,
        transform: taking(parsedPath))
    var meter = "root"

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("A meter of its own with this much gas (50k, 10M, 2G).", valueName: "n"),
        transform: taking(parsedGas))
    var gas: UInt64?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("A bank of its own with this limit.", valueName: "size"),
        transform: taking(parsedLimit))
    var limit: Limit = .unlimited

    @Option(
        name: .customLong("env"), parsing: .singleValue,
        help: ArgumentHelp("A variable of its environment; may be repeated.", valueName: "k=v"),
        transform: taking(parsedVariable))
    var variables: [String] = []

    @Option(
        name: .customLong("link"), parsing: .singleValue,
        help: ArgumentHelp(
            "Another module whose exports it imports as module NAME; may be repeated, and later ones can import from "
                + "earlier ones. One named wasi_snapshot_preview1 stands in for the host. Linking is no sandbox: linked "
                + "modules share one process and can call, read and write what the others export. What must be "
                + "confined gets a process of its own.",
            valueName: "name=file"),
        transform: taking(parsedLink))
    var links: [LinkOption] = []

    @Option(
        name: .customLong("grant"), parsing: .singleValue,
        help: ArgumentHelp(
            "A key that it has from the start, in a register, 0 to 31, as 'key grant' writes it; may be repeated.",
            valueName: "slot=key"),
        transform: taking(parsedGrant))
    var grants: [KeyGrant] = []

    @Option(
        help: ArgumentHelp("Its standard input, whole and ended; - is this command's.", valueName: "file"),
        completion: .file())
    var stdin: String?

    @Option(help: ArgumentHelp("The export to begin at (default: _start).", valueName: "name"))
    var invoke: String?

    @Option(
        help: ArgumentHelp("Most bytes of log to keep, and of input to queue.", valueName: "size"),
        transform: taking(parsedSize))
    var log: UInt64 = 1 << 20

    @Flag(help: "Stay until it has ended: its output and exit code are this command's.")
    var wait = false

    @OptionGroup var world: WorldOption

    @Argument(
        parsing: .captureForPassthrough,
        help: ArgumentHelp("The program, a WebAssembly module or its text, and its arguments.", valueName: "file"),
        completion: .file())
    var program: [String] = []

    var wantsJSON: Bool { world.json }

    mutating func validate() throws {
        if program.first == "--" { program.removeFirst() }
        // What stands before the file is ours, and the parser hands it over with the file where it is no option of run.
        if let first = program.first, ["-h", "--help"].contains(first) { throw CleanExit.helpRequest(self) }
        guard let file = program.first, !file.isEmpty else {
            throw ValidationError("the program is missing: a .wasm or .wat file")
        }
        if file.hasPrefix("-") && file.count > 1 {
            throw ValidationError("there is no option '\(file)'; options stand before the file, arguments after it")
        }
    }

    func run() throws {
        if wait { return try runToEnd() }
        let input: Data? = if let stdin { Data(try ProgramFile.contents(of: stdin)) } else { nil }
        let made = try make(request(input: input))
        if !Reach(directory: world.directory).isHeldByHost {
            StandardStreams.say(
                "process '\(made.name)' is ready; the world is halted: keyvm boot -w \(quotedForShell(world.directory))"
            )
        }
        if world.json {
            try StandardStreams.print(
                JSONValue.envelope(
                    "run",
                    [
                        .init("id", .unsigned(made.id)), .init("name", .string(made.name)),
                        .init("handle", JSONValue(made.handle)),
                    ]
                ).text + "\n")
        } else {
            try StandardStreams.print(made.name + "\n")
        }
    }

    /// The program's file as typed.
    var file: String { program.first ?? "" }

    /// What is asked of the world; `input` is all the process will ever read, where it is there.
    func request(input: Data?) throws(WorldError) -> RunRequest {
        RunRequest(
            module: try ProgramFile.module(at: file),
            links: try links.map { link throws(WorldError) in
                LinkedModule(name: link.name, module: try ProgramFile.module(at: link.file))
            }, name: name, defaultName: defaultProcessName(path: file),
            arguments: program, environment: variables, invoke: invoke, bank: bank, meter: meter, gas: gas,
            limitBytes: limit.value, logBytes: log, input: input, inputEnds: input != nil,
            grants: grants.isEmpty ? nil : grants)
    }

    /// Makes the process, on the running world or in the halted one.
    func make(_ request: RunRequest) throws(WorldError) -> RunAnswer {
        let reach = Reach(directory: world.directory)
        guard case .run(let made) = try reach.ask(.run(request)) else { throw reach.mismatch(.run(request)) }
        return made
    }
}
