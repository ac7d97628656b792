// Errors as the command line shows them: three short lines, or one JSON object, on standard error.

import Control
import Glibc
import World

extension WorldError {
    /// `{"schema": "keyvm.error", "version": 1, "code", "what", "why", "try"}`
    var json: JSONValue {
        .envelope(
            "error",
            [
                .init("code", .signed(Int64(code.rawValue))), .init("what", .string(what)), .init("why", .string(why)),
                .init("try", .string(remedy)),
            ])
    }

    /// The three lines: what, why, what to try. A line break inside a text would make a fourth, and names
    /// come from modules.
    var lines: String {
        func line(_ text: String) -> String {
            printable(text.split(whereSeparator: \.isNewline).map { $0.trimmingSpaces }.joined(separator: "; "))
        }
        return "keyvm: \(line(what))\n\(line(why))\ntry: \(line(remedy))"
    }

    /// Shows it on standard error.
    func report(asJSON: Bool) { StandardStreams.say(asJSON ? json.text : lines) }

    /// A command line that cannot be understood.
    static func usage(_ what: String, why: String, try remedy: String) -> WorldError {
        WorldError(.usage, what: what, why: why, try: remedy)
    }

    /// The system refused something about a file or folder.
    static func system(_ what: String, path: String, errno code: Int32) -> WorldError {
        let kind: Code =
            switch code {
            case EACCES, EPERM, EROFS: .noAuthority
            case ENOENT, ENOTDIR: .noSuchThing
            default: .failed
            }
        return WorldError(kind, what: what, why: "\(path): \(errorText(code))", try: "ls -ld \(quotedForShell(path))")
    }
}

extension StringProtocol {
    /// Without spaces at either end.
    var trimmingSpaces: String {
        var text = self[...]
        while text.first == " " { text = text.dropFirst() }
        while text.last == " " { text = text.dropLast() }
        return String(text)
    }
}
