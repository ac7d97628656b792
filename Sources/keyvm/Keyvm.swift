// The command line `keyvm`, `specs/control.md` and the contract of its verbs: reads the arguments, performs the verb,
// and turns whatever fails into three lines and an exit code. Nothing of Swift's own words reaches the user.

import ArgumentParser
import Control
import Glibc
import World

@main
struct Keyvm: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keyvm",
        abstract: "Keeps a world of programs that survives whatever happens to its host.",
        version: "keyvm 0.1.0",
        subcommands: [
            InitVerb.self, BootVerb.self, HaltVerb.self, StatusVerb.self, InfoVerb.self, RunVerb.self, PsVerb.self,
            TopVerb.self, InspectVerb.self, LogsVerb.self, EventsVerb.self, SendVerb.self, StopVerb.self,
            ResumeVerb.self, KillVerb.self,
            RmVerb.self,
            BankVerbs.self, MeterVerbs.self, KeyVerbs.self, GraphVerb.self, CheckpointVerbs.self, RollbackVerb.self,
            AtVerb.self,
            ForkVerb.self,
            BackupVerb.self, RestoreVerb.self, FsckVerb.self, NewVerbs.self,
            HashVerb.self,
        ])

    static let examples = [
        Example("keyvm init world", "make a world in the folder ./world"),
        Example("keyvm boot --detach", "run it in the background"),
        Example("keyvm run hello.wasm", "make a process of a program"),
        Example("keyvm ps", "the processes, and how they are"),
        Example("keyvm logs -f hello", "what a process writes, as it writes it"),
        Example("keyvm halt", "checkpoint and stop; boot goes on where it stood"),
    ]

    static func main() {
        StandardStreams.occupy()
        Signals.install()
        Glibc.exit(CommandLineRun(arguments: Array(CommandLine.arguments.dropFirst())).perform())
    }
}

/// One run of the program.
struct CommandLineRun {
    let arguments: [String]

    /// Performs what the arguments ask. Returns the exit code.
    func perform() -> Int32 {
        if let error = unknownVerb ?? emptyValue { return fail(error, asJSON: seemsJSON) }
        if arguments.first == "--generate-manual" { return generateManual() }
        var command: any ParsableCommand
        do {
            command = try Keyvm.parseAsRoot(arguments)
        } catch {
            return answer(error)
        }
        let wantsJSON = (command as? any Verb)?.wantsJSON ?? false
        do {
            try command.run()
            return 0
        } catch let error as WorldError {
            return fail(error, asJSON: wantsJSON)
        } catch let error as OutputLost {
            return fail(error, asJSON: wantsJSON)
        } catch let code as ExitCode {
            return code.rawValue
        } catch {
            return answer(error)
        }
    }

    /// What the argument parser throws: help and version are answers, the rest is a usage error.
    private func answer(_ error: any Error) -> Int32 {
        guard Keyvm.exitCode(for: error).isSuccess else {
            let verb = (["keyvm"] + verbs.map(\.name)).joined(separator: " ")
            let said = Keyvm.message(for: error).split(whereSeparator: \.isNewline).joined(separator: "; ")
            // Where a quantity is refused, that says which it was and what is taken.
            let isRefusal = said.contains(" is invalid for ")
            let why = negative.map { isRefusal ? said : "'\($0)' is negative, and no number that it takes is" } ?? said
            return fail(
                .usage("'\(verb)' was not typed as it is understood", why: why, try: "\(verb) --help"),
                asJSON: seemsJSON)
        }
        let text = BashCompletion.mended(Keyvm.fullMessage(for: error))
        let isHelp = text.contains("USAGE: ")
        do throws(OutputLost) {
            try StandardStreams.print((isHelp ? Example.text(examples) + "\n" : "") + text + "\n")
            return 0
        } catch {
            return fail(error, asJSON: seemsJSON)
        }
    }

    /// A number below zero among the words, which the argument parser takes for options.
    private var negative: String? {
        arguments.first { $0.hasPrefix("-") && $0.count > 1 && $0.dropFirst().allSatisfy(\.isNumber) }
    }

    /// `--generate-manual DIR`: for tools/install, and in no help.
    private func generateManual() -> Int32 {
        do throws(WorldError) {
            guard arguments.count == 2 else {
                throw .usage(
                    "'keyvm --generate-manual' was not typed as it is understood", why: "it takes a folder",
                    try: "keyvm --generate-manual man1")
            }
            try ManualPages.write(into: arguments[1])
            return 0
        } catch {
            return fail(error, asJSON: seemsJSON)
        }
    }

