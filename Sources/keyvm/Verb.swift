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
            "The world's folder (default: $KEYVM_WORLD, else ./world).", valueName: "dir"), completion: .directory)
    var world: String?

    @Flag(name: .customLong("json"), help: "Answer with one JSON object; errors too.")
    var json = false

    /// The world's folder as the user names it.
    var directory: String { world ?? environment("KEYVM_WORLD") ?? "./world" }

    func validate() throws {
        if world?.isEmpty == true { throw ValidationError("the world's folder, -w, is empty") }
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
