// The manual pages: one for `keyvm` and one for each verb, made of what the argument parser knows, the examples that
// help opens with, and the exit codes. The argument parser's own generator knows neither examples nor exit codes.
//
// Pages are written in the macros of man(7), plain enough for groff and mandoc alike.

import ArgumentParser
import FoundationEssentials
import Glibc
import World

enum ManualPages {
    /// `keyvm --generate-manual DIR`, for tools/install: writes the pages into the folder, which it makes where it is
    /// missing. Throws what the system refuses.
    static func write(into directory: String) throws(WorldError) {
        if mkdir(directory, 0o755) != 0 && errno != EEXIST {
            throw .system("the manual's folder cannot be made", path: directory, errno: errno)
        }
        for page in try all() {
            let path = "\(directory)/\(page.name).1"
            let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
            guard descriptor >= 0 else {
                throw .system("the manual page cannot be written", path: path, errno: errno)
            }
            defer { close(descriptor) }
            do throws(OutputLost) {
                try StandardStreams.write(Array(page.text.utf8), to: descriptor)
            } catch {
                throw .system("the manual page cannot be written", path: path, errno: error.errno)
            }
        }
    }

    /// Every page, that of `keyvm` first.
    static func all() throws(WorldError) -> [ManualPage] {
        let dump: HelpDump
        do {
            dump = try HelpDump.ofKeyvm()
        } catch {
            throw WorldError(
                .failed, what: "the manual cannot be made", why: "the argument parser's dump reads otherwise: \(error)",
                try: "keyvm --experimental-dump-help")
        }
        return pages(of: dump.command, type: Keyvm.self, above: [], siblings: [])
    }

    private static func pages(
        of command: CommandDump, type: any ParsableCommand.Type, above: [String], siblings: [String]
    ) -> [ManualPage] {
        let words = above + [command.commandName]
        let below: [(dump: CommandDump, type: any ParsableCommand.Type)] = (command.subcommands ?? []).compactMap {
            dump in
            type.configuration.subcommands.first { $0.configuration.commandName == dump.commandName }
                .map { (dump, $0) }
        }
        let names = below.map { (words + [$0.dump.commandName]).joined(separator: "-") }
        let groups = above.indices.map { above[...$0].joined(separator: "-") }
        let page = ManualPage(
            words: words, command: command, type: type, verbs: below.map(\.dump),
            seeAlso: (groups + (above.count > 1 ? siblings : []) + names).filter {
                $0 != words.joined(separator: "-")
            })
        return [page]
            + below.flatMap { dump, type in pages(of: dump, type: type, above: words, siblings: names) }
    }
}

/// One page.
struct ManualPage {
    /// What is typed, `keyvm` first.
    let words: [String]
    let command: CommandDump
    let type: any ParsableCommand.Type
    /// The verbs of a group.
    let verbs: [CommandDump]
    /// Names of other pages.
    let seeAlso: [String]

    var name: String { words.joined(separator: "-") }

    var text: String {
        let title = roff(name.uppercased())
        let day = String(humanTime(secondsSince1970: Date().timeIntervalSince1970).prefix(10))
        var text = ".TH \"\(title)\" \"1\" \"\(day)\" \"\(roff(Keyvm.configuration.version))\" \"KeyVM\"\n"
        let abstract = command.abstract ?? ""
        text += section(
            "NAME", ["\(roff(name)) \\- \(roff(abstract.hasSuffix(".") ? String(abstract.dropLast()) : abstract))"])
        text += section("SYNOPSIS", [synopsis])
        text += section("DESCRIPTION", paragraphs([abstract, command.discussion ?? ""]))
        if !verbs.isEmpty {
            text += section(
                "VERBS", verbs.map { item("\\fB\(roff($0.commandName))\\fR", [$0.abstract ?? ""]) })
        }
        text += section("EXAMPLES", examples.map { item("\\fB\(roff($0.command))\\fR", [$0.meaning]) })
        text += section("OPTIONS", arguments.map { item(heading(of: $0), meaning(of: $0)) })
        if words.count == 1 { text += section("ENVIRONMENT", Self.environment.map { item("\\fB\($0)\\fR", [$1]) }) }
        text += section(
            "EXIT STATUS",
            [item("\\fB0\\fR", ["Done."])]
                + WorldError.Code.allCases.map { item("\\fB\($0.rawValue)\\fR", [$0.meaning]) } + extraCodes)
        text += section(
            "SEE ALSO",
            [seeAlso.map { ".BR \(roff($0)) (1)" }.joined(separator: " ,\n")])
        return text
    }

    // MARK: Parts

    private var arguments: [ArgumentDump] { (command.arguments ?? []).filter(\.shouldDisplay) }