    private func fail(_ error: WorldError, asJSON: Bool) -> Int32 {
        error.report(asJSON: asJSON)
        return Int32(error.code.rawValue)
    }

    /// A reader that went away is no news to whoever sent it away; an output that cannot be written is.
    private func fail(_ lost: OutputLost, asJSON: Bool) -> Int32 {
        guard lost.errno != EPIPE else { return 1 }
        return fail(
            WorldError(
                .failed, what: "standard output cannot be written", why: errorText(lost.errno),
                try: (["keyvm"] + arguments.map(quotedForShell) + [">FILE"]).joined(separator: " ")),
            asJSON: asJSON)
    }

    // MARK: The verb, as far as the arguments tell

    private struct NamedVerb {
        var name: String
        var type: any ParsableCommand.Type
    }

    /// The verbs that the arguments begin with.
    private var verbs: [NamedVerb] {
        var found: [NamedVerb] = []
        var type: any ParsableCommand.Type = Keyvm.self
        for argument in arguments {
            guard
                let next = type.configuration.subcommands.first(where: { $0.configuration.commandName == argument })
            else { break }
            found.append(NamedVerb(name: argument, type: next))
            type = next
        }
        return found
    }

    private var examples: [Example] {
        let named = arguments.first == "help" ? CommandLineRun(arguments: Array(arguments.dropFirst())).verbs : verbs
        guard let last = named.last else { return Keyvm.examples }
        if let verb = last.type as? any Verb.Type { return verb.examples }
        return last.type.configuration.subcommands.flatMap { ($0 as? any Verb.Type)?.examples ?? [] }
    }

    /// Whether `--json` stands among the options, for errors that come before the options are read.
    private var seemsJSON: Bool {
        // What stands behind the '--' of `at` is a verb with options of its own.
        let options = verbs.last?.type is AtVerb.Type ? arguments[...] : arguments.prefix { $0 != "--" }
        return options.contains("--json")
    }

    /// The error where an option ends in `=` and has nothing behind it: the argument parser would take the next word for its value.
    /// What may be a program's own is left to it.
    private var emptyValue: WorldError? {
        let isEmpty = { (word: String) in word.hasPrefix("--") && word.hasSuffix("=") }
        guard arguments.contains(where: isEmpty) else { return nil }
        let known = verbs
        let options = (known.last?.type is RunVerb.Type ? optionsOfRun : arguments[...]).prefix { $0 != "--" }
        guard let option = options.first(where: isEmpty) else { return nil }
        let command = (["keyvm"] + known.map(\.name)).joined(separator: " ")
        return .usage(
            "'\(printable(option))' has no value", why: "nothing stands behind the '='", try: "\(command) --help")
    }

    /// The words before the program's file: what begins with a dash, and what follows an option of `run` that takes a value.
    private var optionsOfRun: ArraySlice<String> {
        let run = try? HelpDump.ofKeyvm().command.subcommands?.first {
            $0.commandName == RunVerb.configuration.commandName
        }
        let takeValues = run?.optionsWithValue ?? []
        var end = 1
        while end < arguments.count, arguments[end].hasPrefix("-"), arguments[end] != "--" {
            end += takeValues.contains(arguments[end]) ? 2 : 1
        }
        return arguments[..<min(end, arguments.count)]
    }

    /// The error where the first word, or the second after a verb that has verbs of its own, is none of them.
    private var unknownVerb: WorldError? {
        if arguments.first == "help" { return CommandLineRun(arguments: Array(arguments.dropFirst())).unknownVerb }
        let known = verbs
        let type = known.last?.type ?? Keyvm.self
        let candidates = type.configuration.subcommands.compactMap { $0.configuration.commandName }
        guard !candidates.isEmpty, known.count < arguments.count else { return nil }
        let word = arguments[known.count]
        guard !word.hasPrefix("-") else { return nil }
        let near = nearest(to: word, among: candidates)
        let command = (["keyvm"] + known.map(\.name)).joined(separator: " ")
        let why =
            near.isEmpty
            ? "the verbs are \(candidates.joined(separator: ", "))" : "near to it: \(near.joined(separator: ", "))"
        return .usage(
            "there is no verb '\((known.map(\.name) + [printable(word)]).joined(separator: " "))'", why: why,
            try: near.first.map { "\(command) \($0) --help" } ?? "\(command) --help")
    }
}
