// What the argument parser says of itself with `--experimental-dump-help`: every verb with its options, as data.
// The members are those of its tool info, version 0, as far as we read them.

import ArgumentParser
import FoundationEssentials

/// The command line's verbs and their arguments.
struct HelpDump: Decodable {
    var command: CommandDump

    /// What the parser knows of this command line. Throws `DecodingError` where it speaks another language.
    static func ofKeyvm() throws -> HelpDump {
        do {
            _ = try Keyvm.parseAsRoot(["--experimental-dump-help"])
        } catch {
            return try JSONDecoder().decode(HelpDump.self, from: Data(Keyvm.fullMessage(for: error).utf8))
        }
        preconditionFailure("the parser answers a request for help by throwing it")
    }
}

/// One verb, or a group of verbs.
struct CommandDump: Decodable {
    var commandName: String
    var abstract: String?
    var discussion: String?
    var subcommands: [CommandDump]?
    var arguments: [ArgumentDump]?

    /// Options that a value follows, in each of the ways in which they are typed.
    var optionsWithValue: Set<String> {
        Set((arguments ?? []).filter { $0.kind == .option }.flatMap { ($0.names ?? []).map(\.typed) })
    }
}

/// An argument, option or flag.
struct ArgumentDump: Decodable {
    enum Kind: String, Decodable { case positional, option, flag }
    struct Name: Decodable {
        var kind: String
        var name: String

        /// As it is typed.
        var typed: String { (kind == "long" ? "--" : "-") + name }
    }

    var kind: Kind
    var shouldDisplay: Bool
    var isOptional: Bool
    var isRepeating: Bool
    var names: [Name]?
    var valueName: String?
    var defaultValue: String?
    var abstract: String?
    var discussion: String?
}
