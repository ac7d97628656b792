// What every verb of the command line has: examples, which its help opens with, and the options that all verbs share.

import ArgumentParser
import World

/// One command of `keyvm`.
protocol Verb: ParsableCommand {
    /// What to type, and what it does; the help begins with them.
    static var examples: [Example] { get }
    /// Whether answers and errors are JSON.
    var wantsJSON: Bool { get }
}

/// A line of help that can be typed.
struct Example {
    var command: String
    var meaning: String

    init(_ command: String, _ meaning: String) {
        self.command = command
        self.meaning = meaning
    }

    /// Examples as the head of a help text.
    static func text(_ examples: [Example]) -> String {
        let width = examples.map(\.command.count).max() ?? 0
        return "EXAMPLES:\n"
            + examples.map { example in
                let space = String(repeating: " ", count: width - example.command.count + 3)
                return "  \(example.command)\(space)\(example.meaning)\n"
            }.joined()
    }
}

/// `-w`, `--json`: on every verb.
struct WorldOption: ParsableArguments {
    @Option(
        name: [.customShort("w"), .customLong("world")],
        help: ArgumentHelp(
            "The world's folder (default: $KEYVM_WORLD, else ./world).", valueName: "dir"))
    var world: String?

    @Flag(name: .customLong("json"), help: "Answer with one JSON object; errors too.")
    var json = false

    /// The world's folder as the user names it.
    var directory: String { world ?? environment("KEYVM_WORLD") ?? "./world" }

    func validate() throws {
        if world?.isEmpty == true { throw ValidationError("the world's folder, -w, is empty") }
    }
}

/// `-H`, `-p`: on verbs that show tables.
struct TableForm: ParsableArguments {
    @Flag(name: .customShort("H"), help: "No headers, and tabs between columns.")
    var bare = false

    @Flag(name: .customShort("p"), help: "Exact numbers.")
    var exact = false

    func size(_ bytes: UInt64) -> String { exact ? "\(bytes)" : humanSize(bytes) }

    func size(_ bytes: UInt64?) -> String { bytes.map { size($0) } ?? (exact ? "none" : "unlimited") }

    func count(_ count: UInt64) -> String { exact ? "\(count)" : humanCount(count) }

    /// A count that may be unlimited.
    func limit(_ limit: UInt64?) -> String { limit.map { count($0) } ?? (exact ? "none" : "unlimited") }

    func age(_ seconds: Double) -> String { exact ? "\(seconds)" : humanAge(seconds: seconds) }

    /// Prints a table.
    func show(_ table: Table) throws(OutputLost) {
        let terminal = Terminal.output
        try StandardStreams.print(
            bare ? table.tabSeparated : table.laidOut(width: terminal.width, emphasis: terminal.takesEscapes))
    }

    /// Prints names and values.
    func show(_ listing: Listing) throws(OutputLost) {
        try StandardStreams.print(bare ? listing.tabSeparated : listing.laidOut())
    }
}

/// Takes a value through one of the parsers of `Quantities.swift`, whose refusal the user reads.
func taking<Typed, Value>(_ parse: @escaping @Sendable (Typed) throws(QuantityError) -> Value)
    -> @Sendable (Typed) throws -> Value
{
    { typed in
        do throws(QuantityError) {
            return try parse(typed)
        } catch {
            throw ValidationError(error.description)
        }
    }
}