    private var examples: [Example] {
        if let verb = type as? any Verb.Type { return verb.examples }
        if words.count == 1 { return Keyvm.examples }
        return type.configuration.subcommands.flatMap { ($0 as? any Verb.Type)?.examples ?? [] }
    }

    private var synopsis: String {
        let name = "\\fB\(roff(words.joined(separator: " ")))\\fR"
        if let usage = type.configuration.usage {
            let rest = usage.dropFirst(words.joined(separator: " ").count)
            return name + roff(String(rest))
        }
        if !verbs.isEmpty { return "\(name) \\fIverb\\fR" }
        return
            ([name]
            + arguments.map { argument in
                let name = argument.names?.first.map { "\\fB\(roff($0.typed))\\fR" }
                let value = argument.kind == .flag ? nil : "\\fI\(roff(argument.valueName ?? "value"))\\fR"
                // A space that no line breaks at keeps an option and its value together.
                let text =
                    [name, value].compactMap { $0 }.joined(separator: "\\ ") + (argument.isRepeating ? "..." : "")
                return argument.isOptional ? "[\(text)]" : text
            }).joined(separator: "\n")
    }

    private func heading(of argument: ArgumentDump) -> String {
        let names = (argument.names ?? []).map { "\\fB\(roff($0.typed))\\fR" }.joined(separator: ", ")
        let value = argument.kind == .flag ? "" : "\\fI\(roff(argument.valueName ?? "value"))\\fR"
        return [names, value].filter { !$0.isEmpty }.joined(separator: " ")
    }

    private func meaning(of argument: ArgumentDump) -> [String] {
        let standard = argument.defaultValue.map { "The default is \($0)." } ?? ""
        return [
            [argument.abstract ?? "", standard].filter { !$0.isEmpty }.joined(separator: " "),
            argument.discussion ?? "",
        ]
    }

    /// Exit codes that are not an error's.
    private var extraCodes: [String] {
        guard words == ["keyvm", "run"] else { return [] }
        return [
            item(
                "with \\fB\\-\\-wait\\fR",
                ["The program's own exit code; 6 or 5 where it froze for want of gas or space, 134 for a trap."])
        ]
    }

    private static let environment = [
        ("KEYVM_WORLD", "The world's folder where -w is not given."),
        ("NO_COLOR", "Anything but empty: no colours and no bold."),
        ("TERM", "dumb: no escape sequences at all."),
        ("COLUMNS", "The width of tables, where it is not the terminal's."),
    ]

    // MARK: Macros

    private func section(_ title: String, _ parts: [String]) -> String {
        ".SH \(title)\n" + parts.filter { !$0.isEmpty }.map { $0.hasSuffix("\n") ? $0 : $0 + "\n" }.joined()
    }

    private func paragraphs(_ texts: [String]) -> [String] {
        let texts = texts.filter { !$0.isEmpty }.map(roff)
        return texts.enumerated().map { $0.offset == 0 ? $0.element : ".PP\n" + $0.element }
    }

    /// A tagged paragraph; the texts after the first one stand below it.
    private func item(_ tag: String, _ texts: [String]) -> String {
        let texts = texts.filter { !$0.isEmpty }
        return ".TP\n\(tag)\n" + texts.map(roff).joined(separator: "\n.IP\n")
    }

    /// Text as roff takes it for text: nothing in it is an escape or a request.
    private func roff(_ text: String) -> String {
        var line = ""
        for character in text {
            switch character {
            case "\\": line += "\\e"
            case "-": line += "\\-"
            case "'": line += "\\(aq"
            case "\"": line += "\\(dq"
            case "`": line += "\\(ga"
            case "^": line += "\\(ha"
            case "~": line += "\\(ti"
            case "\n": line += " "
            case let other where other.isASCII: line.append(other)
            case let other:
                for scalar in other.unicodeScalars { line += "\\[u\(hexadecimal(scalar))]" }
            }
        }
        return line.hasPrefix(".") ? "\\&" + line : line
    }

    private func hexadecimal(_ scalar: Unicode.Scalar) -> String {
        let digits = String(scalar.value, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}

extension WorldError.Code {
    /// What the exit code says, for the manual.
    var meaning: String {
        switch self {
        case .failed: "Failed; standard error says why, and what to try."
        case .noSuchThing: "There is no such world, process, bank, meter, checkpoint or file."
        case .noAuthority: "No authority: the world or the operating system refuses."
        case .bankExhausted: "A bank has no space left."
        case .gasExhausted: "A meter has no gas left."
        case .worldInUse: "The world is in use, and its holder takes no requests."
        case .storeDamaged: "The store is damaged."
        case .formatTooNew: "The world has a format that this version does not know."
        case .usage: "The command line is not as it is understood."
        case .interrupted: "Interrupted."
        }
    }
}
